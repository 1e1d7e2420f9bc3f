package ratelimit

import (
	"context"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const (
	second = time.Second
	minute = time.Minute
	hour   = time.Hour
)

// policy is one limit of the imitated server.
type policy struct {
	Limit
	rolling bool
	invites bool // the refusal names it, and no header shows it
	silent  bool // nothing is told of it but the wait
	hidden  bool // headers show other limits only
}

// server imitates how Laravel limits calls: windows begin with the first call
// that is counted, a refused call does not count, headers show the tightest limit,
// and Retry-After is in whole seconds.
type server struct {
	mu       sync.Mutex
	policies []*window
	headers  bool
	latency  time.Duration

	admitted, refused int
	refusedBy         tally
}

type window struct {
	policy
	ends  time.Time
	used  int
	calls []time.Time // of a rolling one
}

func newServer(headers bool, latency time.Duration, policies ...policy) *server {
	s := &server{headers: headers, latency: latency}
	for _, p := range policies {
		s.policies = append(s.policies, &window{policy: p})
	}
	return s
}

func (w *window) room(now time.Time) (left int, opens time.Time) {
	if w.rolling {
		for len(w.calls) > 0 && !now.Before(w.calls[0].Add(w.Window)) {
			w.calls = w.calls[1:]
		}
		if left = w.Calls - len(w.calls); left == 0 {
			opens = w.calls[0].Add(w.Window)
		}
		return left, opens
	}
	if !now.Before(w.ends) {
		return w.Calls, now
	}
	return w.Calls - w.used, w.ends
}

func (w *window) count(now time.Time) {
	if w.rolling {
		w.calls = append(w.calls, now)
		return
	}
	if !now.Before(w.ends) {
		w.ends, w.used = now.Add(w.Window), 0
	}
	w.used++
}

// call is a call on its way to the server and back.
func (s *server) call(c Class) Answer {
	left := time.Now()
	time.Sleep(s.latency / 2)
	defer time.Sleep(s.latency - s.latency/2)
	return s.decide(c, left)
}

func (s *server) decide(c Class, left time.Time) (a Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	var over *window
	var opens time.Time
	for _, w := range s.policies {
		if left, at := w.room(now); w.Scope.holds(c) && left == 0 && at.After(opens) {
			over, opens = w, at
		}
	}
	if over != nil {
		s.refused++
		s.refusedBy[c]++
		a = Answer{Refused: true, Wait: time.Duration(math.Ceil(opens.Sub(now).Seconds())) * second}
		if over.invites {
			a.Capped = true
			if !over.silent {
				a.Cap = over.Budget
			}
		} else if s.headers && !over.hidden {
			a.Limit = over.Calls
		} else if s.headers {
			s.show(c, &a, now)
		}
		return a
	}
	s.admitted++
	for _, w := range s.policies {
		if !w.Scope.holds(c) {
			continue
		}
		w.count(now)
	}
	if s.headers {
		s.show(c, &a, now)
	}
	return a
}

// show tells the tightest limit.
func (s *server) show(c Class, a *Answer, now time.Time) {
	for _, w := range s.policies {
		if left, _ := w.room(now); w.Scope.holds(c) && !w.invites && !w.hidden && (a.Limit == 0 || left < a.Remaining) {
			a.Limit, a.Remaining = w.Calls, left
		}
	}
}

// spend makes calls of these classes in turn through the gate until so many were
// admitted, with so many at a time, and returns how long that took.
func (s *server) spend(t *testing.T, g *Gate, n, workers int, classes ...Class) time.Duration {
	t.Helper()
	began := time.Now()
	var mu sync.Mutex
	left, next := n, 0
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for {
				mu.Lock()
				if left == 0 {
					mu.Unlock()
					return
				}
				left--
				c := classes[next%len(classes)]
				next++
				mu.Unlock()
				for {
					pass, err := g.Wait(context.Background(), c)
					if err != nil {
						t.Error(err)
						return
					}
					a := s.call(c)
					pass.Answered(a)
					if !a.Refused {
						break
					}
				}
			}
		})
	}
	group.Wait()
	return time.Since(began)
}

func all(calls int, window time.Duration) policy {
	return policy{Limit: Limit{All, Budget{calls, window}}}
}

func reads(calls int, window time.Duration) policy {
	return policy{Limit: Limit{Reads, Budget{calls, window}}}
}

func invites(calls int, window time.Duration) policy {
	return policy{Limit: Limit{Creates, Budget{calls, window}}, invites: true}
}

// use is a test of how much of a server's policies is used.
type use struct {
	name     string
	policies []policy
	headers  bool
	options  Options
	calls    int
	classes  []Class
	ideal    time.Duration // it takes at least
	refusals int           // at most, for each process
}

