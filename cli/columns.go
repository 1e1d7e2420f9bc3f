package cli

import "fmt"

// showInput tells what a person should know about how a file is read, before
// anything is done with it, and on a terminal what its first rows come to.
func (a *app) showInput(in *input, fix bool) error {
	// Wrong letters may be why the header is not understood.
	for _, line := range in.notices {
		a.say("%s", line)
	}
	p, err := in.preview(fix)
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
	if p.above > 0 {
		lines = append(lines, rows(p.above)+" left out above the one that names the columns")
	}
	for _, left := range []struct {
		why     string
		columns []string
		most    int
	}{
		{"left out, as they cannot be imported", p.header.LeftOut, many},
		{"left out, as a guest has no such field", p.header.Junk, some},
		{"left out, as asked", p.header.Ignored, many},
		{"never sent nor written to any file, as they may hold secrets", p.header.Sensitive, many},
	} {
		if len(left.columns) > 0 {
			lines = append(lines, left.why+": "+someOf(left.columns, left.most))
		}
	}
	return lines
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
