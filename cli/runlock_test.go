package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"guestlist/sandbox"
)

func TestSecondWritingRunIsRefused(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	first := &app{getenv: d.getenv}
	lock, err := first.lockRun(&settings{org: "acme", baseURL: d.url}, "import of big.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("another run is writing guests of acme@127.0.0.1: process %d: import of big.csv, since 20", os.Getpid())
	for _, args := range [][]string{
		{"import", "people.csv"},
		{"import", "people.csv", "--resume"},
		{"import", "people.csv", "--restart"},
		{"import", "people.csv", "--mode", "update"},
	} {
		code, stderr := d.run(args...)
		if code != exitFailure || !strings.Contains(stderr, want) || !strings.Contains(stderr, "\nwait until it has ended") {
			t.Errorf("%v: exit code %d:\n%s", args, code, stderr)
		}
	}
	if _, err := os.Stat("people.results.csv.partial"); err == nil {
		t.Error("a run that was refused left a partial file")
	}
	for _, args := range [][]string{
		{"export", "-o", "guests.csv"},
		{"validate", "people.csv"},
		{"import", "people.csv", "--dry-run"},
		{"import", "people.csv", "--org", "other", "--results", "other.csv"},
		{"get", "ann@acme.example.com"},
	} {
		if code, stderr := d.run(args...); code != exitOK {
			t.Errorf("%v beside a run: exit code %d:\n%s", args, code, stderr)
		}
	}
	if err := lock.Remove(); err != nil {
		t.Error(err)
	}
	if code, stderr := d.run("import", "people.csv"); code != exitOK {
		t.Errorf("after the other run: exit code %d:\n%s", code, stderr)
	}
	left, err := os.ReadDir("state")
	if err != nil {
		t.Error(err)
	}
	for _, file := range left {
		if !strings.Contains(file.Name(), ".budgets.") { // those are kept
			t.Errorf("runs that have ended left %s", file.Name())
		}
	}
}

// What a killed run leaves is nobody's.
func TestLockOfADeadRun(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	name := stateName(&settings{org: "acme", baseURL: d.url}) + ".lock"
	if err := os.MkdirAll("state", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("state", name), []byte("process 1: import of big.csv, since long ago\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, stderr := d.run("import", "people.csv"); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

func TestStateThatCannotBeKept(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	d.env["GUESTLIST_STATE_DIR"] = "people.csv"
	code, stderr := d.run("import", "people.csv")
	if code != exitFailure || !strings.Contains(stderr, "keep the state of this run") || !strings.Contains(stderr, "\nname a folder that it may write to: export GUESTLIST_STATE_DIR=FOLDER") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

func TestStateFolder(t *testing.T) {
	for _, tc := range []struct {
		name string
		env  map[string]string
		want string
	}{
		{"as set", map[string]string{"GUESTLIST_STATE_DIR": "here", "XDG_STATE_HOME": "/x", "HOME": "/home/me"}, "here"},
		{"of the desktop", map[string]string{"XDG_STATE_HOME": "/x", "HOME": "/home/me"}, "/x/guestlist"},
		{"relative, so ignored", map[string]string{"XDG_STATE_HOME": "x", "HOME": "/home/me"}, "/home/me/.local/state/guestlist"},
		{"at home", map[string]string{"HOME": "/home/me"}, "/home/me/.local/state/guestlist"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := &app{getenv: func(name string) string { return tc.env[name] }}
			if got, err := a.stateFolder(); got != filepath.FromSlash(tc.want) || err != nil {
				t.Errorf("got %s, %v, want %s", got, err, tc.want)
			}
		})
	}
}

func TestStateIsKeptByServerAndOrganization(t *testing.T) {
	for _, tc := range []struct{ base, org, want string }{
		{"https://go.tallyfy.com/api", "acme", "acme@go.tallyfy.com"},
		{"https://GO.tallyfy.com:443/api/", "acme", "acme@go.tallyfy.com"},
		{"https://go.tallyfy.com:8443/api", "acme", "acme@go.tallyfy.com%3A8443"},
		{"http://127.0.0.1:8765/api", "acme", "acme@127.0.0.1%3A8765"},
		{"http://127.0.0.1:8765", "a/b@c", "a%2Fb%40c@127.0.0.1%3A8765"},
	} {
		if got := stateName(&settings{baseURL: tc.base, org: tc.org}); got != tc.want {
			t.Errorf("%s of %s is kept as %s, want %s", tc.org, tc.base, got, tc.want)
		}
	}
}
