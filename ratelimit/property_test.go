package ratelimit

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// attempt is what a worker of the property below does: it rests, and then waits
// for a call to leave, with or without a time at which it gives up.
type attempt struct {
	rest   time.Duration
	class  Class
	giveUp time.Duration // 0: never
	answer int           // 0: none; 1: admitted; 2: refused
}

// announcement is a pause that comes at its time.
type announcement struct {
	at, lasts time.Duration
	classes   []Class
}

// Whatever happens, no window sees more calls than its budget, nobody leaves in
// a pause, and every call leaves or gives up, on time.
func TestNoWindowIsEverExceeded(t *testing.T) {
	duration := func(most time.Duration) *rapid.Generator[time.Duration] {
		return rapid.Custom(func(t *rapid.T) time.Duration {
			// Round figures meet each other; others fall between.
			unit := rapid.SampledFrom([]time.Duration{1, time.Millisecond, time.Second / 10, time.Second}).Draw(t, "unit")
			return unit * time.Duration(rapid.Int64Range(0, int64(most/unit)).Draw(t, "units"))
		})
	}
	class := rapid.SampledFrom([]Class{Read, Write, Create})
	attempts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) attempt {
		return attempt{
			rest:   duration(2*second).Draw(t, "rest"),
			class:  class.Draw(t, "class"),
			giveUp: rapid.OneOf(rapid.Just(time.Duration(0)), duration(20*second)).Draw(t, "give up"),
			answer: rapid.SampledFrom([]int{0, 1, 1, 1, 1, 2}).Draw(t, "answer"),
		}
	}), 10, 60)
	announcements := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) announcement {
		return announcement{
			at:      duration(minute).Draw(t, "at"),
			lasts:   duration(minute).Draw(t, "lasts"),
			classes: rapid.SliceOfN(class, 0, 2).Draw(t, "classes"),
		}
	}), 0, 6)
	ceilings := rapid.OneOf(rapid.Just(Budget{}), rapid.Custom(func(t *rapid.T) Budget {
		return Budget{
			Calls:  rapid.IntRange(1, 15).Draw(t, "calls"),
			Window: rapid.SampledFrom([]time.Duration{second, 7 * second, minute, hour}).Draw(t, "window"),
		}
	}))
	rapid.Check(t, func(rt *rapid.T) {
		ceiling := ceilings.Draw(rt, "ceiling")
		work := rapid.SliceOfN(attempts, 1, 8).Draw(rt, "work")
		announced := announcements.Draw(rt, "announcements")

		var left *departures
		var late []time.Duration // by how much calls gave up too late
		synctest.Test(t, func(t *testing.T) {
			g := New(Options{Ceiling: ceiling})
			left = newDepartures()
			for _, a := range announced {
				time.AfterFunc(a.at, func() { g.Pause(time.Now().Add(a.lasts), a.classes...) })
			}
			var mu sync.Mutex
			var workers sync.WaitGroup
			for _, attempts := range work {
				workers.Go(func() {
					for _, a := range attempts {
						time.Sleep(a.rest)
						ctx, cancel := t.Context(), context.CancelFunc(func() {})
						if a.giveUp > 0 {
							ctx, cancel = context.WithTimeout(ctx, a.giveUp)
						}
						begin := time.Now()
						err := g.Wait(ctx, a.class)
						if waited := time.Since(begin); a.giveUp > 0 && waited > a.giveUp {
							mu.Lock()
							late = append(late, waited-a.giveUp)
							mu.Unlock()
						}
						cancel()
						if err != nil {
							continue
						}
						left.note(a.class)
						switch a.answer {
						case 1:
							g.Admitted(a.class)
						case 2:
							g.Refused(a.class)
						}
					}
				})
			}
			workers.Wait()
			time.Sleep(minute) // let the last announcements pass
		})

		for _, a := range newLedger(ceiling).accounts {
			if from, found := tooMany(left.of(a.counts), a.Budget); found {
				rt.Errorf("more than %v left in the window that begins at %v", a.Budget, from)
			}
		}
		for _, a := range announced {
			classes := everyClass
			if len(a.classes) > 0 {
				classes = classSet{}
				for _, c := range a.classes {
					classes[c] = true
				}
			}
			for _, at := range left.of(classes) {
				// One that left at the very moment of the announcement was first.
				if at > a.at && at < a.at+a.lasts {
					rt.Errorf("a call left at %v, in the pause %+v", at, a)
				}
			}
		}
		for _, by := range late {
			rt.Errorf("a call gave up %v too late", by)
		}
	})
}
