//go:build !windows

package budgetredis

import (
	"context"
	"sync"
	"testing"
	"time"

	"guestlist/budgetredis/redistest"
	"guestlist/ratelimit"
)

// real is a Redis of its own on this machine.
type real struct{ address Address }

// startRedis starts one on a free port, with more arguments.
func startRedis(t *testing.T, more ...string) *real {
	t.Helper()
	return &real{address(t, "redis://"+redistest.Start(t, more...).Host)}
}

func address(t *testing.T, text string) Address {
	t.Helper()
	a, err := ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (r *real) gates(t *testing.T, n int, o ratelimit.Options) (all []*ratelimit.Gate) {
	t.Helper()
	for range n {
		s := Open(r.address, "acme@go.tallyfy.com")
		t.Cleanup(func() { _ = s.Close() })
		o.Store, o.Alone = s, 4
		all = append(all, ratelimit.New(o))
	}
	return all
}

// A real Redis does what the one in memory does.
func TestProcessesUseALimitTogetherByARealRedis(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	a := newAPI(20*time.Millisecond, limit(ratelimit.All, 30, second))
	took := together(t, a, 120, 2, r.gates(t, 8, ratelimit.Options{}), 5*minute, ratelimit.Create, ratelimit.Write)
	t.Logf("took %v, %.1f %%, %d refused", took, 100*3/took.Seconds(), a.refused)
	if a.refused > 1 || a.admitted != 120 {
		t.Errorf("%d calls were admitted, %d refused", a.admitted, a.refused)
	}
}

func TestMuchToTellToARealRedis(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	s := Open(r.address, "acme@go.tallyfy.com")
	defer s.Close()
	tellMuch(t, s)
}

// One exchange with Redis tells of a call and leases the next, and who waits for a
// time that it knows asks nothing.
func TestACallTakesOneExchange(t *testing.T) {
	t.Parallel()
	r := &measured{real: startRedis(t)}
	gates := r.gates(t, 3, ceiling(200, hour))
	for _, g := range gates {
		admit(t, g, 1, ratelimit.Create)
	}
	time.Sleep(300 * time.Millisecond) // the connections for news stand
	before := r.exchanges(t)
	for range 60 {
		admit(t, gates[0], 1, ratelimit.Create)
	}
	if n := r.exchanges(t) - before; n < 55 || n > 90 { // those who are late tell of a call before they ask for the next
		t.Errorf("60 calls took %d exchanges", n)
	}
	admit(t, gates[0], 200-63, ratelimit.Create)
	ctx, cancel := context.WithTimeout(t.Context(), 3*second)
	defer cancel()
	var group sync.WaitGroup
	for _, g := range gates {
		group.Go(func() { _, _ = g.Wait(ctx, ratelimit.Create) })
	}
	time.Sleep(second)
	before = r.exchanges(t)
	group.Wait()
	if n := r.exchanges(t) - before; n > 0 {
		t.Errorf("three that wait made %d exchanges in two seconds", n)
	}
}
