package importer

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"guestlist/atomicfile"
	"guestlist/guest"
	"guestlist/results"
)

// WriteRejects writes the refused rows of a finished results file: their
// original cells under the original header, and why they were refused in a last
// column, so that they can be mended and imported as they are. It returns how
// many there are; without any there is no file. One of an earlier run would
// speak of other rows, but may have been mended: it is kept once as path.old.
func WriteRejects(ctx context.Context, o Options, resultsPath, path string) (rows int, err error) {
	outcome, err := os.Open(resultsPath)
	if err != nil {
		return 0, fmt.Errorf("write the rejects: %w", err)
	}
	defer outcome.Close()
	lines, err := results.NewReader(outcome)
	if err != nil {
		return 0, fmt.Errorf("write the rejects: read %s: %w", resultsPath, err)
	}
	in, err := o.Open()
	if err != nil {
		return 0, fmt.Errorf("write the rejects: %w", err)
	}
	defer in.Close()
	reader, err := guest.NewReader(in, o.CSV)
	if err != nil {
		return 0, fmt.Errorf("write the rejects: %w", err)
	}
	out, err := atomicfile.Create(path, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Abort()) }()
	w := newRejectsWriter(out, reader.Header().Cells)
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
		row, err := reader.Read()
		if err != nil || row.Number != line.Row {
			return rows, fmt.Errorf("write the rejects: %w", ErrInputChanged)
		}
		if line.Status.Refused() {
			rows++
			w.write(reader.Cells(), line.Error)
		}
	}
	if err := w.flush(); err != nil {
		return rows, fmt.Errorf("write the rejects: %w", err)
	}
	if err := os.Rename(path, path+".old"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return rows, fmt.Errorf("set the rejects of an earlier run aside: %w", err)
	}
	if rows == 0 {
		return 0, nil
	}
	return rows, out.Commit()
}

// rejectsWriter puts the reason into a last column. A rejects file that is
// imported again has that column already; its old reasons are dropped.
type rejectsWriter struct {
	csv   *csv.Writer
	width int
	drop  int // the column of old reasons; -1: none
}

func newRejectsWriter(w io.Writer, header []string) *rejectsWriter {
	r := &rejectsWriter{csv: csv.NewWriter(w), width: len(header), drop: slices.Index(header, guest.ErrorColumn)}
	r.write(header, guest.ErrorColumn)
	return r
}

// write adds a row. Errors stay with the csv.Writer until flush.
func (r *rejectsWriter) write(cells []string, reason string) {
	cells = slices.Clone(cells)
	for len(cells) < r.width {
		cells = append(cells, "")
	}
	if r.drop >= 0 {
		cells = slices.Delete(cells, r.drop, r.drop+1)
	}
	_ = r.csv.Write(append(cells, reason))
}

func (r *rejectsWriter) flush() error {
	r.csv.Flush()
	return r.csv.Error()
}
