package tallyfy

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"guestlist/ratelimit"
)

// CallCount is how many attempts of one class ended with one status.
type CallCount struct {
	Class  ratelimit.Class
	Status int // zero: no answer came
	Count  int
}

// calls counts attempts. The zero value is ready to use.
type calls struct {
	mu     sync.Mutex
	counts map[CallCount]int // by class and status
	took   map[ratelimit.Class]*durations
}

func (c *calls) count(class ratelimit.Class, status int, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts, c.took = map[CallCount]int{}, map[ratelimit.Class]*durations{}
	}
	c.counts[CallCount{Class: class, Status: status}]++
	if status == 0 {
		return
	}
	if c.took[class] == nil {
		c.took[class] = &durations{}
	}
	c.took[class].add(took)
}

// Calls returns how many attempts there were so far, ordered by class and
// status. Attempts that are under way are not among them.
func (c *Client) Calls() []CallCount {
	c.calls.mu.Lock()
	defer c.calls.mu.Unlock()
	var list []CallCount
	for kind, n := range c.calls.counts {
		kind.Count = n
		list = append(list, kind)
	}
	slices.SortFunc(list, func(a, b CallCount) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Status, b.Status))
	})
	return list
}
