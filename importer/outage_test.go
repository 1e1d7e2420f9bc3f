package importer

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/sandbox"
	"guestlist/sandbox/sandboxtest"
	"guestlist/tallyfy"
)

func TestFailuresInARow(t *testing.T) {
	var (
		broken    = &tallyfy.Error{Status: 500, Sent: true}
		lost      = &tallyfy.Error{Sent: true}
		unreached = &tallyfy.Error{}
		refused   = &tallyfy.Error{Status: 422, Sent: true}
		absent    = &tallyfy.Error{Status: 404, Sent: true}
		putOff    = &tallyfy.Error{Status: 429, Sent: true}
		busy      = &tallyfy.Error{Status: 503, Sent: true, Announced: true}
		troubled  = &tallyfy.Error{Status: 503, Sent: true}
		well      *tallyfy.Error
	)
	tests := []struct {
		name  string
		most  int
		calls []*tallyfy.Error
		ends  bool
	}{
		{"as many as are allowed for", 3, []*tallyfy.Error{broken, lost, unreached}, true},
		{"one less", 3, []*tallyfy.Error{broken, troubled}, false},
		{"a success between", 3, []*tallyfy.Error{broken, broken, well, broken, broken}, false},
		{"a refusal between, as the server is at work", 3, []*tallyfy.Error{broken, broken, refused, broken, broken}, false},
		{"somebody absent between", 3, []*tallyfy.Error{broken, broken, absent, broken, broken}, false},
		{"put off between, which says nothing", 3, []*tallyfy.Error{broken, putOff, broken, busy, broken}, true},
		{"put off only", 1, []*tallyfy.Error{putOff, busy, putOff}, false},
		{"any number", 0, slices.Repeat([]*tallyfy.Error{broken}, 1000), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := outage{most: tt.most}
			var err error
			for i, e := range tt.calls {
				if err != nil {
					t.Errorf("ended at call %d already", i)
				}
				if e == nil {
					o.works(ratelimit.Create)
				} else {
					err = o.fails(ratelimit.Create, e)
				}
			}
			if errors.Is(err, ErrOutage) != tt.ends {
				t.Errorf("got %v", err)
			}
			if err := o.fails(ratelimit.Write, broken); err != nil && tt.most > 1 {
				t.Errorf("another class: %v", err)
			}
		})
	}
}

// A server that is down for everybody ends the run with rows open, and a resume
// brings them all to their end.
func TestOutageEndsTheRunAndLeavesRowsOpen(t *testing.T) {
	const refusing = `{"message":"Server Error"}`
	tests := []struct {
		name   string
		file   string
		strike func(r *http.Request, posts int) (broken bool)
	}{
		{"creates fail, look-ups do not", people(100), func(r *http.Request, posts int) bool {
			return r.Method == http.MethodPost && posts > 30
		}},
		{"nothing works any more", people(100), func(_ *http.Request, posts int) bool { return posts > 30 }},
		{"associations fail", people(100), func(r *http.Request, _ int) bool { return r.Method == http.MethodPut }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Guests: 3})
			posts, struck, down := 0, 0, true
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					posts++
				}
				if down && tt.strike(r, posts) {
					struck++
					w.WriteHeader(http.StatusInternalServerError)
					_, _ = w.Write([]byte(refusing))
					return
				}
				server.ServeHTTP(w, r)
			})
			runFake(t, h, func(t *testing.T, b *bench) {
				b.o.MaxFailures, b.o.Workers = 10, 1
				b.input(tt.file)
				err := b.start(t.Context())
				if !errors.Is(err, ErrOutage) || !strings.Contains(err.Error(), "10 calls in a row failed") {
					t.Fatalf("the run ended with %v", err)
				}
				if struck > 2*10 {
					t.Errorf("%d calls failed before the run ended", struck)
				}
				down = false
				if err := b.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				lines := b.lines()
				if len(lines) != 100 {
					t.Errorf("%d rows have a result", len(lines))
				}
				for _, l := range lines {
					if l.Status != results.Created {
						t.Errorf("row %d ended as %s: %s", l.Row, l.Status, l.Error)
					}
				}
				if twice := server.Twice(); len(twice) > 0 {
					t.Errorf("created again: %v", twice)
				}
			})
		})
	}
}

func TestFailuresWithoutABound(t *testing.T) {
	server := sandbox.New(sandbox.Options{Faults: []sandbox.Fault{{Kind: sandbox.ServerError, Percent: 100, Class: "create"}}})
	runFake(t, server, func(t *testing.T, b *bench) {
		for _, l := range b.mustRun(people(40)) {
			if l.Status != results.Failed || l.Attempts != 8 {
				t.Errorf("row %d ended as %s after %d attempts", l.Row, l.Status, l.Attempts)
			}
		}
	})
}

// A few rows that the server fails at are no outage: when all others are done,
// they have their tries and then they failed.
func TestRowsThatAlwaysFailEndTheRunWell(t *testing.T) {
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		t.Run(method, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{})
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == method && strings.HasPrefix(personIn(r), "bad") {
					w.WriteHeader(http.StatusInternalServerError)
					return
				}
				server.ServeHTTP(w, r)
			})
			file := strings.Builder{}
			file.WriteString("email,associated_members\n")
			for i := range 200 {
				kind := "good"
				if i%15 == 0 {
					kind = "bad"
				}
				fmt.Fprintf(&file, "%s%d@acme.example.com,1001\n", kind, i)
			}
			runFake(t, h, func(t *testing.T, b *bench) {
				b.o.MaxFailures = 50
				began := time.Now()
				for _, l := range b.mustRun(file.String()) {
					if bad := strings.HasPrefix(l.Email, "bad"); bad != (l.Status == results.Failed) {
						t.Errorf("row %d, %s, ended as %s: %s", l.Row, l.Email, l.Status, l.Error)
					}
				}
				if took := time.Since(began); took > 10*time.Minute {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

// A server that starts again within seconds is waited for: the more calls fail in
// a row, the longer no new row is begun.
func TestShortOutageEndsNothing(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var calls atomic.Int64
		network := roundTripper(func(r *http.Request) (*http.Response, error) {
			if since := time.Since(began); since < 10*time.Second || since > 20*time.Second {
				return sandboxtest.Direct{Handler: server}.RoundTrip(r)
			}
			calls.Add(1)
			return nil, io.ErrUnexpectedEOF
		})
		b := newBenchAt(t, "http://127.0.0.1/api", network)
		b.o.MaxFailures = 50
		gate := ratelimit.New(ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 20, Window: time.Second}})
		client, err := tallyfy.New(tallyfy.Config{BaseURL: b.url, Org: "acme", Token: "secret", Gate: gate, Transport: network, Patience: Patience})
		if err != nil {
			t.Fatal(err)
		}
		b.o.Client, b.o.Gate = client, gate
		for _, l := range b.mustRun(strings.ReplaceAll(people(600), "1001;member.two@acme.com", "")) {
			if l.Status != results.Created {
				t.Errorf("row %d ended as %s: %s", l.Row, l.Status, l.Error)
			}
		}
		if n := calls.Load(); n < 8 || n > 100 {
			t.Errorf("%d calls were made to a server that was down", n)
		}
		if twice := server.Twice(); len(twice) > 0 {
			t.Errorf("created again: %v", twice)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
