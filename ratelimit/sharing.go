package ratelimit

import (
	"context"
	"time"
)

const (
	// exchangeEvery is how often processes that share a State tell what they do, and
	// how soon any process gives back what it does not use.
	exchangeEvery = 250 * time.Millisecond

	// tellWithin is how soon a process on whose calls others may wait tells that
	// they were answered, if it has nothing else to ask.
	tellWithin = 50 * time.Millisecond

	// askAgain is how long a process goes on alone after an exchange failed, unless
	// the store says that it works again. A failure may take a while, as when a process
	// that was stopped holds the store.
	askAgain = 30 * time.Second

	// leaseTime is how long a lease holds without being renewed. After that the
	// calls of a process that was killed count as made.
	leaseTime = 5 * time.Second

	// Of calls that were made longer ago than that, only the seconds are kept, and
	// then the minutes. Every process has heard of them by then.
	recent, longAgo = 15 * time.Second, 2 * time.Minute

	// atOnce is how soon a call must follow another to be told as of one time.
	// Where the store is exact, slots would come back late by as much.
	atOnce, atOnceExact = 100 * time.Millisecond, 5 * time.Millisecond

	// mostUnsaid bounds what is kept to be told while the store does not work.
	mostUnsaid = 2000

	// skew is how far apart clocks are believed to be. What was noted later than
	// that from now makes no sense.
	skew = time.Minute
)

// sharing is a process's part in budgets that a Store shares. Calls leave on a
// lease, so that processes stay within the limits together.
type sharing struct {
	store Store
	me    string
	part  int // of every budget is used without the store: one in so many; 0: all

	seen      uint64
	unsaid    []Spent // calls that were counted, to be told at the next exchange
	total     tally   // of calls that were counted
	allowance tally   // calls that may leave on the lease
	leased    tally   // what others think that it makes
	until     time.Time
	trial     bool               // the allowance is for one call that teaches something
	trying    bool               // such a call is under way
	hold      [Classes]time.Time // asking for calls before is in vain
	heldTrial bool               // but for a call that teaches something, unless that was asked for
	changed   <-chan struct{}    // of the store
	told      []Known            // limits that others know
	last      time.Time          // the last exchange
	again     time.Time          // when there has to be another; zero: when there is something to tell
	worked    time.Time          // the last that did not fail
	adopted   bool               // what earlier runs knew is known
	teller    *time.Timer        // tells others what nobody else comes to tell; nil: there is nothing
	tellsAt   time.Time          // when it does
	rejoining bool               // it is looked whether the store works again
	closed    bool               // the gate has told its last
	exact     bool               // see Reply.Exact
	lost      bool               // see Reply.Lost
	failure   error              // of the last exchange
}

// count notes calls to be told of.
func (s *sharing) count(c Class, l *ledger, now time.Time) {
	s.total[c]++
	together := atOnce
	if s.exact {
		together = atOnceExact
	}
	if n := len(s.unsaid); n > 0 && now.Sub(s.unsaid[n-1].At) < together {
		s.unsaid[n-1].At = now
		s.unsaid[n-1].Calls[c]++
		return
	}
	if len(s.unsaid) >= mostUnsaid {
		kept := State{Spent: s.unsaid}
		kept.compact(now, l.longest())
		s.unsaid = kept.Spent
	}
	s.unsaid = append(s.unsaid, Spent{At: now, Calls: only(c, 1)})
}

// hasChanged tells whether the store says that there is news.
func (s *sharing) hasChanged() bool {
	select {
	case <-s.changed:
		return true
	default:
		return false
	}
}

// isDue tells whether it is time for an exchange, although no call asks for one.
func (s *sharing) isDue(now time.Time) bool { return s.hasChanged() || !now.Before(s.due()) }

// due returns when the next exchange has to be, if no call asks for one before.
func (s *sharing) due() time.Time {
	if s.failure != nil {
		return s.last.Add(askAgain)
	}
	if !s.adopted {
		return time.Time{}
	}
	at := s.last.Add(horizon)
	soonest := func(other time.Time) {
		if other.Before(at) {
			at = other
		}
	}
	if !s.again.IsZero() {
		soonest(s.again)
	}
	if s.exact && s.allowance != (tally{}) {
		soonest(s.last.Add(exchangeEvery))
	}
	if s.exact && len(s.unsaid) > 0 {
		soonest(s.unsaid[0].At.Add(tellWithin))
	}
	return at
}

