package cli

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/sandbox"
)

// logged reads standard error as a program does: an object a line, each with a
// time, a level and a message, and nothing else.
func logged(t *testing.T, stderr string) (events []map[string]any) {
	t.Helper()
	if stderr != "" && !strings.HasSuffix(stderr, "\n") {
		t.Errorf("the last line is torn: %q", stderr)
	}
	for line := range strings.Lines(stderr) {
		var e map[string]any
		d := json.NewDecoder(strings.NewReader(line))
		if err := d.Decode(&e); err != nil {
			t.Fatalf("no JSON: %v: %s", err, line)
		}
		if rest, _ := io.ReadAll(d.Buffered()); strings.TrimSpace(string(rest)) != "" {
			t.Errorf("after the object stands %q", rest)
		}
		stamp, _ := e["time"].(string)
		if _, err := time.Parse(time.RFC3339, stamp); err != nil || !strings.HasSuffix(stamp, "Z") {
			t.Errorf("the time is no RFC 3339 in UTC: %s", line)
		}
		if level, _ := e["level"].(string); !slices.Contains([]string{"DEBUG", "INFO", "WARN", "ERROR"}, level) {
			t.Errorf("no level: %s", line)
		}
		if msg, _ := e["msg"].(string); strings.TrimSpace(msg) == "" {
			t.Errorf("no message: %s", line)
		}
		if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return r == '\n' || acts(r) }) {
			t.Errorf("a line acts on a terminal: %q", line)
		}
		events = append(events, e)
	}
	return events
}

// lastOf returns the last event, which says how the run ended.
func lastOf(t *testing.T, events []map[string]any, code int) map[string]any {
	t.Helper()
	if len(events) == 0 {
		t.Fatal("nothing is told")
	}
	last := events[len(events)-1]
	level := "ERROR"
	if code == exitOK {
		level = "INFO"
	}
	if last["exit_code"] != float64(code) || last["event"] != "end" || last["level"] != level {
		t.Errorf("exit code %d, and the last is %v", code, last)
	}
	return last
}

// ofKind returns the first event of a kind.
func ofKind(t *testing.T, events []map[string]any, kind string) map[string]any {
	t.Helper()
	for _, e := range events {
		if e["event"] == kind {
			return e
		}
	}
	t.Fatalf("there is no event %s in %v", kind, events)
	return nil
}

// without drops from an event what is another each time.
func without(e map[string]any, names ...string) map[string]any {
	e = maps.Clone(e)
	for _, name := range append(names, "time") {
		delete(e, name)
	}
	return e
}

const (
	loggedToken = "s3cret-t0ken"
	actingName  = "clear\x1b[2J\u202e.csv" // which would act on a terminal
)

