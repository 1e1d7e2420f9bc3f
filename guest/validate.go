package guest

import "fmt"

// Problem is one thing that is wrong with a row.
type Problem struct {
	Field Field
	Text  string // what is wrong and what would be right, lower case
}

// String returns the problem as the results file words it.
func (p Problem) String() string { return p.Field.String() + ": " + p.Text }

// Validate returns everything that is wrong with a guest, in the order of the
// fields, or nothing. It agrees with the server's own rules ("Create guest",
// field table), so what passes is not refused for its form. Values must be
// trimmed already. It is safe for concurrent use.
func Validate(g *Guest) []Problem {
	var problems []Problem
	for f := range NumFields {
		value := g.Get(f)
		if value == "" {
			if f == Email {
				problems = append(problems, Problem{Email, "is missing"})
			}
			continue
		}
		if text := fields[f].check(value); text != "" {
			problems = append(problems, Problem{f, text})
		}
	}
	return problems
}

func atMost200(s string) string { return lengthProblem(s, 200) }

func atMost20(s string) string { return lengthProblem(s, 20) }

func syncSourceProblem(s string) string {
	if s == "salesforce" {
		return ""
	}
	return fmt.Sprintf("%s is not accepted: the only value is salesforce", quote(s))
}

// quote shows a value to a person: quoted, its control characters escaped, and
// cut where it is long.
func quote(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
