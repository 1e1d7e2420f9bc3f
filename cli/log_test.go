package cli

import (
	"bytes"
	"errors"
	"log"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/sandbox"
)

func TestLogFormatOfACommandLine(t *testing.T) {
	for _, tc := range []struct {
		name string
		args string
		env  string
		want string
	}{
		{"nothing", "import people.csv", "", ""},
		{"a flag and its value", "import --log-format json people.csv", "", "json"},
		{"in one word", "import people.csv --log-format=json", "", "json"},
		{"beside what is wrong", "imprt --frobnicate --log-format json", "", "json"},
		{"from the environment", "import people.csv", "json", "json"},
		{"the flag wins", "--log-format text import people.csv", "json", "text"},
		{"the last one wins", "--log-format json import people.csv --log-format=text", "", "text"},
		{"no flag any more", "get -- --log-format json", "", ""},
		{"without a value", "export --log-format", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := logFormat(strings.Fields(tc.args), func(string) string { return tc.env }); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestNewsOfLimitsInJSON(t *testing.T) {
	var out bytes.Buffer
	a := newApp(nil, nil, &out, func(string) string { return "" })
	a.screen.json.Store(true)
	a.limits.later(errors.New("the disk is full"))
	cap30 := ratelimit.Limit{Scope: ratelimit.Creates, Budget: ratelimit.Budget{Calls: 30, Window: time.Hour}}
	for range 2 { // it is told once
		a.tell(a.limits.since(ratelimit.Snapshot{Refusing: []ratelimit.Limit{cap30}}))
	}
	var got []map[string]any
	for _, e := range logged(t, out.String()) {
		got = append(got, without(e))
	}
	want := []map[string]any{
		{"level": "WARN", "event": "limit", "msg": "the disk is full"},
		{
			"level": "INFO", "event": "limit", "msg": "the server's limit: 30 creates an hour",
			"scope": "create", "calls": 30.0, "window_seconds": 3600.0,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJSONLogHasTimesInUTC(t *testing.T) {
	var out bytes.Buffer
	a := newApp(nil, nil, &out, func(string) string { return "" })
	a.screen.json.Store(true)
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("there", 2*60*60))
	a.event(slog.LevelInfo, "kind", "something", slog.Time("at", noon))
	if e := ofKind(t, logged(t, out.String()), "kind"); e["at"] != "2026-11-23T10:00:00Z" {
		t.Errorf("noon two hours east of Greenwich is %v", e["at"])
	}
}

// What is told late, as the answer to a signal may be, does not come after the end.
func TestNothingIsToldAfterTheEnd(t *testing.T) {
	for _, inJSON := range []bool{false, true} {
		var out bytes.Buffer
		a := newApp(nil, nil, &out, func(string) string { return "" })
		a.screen.json.Store(inJSON)
		a.end(errors.New("the disk is full"))
		before := out.String()
		a.warn("stopping")
		_, _ = foreign{a}.Write([]byte("an idle connection\n"))
		if before == "" || out.String() != before {
			t.Errorf("in JSON %v: there stands\n%s", inJSON, out.String())
		}
	}
}

// What the standard library logs by itself does not break the form.
func TestForeignLogLines(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	d := logDesk(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		log.Print("http: something \x1b[2J\nin two lines")
		server.ServeHTTP(w, r)
	}))
	before := log.Writer()
	_, stderr := d.run("get", "ann@acme.example.com", "--log-format", "json")
	first := without(logged(t, stderr)[0])
	if diff := cmp.Diff(map[string]any{"level": "WARN", "msg": "http: something \\u001b[2J\nin two lines"}, first); diff != "" {
		t.Errorf("in JSON (-want +got):\n%s", diff)
	}
	if _, stderr = d.run("get", "ann@acme.example.com"); !strings.HasPrefix(stderr, "http: something \\u001b[2J\nin two lines\n") {
		t.Errorf("as text there stands:\n%s", stderr)
	}
	if _, stderr = d.run("export", "--quiet"); stderr != "" {
		t.Errorf("with --quiet there stands:\n%s", stderr)
	}
	if log.Writer() != before {
		t.Error("the standard logger is not given back")
	}
}

func TestProgressInJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lockedBuffer
		a := newApp(nil, nil, &out, func(string) string { return "" })
		a.screen.json.Store(true)
		began := time.Now()
		var done atomic.Int64
		stop := a.watch(func() progress {
			n := int(done.Load())
			return progress{done: n, total: 100, rows: map[results.Status]int{results.Created: n}, unit: "rows", left: 90 * time.Second, held: began.Add(5 * time.Minute)}
		})
		time.Sleep(2 * time.Second)
		done.Store(30)
		time.Sleep(waitEvery)
		stop()
		events := logged(t, out.String())
		if len(events) < 2 {
			t.Fatalf("there are %d events:\n%s", len(events), out.String())
		}
		until := began.Add(5 * time.Minute).UTC().Format(time.RFC3339)
		for i, want := range []map[string]any{
			{"done": 0.0, "total": 100.0, "unit": "rows", "held_until": until, "eta_seconds": 90.0},
			{"done": 30.0, "total": 100.0, "unit": "rows", "held_until": until, "eta_seconds": 90.0, "rows": map[string]any{"created": 30.0}},
		} {
			want["level"], want["event"] = "INFO", "progress"
			if diff := cmp.Diff(want, without(events[i], "msg")); diff != "" {
				t.Errorf("event %d (-want +got):\n%s", i, diff)
			}
		}
	})
}

// onlyWholeLines notes when a write is anything but one whole line.
type onlyWholeLines struct {
	lockedBuffer
	torn atomic.Int64
}

func (w *onlyWholeLines) Write(p []byte) (int, error) {
	if bytes.Count(p, []byte("\n")) != 1 || p[len(p)-1] != '\n' {
		w.torn.Add(1)
	}
	return w.lockedBuffer.Write(p)
}

// Lines that several goroutines tell at once do not run into each other, not even
// for who reads them through a pipe that another process writes to, too.
func TestEachLineIsOneWrite(t *testing.T) {
	for _, inJSON := range []bool{false, true} {
		var out onlyWholeLines
		a := newApp(nil, nil, &out, func(string) string { return "" })
		a.screen.json.Store(inJSON)
		stop := a.watch(func() progress { return progress{done: 1, total: 2, unit: "rows"} })
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 50 {
					a.say("something %s", strings.Repeat("x", 300))
					a.event(slog.LevelWarn, "kind", "something else", slog.Int("n", 1))
					a.print("one", "two")
					_, _ = foreign{a}.Write([]byte("from elsewhere\n"))
					a.screen.Lock()
					a.screen.display.tell(progress{held: time.Now().Add(time.Hour), unit: "rows"})
					a.screen.Unlock()
				}
			})
		}
		all.Wait()
		stop()
		a.end(errors.New("the end"))
		if n := out.torn.Load(); n > 0 {
			t.Errorf("in JSON %v: %d writes are no line", inJSON, n)
		}
		if inJSON {
			logged(t, out.String())
		}
	}
}
