package guest

import (
	"bytes"
	"fmt"
)

// delimiter settles what stands between the cells: what a person said, else what
// the file says of itself, else what its first rows show.
func (r *Reader) delimiter(options ReaderOptions, separator byte) (byte, error) {
	given := options.Delimiter
	if given == 0 {
		given = rune(separator)
	}
	switch {
	case given == 0:
		return r.scanner.sniffDelimiter(options.Columns), nil
	case given == '"', given == '\n', given == '\r', given <= ' ' && given != '\t', given >= 0x7f:
		return 0, &InputError{[]string{fmt.Sprintf("%q cannot be a delimiter: use a comma, a semicolon, a tab or another single ASCII character", given)}}
	}
	return byte(given), nil
}

// cut is what the first rows of a file look like with one delimiter.
type cut struct {
	comma byte
	known int // columns of the header that are; 0 without a header
	width int // cells of the header, or of most rows where no header was found
	even  int // rows of that width
	rows  int
}

// sniffDelimiter returns the delimiter by which the first rows come apart best:
// the one that gives a header with an email column and the most columns that are
// known; then the one that gives most rows the same width. The comma, if none
// does anything.
func (s *scanner) sniffDelimiter(options ColumnOptions) byte {
	s.at(sniffed)
	head := s.buf[s.start:min(s.end, s.start+sniffed)]
	best := s.cutBy(',', head, options)
	for _, comma := range []byte(";\t|") {
		if bytes.IndexByte(head, comma) < 0 {
			continue
		}
		if c := s.cutBy(comma, head, options); c.better(best) {
			best = c
		}
	}
	return best.comma
}

// cutBy cuts the first rows of a file at one delimiter. The last of them may be
// half a row, which does no harm among the others.
func (s *scanner) cutBy(comma byte, head []byte, options ColumnOptions) cut {
	r := &Reader{scanner: newScanner(bytes.NewReader(head))}
	r.scanner.comma, r.scanner.oldMac, r.scanner.sheet = comma, s.oldMac, s.sheet
	c := cut{comma: comma}
	widths := map[int]int{}
	for c.rows < mostAbove {
		rec, err := r.headerRecord()
		if err != nil {
			break
		}
		if c.rows++; rec.problem != "" {
			continue
		}
		cells := r.Cells()
		if c.known == 0 && !hasAddress(cells) {
			if named := columnsNamed(cells, options); named.email {
				// Rows above the header need not be like it.
				c = cut{comma: comma, known: named.known, width: len(cells), rows: 1}
				clear(widths)
			}
		}
		widths[len(cells)]++
	}
	if c.width == 0 {
		for width, n := range widths {
			if width > 1 && (n > widths[c.width] || n == widths[c.width] && width > c.width) {
				c.width = width
			}
		}
	}
	c.even = widths[c.width]
	return c
}

// better tells whether c is more likely than d to be how the file is written.
func (c cut) better(d cut) bool {
	if c.known != d.known {
		return c.known > d.known
	}
	return c.even*d.rows > d.even*c.rows
}
