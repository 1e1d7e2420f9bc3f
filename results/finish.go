package results

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"guestlist/atomicfile"
)

// Finish turns the journal into the finished results file: the outcome of each
// of the rows, in the order of the input. A results file that stands there is
// kept once as path.old. The journal still stands, and is this run's own, until
// Remove, SetAside or Close.
func (j *Journal) Finish(path string, rows int) error {
	if err := j.finish(path, rows); err != nil {
		return fmt.Errorf("finish the results: %w", err)
	}
	return nil
}

// Remove closes and removes a journal that is finished. It goes before its lock
// does, so that no other run takes it up in between.
func (j *Journal) Remove() error {
	err := j.lock.Remove()
	if err = errors.Join(err, j.Close()); err != nil {
		return fmt.Errorf("remove the partial results: %w", err)
	}
	return nil
}

// SetAside closes a journal that is finished, and keeps it beside its path, since
// it knows more than the finished results do.
func (j *Journal) SetAside() (kept string, err error) {
	kept, err = aside(j.path)
	if err = errors.Join(err, j.Close()); err != nil {
		return "", fmt.Errorf("set the partial results aside: %w", err)
	}
	return kept, nil
}

func (j *Journal) finish(path string, rows int) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil {
		return j.broken
	}
	f, err := atomicfile.Create(path, 0o600)
	if err != nil {
		return err
	}
	defer f.Abort()
	out := bufio.NewWriterSize(f, 64<<10)
	if _, err := out.Write(headerRow(j.links)); err != nil {
		return err
	}
	in := bufio.NewReader(nil)
	for row := range rows {
		if row >= len(j.last) || j.last[row] < 0 {
			return fmt.Errorf("row %d has no result yet", row+1)
		}
		in.Reset(io.NewSectionReader(j.file, j.last[row], j.size-j.last[row]))
		if err := copyLine(out, in); err != nil {
			return fmt.Errorf("row %d: %w", row+1, err)
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return f.CommitKeeping()
}

// copyLine copies one physical line, which is one line of the results.
func copyLine(out *bufio.Writer, in *bufio.Reader) error {
	for {
		part, err := in.ReadSlice('\n')
		if _, werr := out.Write(part); werr != nil {
			return werr
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}
