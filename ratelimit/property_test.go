package ratelimit

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// trial is a server with limits and what is asked of it.
type trial struct {
	policies []policy
	headers  bool
	options  Options
	workers  int
	calls    int
	classes  []Class
	slowest  time.Duration // of round trips
	varies   bool          // they do from call to call
	cancels  int           // one in so many callers gives up; zero: none
	loses    int           // one in so many answers is lost; zero: none
	seed     uint64
}

func drawTrial(t *rapid.T) trial {
	limit := rapid.Custom(func(t *rapid.T) policy {
		window := second * time.Duration(rapid.SampledFrom([]int{1, 2, 5, 6, 10, 30, 60, 120, 3600}).Draw(t, "window"))
		return policy{Limit: Limit{
			Scope:  Scope(rapid.IntRange(0, len(scopeNames)-1).Draw(t, "scope")),
			Budget: Budget{rapid.IntRange(1, 60).Draw(t, "calls"), window},
		}}
	})
	return trial{
		policies: rapid.SliceOfN(limit, 1, 3).Draw(t, "policies"),
		headers:  rapid.Bool().Draw(t, "headers"),
		workers:  rapid.IntRange(1, 20).Draw(t, "workers"),
		calls:    rapid.IntRange(1, 150).Draw(t, "calls"),
		classes:  rapid.SliceOfN(rapid.SampledFrom([]Class{Read, Write, Create}), 1, 5).Draw(t, "classes"),
		slowest:  time.Millisecond * time.Duration(rapid.SampledFrom([]int{0, 1, 20, 200, 1500}).Draw(t, "round trip")),
		varies:   rapid.Bool().Draw(t, "varies"),
		cancels:  rapid.SampledFrom([]int{0, 0, 5}).Draw(t, "cancels"),
		loses:    rapid.SampledFrom([]int{0, 0, 20}).Draw(t, "loses"),
		seed:     rapid.Uint64().Draw(t, "seed"),
	}
}

// seen is a call as the client and the server saw it.
type seen struct {
	class                   Class
	left, decided, answered time.Duration
	answer                  Answer
}

// run makes the calls. It returns what became of them, in the order of the
// answers, and how many workers did not get on in a hundred times the time that
// was needed.
func (tr trial) run(t *testing.T) (calls []seen, missing int) {
	s, g, began := newServer(tr.headers, 0, tr.policies...), New(tr.options), time.Now()
	need := hour
	for _, p := range tr.policies {
		need += p.Window * time.Duration(1+tr.calls/p.Calls)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*need)
	defer cancel()
	var mu sync.Mutex
	left := tr.calls
	var group sync.WaitGroup
	for worker := range tr.workers {
		group.Go(func() {
			chance := rand.New(rand.NewPCG(tr.seed, uint64(worker)))
			trip := func() time.Duration {
				if !tr.varies || tr.slowest == 0 {
					return tr.slowest / 2
				}
				return time.Duration(chance.Int64N(int64(tr.slowest)))
			}
			for {
				mu.Lock()
				left--
				mine := left
				mu.Unlock()
				if mine < 0 {
					return
				}
				c := tr.classes[mine%len(tr.classes)]
				for {
					if tr.cancels > 0 && chance.IntN(tr.cancels) == 0 {
						short, cancel := context.WithTimeout(ctx, trip())
						if pass, err := g.Wait(short, c); err == nil {
							pass.Unused()
						}
						cancel()
					}
					pass, err := g.Wait(ctx, c)
					if err != nil {
						mu.Lock()
						missing++
						mu.Unlock()
						return
					}
					call := seen{class: c, left: time.Since(began)}
					time.Sleep(trip())
					call.decided = time.Since(began)
					call.answer = s.decide(c, time.Now())
					time.Sleep(trip())
					mu.Lock()
					call.answered = time.Since(began)
					calls = append(calls, call)
					if tr.loses > 0 && chance.IntN(tr.loses) == 0 {
						pass.Lost()
						call.answer.Refused = false
					} else {
						pass.Answered(call.answer)
					}
					mu.Unlock()
					if !call.answer.Refused {
						break
					}
				}
			}
		})
	}
	group.Wait()
	return calls, missing
}

