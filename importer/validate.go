package importer

import (
	"context"

	"guestlist/guest"
	"guestlist/results"
)

// Validation is what Validate found.
type Validation struct {
	Header                          guest.Header
	Findings                        Findings
	Rows, Valid, Invalid, Duplicate int
}

// Validate judges every row of an input by the file alone, and writes the
// verdicts to path in the columns of the results. It takes one pass. An input
// that cannot be used is a *guest.InputError.
func Validate(ctx context.Context, o Options, path string) (Validation, error) {
	var v Validation
	var people index
	p := newPlan(o)
	err := writeLines(path, func(w *results.Writer) error {
		return p.firstPass(ctx, func(i int, s *seen) error {
			look, err := p.firstLook(ctx, i, s, &people)
			if err != nil {
				return err
			}
			v.Rows++
			l := p.line(&s.row.Row)
			switch look.need {
			case refuseInvalid:
				v.Invalid++
				l.Status, l.Error = results.Invalid, look.problems
			case refuseDouble:
				v.Duplicate++
				l.Status, l.Error = results.Duplicate, standsOn(look.first)
			default:
				v.Valid++
				l.Status = results.Valid
			}
			l.Error = joinNotes(l.Error, s.row.fixed)
			return w.Write(l)
		})
	})
	v.Header, v.Findings = p.Header, p.found.Findings
	return v, err
}
