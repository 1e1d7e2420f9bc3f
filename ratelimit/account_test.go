package ratelimit

import (
	"testing"
	"time"
)

// at is a time of the tests below.
func at(d time.Duration) time.Time { return epoch.Add(d) }

// spending returns an account of which calls were answered at these times.
func spending(l Limit, o origin, answered ...time.Duration) *account {
	a := newAccount(l, o)
	for _, d := range answered {
		a.add(1, at(d))
	}
	return a
}

// times returns n times, every so often from the first.
func times(n int, every time.Duration) (all []time.Duration) {
	for i := range n {
		all = append(all, time.Duration(i)*every)
	}
	return all
}

func TestWhenTheNthFurtherCallMayLeave(t *testing.T) {
	three := Limit{All, Budget{3, hour}}
	turnaround := hour + grain
	for _, test := range []struct {
		name     string
		account  *account
		change   func(*account)
		n        int
		underWay int
		now      time.Duration
		want     time.Duration
	}{
		{name: "the first goes at once", account: spending(three, asked), n: 1},
		{name: "the last that fits, too", account: spending(three, asked), n: 3},
		{name: "one more waits for a window", account: spending(three, asked), n: 4, want: turnaround},
		{name: "a window has room for as many again", account: spending(three, asked), n: 6, want: turnaround},
		{name: "and so on", account: spending(three, asked), n: 7, want: 2 * turnaround},
		{name: "a slot comes back one window after the answer", account: spending(three, asked, 0, minute, 2*minute), n: 1, now: 3 * minute, want: turnaround},
		{name: "the second after the second answer", account: spending(three, asked, 0, minute, 2*minute), n: 2, now: 3 * minute, want: minute + turnaround},
		{name: "a round later each comes back again", account: spending(three, asked, 0, minute, 2*minute), n: 5, now: 3 * minute, want: minute + 2*turnaround},
		{name: "it comes back a moment after the window", account: spending(three, asked, 0, 0, 0), n: 1, now: hour, want: turnaround},
		{name: "and not later", account: spending(three, asked, 0, 0, 0), n: 3, now: turnaround, want: turnaround},
		{name: "what is under way takes its slot", account: spending(three, asked), n: 2, underWay: 2, want: turnaround},
		{name: "and leaves the others", account: spending(three, asked), n: 1, underWay: 2},
		{name: "it may be answered now", account: spending(three, asked, 0), n: 2, underWay: 2, now: minute, want: minute + turnaround},
		{name: "more under way than the limit has", account: spending(three, asked), n: 1, underWay: 7, want: turnaround},
		{name: "a share that is smaller than what was spent", account: spending(three, learned, 0, minute, 2*minute), change: func(a *account) { a.share = 1 }, n: 1, now: 3 * minute, want: 2*minute + turnaround},
		{name: "far ahead", account: spending(three, asked), n: 3*1000 + 1, want: 1000 * turnaround},
		{name: "never beyond ten years", account: spending(three, asked), n: 1 << 60, want: horizon},
		{name: "a window that is not known keeps none back", account: spending(Limit{All, Budget{Calls: 1}}, learned, 0), n: 100, now: minute, want: minute},
		{name: "a suspicion keeps none back", account: spending(three, suspected, 0, 0, 0), n: 100},
		{name: "nor does what the headers contradict", account: spending(three, documented, 0, 0, 0), change: func(a *account) { a.waived = true }, n: 100},
		{name: "the server said when all come back", account: spending(three, learned, 0, minute, 2*minute), change: func(a *account) { a.opens, a.bitten = at(10*minute), at(3*minute) }, n: 3, now: 4 * minute, want: 10 * minute},
		{name: "but for those after that", account: spending(three, learned, 0, minute, 5*minute), change: func(a *account) { a.opens, a.bitten = at(10*minute), at(3*minute) }, n: 3, now: 6 * minute, want: 5*minute + turnaround},
		{name: "never later than one window after the answer", account: spending(three, learned, 0, 0, 0), change: func(a *account) { a.opens, a.bitten = at(9*hour), at(minute) }, n: 1, now: 2 * minute, want: turnaround},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.change != nil {
				test.change(test.account)
			}
			test.account.advance(at(test.now))
			for range 2 { // asking changes nothing
				if got := test.account.nth(test.n, test.underWay, at(test.now)).Sub(epoch); got != test.want {
					t.Errorf("nth = %v, want %v", got, test.want)
				}
			}
		})
	}
}

