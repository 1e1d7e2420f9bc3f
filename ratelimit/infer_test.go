package ratelimit

import (
	"testing"
	"time"
)

// made returns n calls, every so often from a time, of which each took so long.
func made(n int, from, every, took time.Duration) (calls []counted) {
	for i := range n {
		left := at(from + time.Duration(i)*every)
		calls = append(calls, counted{left.UnixNano(), left.Add(took).UnixNano(), Create})
	}
	return calls
}

func TestInfer(t *testing.T) {
	join := func(parts ...[]counted) (calls []counted) {
		for _, p := range parts {
			calls = append(calls, p...)
		}
		return calls
	}
	const ms = time.Millisecond
	for _, test := range []struct {
		name      string
		calls     []counted
		left, now time.Duration // of the refused call
		wait      time.Duration
		window    time.Duration
		held      int
	}{
		{"the first window", made(60, 0, 0, 0), second, second, 5 * second, 6 * second, 60},
		{"with round trips", made(60, 0, 5*ms, 20*ms), 340 * ms, 360 * ms, 6 * second, 6 * second, 60},
		{"the wait is rounded up to a second", made(60, 0, 0, 0), 5200 * ms, 5200 * ms, second, 6 * second, 60},
		{"calls that take seconds", made(8, 0, 100*ms, 3*second), 3500 * ms, 6500 * ms, 56 * second, minute, 8},
		{"the second window, as long as the first", join(made(60, 0, 10*ms, 0), made(60, 6*second, 10*ms, 0)), 7 * second, 7 * second, 5 * second, 6 * second, 60},
		{"a window after a long rest", join(made(10, 0, 0, 0), made(30, hour/2, 0, 0)), hour/2 + second, hour/2 + second, 59 * second, minute, 30},
		{"an hour of 30", made(30, 0, minute/2, 50*ms), 16 * minute, 16 * minute, 44 * minute, hour, 30},
		{"a length that is not common", made(7, 0, 0, 0), second, second, 41 * second, 42 * second, 7},
		{"a day", made(100, 0, second, 0), 2 * minute, 2 * minute, 24*hour - 2*minute, 24 * hour, 100},
		{"nothing was counted", nil, second, second, 5 * second, 0, 0},
		{"a window that others began is taken for an odd one of ours", made(5, 30*second, second, 0), 36 * second, 36 * second, 5 * second, 11 * second, 5},
		{"a window that others began, which looks like one of ours", made(5, 30*second, second, 0), 36 * second, 36 * second, 24 * second, 30 * second, 5},
		{"longer than is believed", made(5, 0, 0, 0), second, second, 72 * hour, 0, 0},
		{"a window before held more, so it was longer", join(made(10, 0, 0, 0), made(2, 10*second, 0, 0)), 11 * second, 11 * second, 49 * second, minute, 12},
	} {
		t.Run(test.name, func(t *testing.T) {
			window, held := infer(test.calls, 0, at(test.left), at(test.now), test.wait)
			if window != test.window || held != test.held {
				t.Errorf("infer = %v, %d; want %v, %d", window, held, test.window, test.held)
			}
		})
	}
}

// An earlier run's calls are known by the second, or by the minute.
func TestAWindowThatAnEarlierRunBegan(t *testing.T) {
	for _, test := range []struct {
		name   string
		began  time.Duration // that is noted, of a window that began at 0
		window time.Duration
	}{
		{"noted on time", 0, hour},
		{"noted late it seems shorter", 50 * second, hour - 50*second},
	} {
		l := newLedger(Options{})
		l.enter(only(Create, 30), at(test.began))
		window, _ := infer(l.history.since(Creates, time.Time{}, at(2*minute)), 0, at(2*minute), at(2*minute), 58*minute)
		if window != test.window {
			t.Errorf("%s: the window is %v, want %v", test.name, window, test.window)
		}
	}
}

func TestHistoryIsBounded(t *testing.T) {
	var h history
	for i := range 3 * mostHistory {
		h.add(Class(i%Classes), at(time.Duration(i)), at(time.Duration(i)))
	}
	if len(h.calls) > mostHistory || len(h.calls) < mostHistory/2 {
		t.Errorf("%d calls are kept", len(h.calls))
	}
	if last := h.calls[len(h.calls)-1].answered; last != at(3*mostHistory-1).UnixNano() {
		t.Errorf("the last is of %v", time.Unix(0, last))
	}
}

func TestHistoryOfAScope(t *testing.T) {
	var h history
	for i := range 6 {
		h.add(Class(i%Classes), at(time.Duration(i)*hour), at(time.Duration(i)*hour))
	}
	for _, test := range []struct {
		name      string
		scope     Scope
		from, now time.Duration
		want      int
	}{
		{"everything", All, -hour, 6 * hour, 6},
		{"of a class", Creates, -hour, 6 * hour, 2},
		{"of two", Writes, -hour, 6 * hour, 4},
		{"answered after a time", All, 2 * hour, 6 * hour, 3},
		{"not of yesterday", All, -hour, 26*hour + minute, 3},
	} {
		if got := len(h.since(test.scope, at(test.from), at(test.now))); got != test.want {
			t.Errorf("%s: %d calls, want %d", test.name, got, test.want)
		}
	}
}

func TestQueueForgetsTheOldest(t *testing.T) {
	var q queue
	pushed, dropped := 0, 0
	for round := range 200 {
		for range round % 7 {
			q.push(at(time.Duration(pushed)))
			pushed++
		}
		n := min(q.len(), round%5)
		q.drop(n)
		dropped += n
		for i := range q.len() {
			if want := at(time.Duration(dropped + i)); !q.get(i).Equal(want) {
				t.Fatalf("round %d: the %d-th is of %v, want %v", round, i, q.get(i), want)
			}
		}
	}
	q.push(at(-hour))
	if got := q.get(q.len() - 1); got.Before(at(time.Duration(pushed - 1))) {
		t.Errorf("a time before the last is kept as %v", got)
	}
}
