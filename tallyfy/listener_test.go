package tallyfy

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"guestlist/guest"
	"guestlist/sandbox"
)

// accident is what happens to a connection when some bytes have passed.
type accident struct {
	way  string // cut, reset or stall
	side string // of whose bytes: connect, request or answer

	// inBody counts the bytes from the end of the headers on, and not from the
	// beginning.
	inBody bool
	after  int // bytes that still pass
}

// badListener hands out connections that are good, until strike says what is to
// happen to the next one that is opened, or used.
type badListener struct {
	net.Listener
	next    atomic.Pointer[accident]
	struck  atomic.Int64
	opened  atomic.Int64
	quit    chan bool // closed to end all stalls
	endOnce sync.Once
}

func newBadListener(l net.Listener) *badListener {
	return &badListener{Listener: l, quit: make(chan bool)}
}

func (l *badListener) strike(a accident) { l.next.Store(&a) }

func (l *badListener) end() { l.endOnce.Do(func() { close(l.quit) }) }

func (l *badListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.opened.Add(1)
	bad := &badConn{TCPConn: conn.(*net.TCPConn), listener: l}
	if a := l.next.Load(); a != nil && a.side == "connect" && l.next.CompareAndSwap(a, nil) {
		bad.happens(a)
	}
	return bad, nil
}

// badConn is the server's end of a connection. Reading and writing are each for
// one goroutine at a time, as net/http does it.
type badConn struct {
	*net.TCPConn
	listener *badListener
	request  passage // what the client sends
	answer   passage
	over     atomic.Pointer[accident]
}

func (c *badConn) Read(p []byte) (int, error) {
	if err := c.dead(); err != nil {
		return 0, err
	}
	n, err := c.TCPConn.Read(p)
	c.arm(&c.request, "request")
	if passes := c.request.pass(p[:n]); passes < n {
		if c.happens(c.request.accident); passes == 0 {
			return 0, c.dead()
		}
		return passes, nil
	}
	return n, err
}

func (c *badConn) Write(p []byte) (int, error) {
	if err := c.dead(); err != nil {
		return 0, err
	}
	c.arm(&c.answer, "answer")
	passes := c.answer.pass(p)
	n, err := c.TCPConn.Write(p[:passes])
	if err != nil || passes == len(p) {
		return n, err
	}
	c.happens(c.answer.accident)
	return n, c.dead()
}

// arm takes the next accident, if it is of that side and there is none yet.
func (c *badConn) arm(p *passage, side string) {
	if a := c.listener.next.Load(); a != nil && a.side == side && p.accident == nil && c.listener.next.CompareAndSwap(a, nil) {
		*p = passage{accident: a}
	}
}

func (c *badConn) happens(a *accident) {
	c.listener.struck.Add(1)
	c.over.Store(a)
	switch a.way {
	case "cut":
		_ = c.CloseWrite()
		_, _ = io.Copy(io.Discard, c.TCPConn) // what is left unread would make it a reset
		_ = c.Close()
	case "reset":
		_ = c.SetLinger(0)
		_ = c.Close()
	}
}

// dead is the error of a connection that had its accident. One that stalls says
// so when the test ends.
func (c *badConn) dead() error {
	a := c.over.Load()
	if a == nil {
		return nil
	}
	if a.way == "stall" {
		<-c.listener.quit
	}
	return net.ErrClosed
}

// passage lets the bytes of one direction pass until the accident.
type passage struct {
	accident *accident // nil: there is none
	seen     int       // bytes
	ended    int       // how much of the blank line that ends the headers was seen last
	inBody   bool
	bodySeen int
}

// pass returns how many of the bytes pass.
func (p *passage) pass(b []byte) int {
	if p.accident == nil {
		return len(b)
	}
	for i, c := range b {
		if passed := p.seen; !p.accident.inBody && passed == p.accident.after || p.inBody && p.accident.inBody && p.bodySeen == p.accident.after {
			return i
		}
		p.seen++
		const end = "\r\n\r\n"
		switch {
		case p.inBody:
			p.bodySeen++
		case c == end[p.ended]:
			p.ended++
			p.inBody = p.ended == len(end)
		case c == end[0]:
			p.ended = 1
		default:
			p.ended = 0
		}
	}
	return len(b)
}

