package tallyfy

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// read makes a call that may be repeated at will until it succeeds, is refused
// for good, or has been tried often enough. Tries that the server put off do
// not count: the gate holds the next one back until it may go.
func (c *Client) read(ctx context.Context, k *call) error {
	for tries := 0; ; {
		err := c.attempt(ctx, k)
		var e *Error
		if err == nil || !errors.As(err, &e) || !e.passing() {
			return err
		}
		if e.putOff() {
			continue
		}
		if tries++; tries >= c.attempts {
			return err
		}
		delay := retryDelay(tries, rand.Float64())
		c.retrying(err, delay)
		if err := sleep(ctx, delay); err != nil {
			return failed(k.op, err)
		}
	}
}

// retryDelay returns the delay after that many failed tries. It doubles from
// half a second up to half a minute. Chance, from 0 to less than 1, adds up to
// half of it, so that workers that failed together do not come back together.
func retryDelay(tries int, chance float64) time.Duration {
	const first, longest = 500 * time.Millisecond, 30 * time.Second
	delay := min(first<<min(tries-1, 10), longest)
	return delay + time.Duration(chance*float64(delay)/2)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
