// Package ratelimit keeps API calls within what the server allows, and uses all
// of it. Every attempt of every call passes one Gate, which lets it go when its
// class is not paused and every limit that counts it has room.
//
// The ledger decides, as a function of what is known, what was spent and the
// time, and learns from answers; the gate around it does the waiting. Neither
// sees a header or a body: the caller turns those into an Answer. A Store, if
// there is one, keeps what is known between runs and for other processes.
package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	// longestPause is how long an announced pause may be. What lies beyond is
	// taken for a mistake; a call that asks again after it costs one refusal.
	longestPause = 48 * time.Hour

	// tick is how long a wait goes on without a look at the clock, which leaps when
	// a suspended machine wakes up.
	tick = 10 * time.Second

	// soon is when a call asks again that may go as soon as others were answered. An
	// answer wakes it before.
	soon = 100 * time.Millisecond
)

// Options say what a Gate begins with. The zero value is ready to use.
type Options struct {
	// Ceiling holds for every call, whatever its class, and replaces the
	// documented figures. Without a limit, which is the zero value, those hold,
	// all at once: 600 calls in a minute, 140 in 10 s, and 12 GETs in 5 s.
	Ceiling Budget

	// InviteCap holds for creates. Without a limit they are held back by what the
	// server has told, now or to an earlier run, or, with NoInviteCap, only while it
	// announces a pause.
	InviteCap   Budget
	NoInviteCap bool

	// MaxWait is the longest wait for a limit that Wait sits out. Zero means never
	// wait, nil any time. The spacing by documented figures and the ceiling is no
	// such wait.
	MaxWait *time.Duration

	// Store keeps what is known. Nil means that it is forgotten.
	Store Store
}

// Gate holds calls back until they may leave. Most callers want Wait before
// each attempt, and Pass.Answered after its answer. It is safe for concurrent
// use and starts no goroutines. Use New to make one.
type Gate struct {
	lanes   [Classes]lane
	maxWait *time.Duration

	mu      sync.Mutex
	clock   clock
	ledger  *ledger
	sharing *sharing      // nil: there is no store
	changed chan struct{} // closed, and replaced, when waiters must ask again

	refusals  int // in a row, without a time
	refusedAt time.Time

	paused, held span // of any class; see Snapshot
}

// New returns a gate through which no call has gone yet.
func New(o Options) *Gate {
	g := &Gate{ledger: newLedger(o), maxWait: o.MaxWait, changed: make(chan struct{})}
	for c := range g.lanes {
		g.lanes[c].turn = make(chan struct{}, 1)
	}
	if o.Store != nil {
		g.sharing = &sharing{store: o.Store, me: strconv.FormatUint(rand.Uint64(), 36)}
	}
	return g
}

// ErrLongWait says that a call would have to wait longer than its caller wants
// to.
var ErrLongWait = errors.New("the call may not leave for a while")

// TooLong is the error of a call that a limit keeps back for longer than
// Options.MaxWait.
type TooLong struct {
	Until time.Time // when it may go
	Limit Limit     // that decides; without calls: a pause that the server announced
}

// Error names the limit and the time.
func (e *TooLong) Error() string {
	what := "the server has asked to wait"
	if e.Limit.Calls > 0 {
		what = "the limit of " + e.Limit.Words() + " is used up"
	}
	return fmt.Sprintf("%s until %s", what, e.Until.Local().Format(time.DateTime))
}

// Wait returns nil when a call of class c may leave, which must then follow at
// once: its slot is taken. When ctx ends first, Wait returns ctx.Err() and
// nothing is taken. A wait that would be longer than Options.MaxWait is a
// *TooLong at once. Calls of one class leave in the order in which they came.
func (g *Gate) Wait(ctx context.Context, c Class) (Pass, error) {
	return g.wait(ctx, c, math.MaxInt64, g.maxWait)
}

// WaitAtMost is Wait for a caller that has something else to do: as soon as it
// is known that the call must wait longer than most from then on, it returns
// ErrLongWait, and nothing is taken. Options.MaxWait is the caller's to keep; see
// TooLong.
func (g *Gate) WaitAtMost(ctx context.Context, c Class, most time.Duration) (Pass, error) {
	return g.wait(ctx, c, most, nil)
}

