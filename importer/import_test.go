package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"guestlist/guest"
	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/sandbox"
	"guestlist/tallyfy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is an import against a sandbox, with a folder for its files.
type bench struct {
	t       *testing.T
	o       Options
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
	run := plan.NewRun(journal)
	if err := run.RecordSettled(ctx); err != nil {
		return errors.Join(err, journal.Close())
	}
	if err := run.Do(ctx); err != nil {
		return errors.Join(err, journal.Close())
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

func TestTwoThousandRowsEndInOrder(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		t.Run(fmt.Sprintf("legacy %v", legacy), func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Legacy: legacy})
			b := newBench(t, server)
			lines := b.mustRun(people(2000))
			if len(lines) != 2000 {
				t.Fatalf("%d lines, want 2000", len(lines))
			}
			for i, l := range lines {
				action, attempts := results.Create, 1
				if i%5 == 0 {
					action, attempts = results.CreateAssociate, 2
				}
				g, ok := server.Guest(l.Email)
				want := results.Line{
					Row: i + 1, Line: i + 2, Email: fmt.Sprintf("guest%d@acme.example.com", i), Status: results.Created, Action: action,
					HTTPStatus: 201, GuestID: l.GuestID, Attempts: attempts, FinishedAt: l.FinishedAt, Org: "acme",
				}
				if diff := cmp.Diff(want, l); diff != "" {
					t.Fatalf("line %d (-want +got):\n%s", i+1, diff)
				}
				if !ok || l.GuestID == "" || l.FinishedAt.IsZero() || g.Fields["first_name"] != fmt.Sprintf("First %d", i) {
					t.Fatalf("line %d: the server has %v %v", i+1, ok, g)
				}
			}
			if twice := server.Twice(); len(twice) > 0 {
				t.Errorf("created twice: %v", twice)
			}
			if keys := server.UnknownKeys(); len(keys) > 0 {
				t.Errorf("keys that the server ignores were sent: %v", keys)
			}
		})
	}
}

// However often a run is stopped, after whichever call, the results are those
// of a run that was never stopped, and nobody is created twice.
func TestResumeAfterAStopAtEveryCall(t *testing.T) {
	file := people(12) + "bad,,,\nGUEST3@acme.example.com,,,\n"
	calm := sandbox.New(sandbox.Options{})
	whole := newBench(t, calm)
	want := outcomes(whole.mustRun(file))
	calls := len(calm.Log())
	if calls < 15 {
		t.Fatalf("%d calls, want one for each row at least", calls)
	}
	for stop := 1; stop <= calls; stop++ {
		t.Run(fmt.Sprintf("after call %d", stop), func(t *testing.T) {
			var cancel context.CancelFunc
			var seen atomic.Int64
			server := sandbox.New(sandbox.Options{OnRequest: func(*http.Request) {
				if seen.Add(1) == int64(stop) {
					cancel()
				}
			}})
			// In fake time, as a resume waits for creates that may be under way.
			runFake(t, server, func(t *testing.T, b *bench) {
				var ctx context.Context
				ctx, cancel = context.WithCancel(t.Context())
				defer cancel()
				b.input(file)
				if err := b.start(ctx); err == nil {
					// Nothing was left to do after this call.
					if diff := cmp.Diff(want, outcomes(b.lines())); diff != "" {
						t.Fatalf("a run that was cancelled reports success (-want +got):\n%s", diff)
					}
					return
				} else if !errors.Is(err, context.Canceled) {
					t.Fatalf("error is %v, want %v", err, context.Canceled)
				}
				if err := b.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, outcomes(b.lines())); diff != "" {
					t.Errorf("results (-never stopped +resumed):\n%s", diff)
				}
			})
			if twice := server.Twice(); len(twice) > 0 {
				t.Errorf("created twice: %v", twice)
			}
		})
	}
}

func TestFaultsEndWithEveryRowDone(t *testing.T) {
	for _, kind := range sandbox.Faults() {
		if kind == sandbox.Hang {
			continue // waits for a time-out each time: see TestHangingServer
		}
		for _, legacy := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s legacy %v", kind, legacy), func(t *testing.T) {
				t.Parallel()
				server := sandbox.New(sandbox.Options{Legacy: legacy, Seed: 7, Faults: []sandbox.Fault{{Kind: kind, Percent: 20, RetryAfter: time.Second}}})
				runFake(t, server, func(t *testing.T, b *bench) {
					for i, l := range b.mustRun(people(60)) {
						if l.Status != results.Created {
							t.Errorf("row %d: %s %s", i+1, l.Status, l.Error)
						}
					}
				})
				if twice := server.Twice(); len(twice) > 0 {
					t.Errorf("created twice: %v", twice)
				}
			})
		}
	}
}

