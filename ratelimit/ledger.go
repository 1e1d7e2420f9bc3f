package ratelimit

import "time"

// ledger is what is known of the server's limits and what was spent of them.
// It reads no clock: its answers follow from what it holds and the time it is
// given. It is not safe for concurrent use.
type ledger struct {
	accounts []*account
	pauses   [Classes]span
}

// newLedger opens an account for the ceiling or, without one, for each figure
// that Tallyfy documents. Its sources disagree, so all of them are kept at once.
func newLedger(ceiling Budget) *ledger {
	every := classSet{Read: true, Write: true, Create: true}
	if ceiling.limits() {
		return &ledger{accounts: []*account{newAccount(ceiling, every)}}
	}
	return &ledger{accounts: []*account{
		// Postman troubleshooting page: a rolling minute, per user.
		newAccount(Budget{Calls: 600, Window: time.Minute}, every),
		// Product troubleshooting page, both: "can vary".
		newAccount(Budget{Calls: 140, Window: 10 * time.Second}, every),
		newAccount(Budget{Calls: 12, Window: 5 * time.Second}, classSet{Read: true}),
	}}
}

// wait returns how long a call must wait when the calls of ahead go first. A
// call may leave when its class is not paused and every account that counts it
// has room.
func (l *ledger) wait(c Class, ahead tally, now time.Time) time.Duration {
	from := later(now, l.pauses[c].until)
	at := from
	for _, a := range l.accounts {
		if a.counts[c] {
			at = later(at, a.nth(a.counted(ahead)+1, from))
		}
	}
	return at.Sub(now)
}

// spend notes a call that leaves now, for which wait gave zero.
func (l *ledger) spend(c Class, now time.Time) {
	for _, a := range l.accounts {
		if a.counts[c] {
			a.spend(now)
		}
	}
}

// estimate returns how long it takes until the last of these calls may leave.
func (l *ledger) estimate(calls tally, now time.Time) time.Duration {
	var longest time.Duration
	var begin time.Time // when the first class of them may begin
	for c, n := range calls {
		if n == 0 {
			continue
		}
		class := Class(c)
		longest = max(longest, l.wait(class, only(class, n-1), now))
		if from := later(now, l.pauses[c].until); begin.IsZero() || from.Before(begin) {
			begin = from
		}
	}
	for _, a := range l.accounts {
		if n := a.counted(calls); n > 0 {
			longest = max(longest, a.nth(n, begin).Sub(now))
		}
	}
	return longest
}

// only returns n calls of one class.
func only(c Class, n int) (calls tally) {
	calls[c] = n
	return calls
}
