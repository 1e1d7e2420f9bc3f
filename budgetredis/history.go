package budgetredis

import (
	"slices"
	"time"

	"guestlist/ratelimit"
)

// history is what a process has told, to be told again should Redis lose it. Its
// zero value is empty.
type history struct{ spent []ratelimit.Spent }

func (h *history) calls() []ratelimit.Spent { return slices.Clone(h.spent) }

// add notes calls, and forgets those that count no more. It joins those of longer
// ago, which a few seconds more or less do not matter to.
func (h *history) add(spent []ratelimit.Spent, now time.Time, longest time.Duration) {
	h.spent = append(h.spent, spent...)
	if len(h.spent) < 2000 && (len(h.spent) == 0 || now.Sub(h.spent[0].At) < longest+time.Hour) {
		return
	}
	kept := h.spent[:0]
	for _, s := range h.spent {
		age := now.Sub(s.At)
		if age > longest+time.Minute {
			continue
		}
		grid := time.Millisecond
		switch {
		case age > 2*time.Minute:
			grid = time.Minute
		case age > 5*time.Second || len(h.spent) > 4000:
			grid = time.Second
		}
		if last := len(kept) - 1; last >= 0 && kept[last].At.Truncate(grid).Equal(s.At.Truncate(grid)) {
			kept[last].At = s.At
			for c := range s.Calls {
				kept[last].Calls[c] += s.Calls[c]
			}
			continue
		}
		kept = append(kept, s)
	}
	h.spent = kept
}
