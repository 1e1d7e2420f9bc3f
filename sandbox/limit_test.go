package sandbox

import (
	"net/http"
	"testing"
	"time"
)

// clock stands where a test puts it.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func TestFixedWindow(t *testing.T) {
	c := &clock{noon}
	h := serve(t, Options{Now: c.Now, Limits: []Limit{{"all", 2, time.Minute}}})
	tests := []struct {
		name      string
		after     time.Duration // since the test before
		status    int
		remaining string
		retry     string
	}{
		{"first", 0, 200, "1", ""},
		{"second", 50 * time.Second, 200, "0", ""},
		{"over", 0, 429, "0", "10"},
		{"over, nearly free", 9500 * time.Millisecond, 429, "0", "1"},
		{"a window after the first call", 500 * time.Millisecond, 200, "1", ""},
		{"the new window began with that call", 59 * time.Second, 200, "0", ""},
		{"over again", 0, 429, "0", "1"},
		{"long idle", time.Hour, 200, "1", ""},
		{"a window does not begin while nobody calls", 59 * time.Second, 200, "0", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c.now = c.now.Add(tt.after)
			a := h.call("GET", guests, "")
			wantStatus(t, a, tt.status)
			wantHeaders(t, a.header, "2", tt.remaining, tt.retry)
			if tt.status == 429 {
				wantJSON(t, a, `{"message":"Too Many Attempts."}`)
			}
		})
	}
}

func wantHeaders(t *testing.T, h http.Header, limit, remaining, retry string) {
	t.Helper()
	if got := h.Get("X-RateLimit-Limit"); got != limit {
		t.Errorf("X-RateLimit-Limit %q, want %q", got, limit)
	}
	if got := h.Get("X-RateLimit-Remaining"); got != remaining {
		t.Errorf("X-RateLimit-Remaining %q, want %q", got, remaining)
	}
	if got := h.Get("Retry-After"); got != retry {
		t.Errorf("Retry-After %q, want %q", got, retry)
	}
}

func TestInviteCap(t *testing.T) {
	c := &clock{noon}
	h := serve(t, Options{Now: c.Now, Limits: []Limit{{"invite", 3, time.Hour}}})
	wantStatus(t, h.create("a@b.com"), 201)
	wantStatus(t, h.create("a@b.com"), 201) // already there: costs an invite all the same
	wantStatus(t, h.create("bad"), 422)     // so does a refused one
	c.now = c.now.Add(40 * time.Minute)
	for range 5 { // refusals do not count, or the window after would be spent too
		a := h.create("c@b.com")
		wantStatus(t, a, 429)
		wantHeaders(t, a.header, "3", "0", "1200")
		wantJSON(t, a, `{"error":true,"code":"RATE_LIMIT_EXCEEDED","message":"You've reached the hourly limit for Guest Invite (3 per hour per organization)"}`)
	}
	a := h.call("PUT", guests+"/a%40b.com", `{"associated_members":[1001]}`)
	wantStatus(t, a, 201)
	wantHeaders(t, a.header, "", "", "")
	c.now = c.now.Add(20 * time.Minute)
	for _, email := range []string{"c@b.com", "d@b.com", "e@b.com"} {
		a := h.create(email)
		wantStatus(t, a, 201)
		wantHeaders(t, a.header, "", "", "") // an invite cap is told by its 429 only
	}
	wantStatus(t, h.create("f@b.com"), 429)
	if len(h.Guests()) != 4 {
		t.Errorf("%d guests", len(h.Guests()))
	}
}

func TestInviteMessage(t *testing.T) {
	for window, want := range map[time.Duration]string{
		time.Minute:     "You've reached the limit for Guest Invite (30 per minute per organization)",
		time.Hour:       "You've reached the hourly limit for Guest Invite (30 per hour per organization)",
		24 * time.Hour:  "You've reached the daily limit for Guest Invite (30 per day per organization)",
		2 * time.Second: "You've reached the limit for Guest Invite (30 per 2s per organization)",
	} {
		w := inviteWindow(window)
		if got := w.inviteMessage(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func inviteWindow(d time.Duration) window { return window{Limit: Limit{"invite", 30, d}} }

func TestSeveralLimits(t *testing.T) {
	c := &clock{noon}
	h := serve(t, Options{Now: c.Now, Limits: []Limit{{"all", 10, time.Hour}, {"read", 2, time.Second}, {"write", 1, time.Minute}}})
	steps := []struct {
		name, method, path          string
		after                       time.Duration
		status                      int
		limit, remaining, retryTime string
	}{
		{"read", "GET", guests, 0, 200, "2", "1", ""},
		{"second read", "GET", "/organizations/acme/users", 0, 200, "2", "0", ""},
		{"third read", "GET", guests + "/x%40b.com", 0, 429, "2", "0", "1"},
		{"writes have their own", "DELETE", guests + "/x%40b.com", 0, 422, "1", "0", ""},
		{"second write", "PUT", guests + "/x%40b.com", 0, 429, "1", "0", "60"},
		{"read after a second", "GET", guests + "/x%40b.com", time.Second, 404, "2", "1", ""},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			c.now = c.now.Add(s.after)
			a := h.call(s.method, s.path, "")
			wantStatus(t, a, s.status)
			wantHeaders(t, a.header, s.limit, s.remaining, s.retryTime)
		})
	}
	for range 3 { // 4 calls of the hour are spent
		c.now = c.now.Add(time.Minute)
		wantStatus(t, h.call("GET", guests, ""), 200)
		wantStatus(t, h.call("GET", guests, ""), 200)
	}
	a := h.call("GET", guests, "") // both the second and the hour are full: told is the one to wait for longest
	wantStatus(t, a, 429)
	wantHeaders(t, a.header, "10", "0", "3419")
}

func TestHideLimits(t *testing.T) {
	h := serve(t, Options{HideLimits: true, Limits: []Limit{{"all", 1, time.Minute}}})
	for _, retry := range []string{"", "60"} {
		wantHeaders(t, h.call("GET", guests, "").header, "", "", retry)
	}
}

func TestLimitOfOneCall(t *testing.T) {
	h := serve(t, Options{Limits: []Limit{{"list", 1, time.Minute}}})
	wantStatus(t, h.call("GET", guests, ""), 200)
	wantStatus(t, h.call("GET", guests, ""), 429)
	wantStatus(t, h.call("GET", guests+"/a%40b.com", ""), 404)
}
