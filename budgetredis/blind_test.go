package budgetredis

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/ratelimit"
)

// While others may make calls that nobody can tell of, a refusal says nothing of how
// long a window is: what is believed of it would be told to all, and stay.
func TestNoWindowIsMeasuredAlone(t *testing.T) {
	const others = 25
	real := limit(ratelimit.Creates, 28, 6*second)
	for _, test := range []struct {
		name string
		back bool // Redis is, when the call is refused
	}{
		{"by who begins alone", false},
		{"by who has only just come back", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				server := newAPI(20*time.Millisecond, real)
				g := f.gate(t, ceiling(1000, second))
				call := func() ratelimit.Answer {
					pass := leave(t, g, ratelimit.Create)
					answer := server.call(ratelimit.Create)
					pass.Answered(answer)
					return answer
				}
				f.set(false, true)
				for range others { // which are alone, too, and are killed then
					server.call(ratelimit.Create)
				}
				time.Sleep(second)
				call()
				if test.back {
					f.set(false, false)
					time.Sleep(lookAgain + second)
				}
				for n := 0; !call().Refused; n++ {
					if n > 2*real.Calls {
						t.Fatal("nothing is refused")
					}
				}
				f.set(false, false)
				time.Sleep(lookAgain + 10*second)
				fresh := f.gate(t, ceiling(1000, second))
				admit(t, fresh, 1, ratelimit.Create)
				for _, known := range fresh.Snapshot().Limits {
					if known != real {
						t.Errorf("who comes new is told of %v", known.Words())
					}
				}
				for range 3 * real.Calls {
					call()
				}
				if now := g.Snapshot(); !slices.Equal(now.Limits, []ratelimit.Limit{real}) || len(now.Shared) > 0 {
					t.Errorf("in the end it is believed that there is %v, of which others spend %v", now.Limits, now.Shared)
				}
			})
		})
	}
}

// Who begins alone asks the server with one call what it allows before all its
// workers go, as many may begin like that at once.
func TestWhoBeginsAloneAsksFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.set(false, true)
		g := f.gate(t, ceiling(1000, second))
		first := leave(t, g, ratelimit.Create)
		ctx, cancel := context.WithTimeout(t.Context(), 10*second)
		defer cancel()
		if _, err := g.Wait(ctx, ratelimit.Create); err == nil {
			t.Error("a second call leaves before the first was answered")
		}
		first.Answered(ratelimit.Answer{Limit: 12, Remaining: 11})
		for range 2 {
			leave(t, g, ratelimit.Create) // a quarter of 12
		}
		f.set(false, false)
		time.Sleep(2 * lookAgain) // or the library is still looking for it
	})
}
