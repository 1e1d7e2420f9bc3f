package ratelimit

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestTheClockRunsWithTheWall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		for range 3 {
			if got := c.now(); !got.Equal(time.Now()) {
				t.Errorf("it is %v and not %v", got, time.Now())
			}
			time.Sleep(hour)
		}
	})
}

func TestClockSteps(t *testing.T) {
	tests := []struct {
		name    string
		elapsed time.Duration // by the monotonic clock
		wall    time.Duration // since what was told last
		want    time.Duration // since then
	}{
		{"both agree", minute, minute, minute},
		{"the machine was suspended", second, 8 * hour, 8 * hour},
		{"the wall was set forward", second, hour, hour},
		{"the wall was set back", minute, -hour, minute},
		{"the wall runs a little slow", minute, minute - time.Millisecond, minute},
		{"read twice at once", 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := step(epoch, tt.elapsed, epoch.Add(tt.wall)).Sub(epoch); got != tt.want {
				t.Errorf("it goes on by %v, want %v", got, tt.want)
			}
		})
	}
	if got := step(time.Time{}, hour, epoch); !got.Equal(epoch) {
		t.Errorf("it begins at %v", got)
	}
}

// Or nothing would leave for as long as the wall was ahead.
func TestTheClockGoesOnWhenTheWallWasSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		c.now()
		c.last = c.last.Add(hour) // the wall was set back by an hour since
		before := c.now()
		time.Sleep(minute)
		if got := c.now().Sub(before); got != minute {
			t.Errorf("in a minute it goes on by %v", got)
		}
	})
}