// holds tells whether others think that this process makes more calls than it does.
func (s *sharing) holds(l *ledger) bool { return l.underWay.plus(s.allowance) != s.leased }

// take takes a call off the lease, and tells whether it may leave. Without a store
// that works a process goes on alone.
func (s *sharing) take(c Class, trial bool, now time.Time) bool {
	if s.failure != nil {
		return true
	}
	if s.allowance[c] == 0 || !now.Before(s.until) || trial && s.exact && !s.trial {
		return false
	}
	s.allowance[c]--
	return true
}

// waits returns how long asking for a call is in vain, unless the store says
// that there is news; zero: it may be asked for.
func (s *sharing) waits(c Class, now time.Time) time.Duration {
	if s.hasChanged() {
		return 0
	}
	return max(0, s.hold[c].Sub(now))
}

// exchange tells the others what this process has made, learns what they have,
// and leases calls.
func (s *sharing) exchange(ctx context.Context, l *ledger, wanted []Want, trial bool, now time.Time) {
	s.changed = s.store.Changed() // before: what comes meanwhile is not missed
	known, began := s.limits(l), time.Now()
	reply, err := s.store.Exchange(ctx, Report{
		Now: now, By: s.me, Spent: s.unsaid, Total: s.total, UnderWay: l.underWay,
		Limits: known, Dropped: s.dropped(known, now), Pauses: l.announced(now),
		Wanted: wanted, Budgets: l.budgets(wanted, now), Trial: trial, Trying: s.trying, Lease: leaseTime,
		Longest: l.longest(), Seen: s.seen, First: !s.adopted,
	})
	wasAlone := s.failure != nil && s.part > 0
	s.last, s.failure = now, err
	if err != nil {
		l.exact = false
		l.use(s.part)
		return
	}
	l.use(0)
	if wasAlone { // as others were, and may be for a moment more
		l.blind = now.Add(leaseTime)
	}
	s.unsaid, s.worked = s.unsaid[:0], now
	s.learn(reply, l, now.Add(time.Since(began))) // others went on while this process waited for the store
	s.allowance, s.until, s.trial = reply.Granted, now.Add(leaseTime), trial && reply.Granted != (tally{})
	s.leased = l.underWay.plus(s.allowance)
	s.heldTrial = trial
	for c, hold := range reply.Hold {
		s.hold[c] = now.Add(hold)
	}
	s.again = time.Time{}
	if reply.Again > 0 {
		s.again = now.Add(reply.Again)
	}
	s.told = s.limits(l)
}

// limits returns what was learned of limits, as far as it helps others.
func (s *sharing) limits(l *ledger) []Known {
	known := l.known()
	if s.exact {
		known = append(known, l.unmeasuredLimits()...)
	}
	return known
}

// dropped returns the limits that were told and are not known any more.
func (s *sharing) dropped(known []Known, now time.Time) (dropped []Known) {
	for _, k := range s.told {
		if !containsLimit(known, k) {
			k.At = now
			dropped = append(dropped, k)
		}
	}
	return dropped
}

func containsLimit(known []Known, k Known) bool {
	for _, o := range known {
		if k.isFor(o) {
			return true
		}
	}
	return false
}

// goAlone counts what others had leased when the store failed as made, once that
// is over.
func (s *sharing) goAlone(l *ledger, now time.Time) {
	if s.failure != nil && now.Sub(s.worked) >= leaseTime {
		l.enter(l.leased, s.worked.Add(leaseTime))
		l.leased = tally{}
	}
}

// leave gives the lease back, but for what is still under way.
func (s *sharing) leave(ctx context.Context, l *ledger, now time.Time) error {
	s.exchange(ctx, l, nil, false, now)
	return s.failure
}

// learn takes over what others have told.
func (s *sharing) learn(r Reply, l *ledger, now time.Time) {
	l.exact = r.Exact
	for _, k := range r.Limits {
		l.adopt(k, now)
	}
	for _, p := range r.Pauses {
		l.pauses[p.Class].extend(now, now.Add(min(p.Until.Sub(now), longestPause)))
	}
	for _, spent := range r.Spent {
		if spent.At.After(now.Add(skew)) {
			continue
		}
		at := spent.At
		if at.After(now) {
			at = now
		}
		l.enter(spent.Calls, at)
	}
	l.leased = r.Leased
	s.seen, s.exact, s.lost, s.adopted = r.Seen, r.Exact, r.Lost, true
	l.settle(now)
}