func TestWhetherACallGoesAlone(t *testing.T) {
	two := Limit{All, Budget{2, hour}}
	const day = 24 * hour
	for _, test := range []struct {
		name            string
		account         *account
		change          func(*account)
		ahead, underWay int
		leased          int
		now             time.Duration
		want            time.Duration // when it may leave
		soon            bool
	}{
		{name: "within a suspicion calls go together", account: spending(two, suspected), underWay: 1},
		{name: "beyond it one tries", account: spending(two, suspected, 0, 0)},
		{name: "when the others are answered", account: spending(two, suspected, 0), underWay: 1, soon: true},
		{name: "and no other is ahead", account: spending(two, suspected, 0), ahead: 1, soon: true},
		{name: "a documented limit is not tried", account: spending(two, documented, 0, 0), want: hour + grain},
		{name: "nor is a ceiling, ever", account: spending(two, asked, 0, 0), change: func(a *account) { a.retry = at(0) }, now: minute, want: hour + grain},
		{name: "a window that is not known is", account: spending(Limit{All, Budget{Calls: 2}}, learned, 0, 0)},
		{name: "one at a time", account: spending(Limit{All, Budget{Calls: 2}}, learned, 0), underWay: 1, soon: true},
		{name: "a window that is guessed is", account: spending(two, learned, 0, 0), change: func(a *account) { a.guessed = true }},
		{name: "what was learned holds for a day", account: spending(two, learned, day-minute, day-minute), change: func(a *account) { a.retry = at(day) }, now: day - second, want: day - minute + hour + grain},
		{name: "and is tried then", account: spending(two, learned, day-minute, day-minute), change: func(a *account) { a.retry = at(day) }, now: day, want: day},
		{name: "after a full window one goes first", account: spending(two, documented), change: func(a *account) { a.filled = at(0) }, now: 2 * hour, want: 2 * hour},
		{name: "and the rest when it was answered", account: spending(two, documented), change: func(a *account) { a.filled = at(0) }, underWay: 1, now: 2 * hour, want: 2 * hour, soon: true},
		{name: "calls that others may be making count", account: spending(two, asked), leased: 2, want: hour + grain},
		{name: "calls ahead count", account: spending(two, asked, 0), ahead: 1, now: minute, want: hour + grain},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.change != nil {
				test.change(test.account)
			}
			test.account.advance(at(test.now))
			got, soon, _ := test.account.next(test.ahead, test.underWay, test.leased, at(test.now))
			if soon != test.soon || !soon && got.Sub(epoch) != test.want {
				t.Errorf("next = %v, %v; want %v, %v", got.Sub(epoch), soon, test.want, test.soon)
			}
		})
	}
}

func TestWhatARefusalSaysOfALimit(t *testing.T) {
	for _, test := range []struct {
		name     string
		account  *account
		change   func(*account)
		underWay int
		origin   origin
		calls    int
		share    int
		others   bool
	}{
		{"as it was known", spending(Limit{All, Budget{3, minute}}, learned, 0, 0, 0), nil, 0, learned, 3, 3, false},
		{"with those under way it is", spending(Limit{All, Budget{3, minute}}, learned, 0), nil, 2, learned, 3, 3, false},
		{"a documented figure was too high", spending(Limit{All, Budget{9, minute}}, documented, 0, 0), nil, 1, learned, 2, 2, false},
		{"and nothing was spent of it", spending(Limit{All, Budget{9, minute}}, documented), nil, 0, learned, 1, 1, false},
		{"a suspicion was true", spending(Limit{All, Budget{3, hour}}, suspected, 0, 0, 0), nil, 0, learned, 3, 3, false},
		{"a suspicion was not enough", spending(Limit{All, Budget{9, hour}}, suspected, 0, 0, 0), nil, 0, learned, 3, 3, false},
		{"others spend of a burst", spending(Limit{All, Budget{9, minute}}, learned, 0, 0, 0), nil, 0, learned, 9, 3, true},
		{"others spend of a long window, which costs next to nothing", spending(Limit{All, Budget{9, hour}}, learned, 0, 0, 0), nil, 0, learned, 9, 9, true},
		{"others spend of what the user named", spending(Limit{All, Budget{9, minute}}, asked, 0, 0, 0), nil, 0, asked, 9, 9, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := test.account
			a.refuse(test.underWay, at(20*second), at(second), true)
			if a.origin != test.origin || a.Calls != test.calls || a.share != test.share || a.others != test.others {
				t.Errorf("origin %v, %d calls, share %d, others %v", a.origin, a.Calls, a.share, a.others)
			}
		})
	}
}

// What others leave is tried again, ever more rarely, but for ever.
func TestPatienceDoubles(t *testing.T) {
	a := spending(Limit{All, Budget{9, second}}, learned)
	now := epoch
	for _, windows := range []time.Duration{16, 32, 64, 128, 256, 512, 1024, 1024} {
		a.others = true
		a.wait(now)
		if got := a.retry.Sub(now); got != windows*second {
			t.Errorf("more is tried after %v, want %d windows", got, windows)
		}
		now = a.retry
	}
}

func TestAnAdmittedTrialWidensTheShare(t *testing.T) {
	a := spending(Limit{All, Budget{9, hour}}, learned, 0, 0)
	a.share, a.trying = 2, true
	a.admit(at(second), at(2*second))
	if a.share != 3 || a.Calls != 9 || a.trying {
		t.Errorf("share %d of %d, trying %v; want 3 of 9", a.share, a.Calls, a.trying)
	}
	a.admit(at(second), at(3*second)) // one that was no trial
	if a.share != 3 {
		t.Errorf("share %d", a.share)
	}
}

func TestASlotOfAWindowIsForgottenWhenItCameBack(t *testing.T) {
	a := spending(Limit{All, Budget{9, minute}}, asked, 0, second, 2*second)
	for _, step := range []struct {
		now  time.Duration
		left int
	}{{minute, 3}, {minute + grain, 2}, {minute + second, 2}, {minute + second + grain, 1}, {hour, 0}} {
		a.advance(at(step.now))
		if got := a.spent.len(); got != step.left {
			t.Errorf("at %v %d calls count, want %d", step.now, got, step.left)
		}
	}
}
