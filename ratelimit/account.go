package ratelimit

import "time"

const (
	// grain is added to every window, as the clock that counts on the other side
	// may tick in milliseconds.
	grain = time.Millisecond

	// horizon is the furthest that an estimate looks ahead.
	horizon = 10 * 365 * 24 * time.Hour

	// believed is how long a limit that was learned holds without being tried: it
	// may have been raised, and nothing else would tell.
	believed = 24 * time.Hour

	// firstPatience is how many windows pass before more than a share is tried that
	// others have narrowed.
	firstPatience, mostPatience = 16, 1024
)

// origin is where a limit is known from.
type origin uint8

const (
	documented origin = iota // Tallyfy's pages; the server decides
	suspected                // such pages, too, but it is not kept unless the server shows it
	asked                    // the user
	learned                  // the server's answers, now or earlier
)

// account is one limit and what was spent of it. A slot of it is taken while a
// call is under way, and comes back one window after the answer. So the server
// counts no more than the limit in any window, be it a fixed one or a rolling
// one, and however long the calls take.
type account struct {
	Limit  // without a window: its length is not known yet
	origin origin
	seenAt time.Time // when a learned limit was last seen to hold

	// shown tells whether headers show what is left of it; they show the tightest
	// limit. waived is set while they show another in place of a documented one.
	shown, waived bool

	named   bool // a refusal has named it; headers do not show it
	refuted bool // a figure that the server does not keep
	guessed bool // the window is documented, but was not measured

	// part of the share is used, one in so many, while others spend it too and cannot
	// tell; 0: all of it.
	part int

	// share is how many of the calls are used: less than Calls where others spend
	// the rest, or where a documented limit proved narrower. After retry more is
	// tried, one call at a time; patience is how many windows that took last.
	share    int
	retry    time.Time
	patience int
	trying   bool // such a call is under way

	foreign int  // calls of others, since anew, by the server's count
	others  bool // others spend so much that it matters
	early   bool // the last refusal came before the share was used

	// spent is when the calls were answered that still count.
	spent queue
	// opens is when everything is forgotten that was spent until bitten, because
	// the server said so; zero: never. bitten is when the server last refused a call
	// for this limit.
	opens, bitten time.Time

	// trial is set while the window may turn out to be longer. When it was full and
	// is over, which is so since filled, calls go one at a time until one was admitted
	// before a longer window could be over, too: until doubtful.
	trial            bool
	filled, doubtful time.Time

	// anew is when the server's count was last known to begin anew.
	anew time.Time
}

func newAccount(l Limit, o origin) *account {
	return &account{Limit: l, origin: o, share: l.Calls, trial: o != asked}
}

// effective is the limit as far as it is used.
func (a *account) effective() Limit {
	l := a.Limit
	l.Calls = a.share
	return l
}

// most is how many calls are used at present.
func (a *account) most() int {
	if a.part > 0 {
		return max(1, a.share/a.part)
	}
	return a.share
}

// advance forgets what counts no more.
func (a *account) advance(now time.Time) {
	n := 0
	for n < a.spent.len() {
		if back, known := a.back(n); !known || now.Before(back) {
			break
		}
		n++
	}
	if n > 0 && a.trial && a.filled.IsZero() && a.spent.len() >= a.share {
		a.filled, a.doubtful = now, a.spent.get(0).Add(a.Window*3/2)
	}
	a.spent.drop(n)
}

// back returns when the slot of the i-th oldest call comes back, if that is
// known.
func (a *account) back(i int) (at time.Time, known bool) {
	spent := a.spent.get(i)
	opens := !a.opens.IsZero() && !spent.After(a.bitten)
	if a.Window == 0 {
		return a.opens, opens
	}
	at = spent.Add(a.turnaround())
	if opens && a.opens.Before(at) {
		at = a.opens
	}
	return at, true
}

// turnaround is how long after its answer the slot of a call may be used again.
func (a *account) turnaround() time.Duration { return a.Window + grain }

// nth returns when the n-th further call may leave, if the calls come as fast as
// the account lets them, with so many under way. It comes after advance.
func (a *account) nth(n, underWay int, now time.Time) time.Time {
	if a.Window == 0 || a.waived || a.origin == suspected {
		return now
	}
	// A share further on, a call takes the slot of the one a share before it.
	most := a.most()
	round, place := (n-1)/most, (n-1)%most+1
	if round >= int(horizon/a.turnaround()) {
		return now.Add(horizon)
	}
	at := now
	if over := a.spent.len() + underWay + place - most; over > a.spent.len() {
		at = now.Add(a.turnaround()) // what is under way may be answered now
	} else if over > 0 {
		back, _ := a.back(over - 1)
		at = later(now, back)
	}
	return at.Add(time.Duration(round) * a.turnaround())
}

