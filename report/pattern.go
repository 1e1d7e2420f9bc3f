package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// slot stands in a pattern where a value stood. No error has it.
const slot = "\x00"

// pattern is an error with its values taken out, so that equal causes are equal.
type pattern struct {
	text   string
	values []string
}

// splitCauses takes an error apart into the causes that it names, "field: what is
// wrong" parts joined by "; ".
func splitCauses(text string) []pattern {
	whole := patternOf(text)
	var parts []pattern
	for rest := whole.text; ; {
		end := nextPart(rest)
		n := strings.Count(rest[:end], slot)
		parts = append(parts, pattern{rest[:end], whole.values[:n:n]})
		if end == len(rest) {
			return parts
		}
		rest, whole.values = rest[end+len("; "):], whole.values[n:]
	}
}

// nextPart finds the next "; " that a field's name and a colon follow. A message
// may have a semicolon of its own.
func nextPart(text string) int {
	for from := 0; ; {
		i := strings.Index(text[from:], "; ")
		if i < 0 {
			return len(text)
		}
		from += i
		name, _, found := strings.Cut(text[from+len("; "):], ": ")
		if found && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_0123456789") == "" {
			return from
		}
		from += len("; ")
	}
}

// patternOf takes out of an error what differs from row to row: what is quoted,
// numbers, times, addresses, hosts and URLs. A suggestion goes altogether.
func patternOf(text string) pattern {
	var p pattern
	var out strings.Builder
	take := func(value string) {
		out.WriteString(slot)
		p.values = append(p.values, value)
	}
	text = strings.ReplaceAll(text, slot, "")
	before := "" // the word before
	for text != "" {
		if n := suggestion(text); n > 0 {
			text = text[n:]
		} else if n := quoted(text); n > 0 {
			take(text[:n])
			text = text[n:]
		} else if n := word(text); n > 0 {
			w := text[:n]
			// The status of an answer is part of the cause.
			if isValue(w) && before != "HTTP" {
				take(w)
			} else {
				out.WriteString(w)
			}
			before, text = w, text[n:]
		} else {
			_, size := utf8.DecodeRuneInString(text)
			out.WriteString(text[:size])
			text = text[size:]
		}
	}
	p.text = out.String()
	return p
}

// suggestion returns the length of a suggestion that the text begins with.
func suggestion(text string) int {
	const begin, end = " (did you mean ", "?)"
	if !strings.HasPrefix(text, begin) {
		return 0
	}
	if i := strings.Index(text, end); i >= 0 {
		return i + len(end)
	}
	return len(text)
}

// quoted returns the length of the quotation that the text begins with. One that
// is not closed goes on to the end.
func quoted(text string) int {
	for _, marks := range [...]struct{ open, end string }{{`"`, `"`}, {"“", "”"}} {
		open, end := marks.open, marks.end
		if !strings.HasPrefix(text, open) {
			continue
		}
		for i := len(open); i < len(text); i++ {
			switch {
			case text[i] == '\\':
				i++
			case strings.HasPrefix(text[i:], end):
				return i + len(end)
			}
		}
		return len(text)
	}
	return 0
}

// word returns the length of the word that the text begins with, without the
// punctuation after it.
func word(text string) int {
	end := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"“”(),;", r) })
	if end < 0 {
		end = len(text)
	}
	return len(strings.TrimRight(text[:end], ".:?!"))
}

// isValue tells whether a word is a number, a time, an address, a host or a URL,
// and not part of a sentence.
func isValue(word string) bool {
	if strings.ContainsAny(word, "@/") || word[0] >= '0' && word[0] <= '9' {
		return true
	}
	if first := word[0]; (first == '-' || first == '+' || first == '<' || first == '#') && len(word) > 1 {
		return true
	}
	// A host; or an id, such as a UUID.
	return strings.Contains(word, ".") || len(word) >= 16 && strings.ContainsAny(word, "0123456789")
}
