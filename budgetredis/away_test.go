package budgetredis

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/ratelimit"
)

// Alone each process uses a quarter, and what it made meanwhile is told when it can be.
func TestRedisThatIsAway(t *testing.T) {
	for _, test := range []struct {
		name        string
		stuck, gone bool
	}{
		{"as it does not answer", true, false},
		{"as it cannot be reached", false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				a, b := f.gate(t, ceiling(40, minute)), f.gate(t, ceiling(40, minute))
				admit(t, a, 1, ratelimit.Create)
				admit(t, b, 1, ratelimit.Create)
				time.Sleep(2 * minute)
				f.set(test.stuck, test.gone)
				for _, g := range []*ratelimit.Gate{a, b} {
					if n := fits(t, g, ratelimit.Create, 50*second); n != 10 {
						t.Errorf("alone %d of 40 calls leave", n)
					}
					if g.Snapshot().Unshared == nil {
						t.Error("nobody tells that it is alone")
					}
				}
				f.set(false, false)
				time.Sleep(lookAgain + second)
				admit(t, b, 1, ratelimit.Read) // it rejoins, and so does the other
				admit(t, a, 1, ratelimit.Read)
				if err := a.Snapshot().Unshared; err != nil {
					t.Error(err)
				}
				// Those of a were made in the minute before the last one.
				if n := fits(t, b, ratelimit.Create, 4*second); n < 27 || n > 28 {
					t.Errorf("beside 10 calls and two GETs fit %d of 40", n)
				}
			})
		})
	}
}

// What was made alone is told as soon as it can be, though nobody asks for a call.
func TestWhoWasAloneTellsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		a, b := f.gate(t, ceiling(40, minute)), f.gate(t, ceiling(40, minute))
		admit(t, a, 1, ratelimit.Create)
		admit(t, b, 1, ratelimit.Create)
		f.set(false, true)
		if n := fits(t, a, ratelimit.Create, second); n != 9 {
			t.Fatalf("beside one call %d of a quarter of 40 leave", n)
		}
		f.set(false, false)
		time.Sleep(lookAgain + second)
		if err := a.Snapshot().Unshared; err != nil {
			t.Errorf("nobody noticed that it works again: %v", err)
		}
		if n := fits(t, b, ratelimit.Create, 5*second); n != 29 {
			t.Errorf("beside 11 calls of 40 fit %d", n)
		}
	})
}

// From another continent to connect takes longer than calls wait for; the run joins
// the others all the same.
func TestARedisFarAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		s := open(Address{host: "redis:6379"}, "acme", func(ctx context.Context, network, address string) (net.Conn, error) {
			select {
			case <-time.After(patience + 200*time.Millisecond):
				return f.dial(ctx, network, address)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})
		defer s.Close()
		exchange := func() error {
			_, err := s.Exchange(t.Context(), ratelimit.Report{Now: time.Now(), By: "one", Lease: second})
			return err
		}
		changed := s.Changed()
		if err := exchange(); err == nil {
			t.Fatal("calls wait for a connection")
		}
		select {
		case <-changed:
		case <-time.After(10 * second):
			t.Fatal("it never comes back")
		}
		if err := exchange(); err != nil {
			t.Error(err)
		}
	})
}
