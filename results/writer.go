package results

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"guestlist/atomicfile"
)

// Writer writes a results file whose lines are known in their order, such as
// a plan. Nothing stands at its path until Commit. It is not safe for
// concurrent use.
type Writer struct {
	file *atomicfile.File
	out  *bufio.Writer
	csv  *csv.Writer
}

// NewWriter begins the file at path.
func NewWriter(path string) (*Writer, error) {
	f, err := atomicfile.Create(path, 0o600)
	if err != nil {
		return nil, err
	}
	out := bufio.NewWriterSize(f, 64<<10)
	w := &Writer{file: f, out: out, csv: csv.NewWriter(out)}
	if err := w.csv.Write(header(false)); err != nil {
		return nil, errors.Join(err, f.Abort())
	}
	return w, nil
}

// Write adds a line.
func (w *Writer) Write(l Line) error {
	if err := w.csv.Write(l.cells(false)); err != nil {
		return fmt.Errorf("write %s: %w", w.file.Name(), err)
	}
	return nil
}

// Commit puts the file in its place.
func (w *Writer) Commit() error {
	w.csv.Flush()
	if err := errors.Join(w.csv.Error(), w.out.Flush()); err != nil {
		return errors.Join(err, w.file.Abort())
	}
	return w.file.Commit()
}

// Abort gives the file up. After Commit it does nothing.
func (w *Writer) Abort() error { return w.file.Abort() }

func writeCells(w io.Writer, cells []string) error {
	out := csv.NewWriter(w)
	err := out.Write(cells)
	out.Flush()
	return errors.Join(err, out.Error())
}
