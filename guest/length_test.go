package guest

import (
	"testing"
	"unicode/utf8"
)

func TestLengthProblem(t *testing.T) {
	for _, test := range []struct {
		name, in string
		limit    int
		want     string
	}{
		{"shorter", "Jane", 5, ""},
		{"as long as can be", "Jane", 4, ""},
		{"longer", "Janet", 4, "has 5 characters (at most 4 are taken)"},
		{"more bytes than characters", "日本語", 3, ""},
		{"an accent of its own is a character", "e\u0301", 1, "has 2 characters (at most 1 are taken)"},
		{"a family is seven", "👨\u200D👩\u200D👧\u200D👦", 7, ""},
		{"not UTF-8, short", "\xE9", 9, notUTF8},
		{"not UTF-8, long", "aaaaaaaaaa\xE9", 9, notUTF8},
		{"half a surrogate pair", "\xED\xA0\xBD", 9, notUTF8},
	} {
		if got := lengthProblem(test.in, test.limit).String(); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func FuzzLength(f *testing.F) {
	f.Add("Jane", 4)
	f.Add("日本語", 2)
	f.Add("\xFF", 1)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		problem := lengthProblem(s, limit).String()
		if want := utf8.ValidString(s) && len([]rune(s)) <= limit; (problem == "") != want {
			t.Errorf("lengthProblem(%q, %d) = %q, valid: want %t", s, limit, problem, want)
		}
	})
}
