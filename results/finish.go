package results

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"guestlist/atomicfile"
)

// Finish turns the journal into the finished results file: the outcome of each
// row, in the order of the input. There have to be so many rows; those of other
// shards have none. A results file that stands there is kept once as path.old. The journal still stands, and is this run's own, until
// Remove, SetAside or Close.
func (j *Journal) Finish(path string, rows int) error {
	if err := j.finish(path, rows, (*atomicfile.File).CommitKeeping); err != nil {
		return fmt.Errorf("finish the results: %w", err)
	}
	return nil
}

// FinishOver is Finish, but what stands at path is not kept: for a run that went on
// from it, and holds all that it told.
func (j *Journal) FinishOver(path string, rows int) error {
	if err := j.finish(path, rows, (*atomicfile.File).Commit); err != nil {
		return fmt.Errorf("finish the results: %w", err)
	}
	return nil
}

// Remove closes and removes a journal that is finished. It goes before its lock
// does, so that no other run takes it up in between.
func (j *Journal) Remove() error {
	err := j.closeFile()
	if err = errors.Join(err, j.lock.Remove()); err != nil {
		return fmt.Errorf("remove the partial results: %w", err)
	}
	return nil
}

// SetAside closes a journal that is finished, and keeps it beside its path, since
// it knows more than the finished results do.
func (j *Journal) SetAside() (kept string, err error) {
	err = j.closeFile()
	kept, renamed := aside(j.path)
	if err = errors.Join(err, renamed, j.lock.Release()); err != nil {
		return "", fmt.Errorf("set the partial results aside: %w", err)
	}
	return kept, nil
}

func (j *Journal) finish(path string, rows int, commit func(*atomicfile.File) error) error {
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
	lines := lineReader{file: j.file, size: j.size}
	done := 0
	for row, at := range j.last {
		if at < 0 {
			continue
		}
		done++
		if err := lines.copy(out, at); err != nil {
			return fmt.Errorf("row %d: %w", row+1, err)
		}
	}
	if done != rows {
		return fmt.Errorf("%d of %d rows have a result", done, rows)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return commit(f)
}

// lineReader reads single lines of a file. The outcomes of rows that follow one
// another stand close together, so most of them were read with one before.
type lineReader struct {
	file  *os.File
	size  int64
	start int64 // where the part that was read begins
	part  []byte
}

// copy copies the line that begins there.
func (l *lineReader) copy(out *bufio.Writer, at int64) error {
	if line := l.find(at); line != nil {
		_, err := out.Write(line)
		return err
	}
	const before, size = 16 << 10, 64 << 10
	l.start = max(0, at-before)
	l.part = slices.Grow(l.part[:0], size)[:min(size, l.size-l.start)]
	if _, err := l.file.ReadAt(l.part, l.start); err != nil {
		return err
	}
	if line := l.find(at); line != nil {
		_, err := out.Write(line)
		return err
	}
	return copyLine(out, bufio.NewReader(io.NewSectionReader(l.file, at, l.size-at))) // a long one
}

// find returns the line that begins there, nil if it was not read as a whole.
func (l *lineReader) find(at int64) []byte {
	from := at - l.start
	if from < 0 || from >= int64(len(l.part)) {
		return nil
	}
	end := bytes.IndexByte(l.part[from:], '\n')
	if end < 0 {
		return nil
	}
	return l.part[from:][:end+1]
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