// refusals counts them.
func refusals(calls []seen) (n int) {
	for _, c := range calls {
		if c.answer.Refused {
			n++
		}
	}
	return n
}

// Whatever the server's limits are, every call is admitted in the end, and none
// leaves in a pause of its class.
func TestEveryCallIsAdmittedAndNoneLeavesInAPause(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tr := drawTrial(rt)
		tr.loses = 0 // their answers would announce pauses that nobody heard of
		var calls []seen
		missing := 0
		synctest.Test(t, func(t *testing.T) { calls, missing = tr.run(t) })
		if missing > 0 {
			rt.Errorf("%d workers did not get on", missing)
		}
		for _, r := range calls {
			if !r.answer.Refused {
				continue
			}
			for _, c := range calls {
				if c.class == r.class && c.left > r.answered && c.left < r.answered+r.answer.Wait {
					rt.Fatalf("a %v left at %v, but at %v a pause of %v was announced", c.class, c.left, r.answered, r.answer.Wait)
				}
			}
		}
	})
}

// Under a ceiling, no window sees more calls than that at the server, wherever it
// begins, and whatever becomes of the answers.
func TestNoWindowSeesMoreThanTheCeiling(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tr := drawTrial(rt)
		tr.options.Ceiling = tr.policies[0].Budget
		tr.policies = nil
		var calls []seen
		synctest.Test(t, func(t *testing.T) { calls, _ = tr.run(t) })
		at := newDepartures()
		for _, c := range calls {
			at.at[c.class] = append(at.at[c.class], c.decided)
		}
		decided := at.of(All)
		for i := tr.options.Ceiling.Calls; i < len(decided); i++ {
			if within := decided[i] - decided[i-tr.options.Ceiling.Calls]; within <= tr.options.Ceiling.Window {
				rt.Fatalf("%d calls were made in %v", tr.options.Ceiling.Calls+1, within)
			}
		}
	})
}

// With headers, one limit costs calls of one class a refusal of each that was under
// way when it was met, and of those in a few more windows at most, where round trips
// as long as windows leave it open which window a call was counted in. No such bound holds
// without headers, or for several classes or limits: nothing says then which calls a
// refusal is about, or which limit headers show.
func TestALimitThatIsShownCostsFewRefusals(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tr := drawTrial(rt)
		tr.policies, tr.classes, tr.headers, tr.loses, tr.cancels = tr.policies[:1], tr.classes[:1], true, 0, 0
		var calls []seen
		synctest.Test(t, func(t *testing.T) { calls, _ = tr.run(t) })
		if n := refusals(calls); n > 3*tr.workers+5 {
			rt.Errorf("%d refusals of %d workers", n, tr.workers)
		}
	})
}

// Once a limit is known, it costs a refusal a day at most, to see whether it was
// raised, however few calls it has and however long the run is.
func TestALimitThatIsKnownIsNotMetAgain(t *testing.T) {
	for _, test := range []struct {
		name     string
		policy   policy
		calls    int
		classes  []Class
		refusals int // at most, in that many calls by one worker
	}{
		{"30 creates an hour", policy{Limit: Limit{Creates, Budget{30, hour}}}, 3000, []Class{Create}, 8},
		{"1 write an hour", policy{Limit: Limit{Updates, Budget{1, hour}}}, 100, []Class{Write}, 8},
		// Nothing tells which calls it counts, so it is met by one of them in each window.
		{"2 in two minutes, of all classes", policy{Limit: Limit{All, Budget{2, 2 * minute}}}, 100, []Class{Read, Write, Create}, 50},
		{"1 GET in 6 s, beside creates", policy{Limit: Limit{Reads, Budget{1, 6 * second}}}, 150, []Class{Read, Create}, 8},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(false, 700*time.Microsecond, test.policy)
				s.spend(t, New(Options{}), test.calls, 1, test.classes...)
				if s.refused > test.refusals {
					t.Errorf("%d of %d calls were refused", s.refused, test.calls)
				}
			})
		})
	}
}