// isTrial tells whether a call that would make the count so large may teach
// something. Such calls go one at a time, so that one of them is refused at most.
func (a *account) isTrial(count int, now time.Time) (trial, beyond bool) {
	if a.waived {
		return false, false
	}
	if a.part > 0 && a.origin != suspected {
		beyond = a.Window == 0 && count > a.most()
		return beyond || !a.filled.IsZero(), beyond
	}
	if count > a.share {
		beyond = a.Window == 0 || a.guessed || a.isDoubtful() ||
			!a.retry.IsZero() && !now.Before(a.retry) && (a.origin == learned || a.share < a.Calls) && a.proves(now)
	}
	return beyond || !a.filled.IsZero(), beyond
}

// isDoubtful tells whether a limit is documented, and one call beyond it is worth
// finding out whether it is kept. The bursts may be kept by something in front of
// the server that has no patience.
func (a *account) isDoubtful() bool {
	return a.origin == suspected || a.origin == documented && a.Limit == figures[0] && !a.shown
}

// proves tells whether a call that is admitted now beyond the share shows that the
// limit is wider. Near the end of the window it may belong to the next one.
func (a *account) proves(now time.Time) bool {
	return a.spent.len() == 0 || now.Before(a.spent.get(0).Add(a.Window-a.Window/8))
}

// next tells when the next call may leave, with so many ahead of it and
// under way; soon says that it depends on an answer, and trial that it may teach
// something.
func (a *account) next(ahead, underWay, leased int, now time.Time) (at time.Time, soon, trial bool) {
	if a.origin == suspected {
		leased = 0 // what may be made shows nothing
	}
	trial, beyond := a.isTrial(a.spent.len()+underWay+leased+ahead+1, now)
	switch {
	case trial && underWay+ahead > 0:
		return now, true, true
	case beyond:
		return now, false, true
	}
	return a.nth(ahead+1, underWay+leased, now), false, trial
}

// refuse notes that the server refused a call for this limit, and what that says
// of its number, if all calls are known. Opens is when it asks to come back.
func (a *account) refuse(underWay int, opens, now time.Time, sees bool) {
	a.advance(now)
	used := a.spent.len()
	certain := a.origin == learned || a.origin == asked
	if !certain {
		a.origin = learned
	}
	switch {
	case a.trying, used+underWay >= a.share, !sees: // as it was known, or nearly, or who knows
		a.early = false
		a.wait(now)
	case !certain:
		a.Calls, a.share = max(1, used), max(1, used)
		a.wait(now)
	default:
		// Somebody else spends. In a long window one refusal costs next to nothing, while
		// a share that is too small costs much, unless it comes again.
		a.others = true
		if a.origin != asked && (a.Window <= longestBurst || a.early) {
			a.share = max(1, used)
			a.wait(now)
		}
		a.early = true
	}
	a.trying, a.waived, a.trial = false, false, a.origin != asked
	a.seenAt, a.bitten = now, now
	a.open(opens)
}

// open notes when the server opens a new window. Windows are fixed, as Laravel has
// them, so all slots come back at once. In short ones that happens by itself, as
// they are spent at once.
func (a *account) open(at time.Time) {
	if a.Window > longestBurst && a.origin != asked {
		a.opens = at
	}
}

// wait sets when more than the share may be tried.
func (a *account) wait(now time.Time) {
	if !a.others {
		a.retry = now.Add(believed)
		return
	}
	a.patience = max(firstPatience, min(2*a.patience, mostPatience))
	a.retry = now.Add(time.Duration(a.patience) * a.Window)
}

// add notes calls that count from a time on. Of more than the limit lets go in its
// window, the oldest decide nothing; some are kept, as it may prove wider.
func (a *account) add(n int, at time.Time) {
	most := 2*a.share + 1000
	for range min(n, most) {
		a.spent.push(at)
	}
	a.spent.drop(max(0, a.spent.len()-most))
}

// admit notes that a call was answered that the limit let go. It had left at a
// time.
func (a *account) admit(left, now time.Time) {
	a.add(1, now)
	if !a.filled.IsZero() && !left.Before(a.filled) {
		a.trial, a.filled = !left.Before(a.doubtful), time.Time{}
	}
	proves := a.proves(now)
	a.refuted = a.isDoubtful() && a.trying && proves
	counted := !a.shown && !a.named && !left.After(a.bitten) // and had not been answered when that was learned
	if count := a.spent.len(); count > a.share && a.origin != asked && (a.trying && proves || counted) {
		a.share, a.Calls, a.seenAt = count, max(a.Calls, count), now
	}
	a.trying = false
}
