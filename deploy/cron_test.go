package deploy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	cronSetting = regexp.MustCompile(`^([A-Z_]+)=(.*)$`)
	cronJob     = regexp.MustCompile(`^[\d*/,-]+(?:\s+[\d*/,-]+){4}\s+(.+)$`)
)

// crontab returns the settings and the jobs of the recipe, as cron takes it apart.
func crontab(t *testing.T) (settings, jobs []string) {
	t.Helper()
	content, err := os.ReadFile("cron/guestlist.crontab")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(content), "\n") {
		job := cronJob.FindStringSubmatch(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case cronSetting.MatchString(line):
			settings = append(settings, line)
		case job == nil:
			t.Errorf("line %d is no line of a crontab: %s", i+1, line)
		case strings.Contains(job[1], "%"):
			t.Errorf("line %d: cron takes a %% for the end of the line", i+1)
		default:
			jobs = append(jobs, job[1])
		}
	}
	if len(jobs) != 2 || !strings.Contains(jobs[0], "guestlist export") || !strings.Contains(jobs[1], "guestlist-hourly") {
		t.Fatalf("the jobs are %q, want the export and then the import", jobs)
	}
	return settings, jobs
}

// cron runs a job as cron does: in the home, by sh, with its settings.
func (d *desk) cron(settings []string, job string) (code int, mail string) {
	d.t.Helper()
	here, err := filepath.Abs("cron")
	d.must(err)
	env := append([]string{}, settings...)
	for i, setting := range env {
		if path, ok := strings.CutPrefix(setting, "PATH="); ok {
			env[i] = "PATH=" + os.Getenv("PATH") + ":" + here + ":" + path // where the recipe is installed
		}
	}
	return d.run(d.home, env, "sh", "-c", job)
}

func cronDesk(t *testing.T, invites int) *desk {
	d := newDesk(t, invites)
	d.must(os.Rename(d.dir, filepath.Join(d.home, "guests")))
	d.dir = filepath.Join(d.home, "guests")
	d.secret(filepath.Join(d.home, "client-secret"), 0o600)
	return d
}

func TestCronExportsSilently(t *testing.T) {
	t.Parallel()
	settings, jobs := crontab(t)
	d := cronDesk(t, 0)
	if code, mail := d.cron(settings, jobs[0]); code != 0 || mail != "" {
		t.Fatalf("exit code %d, and cron mails:\n%s", code, mail)
	}
	d.wantGuests(d.path("guests.csv"), 3)
	d.wantFile("export.json", true)
	d.wantFile("export.prom", true)
}

func TestCronTellsOfAnExportThatFails(t *testing.T) {
	t.Parallel()
	settings, jobs := crontab(t)
	d := cronDesk(t, 0)
	d.must(os.WriteFile(filepath.Join(d.home, "client-secret"), []byte("another\n"), 0o600))
	if code, mail := d.cron(settings, jobs[0]); code != 3 || mail == "" {
		t.Errorf("exit code %d, and cron mails %q", code, mail)
	}
}

func TestCronGoesOnHourByHour(t *testing.T) {
	t.Parallel()
	settings, jobs := crontab(t)
	d := cronDesk(t, 30)
	if code, mail := d.cron(settings, jobs[1]); code != 6 || mail != "" {
		t.Fatalf("exit code %d, want 6, and cron mails:\n%s", code, mail)
	}
	d.wantCreated(d.path("suppliers.results.csv.partial"), 30)
	d.wantFile("suppliers.csv", true)

	// The next hour: as many as come.
	d.env = append(d.env, "GUESTLIST_INVITE_CAP=none")
	next := newDesk(t, 0)
	d.env = append(d.env, next.env[:2]...)
	code, mail := d.cron(settings, jobs[1])
	if code != 0 || mail != "" {
		t.Fatalf("exit code %d, and cron mails:\n%s", code, mail)
	}
	d.wantCreated(d.path("suppliers.results.csv"), people)
	d.wantFile("suppliers.csv.done", true)

	// And the one after that finds nothing to do.
	if code, mail := d.cron(settings, jobs[1]); code != 0 || mail != "" {
		t.Errorf("exit code %d, and cron mails:\n%s", code, mail)
	}
}

// cron mails what is printed.
func TestHourlySaysOnlyWhatSomebodyHasToLookAt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		code int
		told bool // to who reads cron's mails
		done bool // the next hour finds nothing to do
	}{
		{"all done", 0, false, true},
		{"a limit is used up", 6, false, false},
		{"the machine goes down", 143, false, false},
		{"somebody stopped it", 130, false, false},
		{"some rows were refused", 9, true, true},
		{"the server is down, or the disk full", 1, true, false},
		{"a flag is mistyped", 2, true, false},
		{"the secret is not accepted", 3, true, false},
		{"no such organization", 5, true, false},
		{"the file cannot be used", 7, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, 0)
			path := d.standIn("guestlist", fmt.Sprintf(`echo "$@" >calls; echo words of guestlist; exit %d`, test.code))
			script, err := filepath.Abs("cron/guestlist-hourly")
			d.must(err)
			code, said := d.run(d.dir, []string{path}, script, "suppliers.csv", "--workers", "2")
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if told := strings.Contains(said, "words of guestlist"); told != test.told || !told && said != "" {
				t.Errorf("cron mails %q, want a mail: %t", said, test.told)
			}
			d.wantFile("suppliers.csv.done", test.done)
			d.wantFile("suppliers.csv", !test.done)
			calls, err := os.ReadFile(d.path("calls"))
			d.must(err)
			for _, want := range []string{"import suppliers.csv ", " --resume ", " --max-wait 10m ", " --workers 2"} {
				if !strings.Contains(string(calls), want) {
					t.Errorf("guestlist was called with %q, without %q", calls, want)
				}
			}
		})
	}
}

func TestHourlyLeavesTheRunOfAnHourAgoAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 0)
	path := d.standIn("guestlist", "touch called; exit 0")
	script, err := filepath.Abs("cron/guestlist-hourly")
	d.must(err)
	earlier := exec.Command("flock", d.path("suppliers.csv.lock"), "sh", "-c", "echo held; read line")
	hold, err := earlier.StdinPipe()
	d.must(err)
	held, err := earlier.StdoutPipe()
	d.must(err)
	d.must(earlier.Start())
	stuck := time.AfterFunc(time.Minute, func() { _ = earlier.Process.Kill() })
	defer stuck.Stop()
	_, err = held.Read(make([]byte, 5))
	d.must(err)
	if code, said := d.run(d.dir, []string{path}, script, "suppliers.csv"); code != 0 || said != "" {
		t.Errorf("exit code %d, and cron mails %q", code, said)
	}
	d.wantFile("called", false)
	d.must(hold.Close())
	_ = earlier.Wait() // read tells that there was no line
	if code, said := d.run(d.dir, []string{path}, script, "suppliers.csv"); code != 0 || said != "" {
		t.Errorf("exit code %d, and cron mails %q", code, said)
	}
	d.wantFile("called", true)
}
