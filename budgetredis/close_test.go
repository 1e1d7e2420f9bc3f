package budgetredis

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/ratelimit"
)

// Whoever closes the store while it is in use leaves nothing at work behind.
func TestCloseWhileACallAsks(t *testing.T) {
	for range 30 {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			f.set(false, true)
			var group sync.WaitGroup
			for range 10 {
				s := open(Address{host: "redis:6379"}, "acme", f.dial)
				group.Go(func() { _, _ = s.Exchange(t.Context(), ratelimit.Report{Now: time.Now(), By: "one", Lease: second}) })
				group.Go(func() { _ = s.Close() })
			}
			group.Wait()
		})
	}
}
