package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"guestlist/charset"
)

// commands returns every command, but for those that cobra makes.
func commands() []*cobra.Command {
	root := Command()
	list := []*cobra.Command{root}
	for _, cmd := range root.Commands() {
		if cmd.Name() != "completion" {
			list = append(list, cmd)
		}
	}
	return list
}

// helpOf returns what --help shows.
func helpOf(t *testing.T, cmd *cobra.Command) string {
	t.Helper()
	var out bytes.Buffer
	args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
	if code := Run(args, nil, &out, &out, func(string) string { return "" }); code != exitOK {
		t.Fatalf("%v: exit code %d:\n%s", args, code, out.String())
	}
	return out.String()
}

func TestHelpFitsATerminal(t *testing.T) {
	for _, cmd := range commands() {
		for line := range strings.Lines(helpOf(t, cmd)) {
			if line = strings.TrimRight(line, "\n"); utf8.RuneCountInString(line) > helpWidth {
				t.Errorf("%s: wider than %d columns: %s", cmd.CommandPath(), helpWidth, line)
			}
		}
	}
}

func TestEveryCommandHasExamples(t *testing.T) {
	for _, cmd := range commands() {
		if cmd.Runnable() && cmd.Name() != "version" && !strings.Contains(helpOf(t, cmd), "\nExamples:\n  guestlist ") {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
	}
}

// The help names what a flag takes, not its type in the program.
func TestFlagsNameTheirValues(t *testing.T) {
	for _, cmd := range commands() {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if name, _ := pflag.UnquoteUsage(f); name != "" && name == strings.ToLower(name) {
				t.Errorf("%s --%s takes a %q", cmd.CommandPath(), f.Name, name)
			}
		})
	}
}

func TestHelpHasFlagsInGroups(t *testing.T) {
	help := helpOf(t, commandNamed(t, "export"))
	var seen []string
	for line := range strings.Lines(help) {
		line = strings.TrimSpace(line)
		flag := regexp.MustCompile(`^(-\w, )?--(search|output|links|org|rate|quiet|help)\b`).FindStringSubmatch(line)
		switch {
		case flag != nil:
			seen = append(seen, flag[2])
		case strings.HasSuffix(line, ":") && !strings.Contains(line, " FILE"):
			seen = append(seen, line)
		}
	}
	want := []string{
		"What to do:", "search", "Outputs:", "links", "output", "Connection and limits:", "org", "rate", "General:", "help", "quiet",
	}
	for len(seen) > 0 && seen[0] != want[0] { // usage and examples
		seen = seen[1:]
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("(-want +got)\n%s\n%s", diff, help)
	}
}

func commandNamed(t *testing.T, name string) *cobra.Command {
	t.Helper()
	for _, cmd := range commands() {
		if cmd.Name() == name {
			return cmd
		}
	}
	t.Fatalf("there is no command %s", name)
	return nil
}

func TestHelpTellsEveryVariableThatIsRead(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	topic := environmentTopic().Long
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`getenv\("(\w+)"\)`).FindAllStringSubmatch(string(content), -1) {
			if m[1] != "HOME" && !regexp.MustCompile(`\b`+strings.ToUpper(m[1])+`\b`).MatchString(topic) {
				t.Errorf("%s reads %s, which the help does not tell of", file, m[1])
			}
		}
	}
}

func TestHelpTellsEveryExitCode(t *testing.T) {
	content, err := os.ReadFile("exit.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`(?m)^\texit[A-Z]\w+ += (\d+)$`).FindAllStringSubmatch(string(content), -1)
	if len(codes) < 10 {
		t.Fatalf("there are %d codes only", len(codes))
	}
	for _, code := range codes {
		if !strings.Contains(exitCodesTopic().Long, "\n  "+code[1]+" ") {
			t.Errorf("the help does not tell of %s", code[1])
		}
	}
}

func TestEncodingsThatAreCompletedAreKnown(t *testing.T) {
	for _, completion := range encodings() {
		label, _, _ := strings.Cut(completion, "\t")
		if _, err := charset.Named(label); err != nil {
			t.Errorf("%s: %v", label, err)
		}
	}
}

func TestNearest(t *testing.T) {
	commands := []string{"completion", "demo", "doctor", "export", "get", "import", "sandbox", "validate"}
	for _, tc := range []struct {
		name, typed, want string
	}{
		{"a letter too few", "imprt", "import"},
		{"a letter too many", "exxport", "export"},
		{"another letter", "inport", "import"},
		{"two letters swapped", "improt", "import"},
		{"the nearer of two", "exmport", "export"},
		{"in capitals", "IMPORT", "import"},
		{"begun", "val", "validate"},
		{"a short one", "gte", "get"},
		{"begun with too little", "va", ""},
		{"nothing like it", "frobnicate", ""},
		{"a short one like none", "xyz", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := nearest(tc.typed, commands); got != tc.want {
				t.Errorf("%q means %q, want %q", tc.typed, got, tc.want)
			}
		})
	}
}

func TestEdits(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"mode", "mode", 0}, {"mdoe", "mode", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}, {"é", "e", 1}, {"abcd", "badc", 2},
	} {
		if got := edits(tc.a, tc.b); got != tc.want {
			t.Errorf("from %q to %q: %d, want %d", tc.a, tc.b, got, tc.want)
		}
		if got := edits(tc.b, tc.a); got != tc.want {
			t.Errorf("from %q to %q: %d, want %d", tc.b, tc.a, got, tc.want)
		}
	}
}
