package ratelimit

import (
	"testing"
	"time"
)

// find returns the account of a limit that is not merely suspected.
func (l *ledger) find(s Scope, window time.Duration) *account {
	for _, a := range l.accounts {
		if a.Scope == s && a.Window == window && a.origin != suspected {
			return a
		}
	}
	return nil
}

// exchanged is a call that left and was answered.
func exchanged(l *ledger, c Class, left, now time.Duration, answer Answer) {
	before := l.left.minus(l.underWay)
	l.leave(c, at(left))
	d := departed{c, at(left), l.left.minus(before).minus(only(c, 1))}
	if answer.Refused {
		l.refused(d, answer, at(now))
		return
	}
	l.admitted(d, answer, at(now))
}

// Laravel's headers are of the time when the server counted a call, and answers
// overtake each other.
func TestReconcile(t *testing.T) {
	for _, test := range []struct {
		name            string
		spent, underWay int // by our count, the call itself included
		beside          int // that were under way with it, or left since
		leased          int
		remaining       int // of ten
		left            time.Duration
		anew            time.Duration
		want            int // spent after that
		foreign         int
	}{
		{name: "as we count", spent: 4, remaining: 6, want: 4},
		{name: "others have spent", spent: 4, remaining: 3, want: 7, foreign: 3},
		{name: "everything", spent: 4, remaining: 0, want: 10, foreign: 6},
		{name: "a new window has begun", spent: 10, remaining: 9, want: 1},
		{name: "calls under way may be counted", spent: 4, underWay: 3, beside: 3, remaining: 3, want: 4},
		{name: "or not yet", spent: 4, underWay: 3, beside: 3, remaining: 6, want: 4},
		{name: "some of them are, and others spend", spent: 4, underWay: 3, beside: 3, remaining: 2, want: 5, foreign: 1},
		{name: "an answer that was overtaken", spent: 8, beside: 4, remaining: 6, want: 8},
		{name: "an answer of the window before", spent: 2, remaining: 0, left: 0, anew: second, want: 2},
		{name: "an answer of this one", spent: 2, remaining: 0, left: 2 * second, anew: second, want: 10, foreign: 8},
		{name: "calls that other processes may have made", spent: 4, leased: 3, remaining: 3, want: 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAccount(Limit{All, Budget{10, hour}}, learned)
			a.add(test.spent, epoch)
			a.anew = at(test.anew)
			l := ledgerOf(a)
			l.underWay[Create], l.leased[Create] = test.underWay, test.leased
			d := departed{class: Create, left: at(test.left), beside: only(Create, test.beside)}
			l.reconcile(a, Answer{Limit: 10, Remaining: test.remaining}, d, at(3*second))
			if got := a.spent.len(); got != test.want || a.foreign != test.foreign {
				t.Errorf("%d are spent, %d by others; want %d, %d", got, a.foreign, test.want, test.foreign)
			}
		})
	}
}

// What other processes have leased but not made is no sign of a new window.
func TestReconcileForgetsNothingForWhatOthersHaveLeased(t *testing.T) {
	a := newAccount(Limit{All, Budget{10, hour}}, learned)
	a.add(4, epoch)
	l := ledgerOf(a)
	l.leased[Create] = 3
	l.reconcile(a, Answer{Limit: 10, Remaining: 6}, departed{class: Create, left: epoch}, at(second))
	if got := a.spent.len(); got != 4 {
		t.Errorf("%d calls are spent, want 4, which is what the server says", got)
	}
}

func TestALimitWidensToTheCallsThatShowIt(t *testing.T) {
	l := newLedger(Options{})
	now := time.Duration(0)
	call := func(c Class, remaining int) {
		exchanged(l, c, now, now, Answer{Limit: 50, Remaining: remaining})
		now += second
	}
	expect := func(scope Scope, spent int) {
		t.Helper()
		a := l.find(scope, 0)
		if a == nil || a.Calls != 50 || a.spent.len() != spent {
			t.Fatalf("no limit of %v with %d calls spent is known, but %+v", scope, spent, a)
		}
		for _, other := range l.accounts {
			if other != a && other.origin == learned {
				t.Fatalf("there is another, %v", other.Limit)
			}
		}
	}
	call(Create, 49)
	expect(Creates, 1)
	call(Create, 48)
	expect(Creates, 2)
	call(Write, 47)
	expect(Writes, 3)
	call(Read, 46)
	expect(All, 4)
}

