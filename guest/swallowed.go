package guest

import (
	"bytes"
	"fmt"
	"strings"
)

// swallowed says that a quoted cell of a row holds what looks like another row. It does where a quote is missing or one
// too many: all up to the next quote has become one value, and who stands in it would vanish. Cells that are not read
// may hold any lines but whole rows; those of a spreadsheet, which has no quotes, may hold anything.
func (r *Reader) swallowed(rec record) string {
	emails, ok := r.header.Column(Email)
	if !ok || r.scanner.sheet || !bytes.ContainsAny(bytes.TrimRight(rec.bytes, "\r\n"), "\r\n") {
		return ""
	}
	line := rec.line
	for i, cell := range r.Cells() {
		lines := r.linesOf(cell)
		field, read := r.header.Field(i)
		if (!read || field != AssociatedMembers) && r.holdsRow(lines, i, emails, !read) {
			return fmt.Sprintf("a quoted cell that begins on line %d runs over %d lines and holds what looks like another row: is a quote missing or one too many?", line, len(lines))
		}
		line += len(lines) - 1
	}
	return ""
}

// holdsRow reports whether one of a cell's lines has an address where the email column would be, among other cells; if
// rows have to be whole, among all the cells that a row has, to the line's end. The first line begins in the cell's own
// column, any other where a row does.
func (r *Reader) holdsRow(lines []string, column, emails int, whole bool) bool {
	if len(lines) == 1 {
		return false
	}
	for k, line := range lines {
		first := 0
		if k == 0 {
			first = column
		}
		cells := strings.Split(line, string(r.Delimiter()))
		at := emails - first
		if last := k == len(lines)-1; whole && (last || first+len(cells) != len(r.header.columns)) {
			continue
		}
		if len(cells) > 1 && at >= 0 && at < len(cells) && addressProblem(Trim(strings.Trim(cells[at], `"`))) == nil {
			return true
		}
	}
	return false
}

// linesOf returns the lines that a cell has in the file.
func (r *Reader) linesOf(cell string) []string {
	if r.scanner.oldMac {
		cell = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(cell)
	}
	return strings.Split(cell, "\n")
}
