package ratelimit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// memory is a Store in memory, with a round trip through JSON as files have it.
type memory struct {
	mu      sync.Mutex
	kept    []byte
	updates int

	failure error // that every update ends with; nil: none
	after   bool  // the failure comes after the change, which is lost
}

func (m *memory) Update(_ context.Context, change func(*State)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.updates++
	if m.failure != nil && !m.after {
		return m.failure
	}
	var state State
	if m.kept != nil {
		if err := json.Unmarshal(m.kept, &state); err != nil {
			return err
		}
	}
	change(&state)
	if m.failure != nil {
		return m.failure
	}
	if err := state.Check(); err != nil {
		return err
	}
	kept, err := json.Marshal(&state)
	m.kept = kept
	return err
}

func (m *memory) Exchange(ctx context.Context, r Report) (reply Reply, err error) {
	err = m.Update(ctx, func(state *State) { reply = state.Exchange(r) })
	return reply, err
}

func (m *memory) Changed() <-chan struct{} { return nil }

// fail makes every update fail from now on, or none with nil.
func (m *memory) fail(err error, after bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failure, m.after = err, after
}

// state returns what is kept.
func (m *memory) state(t *testing.T) (state State) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept != nil {
		if err := json.Unmarshal(m.kept, &state); err != nil {
			t.Fatal(err)
		}
	}
	return state
}

// put replaces what is kept.
func (m *memory) put(t *testing.T, state State) {
	t.Helper()
	kept, err := json.Marshal(&state)
	if err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept = kept
}

var errStore = errors.New("the folder cannot be written")

// together makes calls of these classes through several gates at once until so
// many were admitted, or the time is over, and returns how long that took.
func together(t *testing.T, s *server, n, workers int, gates []*Gate, most time.Duration, classes ...Class) time.Duration {
	t.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	var next atomic.Int64
	var group sync.WaitGroup
	for _, g := range gates {
		for range workers {
			group.Go(func() {
				for i := next.Add(1); i <= int64(n); i = next.Add(1) {
					for answer := refused; answer.Refused; {
						pass, err := g.Wait(ctx, classes[i%int64(len(classes))])
						if err != nil {
							return
						}
						answer = s.call(pass.class)
						pass.Answered(answer)
					}
				}
			})
		}
	}
	group.Wait()
	return time.Since(began)
}

func gates(n int, o Options) (all []*Gate) {
	for range n {
		all = append(all, New(o))
	}
	return all
}

// Several processes keep within a policy together, and use most of it.
func TestProcessesUseAPolicyTogether(t *testing.T) {
	create, mixed := []Class{Create}, []Class{Create, Write, Read}
	for _, test := range []use{
		{"documented, without headers", []policy{all(600, minute), all(140, 10*second), reads(12, 5*second)}, false, Options{}, 1200, create, minute + 40*second, 8},
		{"documented, with headers", []policy{all(600, minute), all(140, 10*second), reads(12, 5*second)}, true, Options{}, 1200, create, minute + 40*second, 8},
		{"a ceiling of 60 in 6 s", []policy{all(60, 6*second)}, false, Options{Ceiling: Budget{60, 6 * second}}, 600, create, 54 * second, 0},
		{"a ceiling of 20/s, mixed", []policy{all(20, second)}, false, Options{Ceiling: Budget{20, second}}, 500, mixed, 24 * second, 0},
		{"a ceiling of 60 in 6 s, mixed", []policy{all(60, 6*second)}, false, Options{Ceiling: Budget{60, 6 * second}}, 600, mixed, 54 * second, 0},
		{"60 in 6 s, with headers", []policy{all(60, 6*second)}, true, Options{}, 600, create, 54 * second, 16},
		{"60 in 6 s, without headers", []policy{all(60, 6*second)}, false, Options{}, 600, create, 54 * second, 16},
		{"100 a minute, 1,000 an hour", []policy{all(100, minute), all(1000, hour)}, true, Options{}, 1900, create, hour + 8*minute, 32},
		{"30 invites an hour", []policy{all(600, minute), invites(30, hour)}, true, Options{}, 120, create, 3 * hour, 8},
	} {
		for _, processes := range []int{2, 4} {
			t.Run(fmt.Sprintf("%d with %s", processes, test.name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					store := &memory{}
					test.options.Store = store
					s := newServer(test.headers, 20*time.Millisecond, test.policies...)
					took := together(t, s, test.calls, 8, gates(processes, test.options), 3*test.ideal, test.classes...)
					t.Logf("took %v, %.1f %%, %d refused, %d updates", took, 100*test.ideal.Seconds()/took.Seconds(), s.refused, store.updates)
					if test.ideal.Seconds() < 0.75*took.Seconds() {
						t.Errorf("took %v, ideally %v", took, test.ideal)
					}
					if s.refused > test.refusals*processes {
						t.Errorf("%d calls were refused", s.refused)
					}
					// Nobody asks again and again while there is no room.
					if most := 3*test.calls + processes*int(took/tick); store.updates > most {
						t.Errorf("%d updates, want %d at most", store.updates, most)
					}
				})
			})
		}
	}
}

