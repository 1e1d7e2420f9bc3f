// Package changes finds what changed between two exports: who came, who went,
// and which fields of whom are others now. It reads both files row by row, in
// any order of their rows, and keeps some thirty bytes for each guest.
package changes

import (
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strings"

	"guestlist/guest"
)

// File is an export: a CSV text in UTF-8 with a header row, as export writes it
// or as a spreadsheet saved it again: with a byte order mark, other line ends,
// semicolons, tabs or bars, and columns that were moved or left out.
type File struct {
	Name string      // for messages
	Text io.ReaderAt // is read more than once, and must stay as it is meanwhile
	Size int64       // of the text, in bytes
}

// Comparison is of two exports. It may be written once, and is not safe for
// concurrent use.
type Comparison struct {
	old, new *table
	both     []column // that both files have, in the order of the new one
	compared []column
	identity bool // rows of the same bytes have the same cells

	hash func(key string) uint64 // of whom a row is about
}

// column is a column that both files have.
type column struct {
	name     string
	old, new int // its place in them
}

// link is the column of the guests' forever links.
const link = "link"

// New reads the headers of both files. A *guest.InputError says that one of them
// is no export; other errors are those of reading.
func New(oldFile, newFile File) (*Comparison, error) {
	before, err := open(oldFile)
	if err != nil {
		return nil, err
	}
	after, err := open(newFile)
	if err != nil {
		return nil, err
	}
	c := &Comparison{old: before, new: after}
	for i, name := range after.names {
		if at := slices.Index(before.names, name); at >= 0 && name != "" {
			c.both = append(c.both, column{name, at, i})
		}
	}
	// A forever link is a credential, so it is shown only to who asks for it.
	c.compared = slices.DeleteFunc(slices.Clone(c.both), func(col column) bool { return col.name == link })
	c.identity = before.comma == after.comma && slices.Equal(before.names, after.names)
	seed := maphash.MakeSeed()
	c.hash = func(key string) uint64 { return maphash.String(seed, key) }
	return c, nil
}

// Limit has only the columns of these names compared, in whatever case. Who came
// and who went is told all the same. It fails where a file has no such column.
func (c *Comparison) Limit(names []string) error {
	var chosen []string
	for _, name := range names {
		name = fold(name)
		for _, t := range []*table{c.old, c.new} {
			if name == "" || !slices.Contains(t.names, name) {
				return fmt.Errorf("%s has no column %q (there are %s)", t.Name, name, strings.Join(t.named(), ", "))
			}
		}
		chosen = append(chosen, name)
	}
	c.compared = slices.DeleteFunc(slices.Clone(c.both), func(col column) bool { return !slices.Contains(chosen, col.name) })
	return nil
}

// LeftOut returns the columns that are not compared: those that only the old
// file has, those that only the new one has, and the forever links where both
// have them and Limit did not name them.
func (c *Comparison) LeftOut() (onlyOld, onlyNew, credentials []string) {
	only := func(t, other *table) []string {
		return slices.DeleteFunc(t.named(), func(name string) bool { return slices.Contains(other.names, name) })
	}
	for _, col := range c.both {
		if col.name == link && !slices.Contains(c.compared, col) {
			credentials = append(credentials, link)
		}
	}
	return only(c.old, c.new), only(c.new, c.old), credentials
}

// Summary counts the guests of two exports.
type Summary struct {
	Added, Removed int
	Changed        int // guests with fields that differ
	Fields         int // that differ
	Same           int
}

// ChangedError says that a file was written to while it was compared.
type ChangedError struct{ Name string }

func (e *ChangedError) Error() string {
	return e.Name + " was changed while it was read"
}

// plain takes the protection off a cell that a spreadsheet would run as a
// formula, see export --escape-formulas.
func plain(cell []byte) []byte {
	if len(cell) < 2 || cell[0] != '\'' {
		return cell
	}
	return []byte(guest.UnescapeFormula(string(cell)))
}
