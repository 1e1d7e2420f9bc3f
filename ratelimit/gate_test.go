package ratelimit

import (
	"context"
	"errors"
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
	calls []call
	begin time.Time
}

func newDepartures() *departures { return &departures{begin: time.Now()} }

func (d *departures) note(c Class) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, call{c, time.Since(d.begin)})
}

// of returns when calls of these classes have left.
func (d *departures) of(classes classSet) (at []time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.calls {
		if classes[c.class] {
			at = append(at, c.at)
		}
	}
	return at
}

var everyClass = classSet{Read: true, Write: true, Create: true}

// tooMany returns where a window of the budget, both ends included, holds more
// calls than it allows. Checking the windows that begin with a call is enough
// for all windows.
func tooMany(at []time.Duration, b Budget) (from time.Duration, found bool) {
	for i := b.Calls; i < len(at); i++ {
		if first := at[i-b.Calls]; at[i]-first <= b.Window {
			return first, true
		}
	}
	return 0, false
}

func TestTooManyFindsThem(t *testing.T) {
	b := Budget{2, time.Second}
	if _, found := tooMany([]time.Duration{0, 0, second + 1, second + 1}, b); found {
		t.Error("two calls in each window are too many")
	}
	if from, found := tooMany([]time.Duration{0, 5 * second, 5 * second, 6 * second}, b); !found || from != 5*second {
		t.Errorf("a third call at the end of a window is not found, but %v, %v", from, found)
	}
}

// leave waits for a call of the class and fails the test if it may not leave.
func leave(t *testing.T, g *Gate, c Class) {
	t.Helper()
	if err := g.Wait(t.Context(), c); err != nil {
		t.Fatalf("Wait(%v) = %v", c, err)
	}
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

func TestNoWindowIsExceededAndLittleIsWasted(t *testing.T) {
	all := func(c Class) func(int) Class { return func(int) Class { return c } }
	mixed := func(i int) Class { return Class(i % Classes) }
	for _, test := range []struct {
		name    string
		ceiling Budget
		class   func(worker int) Class
		hours   time.Duration
		atLeast int // calls
	}{
		{"auto, creates", Budget{}, all(Create), 10 * minute, 10 * 600 * 97 / 100},
		{"auto, reads", Budget{}, all(Read), 10 * minute, 120 * 12 * 97 / 100},
		{"auto, mixed", Budget{}, mixed, 10 * minute, 10 * 600 * 97 / 100},
		{"10/s", Budget{10, second}, mixed, 10 * minute, 600 * 10 * 97 / 100},
		{"1/s", Budget{1, second}, mixed, 10 * minute, 600 * 97 / 100},
		{"60 in 6 s", Budget{60, 6 * second}, mixed, 10 * minute, 100 * 60 * 97 / 100},
		{"500/s", Budget{500, second}, mixed, 20 * second, 20 * 500 * 97 / 100},
		{"30/h", Budget{30, hour}, mixed, 500 * hour, 500 * 30 * 97 / 100},
		{"1/h", Budget{1, hour}, mixed, 500 * hour, 500 * 97 / 100},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, left := New(Options{Ceiling: test.ceiling}), newDepartures()
				ctx, cancel := context.WithTimeout(t.Context(), test.hours)
				defer cancel()
				var workers sync.WaitGroup
				for i := range 8 {
					workers.Go(func() {
						c := test.class(i)
						for g.Wait(ctx, c) == nil {
							left.note(c)
							g.Admitted(c)
							time.Sleep(time.Duration(1+i) * time.Millisecond) // the answer takes a while
						}
					})
				}
				workers.Wait()
				for _, a := range newLedger(test.ceiling).accounts {
					if from, found := tooMany(left.of(a.counts), a.Budget); found {
						t.Errorf("more than %v left in the window that begins at %v", a.Budget, from)
					}
				}
				if got := len(left.of(everyClass)); got < test.atLeast {
					t.Errorf("%d calls left, want %d at least", got, test.atLeast)
				}
			})
		})
	}
}

func TestCallsOfAClassLeaveInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{10, second}})
		var mu sync.Mutex
		var order []int
		var calls sync.WaitGroup
		for i := range 20 {
			calls.Go(func() {
				leave(t, g, Create)
				mu.Lock()
				defer mu.Unlock()
				order = append(order, i)
			})
			synctest.Wait() // until it stands behind the one before it
		}
		calls.Wait()
		for i, got := range order {
			if got != i {
				t.Fatalf("they left in the order %v", order)
			}
		}
	})
}

func TestABusyClassDoesNotHoldUpAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, left := New(Options{Ceiling: Budget{60, minute}}), newDepartures()
		ctx, cancel := context.WithTimeout(t.Context(), 10*minute)
		defer cancel()
		var workers sync.WaitGroup
		for range 8 {
			workers.Go(func() {
				for g.Wait(ctx, Create) == nil {
					left.note(Create)
				}
			})
		}
		time.Sleep(10*second + second/2) // between two creates
		for range 100 {
			came := time.Since(left.begin)
			leave(t, g, Read)
			went := time.Since(left.begin)
			synctest.Wait() // until the creates that have left are noted
			var between []time.Duration
			for _, at := range left.of(everyClass) {
				if came < at && at < went {
					between = append(between, at)
				}
			}
			if len(between) > 1 {
				t.Fatalf("a read came at %v and went at %v; meanwhile creates left at %v", came, went, between)
			}
		}
		cancel()
		workers.Wait()
	})
}

func TestPause(t *testing.T) {
	type pause struct {
		at, until time.Duration
		classes   []Class
	}
	for _, test := range []struct {
		name   string
		pauses []pause
		class  Class
		want   time.Duration // when a call that has stood there since 1 s leaves
	}{
		{"holds every class", []pause{{at: 0, until: minute}}, Read, minute},
		{"holds the class it names", []pause{{0, minute, []Class{Create}}}, Create, minute},
		{"holds each of the classes it names", []pause{{0, minute, []Class{Create, Write}}}, Write, minute},
		{"holds no other class", []pause{{0, minute, []Class{Create, Write}}}, Read, second},
		{"is extended by a later end", []pause{{at: 0, until: minute}, {at: 30 * second, until: hour}}, Read, hour},
		{"is not shortened by an earlier end", []pause{{at: 0, until: hour}, {at: 30 * second, until: minute}}, Read, hour},
		{"is not ended by the pause of another class", []pause{{0, hour, []Class{Read}}, {second, minute, []Class{Create}}}, Read, hour},
		{"that is past holds nothing", []pause{{at: 0, until: -hour}}, Read, second},
		{"of no length holds nothing", []pause{{at: 0, until: 0}}, Read, second},
		{"that is absurd is clamped", []pause{{at: 0, until: 200 * 365 * 24 * hour}}, Read, 48 * hour},
		{"can follow another", []pause{{at: 0, until: 500 * time.Millisecond}, {at: 600 * time.Millisecond, until: minute}}, Read, minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, begin := New(Options{}), time.Now()
				for _, p := range test.pauses {
					// As parsed from text: without a monotonic reading.
					time.AfterFunc(p.at, func() { g.Pause(begin.Add(p.until).Round(0), p.classes...) })
				}
				time.Sleep(second)
				leave(t, g, test.class)
				if got := time.Since(begin); got != test.want {
					t.Errorf("it left after %v, want %v", got, test.want)
				}
			})
		})
	}
}

func TestAPauseUntilTheZeroTimeHoldsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{})
		g.Pause(time.Time{})
		elapses(t, 0, func() { leave(t, g, Read) })
	})
}

func TestAPauseReachesThoseWhoWaitAlready(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, left := New(Options{Ceiling: Budget{6, minute}}), newDepartures()
		for range 2 {
			leave(t, g, Write)
		}
		var calls sync.WaitGroup
		calls.Go(func() { leave(t, g, Write); left.note(Write) }) // due at 10 s
		time.Sleep(9 * second)
		g.Pause(time.Now().Add(hour))
		calls.Wait()
		if at := left.of(everyClass)[0]; at != hour+9*second {
			t.Errorf("it left at %v", at)
		}
	})
}

func TestNoCrowdLeavesWhenAPauseEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, left := New(Options{}), newDepartures()
		g.Pause(time.Now().Add(hour))
		var calls sync.WaitGroup
		for range 8 {
			calls.Go(func() { leave(t, g, Create); left.note(Create) })
		}
		calls.Wait()
		for i, at := range left.of(everyClass) {
			if want := hour + time.Duration(max(0, i-1))*second/10; at != want {
				t.Errorf("call %d left at %v, want %v", i, at, want)
			}
		}
	})
}

func TestACancelledCall(t *testing.T) {
	// In each case the hour's one slot is spent at 0, and the call comes then.
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
				leave(t, g, Create)
				ctx, cancel := test.ctx(t.Context())
				defer cancel()
				elapses(t, test.at, func() {
					if err := g.Wait(ctx, Create); err != test.want {
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
			if g.Wait(ctx, Create) == nil {
				t.Fatal("it left")
			}
		}
		elapses(t, 0, func() { leave(t, g, Create) })
	})
}

func TestACancelledCallGivesItsSlotBack(t *testing.T) {
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
				leave(t, g, Create)
				var calls sync.WaitGroup
				var cancel [3]context.CancelFunc
				for i := range cancel {
					var ctx context.Context
					ctx, cancel[i] = context.WithCancel(t.Context())
					defer cancel[i]()
					calls.Go(func() { _ = g.Wait(ctx, Create) })
					synctest.Wait()
				}
				time.AfterFunc(hour/2, func() {
					for _, i := range test.cancelled {
						cancel[i]()
					}
				})
				elapses(t, time.Duration(test.wait)*(hour+grain), func() { leave(t, g, Create) })
				calls.Wait()
			})
		})
	}
}

// A call yields to one of another class that has waited longer. If that one is
// cancelled at the very moment when it could have left, the slot is free.
func TestACallThatIsCancelledWhenItsTurnComesHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{1, hour}})
		leave(t, g, Create)
		g.ask(Read) // as Wait does, but slow to ask again
		time.Sleep(second)
		time.AfterFunc(2*hour, func() { g.giveUp(Read) })
		elapses(t, 2*hour, func() { leave(t, g, Write) })
	})
}

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{60, minute}})
		expect := func(name string, c Class, want time.Duration) {
			t.Helper()
			if got := g.Delay(c); got != want {
				t.Errorf("%s: Delay(%v) = %v, want %v", name, c, got, want)
			}
		}
		for range 10 {
			expect("asking spends nothing", Create, 0)
		}
		leave(t, g, Create)
		leave(t, g, Create)
		expect("the spacing", Create, second)
		var calls sync.WaitGroup
		for range 3 {
			calls.Go(func() { leave(t, g, Create) })
		}
		synctest.Wait()
		expect("behind three of its class", Create, 4*second)
		expect("those of another class can be passed", Read, second)
		time.Sleep(1500 * time.Millisecond)
		expect("one has left", Create, 2500*time.Millisecond)
		calls.Wait()
		g.Pause(time.Now().Add(hour), Create)
		expect("paused", Create, hour)
		expect("not paused", Write, second)
	})
}

func TestEstimateComesTrue(t *testing.T) {
	for _, test := range []struct {
		name    string
		ceiling Budget
		before  int // creates that left earlier
		pause   time.Duration
		calls   map[Class]int
	}{
		{"creates under auto", Budget{}, 0, 0, map[Class]int{Create: 2000}},
		{"reads under auto", Budget{}, 5, 0, map[Class]int{Read: 100}},
		{"all classes under auto", Budget{}, 50, 0, map[Class]int{Read: 20, Write: 500, Create: 500}},
		{"a ceiling by the hour", Budget{30, hour}, 17, 0, map[Class]int{Create: 500}},
		{"after a pause", Budget{10, second}, 0, hour, map[Class]int{Write: 50, Create: 10}},
		{"none", Budget{}, 0, 0, nil},
		{"less than none", Budget{60, minute}, 0, 0, map[Class]int{Create: -20, Read: 5, Write: 60}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := New(Options{Ceiling: test.ceiling})
				for range test.before {
					leave(t, g, Create)
				}
				if test.pause > 0 {
					g.Pause(time.Now().Add(test.pause))
				}
				estimate, begin := g.Estimate(test.calls), time.Now()
				var calls sync.WaitGroup
				for c, n := range test.calls {
					calls.Go(func() {
						for range n {
							leave(t, g, c)
						}
					})
				}
				calls.Wait()
				took := time.Since(begin)
				if difference := (took - estimate).Abs(); difference > took/200+10*grain {
					t.Errorf("it took %v and not %v", took, estimate)
				}
			})
		})
	}
}

func TestSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{60, minute}})
		expect := func(name string, until [Classes]time.Time, paused, waited time.Duration) {
			t.Helper()
			s := g.Snapshot()
			if s.PausedUntil != until {
				t.Errorf("%s: PausedUntil = %v, want %v", name, s.PausedUntil, until)
			}
			if s.Paused != paused || s.Waited != waited {
				t.Errorf("%s: Paused, Waited = %v, %v; want %v, %v", name, s.Paused, s.Waited, paused, waited)
			}
		}
		none := [Classes]time.Time{}
		expect("fresh", none, 0, 0)

		leave(t, g, Create)
		leave(t, g, Create)
		time.Sleep(second / 2)
		expect("nobody waited", none, 0, 0)
		leave(t, g, Read)
		expect("half a second of spacing", none, 0, second/2)

		time.Sleep(10 * second)
		until := time.Now().Add(20 * second)
		g.Pause(until, Create)
		time.Sleep(5 * second)
		expect("paused, with nobody at the gate", [Classes]time.Time{Create: until}, 5*second, 5*second+second/2)
		leave(t, g, Create)
		expect("the pause is over", none, 20*second, 20*second+second/2)

		g.Pause(time.Now().Add(10*second), Create)
		g.Pause(time.Now().Add(10*second), Read)
		time.Sleep(30 * second)
		expect("two pauses in the same time", none, 30*second, 30*second+second/2)

		leave(t, g, Read)
		leave(t, g, Read)
		ctx, cancel := context.WithTimeout(t.Context(), second/4)
		defer cancel()
		var calls sync.WaitGroup
		for _, c := range []Class{Read, Write, Create} {
			calls.Go(func() { _ = g.Wait(ctx, c) })
		}
		calls.Wait()
		time.Sleep(minute)
		expect("several calls that give up in the same time", none, 30*second, 30*second+second*3/4)

		g.Pause(time.Now().Add(10*second), Create)
		for range 3 {
			leave(t, g, Read)
		}
		time.Sleep(hour)
		expect("spacing during the pause of another class", none, 40*second, 40*second+second*3/4)

		leave(t, g, Read)
		leave(t, g, Read)
		for _, c := range []Class{Read, Write} {
			calls.Go(func() { leave(t, g, c) })
		}
		calls.Wait()
		expect("calls that leave one after the other", none, 40*second, 42*second+second*3/4)
	})
}

func TestWaitedIsTimeAsItPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{})
		leave(t, g, Read)
		leave(t, g, Read)
		var calls sync.WaitGroup
		for _, c := range []Class{Read, Read, Create, Write} {
			calls.Go(func() { leave(t, g, c) })
		}
		time.Sleep(400 * time.Millisecond) // create and write have left, both reads have not
		if got := g.Snapshot().Waited; got != 400*time.Millisecond {
			t.Errorf("in 400 ms calls waited for %v", got)
		}
		calls.Wait()
		time.Sleep(minute)
		if got, want := g.Snapshot().Waited, 2*416_666_667*time.Nanosecond; got != want {
			t.Errorf("calls waited for %v in all, want %v", got, want)
		}
	})
}

func TestClassNames(t *testing.T) {
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
		if err := g.Wait(ctx, Create); err != nil {
			b.Fatal(err)
		}
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
