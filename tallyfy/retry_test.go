package tallyfy

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"guestlist/guest"
	"guestlist/ratelimit"
)

const anna = `{"data":{"id":1,"email":"anna@b.com"}}`

func TestReadsAreRepeated(t *testing.T) {
	found := always(200, anna)
	page := always(502, "<html>")
	tests := []struct {
		name    string
		server  []transport // its answers, one after the other
		atLeast time.Duration
		atMost  time.Duration
	}{
		{"not without need", []transport{found}, 0, 0},
		{"500", []transport{always(500, `{}`), found}, 500 * time.Millisecond, 750 * time.Millisecond},
		{"503 without a time", []transport{always(503, `{}`), found}, 500 * time.Millisecond, 750 * time.Millisecond},
		{"page of a proxy", []transport{page, found}, 500 * time.Millisecond, 750 * time.Millisecond},
		{"page with success", []transport{always(200, "<html>"), found}, 500 * time.Millisecond, 750 * time.Millisecond},
		{"half an answer", []transport{half, found}, 500 * time.Millisecond, 750 * time.Millisecond},
		{"half of the JSON", []transport{always(200, anna[:20]), found}, 500 * time.Millisecond, 750 * time.Millisecond},
		{"broken connection", []transport{cut, found}, 500 * time.Millisecond, 750 * time.Millisecond},
		{"no answer", []transport{hang, found}, 60*time.Second + 500*time.Millisecond, 60*time.Second + 750*time.Millisecond},
		{"growing delays", []transport{page, page, page, page, page, page, page, found}, 61500 * time.Millisecond, 92250 * time.Millisecond},
		{"429 with a time", []transport{always(429, `{}`, "Retry-After: 7"), found}, 7 * time.Second, 8 * time.Second},
		{"429 with an hour", []transport{always(429, `{}`, "Retry-After: 3600"), found}, time.Hour, time.Hour + time.Second},
		{"429 without a time", []transport{always(429, `{}`), found}, 500 * time.Millisecond, 2 * time.Second},
		{"503 with a time", []transport{always(503, `{}`, "Retry-After: 7"), found}, 7 * time.Second, 8 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told time.Duration
				c := newClient(t, Config{Transport: replies(t, tt.server...), Retrying: func(err error, delay time.Duration) {
					if told += delay; err == nil {
						t.Error("a read is tried again, and nobody is told why")
					}
				}})
				start := time.Now()
				g, err := c.Get(background, "anna@b.com", false)
				if err != nil || g.Email != "anna@b.com" {
					t.Fatal(err)
				}
				if told > time.Since(start) {
					t.Errorf("told of delays of %s in %s", told, time.Since(start))
				}
				if tt.name == "growing delays" && told != time.Since(start) {
					t.Errorf("told of delays of %s of %s", told, time.Since(start))
				}
				if took := time.Since(start); took < tt.atLeast || took > tt.atMost {
					t.Errorf("took %s, want %s to %s", took, tt.atLeast, tt.atMost)
				}
			})
		})
	}
}

func TestPutOffReadsDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		c := newClient(t, Config{Attempts: 2, Transport: transport(func(*http.Request) (*http.Response, error) {
			tries++
			switch {
			case tries == 50:
				return reply(500, `{}`)
			case tries == 100:
				return reply(200, anna)
			case tries%3 == 0:
				return reply(429, `{}`)
			case tries%3 == 1:
				return reply(503, `{}`, "Retry-After: 3")
			}
			return reply(429, `{}`, "Retry-After: 3")
		})})
		if _, err := c.Get(background, "anna@b.com", false); err != nil {
			t.Error(err)
		}
	})
}

