package guest

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// damageProblem says what is wrong with a value that a program has put in the place of the one that was there. The
// value must not be empty.
func damageProblem(s string) *fault {
	switch {
	case s[0] == '#' && spreadsheetErrors[s]:
		return &fault{cause: "is an error that the spreadsheet shows", hint: "mend the cell"}
	case s[0] == '#' && len(s) > 3 && strings.Trim(s, "#") == "":
		return &fault{cause: "is what a spreadsheet shows where a column is too narrow", hint: "widen the column and save the file again"}
	case s[0] == '=':
		if text, ok := formulaText(s); ok && text == "" {
			return &fault{cause: "is a formula without a text", hint: "empty the cell"}
		} else if ok {
			return &fault{cause: "is a formula around a text", hint: "write the text alone"}
		}
	}
	return nil
}

// spreadsheetErrors are what cells show whose formulas fail: in English, German, French and Spanish.
var spreadsheetErrors = setOf(`
#N/A #REF! #VALUE! #NAME? #DIV/0! #NULL! #NUM! #SPILL! #CALC! #GETTING_DATA #BLOCKED! #UNKNOWN! #CONNECT! #FIELD! #ERROR!
#NV #BEZUG! #WERT! #ZAHL! #ÜBERLAUF! #VALEUR! #NOM? #NOMBRE! #¡REF! #¡VALOR! #¿NOMBRE? #¡DIV/0! #¡NUM!
`)

// formulaText is the text of a formula that is nothing but one, as ="0171": programs write it so that a spreadsheet
// leaves the text as it is.
func formulaText(s string) (text string, ok bool) {
	inside, found := strings.CutPrefix(s, `="`)
	inside, closed := strings.CutSuffix(inside, `"`)
	const doubled = `""`
	if !found || !closed || strings.Contains(strings.ReplaceAll(inside, doubled, ""), `"`) {
		return "", false
	}
	return Trim(strings.ReplaceAll(inside, doubled, `"`)), true
}

// shortenedNumber reports whether a spreadsheet has written a number in short, as 4.91511E+12: most of its digits are
// lost.
func shortenedNumber(s string) bool {
	at := strings.Index(s, "E+")
	if at < 0 {
		if at = strings.Index(s, "e+"); at < 0 {
			return false
		}
	}
	digits := strings.TrimPrefix(s[:at], "+")
	if len(digits) > 1 && (digits[1] == '.' || digits[1] == ',') {
		digits = digits[:1] + digits[2:]
	} else if len(digits) != 1 {
		return false
	}
	return isDigits(digits) && isDigits(s[at+len("E+"):])
}

// controlProblem says whether a text has a control character that nobody types. The ones that are white space may
// stand there: tabs, line breaks, and what some programs write for line breaks. The server takes all of them.
func controlProblem(s string) *fault {
	for i := range len(s) {
		if c := s[i]; (c < ' ' || c == 0x7F) && !isSpaceByte(c) {
			const cause = "has a control character inside"
			return &fault{cause: cause, what: cause + ": " + quote(s[i:i+1]), hint: "type the cell again"}
		}
	}
	return nil
}

func isSpaceByte(c byte) bool { return '\t' <= c && c <= '\r' }

// withoutControls takes out the control characters of a text. A blank takes the place of those that separate. What
// begins with an escape goes on after it, and stays.
func withoutControls(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\v', r == '\f', 0x1C <= r && r <= 0x1F:
			return ' '
		case r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\x1b', r == 0x7F:
			return -1
		}
		return r
	}, s)
}

// mayBeMisread tells whether a text has two characters beside each other that
// UTF-8 read as windows-1252 has, which few texts have.
func mayBeMisread(s string) bool {
	before := ' '
	for _, r := range s {
		if 'Â' <= before && before <= 'ô' && r >= utf8.RuneSelf {
			return true
		}
		before = r
	}
	return false
}

// unprotected takes off what keeps a spreadsheet from changing a text, where that has become part of the value.
func unprotected(f Field, s string) (better, how string) {
	r := repairing{value: s}
	if text, ok := formulaText(s); ok {
		r.by(text, "took off the formula around the text")
	}
	if strings.HasPrefix(r.value, "'") && isTextMark(f, r.value) {
		r.by(Trim(r.value[1:]), "took off the apostrophe before it")
	}
	return r.result()
}

// isTextMark reports whether the apostrophe that a value begins with is a spreadsheet's mark of a text. In names it may
// be a letter's, as in 't Hart.
func isTextMark(f Field, s string) bool {
	switch f {
	case Email:
		return isUsualAddress(s[1:])
	case Phone1, Phone2:
		return len(s) > 1 && (s[1] == '+' || isDigit(s[1]))
	case FirstName, LastName, CompanyName, OpportunityName, Status:
		return false
	}
	return fields[f].check(s) != nil
}

// Doubts returns what is odd about values that are valid, with what Fix would make
// of them: the server takes #REF! for a name and a shortened number for a phone,
// but nobody means them, and it can never change them again. Values must be
// trimmed already. It is safe for concurrent use.
func Doubts(g *Guest) []Problem {
	var doubts []Problem
	for f := range NumFields {
		value := g.Get(f)
		if value == "" {
			continue
		}
		if doubt := oddity(f, value); doubt != nil && fields[f].check(value) == nil {
			better, _ := repaired(f, value)
			if better != "" && oddity(f, better) != nil {
				better = ""
			}
			doubt.suggest(better)
			doubts = append(doubts, Problem{f, doubt.cause, doubt.hint, doubt.String(), better})
		}
	}
	return doubts
}

// oddity says what is odd about a value, valid or not.
func oddity(f Field, s string) *fault {
	switch {
	case s[0] == '\'' && isTextMark(f, s):
		return wrong("begins with an apostrophe, which is sent too")
	case (f == Phone1 || f == Phone2) && shortenedNumber(s):
		return &fault{cause: "is a number that the spreadsheet has shortened", hint: "format the column as text and type it again"}
	}
	if damage := damageProblem(s); damage != nil {
		return damage
	}
	if lost := lostLetters(s); lost != nil {
		return lost
	}
	return controlProblem(s)
}

// lostLetters says whether letters of a text were lost before it came here: in
// their place stands the character for that, or UTF-8 that was read as
// windows-1252, as in MÃ¼ller.
func lostLetters(s string) *fault {
	if isASCII(s) {
		return nil
	}
	if strings.ContainsRune(s, utf8.RuneError) && utf8.ValidString(s) {
		return &fault{cause: "has a letter that was lost", hint: "type the cell again"}
	}
	if !mayBeMisread(s) {
		return nil
	}
	once, err := charmap.Windows1252.NewEncoder().String(s)
	if err != nil || !utf8.ValidString(once) || isASCII(once) {
		return nil
	}
	return &fault{cause: "has letters that were read in the wrong charset", hint: didYouMean + clip(once, 100) + "?"}
}
