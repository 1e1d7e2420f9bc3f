package ratelimit

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// refusal fails the test unless calls pause until then for the delay that chance
// makes of longest.
func refusal(t *testing.T, name string, until time.Time, longest time.Duration) {
	t.Helper()
	if got := time.Until(until); got <= longest*3/4 || got > longest {
		t.Errorf("%s: the delay is %v, want %v or up to a quarter less", name, got, longest)
	}
}

func TestRefusalsInARowDoubleTheDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{})
		for _, longest := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 60} {
			leave(t, g, Create)
			until := g.Refused(Create)
			refusal(t, "one more", until, longest*second)
			for c := range Class(Classes) {
				if got := g.Delay(c); got < time.Until(until) {
					t.Errorf("a %v may go in %v, before %v", c, got, time.Until(until))
				}
			}
		}
	})
}

func TestARefusalBeforeAnyCallPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refusal(t, "the first", New(Options{}).Refused(Read), second)
	})
}

func TestDelaysDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := make(map[time.Time]bool)
		for range 20 {
			seen[New(Options{}).Refused(Read)] = true
		}
		if len(seen) < 2 {
			t.Errorf("20 gates chose the same delay: %v", seen)
		}
	})
}

func TestCallsRefusedTogetherCountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{1000, second}})
		for _, longest := range []time.Duration{1, 2, 4} {
			for range 8 {
				leave(t, g, Create)
			}
			var mu sync.Mutex
			untils := make(map[time.Time]bool)
			var workers sync.WaitGroup
			for range 7 {
				workers.Go(func() {
					until := g.Refused(Create)
					mu.Lock()
					defer mu.Unlock()
					untils[until] = true
				})
			}
			workers.Wait()
			if len(untils) != 1 {
				t.Fatalf("calls refused at the same moment pause until %v", untils)
			}
			for until := range untils {
				refusal(t, "together", until, longest*second)
			}
			time.Sleep(hour) // the eighth answer comes when the pause is over
			if until := g.Refused(Create); !until.Equal(time.Now()) {
				t.Errorf("an answer to a call from before the pause pauses for %v more", time.Until(until))
			}
		}
	})
}

func TestAnAdmittedCallEndsTheRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{})
		for _, longest := range []time.Duration{1, 2, 4} {
			leave(t, g, Create)
			refusal(t, "in a row", g.Refused(Create), longest*second)
			g.Admitted(Write) // left before: this says nothing about the time since
		}
		leave(t, g, Read)
		g.Admitted(Read)
		leave(t, g, Create)
		refusal(t, "after an admitted one", g.Refused(Create), second)
	})
}

func TestARefusalShortensNoPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{})
		leave(t, g, Create)
		announced := time.Now().Add(hour)
		g.Pause(announced, Create)
		if until := g.Refused(Create); !until.Equal(announced) {
			t.Errorf("creates pause until %v, and not until %v as announced", until, announced)
		}
		refusal(t, "reads", g.Snapshot().PausedUntil[Read], second)
	})
}
