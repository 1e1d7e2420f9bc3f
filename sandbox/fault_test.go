package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFaults(t *testing.T) {
	tests := []struct {
		kind   string
		status int
		body   string
		retry  string
		cut    error // what reading the answer ends with
		worked bool
	}{
		{kind: ServerError, status: 500, body: `{"message":"Server Error"}`},
		{kind: ErrorAfter, status: 500, body: `{"message":"Server Error"}`, worked: true},
		{kind: Unavailable, status: 503, body: `{"message":"Service Unavailable"}`, retry: "1"},
		{kind: ProxyPage, status: 502, body: "<html>"},
		{kind: CutBefore, cut: io.EOF},
		{kind: CutAfter, cut: io.EOF, worked: true},
		{kind: Half, status: 201, cut: io.ErrUnexpectedEOF, worked: true},
		{kind: TooMany, status: 429, body: `{"message":"Too Many Attempts."}`, retry: "1"},
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			h := serve(t, Options{Faults: []Fault{{Kind: tt.kind, Percent: 100, Class: "invite"}}})
			a := h.create("a@b.com")
			if a.status != tt.status || !errors.Is(a.err, tt.cut) || a.err != nil && tt.cut == nil {
				t.Errorf("status %d, error %v", a.status, a.err)
			}
			if !strings.HasPrefix(a.text, tt.body) {
				t.Errorf("body %q", a.text)
			}
			if tt.status != 0 && a.header.Get("Retry-After") != tt.retry {
				t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
			}
			if html := strings.HasPrefix(a.header.Get("Content-Type"), "text/html"); html != (tt.kind == ProxyPage) {
				t.Errorf("content type %q", a.header.Get("Content-Type"))
			}
			if _, there := h.Guest("a@b.com"); there != tt.worked {
				t.Errorf("guest created: %v", there)
			}
			admitted, succeeded := h.Creates("a@b.com")
			if (admitted == 1) != tt.worked || (succeeded == 1) != tt.worked {
				t.Errorf("%d admitted, %d succeeded", admitted, succeeded)
			}
			if log := h.Log(); len(log) != 1 || log[0].Fault != tt.kind || log[0].Status != tt.status {
				t.Errorf("log %+v", log)
			}
			wantStatus(t, h.call("GET", guests, ""), 200) // other classes go on
		})
	}
}

func TestHalfABody(t *testing.T) {
	h := serve(t, Options{Guests: 3, Faults: []Fault{{Kind: Half, Percent: 100}}})
	whole := serve(t, Options{Guests: 3}).call("GET", guests, "").text
	a := h.call("GET", guests, "")
	if a.text != whole[:len(whole)/2] || !errors.Is(a.err, io.ErrUnexpectedEOF) {
		t.Errorf("got %d of %d bytes, %v", len(a.text), len(whole), a.err)
	}
}

func TestHangEndsWithTheClient(t *testing.T) {
	h := serve(t, Options{Faults: []Fault{{Kind: Hang, Percent: 100}}})
	ctx, leave := context.WithCancel(t.Context())
	r := h.request("POST", guests, `{"email":"a@b.com"}`).WithContext(ctx)
	got := make(chan answer)
	go func() { got <- h.send(r) }()
	for _, there := h.Guest("a@b.com"); !there; _, there = h.Guest("a@b.com") {
		time.Sleep(time.Millisecond)
	}
	leave()
	if a := <-got; !errors.Is(a.err, context.Canceled) {
		t.Errorf("got %+v", a)
	}
}

func TestHangNeverAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Faults: []Fault{{Kind: Hang, Percent: 100}}})
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		r := directRequest("GET", guests, "").WithContext(ctx)
		began := time.Now()
		defer func() {
			if err := recover(); err != http.ErrAbortHandler || time.Since(began) != 24*time.Hour {
				t.Errorf("ended with %v after %s", err, time.Since(began))
			}
		}()
		s.ServeHTTP(httptest.NewRecorder(), r)
	})
}

func TestLateWorkFollowsTheCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Faults: []Fault{{Kind: CutLate, Percent: 100, Class: "invite", Late: time.Minute}}})
		cut := func() {
			defer func() {
				if err := recover(); err != http.ErrAbortHandler {
					t.Errorf("ended with %v, want a cut", err)
				}
			}()
			s.ServeHTTP(httptest.NewRecorder(), directRequest("POST", guests, `{"email":"a@b.com"}`))
		}
		there := func() bool {
			synctest.Wait()
			_, ok := s.Guest("a@b.com")
			return ok
		}
		cut()
		time.Sleep(time.Minute - time.Nanosecond)
		if there() {
			t.Error("the guest is there before the work was due")
		}
		time.Sleep(time.Nanosecond)
		if !there() {
			t.Error("the guest is not there when the work was due")
		}
		// Somebody else may have added the guest meanwhile.
		cut()
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := s.Twice(); len(got) != 1 {
			t.Errorf("created twice: %v", got)
		}
		if log := s.Log(); len(log) != 2 || log[0].Fault != CutLate || log[0].Status != 0 {
			t.Errorf("log %+v", log)
		}
	})
}

