package ratelimit

import "time"

// span is a stretch of time with an end that can move, and the sum of those
// before it. The zero value is no time at all.
type span struct {
	from, until time.Time
	before      time.Duration
}

// extend makes the span last until a time at least. One that is over by now
// begins anew.
func (s *span) extend(now, until time.Time) {
	if !until.After(now) || !until.After(s.until) {
		return
	}
	if !now.Before(s.until) {
		s.before = s.total(now)
		s.from = now
	}
	s.until = until
}

// cut makes the span end at a time, if it does not end before.
func (s *span) cut(until time.Time) {
	if until.Before(s.until) {
		s.until = until
	}
}

// total returns how much time it has covered until now.
func (s *span) total(now time.Time) time.Duration {
	end := s.until
	if now.Before(end) {
		end = now
	}
	return s.before + end.Sub(s.from)
}
