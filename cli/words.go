package cli

import (
	"fmt"
	"strings"

	"guestlist/importer"
	"guestlist/results"
)

// rows counts rows for a person.
func rows(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// guests counts guests for a person.
func guests(n int) string {
	if n == 1 {
		return "1 guest"
	}
	return fmt.Sprintf("%d guests", n)
}

// list joins names for a person.
func list(names []string) string { return strings.Join(names, ", ") }

// describePlan words what an import is going to do.
func describePlan(n importer.Counts) string {
	parts := []string{fmt.Sprintf("%d to create", n.Create)}
	if n.CreateAssociate > 0 {
		parts[0] += fmt.Sprintf(" (%d with members to associate)", n.CreateAssociate)
	}
	for _, c := range []struct {
		n    int
		what string
	}{
		{n.Associate, "to associate"},
		{n.Unchanged, "unchanged"},
		{n.Carried, "done by an earlier run"},
		{n.Failed, "to fail as no guest of this organization"},
		{n.Invalid, "invalid"},
		{n.Duplicate, "duplicate"},
	} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return list(parts)
}

// describeRows words what became of the rows.
func describeRows(n map[results.Status]int) string {
	var parts []string
	for _, s := range []results.Status{
		results.Created, results.Updated, results.Unchanged, results.Invalid, results.Duplicate, results.Failed,
	} {
		if n[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[s], s))
		}
	}
	if len(parts) == 0 {
		return "no rows"
	}
	return list(parts)
}

// shellQuote quotes an argument where a POSIX shell needs it.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:,+@%=", r))
	}
	if s != "" && strings.TrimFunc(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
