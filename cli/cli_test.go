package cli

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/guest"
	"guestlist/importer"
	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/tallyfy"
)

func TestExitCode(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		want int
	}{
		{"nothing", nil, 0},
		{"anything", errors.New("the disk is full"), 1},
		{"usage", usage{errors.New("no such flag"), ""}, 2},
		{"no token", fmt.Errorf("sign in: %w", errNoToken), 3},
		{"unauthenticated", fmt.Errorf("list: %w", &tallyfy.Error{Status: 401}), 3},
		{"forbidden", &tallyfy.Error{Status: 403}, 3},
		{"not found", &tallyfy.Error{Status: 404}, 5},
		{"another answer", &tallyfy.Error{Status: 500}, 1},
		{"invalid input", fmt.Errorf("read: %w", &guest.InputError{Problems: []string{"empty"}}), 7},
		{"some rows refused", outcome(9), 9},
		{"interrupted", hinted{stopped{os.Interrupt}, "go on"}, 130},
		{"terminated", stopped{syscall.SIGTERM}, 143},
		{"nothing more than refused rows", both(outcome(9), nil), 9},
		{"interrupted weighs more than anything", errors.Join(&tallyfy.Error{Status: 404}, stopped{os.Interrupt}), 130},
		{"usage weighs more than permission", errors.Join(errNoToken, usage{errors.New("x"), ""}), 2},
		{"somebody missing weighs more than a failure", alsoMissing{errors.New("the disk is full")}, 5},
		{"somebody missing weighs more than a limit", alsoMissing{&ratelimit.TooLong{}}, 5},
		{"permission weighs more than somebody missing", alsoMissing{&tallyfy.Error{Status: 403}}, 3},
		{"a failure weighs more than refused rows", both(outcome(9), errors.New("the disk is full")), 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := exitCode(tc.err); got != tc.want {
				t.Errorf("exit code %d, want %d", got, tc.want)
			}
		})
	}
}

