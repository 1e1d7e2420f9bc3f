package guest

import (
	"fmt"
	"unicode/utf8"
)

// notUTF8 is what every check says about bytes that are not UTF-8, which JSON cannot carry.
const notUTF8 = "is not valid UTF-8 text"

// lengthProblem says what is wrong with a text of at most limit characters; "" is fine. A character is a Unicode code
// point, so an emoji may be several (source: Laravel 12, rule max, which counts with mb_strlen).
func lengthProblem(s string, limit int) string {
	if !utf8.ValidString(s) {
		return notUTF8
	}
	if len(s) <= limit {
		return ""
	}
	if n := utf8.RuneCountInString(s); n > limit {
		return fmt.Sprintf("has %d characters (at most %d are taken)", n, limit)
	}
	return ""
}
