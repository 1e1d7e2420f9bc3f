package ratelimit

import "time"

// clock tells the wall time, without its leaps backwards. The monotonic clock
// stands still while a machine is suspended, the server's windows do not; so the
// wall time counts, unless it was set back. The zero value is ready to use.
type clock struct {
	read time.Time // when it was last read, with a monotonic reading
	last time.Time // what it told then
}

// now returns the time, without a monotonic reading. It never runs backwards.
func (c *clock) now() time.Time {
	read := time.Now()
	c.last = step(c.last, read.Sub(c.read), read.Round(0))
	c.read = read
	return c.last
}

// step returns the time that follows last when so much has passed and the wall
// tells another time.
func step(last time.Time, elapsed time.Duration, wall time.Time) time.Time {
	if last.IsZero() {
		return wall
	}
	return later(last.Add(elapsed), wall)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
