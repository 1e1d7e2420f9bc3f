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
// column, so that they can be mended and imported as they are. It returns how
// many there are. A rejects file of an earlier run may be half mended: it is kept
// once as path.old.
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
	w := newRejectsWriter(out, reader)
	for i := 0; ; i++ {
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
		if reader.Next() != nil || !p.same(i, reader) {
			return rows, fmt.Errorf("write the rejects: %w", ErrInputChanged)
		}
		if line.Status.Refused() {
			rows++
			w.write(line.Error)
		}
	}
	if err := w.flush(); err != nil {
		return rows, fmt.Errorf("write the rejects: %w", err)
	}
	return rows, out.CommitKeeping()
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
		header, err = bufio.NewReader(io.LimitReader(f, guest.MaxRecord)).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		if err = errors.Join(err, f.Close()); err == nil && strings.Contains(header, guest.ErrorColumn) {
			err = atomicfile.Keep(path)
		}
	}
	if err != nil {
		return fmt.Errorf("set the rejects of an earlier run aside: %w", err)
	}
	return nil
}

// rejectsWriter puts the reason into a last column. A rejects file that is
// imported again has that column already; its old reasons are dropped.
type rejectsWriter struct {
	out    io.Writer
	csv    *csv.Writer
	reader *guest.Reader
	width  int
	drop   int   // the column of old reasons; -1: none
	err    error // the first that happened
}

func newRejectsWriter(w io.Writer, reader *guest.Reader) *rejectsWriter {
	header := reader.Header().Cells
	r := &rejectsWriter{out: w, csv: csv.NewWriter(w), reader: reader, width: len(header), drop: slices.Index(header, guest.ErrorColumn)}
	r.csv.Comma = reader.Delimiter()
	r.writeCells(header, guest.ErrorColumn)
	return r
}

// write adds the row that the reader is at.
func (r *rejectsWriter) write(reason string) {
	if r.reader.Broken() {
		// As it is: quoted anew it would be another row, and a valid one.
		r.csv.Flush()
		_, err := fmt.Fprintf(r.out, "%s%c", r.reader.Raw(), r.reader.Delimiter())
		r.err = errors.Join(r.err, err, r.csv.Write([]string{reason}))
		return
	}
	r.writeCells(r.reader.Cells(), reason)
}

func (r *rejectsWriter) writeCells(cells []string, reason string) {
	cells = slices.Clone(cells)
	for len(cells) < r.width {
		cells = append(cells, "")
	}
	if r.drop >= 0 && len(cells) == r.width { // else nobody knows which cell it is
		cells = slices.Delete(cells, r.drop, r.drop+1)
	}
	r.err = errors.Join(r.err, r.csv.Write(append(cells, reason)))
}

func (r *rejectsWriter) flush() error {
	r.csv.Flush()
	return errors.Join(r.err, r.csv.Error())
}
