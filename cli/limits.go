package cli

import (
	"context"
	"fmt"
	"log/slog"
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
			return o, fmt.Errorf("%s: %w", s.named("rate"), err)
		}
	}
	switch s.inviteCap {
	case "auto":
	case "none":
		o.NoInviteCap = true
	default:
		if o.InviteCap, err = ratelimit.ParseBudget(s.inviteCap); err != nil {
			return o, fmt.Errorf("%s: %w (or auto, or none)", s.named("invite-cap"), err)
		}
	}
	if s.maxWait != "unlimited" {
		wait, err := time.ParseDuration(s.maxWait)
		if err != nil || wait < 0 {
			return o, fmt.Errorf("%s: %q is no time to wait: write a number and a unit, such as 0s, 5m or 1h30m, or unlimited", s.named("max-wait"), s.maxWait)
		}
		o.MaxWait = &wait
	}
	if s.org == "" { // and no call is made
		_, err := s.budgetsAddress(a)
		return o, err
	}
	if shared, err := s.sharedBudgets(a); err != nil || shared != nil {
		if shared != nil {
			o.Store, o.Alone, a.shared = shared, aloneOnePart, shared
			a.limits.hosts = true
		}
		return o, err
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
	pending []news
	told    map[string]bool

	hosts bool // that share limits, through a store that may be away
	away  bool // that was told
	lost  bool // that the store has lost what was made was told
}

// news is a line about the limits, and what programs are told of it.
type news struct {
	level slog.Level
	text  string
	attrs []slog.Attr
}

// later notes that what earlier runs knew is lost, or will be, to be told with what
// else is new: the gate may be held at the moment.
func (n *limitNews) later(why error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.pending = append(n.pending, news{level: slog.LevelWarn, text: why.Error()})
}

// since returns what is new in a snapshot.
func (n *limitNews) since(s ratelimit.Snapshot) []news {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := n.pending
	n.pending = nil
	if n.told == nil {
		n.told = map[string]bool{}
	}
	tell := func(item news) {
		if !n.told[item.text] {
			n.told[item.text] = true
			all = append(all, item)
		}
	}
	for _, l := range s.Refusing {
		tell(news{slog.LevelInfo, "the server's limit: " + l.Words(), limitAttrs(l)})
	}
	for _, l := range s.Shared {
		tell(news{slog.LevelInfo, "others spend a part of it, so only what they leave is used: " + l.Words(), limitAttrs(l)})
	}
	if n.hosts {
		all = append(all, n.sharing(s.Unshared, s.Lost)...)
	} else if s.Unshared != nil {
		tell(news{level: slog.LevelWarn, text: "what is known of the limits cannot be shared at the moment, so this run goes by what it has learned itself: " + s.Unshared.Error()})
	}
	return all
}

// sharing tells once when other hosts cannot be told any more, and when they can
// again, and why nothing moves when what they had told is lost.
func (n *limitNews) sharing(unshared error, lost bool) (all []news) {
	wasAway, wasLost := n.away, n.lost
	n.away, n.lost = unshared != nil, lost
	switch {
	case n.away && !wasAway:
		all = append(all, news{level: slog.LevelWarn, text: fmt.Sprintf("%v: until it works this run goes on alone, with a quarter of every limit", unshared)})
	case wasAway && !n.away:
		all = append(all, news{level: slog.LevelInfo, text: "the limits are shared with other hosts again"})
	}
	if lost && !wasLost {
		all = append(all, news{level: slog.LevelWarn, text: "the Redis has lost what was done lately: calls wait until that counts no more, a minute at most"})
	}
	return all
}

// awayIsTold notes that it has been told already that other hosts cannot be.
func (n *limitNews) awayIsTold() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.away = true
}

func limitAttrs(l ratelimit.Limit) []slog.Attr {
	return []slog.Attr{slog.String("scope", l.Scope.String()), slog.Int("calls", l.Calls), seconds("window_seconds", l.Window)}
}

func (a *app) tell(all []news) {
	for _, item := range all {
		a.event(item.level, "limit", item.text, item.attrs...)
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
			a.event(slog.LevelInfo, "waiting", fmt.Sprintf("waiting until %s (%s) for the server's limits", clockTime(until, now), inWords(until.Sub(now))),
				slog.Time("held_until", until))
		}
	})
}

// keep leaves what is known of the limits to later runs and other processes.
// Without it they learn it anew, so a failure is only told.
func (a *app) keep(gate *ratelimit.Gate) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := gate.Close(ctx)
	if a.shared != nil {
		_ = a.shared.Close() // what it says of its connections changes nothing any more
		a.shared = nil
	}
	news := gate.Snapshot()
	if err != nil && !a.limits.hosts {
		news.Unshared = nil // that it is not kept says as much
	}
	a.tell(a.limits.since(news))
	if err != nil && !a.limits.hosts {
		a.warn("what is known of the limits is not kept for the next run: %v", err)
	}
}
