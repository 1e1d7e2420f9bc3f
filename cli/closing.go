package cli

import (
	"fmt"
	"slices"
	"time"

	"guestlist/results"
)

// look is how a kind of outcome stands out on a terminal.
type look struct {
	status results.Status
	sign   string
	colour colour
	rank   int // among the remarks of a progress bar
}

// The ranks of what a progress bar remarks: people look for what went wrong, and
// for why nothing moves.
const (
	rankWait = iota
	rankFailed
	rankCreated
	rankEnd
	rankUnchanged
	rankRefused
	rankSpeed
)

// outcomes are the ends that a row can come to, in the order in which they are told.
var outcomes = []look{
	{results.Created, "✓", green, rankCreated},
	{results.Updated, "✓", green, rankCreated},
	{results.Deleted, "✓", green, rankCreated},
	{results.Disabled, "✓", green, rankCreated},
	{results.Enabled, "✓", green, rankCreated},
	{results.Unchanged, "=", dim, rankUnchanged},
	{results.Invalid, "✗", yellow, rankRefused},
	{results.Duplicate, "✗", yellow, rankRefused},
	{results.Failed, "✗", red, rankFailed},
}

// describeClosing draws what became of the rows, as a table on a terminal and as
// one line elsewhere.
func describeClosing(n map[results.Status]int, took, waited time.Duration, s style) []string {
	if s.width == 0 || len(n) == 0 {
		return []string{describeRows(n)}
	}
	total := 0
	for _, rows := range n {
		total += rows
	}
	longest := slices.MaxFunc(outcomes, func(a, b look) int { return len(a.status) - len(b.status) })
	words, numbers := len(longest.status), len(thousands(total))
	line := func(sign, what string, rows int) string {
		return fmt.Sprintf("  %s%-*s  %*s", s.symbol(sign), words, what, numbers, thousands(rows))
	}
	var out []string
	for _, o := range outcomes {
		if n[o.status] > 0 {
			out = append(out, s.paint(o.colour, line(o.sign, string(o.status), n[o.status])))
		}
	}
	end := line(" ", "rows", total) + "  in " + inWords(took)
	if waited >= time.Second {
		end += fmt.Sprintf(", %s of it waiting for the server's limits", inWords(waited))
	}
	return append(out, s.paint(bold, end))
}
