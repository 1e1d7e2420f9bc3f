package charset

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// words counts the words of a decoded text that are not ASCII, how many of them
// look like words that people write, and the signs in them.
type words struct{ all, good, signs int }

// share returns the part of the words that are good, from 0 to 1; 1 where there
// are none.
func (w words) share() float64 {
	if w.all == 0 {
		return 1
	}
	return float64(w.good) / float64(w.all)
}

// count adds the words of a cell.
func (w *words) count(cell string) {
	for word := range strings.FieldsFuncSeq(cell, parts) {
		if asciiOnly(word) || !strings.ContainsFunc(word, unicode.IsLetter) && !strings.ContainsRune(word, utf8.RuneError) {
			continue
		}
		w.all++
		if looksWritten([]rune(word)) {
			w.good++
		}
		for _, r := range word {
			if r >= utf8.RuneSelf && !unicode.IsLetter(r) {
				w.signs++
			}
		}
	}
}

// parts tells whether r stands between two words.
func parts(r rune) bool {
	return r < utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' || unicode.IsSpace(r) ||
		strings.ContainsRune("、。・·（）「」『』，：；！？", r)
}

func asciiOnly(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// looksWritten tells whether a word looks like one that was written: its letters
// are of one script, capitals stand where they do, and signs only where they may.
func looksWritten(word []rune) bool {
	// A quotation mark, a currency or a trade mark may stand at either end.
	for len(word) > 0 && strings.ContainsRune("‘“‚„«¿¡§©º°–—", word[0]) {
		word = word[1:]
	}
	for len(word) > 0 && strings.ContainsRune("’”“»™®…ºª°–—'", word[len(word)-1]) {
		word = word[:len(word)-1]
	}
	if len(word) == 0 {
		return true
	}
	var first script
	plain, lower, capitals, others := 0, 0, 0, 0 // others are capitals that are not ASCII
	for i, r := range word {
		inside := i > 0 && i < len(word)-1
		switch {
		case strings.ContainsRune("'’‘·\u00ad–—", r):
			// As in "Meier–Müller", not in "Nœ–ez".
			if dash := r == '–' || r == '—'; !inside || dash && !unicode.IsUpper(word[i+1]) {
				return false
			}
			lower, capitals, others = 0, 0, 0
			continue
		case unicode.IsMark(r) && first != latin && i > 0, unicode.IsDigit(r), r == 'ー', r == '々', unicode.Is(unicode.Cf, r):
			continue
		case !unicode.IsLetter(r), r == 'µ', r == 'ƒ', r == 'ª', r == 'º', r == 'ˆ':
			return false
		}
		s := scriptOf(r)
		if first == 0 {
			first = s
		}
		if s == other || s != first {
			return false
		}
		switch {
		case r < utf8.RuneSelf && unicode.IsUpper(r):
			capitals++
		case unicode.IsUpper(r):
			others++
		case unicode.IsLower(r):
			lower++
		}
		if r < utf8.RuneSelf {
			plain++
		}
		// "MŠller" is no word; "Élan", "ÉLAN", "O'Neill" and "McKay" are.
		if lower > 0 && others > 0 && (capitals+others > 1 || !unicode.IsUpper(word[i-lower])) {
			return false
		}
	}
	// Hardly a word has three letters of which none is of the alphabet, but for
	// one in capitals, such as "ÅÄÖ".
	return first != latin || plain > 0 || len(word) < 3 || len(word) == 3 && lower == 0
}

// script is a family of letters that words are not mixed from.
type script int

const (
	latin script = iota + 1
	cyrillic
	greek
	hebrew
	arabic
	thai
	hangul
	han // with the Japanese syllables
	other
)

func scriptOf(r rune) script {
	switch {
	case r < 0x250:
		return latin
	case unicode.Is(unicode.Cyrillic, r):
		return cyrillic
	case unicode.Is(unicode.Greek, r):
		return greek
	case unicode.Is(unicode.Hebrew, r):
		return hebrew
	case unicode.Is(unicode.Arabic, r):
		return arabic
	case unicode.Is(unicode.Thai, r):
		return thai
	case unicode.Is(unicode.Hangul, r):
		return hangul
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return han
	}
	return other
}