// runFake runs an import in a bubble of fake time, against a server that is
// called without a network.
func runFake(t *testing.T, server http.Handler, do func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBenchAt(t, "http://127.0.0.1/api", direct{server})
		do(t, b)
	})
}

// direct calls a handler as if it stood behind a network.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (res *http.Response, err error) {
	// A request on its way is read whole, whatever becomes of its context.
	in := r.Clone(context.WithoutCancel(r.Context()))
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	defer func() {
		if cut := recover(); cut != nil {
			if cut != http.ErrAbortHandler {
				panic(cut)
			}
			if w.Body.Len() == 0 {
				res, err = nil, io.ErrUnexpectedEOF
				return
			}
			res = w.Result()
			res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(w.Body.Bytes()), broken{}))
		}
	}()
	d.ServeHTTP(w, in)
	return w.Result(), nil
}

// broken is the end of a connection that was cut.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A create whose answer was lost is never sent again before the guest was
// looked for, at once and after 1, 3, 8 and 20 seconds.
func TestLostCreatesAreLookedUpFirst(t *testing.T) {
	t.Run("the work was done", func(t *testing.T) {
		server := sandbox.New(sandbox.Options{Faults: []sandbox.Fault{{Kind: sandbox.CutAfter, Percent: 100, Class: "create"}}})
		runFake(t, server, func(t *testing.T, b *bench) {
			for _, l := range b.mustRun(people(10)) {
				if l.Status != results.Created || l.GuestID == "" || server.Calls()["create"][0]+server.Calls()["create"][201] != 10 {
					t.Errorf("%s: %s %q after %v", l.Email, l.Status, l.Error, server.Calls())
				}
			}
		})
	})
	t.Run("the work was not done", func(t *testing.T) {
		var log []string
		var began time.Time
		server := sandbox.New(sandbox.Options{Faults: []sandbox.Fault{{Kind: sandbox.CutBefore, Percent: 100, Class: "create"}}, OnRequest: func(r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/guests") && r.Method == http.MethodGet {
				return
			}
			if began.IsZero() {
				began = time.Now()
			}
			log = append(log, fmt.Sprintf("%s %s", r.Method, time.Since(began).Round(time.Second)))
		}})
		runFake(t, server, func(t *testing.T, b *bench) {
			b.o.Attempts = 2
			l := b.mustRun("email\nann@acme.example.com\n")[0]
			if l.Status != results.Failed || l.Attempts != 2 {
				t.Errorf("the row ended as %+v", l)
			}
		})
		// The first look-up is that of the plan.
		want := []string{
			"GET 0s", "POST 0s", "GET 0s", "GET 1s", "GET 3s", "GET 8s", "GET 20s",
			"POST 20s", "GET 20s", "GET 21s", "GET 23s", "GET 28s", "GET 40s",
		}
		if diff := cmp.Diff(want, log); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestHangingServer(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	var hung atomic.Bool
	release := make(chan struct{})
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && !hung.Swap(true) {
			server.ServeHTTP(httptest.NewRecorder(), r) // the work is done
			select {
			case <-release:
			case <-r.Context().Done():
			}
			panic(http.ErrAbortHandler)
		}
		server.ServeHTTP(w, r)
	}))
	defer close(release)
	client, err := tallyfy.New(tallyfy.Config{BaseURL: b.url, Org: "acme", Token: "secret", Gate: b.o.Gate, Timeout: 100 * time.Millisecond, Patience: Patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)
	b.o.Client = client
	lines := b.mustRun("email\nann@acme.example.com\n")
	if lines[0].Status != results.Created || lines[0].Attempts != 1 {
		t.Errorf("the row ended as %+v", lines[0])
	}
	if _, created := server.Creates("ann@acme.example.com"); created != 1 {
		t.Errorf("created %d times", created)
	}
}

