package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"guestlist/cli"
)

// generated returns a folder that was generated, and its files by name.
func generated(t *testing.T) (folder string, files map[string]string) {
	t.Helper()
	folder, files = t.TempDir(), map[string]string{}
	if err := generate(folder); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(folder, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(folder, path)
		files[filepath.ToSlash(name)] = string(content)
	}
	return folder, files
}

func TestEveryCommandHasAPage(t *testing.T) {
	_, files := generated(t)
	pages := 0
	var look func(*cobra.Command)
	look = func(cmd *cobra.Command) {
		if !cmd.IsAvailableCommand() && cmd.HasParent() {
			return
		}
		pages++
		name := "man/" + strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
		page, there := files[name]
		if !there {
			t.Errorf("%s is missing", name)
		}
		for _, part := range []string{".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS"} {
			if !strings.Contains(page, part) {
				t.Errorf("%s has no %s", name, part)
			}
		}
		if strings.Contains(page, ".SH EXAMPLE") != (cmd.Example != "") {
			t.Errorf("%s: examples are on the page, or in the command, but not on both", name)
		}
		for _, c := range cmd.Commands() {
			look(c)
		}
	}
	look(cli.Command())
	if pages < 8 {
		t.Errorf("there are %d commands only", pages)
	}
}

func TestThePageOfTheProgramTellsEnvironmentAndExitCodes(t *testing.T) {
	_, files := generated(t)
	page := files["man/guestlist.1"]
	for _, part := range []string{".SH ENVIRONMENT", "TALLYFY_ACCESS_TOKEN", ".SH EXIT STATUS", "  143   terminated", ".SH EXAMPLE"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page has no %q:\n%s", part, page)
		}
	}
}

func TestFlagsShowTheirValuesAndDefaults(t *testing.T) {
	_, files := generated(t)
	page := files["man/guestlist-export.1"]
	for _, part := range []string{`\fB--org\fP=ID`, `\fB-o\fP, \fB--output\fP=FILE`, "(default 999)", `\fB--links\fP[=false]`} {
		if !strings.Contains(page, part) {
			t.Errorf("the page has no %q:\n%s", part, page)
		}
	}
	if strings.Contains(page, "`") {
		t.Errorf("marks of the help stand on the page:\n%s", page)
	}
}

func TestGeneratedAgainItIsTheSame(t *testing.T) {
	_, once := generated(t)
	t.Setenv("SOURCE_DATE_EPOCH", "1000000000")
	_, again := generated(t)
	if diff := cmp.Diff(once, again); diff != "" {
		t.Errorf("(-once +again)\n%s", diff)
	}
	for name, content := range once {
		if strings.Contains(content, "0001") || strings.Contains(content, "Auto generated") {
			t.Errorf("%s tells when it was made, or by what", name)
		}
	}
}

func TestFilesOfEarlierCommandsGo(t *testing.T) {
	folder, _ := generated(t)
	old := filepath.Join(folder, "man", "guestlist-gone.1")
	if err := os.WriteFile(old, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := generate(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("the page of a command that is gone stands there still")
	}
}

// Pages are rendered by what there is, and it has nothing to complain of.
func TestPagesRender(t *testing.T) {
	folder, _ := generated(t)
	pages, err := filepath.Glob(filepath.Join(folder, "man", "*.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, renderer := range [][]string{{"mandoc", "-T", "lint", "-W", "error"}, {"groff", "-Kutf8", "-man", "-Tutf8", "-ww", "-z"}, {"man", "--warnings", "-l"}} {
		if _, err := exec.LookPath(renderer[0]); err != nil {
			t.Logf("there is no %s", renderer[0])
			continue
		}
		for _, page := range pages {
			cmd := exec.Command(renderer[0], append(renderer[1:], page)...)
			var complaints bytes.Buffer
			cmd.Stderr = &complaints
			if err := cmd.Run(); err != nil || complaints.Len() > 0 {
				t.Errorf("%s of %s: %v\n%s", renderer[0], filepath.Base(page), err, complaints.String())
			}
		}
	}
}

// Each completion is one that its shell can read, where the shell is there.
func TestCompletionsAreRead(t *testing.T) {
	folder, files := generated(t)
	for file, check := range map[string][]string{
		"guestlist.bash": {"bash", "-n"},
		"_guestlist":     {"zsh", "-n"},
		"guestlist.fish": {"fish", "--no-execute"},
		"guestlist.ps1":  nil,
	} {
		if !strings.Contains(files["completion/"+file], "__complete") {
			t.Errorf("%s completes nothing", file)
		}
		if check == nil {
			continue
		}
		if _, err := exec.LookPath(check[0]); err != nil {
			t.Logf("there is no %s", check[0])
			continue
		}
		out, err := exec.Command(check[0], append(check[1:], filepath.Join(folder, "completion", file))...).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%s of %s: %v\n%s", check[0], file, err, out)
		}
	}
}