func (g *Gate) wait(ctx context.Context, c Class, most time.Duration, maxWait *time.Duration) (Pass, error) {
	lane := &g.lanes[c]
	lane.standing.Add(1)
	defer lane.standing.Add(-1)
	select {
	case lane.turn <- struct{}{}:
	case <-ctx.Done():
		return Pass{}, ctx.Err()
	}
	defer func() { <-lane.turn }()
	for {
		if err := ctx.Err(); err != nil {
			g.giveUp(c)
			return Pass{}, err
		}
		pass, wait, changed := g.ask(c)
		if wait == 0 {
			return pass, nil
		}
		var err error
		if wait > most {
			err = ErrLongWait
		} else if tooLong := g.tooLong(maxWait, c); tooLong != nil {
			err = tooLong
		}
		if err != nil {
			g.giveUp(c)
			return Pass{}, err
		}
		sleep(ctx, wait, changed)
	}
}

// sleep is the one place where calls wait. Whoever wakes asks again, since
// much may have changed meanwhile.
func sleep(ctx context.Context, wait time.Duration, changed <-chan struct{}) {
	timer := time.NewTimer(min(wait, tick))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-changed:
	case <-ctx.Done():
	}
}

// ask takes a slot for the first call of its lane and returns zero, or tells
// how long to wait before asking again, if nothing changes until then.
func (g *Gate) ask(c Class) (Pass, time.Duration, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.now()
	if s := g.sharing; s != nil {
		if s.isDue(now) {
			g.exchange(now, c)
		}
		s.goAlone(g.ledger, now)
	}
	wait := g.delay(g.ledger.next(c, g.elders(c, now), now), now)
	if wait == 0 && g.sharing != nil {
		if !g.sharing.allows(c, now) {
			g.exchange(now, c)
		}
		if !g.sharing.allows(c, now) {
			wait = soon
		} else {
			g.sharing.allowance[c]--
		}
	}
	if wait > 0 {
		if g.lanes[c].since.IsZero() {
			g.lanes[c].since = now
		}
		g.held.extend(now, now.Add(wait))
		if g.sharing != nil && (g.ledger.leased != (tally{}) || g.sharing.allowance != (tally{})) {
			wait = min(wait, exchangeEvery) // what is leased and not used is to be given back
		}
		return Pass{}, wait, g.changed
	}
	prior := g.ledger.left.minus(g.ledger.underWay)
	g.ledger.leave(c, now)
	g.release(c, now)
	return Pass{gate: g, class: c, left: now, prior: prior}, 0, nil
}

// delay is how long a verdict says to wait.
func (g *Gate) delay(v verdict, now time.Time) time.Duration {
	wait := v.at.Sub(now)
	if v.soon {
		wait = max(wait, soon)
	}
	return wait
}

// pause holds calls back for a time that the server has announced. Pauses only
// grow. Waiters are to be woken after it.
func (g *Gate) pause(now time.Time, wait time.Duration, s Scope) {
	until := now.Add(wait)
	g.ledger.pause(s, now, until)
	g.paused.extend(now, until)
	g.held.extend(now, until)
}

// counted notes a call for others to know.
func (g *Gate) counted(c Class, now time.Time) {
	if g.sharing != nil {
		g.sharing.count(c, now)
	}
}

// know makes sure that what earlier runs knew is known.
func (g *Gate) know(now time.Time) {
	if g.sharing != nil && !g.sharing.adopted && g.sharing.isDue(now) {
		g.exchange(now)
	}
}

// exchange shares what is known, if there is somebody to share it with, and leases
// calls of these classes and of those that are waiting.
func (g *Gate) exchange(now time.Time, wanted ...Class) {
	if g.sharing == nil || g.sharing.failure != nil && !g.sharing.isDue(now) {
		return
	}
	for c := range g.lanes {
		if g.lanes[c].standing.Load() > 0 && !slices.Contains(wanted, Class(c)) {
			wanted = append(wanted, Class(c))
		}
	}
	g.sharing.exchange(context.Background(), g.ledger, wanted, now)
}

// Close gives back what was leased of shared budgets and keeps what is known. The
// gate goes on working. The error says why it may be forgotten.
func (g *Gate) Close(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sharing == nil {
		return nil
	}
	return g.sharing.leave(ctx, g.ledger, g.clock.now())
}