// A cap on invites holds up creates only, is never counted as a failure, and
// what was learned an hour ago is renewed before a create.
func TestHourlyInviteCap(t *testing.T) {
	var began time.Time
	server := sandbox.New(sandbox.Options{Limits: []sandbox.Limit{{Class: "invite", Calls: 30, Window: time.Hour}}})
	runFake(t, server, func(t *testing.T, b *bench) {
		began = time.Now()
		for i, l := range b.mustRun(people(70)) {
			if l.Status != results.Created {
				t.Errorf("row %d: %s %s", i+1, l.Status, l.Error)
			}
		}
		if took := time.Since(began); took < 2*time.Hour || took > 2*time.Hour+10*time.Minute {
			t.Errorf("70 creates at 30 an hour took %s", took)
		}
	})
	if looks := server.Calls()["get"][404]; looks < 40 {
		t.Errorf("%d look-ups; want one for each of the 40 guests that were created later than ten minutes after the listing", looks)
	}
}

func TestCappedCreatesDoNotHoldUpAssociations(t *testing.T) {
	server := sandbox.New(sandbox.Options{Limits: []sandbox.Limit{{Class: "invite", Calls: 5, Window: time.Hour}}})
	file := people(20)
	for i := range 30 {
		email := fmt.Sprintf("there%d@acme.example.com", i)
		server.Put(sandbox.Guest{Email: email})
		file += email + ",,,1002\n"
	}
	var began time.Time
	runFake(t, server, func(t *testing.T, b *bench) {
		began = time.Now()
		b.mustRun(file)
	})
	updates := 0
	for _, c := range server.Log() {
		if strings.Contains(c.Path, "there") && c.Method == http.MethodPut {
			updates++
			if after := c.Time.Sub(began); after > time.Minute {
				t.Errorf("%s was associated after %s", c.Path, after)
			}
		}
	}
	if updates != 30 {
		t.Errorf("%d associations, want 30", updates)
	}
}

func TestCallsForWhoExistsAreTheFewest(t *testing.T) {
	for _, tc := range []struct {
		name        string
		guests, row int
		lists, gets int
	}{
		{"nothing to import", 5000, 0, 0, 0},
		{"one row: ask", 5000, 1, 0, 1},
		{"two rows and six pages: ask, after the first page told", 5000, 2, 1, 2},
		{"many rows and six pages: list, and the first page again", 5000, 100, 7, 0},
		{"many rows and one page", 500, 100, 1, 0},
		{"an empty organization", 0, 100, 1, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Guests: tc.guests})
			b := newBench(t, server)
			b.mustRun(people(tc.row))
			list, get := sum(server.Calls()["list"]), sum(server.Calls()["get"])
			if list != tc.lists || get != tc.gets {
				t.Errorf("%d lists and %d gets, want %d and %d", list, get, tc.lists, tc.gets)
			}
			if want := min(1, tc.row); sum(server.Calls()["members"]) != want {
				t.Errorf("members were listed %d times, want %d", sum(server.Calls()["members"]), want)
			}
		})
	}
}

func sum(calls map[int]int) int {
	n := 0
	for _, c := range calls {
		n += c
	}
	return n
}

