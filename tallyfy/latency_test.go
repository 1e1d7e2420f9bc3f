package tallyfy

import (
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	var d durations
	for ms := 1; ms <= 1000; ms++ {
		d.add(time.Duration(ms) * time.Millisecond)
	}
	for _, tc := range []struct {
		percent int
		want    time.Duration
	}{{50, 500 * time.Millisecond}, {90, 900 * time.Millisecond}, {99, 990 * time.Millisecond}, {100, time.Second}} {
		if got := d.most(tc.percent); got < tc.want || got > tc.want*21/20 {
			t.Errorf("%d of 100 took at most %v, want %v or up to a twentieth more", tc.percent, got, tc.want)
		}
	}
	if d.longest != time.Second {
		t.Errorf("the longest took %v", d.longest)
	}
	d.add(0)
	d.add(-time.Second) // a clock that is set back
	d.add(48 * time.Hour)
	if len(d.bars) > 600 || d.longest != 48*time.Hour {
		t.Errorf("%d bars, the longest %v", len(d.bars), d.longest)
	}
}
