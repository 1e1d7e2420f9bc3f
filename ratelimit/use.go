package ratelimit

import (
	"slices"
	"time"
)

// budgets returns the limits that calls have to keep within, but for those beyond
// which one of them would teach something.
func (l *ledger) budgets(wanted []Want, now time.Time) (all []Use) {
	for _, a := range l.accounts {
		if a.waived {
			continue
		}
		counts, beyond := false, false
		for _, w := range wanted {
			if left := l.leftOfAll(a, now); a.Window == 0 && !a.Scope.holds(w.Class) && left > 0 {
				all = append(all, Use{Limit: Limit{All, Budget{Calls: left}}})
			} else if a.Scope.holds(w.Class) {
				_, b := a.isTrial(a.spent.len()+l.underWay.in(a.Scope)+1, now)
				counts, beyond = true, beyond || b
			}
		}
		if counts && !beyond {
			all = append(all, a.use(now))
		}
	}
	return all
}

// leftOfAll returns what is left of a limit that is shown, if it counts every call.
// That is not known before a call of each class has shown it.
func (l *ledger) leftOfAll(a *account, now time.Time) int {
	return a.share - len(l.history.since(All, a.anew, now))
}

// mayBeOver tells whether a call of a class may be beyond a limit that other calls
// have shown.
func (l *ledger) mayBeOver(c Class, now time.Time) bool {
	return slices.ContainsFunc(l.accounts, func(a *account) bool {
		return a.Window == 0 && !a.Scope.holds(c) && l.leftOfAll(a, now) <= 0
	})
}

// use is the account as others have to keep within it.
func (a *account) use(now time.Time) Use {
	u := Use{Limit: a.effective(), Since: a.turnaround(), Doubtful: a.isDoubtful()}
	if a.Window == 0 {
		u.Calls, u.Since = max(0, a.share-a.spent.len()), 0
	} else if !a.opens.IsZero() && !now.Before(a.opens) {
		u.Since = max(grain, min(u.Since, now.Sub(a.bitten)))
	}
	return u
}

// announced returns the pauses that are not over.
func (l *ledger) announced(now time.Time) (pauses []Pause) {
	for c := range l.pauses {
		if until := l.pauses[c].until; until.After(now) {
			pauses = append(pauses, Pause{Class(c), now, until})
		}
	}
	return pauses
}
