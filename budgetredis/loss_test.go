package budgetredis

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/ratelimit"
)

// What was lost is told again by those who know it.
func TestRedisThatLosesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		o := ratelimit.Options{InviteCap: ratelimit.Budget{Calls: 30, Window: hour}}
		a, b := f.gate(t, o), f.gate(t, o)
		admit(t, b, 12, ratelimit.Create)
		learned := ratelimit.Answer{Refused: true, Wait: 10 * minute, Capped: true, Cap: ratelimit.Budget{Calls: 30, Window: hour}}
		leave(t, a, ratelimit.Write).Answered(learned)
		admit(t, b, 1, ratelimit.Read)
		time.Sleep(minute)
		f.FlushAll()
		if n := fits(t, a, ratelimit.Create, 2*minute); n != 18 {
			t.Errorf("beside 12 calls of 30 fit %d", n)
		}
		fresh := f.gate(t, o)
		if n := fits(t, fresh, ratelimit.Create, 30*second); n != 0 {
			t.Errorf("who comes new finds room for %d", n)
		}
		if want := limit(ratelimit.Updates, 30, hour); !slices.Contains(fresh.Snapshot().Limits, want) {
			t.Errorf("who comes new knows %v", fresh.Snapshot().Limits)
		}
	})
}

// What those who have ended made is told by nobody. Until its window is over, one
// that is short is not used.
func TestRedisThatLosesWhatNobodyElseKnows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		o := ceiling(10, minute)
		stays := f.gate(t, o)
		store := f.open(t)
		o.Store = store
		ends := ratelimit.New(o)
		admit(t, stays, 1, ratelimit.Create)
		admit(t, ends, 9, ratelimit.Create)
		if err := errors.Join(ends.Close(t.Context()), store.Close()); err != nil {
			t.Fatal(err)
		}
		f.FlushAll()
		fresh := f.gate(t, ceiling(10, minute)) // asks first, and finds that all is lost
		if n := fits(t, fresh, ratelimit.Create, 30*second); n != 0 {
			t.Errorf("who comes new finds room for %d beside 10 calls of 10", n)
		}
		if n := fits(t, stays, ratelimit.Create, 30*second); n != 0 {
			t.Errorf("who has made one finds room for %d beside 10 calls of 10", n)
		}
		if !fresh.Snapshot().Lost || !stays.Snapshot().Lost {
			t.Error("nobody tells why they wait")
		}
		if n := fits(t, fresh, ratelimit.Create, second); n != 10 {
			t.Errorf("a minute later fit %d", n)
		}
		time.Sleep(2 * minute)
		admit(t, fresh, 1, ratelimit.Create)
		if fresh.Snapshot().Lost {
			t.Error("what was lost still matters")
		}
	})
}

// A Redis that throws single keys away, or begins again with what it had saved a while
// ago, has lost something, and is told all of it again.
func TestRedisThatLosesAPart(t *testing.T) {
	saved := map[string]func(f *fake, key string) (restore func()){
		"list": func(f *fake, key string) func() {
			lines, _ := f.List(key)
			return func() { f.Del(key); _, _ = f.RPush(key, lines...) }
		},
		"hash": func(f *fake, key string) func() {
			fields, _ := f.HKeys(key)
			old := map[string]string{}
			for _, field := range fields {
				old[field] = f.HGet(key, field)
			}
			return func() {
				f.Del(key)
				for field, value := range old {
					f.HSet(key, field, value)
				}
			}
		},
		"zset": func(f *fake, key string) func() {
			old, _ := f.SortedSet(key)
			return func() {
				f.Del(key)
				for member, score := range old {
					_, _ = f.ZAdd(key, score, member)
				}
			}
		},
	}
	for _, key := range []string{"common", "members", "ends", "fine", "coarse", "all go back"} {
		t.Run(key, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				o := ratelimit.Options{InviteCap: ratelimit.Budget{Calls: 30, Window: hour}}
				a, b := f.gate(t, o), f.gate(t, o)
				admit(t, a, 5, ratelimit.Create)
				time.Sleep(minute)
				admit(t, b, 5, ratelimit.Create)
				pass := leave(t, a, ratelimit.Create)
				var restore []func()
				for _, key := range f.Keys() {
					restore = append(restore, saved[f.Type(key)](f, key))
				}
				pass.Answered(ratelimit.Answer{})
				admit(t, b, 9, ratelimit.Create)
				if key == "all go back" {
					f.FlushAll()
					for _, again := range restore {
						again()
					}
				} else if stem := "guestlist:1:{acme@go.tallyfy.com}:"; !f.Del(stem + key) {
					t.Fatal("there is no such key")
				}
				time.Sleep(10 * minute)
				fresh := f.gate(t, o)
				if n := fits(t, fresh, ratelimit.Create, 10*minute); n != 10 {
					t.Errorf("beside 20 calls of 30 fit %d", n)
				}
				time.Sleep(hour)
				if n := fits(t, b, ratelimit.Create, 10*minute); n != 30 {
					t.Errorf("an hour later fit %d of 30", n)
				}
			})
		})
	}
}

// Who cannot hear that all was lost tells its calls once it is back, though it has
// nothing to ask.
func TestRedisThatLosesAllWhileAProcessIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		away, other := f.asks(t, "away"), f.asks(t, "other")
		for _, a := range []*asks{away, other} {
			a.Lease = hour
			a.exchange(t)
			a.Wanted = []ratelimit.Want{{Class: ratelimit.Create, Calls: 2}}
			a.Budgets = []ratelimit.Use{{Limit: limit(ratelimit.All, 2, hour), Since: hour}}
		}
		away.exchange(t)
		time.Sleep(second)
		f.fails.Store(f.exchanges.Load() + 1)
		if _, err := away.Exchange(t.Context(), away.Report); err == nil {
			t.Fatal("it is not away")
		}
		f.FlushAll()
		other.exchange(t)
		time.Sleep(minute)
		if reply := other.exchange(t); reply.Granted[ratelimit.Create] != 0 {
			t.Errorf("beside 2 calls under way fit %d of 2", reply.Granted[ratelimit.Create])
		}
	})
}

// A reply that is lost while all is told again does not make anybody forget.
func TestRedisThatGoesAwayWhileItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		a := f.gate(t, ceiling(10, hour))
		admit(t, a, 7, ratelimit.Create)
		time.Sleep(minute)
		f.FlushAll()
		f.fails.Store(f.exchanges.Load() + 2) // the next says that all is lost
		time.Sleep(minute)
		if n := fits(t, a, ratelimit.Create, 10*minute); n != 3 {
			t.Errorf("beside 7 calls of 10 fit %d", n)
		}
		if n := fits(t, f.gate(t, ceiling(10, hour)), ratelimit.Create, 10*minute); n != 0 {
			t.Errorf("who comes new finds room for %d", n)
		}
	})
}
