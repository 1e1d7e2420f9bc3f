package guest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// InputError says why a file cannot be used at all. Each problem names the
// column that it is about and what would be right.
type InputError struct {
	Problems []string
}

func (e *InputError) Error() string { return strings.Join(e.Problems, "; ") }

// Header is the header row of a file and what its columns mean. Columns count
// from 0.
type Header struct {
	// Cells are the header's cells as they stand in the file.
	Cells []string

	// LeftOut names the columns, as in the file, of an export or a rejects file
	// of ours that cannot be written, such as those that only the server sets.
	LeftOut []string

	// Junk names the columns that are known and mean no field of a guest.
	Junk []string

	// Outdone are the columns that mean a field which another column gives better.
	Outdone []Outdone

	// Ignored are the columns that are left out because a person said so.
	Ignored []Ignored

	// Sensitive names the columns, such as passwords, tax and bank numbers, that
	// are never sent and never copied into any output.
	Sensitive []string

	// Exposed are the columns that look as Sensitive ones do, and are sent because
	// a person said so.
	Exposed []Exposed

	// Unread counts the columns that nobody looked at; see ColumnOptions.EmailOnly.
	Unread int

	columns []column // one for each cell
}

// Outdone is a column that means a field which another column gives better.
type Outdone struct {
	Name  string // of the column, as in the file; "#2" where that says nothing
	By    string // the column that gives the field
	Field Field
}

// Ignored is a column that is left out because a person said so.
type Ignored struct {
	Name string
	Near []string // the fields that it looks like a slip of; only if all unknown columns are left out
}

// Exposed is a column that looks like a secret and is sent all the same.
type Exposed struct {
	Name  string
	Field Field
}

// column is what a column of the input means.
type column struct {
	kind  columnKind
	field Field // of a fieldColumn
}

type columnKind uint8

const (
	openColumn      columnKind = iota // not settled yet; in a Header that was returned there is none
	fieldColumn                       // a field of a guest
	unnamedColumn                     // an empty header cell: must be empty below it
	leftOutColumn                     // ours, cannot be written
	junkColumn                        // known, no field
	outdoneColumn                     // a field that another column gives better
	ignoredColumn                     // left out because a person said so
	sensitiveColumn                   // kept out of every output
	unreadColumn                      // only the email counts
)

// ErrorColumn is the column that a rejects file adds. A rejects file is loaded
// again as it is, so the reader leaves that column out.
const ErrorColumn = "guestlist_error"

// bindHeader finds out what the columns of a header row mean. The error, if
// there is one, is an *InputError that names the columns in question and what
// to type.
func bindHeader(cells []string, options ColumnOptions) (Header, error) {
	b := newBinder(cells)
	b.settle(options)
	if problems := b.problems(options.IgnoreUnknown); len(problems) > 0 {
		return Header{}, &InputError{problems}
	}
	return b.header(), nil
}

// Column returns which column gives a field.
func (h *Header) Column(f Field) (index int, ok bool) {
	i := slices.Index(h.columns, column{fieldColumn, f})
	return max(i, 0), i >= 0
}

// Field returns which field a column gives.
func (h *Header) Field(i int) (Field, bool) {
	if i < 0 || i >= len(h.columns) || h.columns[i].kind != fieldColumn {
		return 0, false
	}
	return h.columns[i].field, true
}

// Name returns the header of a column as a person knows it, or its number, such as
// "#3", where it has none.
func (h *Header) Name(i int) string {
	if name := Trim(h.Cells[i]); name != "" {
		return name
	}
	return fmt.Sprintf("#%d", i+1)
}

// IsSensitive tells whether a column must never be sent nor copied into any
// output.
func (h *Header) IsSensitive(i int) bool {
	return i >= 0 && i < len(h.columns) && h.columns[i].kind == sensitiveColumn
}

// InRejects returns how a flag that names columns of this file as header names
// them in its rejects, where columns that hold secrets are missing, so that the
// numbers of those behind are others. It is empty where none of them is left.
func (h *Header) InRejects(header string) string {
	dropped := func(i int) bool { return h.IsSensitive(i) || h.Cells[i] == ErrorColumn }
	b := newBinder(h.Cells)
	all, problem := b.findAll("", header)
	if problem != "" {
		return header
	}
	if !slices.ContainsFunc(all, func(i int) bool { return !dropped(i) }) {
		return ""
	}
	if i, ok := columnNumber(header); !ok || all[0] != i || b.name(i) == Trim(header) {
		return header
	}
	number := 1
	for i := range all[0] {
		if !dropped(i) {
			number++
		}
	}
	return fmt.Sprintf("#%d", number)
}

// mapped returns the header row with each column under its field's name, and
// without a name where it is not read.
func (h *Header) mapped() []string {
	names := make([]string, len(h.columns))
	for i, c := range h.columns {
		if c.kind == fieldColumn {
			names[i] = c.field.String()
		}
	}
	return names
}

// plainName reduces a header cell to what counts: lower-case letters and
// digits, so that "First Name", "first-name" and "first_name" are one.
func plainName(cell string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, cell)
}

func fieldNamed(plain string) (Field, bool) {
	for f := range NumFields {
		if plainName(f.String()) == plain {
			return f, true
		}
	}
	return 0, false
}

// serverColumns returns the plain names of those columns of our exports and
// rejects files that hold what only the server or this tool writes.
func serverColumns() map[string]bool {
	names := map[string]bool{plainName(ErrorColumn): true}
	for _, name := range recordColumns() {
		names[plainName(name)] = true
	}
	for f := range NumFields {
		delete(names, plainName(f.String()))
	}
	return names
}