// logDesk is a desk with files that are good and bad, and a token that must not be told.
func logDesk(t *testing.T, server http.Handler) *desk {
	t.Helper()
	d := newDeskAt(t, server)
	d.env["TALLYFY_ACCESS_TOKEN"] = loggedToken
	for name, content := range map[string]string{
		"bad.csv":     "email,company_url\nann@acme.example.com,\nno address,acme\nANN@acme.example.com,\n",
		"other.csv":   "email,first_name\nann@acme.example.com,Other\n",
		"header.csv":  "email,e-mail,frobnicate\nann@acme.example.com,,\n",
		"none.csv":    "",
		"wrong-token": loggedToken + "-wrong",
		actingName:    "email\nann@acme.example.com\n",
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// Whatever happens, standard error carries objects only, and the last of them says
// how it ended.
func TestJSONLog(t *testing.T) {
	guests := sandbox.New(sandbox.Options{Org: "acme", Token: loggedToken, Guests: 2, Limits: []sandbox.Limit{{Class: "create", Calls: 2, Window: time.Hour}}})
	d := logDesk(t, guests)
	for _, tc := range []struct {
		name string
		args []string
		code int
		hint string // a part of it
	}{
		{"import", []string{"import", "people.csv"}, exitOK, ""},
		{"the same again", []string{"import", "people.csv", "--report", "people.html", "--summary", "s.json"}, exitOK, ""},
		{"a dry run", []string{"import", "people.csv", "--dry-run"}, exitOK, ""},
		{"a dry run of bad rows", []string{"import", "bad.csv", "--dry-run"}, exitInvalid, ""},
		{"bad rows", []string{"import", "bad.csv"}, exitSomeRefused, ""},
		{"validate", []string{"validate", "people.csv"}, exitOK, ""},
		{"validate bad rows", []string{"validate", "bad.csv"}, exitInvalid, ""},
		{"a bad header", []string{"import", "header.csv"}, exitInvalid, "nothing was sent"},
		{"an empty file", []string{"validate", "none.csv"}, exitInvalid, ""},
		{"no such file", []string{"import", "peple.csv"}, exitFailure, "is it people.csv?"},
		{"a file whose name acts on a terminal", []string{"validate", actingName}, exitOK, ""},
		{"no file, of a name that acts on a terminal", []string{"import", "no " + actingName}, exitFailure, "check the file's name"},
		{"export", []string{"export", "-o", "guests.csv"}, exitOK, ""},
		{"export to standard output", []string{"export"}, exitOK, ""},
		{"get", []string{"get", "ann@acme.example.com"}, exitOK, ""},
		{"get nobody", []string{"get", "nobody@acme.example.com"}, exitNotFound, ""},
		{"report", []string{"report", "people.results.csv"}, exitOK, ""},
		{"report of no results", []string{"report", "people.csv"}, exitInvalid, "guestlist report people.results.csv"},
		{"members", []string{"members", "-o", "members.csv"}, exitOK, ""},
		{"verify", []string{"verify", "people.csv"}, exitOK, ""},
		{"verify what differs", []string{"verify", "other.csv"}, exitSomeRefused, ""},
		{"diff", []string{"diff", "guests.csv", "guests.csv"}, exitOK, ""},
		{"profiles", []string{"profiles"}, exitOK, ""},
		{"disable", []string{"disable", "people.csv", "--yes"}, exitOK, ""},
		{"enable", []string{"enable", "people.csv", "--yes", "--dry-run"}, exitOK, ""},
		{"delete without consent", []string{"delete", "people.csv"}, exitUsage, "--yes"},
		{"delete", []string{"delete", "people.csv", "--yes"}, exitOK, ""},
		{"doctor", []string{"doctor"}, exitOK, ""},
		{"doctor with a problem", []string{"doctor", "--rate", "often"}, exitUsage, ""},
		{"demo", []string{"demo"}, exitOK, ""},
		{"version", []string{"version"}, exitOK, ""},
		{"help", []string{"help", "import"}, exitOK, ""},
		{"help about nothing", []string{"help", "imprt"}, exitUsage, "guestlist --help"},
		{"a topic", []string{"environment"}, exitOK, ""},
		{"completions", []string{"completion", "bash"}, exitOK, ""},
		{"another organization", []string{"export", "--org", "other"}, exitNotFound, "TALLYFY_ORG_ID"},
		{"another token", []string{"export", "--token-file", "wrong-token"}, exitPermission, "make a new one"},
		{"no server", []string{"export", "--base-url", "http://127.0.0.1:1/api", "--retries", "1"}, exitFailure, "--base-url"},
		{"an unknown command", []string{"imprt", "people.csv"}, exitUsage, "guestlist --help"},
		{"an unknown flag", []string{"import", "people.csv", "--frobnicate"}, exitUsage, "guestlist import --help"},
		{"a flag without its value", []string{"export", "--org"}, exitUsage, "guestlist export --help"},
		{"a value that is none", []string{"export", "--workers", "many"}, exitUsage, "guestlist export --help"},
		{"an argument too few", []string{"import"}, exitUsage, "guestlist import --help"},
		{"an argument too many", []string{"doctor", "acme"}, exitUsage, "guestlist doctor --help"},
		{"a setting that is none", []string{"import", "people.csv", "--rate", "often"}, exitUsage, "guestlist import --help"},
		{"an address of another machine", []string{"sandbox", "--listen", "192.0.2.1:80"}, exitFailure, "127.0.0.1:PORT"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			// The flag stands first, as a flag without its value would take it.
			code, stderr := d.run(append([]string{"--log-format", "json"}, tc.args...)...)
			if code != tc.code {
				t.Errorf("exit code %d, want %d:\n%s", code, tc.code, stderr)
			}
			last := lastOf(t, logged(t, stderr), code)
			if hint, _ := last["hint"].(string); !strings.Contains(hint, tc.hint) || tc.hint == "" && hint != "" {
				t.Errorf("the hint is %q, and should have %q", hint, tc.hint)
			}
			if strings.Contains(stderr, loggedToken) {
				t.Errorf("the token is told:\n%s", stderr)
			}
		})
	}
}

// No command is forgotten: each tells in JSON what is wrong with how it is called.
func TestJSONLogOfEveryCommandThatIsMisused(t *testing.T) {
	d := logDesk(t, sandbox.New(sandbox.Options{}))
	for _, cmd := range commands() {
		if !cmd.Runnable() {
			continue
		}
		args := append(strings.Fields(cmd.CommandPath())[1:], "--frobnicate", "--log-format=json")
		code, stderr := d.run(args...)
		if code != exitUsage {
			t.Errorf("%v: exit code %d", args, code)
		}
		if events := logged(t, stderr); len(events) != 1 {
			t.Errorf("%v: there are %d events:\n%s", args, len(events), stderr)
		} else if last := lastOf(t, events, exitUsage); last["msg"] != "unknown flag: --frobnicate" {
			t.Errorf("%v: %v", args, last)
		}
	}
}

func TestJSONLogByTheEnvironment(t *testing.T) {
	d := logDesk(t, sandbox.New(sandbox.Options{}))
	d.env["GUESTLIST_LOG_FORMAT"] = "json"
	for _, args := range [][]string{{"validate", "people.csv"}, {"demo"}, {"__complete", "import", ""}} {
		code, stderr := d.run(args...)
		lastOf(t, logged(t, stderr), code)
	}
	if code, stderr := d.run("validate", "people.csv", "--log-format", "text"); code != exitOK || !strings.HasPrefix(stderr, "people.csv: 1 row") {
		t.Errorf("the flag does not win: exit code %d:\n%s", code, stderr)
	}
	d.env["GUESTLIST_LOG_FORMAT"] = "jsn"
	if code, stderr := d.run("validate", "people.csv"); code != exitUsage || !strings.Contains(stderr, `GUESTLIST_LOG_FORMAT: "jsn" is neither text nor json: did you mean json?`) {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
	if code, stderr := d.run("help", "environment"); code != exitOK || stderr != "" {
		t.Errorf("help: exit code %d:\n%s", code, stderr)
	}
	if code, stderr := d.run("validate", "people.csv", "--log-format", "xml"); code != exitUsage || !strings.Contains(stderr, `--log-format: "xml" is neither text nor json`) {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

// Programs need not take texts apart.
func TestJSONLogHasWhatTheTextsSay(t *testing.T) {
	d := logDesk(t, sandbox.New(sandbox.Options{}))
	code, stderr := d.run("import", "bad.csv", "--log-format", "json")
	events := logged(t, stderr)
	lastOf(t, events, code)
	for kind, want := range map[string]map[string]any{
		"plan": {
			"level": "INFO", "event": "plan", "msg": "plan: 1 to create, 1 invalid, 1 duplicate",
			"rows": 3.0, "create": 1.0, "associate": 0.0, "change": 0.0, "unchanged": 0.0, "carried": 0.0, "failed": 0.0, "invalid": 1.0, "duplicate": 1.0,
		},
		"rows": {
			"level": "INFO", "event": "rows", "msg": "1 created, 1 invalid, 1 duplicate",
			"rows": map[string]any{"created": 1.0, "invalid": 1.0, "duplicate": 1.0}, "results": "bad.results.csv",
		},
		"rejects": {
			"level": "ERROR", "event": "rejects", "msg": "rejects: bad.rejects.csv (2 rows: mend them there, then import that file)",
			"rows": 2.0, "rejects": "bad.rejects.csv",
		},
		"end": {"level": "ERROR", "event": "end", "msg": "finished with exit code 9", "exit_code": 9.0},
	} {
		if diff := cmp.Diff(want, without(ofKind(t, events, kind), "seconds", "waited_seconds")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
	if e := ofKind(t, events, "forecast"); e["creates"] != 1.0 || e["eta_seconds"] == nil || e["finishes_at"] == nil {
		t.Errorf("the forecast is %v", e)
	}
	code, stderr = d.run("import", "header.csv", "--log-format", "json")
	last := lastOf(t, logged(t, stderr), code)
	if problems, _ := last["problems"].([]any); len(problems) != 2 {
		t.Errorf("the problems of the header are %v", last)
	}
}

func TestJSONLogOfALimit(t *testing.T) {
	d := logDesk(t, sandbox.New(sandbox.Options{HideLimits: true, Limits: []sandbox.Limit{{Class: "create", Calls: 1, Window: time.Hour}}}))
	if err := os.WriteFile("people.csv", []byte("email\na@acme.example.com\nb@acme.example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stderr := d.run("import", "people.csv", "--max-wait", "0s", "--log-format", "json")
	events := logged(t, stderr)
	last := lastOf(t, events, code)
	at, _ := last["resume_at"].(string)
	if when, err := time.Parse(time.RFC3339, at); code != exitLimit || err != nil || time.Until(when) < 50*time.Minute {
		t.Errorf("exit code %d, and go on at %q", code, at)
	}
	if hint, _ := last["hint"].(string); !strings.Contains(hint, "guestlist import people.csv") || !strings.Contains(hint, "--resume") {
		t.Errorf("the hint is %q", hint)
	}
}

// The text of an event is fit for a terminal, an attribute is exact.
func TestJSONLogOfANameThatActsOnATerminal(t *testing.T) {
	d := logDesk(t, sandbox.New(sandbox.Options{}))
	_, stderr := d.run("validate", actingName, "--log-format", "json")
	want := map[string]any{
		"level": "INFO", "event": "planned", "msg": `each row's verdict: clear\u001b[2J\u202e.plan.csv`, "plan": "clear\x1b[2J\u202e.plan.csv",
	}
	if diff := cmp.Diff(want, without(ofKind(t, logged(t, stderr), "planned"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A signal ends a run in JSON, too, and what it is answered with at once.
func TestJSONLogOfAnInterruption(t *testing.T) {
	me, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	server := sandbox.New(sandbox.Options{})
	var once sync.Once
	var errs lockedBuffer
	d := logDesk(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			once.Do(func() {
				if err := me.Signal(os.Interrupt); err != nil {
					t.Error(err)
				}
				for range 3000 { // until it is heard
					if strings.Contains(errs.String(), "stopping: ") {
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
			})
		}
		server.ServeHTTP(w, r)
	}))
	people := "email\n"
	for c := 'a'; c <= 'w'; c++ {
		people += string(c) + "@acme.example.com\n"
	}
	if err := os.WriteFile("people.csv", []byte(people), 0o600); err != nil {
		t.Fatal(err)
	}
	code := Run([]string{"import", "people.csv", "--log-format", "json", "--workers", "1"}, nil, io.Discard, &errs, d.getenv)
	stderr := errs.String()
	events := logged(t, stderr)
	last := lastOf(t, events, exitInterrupted)
	if hint, _ := last["hint"].(string); code != exitInterrupted || !strings.Contains(hint, "go on with: guestlist import people.csv") {
		t.Errorf("exit code %d, and the hint is %q", code, hint)
	}
	if !slices.ContainsFunc(events, func(e map[string]any) bool {
		return e["level"] == "WARN" && strings.HasPrefix(e["msg"].(string), "stopping: ")
	}) {
		t.Errorf("the signal was not answered:\n%s", stderr)
	}
}

// signalling sends the process a signal when it is written to.
type signalling struct{ t *testing.T }

func (s signalling) Write(p []byte) (int, error) {
	me, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = me.Signal(os.Interrupt)
	}
	if err != nil {
		s.t.Error(err)
	}
	return len(p), nil
}

func TestSandboxLogs(t *testing.T) {
	for _, tc := range []struct {
		flag string
		told bool
	}{{"--log-format=json", true}, {"--quiet", false}} {
		var errs lockedBuffer
		code := Run([]string{"sandbox", "--listen", "127.0.0.1:0", tc.flag}, nil, signalling{t}, &errs, func(string) string { return "" })
		switch {
		case code != exitOK:
			t.Errorf("%s: exit code %d:\n%s", tc.flag, code, errs.String())
		case tc.told:
			lastOf(t, logged(t, errs.String()), code)
		case errs.String() != "":
			t.Errorf("%s: there stands:\n%s", tc.flag, errs.String())
		}
	}
}
