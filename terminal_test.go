package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// terminal runs a command as at a terminal, and keeps what it wrote there in the
// file "screen": escape sequences with their ESC as \e, what was drawn over a
// line each on a line of its own.
//
//	terminal CODE SIZE ANSWER COMMAND ...
//
// SIZE is like 80x24. ANSWER is typed when a question is asked; EOF and INT are the
// keys Ctrl-D and Ctrl-C, and - leaves it at that no question may be asked.
func terminal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: terminal CODE SIZE ANSWER COMMAND ...")
	}
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	var size pty.Winsize
	_, err = fmt.Sscanf(args[1], "%dx%d", &size.Cols, &size.Rows)
	ts.Check(err)
	name := args[3]
	if name == "guestlist" {
		name = program(ts)
	}
	cmd := exec.Command(name, args[4:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{
		"TALLYFY_BASE_URL", "TALLYFY_ORG_ID", "TALLYFY_ACCESS_TOKEN", "GUESTLIST_RATE", "GUESTLIST_STATE_DIR",
		"NO_COLOR", "TERM", "PATH", "HOME", "TMPDIR", "GORACE",
	} {
		if value := ts.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	keys, err := pty.StartWithSize(cmd, &size)
	ts.Check(err)
	defer keys.Close()
	stuck := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()

	screen, err := readScreen(keys, args[2])
	ts.Check(err)
	var ended *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &ended) {
		ts.Check(err)
	}
	seen := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x1b", `\e`).Replace(screen)
	ts.Check(os.WriteFile(ts.MkAbs("screen"), []byte(seen), 0o600))
	if got := cmd.ProcessState.ExitCode(); got != code {
		ts.Fatalf("exit code %d, want %d:\n%s", got, code, seen)
	}
}

// readScreen reads what a command writes to a terminal, to its end, and answers
// its question.
func readScreen(keys io.ReadWriter, answer string) (string, error) {
	typed := map[string]string{"EOF": "\x04", "INT": "\x03"}[answer]
	if typed == "" {
		typed = answer + "\r"
	}
	var screen bytes.Buffer
	buf := make([]byte, 4096)
	for asked := false; ; {
		n, err := keys.Read(buf)
		screen.Write(buf[:n])
		if !asked && bytes.Contains(screen.Bytes(), []byte("[y/N] ")) {
			asked = true
			if answer == "-" {
				return "", fmt.Errorf("a question was asked:\n%s", screen.String())
			}
			if _, err := io.WriteString(keys, typed); err != nil {
				return "", err
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, syscall.EIO): // how Linux says that the command is gone
			return screen.String(), nil
		case err != nil:
			return "", err
		}
	}
}
