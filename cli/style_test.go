package cli

import "testing"

func TestWrap(t *testing.T) {
	for _, tc := range []struct {
		name  string
		width int
		line  string
		want  string
	}{
		{"no terminal", 0, "a line as long as it likes to be", "a line as long as it likes to be"},
		{"fits", 9, "it fits so", "it fits\n  so"},
		{"fits exactly", 10, "it fits so", "it fits so"},
		{"several lines", 10, "one two three four five", "one two\n  three\n  four\n  five"},
		{"a word wider than the screen", 6, "see https://example.com now", "see\n  https://example.com\n  now"},
		{"a command stays whole", 10, "go on with: guestlist import people.csv", "go on with: guestlist import people.csv"},
		{"colours take no room", 10, "\x1b[33m! \x1b[0mline five here", "\x1b[33m! \x1b[0mline\n  five\n  here"},
		{"wide characters", 8, "山田 太郎 さん", "山田\n  太郎\n  さん"},
		{"blanks at the beginning", 12, "  see below or above", "  see below\n  or above"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := (style{width: tc.width}).wrap(tc.line); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestFit(t *testing.T) {
	for _, tc := range []struct {
		text string
		most int
		want string
	}{
		{"Anna", 4, "Anna"},
		{"Annabel", 4, "Ann…"},
		{"山田太郎", 5, "山田…"},
		{"山田太郎", 4, "山…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"Anna", 1, "…"},
		{"Anna", 0, ""},
		{"", 0, ""},
	} {
		if got := fit(tc.text, tc.most); got != tc.want {
			t.Errorf("fit(%q, %d) = %q, want %q", tc.text, tc.most, got, tc.want)
		}
	}
}
