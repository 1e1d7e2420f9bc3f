package budgetredis

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/ratelimit"
)

// Eight processes use a limit that they learn together: nearly all of it, at the
// price of one refusal.
func TestProcessesUseALimitTogether(t *testing.T) {
	t.Parallel()
	create := []ratelimit.Class{ratelimit.Create}
	mixed := []ratelimit.Class{ratelimit.Create, ratelimit.Write}
	for _, test := range []struct {
		name     string
		limits   []ratelimit.Limit
		options  ratelimit.Options
		classes  []ratelimit.Class
		windows  int // so many are looked at
		refusals int
		hidden   bool
	}{
		{"60 in 6 s, shown by headers", []ratelimit.Limit{limit(ratelimit.All, 60, 6*second)}, ratelimit.Options{}, create, 4, 1, false},
		{"60 in 6 s, shown by headers, mixed", []ratelimit.Limit{limit(ratelimit.All, 60, 6*second)}, ratelimit.Options{}, mixed, 4, 1, false},
		{"a ceiling of 60 in 6 s", []ratelimit.Limit{limit(ratelimit.All, 60, 6*second)}, ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 60, Window: 6 * second}}, mixed, 4, 0, true},
		{"a ceiling of 20/s", []ratelimit.Limit{limit(ratelimit.All, 20, second)}, ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 20, Window: second}}, mixed, 8, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // it takes a while, though none of it is waiting
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				a := newAPI(20*time.Millisecond, test.limits...)
				a.hidden = test.hidden
				most := test.windows * test.limits[0].Calls
				ideal := time.Duration(test.windows) * test.limits[0].Window
				together(t, a, most+1, 4, f.gates(t, 8, test.options), 3*ideal, test.classes...)
				share := 100 * ideal.Seconds() / a.at[most].Sub(a.at[0]).Seconds()
				perCall := float64(f.exchanges.Load()) / float64(most)
				t.Logf("%.1f %% were used, %d refused, %.2f exchanges for a call", share, a.refused, perCall)
				if perCall > 4 { // those who wait for a slot come for it at the same time
					t.Errorf("a call takes %.2f exchanges", perCall)
				}
				if share < 95 {
					t.Errorf("%d calls took %v, ideally %v", most, a.at[most].Sub(a.at[0]), ideal)
				}
				if a.refused > test.refusals {
					t.Errorf("%d calls were refused", a.refused)
				}
			})
		})
	}
}

func TestWhatOneProcessSpendsIsSpentForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		a, b := f.gate(t, ceiling(10, minute)), f.gate(t, ceiling(10, minute))
		admit(t, a, 7, ratelimit.Create)
		if n := fits(t, b, ratelimit.Read, 30*second); n != 3 {
			t.Errorf("beside 7 calls of 10 fit %d", n)
		}
		time.Sleep(29 * second)
		began := time.Now()
		admit(t, b, 7, ratelimit.Read)
		if took := time.Since(began); took > 2*second {
			t.Errorf("what comes back in a second is used after %v", took)
		}
	})
}

// A process that begins an hour later knows what was spent, though it is kept
// coarsely by then.
func TestWhatWasSpentIsKeptForLaterRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		a := f.gate(t, ceiling(100, 2*hour))
		for range 60 {
			admit(t, a, 1, ratelimit.Create)
			time.Sleep(minute)
		}
		if err := a.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		b := f.gate(t, ceiling(100, 2*hour))
		if n := fits(t, b, ratelimit.Create, second); n != 40 {
			t.Errorf("beside 60 calls of 100 fit %d", n)
		}
		if n := fits(t, a, ratelimit.Create, second); n != 0 {
			t.Errorf("who was away for a second has room for %d more", n)
		}
	})
}

func TestProcessesLearnFromEachOthersRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		a, b := f.gate(t, ratelimit.Options{}), f.gate(t, ratelimit.Options{})
		admit(t, a, 1, ratelimit.Read)
		admit(t, b, 1, ratelimit.Read)
		refusal := ratelimit.Answer{Refused: true, Wait: 20 * minute, Capped: true, Cap: ratelimit.Budget{Calls: 30, Window: hour}}
		leave(t, a, ratelimit.Create).Answered(refusal)
		time.Sleep(second)
		admit(t, b, 1, ratelimit.Read)
		if wait := b.Delay(ratelimit.Create); wait < 19*minute || wait > 20*minute {
			t.Errorf("the other waits %v for a pause of 20 minutes", wait)
		}
		if want := limit(ratelimit.Creates, 30, hour); !slices.Contains(b.Snapshot().Limits, want) {
			t.Errorf("the other knows %v", b.Snapshot().Limits)
		}
	})
}

