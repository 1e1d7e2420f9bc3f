package ratelimit

import "time"

// remembered is how long a limit is kept without being seen again.
const remembered = 30 * 24 * time.Hour

// unmeasuredLimits returns the limits that headers show and whose window is not known yet.
func (l *ledger) unmeasuredLimits() (known []Known) {
	for _, a := range l.accounts {
		if a.origin == learned && a.Window == 0 && a.shown && !a.named {
			known = append(known, Known{Limit: a.Limit, Shown: true, At: a.seenAt})
		}
	}
	return known
}

// known returns the limits that were learned.
func (l *ledger) known() []Known {
	var known []Known
	for _, a := range l.accounts {
		if a.origin == learned && a.Window > 0 && !a.guessed {
			k := Known{Limit: a.Limit, Shown: a.shown, At: a.seenAt}
			if !a.others { // what they leave is found out anew
				k.Calls = a.share
			}
			known = append(known, k)
		}
	}
	return known
}

// adopt takes over a limit that another process or an earlier run has learned.
func (l *ledger) adopt(k Known, now time.Time) {
	if k.At.After(now) {
		k.At = now // by a clock that was wrong
	}
	if k.Window == 0 && k.Shown && l.exact && now.Sub(k.At) <= remembered {
		l.adoptShown(k, now)
	}
	if k.Window == 0 || now.Sub(k.At) > remembered || k.Scope == Creates && l.isCapped() {
		return
	}
	if dropped, was := l.dropped[k.Limit]; was && !k.At.After(dropped) {
		return
	}
	for _, a := range l.accounts {
		if a.Scope != k.Scope || a.Window != k.Window || a.origin == asked {
			continue
		}
		if a.origin != learned || k.At.After(a.seenAt) && k.Calls != a.Calls {
			a.origin, a.Calls, a.share = learned, k.Calls, k.Calls
		}
		if k.At.After(a.seenAt) {
			a.shown, a.seenAt, a.retry = k.Shown, k.At, k.At.Add(believed)
		}
		return
	}
	a := l.unmeasured(k, now)
	if a == nil {
		a = l.open(k.Limit, now)
	}
	a.shown, a.seenAt, a.retry, a.trial = k.Shown, k.At, k.At.Add(believed), false
}

// unmeasured returns the account of that limit whose window is not known yet, and
// gives it that window; nil: there is none.
func (l *ledger) unmeasured(k Known, now time.Time) *account {
	for _, a := range l.accounts {
		if (a.Window == 0 || a.guessed && a.origin == learned) && !a.named && k.Shown && a.Calls == k.Calls {
			l.widen(a, k.Scope, now)
			a.Window, a.anew, a.guessed = k.Window, time.Time{}, false
			return a
		}
	}
	return nil
}

// adoptShown takes over a limit that headers have shown another process, which does
// not know its window.
func (l *ledger) adoptShown(k Known, now time.Time) {
	for _, a := range l.accounts {
		if a.origin == learned && !a.named && a.Calls == k.Calls {
			if a.Window == 0 {
				l.widen(a, k.Scope, now)
			}
			return
		}
	}
	l.open(k.Limit, now).shown = true
}

// widen makes an account count the calls of a scope besides its own.
func (l *ledger) widen(a *account, s Scope, now time.Time) {
	for c := range Class(Classes) {
		if !s.holds(c) || a.Scope.holds(c) {
			continue
		}
		a.Scope = a.Scope.with(c)
		for _, call := range l.history.since(scopeOf(c), a.anew, now) {
			a.add(1, time.Unix(0, call.answered))
		}
	}
}

// isCapped tells whether the user has said what the cap on invites is.
func (l *ledger) isCapped() bool {
	for _, a := range l.accounts {
		if a.origin == asked && a.Scope == Creates {
			return true
		}
	}
	return l.uncapped
}
