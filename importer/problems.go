package importer

import (
	"context"
	"strings"

	"guestlist/guest"
	"guestlist/maildomain"
)

// problems returns everything that is wrong with the values of a row that can be
// read.
func (p *Plan) problems(ctx context.Context, row *guest.Row) ([]guest.Problem, error) {
	if row.Unread != "" {
		return nil, nil
	}
	wrong := guest.Validate(&row.Guest)
	if len(wrong) == 0 || wrong[0].Field != guest.Email {
		wrong = append(p.domainProblems(row.Guest.Email), wrong...)
	}
	if len(wrong) > 0 {
		return wrong, nil
	}
	_, unknown, err := p.members.resolve(ctx, row.Guest.AssociatedMembers)
	if unknown != "" {
		wrong = append(wrong, guest.Problem{Field: guest.AssociatedMembers, Cause: "names who is no member of the organization", Text: unknown})
	}
	return wrong, err
}

// noEntry tells whether a row without an email looks like no part of the list but
// like what stands below it, as "Total: 14" or "Page 1 of 3", and what it says. A
// name or a phone alone is a person whose email is missing.
func noEntry(g *guest.Guest) (text string, ok bool) {
	if strings.Contains(g.Email, "@") {
		return "", false
	}
	const most = 2
	var values []string
	remarks, numbers := 0, 0
	for f := range guest.NumFields {
		value := g.Get(f)
		if value == "" {
			continue
		}
		if values = append(values, value); len(values) > most {
			return "", false
		}
		switch f {
		case guest.Email, guest.FirstName, guest.LastName, guest.CompanyName:
			hasDigit, hasBlank := strings.ContainsAny(value, "0123456789"), strings.Contains(value, " ")
			switch {
			case strings.ContainsAny(value, ":©") || hasDigit && hasBlank && len(values) == 1:
				remarks++
			case hasDigit && strings.Trim(value, "0123456789.,") == "":
				numbers++
			}
		}
	}
	if remarks > 0 || numbers == 1 && len(values) == most {
		return strings.Join(values, " "), true
	}
	return "", false
}

// inWords says everything that is wrong with a row, in the words of the results
// file; nothing if the row is valid.
func inWords(row *guest.Row, wrong []guest.Problem) string {
	if row.Unread != "" {
		return "row: " + row.Unread
	}
	if len(wrong) == 0 {
		return ""
	}
	parts := make([]string, len(wrong))
	for i, problem := range wrong {
		parts[i] = problem.String()
	}
	return strings.Join(parts, "; ")
}

// domainProblems says what is known against the domain of an email.
func (p *Plan) domainProblems(email string) []guest.Problem {
	if p.o.Domains == nil {
		return nil
	}
	domain := maildomain.Domain(email)
	cause, hint := p.o.Domains[domain].Problem(domain)
	if cause == "" {
		return nil
	}
	return []guest.Problem{{Field: guest.Email, Cause: cause, Hint: hint, Text: cause + " (" + hint + ")"}}
}
