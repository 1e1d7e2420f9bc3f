package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"guestlist/results"
	"guestlist/sandbox"
)

// crowd is guests who are to be deleted, disabled or enabled, all of them.
func crowd(o sandbox.Options, mode Mode, n int) (server *sandbox.Sandbox, file string) {
	server, file = sandbox.New(o), "email\n"
	for i := range n {
		g := sandbox.Guest{Email: fmt.Sprintf("g%d@acme.example.com", i), Fields: map[string]string{}}
		if mode == Enable {
			g.Fields["disabled_at"] = "2026-01-02 03:04:05"
		}
		server.Put(g)
		file += g.Email + "\n"
	}
	return server, file
}

// allChanged makes sure that the results and the server say the same: each guest
// was changed, and once.
func allChanged(t *testing.T, server *sandbox.Sandbox, mode Mode, lines []results.Line, n int) {
	t.Helper()
	if len(lines) != n {
		t.Errorf("%d lines for %d rows", len(lines), n)
	}
	status, action := mode.changed()
	for _, l := range lines {
		if l.Status != status || l.Action != action {
			t.Errorf("%s ended as %s %s: %s", l.Email, l.Status, l.Action, l.Error)
		}
		if _, succeeded := server.Changes(string(mode), l.Email); succeeded != 1 {
			t.Errorf("%s: the server did %s %d times", l.Email, mode, succeeded)
		}
	}
}

// A process may die before any of its calls leaves, while the server is at work on
// it, or before it hears what came of it.
func TestChangesOutliveTheProcess(t *testing.T) {
	t.Parallel()
	const guests = 5
	for _, mode := range []Mode{Delete, Disable, Enable} {
		for call := 1; call <= guests+1; call++ {
			for _, h := range []halt{
				{Request: call},
				{Request: call, Late: 5 * time.Second},
				{Answer: call},
				{Answer: call, Lines: 2, Torn: true},
			} {
				t.Run(fmt.Sprintf("%s, %s", mode, h), func(t *testing.T) {
					t.Parallel()
					server, file := crowd(sandbox.Options{}, mode, guests)
					runFake(t, server, func(t *testing.T, b *bench) {
						b.changing(mode)
						b.o.Open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(file)), nil }
						folder := t.TempDir()
						run := func(h halt) (*process, error) {
							p := &process{server: server, folder: folder, halt: h, onLeave: func(int, *http.Request) {}, died: make(chan struct{})}
							o := b.o
							o.Workers = 2
							return p, p.run(context.Background(), o, false)
						}
						if _, err := run(h); !errors.Is(err, errDead) {
							t.Fatalf("the process ended with %v, and should have died", err)
						}
						p, err := run(halt{})
						if err != nil {
							t.Fatal(err)
						}
						time.Sleep(time.Minute) // what the server does late, it has done
						b.results = p.results()
						allChanged(t, server, mode, b.lines(), guests)
					})
				})
			}
		}
	}
}

// Whatever happens to a share of the calls, each guest is changed in the end, and
// once.
func TestChangesUnderFaults(t *testing.T) {
	t.Parallel()
	const guests, percent = 60, 20
	for _, mode := range []Mode{Delete, Disable, Enable} {
		for _, kind := range sandbox.Faults() {
			for _, legacy := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, legacy %v", mode, kind, legacy), func(t *testing.T) {
					t.Parallel()
					server, file := crowd(sandbox.Options{
						Legacy: legacy, Seed: 7,
						Faults: []sandbox.Fault{{Kind: kind, Class: string(mode), Percent: percent, Late: 15 * time.Second}, {Kind: kind, Class: "get", Percent: percent}},
					}, mode, guests)
					runFake(t, server, func(t *testing.T, b *bench) {
						b.changing(mode)
						b.o.MaxFailures = 50
						lines := b.mustRun(file)
						time.Sleep(time.Minute)
						allChanged(t, server, mode, lines, guests)
					})
					if !struck(server, kind, string(mode)) {
						t.Errorf("no %s was struck", mode)
					}
				})
			}
		}
	}
}

// A server that is down ends the run, and what is left goes on later.
func TestChangesWaitForABetterServer(t *testing.T) {
	for _, mode := range []Mode{Delete, Disable, Enable} {
		var up atomic.Bool
		server, file := crowd(sandbox.Options{}, mode, 30)
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !up.Load() && r.Method != http.MethodGet {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			server.ServeHTTP(w, r)
		})
		runFake(t, h, func(t *testing.T, b *bench) {
			b.changing(mode)
			b.o.MaxFailures = 10
			b.input(file)
			if err := b.start(t.Context()); !errors.Is(err, ErrOutage) {
				t.Fatalf("%s: the run ended with %v", mode, err)
			}
			up.Store(true)
			if err := b.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			allChanged(t, server, mode, b.lines(), 30)
		})
	}
}
