package ratelimit

import (
	"math"
	"time"

	"golang.org/x/time/rate"
)

const (
	// grain is added to every window. The clock that counts on the other side
	// may tick in milliseconds, and may count both ends of a window.
	grain = time.Millisecond

	// longestSpread is the longest time over which the calls of one window are
	// spread out. Spreading is there to avoid bursts; over an hour it would only
	// make a run of a few calls crawl.
	longestSpread = time.Minute

	// lateness is how late a sleeper may wake without loss: the calls that were
	// due in this time may leave together.
	lateness = 50 * time.Millisecond

	// horizon is the furthest that an estimate looks ahead.
	horizon = 10 * 365 * 24 * time.Hour
)

// account is one budget, the classes of calls that it counts, and what was
// spent of it. Two rules decide when a call may leave.
//
// The count keeps the promise: the budget's last N calls are remembered, and a
// call leaves only when the N-th last is more than a window old. So no window,
// rolling or fixed, ever sees more than N, whatever the other rule does.
//
// The pace spreads the calls: a limiter lets the N leave evenly over the window
// (see longestSpread), two at most at once (more only where N is so large that
// timers are too coarse). For windows up to a minute that costs no throughput,
// there is no stop and go, a change in the time that calls are on their way
// pushes one or two of them over a border instead of N, and when a pause ends
// the calls that waited do not leave as one crowd.
//
// A pace alone could keep the promise only below the budget, with a burst of B
// and a rate of (N-B) per window; a count alone would send N calls at once.
type account struct {
	Budget
	counts classSet

	// spent holds when the last calls left, N at most. Once it is full it is a
	// ring, and oldest is the index of its oldest entry.
	spent  []time.Time
	oldest int

	// pace is only ever asked about tokens that are there, and never reserves in
	// advance: a reservation would be blind to pauses that come later, and
	// cancelling one does not give back what was reserved after it.
	pace *rate.Limiter
}

func newAccount(b Budget, counts classSet) *account {
	perSecond := float64(b.Calls) / min(b.Window, longestSpread).Seconds()
	burst := max(2, int(perSecond*lateness.Seconds()))
	return &account{Budget: b, counts: counts, pace: rate.NewLimiter(rate.Limit(perSecond), min(burst, b.Calls))}
}

// nth returns when the n-th further call may leave, if the calls come from the
// time from on as fast as the account lets them.
func (a *account) nth(n int, from time.Time) time.Time {
	round, place := (n-1)/a.Calls, (n-1)%a.Calls
	if round >= int(horizon/a.turnaround()) {
		return from.Add(horizon)
	}
	at := later(from, a.slot(place))
	if missing := float64(place+1) - a.pace.TokensAt(from); missing > 0 {
		// Rounded up: a sleeper that wakes a fraction too early would have to
		// sleep again.
		seconds := missing / float64(a.pace.Limit())
		at = later(at, from.Add(time.Duration(math.Ceil(seconds*float64(time.Second)))))
	}
	return at.Add(time.Duration(round) * a.turnaround())
}

// slot returns when the count has room for one more call than place calls;
// place is less than a.Calls. The zero time means that it always had.
func (a *account) slot(place int) time.Time {
	free := a.Calls - len(a.spent)
	if place < free {
		return time.Time{}
	}
	return a.spent[(a.oldest+place-free)%len(a.spent)].Add(a.turnaround())
}

// turnaround is how long after a call its slot may be used again.
func (a *account) turnaround() time.Duration { return a.Window + grain }

// spend notes a call that leaves now, which nth has allowed. Time must not run
// backwards from one spend to the next.
func (a *account) spend(now time.Time) {
	a.pace.AllowN(now, 1)
	if len(a.spent) < a.Calls {
		a.spent = append(a.spent, now)
		return
	}
	a.spent[a.oldest] = now
	a.oldest = (a.oldest + 1) % a.Calls
}

// counted returns how many of the calls the account counts.
func (a *account) counted(calls tally) int {
	n := 0
	for c, counts := range a.counts {
		if counts {
			n += calls[c]
		}
	}
	return n
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
