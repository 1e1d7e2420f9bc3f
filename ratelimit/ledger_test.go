package ratelimit

import (
	"testing"
	"time"
)

// ledgerOf returns a ledger that knows these limits, and no other.
func ledgerOf(accounts ...*account) *ledger { return &ledger{accounts: accounts} }

func TestTheLedgerDecides(t *testing.T) {
	reads := func(answered ...time.Duration) *account {
		return spending(Limit{Reads, Budget{2, 5 * second}}, documented, answered...)
	}
	every := func(answered ...time.Duration) *account {
		return spending(Limit{All, Budget{4, minute}}, documented, answered...)
	}
	for _, test := range []struct {
		name     string
		accounts []*account
		paused   map[Class]time.Duration // until
		underWay tally
		leased   tally
		ahead    tally
		class    Class
		now      time.Duration
		want     time.Duration
		by       int // which account decides; -1: none
		soon     bool
	}{
		{name: "nothing is known", class: Create, by: -1},
		{name: "every limit has room", accounts: []*account{every(), reads()}, class: Read, by: -1},
		{name: "the tightest decides", accounts: []*account{every(0, 0), reads(0, 0)}, class: Read, now: second, want: 5*second + grain, by: 1},
		{name: "or the longest, where both are used up", accounts: []*account{every(0, 0, 0, 0), reads(0, 0)}, class: Read, now: second, want: minute + grain, by: 0},
		{name: "reads do not slow down a write", accounts: []*account{every(0, 0), reads(0, 0)}, class: Write, now: second, want: second, by: -1},
		{name: "a pause holds its class", accounts: []*account{every()}, paused: map[Class]time.Duration{Create: hour}, class: Create, now: second, want: hour, by: -1},
		{name: "and no other", accounts: []*account{every()}, paused: map[Class]time.Duration{Create: hour}, class: Read, now: second, want: second, by: -1},
		{name: "a pause that is over holds nothing", paused: map[Class]time.Duration{Create: minute}, class: Create, now: minute, want: minute, by: -1},
		{name: "a pause ends before the limit has room", accounts: []*account{every(0, 0, 0, 0)}, paused: map[Class]time.Duration{Create: second}, class: Create, want: minute + grain, by: 0},
		{name: "and a limit before the pause ends", accounts: []*account{every(0, 0, 0, 0)}, paused: map[Class]time.Duration{Create: hour}, class: Create, want: hour, by: -1},
		{name: "calls under way count", accounts: []*account{every(0)}, underWay: tally{Write: 2, Create: 1}, class: Create, now: second, want: minute + grain, by: 0},
		{name: "those that the limit does not count do not", accounts: []*account{reads(0)}, underWay: tally{Write: 2, Create: 1}, class: Read, now: second, want: second, by: -1},
		{name: "calls that others may be making count", accounts: []*account{every()}, leased: tally{Read: 4}, class: Create, want: minute + grain, by: 0},
		{name: "those ahead use up what is free", accounts: []*account{every(0, 10*second)}, ahead: tally{Create: 2}, class: Create, now: 20 * second, want: minute + grain, by: 0},
		{name: "those ahead begin when the pause ends", accounts: []*account{reads()}, paused: map[Class]time.Duration{Read: hour}, ahead: tally{Read: 2}, class: Read, want: hour + 5*second + grain, by: 0},
		{name: "those ahead can use up several windows", accounts: []*account{reads()}, ahead: tally{Read: 5}, class: Read, want: 2 * (5*second + grain), by: 0},
		{name: "beyond a suspicion one goes as soon as the others are answered", accounts: []*account{spending(Limit{All, Budget{1, hour}}, suspected, 0)}, underWay: tally{Read: 1}, class: Read, now: second, want: second, by: -1, soon: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := ledgerOf(test.accounts...)
			l.underWay, l.leased = test.underWay, test.leased
			for c, until := range test.paused {
				l.pauses[c].extend(epoch, at(until))
			}
			for range 2 { // asking changes nothing
				got := l.next(test.class, test.ahead, at(test.now))
				if got.at.Sub(epoch) != test.want || got.soon != test.soon || (got.by == nil) != (test.by < 0) || test.by >= 0 && got.by != test.accounts[test.by] {
					t.Errorf("next = %v, %v, by %v; want %v, %v", got.at.Sub(epoch), got.soon, got.limit(), test.want, test.soon)
				}
			}
		})
	}
}

