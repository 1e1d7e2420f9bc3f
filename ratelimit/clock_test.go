package ratelimit

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestTheClockRunsWithTheWall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock()
		for range 3 {
			time.Sleep(hour)
			if got := c.now(); !got.Equal(time.Now()) {
				t.Errorf("it is %v and not %v", got, time.Now())
			}
		}
	})
}

func TestTheClockNeverRunsBackwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock()
		c.last = c.last.Add(hour) // the wall was set back by an hour since
		before := c.now()
		time.Sleep(second)
		if got := c.now(); got.Before(before) {
			t.Errorf("it is %v after %v", got, before)
		}
	})
}

// Or nothing would leave for as long as the wall was ahead.
func TestTheClockGoesOnWhenTheWallWasSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock()
		c.last = c.last.Add(hour) // the wall was set back by an hour since
		before := c.now()
		time.Sleep(minute)
		if got := c.now().Sub(before); got != minute {
			t.Errorf("in a minute it goes on by %v", got)
		}
	})
}
