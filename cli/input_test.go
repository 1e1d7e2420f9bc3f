package cli

import (
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"guestlist/sandbox"
)

// Whatever becomes of the input while it is imported, no row is lost: the run
// says how far it came, and goes on when the file is there again.
func TestInputThatChangesUnderway(t *testing.T) {
	people := func(n int) string {
		return "email\n" + strings.Repeat("x\n", n) + "ann@acme.example.com\nbob@acme.example.com\n"
	}
	for _, tc := range []struct {
		name   string
		method string // of the call at which it happens
		change func() error
		says   string
	}{
		{"gone before anything is sent", http.MethodGet, func() error { return os.Remove("people.csv") }, "open people.csv"},
		{"gone before the rejects are written", http.MethodPost, func() error { return os.Remove("people.csv") }, "open people.csv"},
		{"another one before anything is sent", http.MethodGet, func() error { return os.WriteFile("people.csv", []byte(people(1)), 0o600) }, "the input changed"},
		{"another one before the rejects are written", http.MethodPost, func() error {
			return os.WriteFile("people.csv", []byte(people(1)), 0o600)
		}, "the input changed"},
		{"none any more", http.MethodPost, func() error { return os.Truncate("people.csv", 0) }, "the input changed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			changed := false
			d := newDesk(t, sandbox.Options{OnRequest: func(r *http.Request) {
				if r.Method == tc.method && !changed {
					changed = true
					if err := tc.change(); err != nil {
						t.Error(err)
					}
				}
			}})
			if err := os.WriteFile("people.csv", []byte(people(2)), 0o600); err != nil {
				t.Fatal(err)
			}
			code, stderr := d.run("import", "people.csv", "--workers", "1")
			if code != exitFailure || !strings.Contains(stderr, tc.says) {
				t.Errorf("exit code %d:\n%s", code, stderr)
			}
			if tc.method == http.MethodPost && !strings.Contains(stderr, "--resume") {
				t.Errorf("nothing is said of a resume:\n%s", stderr)
			}
			if err := os.WriteFile("people.csv", []byte(people(2)), 0o600); err != nil {
				t.Fatal(err)
			}
			code, stderr = d.run("import", "people.csv", "--resume")
			if code != exitSomeRefused || !strings.Contains(stderr, "2 created, 2 invalid") {
				t.Errorf("after that: exit code %d:\n%s", code, stderr)
			}
			if rejects, err := os.ReadFile("people.rejects.csv"); strings.Count(string(rejects), "\n") != 3 {
				t.Errorf("the rejects are %q, %v", rejects, err)
			}
		})
	}
}

// When the results cannot be put in their place, everything is done and recorded,
// and a resume puts them there.
func TestResultsThatCannotBeFinished(t *testing.T) {
	d := newDesk(t, sandbox.Options{OnRequest: func(r *http.Request) {
		if r.Method == http.MethodPost {
			_ = os.Mkdir("people.results.csv", 0o700)
		}
	}})
	code, stderr := d.run("import", "people.csv")
	for _, says := range []string{"finish the results", "done and recorded in people.results.csv.partial: 1 of 1 row", "go on with: guestlist import people.csv --resume"} {
		if code != exitFailure || !strings.Contains(stderr, says) {
			t.Errorf("exit code %d, want %q:\n%s", code, says, stderr)
		}
	}
	if err := os.Remove("people.results.csv"); err != nil {
		t.Fatal(err)
	}
	if code, stderr := d.run("import", "people.csv", "--resume"); code != exitOK || !strings.Contains(stderr, "1 created") {
		t.Errorf("after that: exit code %d:\n%s", code, stderr)
	}
}

// A row of an unknown fate is to be settled before anything is imported again.
func TestUnknownFateIsToldBeforeTheRejects(t *testing.T) {
	var blind atomic.Bool
	server := sandbox.New(sandbox.Options{})
	d := newDeskAt(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			blind.Store(true)
			panic(http.ErrAbortHandler)
		}
		if blind.Load() {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		server.ServeHTTP(w, r)
	}))
	code, stderr := d.run("import", "people.csv")
	before, after, found := strings.Cut(stderr, "not known whether they were created: 1 row (settle that first: guestlist import people.csv --resume)\n")
	if code != exitSomeRefused || !found || !strings.Contains(before, "results:") || !strings.Contains(after, "rejects:") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}