// known is a state that holds a limit.
func known(l Limit) State { return State{Limits: []Known{{Limit: l, At: time.Now()}}} }

// adopts returns whether a new gate takes over a limit at its first call.
func adopts(t *testing.T, state State, l Limit) bool {
	t.Helper()
	store := &memory{}
	store.put(t, state)
	g := New(Options{Store: store})
	admit(t, g, 1, Read)
	return slices.Contains(g.Snapshot().Limits, l)
}

func TestALaterRunGoesOnFromThere(t *testing.T) {
	limit := Limit{Creates, Budget{20, hour}}
	t.Run("by a limit and what was spent of it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := &memory{}
			store.put(t, known(limit))
			g := New(Options{Store: store})
			admit(t, g, 15, Create)
			if err := g.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * minute)
			g = New(Options{Store: store})
			admit(t, g, 5, Create)
			if got := g.Delay(Create); got < 49*minute || got > 50*minute+2*second {
				t.Errorf("the next may leave in %v, want 50 minutes, an hour after the first run's", got)
			}
		})
	})
	t.Run("by a pause", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := &memory{}
			g := New(Options{Store: store})
			pass := leave(t, g, Create)
			pass.Answered(Answer{Refused: true, Wait: hour, Capped: true})
			if err := g.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * minute)
			elapses(t, 50*minute, func() { leave(t, New(Options{Store: store}), Create).Unused() })
		})
	})
	t.Run("which never make it wait when it does not want to", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store, never := &memory{}, time.Duration(0)
			state := known(limit)
			state.Spent = []Spent{{Seq: 1, At: time.Now().Add(-minute), Calls: only(Create, 20)}}
			state.Seq = 1
			store.put(t, state)
			_, err := New(Options{Store: store, MaxWait: &never}).Wait(t.Context(), Create)
			var tooLong *TooLong
			if !errors.As(err, &tooLong) || tooLong.Limit != limit || time.Until(tooLong.Until).Round(second) != 59*minute {
				t.Errorf("error is %v, want that it is held by %v for 59 minutes", err, limit)
			}
		})
	})
}

func TestALaterRunAdoptsLimits(t *testing.T) {
	for _, test := range []struct {
		name string
		l    Limit
		age  time.Duration // since it was last seen to hold
		want bool
	}{
		{"one that is like no other", Limit{All, Budget{60, 6 * second}}, hour, true},
		{"one narrower than documented", Limit{All, Budget{300, minute}}, hour, true},
		{"one wider than documented", Limit{Reads, Budget{100, 5 * second}}, hour, true},
		{"a cap other than suspected", Limit{Creates, Budget{20, hour}}, hour, true},
		{"100 a minute, as suspected", suspicions[0], hour, true},
		{"1,000 an hour, as suspected", suspicions[1], hour, true},
		{"30 invites an hour, as suspected", suspicions[2], hour, true},
		{"one that was seen weeks ago", Limit{Creates, Budget{20, hour}}, 29 * 24 * hour, true},
		{"none that is older than a month", Limit{Creates, Budget{20, hour}}, 31 * 24 * hour, false},
		{"one of a day to come, by a clock that was wrong", Limit{Creates, Budget{20, hour}}, -24 * hour, true},
		{"one of a clock that is a little ahead", Limit{Creates, Budget{20, hour}}, -skew / 2, true},
		{"none without a window", Limit{Creates, Budget{Calls: 20}}, hour, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				state := State{Limits: []Known{{Limit: test.l, At: time.Now().Add(-test.age)}}}
				if got := adopts(t, state, test.l); got != test.want {
					t.Errorf("it is adopted: %v", got)
				}
			})
		})
	}
}

