package deploy

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"guestlist/cli"
	"guestlist/sandbox"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"guestlist": func() {
		os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
	}})
}

// clientSecret is what the recipes sign in with.
const clientSecret = "a-client-secret"

// people are more than the server takes in an hour.
const people = 40

// desk is a machine that a recipe is put on, and the server that it talks to.
type desk struct {
	t    *testing.T
	dir  string // for the files
	home string // and every other folder
	temp string
	env  []string // of every process, whatever the recipe says

	budgets string // the URL of the Redis through which pods share them; empty: none
}

// newDesk has suppliers.csv in its folder, to be imported into an organization that
// takes so many invites an hour; zero: as many as come.
func newDesk(t *testing.T, invites int) *desk {
	t.Helper()
	o := sandbox.Options{
		Org: "acme", Guests: 3, UserContext: true,
		Clients: []sandbox.Client{{ID: "7", Secret: clientSecret}},
		Members: []sandbox.Member{{ID: 1001, Email: "ops@example.com"}},
	}
	if invites > 0 {
		o.Limits = []sandbox.Limit{{Class: "invite", Calls: invites, Window: time.Hour}}
	}
	server := httptest.NewServer(sandbox.New(o))
	t.Cleanup(server.Close)
	root := t.TempDir()
	d := &desk{t: t, dir: filepath.Join(root, "data"), home: filepath.Join(root, "home"), temp: filepath.Join(root, "tmp")}
	for _, dir := range []string{d.dir, d.home, d.temp} {
		d.must(os.Mkdir(dir, 0o700))
	}
	d.env = []string{
		"TALLYFY_BASE_URL=" + server.URL + "/api", "TALLYFY_TOKEN_URL=" + server.URL + "/oauth/token",
		"HOME=" + d.home, "TMPDIR=" + d.temp, "GORACE=atexit_sleep_ms=10",
	}
	content, err := os.ReadFile("../testdata/docs/freelancers.csv")
	d.must(err)
	if n := bytes.Count(content, []byte("\n")) - 1; n != people {
		t.Fatalf("there are %d people, want %d", n, people)
	}
	d.must(os.WriteFile(d.path("suppliers.csv"), content, 0o600))
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) path(name string) string { return filepath.Join(d.dir, name) }

// secret puts the client's secret into a file.
func (d *desk) secret(path string, mode os.FileMode) {
	d.t.Helper()
	d.must(os.WriteFile(path, []byte(clientSecret+"\n"), mode))
}

func (d *desk) command(dir string, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(append([]string{"PATH=" + os.Getenv("PATH")}, d.env...), env...)
	return cmd
}

// run runs a command in a folder, with nothing in its environment but env and what
// every process has.
func (d *desk) run(dir string, env []string, name string, args ...string) (code int, said string) {
	d.t.Helper()
	cmd := d.command(dir, env, name, args...)
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		d.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// wantGuests wants an export of that many guests.
func (d *desk) wantGuests(path string, n int) {
	d.t.Helper()
	content, err := os.ReadFile(path)
	d.must(err)
	if got := bytes.Count(content, []byte("\n")) - 1; got != n {
		d.t.Errorf("%s has %d guests, want %d", filepath.Base(path), got, n)
	}
}

// wantCreated wants results that tell of so many guests that were created.
func (d *desk) wantCreated(path string, n int) {
	d.t.Helper()
	content, err := os.ReadFile(path)
	d.must(err)
	if got := strings.Count(string(content), ",created,"); got != n {
		d.t.Errorf("%s tells of %d guests that were created, want %d", filepath.Base(path), got, n)
	}
}

func (d *desk) wantFile(name string, there bool) {
	d.t.Helper()
	if _, err := os.Stat(d.path(name)); (err == nil) != there {
		d.t.Errorf("%s stands there: %t, want %t", name, err == nil, there)
	}
}

// wantNothingElsewhere wants the home and the folder for temporary files as empty
// as they were.
func (d *desk) wantNothingElsewhere() {
	d.t.Helper()
	for _, dir := range []string{d.home, d.temp} {
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			d.t.Errorf("%s holds %v, %v", filepath.Base(dir), left, err)
		}
	}
}

// standIn puts a program into a folder that runs as another one; it returns the PATH that
// finds it first.
func (d *desk) standIn(name, script string) (path string) {
	d.t.Helper()
	bin := filepath.Join(d.t.TempDir(), "bin")
	d.must(os.Mkdir(bin, 0o700))
	d.must(os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700))
	return "PATH=" + bin + ":" + os.Getenv("PATH")
}
