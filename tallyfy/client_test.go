package tallyfy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"guestlist/guest"
	"guestlist/ratelimit"
)

// request is what a server saw.
type request struct {
	Line, Body string
	Header     map[string]string
}

// recorder answers every request alike and keeps it.
type recorder struct {
	answer string
	mu     sync.Mutex
	seen   []request
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	var body strings.Builder
	_ = q.Write(&body)
	_, sent, _ := strings.Cut(body.String(), "\r\n\r\n")
	seen := request{Line: q.Method + " " + q.RequestURI, Body: sent, Header: map[string]string{}}
	for name, values := range q.Header {
		seen.Header[name] = strings.Join(values, "|")
	}
	r.mu.Lock()
	r.seen = append(r.seen, seen)
	r.mu.Unlock()
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write([]byte(r.answer))
}

func TestRequests(t *testing.T) {
	// Every character that is reserved in a path, or means something to somebody on the way.
	const odd = `o'k+%2F/?#&=@[a]:;,!$*() "é` + "`~.com"
	const escaped = `o%27k%2B%252F%2F%3F%23%26%3D%40%5Ba%5D%3A%3B%2C%21%24%2A%28%29%20%22%C3%A9%60~.com`
	tests := []struct {
		name string
		call func(c *Client) error
		want request
	}{
		{
			"create",
			func(c *Client) error {
				g, err := c.Create(background, &guest.Guest{Email: "a@b.com", CompanyName: "<A>", AssociatedMembers: "1"}, nil)
				return guestIs(g, err, "a@b.com", 201)
			},
			request{Line: "POST /api/organizations/ac%2Fme/guests", Body: `{"email":"a@b.com","company_name":"<A>"}`},
		},
		{
			"associate",
			func(c *Client) error {
				g, err := c.Associate(background, odd, []int64{1001, 1 << 60})
				return guestIs(g, err, "a@b.com", 201)
			},
			request{Line: "PUT /api/organizations/ac%2Fme/guests/" + escaped, Body: `{"associated_members":[1001,1152921504606846976]}`},
		},
		{
			"associate nobody",
			func(c *Client) error {
				_, err := c.Associate(background, "a@b.com", nil)
				return err
			},
			request{Line: "PUT /api/organizations/ac%2Fme/guests/a%40b.com", Body: `{"associated_members":[]}`},
		},
		{
			"get",
			func(c *Client) error {
				g, err := c.Get(background, odd, false)
				return guestIs(g, err, "a@b.com", 201)
			},
			request{Line: "GET /api/organizations/ac%2Fme/guests/" + escaped},
		},
		{
			"get with statistics",
			func(c *Client) error {
				_, err := c.Get(background, "a@b.com", true)
				return err
			},
			request{Line: "GET /api/organizations/ac%2Fme/guests/a%40b.com?with=stats"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := &recorder{answer: `{"data":{"id":1,"email":"a@b.com"}}`}
			c := serve(t, Config{Org: "ac/me", UserAgent: "guestlist/1"}, server.ServeHTTP)
			if err := tt.call(c); err != nil {
				t.Fatal(err)
			}
			tt.want.Header = map[string]string{
				"Authorization": "Bearer " + testToken, "Accept": "application/json", "X-Tallyfy-Client": "APIClient",
				"User-Agent": "guestlist/1", "Accept-Encoding": "gzip",
			}
			if tt.want.Body != "" {
				tt.want.Header["Content-Type"] = "application/json"
				tt.want.Header["Content-Length"] = fmt.Sprint(len(tt.want.Body))
			}
			if diff := cmp.Diff([]request{tt.want}, server.seen); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func guestIs(g *Guest, err error, email string, status int) error {
	if err == nil && (g.Email != email || g.HTTPStatus != status) {
		return fmt.Errorf("got %s with status %d", g.Email, g.HTTPStatus)
	}
	return err
}

func TestCallsWithoutAnEmailAreNotSent(t *testing.T) {
	c := newClient(t, Config{Transport: replies(t)})
	_, create := c.Create(background, &guest.Guest{FirstName: "A"}, nil)
	_, associate := c.Associate(background, "", []int64{1})
	_, get := c.Get(background, "", false)
	for _, err := range []error{create, associate, get} {
		if !errors.Is(err, errNoEmail) {
			t.Errorf("got %v", err)
		}
	}
}

func TestAnySuccessIsSuccess(t *testing.T) {
	for _, status := range []int{200, 201, 202, 203, 206} {
		c := newClient(t, Config{Transport: always(status, `{"data":{"id":1,"email":"a@b.com"}}`)})
		g, err := c.Create(background, &guest.Guest{Email: "a@b.com"}, nil)
		if err := guestIs(g, err, "a@b.com", status); err != nil {
			t.Error(err)
		}
	}
	c := newClient(t, Config{Transport: always(http.StatusNoContent, "")})
	g, err := c.Associate(background, "a@b.com", nil)
	if err := guestIs(g, err, "a@b.com", http.StatusNoContent); err != nil || g.Has("associated_members") {
		t.Error(err, g)
	}
}

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
				if _, err := c.Associate(background, "a@b.com", nil); err != nil && asError(t, err).Status != 422 {
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
		_, err := c.Associate(background, "a@b.com", nil)
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

// The note that a create is about to leave is made when it leaves, not when it
// begins to wait; without the note it does not leave.
func TestCreateIsNotedBeforeItLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := openGate()
		gate.Pause(time.Now().Add(time.Hour), ratelimit.Create)
		start := time.Now()
		var noted, left time.Duration
		c := newClient(t, Config{Gate: gate, Transport: transport(func(*http.Request) (*http.Response, error) {
			left = time.Since(start)
			return reply(201, `{"data":{"id":1,"email":"a@b.com"}}`)
		})})
		_, err := c.Create(background, &guest.Guest{Email: "a@b.com"}, func() error {
			noted = time.Since(start)
			time.Sleep(time.Second)
			return nil
		})
		if err != nil || noted < time.Hour || left != noted+time.Second {
			t.Errorf("noted after %s, left after %s, %v", noted, left, err)
		}
	})
	full := errors.New("disk full")
	c := newClient(t, Config{Transport: replies(t)})
	_, err := c.Create(background, &guest.Guest{Email: "a@b.com"}, func() error { return full })
	var e *Error
	if !errors.Is(err, full) || errors.As(err, &e) || c.Calls() != nil {
		t.Errorf("got %v, calls %v", err, c.Calls())
	}
}

func TestPatienceIsForWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := openGate()
		found := always(200, `{"data":{"id":1,"email":"a@b.com"}}`)
		c := newClient(t, Config{Gate: gate, Patience: time.Second, Transport: replies(t, found, found)})
		if _, err := c.Associate(background, "a@b.com", nil); err != nil {
			t.Error(err)
		}
		gate.Pause(time.Now().Add(time.Minute))
		noted := false
		_, create := c.Create(background, &guest.Guest{Email: "a@b.com"}, func() error {
			noted = true
			return nil
		})
		_, associate := c.Associate(background, "a@b.com", nil)
		for _, err := range []error{create, associate} {
			var e *Error
			if !errors.Is(err, ratelimit.ErrLongWait) || errors.As(err, &e) {
				t.Errorf("got %v", err)
			}
		}
		if noted {
			t.Error("noted a create that did not leave")
		}
		if _, err := c.Get(background, "a@b.com", false); err != nil {
			t.Errorf("a read was not patient: %v", err)
		}
	})
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

func TestCallsAreCountedByClassAndStatus(t *testing.T) {
	ok := always(200, `{"data":{"id":1,"email":"a@b.com"}}`)
	c := newClient(t, Config{Transport: replies(t, ok, ok, always(422, `{}`), cut, ok)})
	if c.Calls() != nil {
		t.Errorf("counted before the first: %v", c.Calls())
	}
	for range 4 {
		_, _ = c.Create(background, &guest.Guest{Email: "a@b.com"}, nil)
	}
	_, _ = c.Get(background, "a@b.com", false)
	want := []CallCount{{ratelimit.Read, 200, 1}, {ratelimit.Create, 0, 1}, {ratelimit.Create, 200, 2}, {ratelimit.Create, 422, 1}}
	if got := c.Calls(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
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
		_, err := c.Associate(background, "first@b.com", nil)
		return err
	})
	<-arrived // the only connection is taken
	ctx, cancel := context.WithCancel(background)
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err := c.Associate(ctx, "second@b.com", nil)
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
