package report

import "time"

// tick is a mark on the time axis.
type tick struct {
	at    time.Time
	label string
	day   string // below the label, where a day begins to be meant
}

// steps are the distances that marks on a time axis may have.
var steps = [...]time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	day, 2 * day, 7 * day, 14 * day, 30 * day, 90 * day, 365 * day,
}

const day = 24 * time.Hour

// timeTicks returns round times between two, about most at most, as a clock in
// their zone shows them; none where the times are centuries apart, which no run
// is.
func timeTicks(from, to time.Time, most int) []tick {
	if to.Year()-from.Year() > 200 {
		return nil
	}
	step := steps[len(steps)-1]
	for _, s := range steps {
		if to.Sub(from) < s*time.Duration(most) {
			step = s
			break
		}
	}
	for step < to.Sub(from)/time.Duration(most) { // many years
		step *= 2
	}
	midnight := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, from.Location())
	var ticks []tick
	last, shown := from.Add(-1), ""
	wall := time.Duration(from.Hour())*time.Hour + time.Duration(from.Minute())*time.Minute + time.Duration(from.Second())*time.Second
	for k := int(wall / step); ; k++ {
		at := onClock(midnight, step, k)
		if at.After(to) {
			return ticks
		}
		if !at.After(last) { // before the first, or an hour that the clock leaves out
			continue
		}
		last = at
		t := tick{at: at, label: at.Format(tickLayout(step, to.Sub(from)))}
		if date := at.Format("Mon 2 Jan"); step < day && date != shown {
			t.day, shown = date, date
		}
		ticks = append(ticks, t)
	}
}

// onClock is so many steps after midnight as a clock shows them, whether or not it
// is put forward or back meanwhile.
func onClock(midnight time.Time, step time.Duration, k int) time.Time {
	y, m, d := midnight.Date()
	if step >= day {
		return time.Date(y, m, d+k*int(step/day), 0, 0, 0, 0, midnight.Location())
	}
	after := time.Duration(k) * step
	return time.Date(y, m, d, 0, 0, int(after/time.Second), int(after%time.Second), midnight.Location())
}

func tickLayout(step, whole time.Duration) string {
	switch {
	case step < time.Second:
		return "15:04:05.000"
	case step < time.Minute:
		return "15:04:05"
	case step < day:
		return "15:04"
	case whole < 300*day:
		return "2 Jan"
	}
	return "Jan 2006"
}

// countTicks returns round numbers from 0 to at least most, six at most.
func countTicks(most int) []int {
	step := 1
	for n := 0; most > 5*step; n++ {
		step = [...]int{2, 5, 10}[n%3] * power(n/3)
	}
	var ticks []int
	for n := 0; ; n += step {
		ticks = append(ticks, n)
		if n >= most {
			return ticks
		}
	}
}

// power is ten to the nth.
func power(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}
