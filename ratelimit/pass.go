package ratelimit

import (
	"math/rand/v2"
	"time"
)

// Pass is the leave of one call to go. Exactly one of its methods is called when
// it is known what came of the call.
type Pass struct {
	gate  *Gate
	class Class
	left  time.Time
	prior tally // calls that had been answered before
	trial bool  // nobody else may try the same meanwhile
}

// Answered notes that the server answered the call, and what it says of limits.
func (p Pass) Answered(answer Answer) {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.now()
	g.tried(p)
	g.met[p.class] = true
	d := departed{p.class, p.left, g.ledger.left.minus(p.prior).minus(only(p.class, 1))}
	answer.Wait = min(answer.Wait, longestPause)
	if !answer.Refused {
		g.ledger.admitted(d, answer, now)
		g.counted(p.class, now)
		if p.left.After(g.refusedAt) {
			g.refusals = 0
		}
		if answer.Wait > 0 {
			g.pause(now, answer.Wait, All)
		}
		g.inform(p, now)
		g.wakeWaiting()
		return
	}
	scope := g.ledger.refused(d, answer, now)
	switch {
	case answer.Wait > 0:
		g.pause(now, answer.Wait, scope)
	case g.refusals == 0 || p.left.After(g.refusedAt):
		// Calls that were refused together count as one.
		g.pause(now, backoff(g.refusals, rand.Float64()), scope)
		g.refusals++
		g.refusedAt = now
	}
	g.exchange(now)
	g.wakeWaiting()
}

// Lost notes that no answer came, or none that tells anything. The server is
// taken to have counted the call.
func (p Pass) Lost() {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.now()
	g.tried(p)
	g.met[p.class] = true
	g.ledger.count(p.class, p.left, now, false)
	g.counted(p.class, now)
	g.inform(p, now)
	g.wakeWaiting()
}

// Unused gives the pass back: the call did not leave.
func (p Pass) Unused() {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tried(p)
	g.ledger.forget(p.class)
	g.ledger.endTrials(p.class)
	g.inform(p, g.clock.now())
	g.wakeWaiting()
}