func TestTheLedgerHoldsBack(t *testing.T) {
	four := Limit{All, Budget{4, minute}}
	creates := Limit{Creates, Budget{1, hour}}
	for _, test := range []struct {
		name    string
		account *account
		paused  time.Duration
		class   Class
		want    time.Duration
	}{
		{"by a limit that was learned", spending(four, learned, 0, 0, 0, 0), 0, Create, minute + grain},
		{"not by one with room", spending(four, learned, 0), 0, Create, 0},
		{"not by the spacing of documented figures", spending(four, documented, 0, 0, 0, 0), 0, Create, 0},
		{"not by a ceiling", spending(four, asked, 0, 0, 0, 0), 0, Create, 0},
		{"not by a suspicion", spending(four, suspected, 0, 0, 0, 0), 0, Create, 0},
		{"by the user's cap on invites", spending(creates, asked, 0), 0, Create, hour + grain},
		{"which holds no other class", spending(creates, asked, 0), 0, Write, 0},
		{"by a pause", spending(four, documented), 2 * minute, Create, 2 * minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := ledgerOf(test.account)
			l.pauses[test.class].extend(epoch, at(test.paused))
			if got := l.held(test.class, epoch).at.Sub(epoch); got != test.want {
				t.Errorf("held until %v, want %v", got, test.want)
			}
		})
	}
}

func TestTheLedgerEstimates(t *testing.T) {
	window := func(n int, window time.Duration) *account {
		return newAccount(Limit{All, Budget{n, window}}, documented)
	}
	for _, test := range []struct {
		name     string
		accounts []*account
		paused   map[Class]time.Duration
		calls    tally
		want     time.Duration
		by       int // which account decides; -1: none
	}{
		{name: "nothing", by: -1},
		{name: "one call", accounts: []*account{window(60, minute)}, calls: tally{Create: 1}, by: -1},
		{name: "a window's worth", accounts: []*account{window(60, minute)}, calls: tally{Create: 60}, by: -1},
		{name: "by the windows that it takes", accounts: []*account{window(30, hour)}, calls: tally{Create: 30*33 + 1}, want: 33 * (hour + grain)},
		{name: "classes share a limit", accounts: []*account{window(60, minute)}, calls: tally{Read: 40, Write: 40, Create: 41}, want: 2 * (minute + grain)},
		{name: "which of them is the slowest", accounts: []*account{window(60, minute), newAccount(Limit{Creates, Budget{30, hour}}, learned)}, calls: tally{Write: 100, Create: 31}, want: hour + grain, by: 1},
		{name: "what was spent counts", accounts: []*account{spending(Limit{All, Budget{2, hour}}, asked, 0, 0)}, calls: tally{Create: 1}, want: hour + grain},
		{name: "a pause of one class holds up its calls", accounts: []*account{window(60, minute)}, paused: map[Class]time.Duration{Create: hour}, calls: tally{Create: 2, Write: 32}, want: hour, by: -1},
		{name: "and the calls of others fill the time", accounts: []*account{window(60, minute)}, paused: map[Class]time.Duration{Create: 10 * second}, calls: tally{Create: 2, Write: 61}, want: minute + grain},
		{name: "a pause of all delays all", accounts: []*account{window(60, minute)}, paused: map[Class]time.Duration{Read: minute, Write: minute, Create: minute}, calls: tally{Create: 31, Write: 30}, want: 2*minute + grain},
		{name: "a pause of a class without calls does not matter", accounts: []*account{window(60, minute)}, paused: map[Class]time.Duration{Create: hour}, calls: tally{Write: 3}, by: -1},
		{name: "a suspicion does not count", accounts: []*account{newAccount(Limit{All, Budget{1, hour}}, suspected)}, calls: tally{Write: 3}, by: -1},
		{name: "never beyond ten years", accounts: []*account{window(1, hour)}, calls: tally{Create: 1 << 60}, want: horizon},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := ledgerOf(test.accounts...)
			for c, until := range test.paused {
				l.pauses[c].extend(epoch, at(until))
			}
			got := l.estimate(test.calls, epoch)
			if got.at.Sub(epoch) != test.want || (got.by == nil) != (test.by < 0) || test.by >= 0 && got.by != test.accounts[test.by] {
				t.Errorf("estimate = %v, by %v; want %v", got.at.Sub(epoch), got.limit(), test.want)
			}
		})
	}
}

func TestWithWhatALedgerBegins(t *testing.T) {
	type known struct {
		Limit
		origin
	}
	documentedOnes := []known{{figures[0], documented}, {figures[1], documented}, {figures[2], documented}}
	for _, test := range []struct {
		name    string
		options Options
		want    []known // besides what is suspected
	}{
		{"the documented figures", Options{}, documentedOnes},
		{"a ceiling in their place", Options{Ceiling: Budget{5, second}}, []known{{Limit{All, Budget{5, second}}, asked}}},
		{"a cap on invites beside them", Options{InviteCap: Budget{5, hour}}, append(documentedOnes[:3:3], known{Limit{Creates, Budget{5, hour}}, asked})},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []known
			for _, a := range newLedger(test.options).accounts {
				if a.origin != suspected {
					got = append(got, known{a.Limit, a.origin})
				}
			}
			if len(got) != len(test.want) {
				t.Fatalf("it knows %v, want %v", got, test.want)
			}
			for i := range got {
				if got[i] != test.want[i] {
					t.Errorf("it knows %v, want %v", got, test.want)
				}
			}
		})
	}
}
