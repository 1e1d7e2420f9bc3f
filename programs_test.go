package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/sandbox"
)

// programs holds files as people's programs write them, and what must come of each.
const programs = "testdata/programs"

// wanted is what must come of a file of testdata/programs.
type wanted struct {
	File string

	// First is what a person sees who does not know about any flag yet; nil: it is
	// the same.
	First *try

	// The flags that the screen asked for then, and what comes of them.
	try

	// Never lists cells that are in the file and nowhere else afterwards.
	Never []string

	// Fixed says, by email, which cell the plan tells was repaired.
	Fixed map[string]string

	// Payloads are the creates, in their order.
	Payloads []map[string]string

	// Mend is how the one row that is wrong gets right; nil: that is not tried.
	Mend *struct {
		From, To string
		Stands   []string // in the rejects, besides From
		Payload  map[string]string
	}
}

// try is one run of the program.
type try struct {
	Flags  []string
	Exit   *int     // nil: any
	Asks   []string // the columns that are asked about, all of them; empty: any
	Screen []string // what a person must read
	Lines  int      // no more than these; 0: any number
}

// TestPrograms imports the files that people's programs write, as people do:
// without a flag, then with what the screen told them to type.
func TestPrograms(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(programs, "*.want.json"))
	if err != nil || len(paths) < 40 {
		t.Fatalf("%d cases, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".want.json"), func(t *testing.T) {
			t.Parallel()
			want := readWanted(t, path)
			dir := t.TempDir()
			copyFile(t, filepath.Join(programs, want.File), filepath.Join(dir, want.File))
			if want.First != nil {
				want.First.run(t, dir, want.Never, nil, "import", want.File, "--dry-run")
			}
			want.run(t, dir, want.Never, nil, "import", want.File, "--dry-run", "--payloads", "payloads.jsonl")
			if diff := cmp.Diff(want.Payloads, payloads(t, filepath.Join(dir, "payloads.jsonl"))); diff != "" {
				t.Errorf("what arrives (-want +got):\n%s", diff)
			}
			checkFixed(t, dir, want)
			checkNever(t, dir, want)
			if want.Mend != nil {
				mend(t, dir, want)
			}
		})
	}
}

func readWanted(t *testing.T, path string) wanted {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want wanted
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&want); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return want
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs the program in a folder, without a token unless env has one, and
// checks what is on the screen, where none of the cells in never may be.
func (w *try) run(t *testing.T, dir string, never, env []string, args ...string) {
	t.Helper()
	args = append(args, w.Flags...)
	cmd := exec.Command("guestlist", args...) // testscript has put it into PATH
	cmd.Dir = dir
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "GUESTLIST_STATE_DIR=" + filepath.Join(dir, "state"),
		"TALLYFY_ORG_ID=acme", "GUESTLIST_RATE=10000/s", "GORACE=atexit_sleep_ms=10",
	}, env...)
	var stdout, screen bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &screen
	err := cmd.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	said := screen.String()
	if code := cmd.ProcessState.ExitCode(); w.Exit != nil && code != *w.Exit {
		t.Errorf("guestlist %q ends with %d, want %d:\n%s", args, code, *w.Exit, said)
	}
	for _, text := range w.Screen {
		if !strings.Contains(said, text) {
			t.Errorf("guestlist %q does not say %q:\n%s", args, text, said)
		}
	}
	for _, cell := range never {
		if strings.Contains(said+stdout.String(), cell) {
			t.Errorf("guestlist %q shows %q:\n%s%s", args, cell, said, stdout.String())
		}
	}
	if lines := strings.Count(said, "\n"); w.Lines > 0 && lines > w.Lines {
		t.Errorf("guestlist %q says %d lines, want %d at most:\n%s", args, lines, w.Lines, said)
	}
	if len(w.Asks) > 0 {
		if diff := cmp.Diff(slices.Sorted(slices.Values(w.Asks)), askedFor(said)); diff != "" {
			t.Errorf("guestlist %q asks about columns (-want +got):\n%s\n%s", args, diff, said)
		}
	}
}

// askedFor returns the columns for which a flag is named that leaves them out,
// as a shell would read it.
func askedFor(said string) []string {
	columns := map[string]bool{}
	for _, m := range regexp.MustCompile(`--ignore-column ((?:'[^']*'|\\'|[^\s';,]+)+)`).FindAllStringSubmatch(said, -1) {
		column := strings.ReplaceAll(m[1], `'\''`, "\x00")
		columns[strings.ReplaceAll(strings.ReplaceAll(column, "'", ""), "\x00", "'")] = true
	}
	return slices.Sorted(maps.Keys(columns))
}

