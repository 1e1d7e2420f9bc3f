package guest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// mapDomain maps a domain as UTS 46, section 4, does before it is written in
// ASCII, with the transitional processing that is PHP's default (ß becomes ss).
// A dot at its end, which stands for the root, is left out.
func mapDomain(domain string) string {
	domain = strings.NewReplacer("ß", "ss", "ς", "σ").Replace(domain)
	return strings.TrimSuffix(mapLabel(domain), ".")
}

// mapLabel maps as mapDomain does but keeps ß and ς. A space stands for what may
// not be mapped.
func mapLabel(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r < utf8.RuneSelf:
			return r
		case unicode.Is(unicode.Variation_Selector, r), r == '\u034F':
			return -1
		case r == '．', r == '。', r == '｡':
			return '.'
		case !unicode.IsLetter(r) && strings.ContainsAny(norm.NFKC.String(string(r)), ".。"): // as in ⒈
			return ' '
		}
		return r
	}, s)
	return norm.NFKC.String(strings.Map(foldLetter, norm.NFKC.String(s)))
}

// foldLetter folds case as Unicode does: to small letters, in Cherokee to
// capitals.
func foldLetter(r rune) rune {
	if unicode.Is(unicode.Cherokee, r) {
		return unicode.ToUpper(r)
	}
	return unicode.ToLower(r)
}

// acePrefix begins the ASCII form of a label that holds other characters.
const acePrefix = "xn--"

// asciiLength is the length of the form that a mapped label has in DNS, or 0 if
// it has none.
func asciiLength(label string) int {
	n := len(label)
	switch {
	case len(label) > len(acePrefix) && strings.EqualFold(label[:len(acePrefix)], acePrefix):
		decoded, ok := decodePunycode(strings.ToLower(label[len(acePrefix):]))
		if !ok || !isLabel(decoded) || mapLabel(decoded) != decoded {
			return 0
		}
	case !isLabel(label):
		return 0
	case !isASCII(label):
		n = len(acePrefix) + punycodeLength([]rune(label))
	}
	if n > maxLabel {
		return 0
	}
	return n
}

// isLabel reports whether a mapped label is made as UTS 46, section 4.1, wants:
// in ASCII of letters, digits and hyphens, beyond it of any characters that one
// can see; no hyphen at either end or third and fourth; no mark to begin with.
func isLabel(label string) bool {
	if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	i, hyphens := 0, 0
	for _, r := range label {
		switch {
		case r == '-':
			if i == 2 || i == 3 {
				hyphens++
			}
		case r < utf8.RuneSelf:
			if !isAlpha(byte(r)) && !isDigit(byte(r)) {
				return false
			}
		case !unicode.IsGraphic(r), isSeparator(r), unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
			return false
		case i == 0 && isMark(r):
			return false
		}
		i++
	}
	return hyphens < 2
}
