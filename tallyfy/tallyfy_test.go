package tallyfy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"guestlist/ratelimit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testToken = "token-that-must-not-be-seen"

// openGate lets everything go, but for pauses.
func openGate() *ratelimit.Gate {
	return ratelimit.New(ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 100_000, Window: time.Second}})
}

// pause has a call of a class answered with a wait: of every class, but for a
// create, which was refused.
func pause(t *testing.T, gate *ratelimit.Gate, class ratelimit.Class, wait time.Duration) {
	t.Helper()
	pass, err := gate.Wait(background, class)
	if err != nil {
		t.Fatal(err)
	}
	pass.Answered(ratelimit.Answer{Wait: wait, Refused: class == ratelimit.Create})
}

// newClient fills in what the configuration leaves out.
func newClient(t testing.TB, o Config) *Client {
	t.Helper()
	if o.BaseURL == "" {
		o.BaseURL = "http://localhost/api"
	}
	if o.Org == "" {
		o.Org = "acme"
	}
	if o.Token == "" && o.Application == nil {
		o.Token = testToken
	}
	if o.Gate == nil {
		o.Gate = openGate()
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdle)
	return c
}

// serve starts a server on the loopback and returns a client of it.
func serve(t testing.TB, o Config, h http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	o.BaseURL = server.URL + "/api"
	return newClient(t, o)
}

// transport answers requests without a network.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// reply makes a response; headers are "Name: value".
func reply(status int, body string, headers ...string) (*http.Response, error) {
	r := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return r, nil
}

// always answers every request alike.
func always(status int, body string, headers ...string) transport {
	return func(*http.Request) (*http.Response, error) { return reply(status, body, headers...) }
}

// replies answers with one after the other, and fails when there are no more.
func replies(t testing.TB, each ...transport) transport {
	return func(r *http.Request) (*http.Response, error) {
		if len(each) == 0 {
			t.Error("one request too many")
			return nil, errors.New("no more answers")
		}
		next := each[0]
		each = each[1:]
		return next(r)
	}
}

// hang never answers.
func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// cut breaks the connection before the answer.
func cut(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

// half breaks the connection in the middle of the answer.
func half(*http.Request) (*http.Response, error) {
	r, err := reply(http.StatusOK, "")
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"data":{"id":1,`), brokenReader{}))
	r.ContentLength = 500
	return r, err
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// testFile returns one of the documentation's examples.
func testFile(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(content)
}

// asError returns err as an *Error.
func asError(t testing.TB, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	return e
}

var background = context.Background()
