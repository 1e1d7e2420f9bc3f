package importer

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/results"
	"guestlist/sandbox"
	"guestlist/sandbox/sandboxtest"
)

// nominal is the delay after that many tries, before chance makes it up to a half
// shorter or longer.
func nominal(tries int) time.Duration {
	return []time.Duration{1, 2, 4, 8, 16, 30, 30, 30}[tries-1] * time.Second
}

func TestBackoffDoublesGiveOrTakeAHalf(t *testing.T) {
	for tries := 1; tries <= 8; tries++ {
		middle := nominal(tries)
		shortest, longest := time.Hour, time.Duration(0)
		for range 1000 {
			d := backoff(tries)
			shortest, longest = min(shortest, d), max(longest, d)
		}
		if shortest < middle/2 || longest > middle*3/2 {
			t.Errorf("after %d tries it is %s to %s, want %s to %s", tries, shortest, longest, middle/2, middle*3/2)
		}
		if shortest > middle*6/10 || longest < middle*14/10 {
			t.Errorf("after %d tries it is %s to %s only: rows that failed together come back together", tries, shortest, longest)
		}
	}
	if d := backoff(1000); d < 15*time.Second || d > 45*time.Second {
		t.Errorf("after 1000 tries it is %s", d)
	}
}

// departures is a network that notes when requests of one method leave.
type departures struct {
	http.RoundTripper
	method string
	of     string // part of the path

	mu    sync.Mutex
	times []time.Time
}

func (d *departures) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == d.method && strings.Contains(r.URL.Path, d.of) {
		d.mu.Lock()
		d.times = append(d.times, time.Now())
		d.mu.Unlock()
	}
	return d.RoundTripper.RoundTrip(r)
}

// A create that gets lost again and again comes back later each time, and never
// before the server has had its twenty seconds.
func TestDelaysBetweenLostCreatesGrow(t *testing.T) {
	server := sandbox.New(sandbox.Options{Faults: []sandbox.Fault{{Kind: sandbox.CutBefore, Percent: 100, Class: "create"}}})
	synctest.Test(t, func(t *testing.T) {
		network := &departures{RoundTripper: sandboxtest.Direct{Handler: server}, method: http.MethodPost}
		b := newBenchAt(t, "http://127.0.0.1/api", network)
		b.mustRun("email\nann@acme.example.com\n")
		if len(network.times) != 8 {
			t.Fatalf("%d tries, want 8", len(network.times))
		}
		for i := range 7 {
			gap, more := network.times[i+1].Sub(network.times[i])-20*time.Second, time.Duration(0)
			if i > 0 {
				more = nominal(i)
			}
			if gap < more/2 || gap > more*3/2+time.Millisecond {
				t.Errorf("20 s and %s after try %d, want %s to %s more", gap, i+1, more/2, more*3/2)
			}
		}
	})
}

// However a row fails again and again, each of its tries comes later than the
// one before.
func TestDelaysBetweenTriesGrow(t *testing.T) {
	for _, tc := range []struct {
		name    string
		method  string
		of      string
		there   bool // the guest is
		network func(*sandbox.Sandbox) http.RoundTripper
		fault   sandbox.Fault
	}{
		{
			"updates that the server fails at", http.MethodPut, "", true,
			func(s *sandbox.Sandbox) http.RoundTripper { return sandboxtest.Direct{Handler: s} },
			sandbox.Fault{Kind: sandbox.ServerError, Percent: 100, Class: "update"},
		},
		{
			"updates that get lost", http.MethodPut, "", true,
			func(s *sandbox.Sandbox) http.RoundTripper { return sandboxtest.Direct{Handler: s} },
			sandbox.Fault{Kind: sandbox.CutBefore, Percent: 100, Class: "update"},
		},
		{
			"creates that find no connection", http.MethodPost, "", false,
			func(s *sandbox.Sandbox) http.RoundTripper { return unreachable{sandboxtest.Direct{Handler: s}} },
			sandbox.Fault{Kind: sandbox.ServerError},
		},
		{
			"look-ups of a create that got lost", http.MethodGet, "ann", false,
			func(s *sandbox.Sandbox) http.RoundTripper { return blindAfterCreate(s) },
			sandbox.Fault{Kind: sandbox.CutBefore, Percent: 100, Class: "create"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Faults: []sandbox.Fault{tc.fault}})
			if tc.there {
				server.Put(sandbox.Guest{Email: "ann@acme.example.com"})
			}
			server.Put(sandbox.Guest{Email: "bob@acme.example.com"})
			synctest.Test(t, func(t *testing.T) {
				network := &departures{RoundTripper: tc.network(server), method: tc.method, of: tc.of}
				b := newBenchAt(t, "http://127.0.0.1/api", network)
				// Two rows, so that the plan lists and asks for nobody.
				lines := b.mustRun("email,associated_members\nann@acme.example.com,1001\nbob@acme.example.com,\n")
				if lines[0].Status != results.Failed {
					t.Errorf("the row ended as %+v", lines[0])
				}
				if len(network.times) != 8 {
					t.Fatalf("%d tries, want 8", len(network.times))
				}
				for i := range 7 {
					gap, middle := network.times[i+1].Sub(network.times[i]), nominal(i+1)
					if gap < middle/2 || gap > middle*3/2+time.Millisecond {
						t.Errorf("%s after try %d, want %s to %s", gap, i+1, middle/2, middle*3/2)
					}
				}
			})
		})
	}
}

// blindAfterCreate is a server that fails at every look-up once a create came.
func blindAfterCreate(server http.Handler) http.RoundTripper {
	blind := false
	return sandboxtest.Direct{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		blind = blind || r.Method == http.MethodPost
		if blind && r.Method == http.MethodGet {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		server.ServeHTTP(w, r)
	})}
}

// connecting is a network on which the creates of one guest wait for a
// connection until they are given up.
type connecting struct {
	sandboxtest.Direct
	stuck bool
}

func (c *connecting) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost || !c.stuck {
		return c.Direct.RoundTrip(r)
	}
	httptrace.ContextClientTrace(r.Context()).GetConn("127.0.0.1:80")
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// A create that was given up before it left was never sent: it is no attempt, and
// a resume has nothing to wait for.
func TestCreateThatIsGivenUpBeforeItLeaves(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	server.Put(sandbox.Guest{Email: "ann@acme.example.com"})
	synctest.Test(t, func(t *testing.T) {
		network := &connecting{Direct: sandboxtest.Direct{Handler: server}, stuck: true}
		b := newBenchAt(t, "http://127.0.0.1/api", network)
		b.input("email,associated_members\nann@acme.example.com,1001\nbob@acme.example.com,\n")
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := b.start(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error is %v", err)
		}
		network.stuck = false
		began := time.Now()
		if err := b.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if lines := b.lines(); lines[0].Status != results.Updated || lines[1].Status != results.Created || lines[1].Attempts != 1 {
			t.Errorf("the rows ended as %+v", lines)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("the resume took %s", took)
		}
	})
}
