package ratelimit

import (
	"math"
	"testing"
	"time"
)

// epoch is when the clock of these tests begins.
var epoch = time.Date(2026, time.November, 23, 8, 0, 0, 0, time.UTC)

const (
	second = time.Second
	minute = time.Minute
	hour   = time.Hour
)

// call is one that has left.
type call struct {
	class Class
	at    time.Duration // since epoch
}

func TestLedgerDecides(t *testing.T) {
	auto := Budget{}
	times := func(n int, c Class, every time.Duration) (calls []call) {
		for i := range n {
			calls = append(calls, call{c, time.Duration(i) * every})
		}
		return calls
	}
	for _, test := range []struct {
		name    string
		ceiling Budget
		spent   []call
		paused  map[Class]time.Duration // until, since epoch
		ahead   tally
		class   Class
		now     time.Duration
		want    time.Duration
	}{
		{name: "the first call goes at once", ceiling: auto, class: Create},
		{
			name: "so does the second", ceiling: auto, class: Create,
			spent: times(1, Create, 0),
		},
		{
			name: "the third keeps the pace of 600 a minute", ceiling: auto, class: Create,
			spent: times(2, Create, 0), want: second / 10,
		},
		{
			name: "a read keeps the pace of 12 in 5 s", ceiling: auto, class: Read,
			spent: times(2, Read, 0), want: 416_666_667,
		},
		{
			name: "reads do not slow down a write", ceiling: auto, class: Write, now: second / 10,
			spent: times(2, Read, 0),
		},
		{
			name: "the pace forgives lateness", ceiling: auto, class: Create, now: second * 3 / 10,
			spent: []call{{Create, 0}, {Create, 0}, {Create, second * 3 / 10}},
		},
		{
			name: "a ceiling holds for every class", ceiling: Budget{60, minute}, class: Read,
			spent: []call{{Create, 0}, {Write, 0}}, want: second,
		},
		{
			name: "a ceiling replaces the documented figures", ceiling: Budget{100, second}, class: Read, now: second / 2,
			spent: times(20, Read, second/50),
		},
		{
			name: "where timers are too coarse, more may leave at once", ceiling: Budget{1000, second}, class: Create,
			spent: times(50, Create, 0), want: second / 1000,
		},
		{
			name: "an hour's budget is spread over a minute", ceiling: Budget{30, hour}, class: Create,
			spent: times(2, Create, 0), want: 2 * second,
		},
		{
			name: "a budget that is used up waits for its oldest call", ceiling: Budget{3, hour}, class: Create, now: 2 * minute,
			spent: []call{{Create, 0}, {Create, 30 * second}, {Create, minute}}, want: 58*minute + grain,
		},
		{
			name: "which must be more than a window old", ceiling: Budget{3, hour}, class: Create, now: hour,
			spent: []call{{Create, 0}, {Create, 30 * second}, {Create, minute}}, want: grain,
		},
		{
			name: "and then makes room", ceiling: Budget{3, hour}, class: Create, now: hour + grain,
			spent: []call{{Create, 0}, {Create, 30 * second}, {Create, minute}},
		},
		{
			name: "for one call", ceiling: Budget{3, hour}, class: Create, now: hour + grain,
			spent: []call{{Create, 0}, {Create, 30 * second}, {Create, minute}, {Create, hour + grain}},
			want:  30 * second,
		},
		{
			name: "a pause holds its class", ceiling: auto, class: Create, now: second,
			paused: map[Class]time.Duration{Create: hour}, want: hour - second,
		},
		{
			name: "and no other", ceiling: auto, class: Read, now: second,
			paused: map[Class]time.Duration{Create: hour},
		},
		{
			name: "a pause that is over holds nothing", ceiling: auto, class: Create, now: minute,
			paused: map[Class]time.Duration{Create: minute},
		},
		{
			name: "a pause does not undo the spacing", ceiling: Budget{6, minute}, class: Write,
			spent: times(2, Write, 0), paused: map[Class]time.Duration{Write: second}, want: 10 * second,
		},
		{
			name: "nor the count", ceiling: Budget{2, hour}, class: Write,
			spent: times(2, Write, 0), paused: map[Class]time.Duration{Write: minute}, want: hour + grain,
		},
		{
			name: "those ahead go first", ceiling: Budget{60, minute}, class: Write,
			ahead: tally{Write: 3}, want: 2 * second,
		},
		{
			name: "those ahead that no shared budget counts do not matter", ceiling: auto, class: Write, now: minute,
			spent: times(2, Read, 0), ahead: tally{Create: 1},
		},
		{
			name: "those ahead use up what is free", ceiling: Budget{5, hour}, class: Create, now: 30 * minute,
			spent: []call{{Create, 0}, {Create, 20 * minute}}, ahead: tally{Create: 3}, want: 30*minute + grain,
		},
		{
			name: "those ahead begin when the pause ends", ceiling: Budget{60, minute}, class: Create,
			paused: map[Class]time.Duration{Create: hour}, ahead: tally{Create: 3}, want: hour + 2*second,
		},
		{
			name: "those ahead can use up several windows", ceiling: Budget{2, hour}, class: Create,
			ahead: tally{Create: 5}, want: 2 * (hour + grain),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLedger(test.ceiling)
			for _, c := range test.spent {
				if wait := l.wait(c.class, tally{}, epoch.Add(c.at)); wait > 0 {
					t.Fatalf("the test is wrong: the call at %v had to wait %v", c.at, wait)
				}
				l.spend(c.class, epoch.Add(c.at))
			}
			for c, until := range test.paused {
				l.pauses[c].extend(epoch, epoch.Add(until))
			}
			for range 2 { // asking changes nothing
				if got := l.wait(test.class, test.ahead, epoch.Add(test.now)); got != test.want {
					t.Errorf("wait = %v, want %v", got, test.want)
				}
			}
		})
	}
}

