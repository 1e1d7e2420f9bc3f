package cli

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable escapes what would act on a terminal instead of being read: control
// characters, and invisible ones that change the direction of the text. Bytes
// that are no UTF-8 are replaced.
func printable(s string) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, acts) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if acts(r) {
			fmt.Fprintf(&b, "\\u%04x", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func acts(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
}
