package ratelimit

import (
	"context"
	"slices"
	"time"
)

// catchUp exchanges with others if it is time, for a call that would leave.
func (g *Gate) catchUp(now time.Time, c Class) {
	if s := g.sharing; s != nil {
		if s.isDue(now) {
			g.exchange(now, c)
		}
		s.goAlone(g.ledger, now)
	}
}

// obtain takes leave to go from the store for a call that may go as far as is
// known. It returns zero, or how long the call has to wait.
func (g *Gate) obtain(c Class, v verdict, now time.Time) time.Duration {
	s := g.sharing
	for range 3 { // what is learned meanwhile may change what is wanted
		if g.isFirst(c) && g.ledger.underWay[c] > 0 {
			return soon
		}
		if s.take(c, g.isTrial(c, v, now), now) {
			return 0
		}
		if wait := s.waits(c, now); wait > 0 && (s.heldTrial || !v.trial) {
			return wait
		}
		g.exchange(now, c)
		v = g.ledger.next(c, g.elders(c, now), now)
		if wait := g.delay(v, now); wait > 0 {
			return wait
		}
	}
	if s.take(c, g.isTrial(c, v, now), now) {
		return 0
	}
	return max(soon, s.waits(c, now))
}

// isFirst tells whether the next call of a class may show a limit of which nobody
// knows yet. Where many processes begin at once, each sends one such call alone, or
// together they would be far beyond the limit before the first of them knew it.
// So they do while each is alone, as others may be, too.
func (g *Gate) isFirst(c Class) bool {
	s := g.sharing
	alone := s.failure != nil && s.part > 0
	return (alone || s.exact && s.failure == nil) && !g.met[c] && !g.ledger.hasLearned(c)
}

// isTrial tells whether a call with that verdict may teach something, so that nobody
// else is to make such a call meanwhile.
func (g *Gate) isTrial(c Class, v verdict, now time.Time) bool {
	return v.trial || g.isFirst(c) && g.ledger.mayBeOver(c, now)
}

// counted notes a call for others to know.
func (g *Gate) counted(c Class, now time.Time) {
	if g.sharing != nil {
		g.sharing.count(c, g.ledger, now)
	}
}

// tried notes that a call which kept others from trying the same was answered.
func (g *Gate) tried(p Pass) {
	if p.trial {
		g.sharing.trying = false
	}
}

// inform tells others at once of a call on which they wait, and soon of any that
// was answered, should nobody come who asks for another.
func (g *Gate) inform(p Pass, now time.Time) {
	s := g.sharing
	switch {
	case s == nil || !s.exact || s.failure != nil:
	case p.trial:
		g.exchange(now)
	default:
		g.informWithin(tellWithin)
	}
}

// informWithin tells others by then what is due, renews the lease of calls that are
// under way, and gives back what nobody takes any more.
func (g *Gate) informWithin(wait time.Duration) {
	s, at := g.sharing, g.clock.now().Add(wait)
	if s.teller != nil {
		if !at.Before(s.tellsAt) {
			return
		}
		s.teller.Stop() // or it runs already, and finds nothing to tell soon
	}
	s.tellsAt = at
	s.teller = time.AfterFunc(wait, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		s.teller = nil
		now := g.clock.now()
		if s.failure != nil || s.closed {
			return
		}
		if !now.Before(s.due()) || s.holds(g.ledger) && now.Sub(s.last) >= tellWithin {
			g.exchange(now)
			g.wakeWaiting()
		}
		if s.failure == nil && g.ledger.underWay.plus(s.allowance) != (tally{}) {
			g.informWithin(leaseTime / 2)
		}
	})
}

// know makes sure that what earlier runs knew is known.
func (g *Gate) know(now time.Time) {
	if g.sharing != nil && !g.sharing.adopted && g.sharing.isDue(now) {
		g.exchange(now)
	}
}

// exchange shares what is known, if there is somebody to share it with, and leases
// calls of these classes and of those that are waiting.
func (g *Gate) exchange(now time.Time, asked ...Class) {
	s := g.sharing
	if s == nil || s.failure != nil && !s.isDue(now) {
		return
	}
	classes := slices.Clone(asked)
	for c := range g.lanes {
		if g.lanes[c].standing.Load() > 0 && !slices.Contains(classes, Class(c)) {
			classes = append(classes, Class(c))
		}
	}
	var wanted []Want
	trial := false
	for _, c := range classes {
		v := g.ledger.next(c, tally{}, now)
		teaches := g.isTrial(c, v, now)
		switch {
		case v.soon || v.at.After(now):
		case teaches && len(wanted) == 0 && !s.trying:
			wanted, trial = []Want{{c, 1}}, true
		case !teaches && !trial:
			n := max(1, int(g.lanes[c].standing.Load()))
			if g.isFirst(c) {
				n = 1 - min(1, g.ledger.underWay[c])
			}
			if n > 0 {
				wanted = append(wanted, Want{c, n})
			}
		}
	}
	s.exchange(context.Background(), g.ledger, wanted, trial, now)
	if s.failure != nil && s.part > 0 {
		g.rejoin()
	}
}

// rejoin looks whether the store works again, and then tells at once what was made
// without it: others go by that, and all calls here may wait for long.
func (g *Gate) rejoin() {
	s := g.sharing
	if s.rejoining {
		return
	}
	s.rejoining = true
	time.AfterFunc(exchangeEvery, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		s.rejoining = false
		if s.failure == nil || s.closed {
			return
		}
		if now := g.clock.now(); s.isDue(now) {
			g.exchange(now)
			g.wakeWaiting()
		}
		if s.failure != nil {
			g.rejoin()
		}
	})
}

// Close gives back what was leased of shared budgets and keeps what is known. The
// gate goes on working. The error says why it may be forgotten.
func (g *Gate) Close(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sharing == nil {
		return nil
	}
	g.sharing.closed = true
	return g.sharing.leave(ctx, g.ledger, g.clock.now())
}
