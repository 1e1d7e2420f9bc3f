package guest

import (
	"strings"
	"unicode/utf8"
)

// datetimeShape is the one form that a date and time may have, with 0 for any digit.
const datetimeShape = "0000-00-00 00:00:00"

// datetimeProblem says what is wrong with a date and time.
//
// Source: Laravel 12, rule date_format:Y-m-d H:i:s. PHP reads the value leniently (30 February becomes 2 March), but
// the rule writes it out again and compares, so exactly the canonical form of a moment that exists is taken. Years go
// from 0000 to 9999 in the Gregorian calendar; the time is in UTC, where no hour is ever skipped.
func datetimeProblem(s string) *fault {
	if !utf8.ValidString(s) {
		return wrong(notUTF8)
	}
	if isDatetime(s) {
		return nil
	}
	if hasDatetimeShape(s) {
		return wrong("is a date or time that does not exist")
	}
	if _, either := localDatetime(s); either != "" {
		return &fault{"may be two days", "may be " + either, "write it like 2025-01-15 10:30:00"}
	}
	hint := "year-month-day hour:minute:second"
	if better := datetimeLike(s); better != "" {
		hint = didYouMean + better + "?"
	}
	return &fault{cause: "is not written like 2025-01-15 10:30:00", hint: hint}
}

func isDatetime(s string) bool {
	if !hasDatetimeShape(s) {
		return false
	}
	year, month, day := digits(s[0:4]), digits(s[5:7]), digits(s[8:10])
	return 1 <= month && month <= 12 && 1 <= day && day <= daysIn(year, month) &&
		digits(s[11:13]) < 24 && digits(s[14:16]) < 60 && digits(s[17:19]) < 60
}

func hasDatetimeShape(s string) bool {
	if len(s) != len(datetimeShape) {
		return false
	}
	for i := range len(s) {
		isDigit := '0' <= s[i] && s[i] <= '9'
		if wantDigit := datetimeShape[i] == '0'; isDigit != wantDigit || !isDigit && s[i] != datetimeShape[i] {
			return false
		}
	}
	return true
}

// isDigits tells whether a text is a row of ASCII digits.
func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// digits is the value of a text that holds nothing but digits.
func digits(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// datetimeLike is the valid form of what spreadsheets and programs often write instead: a date alone, a time without
// seconds, ISO 8601 with a T, fractions of a second, or a Z for UTC. It is "" for everything else: day and month in
// another order, or another time zone, cannot be guessed.
func datetimeLike(s string) string {
	s = strings.TrimSuffix(s, "Z")
	if whole, fraction, found := strings.Cut(s, "."); found && strings.Trim(fraction, "0123456789") == "" {
		s = whole
	}
	if len(s) > 10 && s[10] == 'T' {
		s = s[:10] + " " + s[11:]
	}
	for _, ending := range []string{"", ":00", " 00:00:00"} {
		if isDatetime(s + ending) {
			return s + ending
		}
	}
	return ""
}