// payloads reads the lines of a payloads file; nil when there is none.
func payloads(t *testing.T, path string) (all []map[string]string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for line := range bytes.Lines(content) {
		var payload map[string]string
		if err := json.Unmarshal(line, &payload); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, payload)
	}
	return all
}

// checkFixed looks up in the plan what it tells of repairs.
func checkFixed(t *testing.T, dir string, want wanted) {
	t.Helper()
	if len(want.Fixed) == 0 {
		return
	}
	name := strings.TrimSuffix(want.File, ".csv") + ".plan.csv"
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(lines[0], "error")
	told := map[string]string{}
	for _, line := range lines[1:] {
		told[line[slices.Index(lines[0], "email")]] = line[column]
	}
	for email, cell := range want.Fixed {
		if !strings.Contains(told[email], "fixed: ") || !strings.Contains(told[email], cell) {
			t.Errorf("the plan says %q of %s, want it to tell that %q was fixed", told[email], email, cell)
		}
	}
}

// checkNever looks into every file but the input for cells that may be in none.
func checkNever(t *testing.T, dir string, want wanted) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == want.File {
			return err
		}
		content, err := os.ReadFile(path)
		for _, cell := range want.Never {
			if bytes.Contains(content, []byte(cell)) {
				t.Errorf("%s holds %q:\n%s", entry.Name(), cell, content)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// mend imports the file into a sandbox, mends the one row that was refused where
// the program has put it, and imports that.
func mend(t *testing.T, dir string, want wanted) {
	t.Helper()
	server := sandbox.New(sandbox.Options{})
	listener := httptest.NewServer(server)
	defer listener.Close()
	env := []string{"TALLYFY_BASE_URL=" + listener.URL + "/api", "TALLYFY_ACCESS_TOKEN=x"}
	someRefused, done := 9, 0
	(&try{Flags: want.Flags, Exit: &someRefused}).run(t, dir, want.Never, env, "import", want.File, "--summary", "summary.json", "--report", "report.html")

	path := filepath.Join(dir, strings.TrimSuffix(want.File, ".csv")+".rejects.csv")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append([]string{want.Mend.From, "guestlist_error"}, want.Mend.Stands...) {
		if !strings.Contains(string(content), text) {
			t.Errorf("the rejects do not hold %q:\n%s", text, content)
		}
	}
	for _, p := range want.Payloads {
		if strings.Contains(string(content), p["email"]) {
			t.Errorf("the rejects hold %s, who was created:\n%s", p["email"], content)
		}
	}
	for _, name := range []string{"summary.json", "report.html"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	checkNever(t, dir, want)

	content = bytes.Replace(content, []byte(want.Mend.From), []byte(want.Mend.To), 1)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	(&try{Flags: want.Flags, Exit: &done}).run(t, dir, want.Never, env, "import", filepath.Base(path))
	for _, p := range append(want.Payloads, want.Mend.Payload) {
		guest, _ := server.Guest(p["email"])
		for field, value := range p {
			if got := guest.Fields[field]; field != "email" && got != value {
				t.Errorf("%s of %s arrived as %q, want %q", field, p["email"], got, value)
			}
		}
	}
	if got := len(server.Guests()); got != len(want.Payloads)+1 {
		t.Errorf("%d guests, want %d", got, len(want.Payloads)+1)
	}
}

// Editors, and git where it converts line ends, mend such files unasked; they
// would then show nothing any more.
func TestFilesOfProgramsAreAsTheGeneratorWritesThem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := exec.Command("go", "run", "./"+programs+"/generate", "-o", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	readme, err := os.ReadFile(filepath.Join(programs, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(programs)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || name == "README.md" || strings.HasSuffix(name, ".want.json") {
			continue
		}
		if !bytes.Contains(readme, []byte("`"+name+"`")) {
			t.Errorf("README.md does not tell of %s", name)
		}
		if name == "libreoffice.xlsx" { // which only LibreOffice writes
			continue
		}
		is, err := os.ReadFile(filepath.Join(programs, name))
		if err != nil {
			t.Fatal(err)
		}
		if written, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(is, written) {
			t.Errorf("%s is not as it is written: %v", name, err)
		}
	}
}
