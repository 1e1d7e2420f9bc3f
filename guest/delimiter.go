package guest

import (
	"bytes"
	"fmt"
)

// settleDelimiter says what stands between the cells: what a person said, else
// what the file says of itself, else what its first rows show.
func (r *Reader) settleDelimiter(options ReaderOptions, separator byte) (byte, error) {
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

// shape is what the first rows of a file look like with one delimiter.
type shape struct {
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
	head := s.peek(sniffed)
	best := s.shapeBy(',', head, options)
	for _, comma := range []byte(";\t|") {
		if bytes.IndexByte(head, comma) < 0 {
			continue
		}
		if other := s.shapeBy(comma, head, options); other.better(best) {
			best = other
		}
	}
	return best.comma
}

// shapeBy cuts the first rows of a file at one delimiter. The last of them may be
// half a row, which does no harm among the others.
func (s *scanner) shapeBy(comma byte, head []byte, options ColumnOptions) shape {
	r := &Reader{scanner: newScanner(bytes.NewReader(head))}
	r.scanner.comma, r.scanner.oldMac, r.scanner.sheet = comma, s.oldMac, s.sheet
	found := shape{comma: comma}
	widths := map[int]int{}
	for found.rows < mostAbove {
		if r.advance() != nil {
			break
		}
		if found.rows++; r.Broken() {
			continue
		}
		cells := r.Cells()
		if found.known == 0 && !hasAddress(cells, options) {
			if named := columnsNamed(cells, options); named.email {
				// Rows above the header need not be like it.
				found = shape{comma: comma, known: named.known, width: len(cells), rows: 1}
				clear(widths)
			}
		}
		widths[len(cells)]++
	}
	if found.width == 0 {
		for width, n := range widths {
			if width > 1 && (n > widths[found.width] || n == widths[found.width] && width > found.width) {
				found.width = width
			}
		}
	}
	found.even = widths[found.width]
	return found
}

// better tells whether s is more likely than other to be how the file is written.
func (s shape) better(other shape) bool {
	if s.known != other.known {
		return s.known > other.known
	}
	return s.even*other.rows > other.even*s.rows
}
