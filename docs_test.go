package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"guestlist/sandbox"
)

var updateDocs = flag.Bool("docs.update", false, "write into the pages what the program prints now, where nothing is left out (…)")

// docsPages returns README.md and all of docs/, taken apart.
func docsPages(t *testing.T) (pages []docsPage) {
	t.Helper()
	paths, err := filepath.Glob("docs/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	for _, path := range append([]string{"README.md"}, paths...) {
		pages = append(pages, readDocsPage(t, path))
	}
	return pages
}

// TestDocsRun types what the pages tell to type, each page in a folder of its own,
// with a sandbox of its own behind the usual settings. How a block is run depends
// on its mark:
//
//	sh       run as it stands; a command that ends with another exit code than 0
//	         says so in its comment
//	console  what is seen must be what is shown, but for docsNoise and lines that
//	         are left out (…); with a question in it, it is run at a terminal, and
//	         the answer is typed
//	crontab  the lines are taken apart as cron does, and their commands run with
//	         nothing but the settings that stand there
//	text     not run, as it changes the machine or has gaps that a reader fills
//	         in; TestDocsShowNothingUntried wants no guestlist in it
//
// /home/ops is the page's folder.
func TestDocsRun(t *testing.T) {
	t.Parallel()
	for _, page := range docsPages(t) {
		t.Run(page.path, func(t *testing.T) {
			t.Parallel()
			d := newDocsDesk(t, page.path)
			for _, block := range page.blocks {
				if err := d.run(block); err != nil {
					t.Fatalf("%s:%d: %v", page.path, block.line, err)
				}
			}
			if err := page.rewrite(d.now); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// docsServer is the organization that a page is about.
func docsServer(path string) sandbox.Options {
	o := sandbox.Options{Org: "acme", Token: "docs-secret", Guests: 3}
	switch path {
	case "docs/big-migration.md", "docs/when-something-fails.md":
		o.Limits = []sandbox.Limit{{Class: "invite", Calls: 30, Window: time.Hour}}
	}
	return o
}

// docsDesk is where the commands of a page are typed.
type docsDesk struct {
	dir  string
	env  []string
	at   *strings.Replacer // from the page's addresses and folders to the real ones
	left []int             // process groups that may still hold something in the background
	now  []docsCommand     // what was seen instead of what the page shows, with -docs.update
}

func newDocsDesk(t *testing.T, path string) *docsDesk {
	t.Helper()
	server := httptest.NewServer(sandbox.New(docsServer(path)))
	t.Cleanup(server.Close)
	d := &docsDesk{dir: t.TempDir()}
	d.at = strings.NewReplacer("/home/ops", d.dir, "127.0.0.1:8765", freeAddress(t), "127.0.0.1:8766", freeAddress(t))
	d.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + d.dir, "TMPDIR=" + t.TempDir(), "GUESTLIST_STATE_DIR=" + t.TempDir(),
		"TALLYFY_BASE_URL=" + server.URL + "/api", "TALLYFY_ORG_ID=acme", "TALLYFY_ACCESS_TOKEN=docs-secret",
		"TALLYFY_TOKEN_URL=" + server.URL + "/oauth/token",
		"TERM=xterm", "NO_COLOR=1", "GORACE=atexit_sleep_ms=10",
	}
	t.Cleanup(d.endBackground)
	putDocsFiles(t, d.dir)
	for _, name := range []string{"tallyfy-token", "client-secret"} {
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte("docs-secret\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// endBackground ends what the page has left running, and is done when it is gone.
func (d *docsDesk) endBackground() {
	for _, group := range d.left {
		for range 100 {
			if !killGroup(group) {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// separator stands between what the commands of a block print.
const separator = "\x1e"

// run runs a block.
func (d *docsDesk) run(block docsBlock) error {
	commands, err := block.commands()
	if err != nil || len(commands) == 0 {
		return err
	}
	if block.lang == "crontab" {
		return d.runCrontab(commands)
	}
	said, err := d.shell(script(commands), d.env, answerIn(block))
	if err != nil {
		return fmt.Errorf("%w\n%s", err, said)
	}
	if block.lang != "console" {
		return nil
	}
	parts := strings.Split(said, separator+"\n")
	for i, c := range commands {
		seen := screenLines(parts[i+1])
		switch {
		case seenAs(seen, c.want):
		case *updateDocs && !c.leavesOut():
			d.now = append(d.now, docsCommand{line: c.line, text: c.text, want: seen})
		default:
			return fmt.Errorf("line %d: $ %s shows (-page +now):\n%s\nnow, whole:\n%s", c.line, c.text, cmp.Diff(c.want, seen), strings.Join(seen, "\n"))
		}
	}
	return nil
}

// script types commands one after the other. What they export stands for the blocks
// that follow, as it would for who types them into one terminal.
func script(commands []docsCommand) string {
	var s strings.Builder
	s.WriteString("if test -e \"$HOME/.exported\"; then . \"$HOME/.exported\"; fi\n")
	for i, c := range commands {
		fmt.Fprintf(&s, "echo '%s'\n", separator)
		asked := i+1 < len(commands) && commands[i+1].text == "echo $?"
		switch {
		case c.text == "echo $?":
			s.WriteString("echo $code\n")
		case strings.HasSuffix(c.text, "&"), c.code == 0 && !asked:
			s.WriteString(c.text + "\n") // which -e judges; it may be a part of something longer
		default:
			fmt.Fprintf(&s, "code=0; { %s; } || code=$?\n", c.text)
			if !asked {
				fmt.Fprintf(&s, "test $code = %d || { echo \"line %d ends with the exit code $code\"; exit 1; }\n", c.code, c.line)
			}
		}
	}
	s.WriteString("export -p >\"$HOME/.exported\"\n")
	return s.String()
}

// answerIn returns the answer to the question in a block; empty: it has none.
func answerIn(block docsBlock) string {
	for _, line := range block.lines {
		if _, answer, ok := strings.Cut(line.text, "[y/N] "); ok {
			return answer
		}
	}
	return ""
}

// shell runs a script, at a terminal where there is a question to answer. What it
// leaves running in the background ends with the test.
func (d *docsDesk) shell(script string, env []string, answer string) (said string, err error) {
	cmd := exec.Command("sh", "-e", "-c", d.at.Replace(script))
	cmd.Dir, cmd.Env = d.dir, env
	stuck := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	if answer != "" {
		keys, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 100, Rows: 40})
		if err != nil {
			return "", err
		}
		defer keys.Close()
		said, err = readScreen(keys, answer)
		return strings.ReplaceAll(said, "\r\n", "\n"), errors.Join(err, cmd.Wait())
	}
	out, err := os.CreateTemp(d.dir, ".said-*") // and no pipe, which a server in the background would keep open
	if err != nil {
		return "", err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = out, out, ownGroup()
	err = cmd.Run()
	if cmd.Process != nil && strings.Contains(script, " &\n") {
		d.left = append(d.left, cmd.Process.Pid)
	}
	content, rerr := os.ReadFile(out.Name())
	return strings.ReplaceAll(string(content), d.dir, "/home/ops"), errors.Join(err, rerr)
}

// screenLines returns what is left on the screen: what was drawn over is gone.
func screenLines(said string) []string {
	lines := strings.Split(said, "\n")
	for i, line := range lines {
		line = strings.TrimRight(line, "\r")
		lines[i] = line[strings.LastIndex(line, "\r")+1:]
	}
	return trimBlankLines(lines)
}

// runCrontab runs the jobs of a crontab as cron does: in the home folder, by sh,
// with the settings of the crontab and little else. Of the test's own only the
// address of the sandbox is there, and where the program is.
func (d *docsDesk) runCrontab(lines []docsCommand) error {
	env := []string{"HOME=" + d.dir, "PATH=" + os.Getenv("PATH")}
	for _, v := range d.env {
		if strings.HasPrefix(v, "TALLYFY_BASE_URL=") || strings.HasPrefix(v, "GUESTLIST_STATE_DIR=") || strings.HasPrefix(v, "GORACE=") {
			env = append(env, v)
		}
	}
	for _, line := range lines {
		if m := crontabSetting.FindStringSubmatch(line.text); m != nil {
			if m[1] == "PATH" {
				m[2] = os.Getenv("PATH") + ":" + m[2]
			}
			env = append(env, m[1]+"="+d.at.Replace(m[2]))
			continue
		}
		m := crontabJob.FindStringSubmatch(line.text)
		if m == nil {
			if line.text == "" {
				continue
			}
			return fmt.Errorf("line %d: this is no line of a crontab: %s", line.line, line.text)
		}
		if strings.Contains(strings.ReplaceAll(m[1], `\%`, ""), "%") {
			return fmt.Errorf(`line %d: cron takes a %% for the end of the line, unless it is written \%%`, line.line)
		}
		job := docsCommand{line: line.line, text: strings.ReplaceAll(m[1], `\%`, "%"), code: line.code}
		command := fmt.Sprintf("code=0; { %s; } || code=$?; test $code = %d || { echo \"exit code $code, want %d\"; exit 1; }", job.text, job.code, job.code)
		if said, err := d.shell(command, env, ""); err != nil {
			return fmt.Errorf("line %d: %w\n%s", job.line, err, said)
		}
	}
	return nil
}
