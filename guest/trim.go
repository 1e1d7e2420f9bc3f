package guest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Trim takes off what the server takes off both ends of a value: white space of every kind, NUL, and the invisible
// characters (soft hyphen, zero-width space, byte order mark …) that copying from a web page leaves behind.
//
// Source: Laravel 12, middleware TrimStrings, which is Str::trim. Older major versions take off fewer invisible
// characters. A value that Trim leaves empty counts as not given.
func Trim(s string) string {
	if s == "" || visibleASCII(s[0]) && visibleASCII(s[len(s)-1]) {
		return s
	}
	return strings.TrimFunc(s, invisible)
}

// Key tells who an email address belongs to: two addresses are the same person when their keys are equal. It is the
// trimmed address in Unicode NFC and in lower case, nothing else: dots and plus signs stay what they are.
//
// Key(Key(s)) is Key(s).
func Key(email string) string {
	email = Trim(email)
	if isASCII(email) {
		return strings.ToLower(email) // no normalization changes it
	}
	// The Turkish capital is the one letter whose lower case is two characters, here as in PHP's mb_strtolower;
	// Go makes it a plain i, and two people might become one.
	folded := strings.ReplaceAll(norm.NFC.String(email), "İ", "i̇")
	// Some lower-case letters compose with their accent while the capitals do not (H̱ and ẖ), hence the second time.
	return norm.NFC.String(strings.ToLower(folded))
}

func visibleASCII(c byte) bool { return ' ' < c && c < utf8.RuneSelf }

func invisible(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || '\t' <= r && r <= '\r' || r == 0
	}
	return unicode.Is(trimmed, r)
}

// trimmed holds the characters outside ASCII that Trim takes off: Str::INVISIBLE_CHARACTERS, and what \s means in a
// regular expression with Unicode properties (the separators and U+0085).
var trimmed = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0085, Hi: 0x0085, Stride: 1}, // next line
		{Lo: 0x00A0, Hi: 0x00A0, Stride: 1}, // no-break space
		{Lo: 0x00AD, Hi: 0x00AD, Stride: 1}, // soft hyphen
		{Lo: 0x034F, Hi: 0x034F, Stride: 1}, // combining grapheme joiner
		{Lo: 0x061C, Hi: 0x061C, Stride: 1}, // Arabic letter mark
		{Lo: 0x115F, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x1680, Hi: 0x1680, Stride: 1}, // Ogham space
		{Lo: 0x17B4, Hi: 0x17B5, Stride: 1}, // Khmer inherent vowels
		{Lo: 0x180E, Hi: 0x180E, Stride: 1}, // Mongolian vowel separator
		{Lo: 0x2000, Hi: 0x200F, Stride: 1}, // spaces, zero-width space and joiners, direction marks
		{Lo: 0x2028, Hi: 0x2029, Stride: 1}, // line and paragraph separator
		{Lo: 0x202F, Hi: 0x202F, Stride: 1}, // narrow no-break space
		{Lo: 0x205F, Hi: 0x2065, Stride: 1}, // mathematical space, word joiner, invisible operators
		{Lo: 0x206A, Hi: 0x206F, Stride: 1}, // deprecated format characters
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // empty Braille pattern
		{Lo: 0x3000, Hi: 0x3000, Stride: 1}, // ideographic space
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xFEFF, Hi: 0xFEFF, Stride: 1}, // byte order mark
		{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1}, // half-width Hangul filler
	},
	R32: []unicode.Range32{
		{Lo: 0x1D159, Hi: 0x1D159, Stride: 1}, // musical null notehead
		{Lo: 0x1D173, Hi: 0x1D17A, Stride: 1}, // musical beams, ties, slurs and phrases
		{Lo: 0xE0020, Hi: 0xE0020, Stride: 1}, // tag space
	},
	LatinOffset: 3,
}
