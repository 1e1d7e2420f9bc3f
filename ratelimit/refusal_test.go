package ratelimit

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// refused is the answer to a call that was refused without a word of when to
// come again.
var refused = Answer{Refused: true}

// delayed fails the test unless calls are held back for the delay that chance
// makes of longest.
func delayed(t *testing.T, name string, g *Gate, longest time.Duration) {
	t.Helper()
	for c := range Class(Classes) {
		if got := g.Delay(c); got <= longest*3/4 || got > longest {
			t.Errorf("%s: a %v is delayed for %v, want %v or up to a quarter less", name, c, got, longest)
		}
	}
}

func TestRefusalsInARowDoubleTheDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{})
		for _, longest := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 60} {
			leave(t, g, Create).Answered(refused)
			delayed(t, "one more", g, longest*second)
		}
	})
}

func TestDelaysDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := make(map[time.Duration]bool)
		for range 20 {
			g := New(Options{})
			leave(t, g, Read).Answered(refused)
			seen[g.Delay(Read)] = true
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
			var passes []Pass
			for range 8 {
				passes = append(passes, leave(t, g, Create))
			}
			var workers sync.WaitGroup
			for _, pass := range passes[1:] {
				workers.Go(func() { pass.Answered(refused) })
			}
			workers.Wait()
			delayed(t, "together", g, longest*second)
			time.Sleep(hour) // the first answer comes when the pause is over
			passes[0].Answered(refused)
			if got := g.Delay(Create); got != 0 {
				t.Errorf("an answer to a call from before the pause pauses for %v more", got)
			}
		}
	})
}

func TestAnAdmittedCallEndsTheRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{})
		for _, longest := range []time.Duration{1, 2, 4} {
			before := leave(t, g, Write)
			leave(t, g, Create).Answered(refused)
			delayed(t, "in a row", g, longest*second)
			before.Answered(Answer{}) // this says nothing about the time since
		}
		leave(t, g, Read).Answered(Answer{})
		leave(t, g, Create).Answered(refused)
		delayed(t, "after an admitted one", g, second)
	})
}

func TestARefusalShortensNoPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{})
		pass := leave(t, g, Create)
		pause(t, g, hour, true)
		pass.Answered(refused)
		if got := g.Delay(Create); got != hour {
			t.Errorf("creates pause for %v, and not for an hour as announced", got)
		}
		if got := g.Delay(Read); got == 0 || got > second {
			t.Errorf("reads pause for %v, want about a second", got)
		}
	})
}
