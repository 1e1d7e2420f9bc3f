package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"guestlist/budgetfile"
	"guestlist/ratelimit"
)

// limits reads the settings that are about the server's limits.
func (s *settings) limits(a *app) (o ratelimit.Options, err error) {
	s.rate = first(s.rate, a.getenv("GUESTLIST_RATE"), defaultRate)
	s.inviteCap = first(s.inviteCap, a.getenv("GUESTLIST_INVITE_CAP"), defaultInviteCap)
	s.maxWait = first(s.maxWait, a.getenv("GUESTLIST_MAX_WAIT"), defaultMaxWait)
	if s.rate != "auto" {
		if o.Ceiling, err = ratelimit.ParseBudget(s.rate); err != nil {
			return o, fmt.Errorf("--rate: %w", err)
		}
	}
	switch s.inviteCap {
	case "auto":
	case "none":
		o.NoInviteCap = true
	default:
		if o.InviteCap, err = ratelimit.ParseBudget(s.inviteCap); err != nil {
			return o, fmt.Errorf("--invite-cap: %w (or auto, or none)", err)
		}
	}
	if s.maxWait != "unlimited" {
		wait, err := time.ParseDuration(s.maxWait)
		if err != nil || wait < 0 {
			return o, fmt.Errorf("--max-wait: %q is no time to wait: write a number and a unit, such as 0s, 5m or 1h30m, or unlimited", s.maxWait)
		}
		o.MaxWait = &wait
	}
	if s.org == "" {
		return o, nil // and no call is made
	}
	folder, err := a.stateFolder()
	if err != nil {
		a.limits.later(fmt.Errorf("what is known of the limits is not kept for the next run: %w", err))
		return o, nil
	}
	o.Store = budgetfile.New(folder, stateName(s), a.limits.later)
	return o, nil
}

// limitNews is what is worth telling of the server's limits, once for each run. It
// is safe for concurrent use.
type limitNews struct {
	mu      sync.Mutex
	pending []string
	told    map[string]bool
}

// later notes that what earlier runs knew is lost, or will be, to be told with what
// else is new: the gate may be held at the moment.
func (n *limitNews) later(why error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.pending = append(n.pending, why.Error())
}

// since returns what is new in a snapshot.
func (n *limitNews) since(s ratelimit.Snapshot) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	lines := n.pending
	n.pending = nil
	if n.told == nil {
		n.told = map[string]bool{}
	}
	tell := func(line string) {
		if !n.told[line] {
			n.told[line] = true
			lines = append(lines, line)
		}
	}
	for _, l := range s.Refusing {
		tell("the server's limit: " + l.Words())
	}
	for _, l := range s.Shared {
		tell("others spend a part of it, so only what they leave is used: " + l.Words())
	}
	if s.Unshared != nil {
		tell("what is known of the limits cannot be shared at the moment, so this run goes by what it has learned itself: " + s.Unshared.Error())
	}
	return lines
}

func (a *app) tell(lines []string) {
	for _, line := range lines {
		a.say("%s", line)
	}
}

// follow tells what is new about the server's limits as it comes, until the
// returned function is called, which then keeps what is known.
func (a *app) follow(gate *ratelimit.Gate) (stop func()) {
	stopTelling := every(lookEvery, func() { a.tell(a.limits.since(gate.Snapshot())) })
	return func() {
		stopTelling()
		a.keep(gate)
	}
}

// watchPlan says what takes its time while it is found out who is a guest, until
// the returned function is called.
func (a *app) watchPlan(gate *ratelimit.Gate, org string) (stop func()) {
	said, told := false, time.Time{}
	return every(2*time.Second, func() {
		if !said {
			a.say("finding out who is already a guest of %s", org)
			said = true
		}
		now := time.Now()
		if until := heldUntil(gate, ratelimit.Read); until.Sub(now) > tellEvery && until.Sub(told) > lookEvery {
			told = until
			a.say("waiting until %s (%s) for the server's limits", clockTime(until, now), inWords(until.Sub(now)))
		}
	})
}

// keep leaves what is known of the limits to later runs and other processes.
// Without it they learn it anew, so a failure is only told.
func (a *app) keep(gate *ratelimit.Gate) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := gate.Close(ctx)
	news := gate.Snapshot()
	if err != nil {
		news.Unshared = nil // that it is not kept says as much
	}
	a.tell(a.limits.since(news))
	if err != nil {
		a.say("what is known of the limits is not kept for the next run: %v", err)
	}
}
