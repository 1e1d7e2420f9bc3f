package ratelimit

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// departures records when calls have left. It is safe for concurrent use.
type departures struct {
	mu    sync.Mutex
	at    [Classes][]time.Duration
	begin time.Time
}

func newDepartures() *departures { return &departures{begin: time.Now()} }

func (d *departures) note(c Class) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at[c] = append(d.at[c], time.Since(d.begin))
}

// of returns when the calls of a scope have left, in order.
func (d *departures) of(s Scope) (at []time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for c := range d.at {
		if s.holds(Class(c)) {
			at = append(at, d.at[c]...)
		}
	}
	slices.Sort(at)
	return at
}

// leave waits for a call of the class, and fails the test if it may not leave.
func leave(t *testing.T, g *Gate, c Class) Pass {
	t.Helper()
	most := longestPause + hour
	if g.sharing != nil {
		most = 3 * hour // a lease is asked for ten times a second
	}
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	pass, err := g.Wait(ctx, c)
	if err != nil {
		t.Fatalf("Wait(%v) = %v", c, err)
	}
	return pass
}

// admit makes calls that are admitted at once.
func admit(t *testing.T, g *Gate, n int, c Class) {
	t.Helper()
	for range n {
		leave(t, g, c).Answered(Answer{})
	}
}

// pause makes the server announce a pause: of every class, or of creates only.
func pause(t *testing.T, g *Gate, wait time.Duration, creates bool) {
	t.Helper()
	g.mu.Lock() // a pause before, which would hold the call back, does not matter
	p := Pass{gate: g, class: Create, left: g.clock.now(), prior: g.ledger.left.minus(g.ledger.underWay)}
	g.ledger.leave(Create, p.left)
	g.mu.Unlock()
	p.Answered(Answer{Refused: true, Wait: wait, Capped: creates})
}

// elapses fails the test unless f takes exactly that long.
func elapses(t *testing.T, want time.Duration, f func()) {
	t.Helper()
	begin := time.Now()
	f()
	if got := time.Since(begin); got != want {
		t.Errorf("it took %v, want %v", got, want)
	}
}

func TestCallsOfAClassLeaveInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{1, second}})
		var mu sync.Mutex
		var order []int
		var calls sync.WaitGroup
		for i := range 20 {
			calls.Go(func() {
				pass := leave(t, g, Create)
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				pass.Answered(Answer{})
			})
			synctest.Wait() // until it stands behind the one before it
		}
		calls.Wait()
		if !slices.IsSorted(order) || len(order) != 20 {
			t.Fatalf("they left in the order %v", order)
		}
	})
}

func TestABusyClassDoesNotHoldUpAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, left := New(Options{Ceiling: Budget{1, second}}), newDepartures()
		ctx, cancel := context.WithTimeout(t.Context(), 10*minute)
		defer cancel()
		var workers sync.WaitGroup
		for range 8 {
			workers.Go(func() {
				for {
					pass, err := g.Wait(ctx, Create)
					if err != nil {
						return
					}
					left.note(Create)
					pass.Answered(Answer{})
				}
			})
		}
		time.Sleep(10*second + second/2) // between two creates
		for range 100 {
			came := time.Since(left.begin)
			pass := leave(t, g, Read)
			went := time.Since(left.begin)
			pass.Answered(Answer{})
			synctest.Wait() // until the creates that have left are noted
			between := slices.DeleteFunc(left.of(Creates), func(at time.Duration) bool { return at <= came || at >= went })
			if len(between) > 1 {
				t.Fatalf("a read came at %v and went at %v; meanwhile creates left at %v", came, went, between)
			}
		}
		cancel()
		workers.Wait()
	})
}

// A call yields to one of another class that has waited longer. If that one is
// cancelled at the very moment when it could have left, the slot is free.
func TestACallThatIsCancelledWhenItsTurnComesHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{1, hour}})
		admit(t, g, 1, Create)
		g.ask(Read) // as Wait does, but slow to ask again
		time.Sleep(second)
		time.AfterFunc(2*hour, func() { g.giveUp(Read) })
		elapses(t, 2*hour, func() { leave(t, g, Write).Answered(Answer{}) })
	})
}