// A run with a cap of its own does not take over another, but keeps it.
func TestARunWithoutACapKeepsItForOthers(t *testing.T) {
	for _, o := range []Options{{NoInviteCap: true}, {InviteCap: Budget{100, hour}}} {
		synctest.Test(t, func(t *testing.T) {
			limit := Limit{Creates, Budget{20, hour}}
			store := &memory{}
			store.put(t, known(limit))
			o.Store = store
			g := New(o)
			admit(t, g, 1, Read)
			if err := g.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !adopts(t, store.state(t), limit) {
				t.Errorf("after a run with %v, none %v, the limit is forgotten", o.InviteCap, o.NoInviteCap)
			}
		})
	}
}

func TestWhatARunKnowsBeforeItsFirstCall(t *testing.T) {
	limit := Limit{Creates, Budget{20, hour}}
	begin := func(t *testing.T) *Gate {
		never, store := time.Duration(0), &memory{}
		state := known(limit)
		state.Spent = []Spent{{Seq: 1, At: time.Now().Add(-minute), Calls: only(Create, 20)}}
		store.put(t, state)
		return New(Options{Store: store, MaxWait: &never})
	}
	t.Run("is in its estimate", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			if got := begin(t).Estimate(map[Class]int{Create: 1}); got.In < 58*minute || got.Limit != limit {
				t.Errorf("it says %v by %v, want 59 minutes by %v", got.In, got.Limit, limit)
			}
		})
	})
	t.Run("is in what it says of a wait that is too long", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			if begin(t).TooLong(Create) == nil {
				t.Error("it says nothing")
			}
		})
	})
}

func TestProcessesLearnFromEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		a, b := New(Options{Store: store}), New(Options{Store: store})
		admit(t, a, 1, Read)
		admit(t, b, 1, Read)

		s := newServer(false, 20*time.Millisecond, policy{Limit: Limit{Creates, Budget{20, hour}}, invites: true})
		go s.spend(t, a, 21, 1, Create)
		time.Sleep(minute)
		s.mu.Lock()
		admitted, refused := s.admitted, s.refused
		s.mu.Unlock()
		if admitted != 20 || refused != 1 {
			t.Fatalf("the test is wrong: %d calls were admitted, %d refused", admitted, refused)
		}
		admit(t, b, 1, Read)
		if got := b.Delay(Create); got < 58*minute {
			t.Errorf("the other's next may leave in %v, want 59 minutes", got)
		}
		if want := (Limit{Creates, Budget{20, hour}}); !slices.Contains(b.Snapshot().Limits, want) {
			t.Errorf("the other knows %v", b.Snapshot().Limits)
		}
		time.Sleep(2 * hour)
	})
}

func TestAProcessThatDisappears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		o := Options{Ceiling: Budget{10, minute}, Store: store}
		gone, stays := New(o), New(o)
		for range 4 {
			leave(t, gone, Create) // and no word of it ever again
		}
		gone.mu.Lock()
		gone.sharing.closed = true
		gone.mu.Unlock()
		began := time.Now()
		admit(t, stays, 6, Create)
		if got := time.Since(began); got > second {
			t.Fatalf("what is left is used after %v", got)
		}
		time.Sleep(minute + 2*grain)
		admit(t, stays, 6, Create) // six slots came back, four count until one window after the lease
		admit(t, stays, 4, Create)
		if got := time.Since(began); got < minute+leaseTime || got > minute+leaseTime+2*second {
			t.Errorf("all slots came back after %v, want a minute after the lease", got)
		}
		began = time.Now()
		admit(t, stays, 10, Create)
		if got := time.Since(began); got > minute+2*second {
			t.Errorf("ten go in %v", got)
		}
		if leases := store.state(t).Leases; len(leases) > 1 {
			t.Errorf("%v are leased", leases)
		}
	})
}

