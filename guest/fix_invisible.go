package guest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const tookInvisible = "took out invisible characters"

// Characters that take no room and come along when text is copied.
const (
	zeroWidthSpace   = '\u200B'
	nonJoiner        = '\u200C'
	joiner           = '\u200D'
	mongolianVowelOf = '\u180E'
)

// takesNoRoom reports whether r is one of the characters that withoutInvisible may take out.
func takesNoRoom(r rune) bool {
	switch r {
	case zeroWidthSpace, nonJoiner, joiner, mongolianVowelOf, '\u00AD', '\uFEFF':
		return true
	}
	return '\u2060' <= r && r <= '\u2064' || '\u206A' <= r && r <= '\u206F' || unicode.Is(unicode.Bidi_Control, r)
}

// withoutInvisible takes out the invisible characters of a text, but for those that change what is seen: joiners in the
// scripts that join letters, and in emoji; word breaks in scripts that write no blanks; marks of direction where
// anything is written from right to left.
func withoutInvisible(s string) string {
	if isASCII(s) || !strings.ContainsFunc(s, takesNoRoom) {
		return s
	}
	rightToLeft := strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam)
	})
	last := ' ' // that was kept
	return strings.Map(func(r rune) rune {
		if takesNoRoom(r) {
			keep := false
			switch {
			case r == nonJoiner, r == joiner:
				keep = !joinsNothing(last)
			case r == zeroWidthSpace, r == mongolianVowelOf:
				keep = !joinsNothing(last) && (unicode.IsLetter(last) || unicode.IsMark(last))
			case unicode.Is(unicode.Bidi_Control, r):
				keep = rightToLeft
			}
			if !keep {
				return -1
			}
		}
		last = r
		return r
	}, s)
}

// joinsNothing reports whether r is of a script that knows no joiners.
func joinsNothing(r rune) bool {
	return r < utf8.RuneSelf || unicode.IsSpace(r) || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic,
		unicode.Armenian, unicode.Georgian, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// bare takes out every invisible character of a value that machines read. Where a joiner may be part of a name, in a
// domain in another script, all stays as it is.
func bare(s string) string {
	if isASCII(s) {
		return s
	}
	joined := false
	without := strings.Map(func(r rune) rune {
		if !takesNoRoom(r) {
			return r
		}
		joined = joined || r == joiner || r == nonJoiner
		return -1
	}, s)
	if joined && !isASCII(without) {
		return s
	}
	return without
}

// isTidy recognizes most of the texts that repairText leaves as they are.
func isTidy(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\n', c == '\r':
		case c < ' ', c >= 0x7F, c == ' ' && i > 0 && s[i-1] == ' ':
			return false
		}
	}
	return true
}

// singleBlanks makes one blank of each run of blanks, tabs and no-break spaces. Line breaks stay, and so does the wide
// space of Chinese and Japanese.
func singleBlanks(s string) string {
	var b strings.Builder
	inRun := false
	for _, r := range s {
		if isBlank(r) {
			inRun = true
			continue
		}
		if inRun {
			b.WriteByte(' ')
		}
		inRun = false
		b.WriteRune(r)
	}
	return b.String()
}

func isBlank(r rune) bool {
	return r == '\t' || r != '\u3000' && unicode.Is(unicode.Zs, r)
}
