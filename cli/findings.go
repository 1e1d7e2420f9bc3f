package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"guestlist/guest"
	"guestlist/importer"
)

const (
	mostMessages = 20 // about what is wrong with rows
	fewRows      = 2  // that share a cause and are still told one by one
	valueColumns = 30 // that a value takes at most
)

// message is one line about what is wrong with rows.
type message struct {
	line int // of the file, where the first of them starts
	rows int
	text string
}

// describeFindings says what is wrong with the rows of a file, the first first:
// where, with the column's header as in the file, what, and what would be right;
// then how much was mended. Rows that share a cause are told in one line.
func describeFindings(findings importer.Findings, s style) []string {
	var messages []message
	mendable := 0
	for _, g := range findings.Groups {
		mendable += g.Mendable
		if g.Rows > fewRows {
			messages = append(messages, message{g.First[0].Line, g.Rows, describeGroup(&g)})
			continue
		}
		for i := range g.First {
			messages = append(messages, message{g.First[i].Line, 1, describeFinding(g.Kind, &g.First[i])})
		}
	}
	slices.SortStableFunc(messages, func(a, b message) int { return cmp.Compare(a.line, b.line) })
	var lines []string
	left := 0
	for i, m := range messages {
		if i < mostMessages {
			lines = append(lines, s.paint(yellow, s.symbol("!"))+printable(strings.ReplaceAll(m.text, "\n", " ")))
			continue
		}
		left += m.rows
	}
	if left > 0 {
		lines = append(lines, fmt.Sprintf("and %s more: see the error column of the file below", thousands(left)))
	}
	if mendable > 0 {
		lines = append(lines, fmt.Sprintf("--fix would mend %s of these values", thousands(mendable)))
	}
	if n := findings.FixedValues; n > 0 {
		lines = append(lines, fmt.Sprintf("fixed: %s in %s, each told in the error column", count(n, "value"), count(findings.FixedRows, "row")))
	}
	return lines
}

// describeFinding words what is wrong with one row.
func describeFinding(kind importer.FindingKind, f *importer.Finding) string {
	switch kind {
	case importer.Unreadable:
		return fmt.Sprintf("line %d cannot be read: %s", f.Line, f.Text)
	case importer.StandsTwice:
		return fmt.Sprintf("line %d: %s stands on line %d already", f.Line, fit(f.Value, valueColumns), f.Earlier)
	case importer.NoEntry:
		return fmt.Sprintf("line %d, %s: has no email and looks like a line that is not part of the list", f.Line, shownValue(f))
	}
	if kind == importer.DoubtfulValue {
		return place(f) + " is valid, but " + f.Text
	}
	return place(f) + ": " + f.Text
}

// describeGroup words what is wrong with many rows, and where it is seen first.
func describeGroup(g *importer.FindingGroup) string {
	f := &g.First[0]
	switch g.Kind {
	case importer.Unreadable:
		return fmt.Sprintf("%s rows cannot be read, e.g. line %d: %s", thousands(g.Rows), f.Line, f.Text)
	case importer.StandsTwice:
		return fmt.Sprintf("%s rows: email stands on an earlier line, e.g. line %d: %s (line %d)", thousands(g.Rows), f.Line, fit(f.Value, valueColumns), f.Earlier)
	case importer.NoEntry:
		return fmt.Sprintf("%s rows without an email look like lines that are not part of the list, e.g. line %d, %s", thousands(g.Rows), f.Line, shownValue(f))
	}
	but := ""
	if g.Kind == importer.DoubtfulValue {
		but = "is valid, but "
	}
	text := fmt.Sprintf("%s rows: %s %s%s, e.g. %s", thousands(g.Rows), g.Field, but, g.Cause, place(f))
	if f.Hint != "" {
		text += " (" + f.Hint + ")"
	}
	return text
}

// place says where a value stands, and what it is.
func place(f *importer.Finding) string {
	text := fmt.Sprintf("line %d, %s", f.Line, guest.Quote(f.Column))
	if f.Value != "" {
		text += " " + shownValue(f)
	}
	return text
}

func shownValue(f *importer.Finding) string { return guest.Quote(fit(f.Value, valueColumns)) }
