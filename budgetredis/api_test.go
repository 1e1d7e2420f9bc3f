package budgetredis

import (
	"context"
	"sync"
	"testing"
	"time"

	"guestlist/ratelimit"
)

const (
	second = time.Second
	minute = time.Minute
	hour   = time.Hour
)

func limit(s ratelimit.Scope, calls int, window time.Duration) ratelimit.Limit {
	return ratelimit.Limit{Scope: s, Budget: ratelimit.Budget{Calls: calls, Window: window}}
}

// admit makes calls that are admitted at once, one after the other.
func admit(t *testing.T, g *ratelimit.Gate, n int, c ratelimit.Class) {
	t.Helper()
	for range n {
		leave(t, g, c).Answered(ratelimit.Answer{})
	}
}

// leave waits until a call may leave.
func leave(t *testing.T, g *ratelimit.Gate, c ratelimit.Class) ratelimit.Pass {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 100*hour)
	defer cancel()
	pass, err := g.Wait(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	return pass
}

// fits returns how many calls of a class leave within a time, and are answered at
// once.
func fits(t *testing.T, g *ratelimit.Gate, c ratelimit.Class, most time.Duration) (n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	for {
		pass, err := g.Wait(ctx, c)
		if err != nil {
			return n
		}
		pass.Answered(ratelimit.Answer{})
		n++
	}
}

func ceiling(calls int, window time.Duration) ratelimit.Options {
	return ratelimit.Options{Ceiling: ratelimit.Budget{Calls: calls, Window: window}}
}

// api imitates the server's limits: windows begin with the first call that is
// counted, a refused call does not count, and headers show the tightest limit.
type api struct {
	mu     sync.Mutex
	limits []window
	hidden bool

	latency  time.Duration
	admitted int
	refused  int
	at       []time.Time // when calls were admitted
	classes  []ratelimit.Class
}

type window struct {
	ratelimit.Limit
	ends time.Time
	used int
}

func newAPI(latency time.Duration, limits ...ratelimit.Limit) *api {
	a := &api{latency: latency}
	for _, l := range limits {
		a.limits = append(a.limits, window{Limit: l})
	}
	return a
}

func holds(s ratelimit.Scope, c ratelimit.Class) bool {
	return masks[s]&(1<<c) != 0
}

func (a *api) call(c ratelimit.Class) ratelimit.Answer {
	time.Sleep(a.latency / 2)
	defer time.Sleep(a.latency - a.latency/2)
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	var over *window
	for i := range a.limits {
		w := &a.limits[i]
		if holds(w.Scope, c) && now.Before(w.ends) && w.used >= w.Calls && (over == nil || w.ends.After(over.ends)) {
			over = w
		}
	}
	if over != nil {
		a.refused++

		wait := over.ends.Sub(now)
		answer := ratelimit.Answer{Refused: true, Wait: (wait + second - 1).Truncate(second)}
		if !a.hidden {
			answer.Limit = over.Calls
		}
		return answer
	}
	a.admitted++
	a.at, a.classes = append(a.at, now), append(a.classes, c)
	var tightest *window
	for i := range a.limits {
		w := &a.limits[i]
		if !holds(w.Scope, c) {
			continue
		}
		if !now.Before(w.ends) {
			w.used, w.ends = 0, now.Add(w.Window)
		}
		w.used++
		if tightest == nil || w.Calls-w.used < tightest.Calls-tightest.used {
			tightest = w
		}
	}
	if tightest == nil || a.hidden {
		return ratelimit.Answer{}
	}
	return ratelimit.Answer{Limit: tightest.Calls, Remaining: tightest.Calls - tightest.used}
}

// together makes calls of these classes through several gates at once until so
// many were admitted, or the time is over, and returns how long that took.
func together(t *testing.T, a *api, n, workers int, gates []*ratelimit.Gate, most time.Duration, classes ...ratelimit.Class) time.Duration {
	t.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var group sync.WaitGroup
	for _, g := range gates {
		for range workers {
			group.Go(func() {
				for i := range next {
					c := classes[i%len(classes)]
					for refused := true; refused; {
						pass, err := g.Wait(ctx, c)
						if err != nil {
							return
						}
						answer := a.call(c)
						pass.Answered(answer)
						refused = answer.Refused
					}
				}
			})
		}
	}
	group.Wait()
	return time.Since(began)
}
