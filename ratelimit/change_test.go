package ratelimit

import (
	"testing"
	"testing/synctest"
	"time"
)

// The server's limit changes while calls are made. What it allows then is used
// soon, and a wider one that it had is not believed any more.
func TestALimitThatChanges(t *testing.T) {
	tests := []struct {
		name          string
		headers       bool
		before, after int // calls in 6 s, until the 8th second and from then on
		calls         int
		most          time.Duration // that it takes
		refusals      int           // at most
	}{
		{"raised, with headers", true, 25, 90, 300, 30 * second, 4},
		{"lowered, with headers", true, 90, 30, 300, 42 * second, 20},
		{"lowered, without headers", false, 90, 30, 300, 42 * second, 24},
		{"lowered a little, without headers", false, 100, 80, 600, 48 * second, 24},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(tt.headers, 20*time.Millisecond, all(tt.before, 6*second))
				time.AfterFunc(8*second, func() {
					s.mu.Lock()
					defer s.mu.Unlock()
					s.policies[0].Calls, s.policies[0].ends = tt.after, time.Time{}
				})
				store := &memory{}
				g := New(Options{Store: store})
				took := s.spend(t, g, tt.calls, 8, Create)
				if took > tt.most || s.refused > tt.refusals {
					t.Errorf("took %v with %d refusals, and knows %v", took, s.refused, g.Snapshot().Limits)
				}
				if err := g.Close(t.Context()); err != nil {
					t.Error(err)
				}
				refused := s.refused
				// It may have been others who spent the rest, so it costs a round once more, or two
				// where the server still counts what the run before has made.
				took = s.spend(t, New(Options{Store: store}), 2*tt.after, 8, Create)
				if took > 20*second || s.refused > refused+16 {
					t.Errorf("a later run took %v with %d refusals", took, s.refused-refused)
				}
			})
		})
	}
}

// Others have spent of a cap, and its window ends soon: then all of it is there
// again, however short the wait was.
func TestACapThatOpensSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(false, 20*time.Millisecond, policy{Limit: Limit{Creates, Budget{30, hour}}, invites: true})
		for range 20 {
			s.decide(Create, time.Now())
		}
		time.Sleep(hour - 15*second)
		if took := s.spend(t, New(Options{}), 40, 8, Create); took > 20*second {
			t.Errorf("took %v", took)
		}
	})
}
