package budgetredis

import (
	"testing"
	"testing/synctest"
	"time"

	"guestlist/ratelimit"
)

// Limits that are documented, and that no header shows, are kept by eight processes
// together until one call beyond shows whether the server keeps them: that costs one
// refusal, and where there is no such limit a moment.
func TestDocumentedLimitsAreTriedByOneCall(t *testing.T) {
	cap30 := limit(ratelimit.Creates, 30, hour)
	for _, test := range []struct {
		name     string
		limits   []ratelimit.Limit
		calls    int
		classes  []ratelimit.Class
		refusals int
		most     time.Duration
	}{
		{"the cap on invites is kept", []ratelimit.Limit{cap30}, 120, []ratelimit.Class{ratelimit.Create}, 1, 3*hour + minute},
		{"the cap on invites is kept, among updates", []ratelimit.Limit{cap30}, 240, []ratelimit.Class{ratelimit.Create, ratelimit.Write}, 1, 3*hour + minute},
		{"the server keeps none", nil, 300, []ratelimit.Class{ratelimit.Create}, 0, minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				a := newAPI(20*time.Millisecond, test.limits...)
				a.hidden = true
				took := together(t, a, test.calls, 4, f.gates(t, 8, ratelimit.Options{}), 2*test.most, test.classes...)
				t.Logf("took %v, %d refused", took, a.refused)
				if a.refused > test.refusals || a.admitted != test.calls || took > test.most {
					t.Errorf("%d calls were admitted in %v, %d refused", a.admitted, took, a.refused)
				}
			})
		})
	}
}
