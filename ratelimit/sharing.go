package ratelimit

import (
	"context"
	"slices"
	"time"
)

const (
	// exchangeEvery is how often a process that makes calls, or waits for others,
	// tells what it does.
	exchangeEvery = 250 * time.Millisecond

	// askAgain is how long a process goes on alone after an exchange failed. A failure
	// may take a while, as when a process that was stopped holds the store.
	askAgain = 30 * time.Second

	// leaseTime is how long a lease holds without being renewed. After that the
	// calls of a process that was killed count as made.
	leaseTime = 5 * time.Second

	// Of calls that were made longer ago than that, only the seconds are kept, and
	// then the minutes. Every process has heard of them by then.
	recent, longAgo = 15 * time.Second, 2 * time.Minute

	// atOnce is how soon a call must follow another to be told as of one time.
	atOnce = 100 * time.Millisecond

	// skew is how far apart clocks are believed to be. What was noted later than
	// that from now makes no sense.
	skew = time.Minute
)

// sharing is a process's part in budgets that a Store keeps. Calls leave on a
// lease, which lasts for a fraction of a second, so that processes stay within
// the limits together without asking the store for every call.
type sharing struct {
	store Store
	me    string

	seen      uint64  // the last entry of State.Spent that is known
	unsaid    []Spent // calls that were counted, to be told at the next exchange
	allowance tally   // calls that may leave on the lease
	until     time.Time
	last      time.Time // the last exchange
	worked    time.Time // the last that did not fail
	adopted   bool      // what earlier runs knew is known
	failure   error     // of the last exchange
}

// count notes calls to be told of.
func (s *sharing) count(c Class, now time.Time) {
	if n := len(s.unsaid); n > 0 && now.Sub(s.unsaid[n-1].At) < atOnce {
		s.unsaid[n-1].At = now
		s.unsaid[n-1].Calls[c]++
		return
	}
	s.unsaid = append(s.unsaid, Spent{At: now, Calls: only(c, 1)})
}

// isDue tells whether it is time for an exchange.
func (s *sharing) isDue(now time.Time) bool {
	if s.failure != nil {
		return now.Sub(s.last) >= askAgain
	}
	return now.Sub(s.last) >= exchangeEvery
}

// allows tells whether a call may leave on the lease. Without a store that works
// a process goes on alone.
func (s *sharing) allows(c Class, now time.Time) bool {
	return s.failure != nil || s.allowance[c] > 0 && now.Before(s.until)
}

// exchange tells the others what this process has made, learns what they have,
// and leases calls of these classes.
func (s *sharing) exchange(ctx context.Context, l *ledger, wanted []Class, now time.Time) {
	seen := s.seen
	s.failure = s.store.Update(ctx, func(state *State) {
		state.expire(s.me, now)
		s.learn(state, l, now)
		s.tell(state, l, now)
		s.lease(state, l, wanted, now)
		state.compact(now, l.longest())
	})
	s.last = now
	if s.failure == nil {
		s.unsaid, s.worked = s.unsaid[:0], now
		return
	}
	s.seen = seen
}

// goAlone counts what others had leased when the store failed as made, once that
// is over.
func (s *sharing) goAlone(l *ledger, now time.Time) {
	if s.failure != nil && now.Sub(s.worked) >= leaseTime {
		l.enter(l.leased, now)
		l.leased = tally{}
	}
}

// leave gives the lease back, but for what is still under way.
func (s *sharing) leave(ctx context.Context, l *ledger, now time.Time) error {
	s.exchange(ctx, l, nil, now)
	return s.failure
}

// learn takes over what others have told.
func (s *sharing) learn(state *State, l *ledger, now time.Time) {
	for _, k := range state.Limits {
		l.adopt(k, now)
	}
	for _, p := range state.Pauses {
		if p.At.Before(now.Add(skew)) && p.Until.Sub(p.At) <= longestPause+skew {
			l.pauses[p.Class].extend(now, now.Add(min(p.Until.Sub(now), longestPause)))
		}
	}
	if state.Seq < s.seen { // it was begun anew
		s.seen = 0
	}
	for _, spent := range state.Spent {
		known := spent.Seq <= s.seen || spent.By == s.me
		if known && s.adopted || spent.At.After(now.Add(skew)) {
			continue
		}
		at := spent.At
		if at.After(now) {
			at = now
		}
		l.enter(spent.Calls, at)
	}
	s.seen, s.adopted = state.Seq, true
	l.leased = tally{}
	for who, lease := range state.Leases {
		if who != s.me {
			l.leased = l.leased.plus(lease.Calls)
		}
	}
}

// tell adds what this process has made and learned.
func (s *sharing) tell(state *State, l *ledger, now time.Time) {
	for _, spent := range s.unsaid {
		state.Seq++
		spent.Seq, spent.By = state.Seq, s.me
		state.Spent = append(state.Spent, spent)
	}
	s.seen = state.Seq
	limits := l.known()
	for _, k := range state.Limits {
		if k.Scope == Creates && l.isCapped() && !slices.ContainsFunc(limits, k.isFor) {
			limits = append(limits, k) // not adopted, but others may
		}
	}
	state.Limits = limits
	state.Pauses = state.Pauses[:0]
	for c := range l.pauses {
		if until := l.pauses[c].until; until.After(now) {
			state.Pauses = append(state.Pauses, Pause{Class(c), now, until})
		}
	}
}

// lease takes calls of the classes that are wanted, as many as are made until the
// next exchange, and gives back what was left of the last lease.
func (s *sharing) lease(state *State, l *ledger, wanted []Class, now time.Time) {
	s.allowance, s.until = tally{}, now.Add(leaseTime)
	for i, c := range wanted {
		s.allowance[c] = l.slice(c, s.allowance, len(wanted)-i, now)
	}
	if state.Leases == nil {
		state.Leases = map[string]Lease{}
	}
	if calls := l.underWay.plus(s.allowance); calls != (tally{}) {
		state.Leases[s.me] = Lease{s.until, calls}
	} else {
		delete(state.Leases, s.me)
	}
}

// slice returns how many calls of a class may be leased, beside others that are:
// as many as the tightest limit allows until the next exchange, as far as there is
// room. That is shared with other classes, so many in all.
func (l *ledger) slice(c Class, beside tally, classes int, now time.Time) int {
	if v := l.next(c, beside, now); v.soon || v.at.After(now) {
		return 0
	}
	n := mostCalls
	for _, a := range l.accounts {
		if !a.Scope.holds(c) || a.waived || a.origin == suspected {
			continue
		}
		room := a.share - a.spent.len() - l.underWay.plus(l.leased).plus(beside).in(a.Scope)
		n = min(n, max(1, room/classes)) // one is a trial
		if a.Window > 0 {
			n = min(n, max(1, int(time.Duration(a.share)*exchangeEvery/a.Window)))
		}
	}
	return n
}
