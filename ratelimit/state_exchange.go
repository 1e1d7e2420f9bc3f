package ratelimit

import (
	"slices"
	"time"
)

// Exchange does what a Store has to, for one that holds the state meanwhile and
// whose processes have the same clock. They are to exchange a few times a second,
// and get slices of what is left.
func (s *State) Exchange(r Report) Reply {
	s.expire(r.By, r.Now)
	reply := s.answer(r)
	s.tell(r)
	reply.Seen = s.Seq
	s.lease(r, &reply)
	s.compact(r.Now, r.Longest)
	return reply
}

// answer returns what others have told.
func (s *State) answer(r Report) Reply {
	reply := Reply{Limits: slices.Clone(s.Limits), Again: exchangeEvery}
	for _, p := range s.Pauses {
		if p.At.Before(r.Now.Add(skew)) && p.Until.Sub(p.At) <= longestPause+skew {
			reply.Pauses = append(reply.Pauses, p)
		}
	}
	seen := r.Seen
	if s.Seq < seen { // it was begun anew
		seen = 0
	}
	for i := range s.Spent {
		spent := &s.Spent[i]
		if spent.At.After(r.Now) && !spent.At.After(r.Now.Add(skew)) {
			spent.At = r.Now // by a clock that is a little ahead
		}
		known := spent.Seq <= seen || spent.By == r.By
		if !known || r.First {
			reply.Spent = append(reply.Spent, *spent)
		}
	}
	for who, lease := range s.Leases {
		if who != r.By {
			reply.Leased = reply.Leased.plus(lease.Calls)
		}
	}
	return reply
}

// tell adds what a process has made and learned.
func (s *State) tell(r Report) {
	for _, spent := range r.Spent {
		s.Seq++
		spent.Seq, spent.By = s.Seq, r.By
		s.Spent = append(s.Spent, spent)
	}
	s.Limits = slices.DeleteFunc(s.Limits, func(k Known) bool {
		return r.Now.Sub(k.At) > remembered || slices.ContainsFunc(r.Dropped, func(d Known) bool { return k.isFor(d) && !k.At.After(d.At) })
	})
	for _, k := range r.Limits {
		i := slices.IndexFunc(s.Limits, k.isFor)
		switch {
		case i < 0:
			s.Limits = append(s.Limits, k)
		case k.At.After(s.Limits[i].At) || s.Limits[i].At.After(r.Now): // or by a clock that was wrong
			s.Limits[i] = k
		}
	}
	pauses := slices.Clone(r.Pauses)
	for _, p := range s.Pauses {
		longer := func(o Pause) bool { return o.Class == p.Class && !o.Until.Before(p.Until) }
		if p.Until.After(r.Now) && p.Until.Sub(r.Now) <= longestPause && !slices.ContainsFunc(pauses, longer) {
			pauses = append(pauses, p)
		}
	}
	s.Pauses = pauses
}

// lease takes calls of the classes that are wanted, as many as are made until the
// next exchange, and gives back what was left of the last lease.
func (s *State) lease(r Report, reply *Reply) {
	taken := r.UnderWay.plus(reply.Leased)
	for i, want := range r.Wanted {
		reply.Granted[want.Class] = s.slice(want.Class, taken.plus(reply.Granted), len(r.Wanted)-i, r)
	}
	for _, want := range r.Wanted {
		if reply.Granted[want.Class] == 0 {
			reply.Hold[want.Class] = s.hold(want.Class, r)
		}
	}
	if s.Leases == nil {
		s.Leases = map[string]Lease{}
	}
	if calls := r.UnderWay.plus(reply.Granted); calls != (tally{}) {
		s.Leases[r.By] = Lease{r.Now.Add(leaseTime), calls}
	} else {
		delete(s.Leases, r.By)
	}
}

// slice returns how many calls of a class may be leased, beside others that are:
// as many as the tightest limit allows until the next exchange, as far as there is
// room. That is shared with other classes, so many in all.
func (s *State) slice(c Class, taken tally, classes int, r Report) int {
	n := mostCalls
	if r.Trial {
		n = 1
	}
	for _, b := range r.Budgets {
		if !b.Scope.holds(c) {
			continue
		}
		room := b.Calls - taken.in(b.Scope) - s.used(b, r)
		if room < 1 {
			return 0
		}
		n = min(n, max(1, room/classes))
		if b.Window > 0 {
			n = min(n, max(1, int(time.Duration(b.Calls)*exchangeEvery/b.Window)))
		}
	}
	return n
}

// hold returns how long the calls that were answered leave no room for one of a
// class. Otherwise it is up to others, which lease calls or have yet to tell what
// came of them, and a call had better ask soon.
func (s *State) hold(c Class, r Report) (wait time.Duration) {
	for _, b := range r.Budgets {
		if b.Scope.holds(c) && !b.Doubtful {
			wait = max(wait, s.opens(b, r))
		}
	}
	if wait == 0 {
		return soon
	}
	return wait
}

// opens returns in how long fewer calls count towards a budget than it allows; zero
// where nobody knows for how long they count.
func (s *State) opens(b Use, r Report) time.Duration {
	n := s.used(b, r) - b.Calls + 1
	if n < 1 || b.Since == 0 {
		return 0
	}
	counting := slices.DeleteFunc(slices.Clone(s.Spent), func(spent Spent) bool { return !spent.counts(b, r) })
	slices.SortFunc(counting, func(a, b Spent) int { return a.At.Compare(b.At) })
	for _, spent := range counting {
		if n -= spent.Calls.in(b.Scope); n < 1 {
			return spent.At.Add(b.Since).Sub(r.Now)
		}
	}
	return 0
}

// used returns how many calls of a budget still count.
func (s *State) used(b Use, r Report) (n int) {
	for _, spent := range s.Spent {
		if spent.counts(b, r) {
			n += spent.Calls.in(b.Scope)
		}
	}
	return n
}

// counts tells whether calls still count towards a budget.
func (s Spent) counts(b Use, r Report) bool {
	if b.Since == 0 {
		return s.Seq > r.Seen && s.By != r.By
	}
	return s.At.After(r.Now.Add(-b.Since)) && !s.At.After(r.Now.Add(skew))
}