func TestRetryAfterOfFaults(t *testing.T) {
	for after, want := range map[time.Duration]string{0: "1", 1500 * time.Millisecond: "2", time.Minute: "60", -1: ""} {
		for _, kind := range []string{Unavailable, TooMany} {
			h := serve(t, Options{Faults: []Fault{{Kind: kind, Percent: 100, RetryAfter: after}}})
			if got := h.call("GET", guests, "").header.Get("Retry-After"); got != want {
				t.Errorf("%s, %s: got %q, want %q", kind, after, got, want)
			}
		}
	}
}

func TestFaultsAreDrawnFromTheSeed(t *testing.T) {
	run := func(seed uint64, guestsThere int) (statuses []int) {
		h := serve(t, Options{Seed: seed, Guests: guestsThere, Faults: []Fault{
			{Kind: ServerError, Percent: 20, Class: "read"}, {Kind: Unavailable, Percent: 30}, {Kind: ProxyPage, Percent: 100, Class: "write"},
		}})
		for range 200 {
			statuses = append(statuses, h.call("GET", guests+"/a%40b.com", "").status)
		}
		return statuses
	}
	first := run(1, 0)
	if diff := cmp.Diff(first, run(1, 10)); diff != "" {
		t.Errorf("same seed, other faults:\n%s", diff)
	}
	if cmp.Equal(first, run(2, 0)) {
		t.Error("the seed makes no difference")
	}
	counts := map[int]int{}
	for _, status := range first {
		counts[status]++
	}
	// The second fault takes 30% of what the first left.
	if counts[500] < 25 || counts[500] > 55 || counts[503] < 30 || counts[503] > 70 || counts[404] < 90 || len(counts) != 3 {
		t.Errorf("counts %v", counts)
	}
}

func TestZeroPercentNeverStrikes(t *testing.T) {
	h := serve(t, Options{Faults: []Fault{{Kind: ServerError}}})
	for range 50 {
		wantStatus(t, h.call("GET", guests, ""), 200)
	}
}

func TestFaultsAndLimits(t *testing.T) {
	tests := []struct {
		kind string
		want []int
	}{
		{ServerError, []int{500, 500, 429}}, // a failed call counts
		{TooMany, []int{429, 429, 429}},     // a refused one does not
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			h := serve(t, Options{Limits: []Limit{{"all", 2, time.Hour}}, Faults: []Fault{{Kind: tt.kind, Percent: 100}}})
			for _, status := range tt.want {
				wantStatus(t, h.call("GET", guests, ""), status)
			}
			var struck int
			for _, c := range h.Log() {
				if c.Fault != "" {
					struck++
				}
			}
			if all := tt.kind == TooMany; (struck == 3) != all || struck < 2 {
				t.Errorf("%d of 3 calls were struck", struck)
			}
		})
	}
}

func TestManyAtOnce(t *testing.T) {
	const workers, each = 8, 60
	h := serve(t, Options{
		Guests: 500, Limits: []Limit{{"invite", workers * each, time.Hour}},
		Faults: []Fault{{Kind: CutAfter, Percent: 5, Class: "update"}, {Kind: ServerError, Percent: 5, Class: "get"}},
	})
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				email := string(rune('a'+i%26)) + strings.Repeat("x", i/26) + "@b.com" // the same for every worker
				h.create(email)
				h.call("PUT", guests+"/"+email, `{"associated_members":[1001]}`)
				h.call("GET", guests+"?per_page=100&with=stats&sort=id", "")
				h.call("GET", guests+"/"+email, "")
				if w == 0 && i%10 == 0 {
					h.call("DELETE", guests+"/"+h.Guests()[0].Email, "")
				}
			}
		})
	}
	wg.Wait()
	if n := len(h.Guests()); n != 500+each-6 {
		t.Errorf("%d guests", n)
	}
	if n := h.Calls()["create"][201]; n != workers*each {
		t.Errorf("%d creates", n)
	}
	if n := len(h.Twice()); n != each {
		t.Errorf("%d created twice", n)
	}
	wantStatus(t, h.create("one.more@b.com"), 429)
}
