package ratelimit

import (
	"cmp"
	"slices"
	"time"
)

// longestBurst is the longest window of a limit that keeps calls in general from
// coming too fast. Whoever has to wait longer has met a cap on what it wanted to
// do.
const longestBurst = time.Minute

// tellingPart is the part of a limit that others must spend before that is worth
// telling: one in so many calls, and three at least.
const tellingPart = 10

// departed is a call that has left and was answered.
type departed struct {
	class  Class
	left   time.Time
	beside tally // calls that were under way with it, or have left since
}

// admitted learns from the answer to a call that was let go.
func (l *ledger) admitted(d departed, answer Answer, now time.Time) {
	if answer.Limit == 0 {
		// What the server does not show any more cannot be followed without a window.
		l.accounts = slices.DeleteFunc(l.accounts, func(a *account) bool {
			return a.Window == 0 && a.trying && a.Scope.holds(d.class)
		})
	}
	l.count(d.class, d.left, now, true)
	if a := l.shown(d.class, answer, now); a != nil {
		l.reconcile(a, answer, d, now)
	}
}

// shown returns the account of the limit that an answer shows, if it shows one
// that can be.
func (l *ledger) shown(c Class, answer Answer, now time.Time) *account {
	if answer.Limit < 1 || answer.Limit > mostCalls || answer.Remaining < 0 || answer.Remaining > answer.Limit {
		return nil
	}
	// It is the tightest. Another that was shown, and would have less left however
	// little is spent of it, holds no more.
	l.accounts = slices.DeleteFunc(l.accounts, func(a *account) bool {
		wrong := a.shown && a.Scope.holds(c) && a.Calls <= answer.Remaining
		if wrong {
			l.dropped[a.Limit] = now
		}
		return wrong
	})
	var same *account // but for its scope
	for _, a := range l.accounts {
		// This figure is one that headers would show. The bursts may be kept by
		// something in front of the server.
		a.waived = a.waived || a.origin == documented && a.Limit == figures[0] && a.Calls != answer.Limit
		switch {
		case a.Calls != answer.Limit, a.origin == asked, a.named, a.origin == suspected && a.Scope == Creates:
		case a.Scope.holds(c):
			if a.origin == suspected {
				a.origin, a.guessed = learned, true
			}
			return a
		case a.origin == learned:
			same = a
		}
	}
	if same != nil { // seen with other calls, and it counts these, too
		l.widen(same, scopeOf(c), now)
		return same
	}
	return l.open(Limit{scopeOf(c), Budget{Calls: answer.Limit}}, now)
}

// open adds an account for a limit that was learned now. The calls of its last
// window were made before it was known.
func (l *ledger) open(limit Limit, now time.Time) *account {
	a := newAccount(limit, learned)
	a.seenAt, a.part = now, l.part
	from := now.Add(-longestHistory)
	if a.Window > 0 {
		from = now.Add(-a.turnaround())
	}
	for _, call := range l.history.since(a.Scope, from, now) {
		a.add(1, time.Unix(0, call.answered))
	}
	l.accounts = append(l.accounts, a)
	return a
}

// reconcile brings an account into line with the server's own count, which is of
// the time when it counted the call. Calls that were under way beside it may be in
// it or not, as may those that others have leased.
func (l *ledger) reconcile(a *account, answer Answer, d departed, now time.Time) {
	a.shown, a.waived, a.seenAt, a.share, a.retry = true, false, now, a.Calls, time.Time{}
	used, ours := answer.Limit-answer.Remaining, a.spent.len()+l.underWay.in(a.Scope)
	if over := ours - used - d.beside.in(a.Scope); over > 0 {
		a.spent.drop(min(over, a.spent.len()))
		a.anew, a.filled, a.foreign = d.left, time.Time{}, 0
	} else if l.exact {
		l.unsure = slices.DeleteFunc(l.unsure, func(u doubt) bool { return u.account == a })
		l.unsure = append(l.unsure, doubt{a, used, d.left})
	} else {
		l.miss(doubt{a, used, d.left}, now)
	}
}

// doubt is an answer that shows more calls than are known, perhaps. Others will
// tell of theirs by the next exchange.
type doubt struct {
	account *account
	used    int // by the server's count
	left    time.Time
}

// settle finds out what is foreign, now that all others have told.
func (l *ledger) settle(now time.Time) {
	unsure := l.unsure
	l.unsure = l.unsure[:0]
	for _, u := range unsure {
		if slices.Contains(l.accounts, u.account) {
			u.account.advance(now)
			l.miss(u, now)
		}
	}
}

// miss counts the calls that nobody has told of.
func (l *ledger) miss(u doubt, now time.Time) {
	a := u.account
	missing := u.used - a.spent.len() - l.underWay.in(a.Scope) - l.leased.in(a.Scope)
	if missing <= 0 || u.left.Before(a.anew) {
		return
	}
	a.foreign += missing
	telling := a.Window > 0 && !a.guessed && a.foreign >= max(3, a.Calls/tellingPart)
	a.others = a.others || telling && l.part == 0 // others share, but cannot tell
	a.add(missing, now)
}