// The others take what a process is thought to make for made when its lease is over,
// so one that says nothing for longer would count twice.
func TestALeaseIsKeptAndGivenBackInTime(t *testing.T) {
	for _, test := range []struct {
		name        string
		takes, idle time.Duration
	}{
		{"a call that takes longer than a lease", 3 * leaseTime, leaseTime},
		{"a process that has nothing more to call", 20 * time.Millisecond, 3 * leaseTime},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &memory{}
				o := Options{Ceiling: Budget{10, hour}, Store: store}
				quiet, other := New(o), New(o)
				pass := leave(t, quiet, Create)
				time.Sleep(test.takes)
				admit(t, other, 1, Create)
				pass.Answered(Answer{})
				time.Sleep(test.idle)
				admit(t, other, 1, Create)
				admit(t, quiet, 1, Create)
				if err := quiet.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := other.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				made := 0
				for _, spent := range store.state(t).Spent {
					made += spent.Calls.in(All)
				}
				if made != 4 {
					t.Errorf("%d calls count, of 4 that were made", made)
				}
			})
		})
	}
}

// Who knows of fewer calls than the store would wait there for what it may try.
func TestAProcessThatWasStoppedHearsWhatCountsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		o := Options{Ceiling: Budget{10, hour}, Store: store}
		stopped, other := New(o), New(o)
		stop := func(closed bool) {
			stopped.mu.Lock()
			defer stopped.mu.Unlock()
			stopped.sharing.closed = closed
		}
		pass := leave(t, stopped, Create)
		stop(true)
		time.Sleep(2 * leaseTime)
		admit(t, other, 1, Create)
		stop(false)
		pass.Answered(Answer{})
		admit(t, stopped, 1, Create)
		if err := stopped.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		counted := 0
		for _, spent := range store.state(t).Spent {
			counted += spent.Calls.in(All)
		}
		if a := stopped.ledger.accounts[0]; a.spent.len() != counted || counted < 3 {
			t.Errorf("the process knows of %d calls, the store of %d", a.spent.len(), counted)
		}
	})
}

func TestAbsurdStatesDoNoHarm(t *testing.T) {
	day := 24 * hour
	for _, test := range []struct {
		name  string
		state func(now time.Time) State
		most  time.Duration // until a first call may leave
	}{
		{"calls of a day to come", func(now time.Time) State {
			return State{Seq: 1, Spent: []Spent{{1, "x", now.Add(day), tally{10, 10, 10}}}}
		}, 0},
		{"calls of long ago", func(now time.Time) State {
			return State{Seq: 1, Spent: []Spent{{1, "x", now.Add(-1000 * day), tally{10, 10, 10}}}}
		}, 0},
		{"calls by a clock that is a little ahead", func(now time.Time) State {
			return State{Seq: 1, Spent: []Spent{{1, "x", now.Add(skew / 2), tally{10, 10, 10}}}}
		}, minute + second},
		{"more calls than fit", func(now time.Time) State {
			return State{Seq: 1, Spent: []Spent{{1, "x", now, tally{mostCalls, 0, 0}}}}
		}, minute + second},
		{"a lease for years", func(now time.Time) State {
			return State{Leases: map[string]Lease{"x": {now.Add(1000 * day), tally{10, 10, 10}}}}
		}, minute + second},
		{"a lease of long ago", func(now time.Time) State {
			return State{Leases: map[string]Lease{"x": {now.Add(-1000 * day), tally{10, 10, 10}}}}
		}, 0},
		{"a pause for years", func(now time.Time) State {
			return State{Pauses: []Pause{{Create, now, now.Add(1000 * day)}}}
		}, 2 * day},
		{"a pause that was announced tomorrow", func(now time.Time) State {
			return State{Pauses: []Pause{{Create, now.Add(day), now.Add(2 * day)}}}
		}, 0},
		{"a pause that is over", func(now time.Time) State {
			return State{Pauses: []Pause{{Create, now.Add(-2 * day), now.Add(-day)}}}
		}, 0},
		{"a number of the last entry that is too low", func(now time.Time) State {
			return State{Seq: 0, Spent: []Spent{{100, "x", now.Add(-minute), tally{1, 1, 1}}}}
		}, minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, began := &memory{}, time.Now()
				store.put(t, test.state(began))
				g := New(Options{Ceiling: Budget{10, minute}, Store: store})
				pass, err := g.Wait(t.Context(), Create)
				if err != nil {
					t.Fatal(err)
				}
				pass.Answered(Answer{})
				if took := time.Since(began); took > test.most {
					t.Errorf("the first call left after %v, want %v at most", took, test.most)
				}
				if err := g.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				state := store.state(t)
				if err := state.Check(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestAStoreThatFails(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("when the change was made: %v", after), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &memory{}
				o := Options{Ceiling: Budget{10, second}, Store: store}
				g := New(o)
				admit(t, g, 5, Create)
				store.fail(errStore, after)
				admit(t, g, 50, Create)
				if err := g.Snapshot().Unshared; !errors.Is(err, errStore) {
					t.Errorf("Unshared = %v, want %v", err, errStore)
				}
				if err := g.Close(t.Context()); !errors.Is(err, errStore) {
					t.Errorf("Close = %v, want %v", err, errStore)
				}
				store.fail(nil, false)
				time.Sleep(askAgain)
				admit(t, g, 1, Create)
				if err := g.Snapshot().Unshared; err != nil {
					t.Errorf("it works again, but Unshared = %v", err)
				}
				if err := g.Close(t.Context()); err != nil {
					t.Error(err)
				}
				spent := 0
				for _, x := range store.state(t).Spent {
					spent += x.Calls[Create]
				}
				if spent != 56 {
					t.Errorf("%d calls are told of, want 56", spent)
				}
			})
		})
	}
}