func TestAnAnswerMakesRoom(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer func(Pass)
		want   time.Duration // until the next call may leave, after the answer
	}{
		{"one window after an admitted call was answered", func(p Pass) { p.Answered(Answer{}) }, minute + grain},
		{"one window after a call was lost", Pass.Lost, minute + grain},
		{"at once when a call did not leave", Pass.Unused, 0},
		{"when the pause ends after one was refused", func(p Pass) { p.Answered(Answer{Refused: true, Wait: 7 * second}) }, 7 * second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := New(Options{Ceiling: Budget{1, minute}})
				pass := leave(t, g, Create)
				time.AfterFunc(hour, func() { test.answer(pass) })
				elapses(t, hour+test.want, func() { leave(t, g, Write).Unused() })
			})
		})
	}
}

func TestPause(t *testing.T) {
	type announced struct {
		at, lasts time.Duration
		creates   bool // else of all
	}
	for _, test := range []struct {
		name   string
		pauses []announced
		class  Class
		want   time.Duration // when a call that has stood there since 1 s leaves
	}{
		{"holds every class", []announced{{0, minute, false}}, Read, minute},
		{"of minutes holds the class that met it", []announced{{0, hour, false}}, Create, hour},
		{"of minutes holds no other class", []announced{{0, hour, false}}, Write, second},
		{"by a cap holds its class", []announced{{0, minute, true}}, Create, minute},
		{"by a cap holds no other class", []announced{{0, minute, true}}, Read, second},
		{"is extended by a later end", []announced{{0, minute, true}, {30 * second, hour, true}}, Create, hour + 30*second},
		{"is not shortened by an earlier end", []announced{{0, hour, true}, {30 * second, minute, true}}, Create, hour},
		{"is not ended by the pause of another class", []announced{{0, minute, false}, {second / 2, 2 * second, true}}, Read, minute},
		{"that is absurd is clamped", []announced{{0, 200 * 365 * 24 * hour, true}}, Create, 48 * hour},
		{"can follow another", []announced{{0, second / 2, false}, {600 * time.Millisecond, minute, false}}, Read, minute + 600*time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, begin := New(Options{}), time.Now()
				for _, p := range test.pauses {
					time.AfterFunc(p.at, func() { pause(t, g, p.lasts, p.creates) })
				}
				time.Sleep(second)
				leave(t, g, test.class).Unused()
				if got := time.Since(begin); got != test.want {
					t.Errorf("it left after %v, want %v", got, test.want)
				}
			})
		})
	}
}

// A server that is overloaded admits a call and asks to wait, or answers 503.
func TestAnAdmittedCallCanAnnounceAPauseOfAll(t *testing.T) {
	for c := range Class(Classes) {
		synctest.Test(t, func(t *testing.T) {
			g := New(Options{})
			leave(t, g, Create).Answered(Answer{Wait: hour})
			elapses(t, hour, func() { leave(t, g, c).Unused() })
		})
	}
}

func TestACancelledCall(t *testing.T) {
	// In each case the hour's one slot is spent, and the call comes then.
	for _, test := range []struct {
		name string
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		want error
		at   time.Duration
	}{
		{"returns when it is cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(minute, cancel)
			return ctx, cancel
		}, context.Canceled, minute},
		{"waits until its deadline and not less", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, minute)
		}, context.DeadlineExceeded, minute},
		{"returns at once when it was cancelled before", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}, context.Canceled, 0},
		{"returns ctx.Err(), not the cause", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			cancel(errors.New("disk full"))
			return ctx, func() { cancel(nil) }
		}, context.Canceled, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := New(Options{Ceiling: Budget{1, hour}})
				admit(t, g, 1, Create)
				ctx, cancel := test.ctx(t.Context())
				defer cancel()
				elapses(t, test.at, func() {
					if _, err := g.Wait(ctx, Create); err != test.want {
						t.Errorf("Wait = %v, want %v", err, test.want)
					}
				})
			})
		})
	}
}

func TestACallThatIsCancelledBeforehandSpendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{1, hour}})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 100 { // a select with two ways open takes either
			if _, err := g.Wait(ctx, Create); err == nil {
				t.Fatal("it left")
			}
		}
		elapses(t, 0, func() { leave(t, g, Create).Unused() })
	})
}