// Whatever happens to a connection, and wherever: a read is repeated and
// succeeds; a write is sent once, and what its error says of it is true.
func TestConnectionsThatBreak(t *testing.T) {
	places := []struct {
		name string
		accident
		kept bool // on a connection that has served a call before
	}{
		{"at connect", accident{side: "connect"}, false},
		{"before the request", accident{side: "request"}, false},
		{"before the request on a kept connection", accident{side: "request"}, true},
		{"in the request's headers", accident{side: "request", after: 30}, false},
		{"in the request's headers on a kept connection", accident{side: "request", after: 30}, true},
		{"in the request's body", accident{side: "request", inBody: true, after: 9}, false},
		{"before the answer", accident{side: "answer"}, false},
		{"before the answer on a kept connection", accident{side: "answer"}, true},
		{"in the answer's status", accident{side: "answer", after: 5}, false},
		{"in the answer's headers", accident{side: "answer", after: 40}, false},
		{"before the answer's body", accident{side: "answer", inBody: true}, false},
		{"in the answer's body", accident{side: "answer", inBody: true, after: 50}, false},
		{"in the answer's body on a kept connection", accident{side: "answer", inBody: true, after: 50}, true},
	}
	var group errgroup.Group
	group.SetLimit(16) // most of the time is spent waiting
	for _, place := range places {
		for _, way := range []string{"cut", "reset", "stall"} {
			for call := range everyCall {
				if place.name == "in the request's body" && !isWrite(call) {
					continue
				}
				a := place.accident
				a.way = way
				group.Go(func() error {
					t.Run(fmt.Sprintf("%s %s, %s", call, way, place.name), func(t *testing.T) { breakOnce(t, call, a, place.kept) })
					return nil
				})
			}
		}
	}
	_ = group.Wait()
}

func breakOnce(t *testing.T, call string, a accident, kept bool) {
	s := sandbox.New(sandbox.Options{Org: "acme", Token: testToken, Guests: 20})
	if call != "create" {
		s.Put(sandbox.Guest{Email: "a@b.com"})
	}
	server := httptest.NewUnstartedServer(s)
	listener := newBadListener(server.Listener)
	server.Listener = listener
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(listener.end)
	timeout := 20 * time.Second
	if a.way == "stall" {
		timeout = 250 * time.Millisecond
	}
	c := newClient(t, Config{BaseURL: server.URL + "/api", Timeout: timeout})
	if kept {
		if _, err := c.Members(background); err != nil {
			t.Fatal(err)
		}
	}
	before, opened := len(s.Log()), listener.opened.Load()
	listener.strike(a)
	err := everyCall[call](c)
	if n := listener.struck.Load(); n != 1 {
		t.Fatalf("%d accidents, then %v", n, err)
	}
	if !isWrite(call) {
		if err != nil {
			t.Error(err)
		}
		return
	}

	e := asError(t, err)
	// The connection may already break while it is made.
	if neverLeft := a.side == "connect" && answers(e) == "not admitted"; answers(e) != "fate unknown" && !neverLeft {
		t.Errorf("it is %q: %v", answers(e), e)
	}
	checkSecrets(t, err)
	// An attempt that is made again by anybody would come on a connection of its own.
	if n := listener.opened.Load() - opened; n > 1 {
		t.Errorf("%d connections for one write", n)
	}
	writes := slices.DeleteFunc(s.Log()[before:], func(c sandbox.Call) bool { return c.Method == http.MethodGet })
	arrived := a.side == "answer"
	if done := len(writes) == 1; done != arrived || len(writes) > 1 {
		t.Errorf("the server saw %d writes: %v", len(writes), writes)
	}
	// The look that the error asks for tells what became of it.
	g, err := c.Get(background, "a@b.com", false)
	if call == "create" {
		if found := err == nil; found != arrived || !found && !asError(t, err).Absent() {
			t.Errorf("looked, and got %v", err)
		}
		if admitted, _ := s.Creates("a@b.com"); admitted > 1 {
			t.Errorf("%d creates", admitted)
		}
	} else if err != nil || g.AssociatedMembers == "1001" != arrived {
		t.Errorf("looked, and got %v, %v", g, err)
	}
}

// A write that finds nobody to connect to has not left, on whichever connection.
func TestWriteWithoutAServerDoesNotLeave(t *testing.T) {
	s := sandbox.New(sandbox.Options{Org: "acme", Token: testToken})
	server := httptest.NewServer(s)
	c := newClient(t, Config{BaseURL: server.URL + "/api"})
	if _, err := c.Create(background, &guest.Guest{Email: "a@b.com"}, nil); err != nil {
		t.Error(err)
	}
	server.Close() // closes the kept connection too
	for {
		_, err := c.Create(background, &guest.Guest{Email: "b@b.com"}, nil)
		if e := asError(t, err); answers(e) == "not admitted" {
			break
		}
	}
	if admitted, _ := s.Creates("b@b.com"); admitted != 0 {
		t.Errorf("%d creates", admitted)
	}
}