func TestReadsGiveUp(t *testing.T) {
	tests := []struct {
		name   string
		server transport
		tries  int
	}{
		{"500", always(500, `{}`), 3},
		{"broken connection", cut, 3},
		{"page with success", always(200, `<html>`), 3},
		{"no answer", hang, 3},
		{"unauthenticated", always(401, `{}`), 1},
		{"forbidden", always(403, `{}`), 1},
		{"absent", always(404, `{}`), 1},
		{"404 of a web server", always(404, `<html>`), 1},
		{"redirect", always(302, ``), 1},
		{"refused", always(422, `{}`), 1},
		{"too large", always(200, strings.Repeat("x", mostOfGuest+1)), 1},
		{"deleted", always(200, `{"data":{"id":1,"deleted_at":"x"}}`), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				c := newClient(t, Config{Attempts: 3, Transport: transport(func(r *http.Request) (*http.Response, error) {
					tries++
					return tt.server(r)
				})})
				_, err := c.Get(background, "anna@b.com", false)
				asError(t, err)
				if tries != tt.tries {
					t.Errorf("%d tries, want %d", tries, tt.tries)
				}
			})
		})
	}
}

func TestWritesAreNotRepeated(t *testing.T) {
	for _, server := range []transport{cut, half, always(500, `{}`), always(429, `{}`), always(503, `{}`, "Retry-After: 1")} {
		_, err := newClient(t, Config{Transport: replies(t, server)}).Create(background, &guest.Guest{Email: "anna@b.com"}, nil)
		asError(t, err)
		_, err = newClient(t, Config{Transport: replies(t, server)}).Associate(background, "anna@b.com", nil, nil)
		asError(t, err)
	}
}

func TestCertificatesThatAreWrongStayWrong(t *testing.T) {
	var requests atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	c := newClient(t, Config{BaseURL: server.URL})
	_, err := c.Get(background, "anna@b.com", false)
	if e := asError(t, err); answers(e) != "not admitted" || !strings.Contains(e.Error(), "certificate") {
		t.Errorf("it is %q: %v", answers(e), err)
	}
	if n := c.Calls(); len(n) != 1 || n[0].Count != 1 || requests.Load() != 0 {
		t.Errorf("calls %v, requests %d", n, requests.Load())
	}
}

func TestRetriesEndWithTheContext(t *testing.T) {
	for name, server := range map[string]transport{
		"between tries": always(500, `{}`), "in a pause": always(429, `{}`, "Retry-After: 3600"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(background, 10*time.Second)
				defer cancel()
				start := time.Now()
				_, err := newClient(t, Config{Transport: server, Attempts: 100}).Get(ctx, "anna@b.com", false)
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 10*time.Second {
					t.Errorf("got %v after %s", err, time.Since(start))
				}
			})
		})
	}
}

