package cli

import (
	"net/http"
	"os"
	"strings"
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
