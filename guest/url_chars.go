package guest

import (
	"strings"
	"unicode/utf8"
)

// urlClass is a set of characters, one bit for each place of a URL where the
// server's expression takes them.
type urlClass uint8

const (
	inUserInfo urlClass = 1 << iota
	inLabel             // of a host, but not its last
	inTopLevel          // the last label
	inPath
	inQuery
	inFragment

	afterHost = inPath | inQuery | inFragment
	anywhere  = inUserInfo | inLabel | inTopLevel | afterHost
)

// skip leaves out what s begins with of a class. A percent-encoded byte counts
// as one of its characters everywhere but in a host.
func skip(s string, class urlClass) string {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '%' && class&(inLabel|inTopLevel) == 0:
			if len(s)-i < 3 || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return s[i:]
			}
			i += 3
		case c < utf8.RuneSelf:
			if asciiClasses[c]&class == 0 {
				return s[i:]
			}
			i++
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			if classesOf(r)&class == 0 {
				return s[i:]
			}
			i += size
		}
	}
	return ""
}

// classesOf says where a character outside ASCII may stand.
func classesOf(r rune) urlClass {
	switch {
	case isLetter(r), isNumber(r):
		return anywhere
	case isMark(r):
		return inLabel | inTopLevel
	case isSymbol(r):
		return inLabel
	}
	return 0
}

// asciiClasses says where an ASCII character may stand.
var asciiClasses = func() (classes [utf8.RuneSelf]urlClass) {
	for c := range classes {
		for _, of := range []struct {
			characters string
			classes    urlClass
		}{
			{"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", anywhere},
			{"-_", inUserInfo | inLabel | afterHost},
			{".", inUserInfo | afterHost},
			{"~$+=", afterHost},
			{"$+<=>^`|~", inLabel}, // the symbols (\pS) of ASCII
			{"!&'()*,;:@/", afterHost},
			{"?", inQuery | inFragment},
			{"[]", inQuery},
		} {
			if strings.IndexByte(of.characters, byte(c)) >= 0 {
				classes[c] |= of.classes
			}
		}
	}
	return classes
}()

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
