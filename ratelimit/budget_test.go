package ratelimit

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseBudget(t *testing.T) {
	for _, test := range []struct {
		name string
		in   string
		want Budget
	}{
		{"per second", "10/s", Budget{10, time.Second}},
		{"per minute", "600/m", Budget{600, time.Minute}},
		{"per hour", "30/h", Budget{30, time.Hour}},
		{"one", "1/h", Budget{1, time.Hour}},
		{"leading zeros are decimal", "010/s", Budget{10, time.Second}},
		{"the most", "100000/s", Budget{100_000, time.Second}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseBudget(test.in)
			if err != nil || got != test.want {
				t.Errorf("ParseBudget(%q) = %v, %v; want %v", test.in, got, err, test.want)
			}
		})
	}
}

func TestParseBudgetRefuses(t *testing.T) {
	const shape = "write a whole number, a slash and s, m or h"
	for _, test := range []struct {
		name string
		in   string
		says string
	}{
		{"nothing", "", shape},
		{"no window", "10", shape},
		{"no number", "/s", shape},
		{"an empty window", "10/", shape},
		{"a window of days", "10/d", shape},
		{"a window spelt out", "10/sec", shape},
		{"an upper-case window", "10/S", shape},
		{"two windows", "10/s/m", shape},
		{"a fraction", "1.5/s", shape},
		{"an exponent", "1e3/s", shape},
		{"a hexadecimal number", "0x10/s", shape},
		{"separated thousands", "1_000/h", shape},
		{"a negative number", "-5/s", shape},
		{"a plus sign", "+5/s", shape},
		{"blanks", " 10/s", shape},
		{"digits of another script", "١٠/s", shape},
		{"a word", "auto", shape},
		{"zero", "0/s", "must be 1 or more"},
		{"zeros", "000/h", "must be 1 or more"},
		{"too much", "100001/s", "at most 100000 calls"},
		{"more than an integer holds", "99999999999999999999999/h", "at most 100000 calls"},
		{"a control character is shown escaped", "10/\x1b[2J", `"10/\x1b[2J"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseBudget(test.in)
			if err == nil || got != (Budget{}) {
				t.Fatalf("ParseBudget(%q) = %v, %v; want an error", test.in, got, err)
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("ParseBudget(%q): %q does not say %q", test.in, err, test.says)
			}
		})
	}
}

func TestBudgetString(t *testing.T) {
	for _, test := range []struct {
		in   Budget
		want string
	}{
		{Budget{10, time.Second}, "10/s"},
		{Budget{600, time.Minute}, "600/m"},
		{Budget{30, time.Hour}, "30/h"},
		{Budget{12, 5 * time.Second}, "12 in 5s"},
		{Budget{}, "no limit"},
		{Budget{Calls: 5}, "no limit"},
		{Budget{Window: time.Second}, "no limit"},
		{Budget{-1, time.Second}, "no limit"},
	} {
		if got := test.in.String(); got != test.want {
			t.Errorf("%#v.String() = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestBudgetIsReadAsItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Budget{
			Calls:  rapid.IntRange(1, mostCalls).Draw(t, "calls"),
			Window: rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour}).Draw(t, "window"),
		}
		got, err := ParseBudget(want.String())
		if err != nil || got != want {
			t.Fatalf("ParseBudget(%q) = %v, %v", want, got, err)
		}
	})
}

func FuzzParseBudget(f *testing.F) {
	for _, seed := range []string{"10/s", "600/m", "30/h", "0/s", "-1/s", "1.5/s", "010/s", "99999999999999999999/h", "auto", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b, err := ParseBudget(s)
		if err != nil {
			if b != (Budget{}) || err.Error() == "" {
				t.Fatalf("ParseBudget(%q) = %v, %q", s, b, err)
			}
			return
		}
		if b.Calls < 1 || b.Calls > mostCalls || b.Window < time.Second || b.Window > time.Hour {
			t.Fatalf("ParseBudget(%q) = %#v, which is out of bounds", s, b)
		}
		if again, err := ParseBudget(b.String()); err != nil || again != b {
			t.Fatalf("ParseBudget(%q) = %v, which is read as %v, %v", s, b, again, err)
		}
	})
}
