package ratelimit

import "time"

// clock tells the wall time, without its leaps backwards. The monotonic clock
// stands still while a machine is suspended, the server's windows do not; so the
// wall time counts, unless it was set back.
type clock struct {
	began time.Time // with a monotonic reading
	last  time.Time
}

func newClock() clock {
	now := time.Now()
	return clock{began: now, last: now.Round(0)}
}

// now returns the time, without a monotonic reading. It never runs backwards.
func (c *clock) now() time.Time {
	wall := time.Now()
	steady := c.began.Round(0).Add(wall.Sub(c.began))
	c.last = later(later(c.last, steady), wall.Round(0))
	return c.last
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
