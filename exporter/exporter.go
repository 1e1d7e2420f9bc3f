// Package exporter writes the guests of an organization to a file.
package exporter

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync/atomic"

	"guestlist/guest"
	"guestlist/tallyfy"
)

// Format is the form of an export.
type Format string

// The formats: rows with a header, or each record as the server sent it, one a
// line.
const (
	CSV   Format = "csv"
	JSONL Format = "jsonl"
)

// Options says what to export and how.
type Options struct {
	Client  Lister
	List    tallyfy.ListOptions
	Format  Format
	Columns []string // of a CSV, in this order; nil: all of them
	Links   bool     // with the forever links, which are credentials

	// EscapeFormulas protects the cells of a CSV that a spreadsheet would run, see
	// guest.EscapeFormula.
	EscapeFormulas bool
}

// Lister lists all guests, page by page.
type Lister interface {
	Pages(ctx context.Context, o tallyfy.ListOptions) iter.Seq2[*tallyfy.Page, error]
}

// Summary says what an export holds.
type Summary struct {
	Guests, Pages, Scans int
	Unknown              []string // fields of the records that have no column
}

// Export is one export. Guests may be asked while it is under way.
type Export struct {
	o      Options
	guests atomic.Int64
	total  atomic.Int64
}

// New prepares an export.
func New(o Options) *Export {
	if o.Columns == nil {
		o.Columns = guest.RecordColumns(o.Links)
	}
	return &Export{o: o}
}

// Progress returns how many guests have arrived, and of how many.
func (e *Export) Progress() (guests, total int) {
	return int(e.guests.Load()), int(e.total.Load())
}

// Write lists all guests and then writes them to w. Until the listing is
// complete nothing is written, so w gets everything or nothing of it. The
// guests stand in the order of the server's list, each of them once.
func (e *Export) Write(ctx context.Context, w io.Writer) (summary Summary, err error) {
	s, err := newSpool()
	if err != nil {
		return Summary{}, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if summary, err = e.collect(ctx, s); err != nil {
		return summary, err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	if err := e.writeHeader(out); err != nil {
		return summary, err
	}
	if summary.Guests, err = s.writeTo(out); err != nil {
		return summary, err
	}
	return summary, out.Flush()
}

// collect spools all pages, encoded as they will be written.
func (e *Export) collect(ctx context.Context, s *spool) (Summary, error) {
	var (
		summary Summary
		unknown = map[string]bool{}
		row, id []byte
	)
	encode, err := e.encoder()
	if err != nil {
		return summary, err
	}
	list := e.o.List
	list.RecordsOnly = true
	for page, err := range e.o.Client.Pages(ctx, list) {
		if err != nil {
			return summary, err
		}
		if page.Scan != summary.Scans {
			summary.Scans = page.Scan
			if err := s.reset(); err != nil {
				return summary, err
			}
		}
		summary.Pages++
		if err := s.beginPage(page.Number, page.Ordered); err != nil {
			return summary, err
		}
		for i := range page.Records {
			record := &page.Records[i]
			row, id = encode(row[:0], record), record.AppendIdentity(id[:0])
			if err := s.add(id, row); err != nil {
				return summary, err
			}
			for _, name := range record.Unknown() {
				unknown[name] = true
			}
		}
		e.guests.Store(int64(s.records))
		e.total.Store(int64(page.Total))
	}
	for name := range unknown {
		summary.Unknown = append(summary.Unknown, name)
	}
	slices.Sort(summary.Unknown)
	return summary, nil
}

func (e *Export) encoder() (rowEncoder, error) {
	if e.o.Format == JSONL {
		return jsonLines(e.o.Links), nil
	}
	return csvRows(e.o.Columns, e.o.EscapeFormulas), CheckColumns(e.o.Columns)
}

func (e *Export) writeHeader(out io.Writer) error {
	if e.o.Format == JSONL {
		return nil
	}
	w, err := guest.NewRecordWriter(out, e.o.Columns)
	if err != nil {
		return err
	}
	return w.Flush()
}

// CheckColumns refuses columns that an export does not have, so that a mistake
// shows before the first call.
func CheckColumns(columns []string) error {
	if len(columns) == 0 {
		return fmt.Errorf("no column is named")
	}
	_, err := guest.NewRecordWriter(io.Discard, columns)
	return err
}