func TestHeadersShowWhichMinuteLimitIsKept(t *testing.T) {
	for _, test := range []struct {
		limit, spacing int // of the documented 600 a minute
		waived         bool
	}{{600, 600, false}, {60, 600, true}, {1200, 600, true}} {
		l := newLedger(Options{})
		exchanged(l, Create, 0, 0, Answer{Limit: test.limit, Remaining: test.limit - 1})
		if a := l.accounts[0]; a.Limit != figures[0] || a.waived != test.waived {
			t.Errorf("headers show %d: %v waived %v", test.limit, a.Limit, a.waived)
		}
		for _, a := range l.accounts[1:3] {
			if a.waived {
				t.Errorf("headers show %d: the burst of %v is waived", test.limit, a.Limit)
			}
		}
	}
}

func TestHeadersThatMakeNoSenseAreIgnored(t *testing.T) {
	for _, answer := range []Answer{{}, {Limit: -1}, {Limit: 10, Remaining: -1}, {Limit: 10, Remaining: 11}, {Limit: mostCalls + 1}} {
		l := newLedger(Options{})
		known := len(l.accounts)
		exchanged(l, Create, 0, 0, answer)
		if len(l.accounts) != known || l.accounts[0].waived {
			t.Errorf("%+v is believed", answer)
		}
	}
}

func TestASuspicion(t *testing.T) {
	creates := suspicions[2].Budget
	begin := func() *ledger {
		l := newLedger(Options{})
		for range creates.Calls {
			exchanged(l, Create, 0, 0, Answer{})
		}
		return l
	}
	suspicious := func(l *ledger) bool {
		for _, a := range l.accounts {
			if a.Limit == suspicions[2] && a.origin == suspected {
				return true
			}
		}
		return false
	}
	t.Run("is given up when a call beyond it was admitted", func(t *testing.T) {
		l := begin()
		exchanged(l, Create, second, second, Answer{})
		if suspicious(l) || l.find(Creates, hour) != nil {
			t.Error("it is kept")
		}
	})
	t.Run("is true when a call beyond it was refused for that", func(t *testing.T) {
		l := begin()
		exchanged(l, Create, second, second, Answer{Refused: true, Wait: hour - second, Capped: true, Cap: creates})
		a := l.find(Creates, hour)
		if a == nil || a.Calls != 30 || suspicious(l) {
			t.Fatalf("it is not kept, but %+v", a)
		}
		if got := l.next(Create, tally{}, at(minute)); !got.at.Equal(at(hour)) || got.by != a {
			t.Errorf("the next may leave at %v by %v, want when the server said", got.at.Sub(epoch), got.limit())
		}
	})
	t.Run("is kept while calls stay within it", func(t *testing.T) {
		if !suspicious(begin()) {
			t.Error("it is given up")
		}
	})
}

// No answer came, so the next call beyond it goes alone, too.
func TestALostCallSaysNothingOfASuspicion(t *testing.T) {
	l := newLedger(Options{})
	for range 30 {
		exchanged(l, Create, 0, 0, Answer{})
	}
	known := len(l.accounts)
	l.leave(Create, at(second))
	l.count(Create, at(second), at(minute), false) // as Lost does
	if len(l.accounts) != known {
		t.Error("it is given up")
	}
}

// A slot may come back while a trial is under way.
func TestARefusedTrialSaysNothingOfOthers(t *testing.T) {
	a := spending(Limit{All, Budget{3, 6 * second}}, learned, 0, second, 2*second)
	a.retry = at(3 * second)
	l := ledgerOf(a)
	left, now := 5*second, 6*second+2*grain // meanwhile the first slot came back
	for _, d := range times(3, second) {
		l.history.add(Create, at(d), at(d))
	}
	l.leave(Create, at(left))
	if !a.trying {
		t.Fatal("the test is wrong: it is no trial")
	}
	l.refused(departed{class: Create, left: at(left)}, Answer{Refused: true, Wait: second}, at(now))
	if a.others || a.share != 3 {
		t.Errorf("others are said to spend: %v, and %d of 3 are used", a.others, a.share)
	}
}