func TestGuestsWhoAppearMeanwhile(t *testing.T) {
	for _, tc := range []struct {
		name   string
		legacy bool
		want   string
	}{
		// The current server adds who is a guest anywhere, and says so.
		{"answered 201", false, "1 ann@acme.example.com created create differs: first_name (the API cannot change it)"},
		{"answered 422", true, "1 ann@acme.example.com unchanged none differs: first_name (the API cannot change it)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var once sync.Once
			var server *sandbox.Sandbox
			server = sandbox.New(sandbox.Options{Legacy: tc.legacy, OnRequest: func(r *http.Request) {
				if r.Method == http.MethodPost {
					once.Do(func() {
						server.Put(sandbox.Guest{Email: "ann@acme.example.com", Fields: map[string]string{"first_name": "Anna"}})
					})
				}
			}})
			b := newBench(t, server)
			got := outcomes(b.mustRun("email,first_name\nann@acme.example.com,Ann\n"))
			if diff := cmp.Diff([]string{tc.want}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusedByTheServer(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	b := newBench(t, server)
	got := outcomes(b.mustRun("email,first_name\nmember.one@acme.com,One\nann@acme.example.com,Ann\n"))
	if len(got) != 2 || !strings.HasPrefix(got[0], "1 member.one@acme.com failed none email: ") || got[1] != "2 ann@acme.example.com created create" {
		t.Errorf("outcomes are %q", got)
	}
}

func TestUnknownMembersAreInvalidBeforeAnythingIsSent(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	b := newBench(t, server)
	got := outcomes(b.mustRun("email,associated_members\nann@acme.example.com,1001;77\nbob@acme.example.com,nobody@acme.com;x@acme.com\nbob@acme.example.com,1002\n"))
	want := []string{
		"1 ann@acme.example.com invalid none associated_members: 77 is no member of the organization",
		"2 bob@acme.example.com invalid none associated_members: nobody@acme.com, x@acme.com are no members of the organization",
		"3 bob@acme.example.com created create+associate",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
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

func TestForbiddenOrUnknownTokenEndsTheRunAndLeavesRowsOpen(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		from   int // the write that is the first to be refused
		rows   int
	}{
		{"the token may not write", http.StatusForbidden, 1, 50},
		{"the token may not write, one row", http.StatusForbidden, 1, 1},
		{"the permission is taken away", http.StatusForbidden, 20, 50},
		{"the token is not known", http.StatusUnauthorized, 1, 50},
		{"the token dies", http.StatusUnauthorized, 20, 50},
		{"the organization is gone", http.StatusNotFound, 20, 50},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{})
			refuse := true
			h := answering(server, tc.status, func(n int, _ *http.Request) bool { return refuse && n >= tc.from })
			runFake(t, h, func(t *testing.T, b *bench) {
				b.input(people(tc.rows))
				err := b.start(t.Context())
				var api *tallyfy.Error
				if !errors.As(err, &api) || api.Status != tc.status {
					t.Fatalf("error is %v, want the server's %d", err, tc.status)
				}
				if strings.Contains(err.Error(), "secret") {
					t.Errorf("the token stands in %q", err)
				}
				if _, err := os.Stat(b.results); err == nil {
					t.Error("a finished results file stands there")
				}
				refuse = false
				if err := b.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				for _, l := range b.lines() {
					if l.Status != results.Created {
						t.Errorf("after a resume %s is %s: %s", l.Email, l.Status, l.Error)
					}
				}
			})
			if twice := server.Twice(); len(twice) > 0 {
				t.Errorf("created twice: %v", twice)
			}
		})
	}
}

func TestForbiddenForOneIsAFailedRow(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	b := newBench(t, answering(server, http.StatusForbidden, func(_ int, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return bytes.Contains(body, []byte("guest3@"))
	}))
	for i, l := range b.mustRun(people(30)) {
		want := results.Created
		if i == 3 {
			want = results.Failed
		}
		if l.Status != want {
			t.Errorf("row %d is %s (%s), want %s", i+1, l.Status, l.Error, want)
		}
	}
}

func TestAssociationThatFailsKeepsTheGuest(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	b := newBench(t, answering(server, http.StatusUnprocessableEntity, func(_ int, r *http.Request) bool { return r.Method == http.MethodPut }))
	lines := b.mustRun("email,associated_members\nann@acme.example.com,1001\n")
	l := lines[0]
	if l.Status != results.Failed || l.Action != results.Create || l.GuestID == "" || l.HTTPStatus != 422 || l.Attempts != 2 {
		t.Errorf("the row ended as %+v", l)
	}
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

func TestLookUpThatIsRefused(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusUnprocessableEntity} {
		t.Run(fmt.Sprintf("for one, %d", status), func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Guests: 5000})
			b := newBench(t, lookUps(server, status, "guest1@"))
			for i, l := range b.mustRun(people(3)) {
				want := results.Created
				if i == 1 {
					want = results.Failed
				}
				if l.Status != want {
					t.Errorf("row %d is %s (%s), want %s", i+1, l.Status, l.Error, want)
				}
			}
			if admitted, _ := server.Creates("guest1@acme.example.com"); admitted != 0 {
				t.Error("a guest was created who could not be looked up")
			}
		})
		t.Run(fmt.Sprintf("for all, %d", status), func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Guests: 5000})
			b := newBench(t, lookUps(server, status, ""))
			b.input(people(3))
			var e *tallyfy.Error
			if err := b.start(t.Context()); !errors.As(err, &e) || e.Status != status {
				t.Errorf("error is %v, want the server's %d", err, status)
			}
		})
	}
}

