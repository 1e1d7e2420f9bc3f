package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// unit is what a unit's file says: by section and key, in their order.
type unit map[string][]string

func (u unit) one(t *testing.T, key string) string {
	t.Helper()
	if len(u[key]) != 1 {
		t.Fatalf("%s stands there %d times", key, len(u[key]))
	}
	return u[key][0]
}

func readUnit(t *testing.T, name string) unit {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("systemd", name))
	if err != nil {
		t.Fatal(err)
	}
	u, section := unit{}, ""
	for i, line := range strings.Split(string(content), "\n") {
		key, value, is := strings.Cut(line, "=")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		case !is || section == "":
			t.Fatalf("%s, line %d: %q is no line of a unit", name, i+1, line)
		default:
			u[section+"."+key] = append(u[section+"."+key], value)
		}
	}
	return u
}

// systemdDesk is a machine on which systemd has made the folders of a unit.
type systemdDesk struct {
	*desk
	credentials string
}

func newSystemdDesk(t *testing.T, invites int) systemdDesk {
	d := systemdDesk{newDesk(t, invites), t.TempDir()}
	d.secret(filepath.Join(d.credentials, "client-secret"), 0o440)
	// %S/guestlist is where the files are.
	d.must(os.Symlink(d.dir, filepath.Join(filepath.Dir(d.dir), "guestlist")))
	return d
}

// specified puts in what the specifiers of a unit stand for.
func (d systemdDesk) specified(text, instance string) string {
	text = strings.NewReplacer("%i", instance, "%d", d.credentials, "%S", filepath.Dir(d.dir), "%H", "host", "$$", "$").Replace(text)
	if strings.Contains(text, "%") {
		d.t.Fatalf("there is a specifier left in %s", text)
	}
	return text
}

// command takes a command line apart as systemd does, as far as the units need it.
func (d systemdDesk) command(line, instance string) (args []string) {
	for i, part := range strings.Split(d.specified(line, instance), "'") {
		if i%2 == 1 {
			args = append(args, part)
			continue
		}
		args = append(args, strings.Fields(part)...)
	}
	if args[0] == "/usr/local/bin/guestlist" { // where it is installed
		args[0] = "guestlist"
	}
	return args
}

// exec runs a command of a service, with what the unit puts into its environment.
func (d systemdDesk) exec(u unit, key, instance string, env ...string) (code int, said string) {
	d.t.Helper()
	settings, err := os.ReadFile(filepath.Join("systemd", filepath.Base(u.one(d.t, "Service.EnvironmentFile"))))
	d.must(err)
	for _, line := range append(strings.Split(string(settings), "\n"), u["Service.Environment"]...) {
		if line != "" && !strings.HasPrefix(line, "#") {
			env = append(env, d.specified(line, instance))
		}
	}
	args := d.command(u.one(d.t, key), instance)
	return d.run(d.specified(u.one(d.t, "Service.WorkingDirectory"), instance), env, args[0], args[1:]...)
}

func TestSystemdExports(t *testing.T) {
	t.Parallel()
	u, d := readUnit(t, "guestlist-export.service"), newSystemdDesk(t, 0)
	if code, said := d.exec(u, "Service.ExecStart", ""); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	d.wantGuests(d.path("guests.csv"), 3)
	d.wantNothingElsewhere()
}

func TestSystemdGoesOnHourByHour(t *testing.T) {
	t.Parallel()
	u, d := readUnit(t, "guestlist-import@.service"), newSystemdDesk(t, 30)
	code, said := d.exec(u, "Service.ExecStart", "suppliers.csv")
	if code != 6 {
		t.Fatalf("exit code %d, want 6:\n%s", code, said)
	}
	d.wantCreated(d.path("suppliers.results.csv.partial"), 30)
	d.wantNothingElsewhere()
	if !slices.Contains(strings.Fields(u.one(t, "Service.SuccessExitStatus")), strconv.Itoa(code)) {
		t.Error("a limit that is used up is a failure")
	}
	d.env = append(d.env, append(newDesk(t, 0).env[:2], "GUESTLIST_INVITE_CAP=none")...)
	if code, said := d.exec(u, "Service.ExecStart", "suppliers.csv"); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	d.wantCreated(d.path("suppliers.results.csv"), people)
	d.wantNothingElsewhere()
}

