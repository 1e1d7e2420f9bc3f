package tallyfy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"guestlist/guest"
	"guestlist/ratelimit"
)

func TestConnectionsAreReused(t *testing.T) {
	var opened atomic.Int64
	var round atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		// Refusals with long bodies must not cost a connection either.
		if round.Add(1)%3 == 0 {
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = w.Write([]byte(strings.Repeat("x", 2*mostOfError)))
			return
		}
		_, _ = w.Write([]byte(`{"data":{"id":1,"email":"a@b.com"}}`))
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := newClient(t, Config{BaseURL: server.URL, Connections: 4})
	var group errgroup.Group
	for range 8 { // twice as many as there are connections
		group.Go(func() error {
			for range 25 {
				if _, err := c.Associate(background, "a@b.com", nil, nil); err != nil && asError(t, err).Status != 422 {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := opened.Load(); n > 4 {
		t.Errorf("200 calls opened %d connections", n)
	}
	total := 0
	for _, n := range c.Calls() {
		total += n.Count
	}
	if total != 200 {
		t.Errorf("%d calls counted", total)
	}
}

// A server that closes a kept connection when the next request comes makes
// net/http send a GET again by itself, which the gate would not know of.
func TestEveryRequestIsAnAttempt(t *testing.T) {
	var requests atomic.Int64
	c := serve(t, Config{Attempts: 5}, func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1)%2 == 0 {
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write([]byte(`{"data":{"id":1,"email":"a@b.com"}}`))
	})
	for range 3 {
		if _, err := c.Get(background, "a@b.com", false); err != nil {
			t.Fatal(err)
		}
	}
	want := []CallCount{{Class: ratelimit.Read, Status: 0, Count: 2}, {Class: ratelimit.Read, Status: 200, Count: 3}}
	if diff := cmp.Diff(want, c.Calls()); diff != "" || requests.Load() != 5 {
		t.Errorf("%d requests (-want +got)\n%s", requests.Load(), diff)
	}
}

// A body without end is neither kept nor read for ever.
func TestBodiesAreReadUpToABound(t *testing.T) {
	for status, most := range map[int]int{200: mostOfGuest, 400: mostOfError} {
		var body endless
		c := newClient(t, Config{Transport: transport(func(*http.Request) (*http.Response, error) {
			r, err := reply(status, "")
			r.Body, r.ContentLength = io.NopCloser(&body), -1
			return r, err
		})})
		_, err := c.Associate(background, "a@b.com", nil, nil)
		asError(t, err)
		if int(body) < most || int(body) > most+512<<10 {
			t.Errorf("status %d: read %d bytes", status, body)
		}
	}
}

// endless is a body that counts what was read of it.
type endless int

func (e *endless) Read(p []byte) (int, error) {
	if *e > 16<<20 {
		return 0, io.EOF
	}
	*e += endless(len(p))
	return copy(p, bytes.Repeat([]byte{' '}, len(p))), nil
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var other atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { other.Add(1) }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := serve(t, Config{}, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		_, get := c.Get(background, "a@b.com", false)
		_, create := c.Create(background, &guest.Guest{Email: "a@b.com"}, nil)
		for _, err := range []error{get, create} {
			if e := asError(t, err); e.Status != status || answers(e) != "" || !strings.Contains(e.Error(), "redirected") {
				t.Errorf("%d: got %v", status, err)
			}
		}
	}
	if other.Load() > 0 {
		t.Error("followed")
	}
}

func TestWhatEndsBeforeItLeavesDoesNotLeave(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	cancel()
	c := newClient(t, Config{Transport: replies(t)})
	_, create := c.Create(ctx, &guest.Guest{Email: "a@b.com"}, nil)
	_, get := c.Get(ctx, "a@b.com", false)
	for _, err := range []error{create, get} {
		var e *Error
		if !errors.Is(err, context.Canceled) || errors.As(err, &e) {
			t.Errorf("got %v", err)
		}
	}
}

// A write that waits for a connection when its context ends has not left.
func TestWriteThatWaitsForAConnectionDoesNotLeave(t *testing.T) {
	var requests atomic.Int64
	arrived, release := make(chan bool), make(chan bool)
	c := serve(t, Config{Connections: 1, Timeout: time.Hour, Grace: time.Hour}, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		arrived <- true
		<-release
		_, _ = w.Write([]byte(`{"data":{"id":1,"email":"a@b.com"}}`))
	})
	var group errgroup.Group
	group.Go(func() error {
		_, err := c.Associate(background, "a@b.com", nil, nil)
		return err
	})
	<-arrived // the only connection is taken
	ctx, cancel := context.WithCancel(background)
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err := c.Associate(ctx, "second@b.com", nil, nil)
	var e *Error
	if !errors.Is(err, context.Canceled) || errors.As(err, &e) {
		t.Errorf("got %v", err)
	}
	close(release)
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	if requests.Load() != 1 {
		t.Errorf("%d requests", requests.Load())
	}
}

func TestWriteOnItsWayHasAGrace(t *testing.T) {
	tests := []struct {
		name   string
		takes  time.Duration // the server, after the context ended
		status int
		ends   time.Duration // the call, after the context ended
	}{
		{"answered in time", 9 * time.Second, 201, 9 * time.Second},
		{"too late", 20 * time.Second, 0, 10 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(background)
				var ended time.Time
				c := newClient(t, Config{Transport: transport(func(r *http.Request) (*http.Response, error) {
					cancel()
					ended = time.Now()
					select {
					case <-time.After(tt.takes):
						return reply(201, `{"data":{"id":1,"email":"a@b.com"}}`)
					case <-r.Context().Done():
						return nil, r.Context().Err()
					}
				})})
				g, err := c.Create(ctx, &guest.Guest{Email: "a@b.com"}, nil)
				if took := time.Since(ended); took != tt.ends {
					t.Errorf("ended after %s, want %s", took, tt.ends)
				}
				if tt.status != 0 {
					if err := guestIs(g, err, "a@b.com", tt.status); err != nil {
						t.Error(err)
					}
					return
				}
				if e := asError(t, err); answers(e) != "fate unknown" || e.Error() != "create guest a@b.com: stopped on its way; the server may have done it" {
					t.Errorf("it is %q: %v", answers(e), e)
				}
			})
		})
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(background, 3*time.Second)
		defer cancel()
		start := time.Now()
		c := newClient(t, Config{Transport: transport(hang)})
		_, err := c.Get(ctx, "a@b.com", false)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
	})
}

