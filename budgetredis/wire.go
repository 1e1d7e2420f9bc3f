package budgetredis

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"guestlist/ratelimit"
)

// place is where a process stands in what Redis keeps.
type place struct {
	epoch   string // changes when all was lost; empty: nothing was heard yet
	version int64  // of limits and pauses
	seen    int64  // the last call that was told
	heard   [ratelimit.Classes]int64
	pauses  [ratelimit.Classes]time.Time // until when Redis knows of them
	at      time.Time                    // of the last answer
	since   time.Time                    // calls of before are known
	owes    bool                         // all that was told before it began anew
}

// begin forgets what Redis has forgotten.
func (p *place) begin(epoch string) {
	*p = place{epoch: epoch, at: p.at, since: p.at, owes: true}
	for c := range p.heard {
		p.heard[c] = 1 << 50 // what was joined meanwhile was told by others who know it from before
	}
}

// question is a Report as the script reads it. Times are how long ago something
// was, in milliseconds.
type question struct {
	By      string     `json:"by"`
	Epoch   string     `json:"epoch"`
	Version int64      `json:"ver"`
	Seen    int64      `json:"seen"`
	Heard   []int64    `json:"heard"`
	First   bool       `json:"first"`
	Spent   [][4]int64 `json:"spent"` // age and calls
	Total   []int      `json:"total"`
	Under   []int      `json:"under"`
	Limits  [][5]int64 `json:"limits"`  // classes, window, calls, whether headers show it, age
	Dropped [][3]int64 `json:"dropped"` // classes, window, age
	Pauses  []int64    `json:"pauses"`  // what is left of them
	Wanted  [][2]int   `json:"wanted"`  // class, calls
	Budgets [][4]int64 `json:"budgets"` // classes, calls, since, whether it is doubtful
	Trial   bool       `json:"trial"`
	Trying  bool       `json:"trying"`
	Lease   int64      `json:"lease"`
	Keep    int64      `json:"keep"`
}

// masks are the classes that each scope holds, a bit for each.
var masks = [...]int64{ratelimit.All: 7, ratelimit.Reads: 1, ratelimit.Writes: 6, ratelimit.Updates: 2, ratelimit.Creates: 4}

func (p *place) question(r ratelimit.Report, spent []ratelimit.Spent) string {
	q := question{
		By: r.By, Epoch: p.epoch, Version: p.version, Seen: p.seen, Heard: p.heard[:], First: p.epoch == "",
		Spent: [][4]int64{}, Total: r.Total[:], Under: r.UnderWay[:], Pauses: make([]int64, ratelimit.Classes),
		Limits: [][5]int64{}, Dropped: [][3]int64{}, Wanted: [][2]int{}, Budgets: [][4]int64{},
		Trial: r.Trial, Trying: r.Trying, Lease: r.Lease.Milliseconds(), Keep: (r.Longest + time.Minute).Milliseconds(),
	}
	age := func(at time.Time) int64 { return max(0, r.Now.Sub(at).Milliseconds()) }
	for _, s := range spent {
		q.Spent = append(q.Spent, [4]int64{age(s.At), int64(s.Calls[0]), int64(s.Calls[1]), int64(s.Calls[2])})
	}
	for _, k := range r.Limits {
		q.Limits = append(q.Limits, [5]int64{masks[k.Scope], k.Window.Milliseconds(), int64(k.Calls), bit(k.Shown), age(k.At)})
	}
	for _, k := range r.Dropped {
		q.Dropped = append(q.Dropped, [3]int64{masks[k.Scope], k.Window.Milliseconds(), age(k.At)})
	}
	for _, pause := range r.Pauses {
		if pause.Until.After(p.pauses[pause.Class]) { // or it would grow by the time that telling takes
			q.Pauses[pause.Class] = max(q.Pauses[pause.Class], milliseconds(pause.Until.Sub(r.Now)))
		}
	}
	for _, w := range r.Wanted {
		q.Wanted = append(q.Wanted, [2]int{int(w.Class), w.Calls})
	}
	for _, b := range r.Budgets {
		q.Budgets = append(q.Budgets, [4]int64{masks[b.Scope], int64(b.Calls), milliseconds(b.Since), bit(b.Doubtful)})
	}
	text, err := json.Marshal(q)
	if err != nil {
		panic(err) // there is nothing in it that cannot be written
	}
	return string(text)
}

