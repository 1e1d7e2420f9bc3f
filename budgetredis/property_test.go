package budgetredis

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"guestlist/ratelimit"
)

// made is a call as the test knows it. The server counts it at some time from when
// it left until it was answered, or, if its process is silent, the lease is over.
type made struct {
	class          ratelimit.Class
	left, answered time.Time // zero: it is under way
	until          time.Time // the lease is over
	by             *process
	unknown        bool // to Redis, and to all who could tell it
}

// process is one that exchanges whatever comes to its mind.
type process struct {
	store    *Store
	name     string
	heard    bool
	killed   bool
	total    [ratelimit.Classes]int
	unsaid   []ratelimit.Spent
	underWay []*made
}

// Whatever processes ask for, tell and keep to themselves, however long they are
// silent, or if they are killed or Redis loses everything: no window ever holds more
// calls than a limit, by when they left or by when they were answered. And in the
// end all of it can be used again.
func TestNoWindowHoldsMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		limits := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ratelimit.Limit {
			window := time.Duration(rapid.SampledFrom([]int{100, 1000, 6000, 60_000, 600_000}).Draw(t, "window")) * time.Millisecond
			return limit(ratelimit.Scope(rapid.IntRange(0, len(masks)-1).Draw(t, "scope")), rapid.IntRange(1, 20).Draw(t, "calls"), window)
		}), 1, 3).Draw(rt, "limits")
		lease := time.Duration(rapid.SampledFrom([]int{5, 360_000}).Draw(rt, "lease")) * second
		steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			return step{
				who:    rapid.IntRange(0, 3).Draw(t, "who"),
				pause:  limits[rapid.IntRange(0, len(limits)-1).Draw(t, "of limit")].Window * time.Duration(rapid.SampledFrom([]int{1, 10, 100, 300, 500, 800, 1000}).Draw(t, "of its window")) / 1000,
				answer: rapid.IntRange(0, 8).Draw(t, "answers"),
				wanted: rapid.IntRange(0, 8).Draw(t, "wanted"),
				also:   rapid.IntRange(0, 4).Draw(t, "also"),
				class:  ratelimit.Class(rapid.IntRange(0, 2).Draw(t, "class")),
				event:  event(rapid.IntRange(0, 15).Draw(t, "event")),
			}
		}), 1, 80).Draw(rt, "steps")
		wrong := ""
		synctest.Test(t, func(t *testing.T) {
			w := &world{fake: newFake(t), limits: limits, lease: lease}
			wrong = w.run(t, steps)
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// step is what one process does: some time passes, some of its calls are answered,
// and it tells of them and asks for more.
type step struct {
	who            int
	pause          time.Duration
	answer, wanted int
	also           int // wanted of the next class
	class          ratelimit.Class
	event
}

// event is what happens besides. Most numbers are nothing.
type event int

const (
	replyIsLost event = iota
	exchangeFails
	processIsKilled
	allIsLost
	partIsLost
)

type world struct {
	*fake
	limits    []ratelimit.Limit
	lease     time.Duration
	processes []*process
	calls     []*made
}

func (w *world) begin(t *testing.T) *process {
	p := &process{store: w.open(t), name: fmt.Sprintf("p%d", len(w.processes))}
	w.processes = append(w.processes, p)
	return p
}

func (w *world) run(t *testing.T, steps []step) (wrong string) {
	alive := []*process{w.begin(t), w.begin(t), w.begin(t), w.begin(t)}
	for _, s := range steps {
		time.Sleep(s.pause)
		switch s.event {
		case processIsKilled:
			_ = alive[s.who].store.Close()
			alive[s.who].killed = true
			alive[s.who] = w.begin(t)
		case allIsLost:
			w.lose()
			w.FlushAll()
		case partIsLost:
			w.lose()
			w.Del(alive[s.who].store.keys[[]int{0, 2, 3, 4, 5}[s.wanted%5]])
		}
		w.step(t, alive[s.who], s)
	}
	for _, l := range w.limits {
		if wrong := w.check(l); wrong != "" {
			return wrong
		}
	}
	return w.allCanBeUsed(t)
}

// lose notes the calls that nobody can tell again: those of the dead, in windows
// that nobody waits for. Where nobody is left who listens, nothing seems to be lost.
func (w *world) lose() {
	listens := slices.ContainsFunc(w.processes, func(p *process) bool { return p.heard && !p.killed })
	for _, call := range w.calls {
		call.unknown = call.unknown || call.by.killed
		if !listens {
			call.until = time.Time{}
		}
	}
}

func (w *world) step(t *testing.T, p *process, s step) {
	now := time.Now()
	for range min(s.answer, len(p.underWay)) {
		call := p.underWay[0]
		p.underWay, call.answered = p.underWay[1:], now
		p.total[call.class]++
		var one [ratelimit.Classes]int
		one[call.class] = 1
		p.unsaid = append(p.unsaid, ratelimit.Spent{At: now, Calls: one})
	}
	report := ratelimit.Report{
		Now: now, By: p.name, Spent: p.unsaid, Total: p.total, Longest: hour, Lease: w.lease, First: !p.heard,
		Wanted: []ratelimit.Want{{Class: s.class, Calls: s.wanted}, {Class: (s.class + 1) % ratelimit.Class(ratelimit.Classes), Calls: s.also}},
	}
	for _, l := range w.limits {
		report.Budgets = append(report.Budgets, ratelimit.Use{Limit: l, Since: l.Window + time.Millisecond})
	}
	for _, call := range p.underWay {
		report.UnderWay[call.class]++
	}
	if s.event == exchangeFails {
		w.fails.Store(w.exchanges.Load() + 1)
	}
	reply, err := p.store.Exchange(t.Context(), report)
	if s.event == replyIsLost && err == nil {
		reply, err = p.store.Exchange(t.Context(), report)
	}
	if err != nil {
		return // it goes on alone, which is not the matter here
	}
	p.heard, p.unsaid = true, nil
	for _, call := range p.underWay {
		if now.Before(call.until) {
			call.until = now.Add(w.lease)
		}
	}
	for c, n := range reply.Granted {
		for range n {
			call := &made{class: ratelimit.Class(c), left: now, until: now.Add(w.lease), by: p}
			p.underWay, w.calls = append(p.underWay, call), append(w.calls, call)
		}
	}
}

// check tells whether a window held too many calls.
func (w *world) check(l ratelimit.Limit) string {
	var left, counted []time.Time
	for _, call := range w.calls {
		if !holds(l.Scope, call.class) || call.until.IsZero() || call.unknown && l.Window > minute {
			continue
		}
		left = append(left, call.left)
		if call.answered.IsZero() || call.answered.After(call.until) {
			counted = append(counted, call.until)
		} else {
			counted = append(counted, call.answered)
		}
	}
	for name, at := range map[string][]time.Time{"that left": left, "that were counted": counted} {
		slices.SortFunc(at, time.Time.Compare)
		for i := l.Calls; i < len(at); i++ {
			if took := at[i].Sub(at[i-l.Calls]); took < l.Window {
				return fmt.Sprintf("of %v there were %d calls %s in %v, until %v", l, l.Calls+1, name, took, at[i])
			}
		}
	}
	return ""
}

// allCanBeUsed tells whether room is missing long after the last call.
func (w *world) allCanBeUsed(t *testing.T) string {
	longest := minute + second // what is lost may be waited out
	for _, l := range w.limits {
		longest = max(longest, l.Window+second)
	}
	for _, p := range w.processes {
		_ = p.store.Close()
	}
	time.Sleep(w.lease)
	for c := range ratelimit.Class(ratelimit.Classes) {
		p := w.begin(t)
		w.step(t, p, step{class: c}) // hears what there is to know
		time.Sleep(longest)
		before, room := len(w.calls), 100
		for _, l := range w.limits {
			if holds(l.Scope, c) {
				room = min(room, l.Calls)
			}
		}
		w.step(t, p, step{class: c, wanted: 100})
		n := 0
		for _, call := range w.calls[before:] {
			if call.class == c {
				n++
			}
		}
		if n != room {
			return fmt.Sprintf("of %v there is room for %d calls of class %v in the end", w.limits, n, c)
		}
		w.step(t, p, step{answer: 200})
		_ = p.store.Close()
	}
	return ""
}
