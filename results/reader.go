package results

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"

	"guestlist/guest"
)

// Reader reads the lines of a results file, finished or partial, in the order
// in which they stand, in bounded memory. One that was saved by a spreadsheet
// is as good: with a byte order mark, other line ends, semicolons or tabs, and
// columns that were moved or added. It is not safe for concurrent use.
type Reader struct {
	src   *lines
	csv   *csv.Reader
	names []string
}

const (
	// maxLine is the most bytes of one line. What a run writes is never longer:
	// an email is part of a record of the input, and the other cells are cut.
	maxLine = guest.MaxRecord + 256<<10

	maxHeader = 64 << 10
)

// NewReader reads the header row, which must have the columns of a results
// file.
func NewReader(src io.Reader) (*Reader, error) {
	in := bufio.NewReaderSize(src, 64<<10)
	mark := 0
	head, _ := in.Peek(512) // an error comes again
	if bytes.HasPrefix(head, []byte("\ufeff")) {
		mark, _ = in.Discard(len("\ufeff"))
	}
	r := newReader(in, delimiter(head), nil)
	r.src.offset = int64(mark)
	names, err := r.record(maxHeader)
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("the file is empty: it has no header")
	case err != nil:
		return nil, fmt.Errorf("it is no results file: %w", err)
	}
	for _, name := range header(false) {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("it is no results file: there is no column %s", name)
		}
	}
	r.names = slices.Clone(names)
	return r, nil
}

// newReader reads lines without a header row, in columns of these names.
func newReader(src *bufio.Reader, comma rune, names []string) *Reader {
	r := &Reader{src: &lines{in: src}, names: names}
	r.csv = csv.NewReader(r.src)
	r.csv.Comma = comma
	return r
}

// delimiter finds out what stands between the names of the columns.
func delimiter(head []byte) rune {
	first, _, _ := bytes.Cut(head, []byte("\n"))
	for _, c := range ",;\t" {
		if bytes.ContainsRune(first, c) {
			return c
		}
	}
	return ','
}

// Read returns the next line, or io.EOF after the last. Any other error says
// which line of the file is damaged.
func (r *Reader) Read() (Line, error) {
	cells, err := r.record(maxLine)
	if err != nil {
		return Line{}, err
	}
	l, err := parseLine(r.names, cells)
	if err != nil {
		at, _ := r.csv.FieldPos(0)
		return Line{}, fmt.Errorf("line %d: %w", at, err)
	}
	return l, nil
}

// record returns the next record, which may have so many bytes.
func (r *Reader) record(most int) ([]string, error) {
	r.src.left = most
	line := r.src.ends + 1
	cells, err := r.csv.Read()
	if errors.Is(err, errTooLong) {
		return nil, fmt.Errorf("line %d is longer than %d KiB, or has a quote that is never closed", line, most>>10)
	}
	return cells, err
}

// Links tells whether the file has the forever links of guests.
func (r *Reader) Links() bool { return slices.Contains(r.names, "link") }

// asWritten tells whether the columns are those that a run writes.
func (r *Reader) asWritten() bool {
	return r.csv.Comma == ',' && slices.Equal(r.names, header(r.Links()))
}

// offset is where the next line begins, in bytes from the start of the file.
func (r *Reader) offset() int64 { return r.src.offset }

var errTooLong = errors.New("too long")

// lines hands a file on one physical line at a time, so that whoever reads from
// it is never ahead of it.
type lines struct {
	in     *bufio.Reader
	offset int64 // bytes handed on
	ends   int   // line ends among them
	left   int   // bytes that may still be handed on before the reader wants too much
}

func (l *lines) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	if _, err := l.in.Peek(1); err != nil {
		return 0, err
	}
	ready, _ := l.in.Peek(min(len(p), l.left, l.in.Buffered()))
	if end := bytes.IndexByte(ready, '\n'); end >= 0 {
		ready = ready[:end+1]
	}
	if bytes.IndexByte(ready, 0) >= 0 { // what a power failure leaves of what was on its way to the disk
		return 0, fmt.Errorf("line %d has a NUL character, which no run writes", l.ends+1)
	}
	n, err := l.in.Discard(copy(p, ready))
	l.offset += int64(n)
	l.left -= n
	l.ends += bytes.Count(ready, []byte{'\n'})
	return n, err
}