// Whenever a run is cancelled, it reports the cancellation or has done it all.
func TestCancelledRunNeverReportsSuccessWithARowOpen(t *testing.T) {
	for i := range 300 {
		ctx, cancel := context.WithCancel(t.Context())
		server := sandbox.New(sandbox.Options{OnRequest: func(r *http.Request) {
			if r.Method == http.MethodPost && i%3 != 0 {
				cancel()
			}
			if r.Method == http.MethodPut && i%3 == 0 {
				cancel()
			}
		}, Faults: []sandbox.Fault{{Kind: sandbox.CutBefore, Percent: 50, Class: "create"}}})
		runFake(t, server, func(t *testing.T, b *bench) {
			b.o.Workers = 1 + i%4
			b.input(people(1 + i%3))
			err := b.start(ctx)
			if err == nil {
				for _, l := range b.lines() {
					if l.Status != results.Created {
						t.Fatalf("round %d reports success, and row %d is %s", i, l.Row, l.Status)
					}
				}
			} else if !errors.Is(err, context.Canceled) {
				t.Fatalf("round %d: %v", i, err)
			}
		})
		cancel()
	}
}

// However late a loss is noticed, the server gets its time.
func TestLossThatIsNoticedLateIsWaitedFor(t *testing.T) {
	var log []string
	var began time.Time
	server := sandbox.New(sandbox.Options{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost || strings.Contains(r.URL.Path, "@") {
			if began.IsZero() {
				began = time.Now()
			}
			log = append(log, fmt.Sprintf("%s %s", r.Method, time.Since(began).Round(time.Second)))
		}
		if r.Method == http.MethodPost && len(log) == 2 {
			time.Sleep(30 * time.Second)
			panic(http.ErrAbortHandler)
		}
		server.ServeHTTP(w, r)
	})
	runFake(t, h, func(_ *testing.T, b *bench) { b.mustRun("email\nann@acme.example.com\n") })
	want := []string{"GET 0s", "POST 0s", "GET 30s", "GET 31s", "GET 33s", "GET 38s", "GET 50s", "POST 50s"}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// A create that lands after its last look-up is this import's own, also when the
// server then says that the guest exists.
func TestCreateThatLandsLate(t *testing.T) {
	var posts int
	server := sandbox.New(sandbox.Options{Legacy: true})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if posts++; posts == 1 {
				panic(http.ErrAbortHandler)
			}
			server.Put(sandbox.Guest{Email: "ann@acme.example.com"})
		}
		server.ServeHTTP(w, r)
	})
	runFake(t, h, func(t *testing.T, b *bench) {
		l := b.mustRun("email\nann@acme.example.com\n")[0]
		if l.Status != results.Created || l.Action != results.Create || l.Attempts != 2 || l.GuestID == "" || l.HTTPStatus/100 != 2 {
			t.Errorf("the row ended as %+v", l)
		}
	})
}

// When nobody can tell what became of a create, the row says so, and a resume
// settles it.
func TestFateThatNobodyCanTell(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusInternalServerError, http.StatusUnprocessableEntity} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Faults: []sandbox.Fault{{Kind: sandbox.CutAfter, Percent: 100, Class: "create"}}})
			blind := false
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					blind = true
				}
				if blind && r.Method == http.MethodGet {
					w.WriteHeader(status)
					fmt.Fprint(w, `{"message":"no"}`)
					return
				}
				server.ServeHTTP(w, r)
			})
			runFake(t, h, func(t *testing.T, b *bench) {
				b.input("email\nann@acme.example.com\n")
				if err := b.start(t.Context()); err == nil {
					l := b.lines()[0]
					if l.Status != results.Failed || !strings.HasPrefix(l.Error, results.FateUnknown) {
						t.Fatalf("the row ended as %+v", l)
					}
					if err := os.Rename(b.results, b.partial); err != nil {
						t.Fatal(err)
					}
				} else if status != http.StatusForbidden {
					t.Fatal(err)
				}
				blind = false
				if err := b.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				if l := b.lines()[0]; l.Status != results.Created || l.Attempts != 1 {
					t.Errorf("after a resume the row ended as %+v", l)
				}
			})
		})
	}
}

