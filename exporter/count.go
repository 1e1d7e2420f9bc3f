package exporter

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
)

// ErrForeign says that a file is something else than an export.
var ErrForeign = errors.New("it is no export")

// mostOfOne is the most bytes that one guest may take in a file, so that a quote
// which is never closed cannot swallow the memory.
const mostOfOne = 1 << 20

// Count counts the guests in an earlier export, of either format, compressed or not:
// what it is shows by its content. A file without any content holds none. A file that
// is no export, or a damaged one, is an error. Memory does not grow with the file.
func Count(ctx context.Context, file io.Reader) (int, error) {
	in := bufio.NewReaderSize(untilDone{ctx, file}, 64<<10)
	if head, _ := in.Peek(2); string(head) == "\x1f\x8b" {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return 0, damaged(ctx, err)
		}
		in = bufio.NewReaderSize(unzipped, 64<<10)
	}
	head, err := in.Peek(1)
	switch {
	case errors.Is(err, io.EOF):
		return 0, nil
	case err != nil:
		return 0, damaged(ctx, err)
	}
	count := countRows
	if head[0] == '{' {
		count = countLines
	}
	n, err := count(in)
	if err != nil && !errors.Is(err, ErrForeign) {
		err = damaged(ctx, err)
	}
	return n, err
}

func damaged(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("it cannot be read to its end: %w", err)
}

// untilDone reads until ctx ends.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (r untilDone) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.Reader.Read(p)
}

// countRows counts the rows of a CSV below the header, which names columns of an
// export.
func countRows(in *bufio.Reader) (int, error) {
	if mark, _ := in.Peek(3); string(mark) == "\xef\xbb\xbf" { // a spreadsheet has written it anew
		_, _ = in.Discard(3)
	}
	// None of its columns needs quotes, so the header is a line.
	first, err := in.ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, ErrForeign
	}
	header, err := csv.NewReader(bytes.NewReader(first)).Read()
	if err != nil || CheckColumns(header) != nil {
		return 0, ErrForeign
	}
	part := &allowance{of: in}
	rows := csv.NewReader(part)
	rows.ReuseRecord = true
	rows.FieldsPerRecord = len(header)
	for n := 0; ; n++ {
		part.left = mostOfOne
		switch _, err := rows.Read(); {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, err
		}
	}
}

// allowance gives out so many bytes until it is renewed.
type allowance struct {
	of   io.Reader
	left int
}

func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, errors.New("a quote is not closed")
	}
	n, err := a.of.Read(p[:min(len(p), a.left)])
	a.left -= n
	return n, err
}

// countLines counts the lines of a JSON Lines file, each of which is an object, and
// the first one a guest.
func countLines(in *bufio.Reader) (int, error) {
	var last byte // of the line, as far as it is read
	begins := true
	for n := 0; ; {
		part, more, err := in.ReadLine()
		switch {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, err
		case begins && n == 0 && !bytes.Contains(part, []byte(`"email"`)):
			return n, ErrForeign
		case begins && (len(part) == 0 || part[0] != '{'):
			return n, ErrForeign
		}
		if len(part) > 0 {
			last = part[len(part)-1]
		}
		if begins = !more; begins {
			if last != '}' {
				return n, ErrForeign
			}
			n++
		}
	}
}