// A unit is skipped when there is nothing at ConditionPathExists.
func TestSystemdIsDoneWithAFile(t *testing.T) {
	t.Parallel()
	u := readUnit(t, "guestlist-import@.service")
	if condition := u.one(t, "Unit.ConditionPathExists"); condition != "/var/lib/guestlist/%i" {
		t.Errorf("the unit looks for %s", condition)
	}
	for status, done := range map[string]bool{"0": true, "9": true, "6": false, "1": false, "7": false, "143": false, "KILL": false} {
		d := newSystemdDesk(t, 0)
		if code, said := d.exec(u, "Service.ExecStopPost", "suppliers.csv", "EXIT_STATUS="+status); code != 0 || said != "" {
			t.Errorf("after %s: exit code %d: %s", status, code, said)
		}
		d.wantFile("suppliers.csv.done", done)
		d.wantFile("suppliers.csv", !done)
	}
}

func TestSystemdAlerts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"guestlist-export.service", "guestlist-import@.service"} {
		if alert := readUnit(t, name).one(t, "Unit.OnFailure"); alert != "guestlist-alert@%n.service" {
			t.Errorf("%s alerts by %s", name, alert)
		}
	}
	d := newSystemdDesk(t, 0)
	bin := d.standIn("mail", `echo "$@" >mail; cat >>mail`)
	d.must(os.WriteFile(filepath.Join(strings.Split(strings.TrimPrefix(bin, "PATH="), ":")[0], "systemctl"), []byte("#!/bin/sh\necho \"$@\"\n"), 0o700))
	args := d.command(readUnit(t, "guestlist-alert@.service").one(t, "Service.ExecStart"), "guestlist-import@suppliers.csv.service")
	if code, said := d.run(d.dir, []string{bin}, args[0], args[1:]...); code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	mail, err := os.ReadFile(d.path("mail"))
	d.must(err)
	want := "-s guestlist-import@suppliers.csv.service failed on host root\nstatus --full --lines=30 guestlist-import@suppliers.csv.service\n"
	if string(mail) != want {
		t.Errorf("mailed is\n%s\nwant\n%s", mail, want)
	}
}

// The units may write to nothing but their folder, and hold their secret as a
// credential.
func TestSystemdUnitsAreConfined(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"guestlist-export.service", "guestlist-import@.service"} {
		u := readUnit(t, name)
		for key, want := range map[string]string{
			"Type": "oneshot", "User": "guestlist", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "NoNewPrivileges": "yes",
			"StateDirectory": "guestlist", "StateDirectoryMode": "0700", "CapabilityBoundingSet": "", "LoadCredential": "client-secret:/etc/guestlist/client-secret",
		} {
			if got := u.one(t, "Service."+key); got != want {
				t.Errorf("%s: %s=%s, want %s", name, key, got, want)
			}
		}
	}
}

func TestSystemdVerifiesTheUnits(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("there is no systemd-analyze")
	}
	program, err := exec.LookPath("guestlist")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	paths, err := filepath.Glob("systemd/*.*")
	if err != nil {
		t.Fatal(err)
	}
	verify := []string{"verify", "--man=no"}
	for _, path := range paths {
		if strings.HasSuffix(path, ".conf") {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.Replace(filepath.Base(path), "@.", "@suppliers.csv.", 1)
		installed := strings.ReplaceAll(string(content), "/usr/local/bin/guestlist", program)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(installed), 0o600); err != nil {
			t.Fatal(err)
		}
		verify = append(verify, filepath.Join(dir, name))
	}
	if len(verify) != 2+5 {
		t.Fatalf("verified are %q", verify[2:])
	}
	if out, err := exec.Command("systemd-analyze", verify...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	for _, timer := range []string{"guestlist-export.timer", "guestlist-import@.timer"} {
		when := readUnit(t, timer).one(t, "Timer.OnCalendar")
		if out, err := exec.Command("systemd-analyze", "calendar", when).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", timer, err, out)
		}
	}
}
