package workbook

import (
	"math"
	"time"
)

const (
	days1904 = 1462    // from the first day of 1900, as Excel counts, to that of 1904
	maxDay   = 2958466 // the day after 31 December 9999
	leapBug  = 60      // 29 February 1900, which Excel takes for a day
)

// showDate shows a number of days as a date or time. It is not ok when that is none; Excel then shows a row of # signs,
// and what stands there is usually a number that got a date's format by mistake.
func (b *book) showDate(days float64, s *section) (string, bool) {
	if days < 0 || days >= maxDay {
		return "", false
	}
	switch s.kind {
	case isoDate:
		return isoDay(days), true
	case isoDateTime:
		return isoDay(days+halfSecond) + " " + isoClock(days), true
	case isoTime:
		return isoClock(days), true
	case isoEither:
		switch {
		case days < 1:
			return isoClock(days), true
		case days == math.Trunc(days):
			return isoDay(days), true
		default:
			return isoDay(days+halfSecond) + " " + isoClock(days), true
		}
	}
	return b.numbers.print(s.code, days)
}

// halfSecond, in days, is added before a time is cut to whole seconds.
const halfSecond = 0.5 / secondsPerDay

const secondsPerDay = 24 * 60 * 60

func isoDay(days float64) string {
	day := int(days)
	switch {
	case day == 0:
		return "1900-01-00" // as Excel shows it: no date that could be taken for one
	case day == leapBug:
		return "1900-02-29"
	case day < leapBug:
		day++
	}
	return epoch.AddDate(0, 0, day).Format(time.DateOnly)
}

func isoClock(days float64) string {
	seconds := int(math.Round((days - math.Trunc(days)) * secondsPerDay))
	return epoch.Add(time.Duration(seconds) * time.Second).Format(time.TimeOnly)
}

// epoch is day 0 for all days after leapBug.
var epoch = time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC)

// showMoment shows a date that the file has as text in ISO form, or a value that is none as it is.
func (b *book) showMoment(value string, f *format) string {
	for _, layout := range []string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", time.DateOnly, "15:04:05.999999999"} {
		moment, err := time.Parse(layout, value)
		if err != nil {
			continue
		}
		var days float64
		if moment.Year() == 0 {
			days = moment.Sub(moment.Truncate(24*time.Hour)).Hours() / 24
		} else {
			days = float64(moment.Unix()-epoch.Unix())/secondsPerDay + float64(moment.Nanosecond())/1e9/secondsPerDay
		}
		if days > 0 && days <= leapBug && moment.Year() != 0 {
			days--
		}
		s, _ := f.choose(days)
		if s == nil || s.kind < asDate {
			s = &section{kind: isoEither}
		}
		if text, ok := b.showDate(days, s); ok {
			return text
		}
	}
	return value
}
