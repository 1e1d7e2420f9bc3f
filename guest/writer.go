package guest

import (
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"
)

// RecordColumns returns the columns of an export in their order. The forever
// link, a credential, is among them only when links is set.
func RecordColumns(links bool) []string {
	columns := recordColumns()
	if !links {
		columns = slices.DeleteFunc(columns, func(name string) bool { return name == "link" })
	}
	return columns
}

// recordColumns reads the column names off Record's tags, so that they stand
// in one place.
func recordColumns() []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Record]()) {
		if tag := f.Tag.Get("csv"); tag != "" {
			names = append(names, tag)
		}
	}
	return names
}

// RecordWriter writes records as CSV rows. It is not safe for concurrent use.
type RecordWriter struct {
	out  *csv.Writer
	pick picker
	one  []*Record // the slice that gocsv wants, made once
}

// NewRecordWriter writes the header row. Columns stand in the order in which
// they are named; a name that is no column of a record, or one that stands
// twice, is an error that suggests the nearest.
func NewRecordWriter(w io.Writer, columns []string) (*RecordWriter, error) {
	all := recordColumns()
	places := make([]int, len(columns))
	for i, name := range columns {
		places[i] = slices.Index(all, name)
		if places[i] < 0 {
			nearest := slices.MinFunc(all, func(a, b string) int { return edits(name, a) - edits(name, b) })
			return nil, fmt.Errorf("there is no column %q in an export: did you mean %s? (there are %s)", name, nearest, strings.Join(all, ", "))
		}
		if slices.Contains(columns[:i], name) {
			return nil, fmt.Errorf("the column %s is asked for twice", name)
		}
	}
	out := csv.NewWriter(w)
	pick := picker{out: out, under: w, places: places, cells: make([]string, len(places))}
	return &RecordWriter{out: out, one: make([]*Record, 1), pick: pick}, out.Write(columns)
}

// Write writes one row.
func (w *RecordWriter) Write(r *Record) error {
	w.one[0] = r
	return gocsv.MarshalCSVWithoutHeaders(w.one, &w.pick)
}

// Flush hands everything to the writer underneath.
func (w *RecordWriter) Flush() error { return flush(w.out) }

// picker passes on the chosen cells of each row. gocsv flushes after every
// call, which would be a write for each row, so that waits for Flush.
type picker struct {
	out    *csv.Writer
	under  io.Writer // of out
	places []int
	cells  []string
}

func (p *picker) Write(row []string) error {
	for i, place := range p.places {
		p.cells[i] = row[place]
	}
	if len(p.cells) == 1 && p.cells[0] == "" {
		return p.writeEmpty()
	}
	return p.out.Write(p.cells)
}

// writeEmpty writes a row whose only cell is empty. Unquoted it would be an
// empty line, which every reader takes for no row at all.
func (p *picker) writeEmpty() error {
	if err := flush(p.out); err != nil {
		return err
	}
	_, err := io.WriteString(p.under, "\"\"\n")
	return err
}

func (p *picker) Flush() {}

func (p *picker) Error() error { return p.out.Error() }

func flush(w *csv.Writer) error {
	w.Flush()
	return w.Error()
}
