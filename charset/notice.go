package charset

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxShown is the most characters of a cell that a sample shows.
const maxShown = 40

// Notice returns what a person should know about how a text is read, as one
// line. It is empty where the charset is sure.
func (f Found) Notice() string {
	switch {
	case f.BadLine > 0:
		return fmt.Sprintf("the file is UTF-8, but line %d has bytes that are not: rows with such bytes are invalid; if most of the file looks wrong, name its charset with --encoding, such as --encoding windows-1252", f.BadLine)
	case f.Why == Valid, f.Why == Marked:
		return ""
	}
	read := "the file is not UTF-8; read as " + f.Name()
	way := ", name the right one with --encoding"
	if f.Instead != "" {
		way += ", such as --encoding " + f.Instead
	}
	switch len(f.Samples) {
	case 0:
		return read + ": if its letters look wrong" + way
	case 1:
		return fmt.Sprintf("%s, in which one of its cells is %q: if that looks wrong%s", read, f.Samples[0], way)
	}
	return fmt.Sprintf("%s, in which two of its cells are %q and %q: if they look wrong%s", read, f.Samples[0], f.Samples[1], way)
}

// cellsOf cuts a decoded text into what may be its cells: those that are not
// ASCII and could be decoded.
func cellsOf(text string) []string {
	cells := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;\t|\"\r\n", r) })
	return slices.DeleteFunc(cells, func(cell string) bool { return asciiOnly(cell) || strings.ContainsRune(cell, utf8.RuneError) })
}

// samples returns two of the cells, one from the beginning and one from the end,
// that show best whether the letters are right: those with the most letters
// that would be others in the charset that may be meant instead. It returns
// fewer where there are no two different ones.
func samples(cells, others []string) []string {
	telling := func(i int) int {
		n := 0
		for _, r := range cells[i] {
			if r >= utf8.RuneSelf && unicode.IsLetter(r) && (i >= len(others) || !strings.ContainsRune(others[i], r)) {
				n++
			}
		}
		return min(n, 3) // more say no more
	}
	var shown []string
	show := func(from, to int, backwards bool) {
		best, most := -1, -1
		for i := from; i < to; i++ {
			k := i
			if backwards {
				k = to - 1 - (i - from)
			}
			if n := telling(k); n > most && !slices.Contains(shown, shorten(cells[k])) {
				best, most = k, n
			}
		}
		if best >= 0 {
			shown = append(shown, shorten(cells[best]))
		}
	}
	show(0, (len(cells)+1)/2, false)
	show(0, len(cells), true)
	return shown
}

// shorten returns the part of a cell around its first character that is not
// ASCII.
func shorten(cell string) string {
	text := []rune(strings.TrimSpace(cell))
	if len(text) <= maxShown {
		return string(text)
	}
	at := slices.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
	from := max(0, min(at-maxShown/2, len(text)-maxShown))
	shown := string(text[from : from+maxShown])
	if from > 0 {
		shown = "…" + shown
	}
	if from+maxShown < len(text) {
		shown += "…"
	}
	return shown
}
