package ratelimit

import (
	"slices"
	"time"
)

// ledger is what is known of the server's limits and what was spent of them.
// It reads no clock: its answers follow from what it holds and the time it is
// given. It is not safe for concurrent use.
type ledger struct {
	accounts []*account
	pauses   [Classes]span
	underWay tally     // calls that have left and have no answer yet
	leased   tally     // calls that other processes may be making
	exact    bool      // who grants calls counts those, too
	part     int       // of every budget is used: one in so many; 0: all
	anew     time.Time // when the server's count was known to begin anew, after calls that nobody has told of
	blind    time.Time // until then others may have made calls that nobody has told of
	unsure   []doubt
	left     tally // all calls that have left, those of others included
	history  history
	dropped  map[Limit]time.Time // learned limits that proved wrong, and when
	uncapped bool                // no cap on invites is to be kept but by pauses
}

// The figures that Tallyfy documents. Its sources disagree, so all of them are
// kept at once.
var figures = [...]Limit{
	{All, Budget{600, time.Minute}},      // Postman troubleshooting page: a minute, per user
	{All, Budget{140, 10 * time.Second}}, // product troubleshooting page: "can vary"
	{Reads, Budget{12, 5 * time.Second}}, // the same page
}

// More figures that are documented, and that contradict those above. Calls beyond
// them are tried, one at a time until one was admitted, so that to learn that one
// of them is kept costs one refusal.
var suspicions = [...]Limit{
	{All, Budget{100, time.Minute}},  // support repository
	{All, Budget{1000, time.Hour}},   // the same
	{Creates, Budget{30, time.Hour}}, // API overview: guest invites, by default
}

// newLedger opens the accounts that hold before anything is learned.
func newLedger(o Options) *ledger {
	l := &ledger{uncapped: o.NoInviteCap, dropped: map[Limit]time.Time{}}
	if o.Ceiling.limits() {
		l.accounts = append(l.accounts, newAccount(Limit{All, o.Ceiling}, asked))
	} else {
		for _, f := range figures {
			l.accounts = append(l.accounts, newAccount(f, documented))
		}
	}
	for _, s := range suspicions {
		if o.NoInviteCap && s.Scope == Creates {
			continue
		}
		l.accounts = append(l.accounts, newAccount(s, suspected))
	}
	if o.InviteCap.limits() {
		l.accounts = append(l.accounts, newAccount(Limit{Creates, o.InviteCap}, asked))
	}
	return l
}

// verdict is when a call may leave.
type verdict struct {
	at   time.Time
	soon bool     // as soon as what is under way was answered; at is then no more than now
	by   *account // that decides; nil: none, or a pause

	trial bool // the call may teach something
}

// decide lets an account decide if it lets calls go later than what did before,
// with pauses or alone. A pause is announced in whole seconds, so it may seem to
// last longer than the limit that it is for.
func (v *verdict) decide(at, alone time.Time, by *account, now time.Time) {
	if at.After(v.at) || v.by == nil && alone.After(now) && alone.After(v.at.Add(-time.Second)) {
		v.at, v.by = later(v.at, at), by
	}
}

// limit returns the limit that decides, if one does.
func (v verdict) limit() Limit {
	if v.by == nil {
		return Limit{}
	}
	return v.by.effective()
}

// next returns when a call may leave that has others ahead of it. A call may
// leave when its class is not paused and every account that counts it has room.
func (l *ledger) next(c Class, ahead tally, now time.Time) verdict {
	v := verdict{at: later(now, l.pauses[c].until)}
	from := v.at
	leased := l.leased
	if l.exact {
		leased = tally{}
	}
	for _, a := range l.accounts {
		if !a.Scope.holds(c) {
			continue
		}
		a.advance(now)
		at, soon, trial := a.next(ahead.in(a.Scope), l.underWay.in(a.Scope), leased.in(a.Scope), from)
		v.soon, v.trial = v.soon || soon, v.trial || trial
		if at.After(v.at) {
			v.at, v.by = at, a
		}
	}
	return v
}

// held returns until when the server keeps a class back: by a pause that it
// announced, or by a limit that it told, or showed, or that the user named in
// its place. The spacing by other figures is our own.
func (l *ledger) held(c Class, now time.Time) verdict {
	v := verdict{at: later(now, l.pauses[c].until)}
	for _, a := range l.accounts {
		if !a.Scope.holds(c) || a.origin == documented || a.origin == asked && a.Scope == All {
			continue
		}
		a.advance(now)
		at, soon, _ := a.next(0, l.underWay.in(a.Scope), l.leased.in(a.Scope), now)
		if !soon {
			v.decide(at, at, a, now)
		}
	}
	return v
}