// What a policy allows is used, and little is refused.
func TestAPolicyIsUsed(t *testing.T) {
	tests := []use{
		{"60 in 6 s, with headers", []policy{all(60, 6*second)}, true, Options{}, 600, []Class{Create}, 54 * second, 1},
		{"60 in 6 s, without headers", []policy{all(60, 6*second)}, false, Options{}, 600, []Class{Create}, 54 * second, 8},
		{"60 in 6 s, all classes, with headers", []policy{all(60, 6*second)}, true, Options{Ceiling: Budget{1000, second}}, 1200, []Class{Create, Write, Read}, 114 * second, 1},
		{"60 in 6 s, all classes, without headers", []policy{all(60, 6*second)}, false, Options{Ceiling: Budget{1000, second}}, 1200, []Class{Create, Write, Read}, 114 * second, 8},
		{"140 in 10 s, with headers", []policy{all(140, 10*second), reads(12, 5*second)}, true, Options{}, 1400, []Class{Create}, 90 * second, 1},
		{"12 GETs in 5 s, with headers", []policy{all(140, 10*second), reads(12, 5*second)}, true, Options{}, 240, []Class{Read}, 95 * second, 1},
		{"140 in 10 s with 12 GETs in 5 s, mixed", []policy{all(140, 10*second), reads(12, 5*second)}, true, Options{}, 240, []Class{Create, Read}, 45 * second, 1},
		{"the documented ones, without headers", []policy{all(600, minute), all(140, 10*second), reads(12, 5*second)}, false, Options{}, 1200, []Class{Create}, 100 * second, 1},
		{"140 in 10 s, without headers", []policy{all(140, 10*second), reads(12, 5*second)}, false, Options{}, 1400, []Class{Create}, 90 * second, 0},
		{"the documented ones, with headers", []policy{all(600, minute), all(140, 10*second), reads(12, 5*second)}, true, Options{}, 1200, []Class{Create}, 100 * second, 0},
		{"100 a minute, 1,000 an hour, with headers", []policy{all(100, minute), all(1000, hour)}, true, Options{}, 3000, []Class{Create}, 2*hour + 9*minute, 2},
		{"100 a minute, 1,000 an hour, without headers", []policy{all(100, minute), all(1000, hour)}, false, Options{}, 3000, []Class{Create}, 2*hour + 9*minute, 16},
		{"100 a minute, 1,000 an hour, mixed", []policy{all(100, minute), all(1000, hour)}, true, Options{}, 3000, []Class{Create, Write}, 2*hour + 9*minute, 2},
		{"30 invites an hour", []policy{all(600, minute), invites(30, hour)}, true, Options{}, 500, []Class{Create}, 16 * hour, 1},
		{"30 invites an hour, without headers", []policy{invites(30, hour)}, false, Options{}, 500, []Class{Create}, 16 * hour, 1},
		{"30 an hour of which only the wait is told", []policy{{Limit: Limit{Creates, Budget{30, hour}}, silent: true}}, false, Options{}, 500, []Class{Create}, 16 * hour, 8},
		{"10 GETs in 5 s, less than documented", []policy{reads(10, 5*second)}, false, Options{}, 200, []Class{Read}, 95 * second, 8},
		{"10 GETs in 5 s that headers do not show", []policy{all(600, minute), {Limit: Limit{Reads, Budget{10, 5 * second}}, hidden: true}}, true, Options{}, 200, []Class{Read}, 95 * second, 8},
		{"7 in 1 s", []policy{all(7, second)}, false, Options{Ceiling: Budget{1000, second}}, 1400, []Class{Create}, 199 * second, 16},
		{"7 in 1 s, with headers", []policy{all(7, second)}, true, Options{Ceiling: Budget{1000, second}}, 700, []Class{Create}, 99 * second, 8},
		{"a ceiling", nil, false, Options{Ceiling: Budget{20, second}}, 2000, []Class{Create}, 99 * second, 0},
		{"600 in two minutes, longer than documented", []policy{all(600, 2*minute)}, false, Options{}, 3000, []Class{Create}, 8*minute + 39*second, 8},
		{"600 in two minutes, with headers", []policy{all(600, 2*minute)}, true, Options{}, 3000, []Class{Create}, 8*minute + 39*second, 1},
		{"60 in 6 s, rolling, without headers", []policy{{Limit: Limit{All, Budget{60, 6 * second}}, rolling: true}}, false, Options{}, 600, []Class{Create}, 54 * second, 8},
		{"60 in 6 s, rolling, with headers", []policy{{Limit: Limit{All, Budget{60, 6 * second}}, rolling: true}}, true, Options{}, 600, []Class{Create}, 54 * second, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(tt.headers, 20*time.Millisecond, tt.policies...)
				took := s.spend(t, New(tt.options), tt.calls, 8, tt.classes...)
				t.Logf("%.1f %% of what the policy allows, %d refused", 100*tt.ideal.Seconds()/took.Seconds(), s.refused)
				if tt.ideal.Seconds() < 0.97*took.Seconds() || s.refused > tt.refusals {
					t.Errorf("took %v, ideally %v, %d refused", took, tt.ideal, s.refused)
				}
			})
		})
	}
}

// epoch is when the tests that need a time begin.
var epoch = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
