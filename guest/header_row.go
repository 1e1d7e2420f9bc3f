package guest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	// mostAbove is how many rows are looked at for the one that names the columns.
	mostAbove = 20

	// longestTitle is the most bytes of a row that can stand above the header.
	longestTitle = 64 << 10
)

// findHeader goes to the row that names the columns: the first, or one below it
// when the first names no email column, as a title does not. The error is about
// the first when there is no such row.
func (r *Reader) findHeader(options ColumnOptions) error {
	err := r.advance()
	if errors.Is(err, io.EOF) {
		return &InputError{[]string{"the file is empty: the first row must name the columns, and one of them must be email"}}
	}
	if err != nil {
		return err
	}
	wrong := headerProblem(r.last)
	if wrong == nil {
		r.header, wrong = bindHeader(r.Cells(), options)
		if wrong == nil || columnsNamed(r.Cells(), options).email {
			return wrong
		}
	}
	for r.above = 1; r.above < mostAbove && mayStandAbove(r.last, r.Cells()); r.above++ {
		err := r.advance()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if headerProblem(r.last) == nil && namesColumns(r.Cells(), options) {
			r.header, err = bindHeader(r.Cells(), options)
			return err
		}
	}
	return wrong
}

// headerProblem says why a record cannot be read as a header row.
func headerProblem(rec record) error {
	switch {
	case bytes.IndexByte(rec.bytes, 0) >= 0, len(rec.bytes) < MaxRecord && !utf8.Valid(rec.bytes):
		return &InputError{[]string{"the file is not UTF-8 text: save it as \"CSV UTF-8\" and try again"}}
	case rec.problem != "":
		return &InputError{[]string{fmt.Sprintf("the header row on line %d cannot be read: %s", rec.line, rec.problem)}}
	}
	return nil
}

// mayStandAbove tells whether a row may be passed over on the way to the header.
// One with an address in it may be a guest, who must not be lost.
func mayStandAbove(rec record, cells []string) bool {
	return len(rec.bytes) < longestTitle && bytes.IndexByte(rec.bytes, 0) < 0 && !hasAddress(cells)
}

// hasAddress tells whether a cell is an email address, or may be meant as one.
func hasAddress(cells []string) bool {
	for _, cell := range cells {
		if cell = Trim(cell); strings.Contains(cell, "@") && !strings.ContainsAny(cell, " \t\n") {
			return true
		}
	}
	return false
}

// namesColumns tells whether a row below the first is the header. Nothing else
// may look like one, so it takes more than an email column, unless that is all
// there is.
func namesColumns(cells []string, options ColumnOptions) bool {
	if hasAddress(cells) {
		return false
	}
	named := columnsNamed(cells, options)
	return named.email && (named.known > 1 || named.cells == 1)
}

// naming is how far a row names columns.
type naming struct {
	email bool // one is the email column
	known int  // cells whose meaning is known
	cells int  // that are not empty
}

// mostNamed is the most cells of a row that are looked at one by one.
const mostNamed = 200

// columnsNamed looks at the cells of a row as the names of columns, each by
// itself.
func columnsNamed(cells []string, options ColumnOptions) naming {
	var n naming
	for _, cell := range cells[:min(len(cells), mostNamed)] {
		if cell = Trim(cell); cell == "" {
			continue
		}
		n.cells++
		said, email := options.says(cell)
		if !said && len(cell) <= longestName {
			m := meaningOf(cell)
			said, email = m.kind != meaningUnknown, m.kind == meaningEmail && m.which != strangerOne
			_, isField := fieldNamed(plainName(cell))
			said = said || isField
		}
		if said {
			n.known++
		}
		n.email = n.email || email
	}
	return n
}

// longestName is the most bytes of a cell that can name a column.
const longestName = 200

// says tells whether a person has said what a column with this header gives, and
// whether that is the email.
func (o ColumnOptions) says(header string) (said, email bool) {
	plain := foldedHeader(header)
	for _, m := range o.Map {
		if foldedHeader(m.Header) == plain {
			return true, m.Field == Email
		}
	}
	for _, ignored := range o.Ignore {
		if foldedHeader(ignored) == plain {
			return true, false
		}
	}
	return false, false
}
