package budgetredis

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"guestlist/ratelimit"
)

// fake is a Redis in memory, for tests in a bubble of time. Nobody listens on the
// network: that would keep the time from passing.
type fake struct {
	*miniredis.Miniredis
	server *server.Server

	exchanges atomic.Int64
	fails     atomic.Int64 // the exchange of that number does; 0: none
	takes     atomic.Int64 // what is sent, in nanoseconds

	mu    sync.Mutex
	conns []net.Conn
	stuck bool // it takes what is sent and never answers
	gone  bool // it refuses connections
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{Miniredis: miniredis.NewMiniRedis()}
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	f.server = f.Server()
	f.server.Close()
	f.server.SetPreHook(func(p *server.Peer, command string, _ ...string) bool {
		if command != "EVALSHA" && command != "EVAL" || f.exchanges.Add(1) != f.fails.Load() {
			return false
		}
		p.WriteError("OOM command not allowed when used memory > 'maxmemory'.")
		return true
	})
	t.Cleanup(f.hangUp)
	return f
}

func (f *fake) dial(context.Context, string, string) (net.Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gone {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: net.ErrClosed}
	}
	ours, theirs := net.Pipe()
	f.conns = append(f.conns, theirs)
	if f.stuck {
		return ours, nil
	}
	f.server.ServeConn(theirs)
	return slow{ours, f}, nil
}

// slow is a connection on which things take their time.
type slow struct {
	net.Conn
	f *fake
}

func (s slow) Write(b []byte) (int, error) {
	time.Sleep(time.Duration(s.f.takes.Load()))
	return s.Conn.Write(b)
}

// hangUp ends all connections.
func (f *fake) hangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		_ = c.Close()
	}
	f.conns = nil
}

// set says whether it answers, and whether it can be reached, from now on.
func (f *fake) set(stuck, gone bool) {
	f.mu.Lock()
	f.stuck, f.gone = stuck, gone
	f.mu.Unlock()
	f.hangUp()
}

// open returns a store of its own in it.
func (f *fake) open(t *testing.T) *Store {
	t.Helper()
	a, err := ParseAddress("redis://redis.example")
	if err != nil {
		t.Fatal(err)
	}
	s := open(a, "acme@go.tallyfy.com", f.dial)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// gate returns a gate of its own, as one process has it.
func (f *fake) gate(t *testing.T, o ratelimit.Options) *ratelimit.Gate {
	t.Helper()
	o.Store, o.Alone = f.open(t), 4
	return ratelimit.New(o)
}

func (f *fake) gates(t *testing.T, n int, o ratelimit.Options) (all []*ratelimit.Gate) {
	t.Helper()
	for range n {
		all = append(all, f.gate(t, o))
	}
	return all
}