func TestManyRetries(t *testing.T) {
	server := sandbox.New(sandbox.Options{Faults: []sandbox.Fault{{Kind: sandbox.ServerError, Percent: 100, Class: "update"}}})
	server.Put(sandbox.Guest{Email: "ann@acme.example.com"})
	runFake(t, server, func(t *testing.T, b *bench) {
		b.o.Attempts = 60
		if l := b.mustRun("email,associated_members\nann@acme.example.com,1001\n")[0]; l.Status != results.Failed || l.Attempts != 60 {
			t.Errorf("the row ended as %+v", l)
		}
	})
}

// A line of a clock that was wrong does not hold up a resume.
func TestSendingLineFromTheFuture(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	runFake(t, server, func(t *testing.T, b *bench) {
		journal, err := results.Start(b.partial, false)
		if err != nil {
			t.Fatal(err)
		}
		sending := results.Line{Row: 1, Line: 2, Email: "ann@acme.example.com", Status: results.Sending, FinishedAt: time.Now().Add(24 * time.Hour), Org: "acme"}
		if err := errors.Join(journal.Note(sending), journal.Close()); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if l := b.mustRun("email\nann@acme.example.com\n")[0]; l.Status != results.Created {
			t.Errorf("the row ended as %+v", l)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

// Wherever a crash leaves the journal, a resume from there gives what a run that
// was never stopped gives.
func TestResumeFromTheJournalAtEveryCall(t *testing.T) {
	file := people(6) + "bad,,,\n"
	want := outcomes(newBench(t, sandbox.New(sandbox.Options{})).mustRun(file))
	for _, kind := range []string{"", sandbox.CutAfter, sandbox.ErrorAfter} {
		for call := 1; ; call++ {
			var b *bench
			var seen atomic.Int64
			var copied []byte
			o := sandbox.Options{OnRequest: func(*http.Request) {
				if seen.Add(1) == int64(call) {
					copied, _ = os.ReadFile(b.partial)
				}
			}}
			if kind != "" {
				o.Faults = []sandbox.Fault{{Kind: kind, Percent: 60, Class: "create"}}
			}
			server := sandbox.New(o)
			runFake(t, server, func(t *testing.T, fresh *bench) {
				b = fresh
				b.mustRun(file)
				// The server has everything by now; the journal of the crash has not.
				if err := os.WriteFile(b.partial, copied, 0o600); err != nil {
					t.Fatal(err)
				}
				if copied == nil {
					return
				}
				for i, l := range b.mustRun(file) {
					if got := outcomes([]results.Line{l})[0]; got != want[i] && !strings.Contains(got, " unchanged none") {
						t.Errorf("%s, crash at call %d: %q, want %q", kind, call, got, want[i])
					}
				}
			})
			if twice := server.Twice(); len(twice) > 0 {
				t.Errorf("%s, crash at call %d: created twice: %v", kind, call, twice)
			}
			if seen.Load() < int64(call) {
				break
			}
		}
	}
}

func TestInputThatChangesStopsTheRun(t *testing.T) {
	before := people(20)
	for name, after := range map[string]string{
		"another value":  strings.Replace(before, "First 7", "First x", 1),
		"a row more":     before + "more@acme.example.com,,,\n",
		"a row less":     before[:strings.LastIndex(before[:len(before)-1], "\n")+1],
		"another header": strings.Replace(before, "last_name", "company_name", 1),
		"no header":      "",
	} {
		// The plan takes two passes, the rows without calls one, the others the rest.
		for pass := 2; pass <= 5; pass++ {
			name := fmt.Sprintf("%s from pass %d on", name, pass)
			t.Run(name, func(t *testing.T) {
				server := sandbox.New(sandbox.Options{})
				b := newBench(t, server)
				passes := 0
				b.o.Open = func() (io.ReadCloser, error) {
					file := before
					if passes++; passes >= pass {
						file = after
					}
					return io.NopCloser(strings.NewReader(file)), nil
				}
				if err := b.start(t.Context()); !errors.Is(err, ErrInputChanged) {
					t.Fatalf("error is %v, want %v", err, ErrInputChanged)
				}
				b.input(before)
				if err := b.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				if twice := server.Twice(); len(twice) > 0 || len(server.Guests()) != 20 {
					t.Errorf("created twice: %v; there are %d guests", twice, len(server.Guests()))
				}
			})
		}
	}
}

// An edited, re-ordered or shortened file resumes by person, not by row.
func TestResumeByPerson(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seen atomic.Int64
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && seen.Add(1) == 10 {
			cancel()
		}
		server.ServeHTTP(w, r)
	}))
	b.input(people(30))
	if err := b.start(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v", err)
	}
	rows := strings.Split(strings.TrimSpace(people(30)), "\n")
	edited := []string{rows[0], "new@acme.example.com,New,,"}
	for i := len(rows) - 1; i > 5; i-- {
		edited = append(edited, strings.ToUpper(rows[i]))
	}
	lines := b.mustRun(strings.Join(edited, "\n"))
	if len(lines) != len(edited)-1 {
		t.Fatalf("%d lines, want %d", len(lines), len(edited)-1)
	}
	for i, l := range lines {
		if l.Status != results.Created || l.Row != i+1 || l.Line != i+2 {
			t.Errorf("line %d is %+v", i+1, l)
		}
	}
	if twice := server.Twice(); len(twice) > 0 {
		t.Errorf("created twice: %v", twice)
	}
}

func TestPlanOfAFileAlone(t *testing.T) {
	o := Options{Mode: Upsert, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("email,associated_members\nann@acme.example.com,1\nbob@acme.example.com,x@acme.com\nANN@acme.example.com,\nbad,\n")), nil
	}}
	plan, err := NewPlan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Counts{Rows: 4, Create: 2, CreateAssociate: 2, Invalid: 1, Duplicate: 1}, plan.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestPlanPassesOnWhatIsWrongWithTheInput(t *testing.T) {
	gone := errors.New("the stick was pulled")
	_, err := NewPlan(t.Context(), Options{Open: func() (io.ReadCloser, error) { return nil, gone }})
	if !errors.Is(err, gone) {
		t.Errorf("error is %v, want %v", err, gone)
	}
	_, err = NewPlan(t.Context(), Options{Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("name\n")), nil }})
	var input *guest.InputError
	if !errors.As(err, &input) {
		t.Errorf("error is %v, want an InputError", err)
	}
}