// TestDocumentedFiguresByArithmetic shows why auto keeps all three figures. In a
// window of length W, an account lets go at most
//
//	by its count: N calls in each turnaround that fits, begun ones included
//	by its pace:  the burst, and rate x W
//
// and the tightest of those that count a class decides.
func TestDocumentedFiguresByArithmetic(t *testing.T) {
	for _, figure := range []struct {
		name   string
		class  Class
		window time.Duration
		most   int // documented
		want   int // what auto lets go
	}{
		{"600 calls in a minute", Create, time.Minute, 600, 600},        // count of 600/m; its pace alone: 2 + 10 x 60 = 602
		{"about 140 calls in 10 s", Create, 10 * time.Second, 140, 102}, // pace of 600/m: 2 + 10 x 10
		{"about 12 GETs in 5 s", Read, 5 * time.Second, 12, 12},         // count of 12 in 5 s; its pace alone: 2 + 2.4 x 5 = 14
	} {
		t.Run(figure.name, func(t *testing.T) {
			most := math.MaxInt
			for _, a := range newLedger(Budget{}).accounts {
				if !a.counts[figure.class] {
					continue
				}
				turnarounds := int((figure.window + a.turnaround() - 1) / a.turnaround())
				byCount := turnarounds * a.Calls
				byPace := a.pace.Burst() + int(float64(a.pace.Limit())*figure.window.Seconds())
				most = min(most, byCount, byPace)
			}
			if most != figure.want || most > figure.most {
				t.Errorf("%d calls can leave, want %d, and %d at most", most, figure.want, figure.most)
			}
		})
	}
}

func TestShortRunsDoNotCrawl(t *testing.T) {
	for _, test := range []struct {
		name    string
		ceiling Budget
		calls   tally
		want    time.Duration
	}{
		{"two calls", Budget{}, tally{Read: 1, Create: 1}, 0},
		{"a demo of 25 creates and its reads", Budget{}, tally{Read: 4, Create: 25}, 2700 * time.Millisecond},
		{"25 creates of 30 an hour", Budget{30, hour}, tally{Create: 25}, 46 * second},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := newLedger(test.ceiling).estimate(test.calls, epoch); got != test.want {
				t.Errorf("takes %v, want %v", got, test.want)
			}
		})
	}
}

func TestLedgerEstimates(t *testing.T) {
	for _, test := range []struct {
		name    string
		ceiling Budget
		spent   int // creates, as early as they may leave
		paused  map[Class]time.Duration
		calls   tally
		want    time.Duration
	}{
		{name: "nothing"},
		{name: "one call", calls: tally{Create: 1}},
		{name: "by the pace", ceiling: Budget{60, minute}, calls: tally{Create: 32}, want: 30 * second},
		{
			name: "classes share a ceiling", ceiling: Budget{60, minute},
			calls: tally{Read: 10, Write: 10, Create: 12}, want: 30 * second,
		},
		{name: "reads by their own figure", calls: tally{Read: 12 * 100, Create: 1}, want: 99*(5*second+grain) + 4_166_666_667},
		{name: "by the windows of a count", ceiling: Budget{30, hour}, calls: tally{Create: 30*33 + 1}, want: 33 * (hour + grain)},
		{
			name: "what was spent counts", ceiling: Budget{2, hour}, spent: 2,
			calls: tally{Create: 1}, want: hour + grain,
		},
		{
			name: "a pause of one class holds up its calls", ceiling: Budget{60, minute},
			paused: map[Class]time.Duration{Create: hour},
			calls:  tally{Create: 2, Write: 32}, want: hour,
		},
		{
			name: "and the calls of others fill the time", ceiling: Budget{60, minute},
			paused: map[Class]time.Duration{Create: 10 * second},
			calls:  tally{Create: 2, Write: 30}, want: 30 * second,
		},
		{
			name: "a pause of all delays all", ceiling: Budget{60, minute},
			paused: map[Class]time.Duration{Read: minute, Write: minute, Create: minute},
			calls:  tally{Create: 16, Write: 16}, want: 90 * second,
		},
		{
			name: "a pause of a class without calls does not matter", ceiling: Budget{60, minute},
			paused: map[Class]time.Duration{Create: hour}, calls: tally{Write: 3}, want: second,
		},
		{name: "never beyond ten years", ceiling: Budget{1, hour}, calls: tally{Create: math.MaxInt / 4}, want: horizon},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLedger(test.ceiling)
			for range test.spent {
				l.spend(Create, epoch)
			}
			for c, until := range test.paused {
				l.pauses[c].extend(epoch, epoch.Add(until))
			}
			if got := l.estimate(test.calls, epoch); got != test.want {
				t.Errorf("estimate = %v, want %v", got, test.want)
			}
		})
	}
}
