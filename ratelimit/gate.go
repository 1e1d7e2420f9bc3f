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

	// Store keeps what is known. Nil means that it is forgotten. While it does not
	// work, one in Alone of every budget is used, as others go on too; zero, as it
	// fits a store that only processes of one host share: all of it.
	Store Store
	Alone int
}

// Gate holds calls back until they may leave. Most callers want Wait before
// each attempt, and Pass.Answered after its answer. It is safe for concurrent
// use. Use New to make one.
type Gate struct {
	lanes   [Classes]lane
	maxWait *time.Duration

	mu      sync.Mutex
	clock   clock
	ledger  *ledger
	sharing *sharing      // nil: there is no store
	changed chan struct{} // closed, and replaced, when waiters must ask again

	met [Classes]bool // the server has answered such a call

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
		g.sharing = &sharing{store: o.Store, part: o.Alone, me: strconv.FormatUint(rand.Uint64(), 36)}
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

// alarms are closed when waiters must ask again: by the gate, or by its store.
type alarms struct{ gate, store <-chan struct{} }

// sleep is the one place where calls wait. Whoever wakes asks again, since
// much may have changed meanwhile.
func sleep(ctx context.Context, wait time.Duration, changed alarms) {
	timer := time.NewTimer(min(wait, tick))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-changed.gate:
	case <-changed.store:
	case <-ctx.Done():
	}
}

// ask takes a slot for the first call of its lane and returns zero, or tells
// how long to wait before asking again, if nothing changes until then.
func (g *Gate) ask(c Class) (Pass, time.Duration, alarms) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.now()
	g.catchUp(now, c)
	v := g.ledger.next(c, g.elders(c, now), now)
	wait := g.delay(v, now)
	if s := g.sharing; s != nil && wait == 0 {
		wait = g.obtain(c, v, now)
	}
	changed := alarms{gate: g.changed}
	if wait > 0 {
		if g.lanes[c].since.IsZero() {
			g.lanes[c].since = now
		}
		g.held.extend(now, now.Add(wait))
		if s := g.sharing; s != nil {
			changed.store = s.changed
			switch {
			case s.exact && s.failure == nil:
				wait = min(wait, max(time.Millisecond, s.due().Sub(now)))
			case g.ledger.leased != (tally{}) || s.allowance != (tally{}):
				wait = min(wait, exchangeEvery) // what is leased and not used is to be given back
			}
		}
		return Pass{}, wait, changed
	}
	prior := g.ledger.left.minus(g.ledger.underWay)
	g.ledger.leave(c, now)
	g.release(c, now)
	pass := Pass{gate: g, class: c, left: now, prior: prior}
	if s := g.sharing; s != nil && s.failure == nil {
		if s.exact {
			pass.trial, s.trying = s.trial, s.trying || s.trial
			s.trial = false
		}
		g.informWithin(leaseTime / 2)
	}
	return pass, 0, changed
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