// refused learns from the answer to a call that was refused for a limit, which
// did not count. It returns the calls that have to wait.
func (l *ledger) refused(d departed, answer Answer, now time.Time) Scope {
	l.forget(d.class)
	defer l.endTrials(d.class)
	if answer.Wait >= longestPause {
		return scopeOf(d.class) // that teaches nothing
	}
	if answer.Wait == 0 {
		if a := l.shown(d.class, answer, now); a != nil {
			l.reconcile(a, answer, d, now)
		}
		return All
	}
	opens := now.Add(answer.Wait)
	a, isNew := l.refuser(d, answer, now)
	switch {
	case a == nil && (answer.Wait > longestBurst || answer.Capped):
		return scopeOf(d.class)
	case a == nil:
		return All
	case isNew:
		a.wait(now)
		a.bitten = now
		a.open(opens)
	case !d.left.After(a.bitten): // before that was known
		a.bitten = now
		if !a.opens.IsZero() {
			a.opens = later(a.opens, opens)
		}
	default:
		a.refuse(l.underWay.plus(l.leased).in(a.Scope), opens, now, l.sees(now))
	}
	return a.Scope
}

// refuser returns the account of the limit for which a call was refused, and
// whether it was not known before. Nil means that nothing can be said of it.
func (l *ledger) refuser(d departed, answer Answer, now time.Time) (a *account, isNew bool) {
	known := slices.Clone(l.accounts)
	switch {
	case answer.Capped:
		a = l.capped(d.class, answer.Cap, now)
	case answer.Limit > 0 && answer.Remaining == 0: // or it was another that refused
		if a = l.shown(d.class, answer, now); a != nil {
			l.reconcile(a, answer, d, now)
		}
	}
	if a == nil {
		a = l.silent(d, answer, now)
	}
	if a != nil {
		l.measure(a, d, answer, now)
	}
	return a, !slices.Contains(known, a)
}

// capped returns the account of a cap that a refusal names.
func (l *ledger) capped(c Class, named Budget, now time.Time) *account {
	scope := scopeOf(c)
	if l.uncapped && scope == Creates || named.Calls < 1 || named.Calls > mostCalls || named.Window > longestWindow {
		return nil
	}
	for _, a := range l.accounts {
		if a.origin != learned && a.origin != suspected || a.Scope != scope {
			continue
		}
		if a.Window == named.Window || named.Window == 0 && a.Calls == named.Calls {
			if a.origin == suspected || a.Calls != named.Calls {
				a.origin, a.Calls, a.share = learned, named.Calls, named.Calls
			}
			a.named = true
			return a
		}
	}
	a := l.open(Limit{scope, named}, now)
	a.named = true
	return a
}

// silent returns the account of a limit of which a refusal tells nothing but the
// wait: the calls that were counted before it have to tell the rest.
func (l *ledger) silent(d departed, answer Answer, now time.Time) *account {
	scope := All
	if answer.Wait > longestBurst || answer.Capped {
		scope = scopeOf(d.class)
	}
	if l.uncapped && scope == Creates {
		return nil
	}
	var known, lowered, figure *account
	for _, a := range l.accounts {
		if a.origin == asked || a.Window == 0 || !a.Scope.holds(d.class) {
			continue
		}
		if used := a.spent.len() + l.underWay.in(a.Scope); scope != All && a.Scope != scope && a.origin != learned && used < a.share {
			continue // a cap on what the call wanted to do is likelier
		}
		fits := !d.left.After(a.bitten) && answer.Wait <= a.Window+time.Second // it left before that was known
		if !fits {
			window, _ := infer(l.history.since(a.Scope, a.anew, now), l.underWay.in(a.Scope), d.left, now, answer.Wait)
			fits = window == a.Window
		}
		switch {
		case a.origin == learned && fits:
			known = cmp.Or(known, a)
		case a.origin == learned && !a.named && answer.Wait <= a.Window && (lowered == nil || a.Window < lowered.Window):
			lowered = a // it is met early, as others spend or it was lowered
		case a.origin != learned && fits:
			figure = cmp.Or(figure, a)
		}
	}
	if a := cmp.Or(known, lowered, figure); a != nil {
		return a
	}
	if !l.sees(l.anew) {
		if l.part == 0 && d.left.After(l.blind) {
			l.anew = now.Add(answer.Wait) // and from then on all are told
		}
		return nil
	}
	window, held := infer(l.history.since(scope, l.anew, now), l.underWay.in(scope), d.left, now, answer.Wait)
	if window == 0 {
		return nil
	}
	return l.open(Limit{scope, Budget{held, window}}, now)
}

// measure finds out how long the window of a limit is, or that it is longer than
// was believed, and notes when the next one begins.
func (l *ledger) measure(a *account, d departed, answer Answer, now time.Time) {
	calls := l.history.since(a.Scope, a.anew, now)
	if !l.sees(a.anew) {
		if a.Window == 0 {
			a.Window, a.guessed = commonWindow(answer.Wait), true
		}
		if d.left.After(a.bitten) {
			a.anew = now.Add(answer.Wait)
		}
		return
	}
	if unsure := a.Window == 0 || a.guessed || !a.filled.IsZero(); a.origin != asked && (unsure || isLonger(a.Window, calls, d.left, now, answer.Wait)) {
		window, _ := infer(calls, l.underWay.in(a.Scope), d.left, now, answer.Wait)
		if window == 0 && a.Window == 0 {
			window = commonWindow(answer.Wait) // others began it
		}
		if (a.guessed || window > a.Window) && 0 < window && window <= longestWindow {
			a.Window = window
		}
	}
	a.guessed = false
	if d.left.After(a.bitten) {
		a.anew = now.Add(answer.Wait)
	}
}

// isLonger tells whether the window in which all these calls were counted, from
// the first one on or earlier, is longer than was believed. Only the first window
// after the server's count was known to begin anew tells that.
func isLonger(believed time.Duration, calls []counted, left, now time.Time, wait time.Duration) bool {
	if len(calls) == 0 {
		return false
	}
	first := calls[0]
	return now.UnixNano() < first.left+int64(believed) &&
		left.Add(wait-time.Second).UnixNano() > first.answered+int64(believed)
}
