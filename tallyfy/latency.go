package tallyfy

import (
	"cmp"
	"math"
	"slices"
	"time"

	"guestlist/ratelimit"
)

// Latency is how long the attempts of one class took that were answered, from
// the gate to the end of the answer. A share of them took at most so long; these
// figures are up to a twentieth too great.
type Latency struct {
	Class                      ratelimit.Class
	Half, NineOf10, NinetyNine time.Duration // NinetyNine of 100
}

// durations is a histogram whose bars are a twentieth wider each, so that two
// hundred hold anything between a microsecond and an hour.
type durations struct {
	bars    []int
	n       int
	longest time.Duration
}

const widening = 1.05

func (d *durations) add(took time.Duration) {
	bar := max(0, int(math.Log(float64(max(took, 1))/float64(time.Microsecond))/math.Log(widening)))
	for len(d.bars) <= bar {
		d.bars = append(d.bars, 0)
	}
	d.bars[bar]++
	d.n++
	d.longest = max(d.longest, took)
}

// most is what so many percent took at most.
func (d *durations) most(percent int) time.Duration {
	passed := 0
	for bar, n := range d.bars {
		if passed += n; passed*100 >= d.n*percent {
			end := time.Duration(math.Pow(widening, float64(bar+1)) * float64(time.Microsecond))
			return min(end, d.longest)
		}
	}
	return d.longest
}

// Latencies returns how long attempts took so far, ordered by class. Classes
// without an answer are not among them.
func (c *Client) Latencies() []Latency {
	c.calls.mu.Lock()
	defer c.calls.mu.Unlock()
	var list []Latency
	for class, d := range c.calls.took {
		list = append(list, Latency{class, d.most(50), d.most(90), d.most(99)})
	}
	slices.SortFunc(list, func(a, b Latency) int { return cmp.Compare(a.Class, b.Class) })
	return list
}
