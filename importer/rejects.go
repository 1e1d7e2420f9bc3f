package importer

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"guestlist/atomicfile"
	"guestlist/guest"
	"guestlist/results"
)

// WriteRejects writes the refused rows of a finished results file: their
// original cells under the original header, and why they were refused in a last
// column, so that they can be mended and imported as they are. Sensitive columns
// are left out. It returns how many there are. A rejects file of an earlier run
// may be half mended: it is kept once as path.old, unless it is the same.
func (p *Plan) WriteRejects(ctx context.Context, resultsPath, path string) (rows int, err error) {
	outcome, err := os.Open(resultsPath)
	if err != nil {
		return 0, fmt.Errorf("write the rejects: %w", err)
	}
	defer outcome.Close()
	lines, err := results.NewReader(outcome)
	if err != nil {
		return 0, fmt.Errorf("write the rejects: read %s: %w", resultsPath, err)
	}
	in, reader, err := p.reopen()
	if err != nil {
		return 0, fmt.Errorf("write the rejects: %w", err)
	}
	defer in.Close()
	out, err := atomicfile.Create(path, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Abort()) }()
	w := newRejectsWriter(out, reader, p.o.RejectsMark)
	at := 0 // rows that were read
	for {
		if err := ctx.Err(); err != nil {
			return rows, err
		}
		line, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return rows, fmt.Errorf("write the rejects: read %s: %w", resultsPath, err)
		}
		for ; at < line.Row; at++ { // past the rows of other shards
			if reader.Next() != nil || !p.same(at, reader) {
				return rows, fmt.Errorf("write the rejects: %w", ErrInputChanged)
			}
		}
		if line.Status.Refused() {
			rows++
			w.write(line.Line, line.Error)
		}
	}
	if err := w.flush(); err != nil {
		return rows, fmt.Errorf("write the rejects: %w", err)
	}
	return rows, out.CommitChanged()
}

// SetRejectsAside keeps the rejects file of an earlier run as path.old when a run
// refused no row: it speaks of other rows. Any other file that stands there is
// left alone.
func SetRejectsAside(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		var header string
		header, err = headerOf(f)
		if err = errors.Join(err, f.Close()); err == nil && strings.Contains(header, guest.ErrorColumn) {
			err = atomicfile.Keep(path)
		}
	}
	if err != nil {
		return fmt.Errorf("set the rejects of an earlier run aside: %w", err)
	}
	return nil
}

// headerOf returns the header row of a rejects file, with what stands before it.
func headerOf(f io.Reader) (string, error) {
	r := bufio.NewReader(io.LimitReader(f, guest.MaxRecord))
	var header string
	for {
		line, err := r.ReadString('\n')
		header += line
		if errors.Is(err, io.EOF) {
			return header, nil
		}
		within := strings.Count(header, `"`)%2 == 1 // a cell of several lines
		if err != nil || !within && !strings.HasPrefix(strings.TrimPrefix(line, "\ufeff"), "sep=") {
			return header, err
		}
	}
}

// rejectsWriter writes refused rows as they stand in the input, but for two kinds
// of columns: sensitive ones, and the old reasons of a rejects file that is
// imported again.
type rejectsWriter struct {
	out       io.Writer
	csv       *csv.Writer
	reader    *guest.Reader
	width     int
	drop      []bool // by column
	sensitive bool   // some column is
	err       error  // the first that happened
}

func newRejectsWriter(w io.Writer, reader *guest.Reader, mark bool) *rejectsWriter {
	header := reader.Header()
	r := &rejectsWriter{
		out: w, csv: csv.NewWriter(w), reader: reader, width: len(header.Cells),
		drop: make([]bool, len(header.Cells)),
	}
	for i, cell := range header.Cells {
		r.drop[i] = cell == guest.ErrorColumn || header.IsSensitive(i)
		r.sensitive = r.sensitive || header.IsSensitive(i)
	}
	r.csv.Comma = reader.Delimiter()
	r.writeHeader(header.Cells, mark)
	return r
}

// writeHeader writes the header so that its delimiter is found again: by a line
// of its own where nobody would look for that one, and with quotes around the
// cells in which another might be seen.
func (r *rejectsWriter) writeHeader(cells []string, mark bool) {
	comma := string(r.reader.Delimiter())
	var line strings.Builder
	if mark {
		line.WriteString("\ufeff")
	}
	if !strings.Contains(usualDelimiters, comma) {
		line.WriteString("sep=" + comma + "\n")
	}
	for _, cell := range r.kept(cells) {
		if strings.ContainsAny(cell, usualDelimiters+comma+"\"\r\n") || guest.Trim(cell) != cell {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		line.WriteString(cell + comma)
	}
	_, err := io.WriteString(r.out, line.String()+guest.ErrorColumn+"\n")
	r.err = errors.Join(r.err, err)
}

// usualDelimiters are those that a reader looks for.
const usualDelimiters = ",;\t|"

// write adds the row that the reader is at, which starts on a line of the input.
func (r *rejectsWriter) write(line int, reason string) {
	cells := r.reader.Cells()
	switch {
	case r.sensitive && (r.reader.Broken() || len(cells) > r.width):
		// Nobody can tell which cell is which, and one is sensitive. Without its email
		// the row is refused again.
		r.writeCells(nil, reason+results.LeftOutOfRejects(line))
	case r.reader.Broken():
		// As it is: quoted anew it would be another row, and a valid one.
		r.csv.Flush()
		_, err := fmt.Fprintf(r.out, "%s%c", r.reader.Raw(), r.reader.Delimiter())
		r.err = errors.Join(r.err, err, r.csv.Write([]string{reason}))
	default:
		r.writeCells(cells, reason)
	}
}

func (r *rejectsWriter) writeCells(cells []string, reason string) {
	cells = slices.Clone(cells)
	for len(cells) < r.width {
		cells = append(cells, "")
	}
	r.err = errors.Join(r.err, r.csv.Write(append(r.kept(cells), reason)))
}

// kept returns the cells of a row without those that do not belong into the
// rejects. Of a row with too many cells nobody knows which is which: such a row
// keeps all.
func (r *rejectsWriter) kept(cells []string) []string {
	if len(cells) != r.width {
		return cells
	}
	kept := make([]string, 0, r.width+1)
	for i, cell := range cells {
		if !r.drop[i] {
			kept = append(kept, cell)
		}
	}
	return kept
}

func (r *rejectsWriter) flush() error {
	r.csv.Flush()
	return errors.Join(r.err, r.csv.Error())
}