// leave notes a call that leaves now.
func (l *ledger) leave(c Class, now time.Time) {
	for _, a := range l.accounts {
		if a.Scope.holds(c) {
			_, beyond := a.isTrial(a.spent.len()+l.underWay.in(a.Scope)+1, now)
			a.trying = a.trying || beyond
		}
	}
	l.underWay[c]++
	l.left[c]++
}

// count notes that a call which had left was counted by the server, or, if it was
// not surely admitted, may have been.
func (l *ledger) count(c Class, left, now time.Time, admitted bool) {
	l.underWay[c]--
	for _, a := range l.accounts {
		if a.Scope.holds(c) {
			a.advance(now)
			if admitted {
				a.admit(left, now)
			} else {
				a.trying = false
				a.add(1, now)
			}
		}
	}
	l.accounts = slices.DeleteFunc(l.accounts, func(a *account) bool { return a.refuted })
	l.history.add(c, left, now)
}

// forget notes that a call which had left was not counted.
func (l *ledger) forget(c Class) {
	l.underWay[c]--
}

// endTrials notes that a call which may have been a trial was not admitted.
func (l *ledger) endTrials(c Class) {
	for _, a := range l.accounts {
		if a.Scope.holds(c) {
			a.trying = false
		}
	}
}

// enter notes calls that another process, or an earlier run, has made.
func (l *ledger) enter(calls tally, at time.Time) {
	l.left = l.left.plus(calls) // some time, and beside whatever is under way
	for _, a := range l.accounts {
		n := calls.in(a.Scope)
		known := min(n, a.foreign) // by the server's count
		a.foreign -= known
		a.add(n-known, at)
	}
	for c, n := range calls {
		for range n {
			l.history.add(Class(c), at, at)
		}
	}
}

// sees tells whether all calls that were made since a time are known.
func (l *ledger) sees(since time.Time) bool { return l.part == 0 && !since.Before(l.blind) }

// use makes the ledger use a part of every budget from now on, one in so many; 0:
// all of it.
func (l *ledger) use(part int) {
	l.part = part
	for _, a := range l.accounts {
		a.part = part
	}
}

// pause holds back the calls of a scope.
func (l *ledger) pause(s Scope, now, until time.Time) {
	for c := range l.pauses {
		if s.holds(Class(c)) {
			l.pauses[c].extend(now, until)
		}
	}
}

// estimate returns when the last of these calls may leave, and what decides: a
// limit, or nil when it is a pause or nothing.
func (l *ledger) estimate(calls tally, now time.Time) verdict {
	longest := verdict{at: now}
	for c, n := range calls {
		if n > 0 {
			longest.at = later(longest.at, l.pauses[c].until)
		}
	}
	for _, a := range l.accounts {
		n := calls.in(a.Scope)
		if n == 0 {
			continue
		}
		a.advance(now)
		taken := l.underWay.in(a.Scope) + l.leased.in(a.Scope)
		longest.decide(a.nth(n, taken, l.begin(a, calls, now)), a.nth(n, taken, now), a, now)
	}
	return longest
}

// estimateCap is estimate if the documented cap on invites is kept, as long as
// that is only suspected.
func (l *ledger) estimateCap(calls tally, now time.Time) (v verdict) {
	if calls[Create] == 0 || l.isCapped() {
		return v
	}
	for _, a := range l.accounts {
		switch {
		case a.Scope != Creates:
		case a.origin == learned:
			return verdict{} // the cap is known, and it is another
		case a.origin == suspected:
			a.advance(now)
			kept := *a
			kept.origin = documented
			v = verdict{at: kept.nth(calls[Create], l.underWay[Create]+l.leased[Create], l.begin(a, calls, now)), by: a}
		}
	}
	return v
}

// begin returns when the first of the calls that an account counts may leave, as
// far as pauses go.
func (l *ledger) begin(a *account, calls tally, now time.Time) time.Time {
	var begin time.Time
	for c, n := range calls {
		if from := later(now, l.pauses[c].until); n > 0 && a.Scope.holds(Class(c)) && (begin.IsZero() || from.Before(begin)) {
			begin = from
		}
	}
	return begin
}

// hasLearned tells whether a limit of such calls was learned.
func (l *ledger) hasLearned(c Class) bool {
	return slices.ContainsFunc(l.accounts, func(a *account) bool {
		return a.origin == learned && a.Window > 0 && a.Scope.holds(c)
	})
}

// longest is the longest window of a limit that is known.
func (l *ledger) longest() (window time.Duration) {
	for _, a := range l.accounts {
		window = max(window, a.Window)
	}
	return window
}