func TestWhatARefusalOfInvitesTells(t *testing.T) {
	for _, test := range []struct {
		name    string
		options Options
		invites int // that were made, at 0
		cap     Budget
		wait    time.Duration
		scope   Scope // that has to wait
		window  time.Duration
		calls   int // zero: nothing is learned
	}{
		{"its figures", Options{}, 20, Budget{20, hour}, 59 * minute, Creates, hour, 20},
		{"figures that are documented", Options{}, 30, Budget{30, hour}, 59 * minute, Creates, hour, 30},
		{"others have made most", Options{}, 3, Budget{20, hour}, 59 * minute, Creates, hour, 20},
		{"a number only, and the window is measured", Options{}, 20, Budget{Calls: 20}, 59 * minute, Creates, hour, 20},
		{"no figures, and they are counted", Options{}, 20, Budget{}, 59 * minute, Creates, hour, 20},
		{"no figures, and nothing was made", Options{}, 0, Budget{}, 59 * minute, Creates, 0, 0},
		{"a window that is absurd, and they are counted", Options{}, 20, Budget{20, 72 * hour}, 59 * minute, Creates, hour, 20},
		{"nothing to those who want to know of no cap", Options{NoInviteCap: true}, 20, Budget{20, hour}, 59 * minute, Creates, 0, 0},
		{"nor without figures", Options{NoInviteCap: true}, 20, Budget{}, 59 * minute, Creates, 0, 0},
		{"a cap besides the user's", Options{InviteCap: Budget{100, hour}}, 20, Budget{20, hour}, 59 * minute, Creates, hour, 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLedger(test.options)
			for range test.invites {
				exchanged(l, Create, 0, 0, Answer{})
			}
			l.leave(Create, at(minute))
			scope := l.refused(departed{class: Create, left: at(minute)}, Answer{Refused: true, Wait: test.wait, Capped: true, Cap: test.cap}, at(minute))
			if scope != test.scope {
				t.Errorf("%v have to wait, want %v", scope, test.scope)
			}
			var got Limit
			for _, a := range l.accounts {
				if a.origin == learned {
					got = a.Limit
				}
			}
			if want := (Limit{test.scope, Budget{test.calls, test.window}}); test.calls > 0 && got != want || test.calls == 0 && got != (Limit{}) {
				t.Errorf("%v is learned, want %v", got, want)
			}
		})
	}
}

func TestWhoWaitsForARefusal(t *testing.T) {
	for _, test := range []struct {
		name   string
		class  Class
		answer Answer
		want   Scope
	}{
		{"no time is named", Create, Answer{Refused: true}, All},
		{"a short time", Create, Answer{Refused: true, Wait: minute}, All},
		{"minutes", Create, Answer{Refused: true, Wait: minute + second}, Creates},
		{"minutes, for a read", Read, Answer{Refused: true, Wait: hour}, Reads},
		{"a cap, however short", Create, Answer{Refused: true, Wait: second, Capped: true}, Creates},
	} {
		l := newLedger(Options{})
		l.leave(test.class, epoch)
		if got := l.refused(departed{class: test.class, left: epoch}, test.answer, epoch); got != test.want {
			t.Errorf("%s: %v have to wait, want %v", test.name, got, test.want)
		}
	}
}

func TestARunOfRefusalsIsOneLimit(t *testing.T) {
	l := newLedger(Options{})
	for range 60 {
		exchanged(l, Create, 0, 0, Answer{})
	}
	var passes []departed
	for range 8 {
		l.leave(Create, at(second))
		passes = append(passes, departed{class: Create, left: at(second)})
	}
	for _, d := range passes {
		l.refused(d, Answer{Refused: true, Wait: 5 * second}, at(second+20*time.Millisecond))
	}
	var got []Limit
	for _, a := range l.accounts {
		if a.origin == learned {
			got = append(got, a.Limit)
		}
	}
	if len(got) != 1 || got[0] != (Limit{All, Budget{60, 6 * second}}) {
		t.Errorf("%v are learned, want 60 in 6s", got)
	}
}

// A call that left at the very moment when the first refusal came left before it
// was known.
func TestACallThatLeftWhenTheRefusalCameTellsNothingNew(t *testing.T) {
	l := newLedger(Options{})
	for range 60 {
		exchanged(l, Create, 0, 0, Answer{})
	}
	l.leave(Create, at(second-20*time.Millisecond))
	l.leave(Create, at(second))
	l.refused(departed{class: Create, left: at(second - 20*time.Millisecond)}, Answer{Refused: true, Wait: 5 * second}, at(second))
	l.refused(departed{class: Create, left: at(second)}, Answer{Refused: true, Wait: 5 * second}, at(second+20*time.Millisecond))
	learnt := 0
	for _, a := range l.accounts {
		if a.origin == learned {
			learnt++
		}
	}
	if learnt != 1 {
		t.Errorf("%d limits are learned, want 1", learnt)
	}
}

// A cap on one class, told or not, keeps no other class back.
func TestACapOnCreatesHoldsNothingElse(t *testing.T) {
	for _, answer := range []Answer{
		{Refused: true, Wait: 59 * minute},
		{Refused: true, Wait: 59 * minute, Capped: true},
		{Refused: true, Wait: 59 * minute, Capped: true, Cap: Budget{20, hour}},
	} {
		l := newLedger(Options{})
		for range 20 {
			exchanged(l, Create, 0, 0, Answer{})
		}
		exchanged(l, Create, minute, minute, answer)
		for _, c := range []Class{Read, Write} {
			if got := l.next(c, tally{}, at(minute)); got.at.After(at(minute)) {
				t.Errorf("after %+v a %v may leave at %v, by %v", answer, c, got.at.Sub(epoch), got.limit())
			}
		}
	}
}