// A lease comes back one window after it is over, as if its calls had been made.
func TestAProcessThatDisappears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		stays := f.gate(t, ceiling(10, minute))
		o := ceiling(10, minute)
		store := f.open(t)
		o.Store = store
		gone := ratelimit.New(o)
		admit(t, gone, 1, ratelimit.Create)
		for range 3 {
			leave(t, gone, ratelimit.Create)
		}
		if err := store.Close(); err != nil { // and no word of it ever again
			t.Fatal(err)
		}
		if n := fits(t, stays, ratelimit.Create, 30*second); n != 6 {
			t.Fatalf("beside 4 calls under way fit %d of 10", n)
		}
		began := time.Now()
		admit(t, stays, 10, ratelimit.Create)
		if took := time.Since(began); took < 34*second || took > 36*second {
			t.Errorf("all slots came back after %v, want a minute after the lease of 5 s", took)
		}
	})
}

// Who was stopped for a while and is not dead tells of calls that count already.
func TestAProcessThatWasStoppedIsNotCountedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		stopped, other := f.open(t), f.gate(t, ceiling(10, hour))
		report := ratelimit.Report{
			Now: time.Now(), By: "stopped", First: true, Lease: 5 * second,
			Wanted:  []ratelimit.Want{{Class: ratelimit.Create, Calls: 3}},
			Budgets: []ratelimit.Use{{Limit: limit(ratelimit.All, 10, hour), Since: hour}},
		}
		for range 2 { // the first hears what there is to know
			if _, err := stopped.Exchange(t.Context(), report); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(minute)
		admit(t, other, 1, ratelimit.Create) // notes that the lease is over
		time.Sleep(second)
		report.Now, report.Wanted, report.Total = time.Now(), nil, [3]int{ratelimit.Create: 3}
		report.Spent = []ratelimit.Spent{{At: time.Now(), Calls: report.Total}}
		if _, err := stopped.Exchange(t.Context(), report); err != nil {
			t.Fatal(err)
		}
		if n := fits(t, other, ratelimit.Create, second); n != 6 {
			t.Errorf("beside 4 calls of 10 fit %d", n)
		}
	})
}

// A server that takes its time has not answered yet when a lease would be over.
func TestASlowCallKeepsItsSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		slow, other := f.gate(t, ceiling(1, 10*second)), f.gate(t, ceiling(1, 10*second))
		admit(t, slow, 1, ratelimit.Create)
		pass := leave(t, slow, ratelimit.Create)
		if n := fits(t, other, ratelimit.Create, 25*second); n != 0 {
			t.Errorf("beside a call without an answer fit %d of 1", n)
		}
		pass.Answered(ratelimit.Answer{})
		if n := fits(t, other, ratelimit.Create, 9*second); n != 0 {
			t.Errorf("after its answer fit %d of 1", n)
		}
	})
}

// Waiting costs no exchange: who waits knows for how long, or is woken.
func TestWhoWaitsDoesNotPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		gates := f.gates(t, 4, ceiling(10, hour))
		admit(t, gates[0], 10, ratelimit.Create)
		var group sync.WaitGroup
		for _, g := range gates {
			group.Go(func() { leave(t, g, ratelimit.Create).Unused() })
		}
		time.Sleep(minute)
		before := f.exchanges.Load()
		time.Sleep(50 * minute)
		if n := f.exchanges.Load() - before; n > 0 {
			t.Errorf("four that wait for 50 minutes made %d exchanges", n)
		}
		group.Wait()
	})
}

// A slot that is given back wakes who waits for it, long before the lease is over.
func TestWhoWaitsForOthersIsWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		a, b := f.gate(t, ceiling(1, second)), f.gate(t, ceiling(1, second))
		pass := leave(t, a, ratelimit.Create)
		began := time.Now()
		var took time.Duration
		var group sync.WaitGroup
		group.Go(func() {
			leave(t, b, ratelimit.Create).Answered(ratelimit.Answer{})
			took = time.Since(began)
		})
		time.Sleep(300 * time.Millisecond)
		pass.Answered(ratelimit.Answer{})
		group.Go(func() { leave(t, a, ratelimit.Create).Unused() }) // who asks tells
		group.Wait()
		if took > 1500*time.Millisecond {
			t.Errorf("a slot that came back after 1.3 s was used after %v", took)
		}
	})
}

// Who is the first finds nothing lost, and need not wait.
func TestTheFirstBeginsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		g := f.gate(t, ceiling(10, minute))
		if n := fits(t, g, ratelimit.Create, 100*time.Millisecond); n != 10 {
			t.Errorf("at once fit %d of 10", n)
		}
		if g.Snapshot().Lost {
			t.Error("it tells of a loss")
		}
	})
}

// Everything goes away by itself, and does not grow with the calls.
func TestWhatIsKeptIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		g := f.gate(t, ceiling(100_000, hour))
		for range 60 {
			admit(t, g, 10, ratelimit.Create)
			time.Sleep(10 * second)
		}
		for _, key := range f.Keys() {
			if f.TTL(key) <= 0 {
				t.Errorf("%s stays for ever", key)
			}
			if f.Type(key) == "list" {
				if lines, _ := f.List(key); len(lines) > 200 {
					t.Errorf("%s has %d entries", key, len(lines))
				}
			}
		}
	})
}
