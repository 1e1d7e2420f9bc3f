package cli

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"guestlist/guest"
)

// previewed is how many rows a preview shows.
const previewed = 5

// preview is the beginning of a file as it was understood.
type preview struct {
	header guest.Header
	above  guest.Above
	rows   []guest.Row
}

// preview reads the first rows of an input.
func (in *input) preview() (p preview, err error) {
	r, closer, err := in.reader()
	if err != nil {
		return p, err
	}
	defer closer.Close()
	p.header, p.above = r.Header(), r.Above()
	for len(p.rows) < previewed {
		row, err := in.next(r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return p, err
		}
		p.rows = append(p.rows, row)
	}
	return p, nil
}

// shown is one column of a table on the terminal.
type shown struct {
	title, under string // under says what the title stands for; may be empty
	cells        []string
	right        bool // aligned
}

// describe draws a preview: each column under its field, and under that the
// header as in the file where it is another. What does not fit beside the rest
// goes below.
func (p preview) describe(s style) []string {
	lines := shown{title: "line", right: true}
	for _, row := range p.rows {
		lines.cells = append(lines.cells, strconv.Itoa(row.Line))
	}
	var all []shown
	for i, cell := range p.header.Cells {
		field, ok := p.header.Field(i)
		if !ok {
			continue
		}
		c := shown{title: field.String()}
		if name := oneLine(cell); name != c.title {
			c.under = name
		}
		for _, row := range p.rows {
			value := oneLine(row.Guest.Get(field))
			if row.Unread != "" && len(all) == 0 {
				value = "(cannot be read)"
			}
			c.cells = append(c.cells, value)
		}
		all = append(all, c)
	}
	most := wide
	if fitting(lines, all, most, s.width) < len(all) {
		most = narrow
	}
	var out []string
	for len(all) > 0 {
		n := fitting(lines, all, most, s.width)
		out = append(out, drawTable(append([]shown{lines}, all[:n]...), most, s)...)
		all = all[n:]
	}
	return out
}

// oneLine makes a cell fit for a table.
func oneLine(s string) string { return printable(strings.Join(strings.Fields(s), " ")) }

// width returns how many columns of the terminal a column takes: as many as its
// widest cell, but so many at most.
func (c shown) width(most int) int {
	const least = 4
	w := max(columns(c.title), columns(c.under), least)
	for _, cell := range c.cells {
		w = max(w, columns(cell))
	}
	return min(w, max(most, columns(c.title)))
}

// The most columns of the terminal that one column of a preview takes: where all
// fit side by side, and where not.
const (
	wide   = 40
	narrow = 20
)

// fitting counts how many of the columns fit side by side.
func fitting(first shown, all []shown, most, room int) int {
	n, width := 0, first.width(most)
	for n < len(all) && (n == 0 || width+2+all[n].width(most) <= room) {
		width += 2 + all[n].width(most)
		n++
	}
	return n
}

func drawTable(table []shown, most int, s style) []string {
	line := func(cell func(c shown) string, paint colour) string {
		var parts []string
		for _, c := range table {
			text := fit(cell(c), c.width(most))
			blanks := strings.Repeat(" ", c.width(most)-columns(text))
			if paint != "" {
				text = s.paint(paint, text)
			}
			if c.right {
				parts = append(parts, blanks+text)
			} else {
				parts = append(parts, text+blanks)
			}
		}
		return strings.TrimRight(strings.Join(parts, "  "), " ")
	}
	out := []string{line(func(c shown) string { return c.title }, bold)}
	if under := line(func(c shown) string { return c.under }, dim); under != "" {
		out = append(out, under)
	}
	for i := range table[0].cells {
		out = append(out, line(func(c shown) string { return c.cells[i] }, ""))
	}
	return out
}
