package guest

import (
	"slices"
	"strings"
)

// isUsualAddress recognizes an address of the form that nearly all have, at a
// seventh of the cost of reading it in full: words of ASCII letters and digits
// before the @, joined by single dots, hyphens, underscores or plus signs; small
// ones joined by dots or hyphens after it. No rule objects to such an address.
// Of any other it says nothing.
func isUsualAddress(s string) bool {
	local, domain, _ := strings.Cut(s, "@")
	dot := strings.LastIndexByte(domain, '.')
	return dot > 0 && len(domain) < maxLabel && joined(local, inUsualLocal) && joined(domain, inUsualDomain) &&
		!isDigit(domain[dot+1]) && !slices.Contains(reservedTopLevels, domain[dot+1:])
}

// usualClass says where an ASCII character may stand in an address of the usual form: within
// a word, or between two.
type usualClass uint8

const (
	inUsualLocal usualClass = 1 << iota
	inUsualDomain
	betweenWords
)

// joined reports whether s is words of a class with a single character between
// each two.
func joined(s string, class usualClass) bool {
	wordEnds := false
	for i := range len(s) {
		is := usualClasses[s[i]]
		if is&class == 0 || is&betweenWords != 0 && !wordEnds {
			return false
		}
		wordEnds = is&betweenWords == 0
	}
	return wordEnds
}

var usualClasses = func() (classes [256]usualClass) {
	for c := range classes {
		switch c := byte(c); {
		case 'A' <= c && c <= 'Z':
			classes[c] = inUsualLocal
		case isAlpha(c), isDigit(c):
			classes[c] = inUsualLocal | inUsualDomain
		case c == '.', c == '-':
			classes[c] = inUsualLocal | inUsualDomain | betweenWords
		case c == '_', c == '+':
			classes[c] = inUsualLocal | betweenWords
		}
	}
	return classes
}()