// Asking may take a while.
func TestAStoreThatFailsIsNotAskedForEachCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{failure: errStore}
		g := New(Options{Store: store})
		admit(t, g, 100, Create)
		if store.updates > 2 {
			t.Errorf("100 calls at once asked it %d times", store.updates)
		}
	})
}

// Calls that leave without a lease are not taken off one.
func TestAStoreThatFailsLeavesNoLeaseOfLessThanNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		g := New(Options{Ceiling: Budget{1000, second}, Store: store})
		admit(t, g, 1, Create)
		admit(t, g, 1, Read)
		store.fail(errStore, false)
		time.Sleep(second)
		admit(t, g, 1, Create) // the store is asked
		admit(t, g, 300, Read)
		admit(t, g, 300, Write)
		store.fail(nil, false)
		time.Sleep(askAgain)
		admit(t, g, 1, Create)
		if err := g.Snapshot().Unshared; err != nil {
			t.Errorf("the state is absurd: %v", err)
		}
	})
}

// besideLeases returns a gate while another has leased all that there is.
func besideLeases(t *testing.T) (*memory, *Gate) {
	t.Helper()
	store := &memory{}
	o := Options{Ceiling: Budget{2, 10 * second}, Store: store}
	other := New(o)
	leave(t, other, Create)
	leave(t, other, Read)
	return store, New(o)
}

// What others had leased when the store failed does not count for ever.
func TestAStoreThatFailsWhileOthersHoldALease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, g := besideLeases(t)
		ctx, cancel := context.WithTimeout(t.Context(), second/2)
		defer cancel()
		if _, err := g.Wait(ctx, Create); err == nil {
			t.Fatal("the test is wrong: there was room")
		}
		store.fail(errStore, false)
		ctx, cancel = context.WithTimeout(t.Context(), minute)
		defer cancel()
		if _, err := g.Wait(ctx, Create); err != nil {
			t.Error("it does not go on alone")
		}
	})
}

// A caller that keeps its calls away from the gate for as long as Delay says comes
// back, too, though nobody asks for a call meanwhile.
func TestAStoreThatFailsWhileACallerOnlyLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, g := besideLeases(t)
		for _, failure := range []error{nil, errStore} {
			store.fail(failure, false)
			ctx, cancel := context.WithTimeout(t.Context(), second)
			if _, err := g.Wait(ctx, Create); err == nil {
				t.Fatal("the test is wrong: there was room")
			}
			cancel()
		}
		for began := time.Now(); g.Delay(Create) > 0; time.Sleep(g.Delay(Create)) {
			if time.Since(began) > minute {
				t.Fatalf("after a minute a call would still have to wait for %v", g.Delay(Create))
			}
		}
	})
}

