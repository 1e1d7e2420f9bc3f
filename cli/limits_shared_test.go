package cli

import (
	"errors"
	"slices"
	"testing"

	"guestlist/ratelimit"
)

// Of limits that other hosts share each change is told, once.
func TestWhatIsToldOfSharedLimits(t *testing.T) {
	away := errors.New("the Redis at redis://limits:6379: it refuses the connection")
	const (
		alone  = "the Redis at redis://limits:6379: it refuses the connection: until it works this run goes on alone, with a quarter of every limit"
		again  = "the limits are shared with other hosts again"
		missed = "the Redis has lost what was done lately: calls wait until that counts no more, a minute at most"
	)
	n := &limitNews{hosts: true}
	for i, step := range []struct {
		seen ratelimit.Snapshot
		want []string
	}{
		{ratelimit.Snapshot{}, nil},
		{ratelimit.Snapshot{Unshared: away}, []string{alone}},
		{ratelimit.Snapshot{Unshared: away}, nil},
		{ratelimit.Snapshot{Lost: true}, []string{again, missed}},
		{ratelimit.Snapshot{Lost: true}, nil},
		{ratelimit.Snapshot{}, nil},
		{ratelimit.Snapshot{Lost: true}, []string{missed}},
		{ratelimit.Snapshot{Unshared: away}, []string{alone}},
		{ratelimit.Snapshot{}, []string{again}},
	} {
		var got []string
		for _, item := range n.since(step.seen) {
			got = append(got, item.text)
		}
		if !slices.Equal(got, step.want) {
			t.Errorf("step %d: told %q, want %q", i, got, step.want)
		}
	}
}
