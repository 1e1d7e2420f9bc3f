package exporter

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"guestlist/guest"
	"guestlist/tallyfy"
)

// rowEncoder appends a record as it will be written.
type rowEncoder func(b []byte, r *tallyfy.Record) []byte

// jsonLines gives each record as the server sent it, on one line.
func jsonLines(links bool) rowEncoder {
	return func(b []byte, r *tallyfy.Record) []byte {
		record := r.Raw
		if !links {
			record = tallyfy.WithoutLink(record)
		}
		for line := range bytes.SplitAfterSeq(record, []byte("\n")) { // between values: within one it is escaped
			b = append(b, bytes.TrimRight(line, "\r\n")...)
		}
		return append(b, '\n')
	}
}

// csvRows writes the columns as guest.RecordWriter does, straight from the bytes
// of the record: a guest has some thirty cells, and most of them are empty. Protect
// is Options.EscapeFormulas.
func csvRows(columns []string, protect bool) rowEncoder {
	all := guest.RecordColumns(true)
	places := make([]int, len(columns))
	for i, name := range columns {
		places[i] = slices.Index(all, name)
	}
	return func(b []byte, r *tallyfy.Record) []byte {
		for i, place := range places {
			if i > 0 {
				b = append(b, ',')
			}
			cell := len(b)
			b = r.Append(b, place)
			if protect && guest.WantsApostrophe(b[cell:]) {
				b = slices.Insert(b, cell, '\'')
			}
			if wantsQuotes(b[cell:]) || len(places) == 1 && len(b) == cell { // an empty line is no row
				b = quote(b, cell)
			}
		}
		return append(b, '\n')
	}
}

// wantsQuotes tells whether a cell has to be quoted, as encoding/csv sees it.
func wantsQuotes(cell []byte) bool {
	if len(cell) == 0 {
		return false
	}
	for _, c := range cell {
		if c == ',' || c == '"' || c == '\n' || c == '\r' {
			return true
		}
	}
	if first := cell[0]; ' ' < first && first < utf8.RuneSelf && first != '\\' {
		return false
	}
	first, _ := utf8.DecodeRune(cell)
	return unicode.IsSpace(first) || string(cell) == `\.` // which ends a file for PostgreSQL
}

// quote puts quotes around what stands in b from there on.
func quote(b []byte, from int) []byte {
	cell := bytes.Clone(b[from:])
	b = append(b[:from], '"')
	for _, c := range cell {
		if c == '"' {
			b = append(b, '"')
		}
		b = append(b, c)
	}
	return append(b, '"')
}
