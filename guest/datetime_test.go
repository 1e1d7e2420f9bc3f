package guest

import (
	"testing"
	"time"
)

func TestDatetimeProblem(t *testing.T) {
	const (
		notThere = "is a date or time that does not exist"
		notLike  = "is not written like 2025-01-15 10:30:00"
		form     = notLike + " (year-month-day hour:minute:second)"
	)
	for _, test := range []struct{ name, in, want string }{
		{"a moment", "2025-01-15 10:30:00", ""},
		{"the first there is", "0000-01-01 00:00:00", ""},
		{"the last there is", "9999-12-31 23:59:59", ""},
		{"leap day of the year 0", "0000-02-29 00:00:00", ""},
		{"leap day of a fourth century", "2000-02-29 00:00:00", ""},
		{"no leap day in other centuries", "2100-02-29 00:00:00", notThere},
		{"the 31st of a short month", "2025-04-31 00:00:00", notThere},
		{"day 0", "2025-04-00 00:00:00", notThere},
		{"month 13", "2025-13-01 00:00:00", notThere},
		{"hour 24", "2025-01-01 24:00:00", notThere},
		{"leap second", "2016-12-31 23:59:60", notThere},
		{"an hour that summer time skips in places", "2025-03-30 02:30:00", ""},
		{"date alone", "2025-01-15", notLike + " (did you mean 2025-01-15 00:00:00?)"},
		{"no seconds", "2025-01-15 10:30", notLike + " (did you mean 2025-01-15 10:30:00?)"},
		{"ISO 8601 in UTC", "2025-01-15T10:30:00.000Z", notLike + " (did you mean 2025-01-15 10:30:00?)"},
		{"ISO 8601 elsewhere is not guessed", "2025-01-15T10:30:00+02:00", form},
		{"day and month in another order", "15.01.2025 10:30:00", form},
		{"full-width digits", "２025-01-15 10:30:00", form},
		{"one digit", "2025-1-15 10:30:00", form},
		{"a year of five digits", "12025-01-15 10:30:00", form},
		{"something after it", "2025-01-15 10:30:00 PM", form},
		{"not UTF-8", "2025-01-15 10:30:0\xFF", notUTF8},
	} {
		if got := datetimeProblem(test.in).String(); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func FuzzDatetime(f *testing.F) {
	for _, s := range []string{"2025-01-15 10:30:00", "0000-02-29 23:59:59", "2025-02-29 24:60:60", "2025-01-15T10:30:00.5Z", "\xFF"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		moment, err := time.Parse(time.DateTime, s)
		want := err == nil && moment.Format(time.DateTime) == s
		if got := datetimeProblem(s).String() == ""; got != want {
			t.Errorf("datetimeProblem(%q): valid=%t, package time says %t", s, got, want)
		}
		if better := datetimeLike(s); better != "" && datetimeProblem(better).String() != "" {
			t.Errorf("datetimeLike(%q) = %q, which is not valid", s, better)
		}
	})
}

func BenchmarkDatetime(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		datetimeProblem("2025-01-15 10:30:00")
	}
}
