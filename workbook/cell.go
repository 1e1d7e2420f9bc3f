package workbook

import (
	"fmt"
	"strconv"
	"strings"
)

// printer shows the cells of a sheet as text.
type printer struct {
	book  *book
	texts *texts
	info  *Info
	line  []string // used again for each row
}

// cells shows a row: each cell at its place, without the empty ones at the end.
func (p *printer) cells(r *row) ([]string, error) {
	p.line = p.line[:0]
	size := 0
	for i := range r.cells {
		c := &r.cells[i]
		text, err := p.show(c, r)
		if err != nil {
			return nil, err
		}
		if text == "" {
			continue
		}
		for len(p.line) <= c.column {
			p.line = append(p.line, "")
		}
		p.line[c.column] = text
		if size += len(text); size > maxRowText {
			return nil, &Unusable{fmt.Sprintf("has more than %d MiB of text in row %d: look what stands there", maxRowText>>20, r.number)}
		}
	}
	return p.line, nil
}

func (p *printer) show(c *cell, r *row) (string, error) {
	if c.formula && c.kind != "str" && strings.TrimSpace(c.value) == "" && c.text == "" {
		if !r.hidden {
			p.info.Uncalculated.add(where(c.column, r.number))
		}
		return "", nil
	}
	f := p.book.format(c.style)
	switch c.kind {
	case "s":
		value := strings.TrimSpace(c.value)
		if value == "" {
			return "", nil
		}
		i, err := strconv.Atoi(value)
		if err != nil || i < 0 || i >= p.texts.len() {
			return "", &Unusable{broken}
		}
		return f.showText(p.texts.at(i)), nil
	case "inlineStr":
		if c.text == "" {
			return f.showText(unescape(c.value)), nil
		}
		return f.showText(c.text), nil
	case "str":
		return f.showText(unescape(c.value)), nil
	case "b":
		return showBool(strings.TrimSpace(c.value)), nil
	case "e":
		if c.value != "" && !r.hidden {
			p.info.Errors.add(where(c.column, r.number))
		}
		return c.value, nil
	case "d":
		return p.book.showMoment(strings.TrimSpace(c.value), f), nil
	default:
		return p.book.showNumber(strings.TrimSpace(c.value), f), nil
	}
}

func showBool(value string) string {
	switch value {
	case "1", "true":
		return "TRUE"
	case "0", "false":
		return "FALSE"
	}
	return value
}
