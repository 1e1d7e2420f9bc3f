package budgetredis

import (
	"testing"
	"testing/synctest"
	"time"

	"guestlist/ratelimit"
)

// asks is a process as the script sees it.
type asks struct {
	*Store
	ratelimit.Report
}

func (f *fake) asks(t *testing.T, name string) *asks {
	return &asks{f.open(t), ratelimit.Report{By: name, Lease: 5 * second, Longest: hour, First: true}}
}

// exchange tells of calls that were answered now, and returns the reply.
func (a *asks) exchange(t *testing.T, made ...ratelimit.Class) ratelimit.Reply {
	t.Helper()
	a.Now, a.Spent = time.Now(), nil
	for _, c := range made {
		a.Total[c]++
		one := ratelimit.Spent{At: a.Now}
		one.Calls[c] = 1
		a.Spent = append(a.Spent, one)
	}
	reply, err := a.Exchange(t.Context(), a.Report)
	if err != nil {
		t.Fatal(err)
	}
	a.First = false
	return reply
}

// Where headers show a limit whose window nobody knows, also those calls count
// that are kept by the second already.
func TestALimitWithoutAWindowCountsOldCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		silent, other := f.asks(t, "silent"), f.asks(t, "other")
		silent.exchange(t, ratelimit.Create)
		for range 18 {
			other.exchange(t, ratelimit.Create)
		}
		for range 3 {
			time.Sleep(30 * second)
			other.exchange(t)
		}
		silent.Wanted = []ratelimit.Want{{Class: ratelimit.Create, Calls: 8}}
		silent.Budgets = []ratelimit.Use{{Limit: limit(ratelimit.All, 19, 0)}}
		if reply := silent.exchange(t); reply.Granted[ratelimit.Create] != 1 {
			t.Errorf("beside 18 calls of others fit %d of 19", reply.Granted[ratelimit.Create])
		}
	})
}

// A process that looks whether Redis has lost something keeps the trial that it has
// under way.
func TestATrialIsKeptWhenTheConnectionForNewsIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		tries, other := f.asks(t, "tries"), f.asks(t, "other")
		for _, a := range []*asks{tries, other} {
			a.exchange(t)
			a.Wanted, a.Trial = []ratelimit.Want{{Class: ratelimit.Create, Calls: 1}}, true
			time.Sleep(second)
		}
		if reply := tries.exchange(t); reply.Granted[ratelimit.Create] != 1 {
			t.Fatal("there is no trial")
		}
		tries.tellAgain()
		if reply := other.exchange(t); reply.Granted[ratelimit.Create] != 0 {
			t.Error("there are two trials at once")
		}
	})
}

// What a slow host hears of a pause does not come back as a longer one.
func TestAPauseDoesNotGrowByBeingTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		both := []*asks{f.asks(t, "a"), f.asks(t, "b")}
		for _, a := range both {
			a.exchange(t)
		}
		time.Sleep(second)
		f.takes.Store(int64(400 * time.Millisecond))
		until := time.Now().Add(2 * minute)
		both[0].Pauses = []ratelimit.Pause{{Class: ratelimit.Create, Until: until}}
		for range 30 {
			for _, a := range both {
				if reply := a.exchange(t); len(reply.Pauses) > 0 {
					a.Pauses = reply.Pauses
				}
			}
		}
		for _, a := range both {
			if more := a.Pauses[0].Until.Sub(until); more < 0 || more > second {
				t.Errorf("%s has heard of a pause that is longer by %v", a.By, more)
			}
		}
	})
}

// A process that was alone for long has much to tell.
func TestMuchToTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { tellMuch(t, newFake(t).open(t)) })
}

func tellMuch(t *testing.T, s *Store) {
	t.Helper()
	now := time.Now()
	r := ratelimit.Report{Now: now, By: "alone", Lease: 5 * second, Longest: hour}
	for i := range 10_000 {
		one := ratelimit.Spent{At: now.Add(time.Duration(i-10_000) * 100 * time.Millisecond)}
		one.Calls[ratelimit.Create] = 1
		r.Spent = append(r.Spent, one)
	}
	r.Total[ratelimit.Create] = len(r.Spent)
	for range 2 {
		if _, err := s.Exchange(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		r.Spent = nil
	}
	r.Budgets = []ratelimit.Use{{Limit: limit(ratelimit.All, 10_005, hour), Since: hour}}
	r.Wanted = []ratelimit.Want{{Class: ratelimit.Create, Calls: 8}}
	r.By, r.Total = "other", [ratelimit.Classes]int{}
	reply, err := s.Exchange(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if n := reply.Granted[ratelimit.Create]; n != 5 {
		t.Errorf("beside 10000 calls of 10005 fit %d", n)
	}
}

// Limits that were noted by a clock that was far ahead do not outlive it.
func TestAClockThatWasAheadHoldsNoLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		learned := ratelimit.Known{Limit: limit(ratelimit.Creates, 3, hour), At: time.Now()}
		f.SetTime(time.Now().Add(1000 * hour))
		a := f.asks(t, "a")
		a.Limits = []ratelimit.Known{learned}
		a.exchange(t)
		f.SetTime(time.Now())
		learned.At = time.Now()
		a.Limits, a.Dropped = nil, []ratelimit.Known{learned}
		a.exchange(t)
		if reply := f.asks(t, "b").exchange(t); len(reply.Limits) != 0 {
			t.Errorf("who comes new hears of %v, which proved wrong", reply.Limits)
		}
	})
}