func TestLookIsOneAttempt(t *testing.T) {
	for name, server := range map[string]transport{
		"500": always(500, `{}`), "broken connection": cut, "half an answer": half, "429": always(429, `{}`),
	} {
		c := newClient(t, Config{Transport: replies(t, server)})
		_, err := c.Look(background, "a@b.com")
		if e := asError(t, err); !e.FateUnknown() && !e.NotAdmitted() {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, err := newClient(t, Config{Transport: always(404, `{}`)}).Look(background, "a@b.com")
	if !asError(t, err).Absent() {
		t.Errorf("got %v", err)
	}
	g, err := newClient(t, Config{Transport: always(200, `{"data":{"id":1,"email":"a@b.com"}}`)}).Look(background, "a@b.com")
	if err := guestIs(g, err, "a@b.com", 200); err != nil {
		t.Error(err)
	}
	gate := openGate()
	pause(t, gate, ratelimit.Read, time.Hour)
	_, err = newClient(t, Config{Gate: gate, Patience: time.Second, Transport: replies(t)}).Look(background, "a@b.com")
	if !errors.Is(err, ratelimit.ErrLongWait) {
		t.Errorf("got %v", err)
	}
}

// The reason of a refusal stands in its body. Without the body nobody knows
// whether it was about the email.
func TestRefusalThatBreaksOffLeavesTheFateUnknown(t *testing.T) {
	for status, want := range map[int]string{404: "fate unknown", 422: "fate unknown", 429: "not admitted", 500: "fate unknown"} {
		c := newClient(t, Config{Transport: transport(func(r *http.Request) (*http.Response, error) {
			broken, err := half(r)
			broken.StatusCode = status
			return broken, err
		})})
		_, err := c.Associate(background, "a@b.com", nil, nil)
		if e := asError(t, err); answers(e) != want || e.Status != status {
			t.Errorf("%d: it is %q, want %q: %v", status, answers(e), want, err)
		}
	}
}
