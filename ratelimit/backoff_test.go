package ratelimit

import (
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	for _, test := range []struct {
		earlier       int
		longest, half time.Duration // with a chance of 0, and of a half
	}{
		{0, time.Second, 875 * time.Millisecond},
		{1, 2 * time.Second, 1750 * time.Millisecond},
		{2, 4 * time.Second, 3500 * time.Millisecond},
		{3, 8 * time.Second, 7 * time.Second},
		{5, 32 * time.Second, 28 * time.Second},
		{6, time.Minute, 52500 * time.Millisecond},
		{7, time.Minute, 52500 * time.Millisecond},
		{1_000_000, time.Minute, 52500 * time.Millisecond},
	} {
		if got := backoff(test.earlier, 0); got != test.longest {
			t.Errorf("backoff(%d, 0) = %v, want %v", test.earlier, got, test.longest)
		}
		if got := backoff(test.earlier, 0.5); got != test.half {
			t.Errorf("backoff(%d, 0.5) = %v, want %v", test.earlier, got, test.half)
		}
	}
}
