package importer

import (
	"sort"
	"strings"

	"guestlist/guest"
)

// Findings is what is wrong with the rows of an input, and how much of it was
// mended.
type Findings struct {
	Groups []FindingGroup // in the order in which they turned up

	// FixedValues is how many values Options.Fix has mended, in FixedRows rows.
	FixedValues, FixedRows int
}

// FindingGroup is one thing that is wrong with some rows, for a person to read.
// How many groups an input comes to, and how long they are, does not grow with it.
type FindingGroup struct {
	Kind  FindingKind
	Field guest.Field // of a WrongValue or a DoubtfulValue
	Cause string      // of these or an Unreadable, in words that fit every row of it
	Rows  int
	First []Finding // of its rows, at most two

	// Mendable is how many of the rows Options.Fix would mend as far as this goes.
	Mendable int
}

// FindingKind is what sort of thing is wrong.
type FindingKind uint8

// The kinds of findings.
const (
	WrongValue    FindingKind = iota // a value that the server would refuse, or that nobody can mean
	Unreadable                       // a row that cannot be taken apart
	StandsTwice                      // a row whose email stands on an earlier one
	DoubtfulValue                    // a value that is valid, but hardly meant so
	NoEntry                          // a row without an email that looks like a remark or a total
)

// Finding is one thing that is wrong with one row.
type Finding struct {
	Line    int
	Column  string // its header cell, as in the file; empty where the whole row is wrong
	Value   string // shortened
	Hint    string // what would be right; may be empty
	Text    string // all that there is to say, the hint too, but for the value if it begins with it
	Earlier int    // of a StandsTwice, which needs no text: the line of the first
}

const (
	mostFirst     = 2  // findings that a group keeps
	mostUnread    = 20 // groups of rows that cannot be read
	longestShown  = 60 // characters of a value
	longestReason = 300
)

// findings gathers what the first pass finds.
type findings struct {
	Findings
	at      map[findingKey]int // where in groups
	unread  int                // groups of rows that cannot be read
	lines   lineNumbers
	columns *[guest.NumFields]string // header cells; nil: not looked up yet
}

type findingKey struct {
	kind  FindingKind
	field guest.Field
	cause string
}

// add counts one more row of a group and returns the group.
func (f *findings) add(key findingKey) *FindingGroup {
	at, there := f.at[key]
	if !there {
		if f.at == nil {
			f.at = map[findingKey]int{}
		}
		at = len(f.Groups)
		f.at[key] = at
		f.Groups = append(f.Groups, FindingGroup{Kind: key.kind, Field: key.field, Cause: key.cause})
	}
	g := &f.Groups[at]
	g.Rows++
	return g
}

// isFull tells whether a group has no room for what was found.
func (g *FindingGroup) isFull() bool { return len(g.First) == mostFirst }

// values takes down what is wrong with the values of a row, or doubtful.
func (f *findings) values(kind FindingKind, header *guest.Header, row *guest.Row, problems []guest.Problem) {
	for _, p := range problems {
		g := f.add(findingKey{kind, p.Field, p.Cause})
		if p.Better != "" {
			g.Mendable++
		}
		if g.isFull() {
			continue
		}
		value := row.Guest.Get(p.Field)
		g.First = append(g.First, Finding{
			Line: row.Line, Column: f.column(header, p.Field), Value: shorten(value, longestShown),
			Hint: strings.Clone(p.Hint), Text: shorten(p.WithoutValue(value), longestReason),
		})
	}
}

// noEntry takes down a row that looks like no part of the list.
func (f *findings) noEntry(row *guest.Row, text string) {
	if g := f.add(findingKey{kind: NoEntry}); !g.isFull() {
		g.First = append(g.First, Finding{Line: row.Line, Value: shorten(text, longestShown)})
	}
}

// mended takes down how much of a row was mended.
func (f *findings) mended(values int) {
	if values > 0 {
		f.FixedValues += values
		f.FixedRows++
	}
}

// unreadable takes down a row that cannot be read.
func (f *findings) unreadable(row *guest.Row) {
	key := findingKey{kind: Unreadable, cause: withoutNumbers(row.Unread)}
	if _, there := f.at[key]; !there {
		if f.unread == mostUnread {
			key.cause = "cannot be read"
		} else {
			f.unread++
		}
	}
	if g := f.add(key); !g.isFull() {
		g.First = append(g.First, Finding{Line: row.Line, Text: shorten(row.Unread, longestReason)})
	}
}

// standsTwice takes down a row whose email stands on an earlier row, which
// counts from 0.
func (f *findings) standsTwice(header *guest.Header, row *guest.Row, first int) {
	if g := f.add(findingKey{kind: StandsTwice}); !g.isFull() {
		g.First = append(g.First, Finding{
			Line: row.Line, Column: f.column(header, guest.Email), Value: shorten(row.Guest.Email, longestShown),
			Earlier: f.lines.of(first),
		})
	}
}

// column returns the header cell over a field.
func (f *findings) column(header *guest.Header, field guest.Field) string {
	if f.columns == nil {
		f.columns = new([guest.NumFields]string)
		for field := range guest.NumFields {
			if i, ok := header.Column(field); ok {
				f.columns[field] = shorten(header.Name(i), longestShown)
			}
		}
	}
	return f.columns[field]
}

// withoutNumbers makes one text of those that differ in numbers alone.
func withoutNumbers(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return '0' <= r && r <= '9' })
	return shorten(strings.Join(parts, "…"), longestReason)
}

// shorten returns a copy of a text that keeps nothing else in memory, cut where
// it is long.
func shorten(s string, most int) string {
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return strings.Clone(s)
}

// lineNumbers knows on which line each row starts. It takes room only where a
// row does not follow the one before on the next line.
type lineNumbers struct {
	jumps []jump
}

// jump is the row, from 0, from which on lines are that far ahead of rows.
type jump struct{ row, ahead int }

// add is told each row in turn.
func (l *lineNumbers) add(row, line int) {
	if n := len(l.jumps); n == 0 || l.jumps[n-1].ahead != line-row {
		l.jumps = append(l.jumps, jump{row, line - row})
	}
}

// of returns the line of a row that was added.
func (l *lineNumbers) of(row int) int {
	after := sort.Search(len(l.jumps), func(i int) bool { return l.jumps[i].row > row })
	return row + l.jumps[after-1].ahead
}