func TestPrintable(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "José said \"hi\"\nand left", "José said \"hi\"\nand left"},
		{"escape sequence", "a\x1b[2Jb", `a\u001b[2Jb`},
		{"carriage return, bell and delete", "a\r\a\x7f", `a\u000d\u0007\u007f`},
		{"C1 control", "a\u009bb", `a\u009bb`},
		{"right to left override", "a\u202eb", `a\u202eb`},
		{"invalid UTF-8", "a\xffb", "a\ufffdb"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := printable(tc.in); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestShellQuote(t *testing.T) {
	for in, want := range map[string]string{
		"people.csv": "people.csv", "my people.csv": "'my people.csv'", "it's.csv": `'it'\''s.csv'`, "": "''", "a$b": "'a$b'", "é.csv": "'é.csv'", "/a/b-c_d.csv": "/a/b-c_d.csv",
	} {
		if got := shellQuote(in); got != want {
			t.Errorf("shellQuote(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestWindowsQuote(t *testing.T) {
	for in, want := range map[string]string{
		"people.csv": "people.csv", `demo-out\people.csv`: `demo-out\people.csv`, `C:\Users\Zoë O'Brien\people.csv`: `"C:\Users\Zoë O'Brien\people.csv"`,
		"": `""`, `the "new" ones=company_name`: `"the ""new"" ones=company_name"`, "a&b.csv": `"a&b.csv"`, "--map=x": `"--map=x"`,
	} {
		if got := windowsQuote(in); got != want {
			t.Errorf("windowsQuote(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, tc := range []struct {
		name string
		n    importer.Counts
		want string
	}{
		{"nothing to do", importer.Counts{}, "0 to create"},
		{"creates", importer.Counts{Create: 3}, "3 to create"},
		{
			"all kinds",
			importer.Counts{Create: 9, CreateAssociate: 2, Associate: 3, Unchanged: 4, Carried: 5, Failed: 6, Invalid: 7, Duplicate: 8},
			"9 to create (2 with members to associate), 3 to associate, 4 unchanged, 5 done by an earlier run, 6 to fail as no guest of this organization, 7 invalid, 8 duplicate",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := describePlan(tc.n, importer.Upsert); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
	if got := describeRows(map[results.Status]int{results.Failed: 1, results.Created: 2}); got != "2 created, 1 failed" {
		t.Errorf("rows are %q", got)
	}
	if got := describeRows(nil); got != "no rows" {
		t.Errorf("no rows are %q", got)
	}
}

func TestParseLimit(t *testing.T) {
	for _, tc := range []struct {
		in     string
		class  string
		calls  int
		window time.Duration
		ok     bool
	}{
		{"invite=30/h", "invite", 30, time.Hour, true},
		{"read=12/5s", "read", 12, 5 * time.Second, true},
		{"all=600/m", "all", 600, time.Minute, true},
		{"all=1/1m30s", "all", 1, 90 * time.Second, true},
		{"all=600", "", 0, 0, false},
		{"600/m", "", 0, 0, false},
		{"all=x/m", "", 0, 0, false},
		{"all=1/day", "", 0, 0, false},
		{"", "", 0, 0, false},
	} {
		t.Run(tc.in, func(t *testing.T) {
			l, err := parseLimit(tc.in)
			if (err == nil) != tc.ok || tc.ok && (l.Class != tc.class || l.Calls != tc.calls || l.Window != tc.window) {
				t.Errorf("%+v, %v", l, err)
			}
		})
	}
}

// Where standard error is no terminal, a line tells every 30 seconds how far
// the run has come.
func TestProgressLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lockedBuffer
		a := &app{stderr: &out, screen: &screen{}}
		var done atomic.Int64
		began := time.Now()
		stop := a.watch(func() progress {
			return progress{done: int(done.Load()), total: 100, rows: map[results.Status]int{results.Failed: 1}, unit: "rows", left: 90 * time.Second, held: began.Add(15 * time.Minute)}
		})
		clock := func(after time.Duration) string { return clockTime(began.Add(after), began) }
		time.Sleep(29*time.Second + lookEvery/2)
		until := "waiting until " + clock(15*time.Minute)
		if got := out.String(); got != "0 of 100 rows, 1 failed, "+until+" (14m 59s), done about "+clock(91*time.Second)+" (1m 30s)\n" {
			t.Errorf("when the wait began there was told %q", got)
		}
		done.Store(30)
		time.Sleep(2 * time.Second)
		a.say("a line between")
		time.Sleep(15 * time.Minute)
		stop()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		want := []string{
			"0 of 100 rows, 1 failed, " + until + " (14m 59s), done about " + clock(91*time.Second) + " (1m 30s)",
			"a line between",
			"30 of 100 rows, 1 failed, " + until + " (4m 59s), done about " + clock(11*time.Minute+31*time.Second) + " (1m 30s)",
			"30 of 100 rows, 1 failed, " + until + " (30s), done about " + clock(16*time.Minute) + " (1m 30s)",
			"30 of 100 rows, 1 failed, 0.0/s, done about " + clock(16*time.Minute+30*time.Second) + " (1m 30s)",
			"30 of 100 rows, 1 failed, 0.0/s, done about " + clock(17*time.Minute) + " (1m 30s)",
		}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

func TestProgressBeforeAnythingIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lockedBuffer
		a := &app{stderr: &out, screen: &screen{}}
		stop := a.watch(func() progress { return progress{unit: "guests"} })
		time.Sleep(tellEvery + lookEvery/2)
		stop()
		if got := out.String(); got != "no guests yet\n" {
			t.Errorf("there stands %q", got)
		}
	})
}

func TestQuietAndNoProgressShowNothing(t *testing.T) {
	for _, quiet := range []bool{true, false} {
		var out bytes.Buffer
		a := &app{stderr: &out, screen: &screen{}, noBar: !quiet}
		if quiet {
			a.screen.least.Set(slog.LevelError)
		}
		a.watch(func() progress { t.Error("progress was asked for"); return progress{} })()
		if quiet {
			a.say("something")
		}
		if out.Len() > 0 {
			t.Errorf("there stands %q", out.String())
		}
	}
}

// lockedBuffer is a buffer that several goroutines may write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// A run that another one is at work on is left alone, whatever the flags.
func TestTwoRunsOnOneResultsFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("people.csv", []byte("email\nann@acme.example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	other, err := results.Start("people.results.csv.partial", false)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	env := map[string]string{"TALLYFY_BASE_URL": "http://127.0.0.1:1/api", "TALLYFY_ORG_ID": "acme", "TALLYFY_ACCESS_TOKEN": "x"}
	for _, flag := range []string{"--quiet", "--resume", "--restart"} {
		var stderr bytes.Buffer
		code := Run([]string{"import", "people.csv", flag}, nil, &stderr, &stderr, func(name string) string { return env[name] })
		if code != exitFailure || !strings.Contains(stderr.String(), "another run is at work on it") {
			t.Errorf("%s: exit code %d:\n%s", flag, code, stderr.String())
		}
	}
}

// What is printed to go on with can be typed as it is.
func TestResumeCommand(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"people.csv"}, "guestlist import people.csv --resume"},
		{[]string{"people.csv", "--shard", "1/4", "--links"}, "guestlist import people.csv --links --shard 1/4 --resume"},
		{[]string{"my people.csv", "--org", "acme", "--restart", "--links"}, "guestlist import 'my people.csv' --links --org acme --resume"},
		{[]string{"--rate", "1/s", "--delimiter", ";", "--resume", "--", "-y.csv"}, "guestlist import ./-y.csv --delimiter ';' --rate 1/s --resume"},
		{[]string{"-", "--results", "r.csv", "--links=false"}, "guestlist import - --links=false --results r.csv --resume"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			a := &app{stderr: &bytes.Buffer{}, screen: &screen{}, getenv: func(string) string { return "" }}
			root := a.rootCommand()
			command, rest, err := root.Find(append([]string{"import"}, tc.args...))
			if err != nil {
				t.Fatal(err)
			}
			if err := command.ParseFlags(rest); err != nil {
				t.Fatal(err)
			}
			shard, _ := results.ParseShard(command.Flags().Lookup("shard").Value.String())
			if got := resumeCommand(command, command.Flags().Arg(0), shard); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

// A read that fails for long says so, one that fails once does not.
func TestRetrying(t *testing.T) {
	var out bytes.Buffer
	a := &app{stderr: &out, screen: &screen{}}
	a.retrying(errors.New("list guests: no such host"), time.Second)
	if out.Len() > 0 {
		t.Errorf("after a second there stands %q", out.String())
	}
	a.retrying(errors.New("list guests: no such host"), 8*time.Second)
	if got := out.String(); got != "list guests: no such host; trying again in 8s\n" {
		t.Errorf("there stands %q", got)
	}
}
