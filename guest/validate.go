package guest

import (
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with a row.
type Problem struct {
	Field Field
	Cause string // what is wrong, in words that fit every such value: "has no scheme"
	Hint  string // what would be right; empty where the cause says it
	Text  string // what is wrong with this value and what would be right, lower case

	// Better is what Fix would make of the value; empty if it would leave it.
	Better string
}

// String returns the problem as the results file words it.
func (p Problem) String() string { return p.Field.String() + ": " + p.Text }

// WithoutValue returns the text for where the value stands before it already.
func (p Problem) WithoutValue(value string) string {
	return strings.TrimPrefix(p.Text, quote(value)+" ")
}

// fault says what is wrong with a value. No fault, nil, says that nothing is.
type fault struct {
	cause string // in words that fit every such value, of which there is a fixed number
	what  string // the cause in words about this value; empty: the cause says it
	hint  string // what would be right; empty: the rest says it
}

func wrong(cause string) *fault { return &fault{cause: cause} }

// String returns all that there is to say, or nothing.
func (f *fault) String() string {
	if f == nil {
		return ""
	}
	text := f.what
	if text == "" {
		text = f.cause
	}
	if f.hint != "" {
		text += " (" + f.hint + ")"
	}
	return text
}

// Validate returns everything that is wrong with a guest, in the order of the
// fields, or nothing. It agrees with the server's own rules ("Create guest",
// field table), so what passes is not refused for its form. Where Fix would
// mend a value, the problem suggests that. Values must be trimmed already. It
// is safe for concurrent use.
func Validate(g *Guest) []Problem {
	var problems []Problem
	for f := range NumFields {
		value := g.Get(f)
		if value == "" {
			if f == Email {
				problems = append(problems, Problem{Field: Email, Cause: "is missing", Text: "is missing"})
			}
			continue
		}
		if fault := faultOf(f, value); fault != nil {
			better, _ := repaired(f, value)
			fault.suggest(better)
			problems = append(problems, Problem{f, fault.cause, fault.hint, fault.String(), better})
		}
	}
	return problems
}

// faultOf says what is wrong with a value that is not empty.
func faultOf(f Field, value string) *fault {
	problem := fields[f].check(value)
	if problem == nil {
		return nil
	}
	if damage := damageProblem(value); damage != nil {
		return damage
	}
	return problem
}

// suggest adds a better value, unless one is suggested already, or it is long
// and a number says more.
func (f *fault) suggest(better string) {
	if better != "" && !strings.HasPrefix(f.hint, didYouMean) && !strings.HasPrefix(f.hint, atMost) {
		f.hint = didYouMean + clip(better, 100) + "?"
	}
}

// How hints begin.
const (
	didYouMean = "did you mean "
	atMost     = "at most "
)

func atMost200(s string) *fault { return lengthProblem(s, 200) }

func atMost20(s string) *fault { return lengthProblem(s, 20) }

func syncSourceProblem(s string) *fault {
	if s == "salesforce" {
		return nil
	}
	const only = " is not accepted: the only value is salesforce"
	return &fault{cause: strings.TrimSpace(only), what: quote(s) + only}
}

// Quote shows a value to a person, as problems do: quoted, its control characters
// escaped, and cut where it is long. The quotes around one with quotes of its own
// are curly.
func Quote(s string) string {
	quoted := strconv.Quote(clip(s, 60))
	if !strings.ContainsAny(s, `"\`) {
		return quoted
	}
	return "“" + strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(quoted[1:len(quoted)-1]) + "”"
}

func quote(s string) string { return Quote(s) }

// clip cuts a text that has more than so many characters.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
