package cli

import (
	"strings"
	"testing"
	"time"

	"guestlist/results"
)

func TestClosing(t *testing.T) {
	all := map[results.Status]int{
		results.Created: 1840, results.Updated: 12, results.Unchanged: 20, results.Invalid: 30, results.Duplicate: 2, results.Failed: 8,
	}
	for _, tc := range []struct {
		name         string
		rows         map[results.Status]int
		took, waited time.Duration
		style        style
	}{
		{"a log", all, time.Hour, time.Minute, style{}},
		{"a terminal without colours", all, 62 * time.Hour, 61*time.Hour + 30*time.Minute, style{symbols: true, width: 80}},
		{"a terminal that is dumb", all, 3 * time.Second, 0, style{width: 80}},
		{"a terminal with colours", all, 62 * time.Hour, 61 * time.Hour, style{colours: true, symbols: true, width: 80}},
		{"one row", map[results.Status]int{results.Created: 1}, time.Second, 0, style{symbols: true, width: 80}},
		{"no rows", nil, time.Second, 0, style{symbols: true, width: 80}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := strings.Join(describeClosing(tc.rows, tc.took, tc.waited, tc.style), "\n") + "\n"
			golden(t, "closing, "+tc.name+".txt", strings.ReplaceAll(got, "\x1b", `\e`))
		})
	}
}

func TestRemarksFit(t *testing.T) {
	all := []remark{{rankCreated, "1840 created"}, {rankUnchanged, "20 unchanged"}, {rankFailed, "8 failed"}, {rankWait, "waiting until 14:00:00 (23m 2s)"}, {rankEnd, "done about Mon 23 Nov 14:00 (2d 14h)"}}
	for _, tc := range []struct {
		room int
		want string
	}{
		{200, "1840 created, 20 unchanged, 8 failed, waiting until 14:00:00 (23m 2s), done about Mon 23 Nov 14:00 (2d 14h)"},
		{110, "1840 created, 20 unchanged, 8 failed, waiting until 14:00:00 (23m 2s), done about Mon 23 Nov 14:00 (2d 14h)"},
		{104, "1840 created, 8 failed, waiting until 14:00:00 (23m 2s), done about Mon 23 Nov 14:00 (2d 14h)"},
		{60, "1840 created, 8 failed, waiting until 14:00:00 (23m 2s)"},
		{45, "8 failed, waiting until 14:00:00 (23m 2s)"},
		{31, "waiting until 14:00:00 (23m 2s)"},
		{5, ""},
	} {
		if got := fitRemarks(append([]remark(nil), all...), tc.room); got != tc.want {
			t.Errorf("%d columns: %q, want %q", tc.room, got, tc.want)
		}
	}
}
