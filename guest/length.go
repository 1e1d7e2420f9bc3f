package guest

import (
	"fmt"
	"unicode/utf8"
)

// notUTF8 is what every check says about bytes that are not UTF-8, which JSON cannot carry.
const notUTF8 = "is not valid UTF-8 text"

// lengthProblem says what is wrong with a text of at most limit characters. A character is a Unicode code point, so an
// emoji may be several (source: Laravel 12, rule max, which counts with mb_strlen).
func lengthProblem(s string, limit int) *fault {
	if !utf8.ValidString(s) {
		return wrong(notUTF8)
	}
	if len(s) <= limit {
		return nil
	}
	if n := utf8.RuneCountInString(s); n > limit {
		return tooLong(fmt.Sprintf("has more than %d characters", limit), "has %d characters", "at most %d are taken", n, limit)
	}
	return nil
}

// tooLong words how long something is and what the most is, each in a format for one number.
func tooLong(cause, what, hint string, n, most int) *fault {
	return &fault{cause, fmt.Sprintf(what, n), fmt.Sprintf(hint, most)}
}
