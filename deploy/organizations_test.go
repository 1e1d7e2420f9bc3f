package deploy

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"guestlist/sandbox"
)

// agency is a desk with a profile for each of these organizations, and as many guests
// in each.
func agency(t *testing.T, organizations ...string) *desk {
	t.Helper()
	server := httptest.NewServer(sandbox.New(sandbox.Options{Guests: 3, Token: "the-token"}))
	t.Cleanup(server.Close)
	d := newDesk(t, 0)
	var config strings.Builder
	for i, name := range organizations {
		fmt.Fprintf(&config, "[%q]\norg = %q\nbase_url = \"%s/api\"\ntoken_file = %q\n", name, fmt.Sprintf("org-%d", i), server.URL, name+".token")
		d.must(os.MkdirAll(d.config(), 0o700))
		d.must(os.WriteFile(filepath.Join(d.config(), name+".token"), []byte("the-token\n"), 0o600))
	}
	d.must(os.MkdirAll(d.config(), 0o700))
	d.must(os.WriteFile(filepath.Join(d.config(), "config.toml"), []byte(config.String()), 0o600))
	return d
}

func (d *desk) config() string { return filepath.Join(d.home, ".config", "guestlist") }

// withScripts returns the PATH on which the scripts of a folder are installed.
func withScripts(t *testing.T, folder string) string {
	t.Helper()
	here, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	return "PATH=" + os.Getenv("PATH") + ":" + here
}

func (d *desk) exportAll(dir string, env []string, args ...string) (code int, said string) {
	d.t.Helper()
	return d.run(dir, env, "sh", append([]string{"-c", `guestlist-export-all "$@"`, "sh"}, args...)...)
}

func TestAllOrganizationsAreExported(t *testing.T) {
	t.Parallel()
	names := []string{"acme", "beta", "Gamma & Sons", "delta", "eps'ilon", "zeta"}
	d := agency(t, names...)
	// What stands in the environment is of one organization, and must not win.
	env := []string{withScripts(t, "organizations"), "TALLYFY_ORG_ID=another", "TALLYFY_ACCESS_TOKEN=another"}
	if code, said := d.exportAll(d.home, env, d.dir, "3"); code != 0 || said != "" {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	for i, name := range names {
		d.wantGuests(d.path(name+".csv"), 3)
		summary, err := os.ReadFile(d.path(name + ".json"))
		d.must(err)
		if !strings.Contains(string(summary), fmt.Sprintf(`"org": "org-%d@`, i)) {
			t.Errorf("%s was exported from another organization:\n%s", name, summary)
		}
	}
}

// As many are at work at once as are allowed to be.
func TestExportsAreBounded(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c", "d", "e", "f"}
	d := agency(t, names...)
	path := d.standIn("guestlist-export-one", `
mkdir "at-work.$1"
case $1 in
a | b) # wait for each other
	for try in $(seq 500); do
		test "$(echo at-work.* | wc -w)" -ge 2 && touch met
		test -e met && break
		sleep 0.02
	done ;;
esac
echo at-work.* | wc -w >>counts
rmdir "at-work.$1"; echo "$@" >>calls`)
	env := []string{path + ":" + strings.TrimPrefix(withScripts(t, "organizations"), "PATH=")}
	if code, said := d.exportAll(d.dir, env, ".", "2", "--per-page", "10"); code != 0 || said != "" {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	counts, err := os.ReadFile(d.path("counts"))
	d.must(err)
	if !regexp.MustCompile(`^(\s*[12]\n)+$`).Match(counts) {
		t.Errorf("so many were at work at once:\n%s", counts)
	}
	d.wantFile("met", true)
	calls, err := os.ReadFile(d.path("calls"))
	d.must(err)
	for _, name := range names {
		if !strings.Contains(string(calls), name+" --per-page 10\n") {
			t.Errorf("%s was not exported with the flags given:\n%s", name, calls)
		}
	}
}

// Who failed is told, and the others are done all the same.
func TestOneOrganizationFails(t *testing.T) {
	t.Parallel()
	d := agency(t, "acme", "beta", "gone", "../up")
	d.must(os.WriteFile(filepath.Join(d.config(), "gone.token"), []byte("of-last-year\n"), 0o600))
	const lastNight = "id,email\n7,ann@acme.example.com\n"
	d.must(os.WriteFile(d.path("gone.csv"), []byte(lastNight), 0o600))
	code, said := d.exportAll(d.home, []string{withScripts(t, "organizations")}, d.dir)
	if code != 1 || strings.Count(said, "\n") != 2 ||
		!regexp.MustCompile(`(?m)^gone: exit code 3: guestlist: .+$`).MatchString(said) ||
		!strings.Contains(said, "../up: no file can be called that: give the profile another name\n") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
	d.wantGuests(d.path("acme.csv"), 3)
	d.wantGuests(d.path("beta.csv"), 3)
	if kept, err := os.ReadFile(d.path("gone.csv")); string(kept) != lastNight {
		t.Errorf("the file of last night is gone: %v", err)
	}
}

func TestExportOfAllTellsWhyItCannotBegin(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, config string
		code         int
		want         string
	}{
		{"a configuration that cannot be read", "[acme\n", 2, "config.toml"},
		{"no organizations", "", 1, "no organizations are set up"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := agency(t)
			d.must(os.WriteFile(filepath.Join(d.config(), "config.toml"), []byte(tc.config), 0o600))
			code, said := d.exportAll(d.home, []string{withScripts(t, "organizations")}, d.dir)
			if code != tc.code || !strings.Contains(said, tc.want) {
				t.Errorf("exit code %d:\n%s", code, said)
			}
		})
	}
}

func TestExportsOfLastNightAreLeftAlone(t *testing.T) {
	t.Parallel()
	d := agency(t, "acme")
	path := withScripts(t, "organizations")
	code, said := d.run(d.dir, []string{path}, "flock", ".guestlist-export-all.lock", "guestlist-export-all", ".")
	if code != 1 || said != "the exports of last night are still under way\n" {
		t.Errorf("exit code %d:\n%s", code, said)
	}
	d.wantFile("acme.csv", false)
}

// The line for GNU parallel stands in the script, as it is typed.
func TestExportsByParallel(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("organizations/guestlist-export-all")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^#   (guestlist .*parallel.*)$`).FindStringSubmatch(string(script))
	if line == nil {
		t.Fatal("there is no such line")
	}
	if _, err := exec.LookPath("parallel"); err != nil {
		t.Skip("GNU parallel is not installed")
	}
	d := agency(t, "acme", "Beta & Sons", "gone")
	d.must(os.WriteFile(filepath.Join(d.config(), "gone.token"), []byte("of-last-year\n"), 0o600))
	code, said := d.run(d.dir, []string{withScripts(t, "organizations")}, "sh", "-c", line[1])
	if code != 1 || !strings.Contains(said, "gone: exit code 3: ") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
	d.wantGuests(d.path("acme.csv"), 3)
	d.wantGuests(d.path("Beta & Sons.csv"), 3)
	log, err := os.ReadFile(d.path("all.log"))
	d.must(err)
	if !regexp.MustCompile(`\t3\t0\tguestlist-export-one gone\n`).Match(log) {
		t.Errorf("the log does not tell the exit code:\n%s", log)
	}
}
