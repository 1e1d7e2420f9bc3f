package ratelimit

import (
	"fmt"
	"slices"
	"time"
)

// State is what is known of the budgets of one organization, as it is kept
// between runs and shared by the processes of a host. The zero value is what is
// known before the first call.
type State struct {
	Limits []Known          `json:"limits,omitempty"`
	Pauses []Pause          `json:"pauses,omitempty"`
	Spent  []Spent          `json:"spent,omitempty"`  // oldest first
	Leases map[string]Lease `json:"leases,omitempty"` // by process
	Seq    uint64           `json:"seq"`              // of the last entry in Spent
}

// Known is a limit that the server told or that was found by counting.
type Known struct {
	Limit
	Shown bool      `json:"shown,omitempty"` // headers show what is left of it
	At    time.Time `json:"at"`              // when it was last seen to hold
}

// isFor tells whether both are about the same limit, whatever its number.
func (k Known) isFor(o Known) bool { return k.Scope == o.Scope && k.Window == o.Window }

// Pause is an announced pause.
type Pause struct {
	Class Class     `json:"class"`
	At    time.Time `json:"at"` // when it was announced
	Until time.Time `json:"until"`
}

// Spent is how many calls of each class the server counted about a time.
type Spent struct {
	Seq   uint64    `json:"seq"`
	By    string    `json:"by,omitempty"` // the process, as long as that matters
	At    time.Time `json:"at"`
	Calls tally     `json:"calls"` // by class
}

// Lease is how many calls a process may be making without having told of them.
type Lease struct {
	Until time.Time `json:"until"`
	Calls tally     `json:"calls"`
}

// mostKept bounds the calls that a state tells of: so many are made in a day at 50
// a second.
const mostKept = 5_000_000

// mostEntries bounds each list of a state, far beyond what a run makes.
const mostEntries = 10_000

// Check tells what is absurd in a state, if anything is. Times are not its
// matter: clocks differ, and a Gate believes none that makes no sense.
func (s *State) Check() error {
	if len(s.Limits) > mostEntries || len(s.Pauses) > mostEntries || len(s.Spent) > mostEntries || len(s.Leases) > mostEntries {
		return fmt.Errorf("a list has more than %d entries", mostEntries)
	}
	for _, k := range s.Limits {
		if err := k.check(); err != nil {
			return err
		}
	}
	for _, p := range s.Pauses {
		if int(p.Class) >= Classes {
			return fmt.Errorf("there is no %s", p.Class)
		}
	}
	var all tally
	for _, spent := range s.Spent {
		if err := checkTally(spent.Calls); err != nil {
			return err
		}
		all = all.plus(spent.Calls)
	}
	if n := all.in(All); n > mostKept {
		return fmt.Errorf("%d calls cannot have been counted", n)
	}
	for _, lease := range s.Leases {
		if err := checkTally(lease.Calls); err != nil {
			return err
		}
	}
	return nil
}

func checkTally(calls tally) error {
	for _, n := range calls {
		if n < 0 || n > mostKept {
			return fmt.Errorf("%d calls cannot have been counted", n)
		}
	}
	return nil
}

// expire counts the calls of processes that have not been heard of. They count for
// such a process, too, should it come back: it knows of no calls that it had only
// leased, or tells of them again.
func (s *State) expire(me string, now time.Time) {
	for who, lease := range s.Leases {
		if who == me {
			continue
		}
		if lease.Until.After(now.Add(leaseTime + skew)) { // by a clock that was wrong
			lease.Until = now
		}
		if !lease.Until.After(now) {
			s.Seq++
			s.Spent = append(s.Spent, Spent{Seq: s.Seq, At: lease.Until, Calls: lease.Calls})
			delete(s.Leases, who)
		}
	}
}

// compact forgets calls that count no more, and joins older ones.
func (s *State) compact(now time.Time, longest time.Duration) {
	keep := max(time.Hour, longest+time.Minute)
	slices.SortStableFunc(s.Spent, func(a, b Spent) int { return a.At.Compare(b.At) })
	var kept []Spent
	last := map[string]int{} // the last entry of each process in kept
	for _, spent := range s.Spent {
		age := now.Sub(spent.At)
		if age > keep || age < -skew {
			continue
		}
		grid := time.Second
		if age > longAgo {
			grid = time.Minute
		}
		if i, ok := last[spent.By]; ok && age > recent && kept[i].At.Truncate(grid).Equal(spent.At.Truncate(grid)) {
			kept[i].Seq, kept[i].At, kept[i].Calls = max(kept[i].Seq, spent.Seq), spent.At, kept[i].Calls.plus(spent.Calls)
			continue
		}
		last[spent.By] = len(kept)
		kept = append(kept, spent)
	}
	s.Spent = kept
}
