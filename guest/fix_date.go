package guest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// localDatetime is the valid form of a date as people in one country or another write it, with or without a time, or
// "" where it cannot be known: which of two numbers is the day, which century is meant. Where it cannot be known only
// since the date may be two days, those are named in either.
//
//   - 31.12.2024: with dots the day stands first, wherever such dates are written.
//   - 12/31/2024, 31-12-2024: certain if only one number can be a day, or both are the same.
//   - 2024/12/31: after the year comes the month.
//   - 31 Dec 2024, December 31, 2024: the month by its name, in one of several languages.
//
// A time may have am or pm. It stays as it is, unless it says how far it is from UTC: the server's value is in UTC.
func localDatetime(s string) (better, either string) {
	day, clock := s, ""
	if len(s) > 10 && s[10] == 'T' {
		day, clock = s[:10], s[11:]
	} else if colon := strings.IndexByte(s, ':'); colon >= 0 {
		blank := strings.LastIndexFunc(s[:colon], isBlank)
		if blank < 0 {
			return "", ""
		}
		day, clock = s[:blank], Trim(s[blank:])
	}
	date, either := localDate(strings.TrimRight(day, " ,"))
	if date == "" {
		return "", either
	}
	seconds, offset, ok := clockTime(clock)
	if !ok {
		return "", ""
	}
	better = fmt.Sprintf("%s %02d:%02d:%02d", date, seconds/3600, seconds/60%60, seconds%60)
	if !isDatetime(better) || offset == 0 {
		return better, ""
	}
	moment, err := time.Parse(time.DateTime, better)
	if err != nil {
		return "", ""
	}
	return moment.Add(-time.Duration(offset) * time.Second).Format(time.DateTime), ""
}

// localDate reads a date as localDatetime does.
func localDate(s string) (date, either string) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("./-,", r) || isBlank(r) })
	parts = slices.DeleteFunc(parts, func(part string) bool { return strings.EqualFold(part, "de") })
	if len(parts) != 3 {
		return "", ""
	}
	for i := range 2 { // the month by its name stands first or second
		if month := monthNamed(parts[i]); month > 0 {
			day, year := parts[1-i], parts[2]
			if i == 1 && isYear(day) {
				day, year = year, day
			}
			return onDay(year, month, dayNumber(day)), ""
		}
	}
	return numericDate(parts, strings.Count(s, ".") >= 2 && !strings.ContainsAny(s, "/-,"))
}

// numericDate reads a date of three numbers.
func numericDate(parts []string, dots bool) (date, either string) {
	first, second := dayNumber(parts[0]), dayNumber(parts[1])
	switch {
	case isYear(parts[0]):
		return onDay(parts[0], second, dayNumber(parts[2])), ""
	case !isYear(parts[2]):
	case dots, first > 12, first == second:
		return onDay(parts[2], second, first), ""
	case second > 12:
		return onDay(parts[2], first, second), ""
	case first > 0 && second > 0:
		return "", fmt.Sprintf("%d %s or %d %s", first, time.Month(second), second, time.Month(first))
	}
	return "", ""
}

// onDay writes a date, or "" if there is no such day.
func onDay(year string, month, day int) string {
	date := fmt.Sprintf("%s-%02d-%02d", year, month, day)
	if !isYear(year) || !isDatetime(date+" 00:00:00") {
		return ""
	}
	return date
}

func isYear(s string) bool {
	return len(s) == 4 && s[0] != '0' && isDigits(s)
}

// dayNumber reads a number of one or two digits; zero: it is none.
func dayNumber(s string) int {
	for _, ending := range []string{"st", "nd", "rd", "th"} {
		s = strings.TrimSuffix(s, ending)
	}
	if len(s) > 2 || !isDigits(s) {
		return 0
	}
	return digits(s)
}

// clockTime reads a time of day and its distance from UTC, both in seconds. No time is midnight.
func clockTime(s string) (seconds, offset int, ok bool) {
	if s == "" {
		return 0, 0, true
	}
	s, offset, ok = cutOffset(strings.ToLower(s))
	if !ok {
		return 0, 0, false
	}
	half := ""
	for _, ending := range []string{"am", "pm", "a.m.", "p.m."} {
		if before, found := strings.CutSuffix(s, ending); found {
			s, half = Trim(before), ending[:1]
		}
	}
	s, fraction, _ := strings.Cut(s, ".")
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 || fraction != "" && !isDigits(fraction) {
		return 0, 0, false
	}
	var numbers [3]int
	for i, part := range parts {
		if len(part) > 2 || i > 0 && len(part) != 2 || !isDigits(part) {
			return 0, 0, false
		}
		numbers[i] = digits(part)
	}
	hour, minute, second := numbers[0], numbers[1], numbers[2]
	if half != "" {
		if hour < 1 || hour > 12 {
			return 0, 0, false
		}
		if hour %= 12; half == "p" {
			hour += 12
		}
	}
	return hour*3600 + minute*60 + second, offset, hour < 24 && minute < 60 && second < 60
}

// cutOffset cuts off how far a time is from UTC, in seconds: Z, UTC, GMT, +02:00, +0200, +02.
func cutOffset(s string) (rest string, offset int, ok bool) {
	for _, name := range []string{"z", "utc", "gmt"} {
		if before, found := strings.CutSuffix(s, name); found {
			return Trim(before), 0, true
		}
	}
	sign := strings.LastIndexAny(s, "+-")
	if sign < 0 {
		return s, 0, true
	}
	distance := strings.Replace(s[sign+1:], ":", "", 1)
	if len(distance) == 2 {
		distance += "00"
	}
	if len(distance) != 4 || !isDigits(distance) {
		return "", 0, false
	}
	offset = digits(distance[:2])*3600 + digits(distance[2:])*60
	if offset > 14*3600 || digits(distance[2:]) >= 60 {
		return "", 0, false
	}
	if s[sign] == '-' {
		offset = -offset
	}
	return Trim(s[:sign]), offset, true
}

// monthNamed returns the month that a name or its abbreviation stands for; zero: none.
func monthNamed(name string) int {
	name = strings.ToLower(name)
	for month, names := range monthNames {
		if slices.Contains(strings.Fields(names), name) {
			return month + 1
		}
	}
	return 0
}

// monthNames are in English, German, French, Spanish, Italian, Portuguese and
// Dutch. No name stands for two months.
var monthNames = [12]string{
	"january jan januar jän jänner janvier janv enero ene gennaio gen janeiro januari",
	"february feb februar feber février fevrier févr fevr febrero febbraio fevereiro fev februari",
	"march mar märz maerz mrz mär mars marzo março marco maart mrt",
	"april apr avril avr abril abr aprile",
	"may mai mayo maggio mag maio mei",
	"june jun juni juin junio giugno giu junho",
	"july jul juli juillet juil julio luglio lug julho",
	"august aug août aout agosto ago augustus",
	"september sep sept septembre septiembre settembre set setembro",
	"october oct oktober okt octobre octubre ottobre ott outubro out",
	"november nov novembre noviembre novembro",
	"december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro",
}
