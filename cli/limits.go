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
	s.rate = first(s.rate, a.getenv("GUESTLIST_RATE"), "auto")
	s.inviteCap = first(s.inviteCap, a.getenv("GUESTLIST_INVITE_CAP"), "auto")
	s.maxWait = first(s.maxWait, a.getenv("GUESTLIST_MAX_WAIT"), "unlimited")
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
		return o, err
	}
	o.Store = budgetfile.New(folder, stateName(s), a.limits.damaged)
	return o, nil
}

// limitNews is what is worth telling of the server's limits, once for each run. It
// is safe for concurrent use.
type limitNews struct {
	mu      sync.Mutex
	pending []string
	told    map[string]bool
}

// damaged notes that what earlier runs knew is lost. It is told later, as the gate
// is held meanwhile.
func (n *limitNews) damaged(why error) {
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

// tellLimits tells what is new about the server's limits.
func (a *app) tellLimits(gate *ratelimit.Gate) {
	for _, line := range a.limits.since(gate.Snapshot()) {
		a.say("%s", line)
	}
}

// watchPlan says what takes its time while it is found out who is a guest, until
// the returned function is called.
func (a *app) watchPlan(gate *ratelimit.Gate, org string) (stop func()) {
	stopped, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(2 * time.Second)
		defer ticker.Stop()
		var told time.Time
		for said := false; ; {
			select {
			case <-stopped:
				return
			case <-ticker.C:
			}
			if !said {
				a.say("finding out who is already a guest of %s", org)
				said = true
			}
			now := time.Now()
			if until := heldUntil(gate, ratelimit.Read); until.Sub(now) > tellEvery && until.Sub(told) > lookEvery {
				told = until
				a.say("waiting until %s (%s) for the server's limits", clockTime(until, now), inWords(until.Sub(now)))
			}
		}
	}()
	return func() {
		close(stopped)
		<-ended
	}
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
	for _, line := range a.limits.since(news) {
		a.say("%s", line)
	}
	if err != nil {
		a.say("what is known of the limits is not kept for the next run: %v", err)
	}
}

// comeBack words when a run that was stopped by a limit can go on.
func comeBack(until time.Time) string {
	return fmt.Sprintf("come back at %s (in %s)", clockTime(until, time.Now()), inWords(time.Until(until)))
}

// clockTime words a local time, with its day where that is not today.
func clockTime(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04:05")
	}
	if t.Sub(now) < 300*24*time.Hour {
		return t.Format("Mon 2 Jan 15:04")
	}
	return t.Format("2 Jan 2006")
}

// inWords words how long something takes, in its two largest units.
func inWords(d time.Duration) string {
	d = max(0, d.Round(time.Second))
	days, hours, minutes, seconds := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%dd %dh", days, hours)
	case hours > 0:
		return fmt.Sprintf("%dh %dm", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%dm %ds", minutes, seconds)
	}
	return fmt.Sprintf("%ds", seconds)
}
