package ratelimit

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWaitAtMost(t *testing.T) {
	for _, test := range []struct {
		name  string
		pause time.Duration // announced when the call has stood for 100 ms; zero: none
		most  time.Duration
		want  error
		after time.Duration // when it returns
	}{
		{"a wait that is short enough", 0, minute, nil, second + grain},
		{"a wait that is too long is known at once", 0, second / 2, ErrLongWait, 0},
		{"a pause that comes while it waits", hour, minute, ErrLongWait, 100 * time.Millisecond},
		{"a pause that is short enough", 5 * second, minute, nil, 5*second + 100*time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := New(Options{Ceiling: Budget{1, second}})
				admit(t, g, 1, Create)
				began := time.Now()
				if test.pause > 0 {
					time.AfterFunc(100*time.Millisecond, func() { pause(t, g, test.pause, true) })
				}
				_, err := g.WaitAtMost(t.Context(), Create, test.most)
				if !errors.Is(err, test.want) || time.Since(began) != test.after {
					t.Errorf("%v after %s, want %v after %s", err, time.Since(began), test.want, test.after)
				}
			})
		})
	}
}

// Who gives up has spent nothing and is in nobody's way.
func TestWaitAtMostLeavesTheLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{1, minute}})
		admit(t, g, 1, Create)
		began := time.Now()
		left := make(chan time.Duration)
		go func() {
			if _, err := g.Wait(context.Background(), Create); err != nil {
				t.Error(err)
			}
			left <- time.Since(began)
		}()
		for range 8 {
			if _, err := g.WaitAtMost(t.Context(), Write, second); !errors.Is(err, ErrLongWait) {
				t.Errorf("error is %v, want %v", err, ErrLongWait)
			}
		}
		if after := <-left; after != minute+grain {
			t.Errorf("the patient call left after %s", after)
		}
	})
}

func TestMaxWait(t *testing.T) {
	learn := func(l Limit) func(*testing.T, *Gate) {
		return func(t *testing.T, g *Gate) {
			g.ledger.open(l, g.clock.now())
			admit(t, g, l.Calls, Create)
		}
	}
	creates := Limit{Creates, Budget{30, hour}}
	for _, test := range []struct {
		name    string
		options Options
		before  func(*testing.T, *Gate)
		most    time.Duration
		class   Class
		until   time.Duration // that the error tells; zero: it waits
		limit   Limit
	}{
		{"a pause that was announced counts", Options{}, func(t *testing.T, g *Gate) { pause(t, g, 2*minute, true) }, minute, Create, 2 * minute, Limit{}},
		{"one of a second counts for those who never wait", Options{}, func(t *testing.T, g *Gate) { pause(t, g, second, true) }, 0, Create, second, Limit{}},
		{"one that is short enough is sat out", Options{}, func(t *testing.T, g *Gate) { pause(t, g, minute, true) }, minute, Create, 0, Limit{}},
		{"the pause of another class does not matter", Options{}, func(t *testing.T, g *Gate) { pause(t, g, hour, true) }, 0, Read, 0, Limit{}},
		{"a limit that was learned counts", Options{}, learn(creates), minute, Create, hour + grain, creates},
		{"it does not for calls that it does not count", Options{}, learn(creates), minute, Write, 0, Limit{}},
		{"a cap that the user named counts", Options{InviteCap: Budget{3, hour}}, func(t *testing.T, g *Gate) { admit(t, g, 3, Create) }, minute, Create, hour + grain, Limit{Creates, Budget{3, hour}}},
		{"the spacing by documented figures does not", Options{}, func(t *testing.T, g *Gate) { admit(t, g, 12, Read) }, 0, Read, 0, Limit{}},
		{"the ceiling does not", Options{Ceiling: Budget{1, hour}}, func(t *testing.T, g *Gate) { admit(t, g, 1, Read) }, 0, Read, 0, Limit{}},
		{"nor does what is only suspected", Options{}, func(t *testing.T, g *Gate) { admit(t, g, 30, Create) }, 0, Create, 0, Limit{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.options.MaxWait = &test.most
				g := New(test.options)
				test.before(t, g)
				began := g.clock.now()
				pass, err := g.Wait(t.Context(), test.class)
				if test.until == 0 {
					if err != nil {
						t.Fatalf("it does not wait: %v", err)
					}
					pass.Unused()
					return
				}
				var tooLong *TooLong
				if !errors.As(err, &tooLong) {
					t.Fatalf("error is %v", err)
				}
				if got := tooLong.Until.Sub(began); got != test.until || tooLong.Limit != test.limit {
					t.Errorf("it says %v, %v; want %v, %v", got, tooLong.Limit, test.until, test.limit)
				}
				if time.Since(began) != 0 {
					t.Errorf("it says so after %v", time.Since(began))
				}
			})
		})
	}
}

func TestTheEarliestClassDecidesWhetherAWaitIsTooLong(t *testing.T) {
	most := minute
	for _, test := range []struct {
		name    string
		most    *time.Duration
		classes []Class
		want    time.Duration // zero: it is not
	}{
		{"all are held back for long", &most, []Class{Create, Read}, 10 * minute},
		{"in any order", &most, []Class{Read, Create}, 10 * minute},
		{"one is free", &most, []Class{Create, Read, Write}, 0},
		{"one", &most, []Class{Create}, hour},
		{"none is wanted", &most, nil, 0},
		{"any wait is sat out", nil, []Class{Create}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := New(Options{MaxWait: test.most})
				g.ledger.pause(Creates, g.clock.now(), g.clock.now().Add(hour))
				g.ledger.pause(Reads, g.clock.now(), g.clock.now().Add(10*minute))
				got := g.TooLong(test.classes...)
				switch {
				case test.want == 0 && got != nil:
					t.Errorf("it is said to be too long: %v", got)
				case test.want > 0 && (got == nil || !got.Until.Equal(g.clock.now().Add(test.want))):
					t.Errorf("TooLong = %v, want in %v", got, test.want)
				}
			})
		})
	}
}

func TestTooLongSaysWhatDecides(t *testing.T) {
	until := time.Date(2026, time.November, 23, 14, 0, 0, 0, time.Local)
	for _, test := range []struct {
		limit Limit
		want  string
	}{
		{Limit{}, "the server has asked to wait until 2026-11-23 14:00:00"},
		{Limit{Creates, Budget{30, hour}}, "30 creates an hour is used up until 2026-11-23 14:00:00"},
	} {
		if got := (&TooLong{until, test.limit}).Error(); !strings.Contains(got, test.want) {
			t.Errorf("it says %q and not %q", got, test.want)
		}
	}
}

// The call that meets a cap waits no longer than MaxWait for the next window.
func TestACapEndsARunThatDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := time.Duration(0)
		g := New(Options{MaxWait: &never})
		s := newServer(false, 20*time.Millisecond, policy{Limit: Limit{Creates, Budget{30, hour}}, invites: true})
		for {
			pass, err := g.Wait(t.Context(), Create)
			var tooLong *TooLong
			if errors.As(err, &tooLong) {
				if s.admitted != 30 || s.refused != 1 || time.Until(tooLong.Until) < 59*minute || tooLong.Limit != (Limit{Creates, Budget{30, hour}}) {
					t.Errorf("after %d calls and %d refusals: %v", s.admitted, s.refused, tooLong)
				}
				break
			}
			pass.Answered(s.call(Create))
		}
		elapses(t, 0, func() { leave(t, g, Write).Unused() })
	})
}
