package results

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Reader reads the lines of a results file, finished or partial, in the order
// in which they stand. It is not safe for concurrent use.
type Reader struct {
	csv   *csv.Reader
	names []string
}

// NewReader reads the header row, which must have the columns of a results
// file.
func NewReader(src io.Reader) (*Reader, error) {
	c := csv.NewReader(src)
	names, err := c.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("the file is empty: it has no header")
	case err != nil:
		return nil, err
	}
	for _, name := range header(false) {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("it is no results file: there is no column %s", name)
		}
	}
	return &Reader{csv: c, names: slices.Clone(names)}, nil
}

// Read returns the next line, or io.EOF after the last. Any other error says
// which line of the file is damaged.
func (r *Reader) Read() (Line, error) {
	cells, err := r.csv.Read()
	if errors.Is(err, io.EOF) {
		return Line{}, io.EOF
	}
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

// Links tells whether the file has the forever links of guests.
func (r *Reader) Links() bool { return slices.Contains(r.names, "link") }

// offset is where the next line begins, in bytes from the start of the file.
func (r *Reader) offset() int64 { return r.csv.InputOffset() }
