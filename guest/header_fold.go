package guest

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldHeader reduces a header to its words: lower case, without accents and
// punctuation, "MobilePhone2" in three.
func foldHeader(header string) []string {
	var words []string
	add := func(runes []rune) {
		if word := foldWord(string(runes)); word != "" { // accents alone are none
			words = append(words, word)
		}
	}
	for _, chunk := range chunks(header) {
		runes := []rune(chunk)
		start := 0
		for i := 1; i < len(runes); i++ {
			if newWord(runes[i-1], runes[i], runes[i+1:]) {
				add(runes[start:i])
				start = i
			}
		}
		add(runes[start:])
	}
	return words
}

// foldedHeader is a header without all that may differ where a person names it.
func foldedHeader(header string) string { return strings.Join(foldHeader(header), "") }

// chunks cuts a header at everything that is no letter, digit or accent. A
// number sign is the word.
func chunks(header string) []string {
	header = strings.ReplaceAll(norm.NFKC.String(header), "#", " number ")
	header = strings.Map(func(r rune) rune {
		if invisible(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, header)
	return joinInitials(strings.FieldsFunc(header, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}))
}

// joinInitials makes one word of letters that stand one by one, as in "D.O.B.".
func joinInitials(chunks []string) []string {
	var joined []string
	initial := false // the last one is made of initials
	for _, chunk := range chunks {
		r, size := utf8.DecodeRuneInString(chunk)
		single := size == len(chunk) && unicode.IsLetter(r)
		if single && initial {
			joined[len(joined)-1] += chunk
			continue
		}
		joined = append(joined, chunk)
		initial = single
	}
	return joined
}

// newWord tells whether a word begins between two letters or digits: at an
// inner capital and where digits begin or end.
func newWord(before, r rune, after []rune) bool {
	switch {
	case unicode.IsDigit(before) != unicode.IsDigit(r):
		return true
	case !unicode.IsUpper(r):
		return false
	}
	return unicode.IsLower(before) || unicode.IsUpper(before) && len(after) > 0 && unicode.IsLower(after[0])
}

// foldWord takes capitals and accents off a word.
func foldWord(word string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsMark(r) {
			return -1
		}
		return r
	}, norm.NFKD.String(strings.ToLower(word)))
	return letterFolds().Replace(plain)
}

// letterFolds writes letters that are no accented ones in ASCII.
var letterFolds = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("ß", "ss", "ø", "o", "ł", "l", "æ", "ae", "œ", "oe", "ı", "i", "đ", "d", "þ", "th", "ς", "σ")
})
