package guest

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestTrim(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"nothing to take off", "Jane", "Jane"},
		{"empty", "", ""},
		{"spaces at both ends, not inside", "  Jane  Doe ", "Jane  Doe"},
		{"tab, line breaks, vertical tab, form feed, NUL", "\t\r\n\v\fJane\x00", "Jane"},
		{"nothing but blanks", " \u00A0\u200B\t", ""},
		{"no-break space, next line, Ogham and ideographic space", "\u00A0\u0085Jane\u1680\u3000", "Jane"},
		{"line and paragraph separator", "\u2028Jane\u2029", "Jane"},
		{"zero-width space, joiners, byte order mark", "\uFEFF\u200BJane\u200C\u200D", "Jane"},
		{"soft hyphen and direction marks", "\u00ADJane\u200E\u200F", "Jane"},
		{"fillers, empty Braille, tag space, musical beams", "\u3164\uFFA0\u115FJane\u2800\U000E0020\U0001D173", "Jane"},
		{"other control characters stay", "\x1FJane\x7F", "\x1FJane\x7F"},
		{"embedding and isolate marks stay", "\u202AJane\u2069", "\u202AJane\u2069"},
		{"a variation selector stays", "❤\uFE0F", "❤\uFE0F"},
		{"broken text is left alone", "\xA0Jane\xFF ", "\xA0Jane\xFF"},
	} {
		if got := Trim(test.in); got != test.want {
			t.Errorf("%s: Trim(%q) = %q, want %q", test.name, test.in, got, test.want)
		}
	}
}

func TestTrimTakesOffExactlyWhatWasAdded(t *testing.T) {
	blanks := []rune(" \t\n\v\f\r\x00\u0085\u00A0\u00AD\u034F\u061C\u180E\u2000\u200B\u2028\u202F\u205F\u2065\u206A\u3000\uFEFF\U0001D17A")
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.StringOf(rapid.SampledFrom(blanks)).Draw(t, "before")
		after := rapid.StringOf(rapid.SampledFrom(blanks)).Draw(t, "after")
		core := "a" + rapid.String().Draw(t, "core") + "z"
		if got := Trim(before + core + after); got != core {
			t.Fatalf("Trim(%q) = %q, want %q", before+core+after, got, core)
		}
	})
}

func TestKey(t *testing.T) {
	for _, test := range []struct {
		name, a, b string
		same       bool
	}{
		{"equal", "jane@example.com", "jane@example.com", true},
		{"capitals", "Jane@Example.COM", "jane@example.com", true},
		{"blanks around", " jane@example.com\u200B", "jane@example.com", true},
		{"composed and decomposed", "jos\u00E9@example.com", "jose\u0301@example.com", true},
		{"Cyrillic capitals", "ИВАН@пример.рф", "иван@пример.рф", true},
		{"a letter whose capital does not compose", "H\u0331@example.com", "\u1E96@example.com", true},
		{"dots count", "jane.doe@example.com", "janedoe@example.com", false},
		{"a plus tag counts", "jane+x@example.com", "jane@example.com", false},
		{"accents count", "josé@example.com", "jose@example.com", false},
		{"full width counts", "ｊane@example.com", "jane@example.com", false},
		{"sharp s counts", "straße@example.com", "strasse@example.com", false},
		{"the Turkish capital with a dot is no plain i", "ALİ@example.com", "ali@example.com", false},
	} {
		if got := Key(test.a) == Key(test.b); got != test.same {
			t.Errorf("%s: Key(%q) = %q, Key(%q) = %q, same person: want %t", test.name, test.a, Key(test.a), test.b, Key(test.b), test.same)
		}
	}
}

func FuzzTrim(f *testing.F) {
	for _, s := range []string{"", " a ", "\u200Ba\u00A0", "\xFFa\xFF", "İ@X", "H\u0331"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Trim(s)
		if !strings.Contains(s, got) {
			t.Errorf("Trim(%q) = %q is no part of it", s, got)
		}
		if again := Trim(got); again != got {
			t.Errorf("Trim(%q) = %q, trimmed again %q", s, got, again)
		}
		if key := Key(s); utf8.ValidString(s) && Key(key) != key {
			t.Errorf("Key(%q) = %q, whose key is %q", s, key, Key(key))
		}
	})
}

func BenchmarkKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Key("jane.doe@example.com")
	}
}
