package tallyfy

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

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
		name  string
		email string // of the record in the answer
		call  func(c *Client) error
		want  request
	}{
		{
			"create", "a@b.com",
			func(c *Client) error {
				g, err := c.Create(background, &guest.Guest{Email: "a@b.com", CompanyName: "<A>", AssociatedMembers: "1"}, nil)
				return guestIs(g, err, "a@b.com", 201)
			},
			request{Line: "POST /api/organizations/ac%2Fme/guests", Body: `{"email":"a@b.com","company_name":"<A>"}`},
		},
		{
			"associate", odd,
			func(c *Client) error {
				g, err := c.Associate(background, odd, []int64{1001, 1 << 60}, nil)
				return guestIs(g, err, odd, 201)
			},
			request{Line: "PUT /api/organizations/ac%2Fme/guests/" + escaped, Body: `{"associated_members":[1001,1152921504606846976]}`},
		},
		{
			"associate nobody", "a@b.com",
			func(c *Client) error {
				_, err := c.Associate(background, "a@b.com", nil, nil)
				return err
			},
			request{Line: "PUT /api/organizations/ac%2Fme/guests/a%40b.com", Body: `{"associated_members":[]}`},
		},
		{
			"get", odd,
			func(c *Client) error {
				g, err := c.Get(background, odd, false)
				return guestIs(g, err, odd, 201)
			},
			request{Line: "GET /api/organizations/ac%2Fme/guests/" + escaped},
		},
		{
			"get with statistics", "a@b.com",
			func(c *Client) error {
				_, err := c.Get(background, "a@b.com", true)
				return err
			},
			request{Line: "GET /api/organizations/ac%2Fme/guests/a%40b.com?with=stats"},
		},
		{
			"delete", odd,
			func(c *Client) error {
				g, err := c.Delete(background, odd, nil)
				return guestIs(g, err, odd, 201)
			},
			request{Line: "DELETE /api/organizations/ac%2Fme/guests/" + escaped},
		},
		{
			"disable", odd,
			func(c *Client) error {
				g, err := c.Disable(background, odd, nil)
				return guestIs(g, err, odd, 201)
			},
			request{Line: "DELETE /api/organizations/ac%2Fme/guests/" + escaped + "/disable"},
		},
		{
			"enable", odd,
			func(c *Client) error {
				g, err := c.Enable(background, odd, nil)
				return guestIs(g, err, odd, 201)
			},
			request{Line: "PUT /api/organizations/ac%2Fme/guests/" + escaped + "/enable", Body: "{}"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := &recorder{answer: fmt.Sprintf(`{"data":{"id":1,"email":%q}}`, tt.email)}
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
	_, associate := c.Associate(background, "", []int64{1}, nil)
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
	g, err := c.Associate(background, "a@b.com", nil, nil)
	if err := guestIs(g, err, "a@b.com", http.StatusNoContent); err != nil || g.Has("associated_members") {
		t.Error(err, g)
	}
}

// The note that a create is about to leave is made when it leaves, not when it
// begins to wait; without the note it does not leave.
func TestCreateIsNotedBeforeItLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := openGate()
		pause(t, gate, ratelimit.Create, time.Hour)
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
		if _, err := c.Associate(background, "a@b.com", nil, nil); err != nil {
			t.Error(err)
		}
		pause(t, gate, ratelimit.Read, time.Minute)
		noted := false
		_, create := c.Create(background, &guest.Guest{Email: "a@b.com"}, func() error {
			noted = true
			return nil
		})
		_, associate := c.Associate(background, "a@b.com", nil, nil)
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
