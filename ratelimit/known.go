package ratelimit

import "time"

// remembered is how long a limit is kept without being seen again.
const remembered = 30 * 24 * time.Hour

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
	a := l.open(k.Limit, now)
	a.shown, a.seenAt, a.retry, a.trial = k.Shown, k.At, k.At.Add(believed), false
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
