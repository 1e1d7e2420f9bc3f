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
	case f.Why == Valid, f.Why == Marked, f.Why == Asked && len(f.Samples) == 0:
		return ""
	case f.Why == Asked:
		return fmt.Sprintf("the file is valid UTF-8; read as %s as asked, in which %s, leave --encoding out", f.Name(), shown(f.Samples))
	}
	read := "the file is not UTF-8; read as " + f.Name()
	way := ", name the right one with --encoding"
	if f.Instead != "" {
		way += ", such as --encoding " + f.Instead
	}
	if len(f.Samples) == 0 {
		return read + ": if its letters look wrong" + way
	}
	switch len(f.Others) {
	case 1:
		way += fmt.Sprintf(", in which it is %q", f.Others[0])
	case 2:
		way += fmt.Sprintf(", in which they are %q and %q", f.Others[0], f.Others[1])
	}
	return read + ", in which " + shown(f.Samples) + way
}

// shown words one or two samples, as far as what to do if they look wrong.
func shown(samples []string) string {
	if len(samples) == 1 {
		return fmt.Sprintf("one of its cells is %q: if that looks wrong", samples[0])
	}
	return fmt.Sprintf("two of its cells are %q and %q: if they look wrong", samples[0], samples[1])
}

// samples returns up to two cells as they are in c, and the same ones in
// another charset.
func (s *survey) samples(c, another Charset) (shown, others []string) {
	var cells, same []string
	for _, cell := range s.cells {
		ours, theirs := fields(c.text(cell)), fields(another.text(cell))
		for i, text := range ours {
			if !telling(text) {
				continue
			}
			cells = append(cells, text)
			if len(theirs) == len(ours) {
				same = append(same, theirs[i])
			} else {
				same = append(same, another.text(cell))
			}
		}
	}
	for _, i := range choose(cells, same) {
		shown, others = append(shown, shorten(cells[i])), append(others, shorten(same[i]))
	}
	return shown, others
}

// samplesOf returns up to two cells of a decoded text.
func samplesOf(text string) (shown []string) {
	cells := slices.DeleteFunc(fields(text), func(cell string) bool { return !telling(cell) })
	for _, i := range choose(cells, nil) {
		shown = append(shown, shorten(cells[i]))
	}
	return shown
}

// fields cuts a decoded text into what may be its cells.
func fields(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;\t|\"\r\n", r) })
}

// telling tells whether a cell shows if the charset is right: it is not ASCII and
// could be decoded.
func telling(cell string) bool {
	return !asciiOnly(cell) && !strings.ContainsRune(cell, utf8.RuneError)
}

// choose returns where two of the cells stand, one from the beginning and one
// from the end, that show best whether the letters are right: those with the most
// letters that would be others in the charset that may be meant instead. It
// returns fewer where there are no two different ones.
func choose(cells, others []string) (chosen []int) {
	count := func(i int) int {
		n := 0
		for _, r := range cells[i] {
			if r >= utf8.RuneSelf && unicode.IsLetter(r) && (i >= len(others) || !strings.ContainsRune(others[i], r)) {
				n++
			}
		}
		return min(n, 3) // more say no more
	}
	show := func(from, to int, backwards bool) {
		best, most := -1, -1
		for i := from; i < to; i++ {
			k := i
			if backwards {
				k = to - 1 - (i - from)
			}
			again := slices.ContainsFunc(chosen, func(i int) bool { return shorten(cells[i]) == shorten(cells[k]) })
			if n := count(k); n > most && !again {
				best, most = k, n
			}
		}
		if best >= 0 {
			chosen = append(chosen, best)
		}
	}
	show(0, (len(cells)+1)/2, false)
	show(0, len(cells), true)
	return chosen
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
