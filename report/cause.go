package report

import (
	"cmp"
	"slices"
	"strings"

	"guestlist/results"
)

const (
	// mostCauses is how many causes are told apart while a file is read, and
	// shownCauses how many of them a page has, the commonest ones.
	mostCauses  = 200
	shownCauses = 40

	// mostRows is how many rows of one cause a page has.
	mostRows = 50

	mostError = 600 // bytes of an error that are looked at
	mostTitle = 200 // bytes of a cause that are its title
	mostEmail = 254 // bytes of an email that are shown
)

// causes gathers rows by what their errors have in common. The zero value is
// empty.
type causes struct {
	groups map[causeKey]*cause
	others cause // rows of causes that are too many to be told apart
}

// causeKey is what the errors of one cause have in common.
type causeKey struct {
	status results.Status
	text   string
}

// cause is one reason and the rows that have it.
type cause struct {
	causeKey
	values []string // of the slots in the text, of the first row
	differ []bool   // where another row has another value
	count  int
	rows   []causeRow // the first of them
}

type causeRow struct {
	row, line     int
	email, detail string
}

// add adds a row to each of the causes that its error names.
func (c *causes) add(l *results.Line) {
	if c.groups == nil {
		c.groups = map[causeKey]*cause{}
	}
	text := cut(l.Error, mostError)
	if text == "" {
		text = "no reason is recorded"
	}
	row := causeRow{row: l.Row, line: l.Line, email: cut(l.Email, mostEmail), detail: text}
	parts := splitCauses(text)
	elsewhere := false
	for i, p := range parts {
		if slices.ContainsFunc(parts[:i], func(earlier pattern) bool { return earlier.text == p.text }) {
			continue
		}
		key := causeKey{l.Status, p.text}
		g := c.groups[key]
		switch {
		case g == nil && len(c.groups) == mostCauses:
			elsewhere = true
			continue
		case g == nil:
			g = &cause{causeKey: key, values: p.values, differ: make([]bool, len(p.values))}
			c.groups[key] = g
		}
		g.add(row, 1)
		for j, v := range p.values {
			g.differ[j] = g.differ[j] || v != g.values[j]
		}
	}
	if elsewhere {
		c.others.add(row, 1)
	}
}

// add adds a row that stands for so many.
func (g *cause) add(row causeRow, count int) {
	g.count += count
	if len(g.rows) < mostRows {
		g.rows = append(g.rows, row)
	}
}

// title is the text with the values that all its rows share.
func (g *cause) title() string {
	var b strings.Builder
	for i, part := range strings.Split(g.text, slot) {
		switch {
		case i == 0:
		case g.differ[i-1]:
			b.WriteString("…")
		default:
			b.WriteString(g.values[i-1])
		}
		b.WriteString(part)
	}
	return cut(b.String(), mostTitle)
}

// largest returns the causes that a page shows, the commonest first, and what is
// left over as one; its count is zero when nothing is.
func (c *causes) largest() (shown []*cause, others cause) {
	for _, g := range c.groups {
		shown = append(shown, g)
	}
	slices.SortFunc(shown, func(a, b *cause) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.rows[0].row, b.rows[0].row), cmp.Compare(a.status, b.status), cmp.Compare(a.text, b.text))
	})
	others = c.others
	if len(shown) > shownCauses {
		for _, g := range shown[shownCauses:] {
			others.count += g.count
			others.rows = append(others.rows, g.rows...)
		}
		shown = shown[:shownCauses]
	}
	for _, g := range append(shown, &others) {
		slices.SortStableFunc(g.rows, func(a, b causeRow) int { return cmp.Compare(a.row, b.row) })
	}
	others.rows = slices.CompactFunc(others.rows, func(a, b causeRow) bool { return a == b })
	others.rows = others.rows[:min(len(others.rows), mostRows)]
	return shown, others
}
