package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/sandbox"
	"guestlist/sandbox/sandboxtest"
	"guestlist/tallyfy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is an import against a sandbox, with a folder for its files.
type bench struct {
	t       *testing.T
	o       Options
	plan    *Plan // of the last run
	url     string
	partial string
	results string
}

// newBench serves h, which is a sandbox or something in front of one, over TCP.
func newBench(t *testing.T, h http.Handler) *bench {
	t.Helper()
	listener := httptest.NewServer(h)
	t.Cleanup(listener.Close)
	return newBenchAt(t, listener.URL+"/api", nil)
}

func newBenchAt(t *testing.T, url string, transport http.RoundTripper) *bench {
	t.Helper()
	gate := ratelimit.New(ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 100_000, Window: time.Second}})
	client, err := tallyfy.New(tallyfy.Config{BaseURL: url, Org: "acme", Token: "secret", Gate: gate, Transport: transport, Patience: Patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)
	dir := t.TempDir()
	return &bench{
		t: t, url: url, partial: filepath.Join(dir, "r.csv.partial"), results: filepath.Join(dir, "r.csv"),
		o: Options{Mode: Upsert, Org: "acme", Client: client, Gate: gate, Workers: 8, Attempts: 8},
	}
}

func (b *bench) input(file string) {
	b.o.Open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(file)), nil }
}

// start runs one import to its end, good or bad. It goes on from a partial
// file when there is one.
func (b *bench) start(ctx context.Context) error {
	b.t.Helper()
	b.o.Earlier = nil
	unfinished, err := results.Unfinished(b.partial)
	if err != nil {
		b.t.Fatal(err)
	}
	var journal *results.Journal
	if unfinished {
		journal, b.o.Earlier, err = results.Continue(b.partial, b.o.Org, false)
	} else {
		journal, err = results.Start(b.partial, false)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	plan, err := NewPlan(ctx, b.o)
	if err != nil {
		_, left := journal.Leave()
		return errors.Join(err, left)
	}
	b.plan = plan
	run := plan.NewRun(journal)
	err = run.RecordSettled(ctx)
	if err == nil {
		err = run.Do(ctx)
	}
	if err != nil {
		_, left := journal.Leave()
		return errors.Join(err, left)
	}
	for class, n := range run.CallsLeft() {
		if n != 0 {
			b.t.Errorf("after the run %d calls of class %s are left", n, class)
		}
	}
	return errors.Join(journal.Finish(b.results, plan.Counts.Rows), journal.Remove())
}

func (b *bench) lines() []results.Line {
	b.t.Helper()
	f, err := os.Open(b.results)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	r, err := results.NewReader(f)
	if err != nil {
		b.t.Fatal(err)
	}
	var lines []results.Line
	for {
		l, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			b.t.Fatal(err)
		}
		lines = append(lines, l)
	}
}

// mustRun runs one import that must end well, and returns its results.
func (b *bench) mustRun(file string) []results.Line {
	b.t.Helper()
	b.input(file)
	if err := b.start(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return b.lines()
}

// outcomes are the parts of the lines that people look at.
func outcomes(lines []results.Line) []string {
	var out []string
	for _, l := range lines {
		out = append(out, strings.TrimRight(fmt.Sprintf("%d %s %s %s %s", l.Row, l.Email, l.Status, l.Action, l.Error), " "))
	}
	return out
}

func people(n int) string {
	var b strings.Builder
	b.WriteString("email,first_name,last_name,associated_members\n")
	for i := range n {
		members := ""
		if i%5 == 0 {
			members = "1001;member.two@acme.com"
		}
		fmt.Fprintf(&b, "guest%d@acme.example.com,First %d,Last,%s\n", i, i, members)
	}
	return b.String()
}

// runFake runs an import in a bubble of fake time, against a server that is
// called without a network.
func runFake(t *testing.T, server http.Handler, do func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBenchAt(t, "http://127.0.0.1/api", sandboxtest.Direct{Handler: server})
		do(t, b)
	})
}

func sum(calls map[int]int) int {
	n := 0
	for _, c := range calls {
		n += c
	}
	return n
}

// answering lets a status stand for what the sandbox would answer to writes.
func answering(server http.Handler, status int, when func(n int, r *http.Request) bool) http.Handler {
	var n atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && when(int(n.Add(1)), r) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprint(w, `{"error":true,"message":"not you"}`)
			return
		}
		server.ServeHTTP(w, r)
	})
}

// lookUps answers the look-ups of one guest with a status, others not.
func lookUps(server http.Handler, status int, of string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/guests/"+of) {
			w.WriteHeader(status)
			fmt.Fprint(w, `{"error":true,"message":"not that one"}`)
			return
		}
		server.ServeHTTP(w, r)
	})
}

// stopsAt are the options of a sandbox at whose n-th call, from 1, the run is
// cancelled. What cancels it is known when it begins.
func stopsAt(n int, cancel *context.CancelFunc) sandbox.Options {
	var seen atomic.Int64
	return sandbox.Options{OnRequest: func(*http.Request) {
		if seen.Add(1) == int64(n) {
			(*cancel)()
		}
	}}
}
