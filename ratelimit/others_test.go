package ratelimit

import (
	"testing"
	"testing/synctest"
	"time"
)

// Others spend a third of the limit. What they leave is used.
func TestOthersSpend(t *testing.T) {
	steady := func(s *server) time.Duration {
		s.decide(Write, time.Now())
		return 300 * time.Millisecond
	}
	first := func(s *server) time.Duration { // as soon as a window opens
		for range 20 {
			s.decide(Write, time.Now())
		}
		return time.Until(s.policies[0].ends)
	}
	tests := []struct {
		name    string
		headers bool
		other   func(*server) time.Duration // once, and for how long it rests
		said    int
	}{
		{"steadily, with headers", true, steady, 1},
		{"steadily, without headers", false, steady, 1},
		{"first, with headers", true, first, 1},
		{"first, without headers", false, first, 0}, // nothing tells that the limit is wider
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(tt.headers, 20*time.Millisecond, all(60, 6*second))
				stop := make(chan struct{})
				go func() {
					for {
						select {
						case <-stop:
							return
						case <-time.After(tt.other(s)):
						}
					}
				}()
				synctest.Wait()
				g := New(Options{})
				took := s.spend(t, g, 800, 8, Create)
				close(stop)
				ideal := 800.0 / 40 * 6 * second.Seconds()
				t.Logf("%.1f %% of what others leave, %d refused", 100*ideal/took.Seconds(), s.refusedBy[Create])
				if ideal < 0.97*took.Seconds() || s.refusedBy[Create] > 2*int(took/(6*second)) {
					t.Errorf("took %v with %d refusals", took, s.refusedBy[Create])
				}
				if said := len(g.Snapshot().Shared); said != tt.said {
					t.Errorf("%v are said to be shared", g.Snapshot().Shared)
				}
			})
		})
	}
}
