package importer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"guestlist/results"
	"guestlist/sandbox"
	"guestlist/sandbox/sandboxtest"
	"guestlist/tallyfy"
)

// dying is a server whose first token dies when a write arrives.
type dying struct {
	server    http.Handler
	again     bool   // the others do too
	broken    string // the refusal of a second token; empty: it is given
	onRenewal func() // is called when a second one is asked for; nil: nothing is

	tokens, written int // that were given; writes that were taken
}

// mends makes it accept every token.
func (d *dying) mends() { d.again = false }

func (d *dying) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	write := r.Method != http.MethodGet
	refuse := func(body string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, body)
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/oauth/token"):
		d.tokens++
		if d.tokens > 1 && d.onRenewal != nil {
			d.onRenewal()
		}
		if d.tokens > 1 && d.broken != "" {
			refuse(d.broken)
			return
		}
		fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":604800,"access_token":"token-%d"}`, d.tokens)
	case write && (d.again || r.Header.Get("Authorization") == "Bearer token-1"):
		refuse(`{"message":"Unauthenticated."}`)
	default:
		if write {
			d.written++
		}
		d.server.ServeHTTP(w, r)
	}
}

// signsIn makes the bench sign in with client credentials.
func (b *bench) signsIn(server http.Handler) {
	client, err := tallyfy.New(tallyfy.Config{
		BaseURL: b.url, Org: "acme", Gate: b.o.Gate, Transport: sandboxtest.Direct{Handler: server}, Patience: Patience,
		Application: &tallyfy.Application{TokenURL: "http://127.0.0.1/oauth/token", ID: "7", Secret: "a-long-secret"},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.o.Client = client
}

// A call that was answered 401 was not looked at. It is sent once more when there is
// another token, and whatever comes of that, the row has its true outcome: now, or
// when somebody goes on, who need not ask what became of it.
func TestATokenThatDies(t *testing.T) {
	for _, what := range []struct {
		mode       Mode
		file, want string
	}{
		{Upsert, "email\nnew@acme.example.com\n", "created create"},
		{Update, "email,associated_members\nann@acme.example.com,1001\n", "updated associate"},
		{Delete, "email\nann@acme.example.com\n", "deleted delete"},
		{Disable, "email\nann@acme.example.com\n", "disabled disable"},
		{Enable, "email\nben@acme.example.com\n", "enabled enable"},
	} {
		for _, tc := range []struct {
			name    string
			again   bool   // the next token is refused as well
			broken  string // or there is none
			stopped bool   // or somebody stops the run while it gets one
		}{
			{"and is renewed", false, "", false},
			{"and so does the next one", true, "", false},
			{"and there is no other", false, `{"error":"invalid_client"}`, false},
			{"and somebody stops it", false, "", true},
		} {
			t.Run(fmt.Sprintf("%s, %s", what.mode, tc.name), func(t *testing.T) {
				server := &dying{server: staff(sandbox.Options{}), again: tc.again, broken: tc.broken}
				runFake(t, server, func(t *testing.T, b *bench) {
					inTime := b.o.Client // with a token that does not die
					b.signsIn(server)
					if b.o.Mode = what.mode; !what.mode.imports() {
						b.changing(what.mode)
					}
					b.input(what.file + "not an address\n") // so that there is something to go on from
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					if tc.stopped {
						server.onRenewal = cancel
					}
					err := b.start(ctx)
					var e *tallyfy.Error
					switch ends := tc.again || tc.broken != ""; {
					case ends && (!errors.As(err, &e) || !e.Unauthenticated()), tc.stopped && !errors.Is(err, context.Canceled), !ends && !tc.stopped && err != nil:
						t.Fatalf("the run ended with %v", err)
					case err != nil:
						if server.written > 0 {
							t.Fatalf("%d writes were taken", server.written)
						}
						earlier, err := results.Look(b.partial, "acme", true)
						if err != nil {
							t.Fatal(err)
						}
						if err := earlier.Each(func(l results.Line) error {
							if l.Unsettled() {
								t.Errorf("%s is %s: %s", l.Email, l.Status, l.Error)
							}
							return nil
						}); err != nil {
							t.Error(err)
						}
						if err := earlier.Close(); err != nil {
							t.Error(err)
						}
						server.mends()
						b.o.Client = inTime
						if err := b.start(t.Context()); err != nil {
							t.Fatal(err)
						}
					}
					l := b.lines()[0]
					if got := fmt.Sprint(l.Status, " ", l.Action); got != what.want || server.written != 1 {
						t.Errorf("the row ended as %s after %d writes: %s", got, server.written, l.Error)
					}
					if tc.name == "and is renewed" && l.Attempts != 2 {
						t.Errorf("%d attempts, and two left", l.Attempts)
					}
				})
			})
		}
	}
}
