package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"guestlist": main})
}

// TestScripts runs the program as its users do. Besides the usual commands a
// script has
//
//	serve [flags]            start "guestlist sandbox" with these flags and point the environment at it
//	exits CODE COMMAND ...   run a command that must end with this exit code
//	lines FILE N             the file has N lines
//	mode FILE PERM           the file has these permissions, in octal
//	terminal CODE SIZE ANSWER COMMAND ...  run a command as at a terminal; see terminal
//	interrupt CODE SIGNAL ARG ...  start guestlist with these arguments, send it INT or TERM, or INT+INT for two, when people.csv is under way, and want this exit code
func TestScripts(t *testing.T) {
	t.Parallel()
	samples, err := filepath.Abs("samples")
	if err != nil {
		t.Fatal(err)
	}
	programs := filepath.Join(filepath.Dir(samples), "testdata", "programs")
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("SAMPLES", samples)
			e.Setenv("PROGRAMS", programs)
			e.Setenv("GUESTLIST_RATE", "10000/s")
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("GORACE", "atexit_sleep_ms=10") // else the race detector sleeps for a second at each exit
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serve, "exits": exits, "lines": lines, "mode": mode, "interrupt": interrupt, "terminal": terminal,
		},
		RequireUniqueNames: true,
	})
}

func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! serve")
	}
	cmd := exec.Command(program(ts), append([]string{"sandbox", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Stderr = os.Stderr
	cmd.Args = append(cmd.Args, "--quiet")
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	ts.Setenv("TALLYFY_BASE_URL", strings.TrimSpace(url))
	ts.Setenv("TALLYFY_ORG_ID", "acme")
	ts.Setenv("TALLYFY_ACCESS_TOKEN", "sandbox-secret")
}

// program finds guestlist where testscript has put it.
func program(ts *testscript.TestScript) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		path := filepath.Join(dir, "guestlist")
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	ts.Fatalf("guestlist is not in PATH")
	return ""
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code is %d, want %d", got, want)
	}
}

func lines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines FILE N")
	}
	if got := strings.Count(ts.ReadFile(args[0]), "\n"); strconv.Itoa(got) != args[1] {
		ts.Fatalf("%s has %d lines, want %s", args[0], got, args[1])
	}
}

func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode FILE PERM")
	}
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[1] {
		ts.Fatalf("%s has the mode %s, want %s", args[0], got, args[1])
	}
}

func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupt CODE SIGNAL COMMAND ...")
	}
	signals := map[string]os.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM}
	cmd := exec.Command(program(ts), args[2:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"TALLYFY_BASE_URL", "TALLYFY_ORG_ID", "TALLYFY_ACCESS_TOKEN", "GUESTLIST_RATE", "PATH", "HOME", "TMPDIR"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	errs, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	in := bufio.NewReader(errs)
	said, err := in.ReadString('\n')
	ts.Check(err)
	// Before anything is done there is nothing to go on with.
	for range 3000 {
		if partial, _ := os.ReadFile(ts.MkAbs("people.results.csv.partial")); bytes.Contains(partial, []byte(",created,")) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	for i, name := range strings.Split(args[1], "+") {
		for i > 0 && !strings.Contains(said, "stopping:") { // the one before was heard
			line, err := in.ReadString('\n')
			ts.Check(err)
			said += line
		}
		ts.Check(cmd.Process.Signal(signals[name]))
	}
	rest, err := io.ReadAll(in)
	ts.Check(err)
	_ = cmd.Wait()
	fmt.Fprintf(ts.Stderr(), "%s%s", said, rest)
	if got := strconv.Itoa(cmd.ProcessState.ExitCode()); got != args[0] {
		ts.Fatalf("exit code is %s, want %s:\n%s%s", got, args[0], said, rest)
	}
}