func bit(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// milliseconds rounds up: who waits must not come too early.
func milliseconds(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }

// answer is what the script returns.
type answer struct {
	isAnew bool // it has lost what was told before, and began anew
	epoch  string

	version, seen                int64
	heard, leased, granted, hold [ratelimit.Classes]int64
	news                         bool
	limits                       [][]int64 // classes, window, calls, whether headers show it, age
	pauses                       []int64   // for each class; none without news
	spent                        [][]int64 // age and calls
	lost                         bool
}

var errAnswer = errors.New("it answers what nobody asked: is it a Redis?")

// readAnswer refuses what the script does not return.
func readAnswer(values []any) (a answer, err error) {
	r := reader{values: values}
	a.isAnew, a.epoch = r.text() == "anew", r.text()
	if !a.isAnew {
		a.version, a.seen = r.number(), r.number()
		a.heard, a.leased, a.granted, a.hold = r.tally(), r.tally(), r.tally(), r.tally()
		a.news, a.limits, a.pauses = r.number() == 1, r.lines(5), r.numbers()
		a.spent, a.lost = r.lines(4), r.number() == 1
	}
	if a.news && len(a.pauses) != ratelimit.Classes {
		r.wrong = true
	}
	if r.wrong {
		return answer{}, errAnswer
	}
	return a, nil
}

// reader takes the values of an answer one after the other.
type reader struct {
	values []any
	wrong  bool // one was missing, or something else
}

// next returns the next value; the zero value where there is none, or another kind.
func next[T any](r *reader) (value T) {
	if len(r.values) > 0 {
		is := false
		value, is = r.values[0].(T)
		r.values, r.wrong = r.values[1:], r.wrong || !is
		return value
	}
	r.wrong = true
	return value
}

func (r *reader) text() string  { return next[string](r) }
func (r *reader) number() int64 { return next[int64](r) }

func (r *reader) numbers() (all []int64) {
	list := reader{values: next[[]any](r)}
	for len(list.values) > 0 {
		all = append(all, list.number())
	}
	r.wrong = r.wrong || list.wrong
	return all
}

// tally reads a number for each class.
func (r *reader) tally() (all [ratelimit.Classes]int64) {
	numbers := r.numbers()
	r.wrong = r.wrong || len(numbers) != len(all)
	copy(all[:], numbers)
	return all
}

// lines reads lists of so many numbers, each as a text in which colons part them.
func (r *reader) lines(fields int) (all [][]int64) {
	list := reader{values: next[[]any](r)}
	for len(list.values) > 0 {
		var line []int64
		for part := range strings.SplitSeq(list.text(), ":") {
			n, err := strconv.ParseInt(part, 10, 64)
			line, r.wrong = append(line, n), r.wrong || err != nil
		}
		r.wrong = r.wrong || len(line) != fields
		all = append(all, line)
	}
	r.wrong = r.wrong || list.wrong
	return all
}

// learn returns what an answer says, which came at a time by the process's clock.
func (p *place) learn(a answer, r ratelimit.Report, now time.Time) ratelimit.Reply {
	reply := ratelimit.Reply{Exact: true, Lost: a.lost}
	p.epoch, p.version, p.seen, p.at, p.owes = a.epoch, a.version, a.seen, now, false
	p.heard = a.heard
	before := func(age int64) time.Time { return now.Add(-time.Duration(age) * time.Millisecond) }
	for _, l := range a.limits {
		scope, known := scopeOf(l[0])
		if known {
			limit := ratelimit.Limit{Scope: scope, Budget: ratelimit.Budget{Calls: int(l[2]), Window: time.Duration(l[1]) * time.Millisecond}}
			reply.Limits = append(reply.Limits, ratelimit.Known{Limit: limit, Shown: l[3] == 1, At: before(l[4])})
		}
	}
	for c, left := range a.pauses {
		if left > 0 {
			p.pauses[c] = before(-left)
			reply.Pauses = append(reply.Pauses, ratelimit.Pause{Class: ratelimit.Class(c), At: r.Now, Until: p.pauses[c]})
		}
	}
	for i := len(a.spent) - 1; i >= 0; i-- {
		s := a.spent[i]
		if at := before(s[0]); at.After(p.since) {
			reply.Spent = append(reply.Spent, ratelimit.Spent{At: at, Calls: [ratelimit.Classes]int{int(s[1]), int(s[2]), int(s[3])}})
		}
	}
	busy := false
	for c := range ratelimit.Classes {
		reply.Leased[c], reply.Granted[c] = int(a.leased[c]), int(a.granted[c])
		reply.Hold[c] = time.Duration(a.hold[c]) * time.Millisecond
		busy = busy || a.granted[c] > 0 || r.UnderWay[c] > 0
	}
	if busy {
		reply.Again = r.Lease / 2
	}
	return reply
}

func scopeOf(mask int64) (ratelimit.Scope, bool) {
	for scope, m := range masks {
		if m == mask {
			return ratelimit.Scope(scope), true
		}
	}
	return 0, false
}