func TestACancelledCallGivesItsTurnBack(t *testing.T) {
	for _, test := range []struct {
		name      string
		cancelled []int // of the calls that wait, in their order
		wait      int   // how many windows the last one waits
	}{
		{"the first", []int{0}, 3},
		{"one in the middle", []int{1}, 3},
		{"all before the last", []int{0, 1, 2}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := New(Options{Ceiling: Budget{1, hour}})
				admit(t, g, 1, Create)
				var calls sync.WaitGroup
				var cancel [3]context.CancelFunc
				for i := range cancel {
					var ctx context.Context
					ctx, cancel[i] = context.WithCancel(t.Context())
					defer cancel[i]()
					calls.Go(func() {
						if pass, err := g.Wait(ctx, Create); err == nil {
							pass.Answered(Answer{})
						}
					})
					synctest.Wait()
				}
				time.AfterFunc(hour/2, func() {
					for _, i := range test.cancelled {
						cancel[i]()
					}
				})
				elapses(t, time.Duration(test.wait)*(hour+grain), func() { admit(t, g, 1, Create) })
				calls.Wait()
			})
		})
	}
}

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{2, minute}})
		turnaround := minute + grain
		expect := func(name string, c Class, want time.Duration) {
			t.Helper()
			if got := g.Delay(c); got != want {
				t.Errorf("%s: Delay(%v) = %v, want %v", name, c, got, want)
			}
		}
		for range 10 {
			expect("asking spends nothing", Create, 0)
		}
		admit(t, g, 1, Create)
		expect("there is room for another", Create, 0)
		time.Sleep(10 * second)
		admit(t, g, 1, Create)
		expect("used up", Create, turnaround-10*second)
		expect("used up for all", Read, turnaround-10*second)
		var calls sync.WaitGroup
		for range 3 {
			calls.Go(func() { admit(t, g, 1, Create) })
		}
		synctest.Wait()
		expect("behind three of its class", Create, 2*turnaround-10*second+10*second)
		expect("those of another class can be passed", Read, turnaround-10*second)
		calls.Wait()
		time.Sleep(hour)
		pause(t, g, hour, true)
		expect("paused", Create, hour)
		expect("not paused", Write, 0)
	})
}

func TestEstimateComesTrue(t *testing.T) {
	invites := func(g *Gate) { // that 30 an hour are all is known
		g.ledger.open(Limit{Creates, Budget{30, hour}}, g.clock.now())
	}
	for _, test := range []struct {
		name    string
		options Options
		known   func(*Gate)
		before  int // creates that left earlier
		pause   time.Duration
		calls   map[Class]int
	}{
		{"creates under auto", Options{}, nil, 0, 0, map[Class]int{Create: 500}},
		{"reads under auto", Options{}, nil, 0, 0, map[Class]int{Read: 100}},
		{"all classes under auto", Options{}, nil, 50, 0, map[Class]int{Read: 20, Write: 500, Create: 500}},
		{"a ceiling by the hour", Options{Ceiling: Budget{30, hour}}, nil, 17, 0, map[Class]int{Create: 500}},
		{"a cap on invites", Options{InviteCap: Budget{30, hour}}, nil, 17, 0, map[Class]int{Create: 500, Write: 100}},
		{"a cap that was learned", Options{}, invites, 17, 0, map[Class]int{Create: 500}},
		{"after a pause", Options{Ceiling: Budget{10, second}}, nil, 0, minute, map[Class]int{Write: 50, Create: 10}},
		{"none", Options{}, nil, 0, 0, nil},
		{"less than none", Options{Ceiling: Budget{60, minute}}, nil, 0, 0, map[Class]int{Create: -20, Read: 5, Write: 60}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := New(test.options)
				if test.known != nil {
					test.known(g)
				}
				admit(t, g, test.before, Create)
				if test.pause > 0 {
					pause(t, g, test.pause, false)
				}
				estimate, begin := g.Estimate(test.calls).In, time.Now()
				var calls sync.WaitGroup
				for c, n := range test.calls {
					calls.Go(func() { admit(t, g, n, c) })
				}
				calls.Wait()
				took := time.Since(begin)
				// Each limit is looked at for itself: where the last window of a longer one
				// is begun, the shorter ones may space its calls.
				spacing := time.Duration(0)
				if test.options == (Options{}) {
					spacing = 600 / 140 * 10 * second
				}
				if late := took - estimate; late < -10*grain || late > spacing+took/100+10*grain {
					t.Errorf("it took %v and not %v", took, estimate)
				}
			})
		})
	}
}

func TestSnapshotTellsHowLongCallsWereHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{2, minute}})
		expect := func(name string, until [Classes]time.Time, paused, waited time.Duration) {
			t.Helper()
			s := g.Snapshot()
			if s.HeldUntil != until {
				t.Errorf("%s: HeldUntil = %v, want %v", name, s.HeldUntil, until)
			}
			if s.Paused != paused || s.Waited != waited {
				t.Errorf("%s: Paused, Waited = %v, %v; want %v, %v", name, s.Paused, s.Waited, paused, waited)
			}
		}
		none := [Classes]time.Time{}
		expect("fresh", none, 0, 0)

		admit(t, g, 2, Create)
		time.Sleep(minute / 2)
		expect("nobody waited", none, 0, 0)
		admit(t, g, 1, Read)
		half := minute/2 + grain
		expect("half a minute of spacing", none, 0, half)

		time.Sleep(hour)
		until := g.clock.now().Add(20 * second)
		pause(t, g, 20*second, true)
		time.Sleep(5 * second)
		expect("paused, with nobody at the gate", [Classes]time.Time{Create: until}, 5*second, 5*second+half)
		admit(t, g, 1, Create)
		expect("the pause is over", none, 20*second, 20*second+half)

		time.Sleep(hour)
		pause(t, g, 10*second, true)
		pause(t, g, 10*second, false)
		time.Sleep(30 * second)
		expect("two pauses in the same time", none, 30*second, 30*second+half)

		admit(t, g, 2, Read)
		ctx, cancel := context.WithTimeout(t.Context(), second)
		defer cancel()
		var calls sync.WaitGroup
		for c := range Class(Classes) {
			calls.Go(func() {
				if _, err := g.Wait(ctx, c); err == nil {
					t.Error("it left")
				}
			})
		}
		calls.Wait()
		time.Sleep(hour)
		expect("several calls that give up in the same time", none, 30*second, 31*second+half)
	})
}

func TestSnapshotTellsWhatWasLearned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(false, 20*time.Millisecond, all(60, 6*second))
		g := New(Options{})
		s.spend(t, g, 200, 4, Create)
		got := g.Snapshot()
		if want := (Limit{All, Budget{60, 6 * second}}); !slices.Contains(got.Limits, want) {
			t.Errorf("Limits = %v, want %v", got.Limits, want)
		}
		if got.Shared != nil || got.Unshared != nil {
			t.Errorf("nobody else spends, and there is no store, but %v, %v", got.Shared, got.Unshared)
		}
	})
}

// Whatever callers do at the same time, each slot is taken once. The race
// detector looks on.
func TestManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{50, second}})
		ctx, cancel := context.WithTimeout(t.Context(), 20*second)
		defer cancel()
		left := newDepartures()
		var workers sync.WaitGroup
		for i := range 12 {
			workers.Go(func() {
				c := Class(i % Classes)
				for n := 0; ; n++ {
					pass, err := g.Wait(ctx, c)
					if err != nil {
						return
					}
					left.note(c)
					time.Sleep(time.Duration(i) * time.Millisecond)
					switch n % 7 {
					case 3:
						pass.Lost()
					default:
						pass.Answered(Answer{})
					}
					g.Snapshot()
					g.Estimate(map[Class]int{Create: 10})
					g.Delay(c)
					g.TooLong(c)
				}
			})
		}
		workers.Wait()
		if err := g.Close(t.Context()); err != nil {
			t.Error(err)
		}
		at := left.of(All)
		for i := 50; i < len(at); i++ {
			if at[i]-at[i-50] <= second {
				t.Fatalf("call %d left %v after the one 50 before it", i, at[i]-at[i-50])
			}
		}
		if len(at) < 800 {
			t.Errorf("%d calls left in 20 s, want 800 at least", len(at))
		}
	})
}

func TestNames(t *testing.T) {
	for class, want := range map[Class]string{Read: "read", Write: "write", Create: "create", 7: "class 7"} {
		if got := class.String(); got != want {
			t.Errorf("Class(%d).String() = %q, want %q", uint8(class), got, want)
		}
	}
}

func BenchmarkWaitUnhindered(b *testing.B) {
	g := New(Options{Ceiling: Budget{Calls: mostCalls, Window: time.Microsecond}})
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		pass, err := g.Wait(ctx, Create)
		if err != nil {
			b.Fatal(err)
		}
		pass.Answered(Answer{})
	}
}

func BenchmarkEstimate(b *testing.B) {
	g := New(Options{})
	calls := map[Class]int{Read: 1000, Write: 100_000, Create: 100_000}
	b.ReportAllocs()
	for b.Loop() {
		g.Estimate(calls)
	}
}
