package changes

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"guestlist/guest"
)

// record is one CSV record as it stands in the file.
type record struct {
	at   int64  // where it starts, in bytes
	line int    // that it starts on, from 1; means nothing after a seek
	raw  []byte // without its line end; valid until the next one
}

// records cuts a text into CSV records, from its beginning or from the start of
// any record.
type records struct {
	src  io.ReaderAt
	size int64 // of src

	buf        []byte
	base       int64 // where buf stands in src
	start, end int   // of what is read and not yet given out
	chunk      int   // bytes to read at once
	line       int   // of buf[start]
}

// Rows that are next to each other in one file mostly are in the other one too. So
// after a jump little is read, and more where it goes on from there.
const (
	fewest = 4 << 10
	most   = 64 << 10
)

// errShort says that a text ended before its size.
var errShort = errors.New("ended early")

// problem is what is wrong with a record itself.
type problem string

func (p problem) Error() string { return string(p) }

const neverClosed = problem("a quote that opens in this row is never closed")

func tooLong() problem {
	return problem(fmt.Sprintf("the row is longer than %d MiB, or has a quote that is never closed", guest.MaxRecord>>20))
}

func newRecords(src io.ReaderAt, size int64) *records {
	return &records{src: src, size: size, buf: make([]byte, most), chunk: most, line: 1}
}

// seek goes to a record that starts there.
func (r *records) seek(at int64) {
	if at >= r.base && at <= r.base+int64(r.end) {
		r.start = int(at - r.base)
		return
	}
	r.base, r.start, r.end, r.chunk = at, 0, 0, fewest
}

// next returns the next record, which may be an empty line, or io.EOF. A problem
// comes with the record that has it, or its beginning.
func (r *records) next() (record, error) {
	quotes := 0
	for n := 0; ; {
		ready := r.buf[r.start+n : r.end]
		end := bytes.IndexByte(ready, '\n') + 1
		if end > 0 {
			ready = ready[:end]
		}
		// A line ends its record unless it is within quotes, and then their number is odd.
		quotes += bytes.Count(ready, []byte{'"'})
		n += len(ready)
		switch {
		case n > guest.MaxRecord:
			return r.give(n), tooLong()
		case end > 0 && quotes%2 == 0:
			return r.give(n), nil
		case end > 0:
			continue
		}
		switch err := r.fill(); {
		case err == nil:
		case !errors.Is(err, io.EOF):
			return record{}, err
		case n == 0:
			return record{}, io.EOF
		case quotes%2 != 0:
			return r.give(n), neverClosed
		default:
			return r.give(n), nil
		}
	}
}

// give hands out the first n bytes.
func (r *records) give(n int) record {
	raw := r.buf[r.start : r.start+n]
	rec := record{at: r.base + int64(r.start), line: r.line}
	r.line += bytes.Count(raw, []byte{'\n'})
	r.start += n
	rec.raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte{'\n'}), []byte{'\r'})
	return rec
}

// fill reads on, which moves what is not yet given out to the beginning of buf.
func (r *records) fill() error {
	if r.start > 0 {
		r.base += int64(r.start)
		r.end = copy(r.buf, r.buf[r.start:r.end])
		r.start = 0
	}
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	at := r.base + int64(r.end)
	want := int(min(int64(min(len(r.buf)-r.end, r.chunk)), r.size-at))
	if want <= 0 {
		return io.EOF
	}
	r.chunk = min(2*r.chunk, most)
	n, err := r.src.ReadAt(r.buf[r.end:r.end+want], at)
	r.end += n
	switch {
	case n > 0:
		return nil
	case errors.Is(err, io.EOF):
		return errShort
	}
	return err
}
