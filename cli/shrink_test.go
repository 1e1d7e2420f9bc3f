package cli

import (
	"strings"
	"testing"

	"guestlist/exporter"
)

func TestParseShare(t *testing.T) {
	for in, want := range map[string]float64{"0": 0, "10": 10, "10%": 10, "2.5": 2.5, "100%": 100} {
		if got, err := parseShare(in); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "%", "-1", "100.1", "NaN", "Inf", "10%%", "ten", "10 %", "10,5"} {
		if got, err := parseShare(in); err == nil {
			t.Errorf("%q is %v, want an error", in, got)
		}
	}
}

func TestCheckShrink(t *testing.T) {
	for _, tc := range []struct {
		name        string
		before, now int
		share       float64
		want        string // of the refusal; empty: there is none
	}{
		{"as many", 10, 10, 0, ""},
		{"more", 10, 11, 0, ""},
		{"one fewer, and none may be lost", 1000, 999, 0, "it holds 1000 guests, and the server lists 999 now, which is 0.1% fewer; --max-shrink allows 0%"},
		{"just as many as may be lost", 1000, 900, 10, ""},
		{"one more than may be lost", 1000, 899, 10, "which is 10.1% fewer; --max-shrink allows 10%"},
		{"a share with a fraction", 1000, 975, 2.5, ""},
		{"more than a share with a fraction", 1000, 974, 2.5, "which is 2.6% fewer; --max-shrink allows 2.5%"},
		{"a third", 3, 2, 10, "which is 33.3% fewer"},
		{"the only one", 1, 0, 99, "it holds 1 guest, and the server lists 0 now, which is 100% fewer"},
		{"all of them, and all may be lost", 5, 0, 100, ""},
		{"there were none", 0, 0, 0, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			j := &exportJob{
				exportFlags: &exportFlags{output: "guests.csv", maxShrink: "given"}, share: tc.share, before: &tc.before,
				done: exporter.Summary{Guests: tc.now},
			}
			err := j.checkShrink()
			if (err != nil) != (tc.want != "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("error is %v, want %q", err, tc.want)
			}
			if err == nil {
				return
			}
			// What is advised helps.
			_, advised, _ := strings.Cut(wayOut(err), "or with --max-shrink ")
			if j.share, err = parseShare(advised); err != nil || j.checkShrink() != nil {
				t.Errorf("with --max-shrink %q, as advised: %v, %v", advised, err, j.checkShrink())
			}
			j.maxShrink = ""
			if err := j.checkShrink(); err != nil {
				t.Errorf("without --max-shrink: %v", err)
			}
		})
	}
}
