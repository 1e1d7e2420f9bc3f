// Package ratelimit keeps API calls within what the server allows. Every
// attempt of every call passes one Gate, which lets it go when its class is not
// paused and every budget that counts it has room.
//
// The ledger decides, as a function of what is known, what was spent and the
// time; the gate around it does the waiting. Neither sees a header or a body:
// the caller turns those into pauses and refusals.
package ratelimit

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// longestPause is how long an announced pause may be. What lies beyond is
// taken for a mistake; a call that asks again after it costs one refusal.
const longestPause = 48 * time.Hour

// Options say what a Gate begins with. The zero value is ready to use.
type Options struct {
	// Ceiling holds for every call, whatever its class, and replaces the
	// documented figures. Without a limit, which is the zero value, those hold,
	// all at once: 600 calls in a minute, 140 in 10 s, and 12 GETs in 5 s.
	Ceiling Budget
}

// Gate holds calls back until they may leave. Most callers want Wait before
// each attempt, and Admitted, Refused or Pause after its answer. It is safe for
// concurrent use and starts no goroutines. Use New to make one.
type Gate struct {
	lanes [Classes]lane

	mu      sync.Mutex
	ledger  *ledger
	changed chan struct{} // closed, and replaced, when waiters must ask again

	left         uint64 // calls that have left
	refusals     int    // in a row, without a time
	leftAtRefuse uint64 // left, at the last of them

	paused, held span // of any class; see Snapshot
}

// lane is where the calls of one class stand. Only the first of them asks, so
// they leave in the order in which they came, and a pause that ends wakes one
// and not all.
type lane struct {
	turn     chan struct{} // full while a call is the first
	standing atomic.Int32  // calls in the lane, the first included
	since    time.Time     // when the first was told to wait; zero if it was not; under Gate.mu
}

// New returns a gate through which no call has gone yet.
func New(o Options) *Gate {
	g := &Gate{ledger: newLedger(o.Ceiling), changed: make(chan struct{})}
	for c := range g.lanes {
		g.lanes[c].turn = make(chan struct{}, 1)
	}
	return g
}

// ErrLongWait says that a call would have to wait longer than its caller wants
// to.
var ErrLongWait = errors.New("the call may not leave for a while")

// Wait returns nil when a call of class c may leave, which must then follow at
// once: its slot is spent. When ctx ends first, Wait returns ctx.Err() and
// nothing is spent. Calls of one class leave in the order in which they came.
func (g *Gate) Wait(ctx context.Context, c Class) error {
	return g.WaitAtMost(ctx, c, math.MaxInt64)
}

// WaitAtMost is Wait for a caller that has something else to do: as soon as it
// is known that the call must wait longer than most from then on, it returns
// ErrLongWait, and nothing is spent.
func (g *Gate) WaitAtMost(ctx context.Context, c Class, most time.Duration) error {
	lane := &g.lanes[c]
	lane.standing.Add(1)
	defer lane.standing.Add(-1)
	select {
	case lane.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-lane.turn }()
	for {
		if err := ctx.Err(); err != nil {
			g.giveUp(c)
			return err
		}
		wait, changed := g.ask(c)
		switch {
		case wait == 0:
			return nil
		case wait > most:
			g.giveUp(c)
			return ErrLongWait
		}
		sleep(ctx, wait, changed)
	}
}

// sleep is the one place where calls wait. Whoever wakes asks again, since
// much may have changed meanwhile.
func sleep(ctx context.Context, wait time.Duration, changed <-chan struct{}) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-changed:
	case <-ctx.Done():
	}
}

// ask spends a slot for the first call of its lane and returns zero, or tells
// how long to wait before asking again, if nothing changes until then.
func (g *Gate) ask(c Class) (time.Duration, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if wait := g.ledger.wait(c, g.elders(c, now), now); wait > 0 {
		if g.lanes[c].since.IsZero() {
			g.lanes[c].since = now
		}
		g.held.extend(now, now.Add(wait))
		return wait, g.changed
	}
	g.ledger.spend(c, now)
	g.left++
	g.release(c, now)
	return 0, nil
}

