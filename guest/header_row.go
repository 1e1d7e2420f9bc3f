package guest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// mostAbove is how many rows are looked at for the one that names the columns.
	mostAbove = 20

	// longestTitle is the most bytes of a row that can stand above the header.
	longestTitle = 64 << 10

	// longestBeginning is the most characters of a row above the header that are told.
	longestBeginning = 60
)

// findHeader goes to the row that names the columns: the first, or one below it
// when the first names no email column or has an address beside the label, as a
// title does. The error is about the first when there is no such row.
func (r *Reader) findHeader(options ColumnOptions) error {
	err := r.advance()
	if errors.Is(err, io.EOF) {
		return &InputError{[]string{"the file is empty: the first row must name the columns, and one of them must be email"}}
	}
	if err != nil {
		return err
	}
	wrong, cells := headerProblem(r.last), r.Cells()
	if wrong == nil {
		r.header, wrong = bindHeader(cells, options)
		labelled := isLabelled(cells, options)
		switch {
		case hasAddress(cells, options) && (wrong != nil || labelled):
			wrong = &InputError{[]string{noHeader}}
		case wrong == nil, !labelled && columnsNamed(cells, options).email:
			r.above.HeaderLine = r.last.line
			return wrong
		}
		wrong = r.withShape(wrong, cells)
	}
	r.above.First = beginning(cells)
	for r.above.Rows = 1; r.above.Rows < mostAbove && mayStandAbove(r.last, cells, options); r.above.Rows++ {
		err := r.advance()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if cells = r.Cells(); headerProblem(r.last) == nil && namesColumns(cells, options) {
			r.above.HeaderLine = r.last.line
			r.header, err = bindHeader(cells, options)
			return err
		}
	}
	return wrong
}

const noHeader = "the first row looks like a person, not like the names of columns: add a row above it such as email,first_name,last_name"

// withShape adds to an error about a missing email how the first row came apart,
// when it may have done so at the wrong character.
func (r *Reader) withShape(wrong error, cells []string) error {
	var input *InputError
	if r.scanner.sheet || !errors.As(wrong, &input) || !strings.HasPrefix(input.Problems[0], noEmail) {
		return wrong
	}
	count, row := "1 column", strings.Join(cells[:min(len(cells), mostNamed)], string(r.Delimiter()))
	if len(cells) > 1 {
		if !strings.ContainsAny(row, otherDelimiters(r.Delimiter())) {
			return wrong
		}
		count = fmt.Sprintf("%d columns", len(cells))
	}
	shape := fmt.Sprintf(" (the first row is read as %s: %s; if its cells are separated by another character, name it with --delimiter)", count, quote(Trim(row)))
	return &InputError{append([]string{input.Problems[0] + shape}, input.Problems[1:]...)}
}

// otherDelimiters are the characters that may stand between the cells of a file
// which came apart at another one.
func otherDelimiters(delimiter rune) string {
	return strings.ReplaceAll(",;\t|:~^/", string(delimiter), "")
}

// beginning is the beginning of a row, for a person to know it by: its first cell
// that is not empty.
func beginning(cells []string) string {
	for _, cell := range cells {
		if cell = Trim(cell); cell != "" {
			return clip(cell, longestBeginning)
		}
	}
	return ""
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
// One with an address in it may be a guest, who must not be lost, unless the
// address stands behind a label.
func mayStandAbove(rec record, cells []string, options ColumnOptions) bool {
	return len(rec.bytes) < longestTitle && bytes.IndexByte(rec.bytes, 0) < 0 && (!hasAddress(cells, options) || isLabelled(cells, options))
}

// hasAddress tells whether a cell is an email address, or may be meant as one.
func hasAddress(cells []string, options ColumnOptions) bool {
	return slices.ContainsFunc(cells, func(cell string) bool {
		said, _ := options.says(cell)
		return isAddress(cell) && !said
	})
}

func isAddress(cell string) bool {
	cell = Trim(cell)
	if at := strings.LastIndexByte(cell, '<'); at >= 0 && strings.HasSuffix(cell, ">") {
		cell = cell[at:] // behind a name
	}
	return strings.Contains(cell, "@") && !strings.ContainsAny(cell, " \t\n")
}

// isLabelled tells of a row such as "Company:", "Acme" and "E-mail", "hr@acme.com":
// each cell is a label, or stands behind the label that says what it is.
func isLabelled(cells []string, options ColumnOptions) bool {
	label, pairs := "", 0
	for _, cell := range cells[:min(len(cells), mostNamed)] {
		cell = Trim(cell)
		value := cell != "" && !strings.HasSuffix(cell, ":")
		said, _ := options.says(cell)
		switch {
		case value && strings.HasSuffix(label, ":"), isAddress(cell) && holdsLabel(cell), isAddress(cell) && len(label) <= longestName && partsHas(label, partEmail):
			pairs++
		case isAddress(cell) && !said:
			return false
		}
		if cell != "" {
			label = cell
		}
	}
	return pairs > 0
}

// holdsLabel tells of "E-mail:hr@acme.com".
func holdsLabel(cell string) bool {
	label, _, ok := strings.Cut(cell, ":")
	return ok && len(label) <= longestName && partsHas(label, partEmail)
}

func partsHas(header string, some part) bool {
	p := partsOf(header)
	return p.has(some)
}

// namesColumns tells whether a row below the first is the header. Nothing else
// may look like one, so it takes more than an email column, unless that is all
// there is.
func namesColumns(cells []string, options ColumnOptions) bool {
	if hasAddress(cells, options) {
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
	for i, cell := range cells[:min(len(cells), mostNamed)] {
		said, email := options.saysNumber(cells, i)
		if cell = Trim(cell); cell == "" {
			n.email = n.email || email
			continue
		}
		n.cells++
		if !said {
			said, email = options.says(cell)
		}
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

// saysNumber tells what a person has said of a column by its number.
func (o ColumnOptions) saysNumber(cells []string, i int) (said, email bool) {
	is := func(header string) bool {
		n, ok := columnNumber(header)
		return ok && n == i && !slices.ContainsFunc(cells, func(cell string) bool { return Trim(cell) == Trim(header) })
	}
	for _, m := range o.Map {
		if is(m.Header) {
			return true, m.Field == Email
		}
	}
	return slices.ContainsFunc(o.Ignore, is), false
}
