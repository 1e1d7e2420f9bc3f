package ratelimit

import "time"

const (
	longestHistory = 24 * time.Hour
	mostHistory    = 100_000
)

// counted is a call that the server counted.
type counted struct {
	left, answered int64 // Unix nanoseconds
	class          Class
}

// history is the calls that were counted, in the order of their answers. New
// limits are learned from it.
type history struct {
	calls []counted
}

func (h *history) add(c Class, left, answered time.Time) {
	if len(h.calls) >= mostHistory {
		h.calls = append(h.calls[:0], h.calls[len(h.calls)/2:]...)
	}
	h.calls = append(h.calls, counted{left.UnixNano(), answered.UnixNano(), c})
}

// since returns the calls of a scope that were answered after a time, and not
// too long ago.
func (h *history) since(s Scope, from, now time.Time) []counted {
	first := later(from, now.Add(-longestHistory)).UnixNano()
	var calls []counted
	for _, c := range h.calls {
		if c.answered > first && s.holds(c.class) {
			calls = append(calls, c)
		}
	}
	return calls
}