func TestRejectsAreTheOriginalCells(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	b := newBench(t, server)
	b.mustRun("\ufeffE-Mail;First Name;id\r\nann@acme.example.com;\" Ann; A \";1\r\nbad ;\"B\n\"\"b\"\"\";2\r\nshort\r\nx@acme.example.com;a;b;c\r\na\"b;c;d\r\n")
	path := filepath.Join(t.TempDir(), "rejects.csv")
	n, err := WriteRejects(t.Context(), b.o, b.results, path)
	if err != nil || n != 4 {
		t.Fatalf("%d rejects, %v; want 4", n, err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := guest.NewReader(f, guest.ReaderOptions{})
	if err != nil {
		t.Fatalf("the rejects file cannot be imported again: %v", err)
	}
	if diff := cmp.Diff([]string{"E-Mail", "First Name", "id", "guestlist_error"}, r.Header().Cells); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	want := [][]string{{"bad ", "B\n\"b\"", "2"}, {"short", "", ""}, {"x@acme.example.com", "a", "b", "c"}, {"a\"b", "c", "d"}}
	for i := range want {
		row, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		cells := r.Cells()
		if diff := cmp.Diff(want[i], cells[:len(cells)-1]); diff != "" {
			t.Errorf("reject %d (-want +got):\n%s", i+1, diff)
		}
		if cells[len(cells)-1] == "" {
			t.Errorf("reject %d has no reason", i+1)
		}
		// What nobody mended is refused again.
		if row.Unread == "" && len(guest.Validate(&row.Guest)) == 0 {
			t.Errorf("reject %d is valid when it is read again: %v", i+1, row.Guest)
		}
	}
}

func TestRejectsOfRejectsKeepEveryCell(t *testing.T) {
	b := newBench(t, sandbox.New(sandbox.Options{}))
	b.mustRun("email,last_name,guestlist_error\nx@acme.example.com,Doe, Jane,old reason\nbad,Doe,old reason\n")
	path := filepath.Join(t.TempDir(), "rejects.csv")
	if _, err := WriteRejects(t.Context(), b.o, b.results, path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	want := "email,last_name,guestlist_error\n" +
		"x@acme.example.com,Doe, Jane,old reason,row: has 4 cells where the header has 3: a cell with the delimiter in it must be quoted\n" +
		"bad,Doe,email: has no @ (an address looks like jane@example.com)\n"
	if err != nil || strings.ReplaceAll(string(got), "\"", "") != want {
		t.Errorf("%v, rejects are\n%s, want\n%s", err, got, want)
	}
}
