package cli

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/guest"
)

// showInput tells what a person should know about how a file is read, before
// anything is done with it, and on a terminal what its first rows come to.
func (a *app) showInput(in *input) error {
	// Wrong letters may be why the header is not understood.
	for _, line := range in.notices {
		a.say("%s", line)
	}
	p, err := in.preview()
	if err != nil {
		return fmt.Errorf("%s: %w", in.shown(), err)
	}
	for _, line := range describeColumns(p) {
		a.say("%s", line)
	}
	if s := a.style(); s.width > 0 && len(p.rows) > 0 {
		a.print(p.describe(s)...)
	}
	return nil
}

// describeColumns words which columns of a file are not read, and why.
func describeColumns(p preview) []string {
	var lines []string
	if p.above.Rows > 0 {
		lines = append(lines, describeAbove(p.above))
	}
	var ignored []string
	for _, i := range p.header.Ignored {
		name := i.Name
		if len(i.Near) > 0 {
			name += " (" + strings.Join(i.Near, " or ") + "?)"
		}
		ignored = append(ignored, name)
	}
	for _, left := range []struct {
		why     string
		columns []string
		most    int
	}{
		{"left out, as they cannot be imported", p.header.LeftOut, many},
		{"left out, as a guest has no such field", p.header.Junk, some},
		{"left out, as asked", ignored, many},
		{"never sent nor written to any file, as they may hold secrets", p.header.Sensitive, many},
	} {
		if len(left.columns) > 0 {
			lines = append(lines, left.why+": "+someOf(left.columns, left.most))
		}
	}
	if n := p.header.Unread; n > 0 {
		email, _ := p.header.Column(guest.Email)
		lines = append(lines, fmt.Sprintf("only %s is read: what stands in %s does not count", guest.Quote(oneLine(p.header.Name(email))), count(n, "other column")))
	}
	if len(p.header.Outdone) > 0 {
		lines = append(lines, describeOutdone(p.header.Outdone))
	}
	for _, e := range p.header.Exposed {
		lines = append(lines, fmt.Sprintf("%s looks like a secret, and is sent as %s, as asked with --map", guest.Quote(oneLine(e.Name)), e.Field))
	}
	return lines
}

// describeAbove words what was passed over on the way to the header.
func describeAbove(above guest.Above) string {
	more := ""
	if above.Rows > 1 {
		more = fmt.Sprintf(" and %s more", rows(above.Rows-1))
	}
	return fmt.Sprintf("left out above the header on line %d: %s%s", above.HeaderLine, guest.Quote(oneLine(above.First)), more)
}

// describeOutdone words, in one line, which columns were left out for others, and
// how to take one all the same.
func describeOutdone(outdone []guest.Outdone) string {
	var givers, names []string
	for _, o := range outdone {
		giver := fmt.Sprintf("%s gives %s", guest.Quote(oneLine(o.By)), o.Field)
		if !slices.Contains(givers, giver) {
			givers = append(givers, giver)
		}
		names = append(names, o.Name)
	}
	takes := "takes it"
	if len(names) > 1 {
		takes = "takes that one"
	}
	given := givers[len(givers)-1]
	if before := givers[:len(givers)-1]; len(before) > 0 {
		given = list(before) + " and " + given
	}
	return fmt.Sprintf("left out, as %s already: %s (--map %s %s instead)",
		given, someOf(names, some), shellQuote(oneLine(outdone[0].Name)+"="+outdone[0].Field.String()), takes)
}

// How many columns are named in one line.
const (
	some = 8
	many = 40
)

// someOf joins the first of the names, and counts the rest.
func someOf(names []string, most int) string {
	shown := make([]string, 0, most)
	for _, name := range names[:min(len(names), most)] {
		shown = append(shown, oneLine(name))
	}
	if left := len(names) - most; left > 0 {
		return fmt.Sprintf("%s and %d more", list(shown), left)
	}
	return list(shown)
}