// release notes that the first call of a lane no longer waits.
func (g *Gate) release(c Class, now time.Time) {
	g.lanes[c].since = time.Time{}
	for other := range g.lanes {
		if !g.lanes[other].since.IsZero() {
			return
		}
	}
	g.held.cut(later(now, g.paused.until))
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
		if g.ledger.wait(Class(other), tally{}, now) == 0 {
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
		g.release(c, time.Now())
		g.wake()
	}
}

// wake makes the first call of every lane ask again.
func (g *Gate) wake() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// Delay returns how long a call of class c would have to wait if it came now,
// behind those of its class that are waiting already. It spends nothing and
// promises nothing: calls of other classes may be faster.
func (g *Gate) Delay(c Class) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ledger.wait(c, only(c, int(g.lanes[c].standing.Load())), time.Now())
}

// Pause holds back calls of these classes, or of all when none is named, until
// a time that the server has announced. Pauses only grow: an earlier end than
// the one that is known changes nothing, nor does one that is past. More than
// 48 hours ahead counts as 48 hours.
func (g *Gate) Pause(until time.Time, classes ...Class) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	g.pause(now, until.Sub(now), classes...)
}

func (g *Gate) pause(now time.Time, wait time.Duration, classes ...Class) {
	if len(classes) == 0 {
		classes = []Class{Read, Write, Create}
	}
	// Counted from now, so that the end has a monotonic reading, which a time
	// that was parsed from text has not.
	until := now.Add(min(wait, longestPause))
	for _, c := range classes {
		g.ledger.pauses[c].extend(now, until)
	}
	g.paused.extend(now, until)
	g.held.extend(now, until)
	g.wake()
}

// Refused notes that the server refused a call of class c for its limits
// without saying until when. Calls of every class then pause for a delay that
// doubles with each further refusal, from a second up to a minute, less up to a
// quarter by chance. Calls that were refused together, before any other could
// leave, count as one. It returns when calls of class c may go on, which may be
// now.
func (g *Gate) Refused(c Class) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if g.refusals == 0 || g.left > g.leftAtRefuse {
		g.pause(now, backoff(g.refusals, rand.Float64()))
		g.refusals++
		g.leftAtRefuse = g.left
	}
	return later(now, g.ledger.pauses[c].until)
}

// Admitted notes that the server answered a call of class c and did not refuse
// it for its limits: the delay of Refused starts over. The answer to a call
// that had left before the last refusal does not count.
func (g *Gate) Admitted(Class) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.left > g.leftAtRefuse {
		g.refusals = 0
	}
}

// Estimate returns how long it takes until the last of that many further calls
// of each class may leave, by the budgets and pauses that are known. It does
// not know how fast the server answers. It never looks further ahead than ten
// years.
func (g *Gate) Estimate(calls map[Class]int) time.Duration {
	var further tally
	for c, n := range calls {
		further[c] = max(0, n)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ledger.estimate(further, time.Now())
}

// Snapshot is what the gate has done until a moment, for progress and summary.
type Snapshot struct {
	// PausedUntil is when each class may go on. The zero time means that it is
	// not paused.
	PausedUntil [Classes]time.Time

	// Paused is for how long any class was paused, be it that calls waited at
	// the gate or were kept away from it.
	Paused time.Duration

	// Waited is Paused and the time in which else a call had to wait at the
	// gate, for the spacing between calls or because a budget was used up. It is
	// time as it passed, not a sum over calls.
	Waited time.Duration
}

// Snapshot returns what is known now.
func (g *Gate) Snapshot() Snapshot {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	s := Snapshot{Paused: g.paused.total(now), Waited: g.held.total(now)}
	for c, pause := range g.ledger.pauses {
		if pause.until.After(now) {
			s.PausedUntil[c] = pause.until
		}
	}
	return s
}
