package budgetredis

import (
	"testing"
	"testing/synctest"
	"time"

	"guestlist/ratelimit"
)

// A call that did not leave makes room at once, also where those beside it stand
// for an hour.
func TestASlotThatIsGivenBackWakesWhoWaitsForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		a, b := f.gate(t, ceiling(10, hour)), f.gate(t, ceiling(10, hour))
		admit(t, a, 9, ratelimit.Create)
		pass := leave(t, a, ratelimit.Create)
		began := time.Now()
		time.AfterFunc(second, pass.Unused)
		leave(t, b, ratelimit.Create).Unused()
		if took := time.Since(began); took > 2*second {
			t.Errorf("a slot that came back after a second was used after %v", took)
		}
	})
}
