package cli

import (
	"testing"
	"time"
)

// Who comes at the time that was told must not be too early.
func TestClockTime(t *testing.T) {
	now := time.Date(2026, 11, 20, 22, 15, 0, 0, time.Local)
	for _, tc := range []struct {
		name string
		at   time.Time
		want string
	}{
		{"today", now.Add(5 * time.Second), "22:15:05"},
		{"tomorrow, at a full minute", now.Add(3 * time.Hour), "Sat 21 Nov 01:15"},
		{"tomorrow, a moment later", now.Add(3*time.Hour + time.Nanosecond), "Sat 21 Nov 01:16"},
		{"tomorrow, in the last minute", now.Add(25*time.Hour + 44*time.Minute + 59*time.Second), "Sun 22 Nov 00:00"},
		{"next year", now.AddDate(1, 0, 0), "20 Nov 2027"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := clockTime(tc.at, now); got != tc.want {
				t.Errorf("%v is %q, want %q", tc.at, got, tc.want)
			}
		})
	}
}
