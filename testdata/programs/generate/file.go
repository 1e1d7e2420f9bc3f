package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
)

// file is a text file as a program writes it.
type file struct {
	name    string
	program string   // whose header row it has, as headers.csv calls it
	columns []string // the header row of a program that headers.csv does not have

	charset encoding.Encoding // nil: UTF-8
	mark    bool              // begins with a byte order mark
	comma   string            // between the cells; empty: a comma
	end     string            // of a line; empty: CRLF
	quote   quoting
	rename  func(header string) string // what the program makes of a header; nil: nothing
	pad     bool                       // cells are as wide as their header

	above []string          // lines over the header
	usual map[string]string // what the cells of a column hold where a row says nothing
	rows  []row
	below []string // lines under the rows
}

// row is the cells of one person by their header. The second column of the same
// header is called "header/2".
type row map[string]string

type quoting int

const (
	whereNeeded quoting = iota
	always
	valuesOnly // what is not empty, as Outlook does
)

func (f file) bytes(headers map[string][]string) ([]byte, error) {
	names := f.columns
	if names == nil {
		names = headers[f.program]
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("headers.csv has no %q", f.program)
	}
	header := slices.Clone(names)
	if f.rename != nil {
		for i := range header {
			header[i] = f.rename(header[i])
		}
	}
	if f.end == "" {
		f.end = "\r\n"
	}
	if f.comma == "" {
		f.comma = ","
	}

	lines := append(slices.Clone(f.above), f.line(header, header))
	for _, r := range f.rows {
		cells, err := f.cells(names, r)
		if err != nil {
			return nil, err
		}
		lines = append(lines, f.line(header, cells))
	}
	text := strings.Join(append(lines, f.below...), f.end) + f.end
	if f.mark {
		text = "\ufeff" + text
	}
	if f.charset == nil {
		return []byte(text), nil
	}
	return f.charset.NewEncoder().Bytes([]byte(text))
}

// cells puts what a row says into the order of the columns.
func (f file) cells(names []string, r row) ([]string, error) {
	cells := make([]string, len(names))
	seen, used := map[string]int{}, 0
	for i, name := range names {
		key := name
		if seen[name]++; seen[name] > 1 {
			key = fmt.Sprintf("%s/%d", name, seen[name])
		}
		cells[i] = f.usual[key]
		if value, ok := r[key]; ok {
			cells[i] = value
			used++
		}
	}
	if used < len(r) {
		return nil, fmt.Errorf("a row has a cell without a column: %v", r)
	}
	return cells, nil
}

func (f file) line(header, cells []string) string {
	var line bytes.Buffer
	for i, cell := range cells {
		if i > 0 {
			line.WriteString(f.comma)
		}
		quoted := strings.Contains(cell, f.comma) || strings.ContainsAny(cell, "\"\r\n")
		switch f.quote {
		case always:
			quoted = true
		case valuesOnly:
			quoted = quoted || cell != ""
		}
		if quoted {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		line.WriteString(cell)
		if f.pad && !quoted {
			line.WriteString(strings.Repeat(" ", max(1, len(header[i])+1-len(cell))))
		}
	}
	return line.String()
}
