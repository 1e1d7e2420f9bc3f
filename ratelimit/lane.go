package ratelimit

import (
	"sync/atomic"
	"time"
)

// lane is where the calls of one class stand. Only the first of them asks, so
// they leave in the order in which they came, and a pause that ends wakes one
// and not all.
type lane struct {
	turn     chan struct{} // full while a call is the first
	standing atomic.Int32  // calls in the lane, the first included
	since    time.Time     // when the first was told to wait; zero if it was not; under Gate.mu
}

// release notes that the first call of a lane no longer waits.
func (g *Gate) release(c Class, now time.Time) {
	g.lanes[c].since = time.Time{}
	if !g.isWaiting() {
		g.held.cut(later(now, g.paused.until))
	}
}

func (g *Gate) isWaiting() bool {
	for c := range g.lanes {
		if !g.lanes[c].since.IsZero() {
			return true
		}
	}
	return false
}

// elders returns the calls at the head of other lanes that could leave now and
// have waited longer. They go first, or a busy lane could hold up a quiet one
// for ever.
func (g *Gate) elders(c Class, now time.Time) (ahead tally) {
	own := g.lanes[c].since
	for other := range g.lanes {
		since := g.lanes[other].since
		if since.IsZero() || other == int(c) || !own.IsZero() && !since.Before(own) {
			continue
		}
		if g.sharing != nil && g.sharing.waits(Class(other), now) > 0 {
			continue
		}
		if g.delay(g.ledger.next(Class(other), tally{}, now), now) == 0 {
			ahead[other] = 1
		}
	}
	return ahead
}

// giveUp notes that the first call of its lane goes away unsent. One of
// another lane may have made room for it, so they ask again.
func (g *Gate) giveUp(c Class) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.lanes[c].since.IsZero() {
		g.release(c, g.clock.now())
		g.wake()
	}
}

// wake makes the first call of every lane ask again.
func (g *Gate) wake() {
	close(g.changed)
	g.changed = make(chan struct{})
}

func (g *Gate) wakeWaiting() {
	if g.isWaiting() {
		g.wake()
	}
}
