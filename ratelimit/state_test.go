package ratelimit

import (
	"slices"
	"testing"
	"time"
)

func TestCheckFindsWhatIsAbsurd(t *testing.T) {
	limit := func(calls int, window time.Duration) State {
		return State{Limits: []Known{{Limit: Limit{All, Budget{calls, window}}}}}
	}
	for _, test := range []struct {
		name  string
		state State
		ok    bool
	}{
		{"nothing is known", State{}, true},
		{"all is in order", State{
			Limits: []Known{{Limit: Limit{Creates, Budget{30, hour}}, At: epoch}},
			Pauses: []Pause{{Create, epoch, at(hour)}},
			Spent:  []Spent{{1, "a", epoch, tally{1, 2, 3}}},
			Leases: map[string]Lease{"a": {at(second), tally{1, 0, 0}}},
			Seq:    1,
		}, true},
		{"times are not its matter", State{Pauses: []Pause{{Create, at(1e6 * hour), at(-1e6 * hour)}}}, true},
		{"a limit without calls", limit(0, hour), false},
		{"a limit of less than none", limit(-1, hour), false},
		{"a limit of more than can be counted", limit(mostCalls+1, hour), false},
		{"a window that runs backwards", limit(1, -hour), false},
		{"a window of years", limit(1, 1e5*hour), false},
		{"a window that is not known", limit(1, 0), true},
		{"a class that there is not", State{Pauses: []Pause{{Class: Class(Classes)}}}, false},
		{"fewer calls than none", State{Spent: []Spent{{Calls: tally{0, -1, 0}}}}, false},
		{"more calls than can have been made", State{Spent: []Spent{{Calls: tally{mostKept + 1}}}}, false},
		{"a lease of less than none", State{Leases: map[string]Lease{"a": {Calls: tally{-1}}}}, false},
		{"too many limits", State{Limits: slices.Repeat([]Known{{Limit: Limit{All, Budget{1, hour}}}}, mostEntries+1)}, false},
		{"too many pauses", State{Pauses: make([]Pause, mostEntries+1)}, false},
		{"too many calls", State{Spent: make([]Spent, mostEntries+1)}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := test.state.Check(); (err == nil) != test.ok {
				t.Errorf("Check = %v", err)
			}
		})
	}
}

func TestCompactKeepsWhatMatters(t *testing.T) {
	now := at(24 * hour)
	spent := func(seq uint64, age time.Duration, n int) Spent {
		return Spent{Seq: seq, By: "a", At: now.Add(-age), Calls: only(Create, n)}
	}
	for _, test := range []struct {
		name    string
		longest time.Duration
		spent   []Spent
		want    []int // calls of each entry that is left
	}{
		{"the last two minutes by the second", minute, []Spent{spent(1, 100*second, 1), spent(2, 99*second, 2)}, []int{1, 2}},
		{"those before by the minute", minute, []Spent{spent(1, 5*minute, 1), spent(2, 5*minute-second, 2), spent(3, second, 3)}, []int{3, 3}},
		{"an hour of them", minute, []Spent{spent(1, hour+second, 1), spent(2, hour-second, 2)}, []int{2}},
		{"or as long as a limit counts them", 24 * hour, []Spent{spent(1, 24*hour+30*second, 1), spent(2, 25*hour, 2)}, []int{1}},
		{"nothing of a clock that was wrong", minute, []Spent{spent(1, -hour, 1)}, nil},
		{"which one a little ahead is not", minute, []Spent{spent(1, -skew/2, 1)}, []int{1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := State{Spent: test.spent}
			s.compact(now, test.longest)
			var got []int
			for _, x := range s.Spent {
				got = append(got, x.Calls[Create])
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%v are left, want %v", got, test.want)
			}
		})
	}
}

func TestAStateTellsHowLongThereIsNoRoom(t *testing.T) {
	limit := func(calls int, s Scope) Use {
		return Use{Limit: Limit{s, Budget{calls, minute}}, Since: minute}
	}
	doubtful := limit(3, Creates)
	doubtful.Doubtful = true
	for _, test := range []struct {
		name    string
		budgets []Use
		leased  int
		want    time.Duration
	}{
		{"until the oldest call counts no more", []Use{limit(6, Creates)}, 0, 20 * second},
		{"until as many do as are too many", []Use{limit(4, Creates)}, 0, 30 * second},
		{"until the last budget has room", []Use{limit(2, Creates), limit(6, Creates)}, 0, 40 * second},
		{"a budget of other calls is nothing to it", []Use{limit(6, Creates), limit(1, Reads)}, 0, 20 * second},
		{"what others have leased may come back at once", []Use{limit(7, Creates)}, 1, soon},
		{"which gives no room that calls have taken", []Use{limit(6, Creates)}, 1, 20 * second},
		{"who doubts a budget may try soon", []Use{doubtful}, 0, soon},
		{"nobody knows when a window of unknown length ends", []Use{{Limit: Limit{Creates, Budget{Calls: 3}}}}, 0, soon},
		{"nor when one opens that allows nothing", []Use{limit(0, Creates)}, 0, soon},
	} {
		t.Run(test.name, func(t *testing.T) {
			// Not in order, as processes that tell late.
			ago := func(seq uint64, age time.Duration, n int) Spent {
				return Spent{Seq: seq, By: "other", At: epoch.Add(-age), Calls: only(Create, n)}
			}
			s := State{Seq: 5, Spent: []Spent{ago(1, 20*second, 2), ago(2, 40*second, 1), ago(3, 30*second, 3), ago(4, minute, 9), {5, "other", epoch.Add(-second), only(Read, 1)}}}
			if test.leased > 0 {
				s.Leases = map[string]Lease{"other": {at(second), only(Create, test.leased)}}
			}
			reply := s.Exchange(Report{Now: epoch, By: "me", Wanted: []Want{{Create, 1}}, Budgets: test.budgets, Longest: minute})
			if reply.Granted != (tally{}) || reply.Hold != [Classes]time.Duration{Create: test.want} {
				t.Errorf("granted %v, hold %v, want %v", reply.Granted, reply.Hold, test.want)
			}
		})
	}
}

func TestALeaseThatIsNotRenewedCountsAsSpent(t *testing.T) {
	for _, test := range []struct {
		name  string
		until time.Duration
		at    time.Duration // since when its calls count; -1: they do not
	}{
		{"one that holds does not", second, -1},
		{"one that is over does", -second, -second},
		{"one by a clock that was wrong, now", hour, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := State{Seq: 7, Leases: map[string]Lease{"a": {at(test.until), only(Create, 3)}, "me": {at(-hour), only(Create, 9)}}}
			s.expire("me", epoch)
			if _, mine := s.Leases["me"]; !mine {
				t.Error("our own is gone")
			}
			if test.at < 0 && test.until > 0 {
				if len(s.Spent) != 0 || len(s.Leases) != 2 {
					t.Errorf("%v were spent, %v are leased", s.Spent, s.Leases)
				}
				return
			}
			if len(s.Spent) != 1 || len(s.Leases) != 1 || !s.Spent[0].At.Equal(at(test.at)) || s.Spent[0].Calls != only(Create, 3) || s.Spent[0].Seq != 8 || s.Seq != 8 {
				t.Errorf("%v were spent, %v are leased", s.Spent, s.Leases)
			}
		})
	}
}