func TestRetryDelay(t *testing.T) {
	tests := []struct {
		tries int
		want  time.Duration
	}{
		{1, 500 * time.Millisecond},
		{2, time.Second},
		{3, 2 * time.Second},
		{6, 16 * time.Second},
		{7, 30 * time.Second},
		{100, 30 * time.Second},
	}
	for _, tt := range tests {
		if got := retryDelay(tt.tries, 0); got != tt.want {
			t.Errorf("after %d tries %s, want %s", tt.tries, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		tries, chance := rapid.IntRange(1, 1000).Draw(t, "tries"), rapid.Float64Range(0, 0.999).Draw(t, "chance")
		if got, least := retryDelay(tries, chance), retryDelay(tries, 0); got < least || got > least*3/2 {
			t.Fatalf("%s is not within %s and its half more", got, least)
		}
	})
}

// What the gate is told shows in how long it holds back each class.
func TestGateIsTold(t *testing.T) {
	const invites = `{"error":true,"code":"RATE_LIMIT_EXCEEDED","message":"You've reached the hourly limit for Guest Invite (30 per hour per organization)"}`
	type held struct{ read, write, create time.Duration }
	all := func(d time.Duration) held { return held{d, d, d} }
	create := func(c *Client) error {
		_, err := c.Create(background, &guest.Guest{Email: "anna@b.com"}, nil)
		return err
	}
	associate := func(c *Client) error {
		_, err := c.Associate(background, "anna@b.com", nil, nil)
		return err
	}
	tests := []struct {
		name   string
		call   func(*Client) error
		server transport
		want   held
	}{
		{"success", create, always(201, anna), all(0)},
		{"a short wait", create, always(429, `{}`, "Retry-After: 60"), all(time.Minute)},
		{"a long wait of a create", create, always(429, `{}`, "Retry-After: 61"), held{create: 61 * time.Second}},
		{"a long wait of another call", associate, always(429, `{}`, "Retry-After: 600"), held{write: 10 * time.Minute}},
		{"the cap on invites", create, always(429, invites, "Retry-After: 1800"), held{create: 30 * time.Minute}},
		{"the cap on invites, nearly over", create, always(429, invites, "Retry-After: 5"), held{create: 5 * time.Second}},
		{"its words in answer to another call", associate, always(429, invites, "Retry-After: 5"), held{write: 5 * time.Second}},
		{"its words without the code, in answer to another call", associate, always(429, strings.ReplaceAll(invites, "RATE_LIMIT_EXCEEDED", "X"), "Retry-After: 5"), all(5 * time.Second)},
		{"503 with a time", create, always(503, `{}`, "Retry-After: 600"), all(10 * time.Minute)},
		{"503 without", create, always(503, `{}`), all(0)},
		{"500 with a time", create, always(500, `{}`, "Retry-After: 600"), all(0)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := openGate()
				_ = tt.call(newClient(t, Config{Gate: gate, Transport: tt.server}))
				got := held{gate.Delay(ratelimit.Read), gate.Delay(ratelimit.Write), gate.Delay(ratelimit.Create)}
				if got != tt.want {
					t.Errorf("held back %v, want %v", got, tt.want)
				}
			})
		})
	}
	t.Run("no time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			gate := openGate()
			_ = create(newClient(t, Config{Gate: gate, Transport: always(429, `{}`)}))
			if gate.Delay(ratelimit.Create) == 0 {
				t.Error("not held back")
			}
		})
	})
}

func TestDelaysStartOverAfterAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := openGate()
		slowDown := always(429, `{}`)
		c := newClient(t, Config{Gate: gate, Transport: replies(t, slowDown, slowDown, slowDown, slowDown, always(200, anna), slowDown)})
		if _, err := c.Get(background, "anna@b.com", false); err != nil {
			t.Fatal(err)
		}
		_, _ = c.Associate(background, "anna@b.com", nil, nil)
		if delay := gate.Delay(ratelimit.Write); delay == 0 || delay > time.Second {
			t.Errorf("held back for %s", delay)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().UTC() // midnight of 2000-01-01 in here
		at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
		tests := []struct {
			name, value, date string
			want              time.Duration // zero: nothing is announced
		}{
			{"nothing", "", "", 0},
			{"seconds", "90", "", 90 * time.Second},
			{"blanks around", " 90 ", "", 90 * time.Second},
			{"zero", "0", "", time.Second},
			{"negative", "-5", "", 0},
			{"fraction", "1.5", "", 0},
			{"words", "soon", "", 0},
			{"absurd", "999999999", "", 48 * time.Hour},
			{"larger than a number", "99999999999999999999999", "", 48 * time.Hour},
			{"date", at(time.Hour), "", time.Hour},
			{"date that is past", at(-time.Hour), "", time.Second},
			{"date in another century", at(100 * 365 * 24 * time.Hour), "", 48 * time.Hour},
			{"date by a clock that is slow", at(-time.Hour), at(-2 * time.Hour), time.Hour},
			{"date by a clock that is fast", at(3 * time.Hour), at(2 * time.Hour), time.Hour},
			{"date beside no clock", at(time.Hour), "noon", time.Hour},
		}
		for _, tt := range tests {
			header := http.Header{"Retry-After": {tt.value}, "Date": {tt.date}}
			for _, status := range []int{429, 503} {
				wait, announced := retryAfter(&answer{status: status, header: header})
				if wait != tt.want || announced != (tt.want > 0) {
					t.Errorf("%s: got %s, %t, want %s", tt.name, wait, announced, tt.want)
				}
			}
			if _, announced := retryAfter(&answer{status: 500, header: header}); announced {
				t.Errorf("%s: believed a 500", tt.name)
			}
		}
	})
}
