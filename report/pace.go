package report

import (
	"math"
	"slices"
	"time"
)

// span is a time in which nothing was written, in Unix milliseconds.
type span struct{ from, to int64 }

func (s span) length() time.Duration { return between(s.from, s.to) }

// between is the time from one to another, in Unix milliseconds. One that is too
// long for a duration is the longest.
func between(from, to int64) time.Duration {
	if ms := to - from; ms <= math.MaxInt64/int64(time.Millisecond) {
		return time.Duration(ms) * time.Millisecond
	}
	return math.MaxInt64
}

// pace is how the writes of a run follow one another.
type pace struct {
	median, p90, p99, longest time.Duration // from one to the next

	pauses []span        // in order; few, however many rows there are
	paused time.Duration // together
	main   span          // the longest pause

	hourly int // the most within any 60 minutes; zero: the run was shorter
}

// paceOf measures writes in ascending order. There must be two at least.
func paceOf(written []int64) pace {
	gaps := make([]int64, len(written)-1)
	for i := range gaps {
		gaps[i] = written[i+1] - written[i]
	}
	slices.Sort(gaps)
	at := func(percent int) time.Duration {
		return between(0, gaps[max(0, (len(gaps)*percent+99)/100-1)])
	}
	p := pace{median: at(50), p90: at(90), p99: at(99), longest: at(100)}
	whole := written[len(written)-1] - written[0]
	// A pause stands out from the usual pace and can be seen on the page, so there
	// are 300 at most.
	least := max(1000, 20*p.median.Milliseconds(), whole/300)
	for i, from := range written[:len(written)-1] {
		s := span{from, written[i+1]}
		if s.to-s.from < least {
			continue
		}
		p.pauses = append(p.pauses, s)
		p.paused += s.length()
		if s.to-s.from > p.main.to-p.main.from {
			p.main = s
		}
	}
	p.hourly = busiest(written, time.Hour)
	return p
}

// busiest returns the most writes within any window; zero when all took less.
func busiest(written []int64, window time.Duration) int {
	if between(written[0], written[len(written)-1]) < window {
		return 0
	}
	most, from := 0, 0
	for i, at := range written {
		for between(written[from], at) >= window {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}
