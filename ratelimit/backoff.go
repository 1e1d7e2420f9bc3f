package ratelimit

import "time"

const (
	firstDelay   = time.Second
	longestDelay = time.Minute
)

// backoff returns the delay after a refusal that named no time, where earlier
// is the number of refusals in a row before it. It doubles from one second up
// to a minute. Chance, from 0 to less than 1, takes up to a quarter off it, so
// that programs that were refused together do not come back together.
func backoff(earlier int, chance float64) time.Duration {
	delay := longestDelay
	if doubled := firstDelay << min(earlier, 10); doubled < longestDelay {
		delay = doubled
	}
	return delay - time.Duration(chance*float64(delay)/4)
}
