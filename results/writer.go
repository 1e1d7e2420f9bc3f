package results

import (
	"bufio"
	"errors"
	"fmt"

	"guestlist/atomicfile"
)

// Writer writes a results file whose lines are known in their order, such as
// a plan. Nothing stands at its path until Commit. It is not safe for
// concurrent use.
type Writer struct {
	file *atomicfile.File
	out  *bufio.Writer
	line []byte // that is written, to be used again
}

// NewWriter begins the file at path.
func NewWriter(path string) (*Writer, error) {
	f, err := atomicfile.Create(path, 0o600)
	if err != nil {
		return nil, err
	}
	w := &Writer{file: f, out: bufio.NewWriterSize(f, 64<<10)}
	if _, err := w.out.Write(headerRow(false)); err != nil {
		return nil, errors.Join(err, f.Abort())
	}
	return w, nil
}

// Write adds a line.
func (w *Writer) Write(l Line) error {
	w.line = l.appendTo(w.line[:0], false)
	if _, err := w.out.Write(w.line); err != nil {
		return fmt.Errorf("write %s: %w", w.file.Name(), err)
	}
	return nil
}

// Commit puts the file in its place.
func (w *Writer) Commit() error {
	if err := w.out.Flush(); err != nil {
		return errors.Join(err, w.file.Abort())
	}
	return w.file.Commit()
}

// Abort gives the file up. After Commit it does nothing.
func (w *Writer) Abort() error { return w.file.Abort() }