// Entries that were numbered in an update that failed are numbered anew.
func TestAnUpdateThatFailsHidesNoCallsOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		o := Options{Ceiling: Budget{100, hour}, Store: store}
		g, other := New(o), New(o)
		admit(t, other, 1, Create)
		admit(t, g, 3, Create)
		store.fail(errStore, true)
		time.Sleep(second)
		admit(t, g, 1, Create)
		store.fail(nil, false)
		admit(t, other, 20, Create)
		if err := other.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(askAgain)
		admit(t, g, 1, Create)
		if got := g.ledger.accounts[0].spent.len(); got < 26 {
			t.Errorf("%d of 26 calls are known", got)
		}
	})
}

// Or others would use their slots too early.
func TestWhatIsToldIsNotEarlierThanItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		g := New(Options{Ceiling: Budget{10, second}, Store: store})
		admit(t, g, 1, Create)
		time.Sleep(900 * time.Millisecond)
		admit(t, g, 5, Create)
		last := time.Now()
		if err := g.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, x := range store.state(t).Spent {
			if x.Calls[Create] > 1 && x.At.Before(last) {
				t.Errorf("%d calls are told to have been made %v too early", x.Calls[Create], last.Sub(x.At))
			}
		}
	})
}

// What is leased for a class that yields to another does not keep that from leaving.
func TestClassesDoNotBlockEachOtherByTheirLeases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{1, second}, Store: &memory{}})
		left := newDepartures()
		ctx, cancel := context.WithTimeout(t.Context(), minute)
		defer cancel()
		var workers sync.WaitGroup
		for c := range Class(Classes) {
			workers.Go(func() {
				for {
					pass, err := g.Wait(ctx, c)
					if err != nil {
						return
					}
					left.note(c)
					time.Sleep(20 * time.Millisecond)
					pass.Answered(Answer{})
				}
			})
		}
		workers.Wait()
		if got := len(left.of(All)); got < 50 {
			t.Errorf("%d calls left in a minute, want 50 at least", got)
		}
	})
}

// Calls that were joined with those of others are still known to who made them.
func TestACallIsNotCountedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		o := Options{Ceiling: Budget{100, hour}, Store: store}
		time.Sleep(30*second - time.Duration(time.Now().Second())*second) // within a minute
		g, other := New(o), New(o)
		admit(t, g, 10, Create)
		time.Sleep(second)
		admit(t, g, 1, Create)
		if err := g.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(second)
		for range 5 {
			admit(t, other, 1, Create)
			time.Sleep(minute)
		}
		admit(t, g, 1, Create)
		if got := g.ledger.accounts[0].spent.len(); got != 17 {
			t.Errorf("%d calls are spent, want 17", got)
		}
	})
}

func TestTheStateOfADayIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now, most := time.Now(), 0
		state := State{}
		for i := range 24 * 3600 {
			state.Seq++
			state.Spent = append(state.Spent, Spent{state.Seq, "a", now, only(Create, 10)})
			if i%60 == 0 {
				state.compact(now, 24*hour)
			}
			most = max(most, len(state.Spent))
			now = now.Add(second)
		}
		if err := state.Check(); err != nil || most > 24*60+5*60 {
			t.Errorf("it has %d entries, and %d at most, %v", len(state.Spent), most, err)
		}
		calls := 0
		for _, x := range state.Spent {
			calls += x.Calls[Create]
		}
		if want := 24 * 3600 * 10; calls != want {
			t.Errorf("%d calls are kept, want %d", calls, want)
		}
	})
}

// Two clocks that are almost a minute apart tell of their calls in turn.
func TestTheStateOfTwoClocksIsBounded(t *testing.T) {
	now := epoch
	state := State{}
	for range 6 * 3600 {
		for _, ahead := range []time.Duration{0, 50 * second} {
			state.Seq++
			state.Spent = append(state.Spent, Spent{state.Seq, "a", now.Add(ahead), only(Create, 10)})
		}
		if len(state.Spent)%500 == 0 {
			state.compact(now, 24*hour)
		}
		now = now.Add(second)
	}
	state.compact(now, 24*hour)
	if err := state.Check(); err != nil {
		t.Error(err)
	}
}
