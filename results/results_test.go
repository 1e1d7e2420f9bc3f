package results

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func line(row int, email string, status Status) Line {
	return Line{Row: row, Line: row + 1, Email: email, Status: status, Action: Create, HTTPStatus: 201, GuestID: "7", Attempts: 1, FinishedAt: noon, Org: "acme"}
}

func mustAppend(t *testing.T, j *Journal, lines ...Line) {
	t.Helper()
	for _, l := range lines {
		if err := j.Append(l); err != nil {
			t.Fatal(err)
		}
	}
}

func mustNote(t *testing.T, j *Journal, lines ...Line) {
	t.Helper()
	for _, l := range lines {
		if err := j.Note(l); err != nil {
			t.Fatal(err)
		}
	}
}

func mustStart(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := Start(path, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFinishPutsTheLastLineOfEachRowInOrder(t *testing.T) {
	dir := t.TempDir()
	partial, path := filepath.Join(dir, "r.csv.partial"), filepath.Join(dir, "r.csv")
	j := mustStart(t, partial)
	failed := Line{Row: 1, Line: 2, Email: "a@x.com", Status: Failed, Action: None, Attempts: 2, Error: "email: \"odd\",\nreally", Org: "acme"}
	mustNote(t, j, line(2, "b@x.com", Sending), line(1, "a@x.com", Sending))
	mustAppend(t, j, line(2, "b@x.com", Created), line(3, "c@x.com", Unchanged), failed)
	if err := errors.Join(j.Finish(path, 3), j.Remove()); err != nil {
		t.Fatal(err)
	}
	want := `row,line,email,status,action,http_status,guest_id,attempts,error,finished_at,org
1,2,a@x.com,failed,none,,,2,"email: ""odd"", really",,acme
2,3,b@x.com,created,create,201,7,1,,2026-11-21T12:00:00.000Z,acme
3,4,c@x.com,unchanged,create,201,7,1,,2026-11-21T12:00:00.000Z,acme
`
	if diff := cmp.Diff(want, content(t, path)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(partial); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the partial file still stands: %v", err)
	}
	if info, _ := os.Stat(path); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, want 0600", info.Mode())
	}
}

func TestFinishKeepsWhatItReplacesOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r.csv")
	for _, email := range []string{"first@x.com", "second@x.com", "third@x.com"} {
		j := mustStart(t, path+".partial")
		mustAppend(t, j, line(1, email, Created))
		if err := errors.Join(j.Finish(path, 1), j.Remove()); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(content(t, path), "third@") || !strings.Contains(content(t, path+".old"), "second@") {
		t.Errorf("results:\n%s\nold:\n%s", content(t, path), content(t, path+".old"))
	}
}

func TestFinishRefusesWhenARowHasNoOutcome(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r.csv")
	j := mustStart(t, path+".partial")
	mustAppend(t, j, line(1, "a@x.com", Created), line(3, "c@x.com", Created))
	if err := j.Finish(path, 3); err == nil || !strings.Contains(err.Error(), "2 of 3 rows have a result") {
		t.Errorf("error is %v, want it to tell how many have one", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a results file stands there")
	}
	if got := content(t, path+".partial"); strings.Count(got, "\n") != 3 {
		t.Errorf("the partial file lost lines:\n%s", got)
	}
}

func TestStartRefusesToWriteOverAJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p")
	mustAppend(t, mustStart(t, path), line(1, "a@x.com", Created))
	before := content(t, path)
	if _, err := Start(path, false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("error is %v, want %v", err, fs.ErrExist)
	}
	if content(t, path) != before {
		t.Error("the journal changed")
	}
}

// Two runs are never at work on one journal.
func TestJournalIsOneRunsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p")
	j := mustStart(t, path)
	mustAppend(t, j, line(1, "a@x.com", Created))
	before := content(t, path)
	_, _, continued := Continue(path, "acme", false)
	if aside := SetAside(path); !errors.Is(continued, ErrInUse) || !errors.Is(aside, ErrInUse) || !InUse(path) {
		t.Errorf("errors are %v and %v, want %v; in use is %v", continued, aside, ErrInUse, InUse(path))
	}
	if content(t, path) != before {
		t.Error("the journal changed")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if InUse(path) {
		t.Error("it is in use after its run has ended")
	}
	if err := SetAside(path); err != nil {
		t.Error(err)
	}
	if err := SetAside(path); err != nil {
		t.Errorf("nothing to set aside: %v", err)
	}
	if content(t, path+".old") != before {
		t.Error("what was set aside is something else")
	}
}

func TestAppendTakesNothingAfterAFailure(t *testing.T) {
	j := mustStart(t, filepath.Join(t.TempDir(), "p"))
	_ = j.file.Close()
	first := j.Append(line(1, "a@x.com", Created))
	if first == nil {
		t.Fatal("a write into a closed file went well")
	}
	if second := j.Append(line(2, "b@x.com", Created)); !errors.Is(second, fs.ErrClosed) {
		t.Errorf("the second write says %v, want the first failure", second)
	}
}

func TestLeaveRemovesOnlyWhatHoldsNothing(t *testing.T) {
	sending := func(row int) Line {
		return Line{Row: row, Line: row + 1, Email: "x", Status: Sending, Action: Create, Org: "acme"}
	}
	refused := line(1, "a@x.com", Failed)
	refused.Error, refused.Action, refused.GuestID = "a@x.com: forbidden", None, ""
	for _, tc := range []struct {
		name    string
		notes   []Line
		outcome bool
		kept    bool
	}{
		{"nothing", nil, false, false},
		{"an outcome", nil, true, true},
		{"a create of unknown fate", []Line{sending(1)}, false, true},
		{"a create that was refused", []Line{sending(1), refused}, false, false},
		{"a guest who was created, whatever came then", []Line{sending(1), line(1, "a@x.com", Failed)}, false, true},
		{"one refused, one not", []Line{sending(1), sending(2), refused}, false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "p")
			j := mustStart(t, path)
			mustNote(t, j, tc.notes...)
			if tc.outcome {
				mustAppend(t, j, line(3, "c@x.com", Created))
			}
			kept, err := j.Leave()
			if _, gone := os.Stat(path); kept != tc.kept || err != nil || (gone == nil) != tc.kept {
				t.Fatalf("kept is %v, %v, %v; want %v", kept, err, gone, tc.kept)
			}
			if !tc.kept {
				return
			}
			again, _, err := Continue(path, "acme", false)
			if err != nil {
				t.Fatal(err)
			}
			if kept, err := again.Leave(); !kept || err != nil {
				t.Errorf("a journal that was gone on with is gone: %v", err)
			}
		})
	}
}

func TestFinishRefusesARowThatIsOpenAgain(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r.csv")
	j := mustStart(t, path+".partial")
	mustAppend(t, j, line(1, "a@x.com", Failed))
	mustNote(t, j, line(1, "a@x.com", Sending))
	if err := j.Finish(path, 1); err == nil || !strings.Contains(err.Error(), "0 of 1 rows have a result") {
		t.Errorf("error is %v, want it to tell how many have one", err)
	}
}

func TestFinishFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	path, target := filepath.Join(dir, "r.csv"), filepath.Join(dir, "target.csv")
	if err := os.Symlink("target.csv", path); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"first@x.com", "second@x.com"} {
		j := mustStart(t, path+".partial")
		mustAppend(t, j, line(1, email, Created))
		if err := errors.Join(j.Finish(path, 1), j.Remove()); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(content(t, target), "second@") || !strings.Contains(content(t, target+".old"), "first@") {
		t.Errorf("results:\n%s\nold:\n%s", content(t, target), content(t, target+".old"))
	}
}

func TestEarlierKnowsTheLastLineOfEachPerson(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p")
	j := mustStart(t, path)
	lost := line(4, "lost@x.com", Failed)
	lost.Error = FateUnknown + ": no answer"
	mustAppend(
		t, j,
		line(1, "Ann@X.com", Sending), line(2, "bob@x.com", Sending), line(1, "Ann@X.com", Created),
		Line{Row: 3, Line: 4, Email: "ann@x.com", Status: Duplicate, Org: "acme"},
		Line{Row: 5, Line: 6, Email: "bob@x.com", Status: Invalid, Org: "acme"},
		lost, line(6, "refused@x.com", Failed),
	)
	_ = j.Close()
	j, earlier, err := Continue(path, "acme", false)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for _, tc := range []struct {
		email              string
		carried, unsettled bool
	}{
		{"ann@x.com", true, false},
		{"BOB@x.com ", false, true},
		{"lost@x.com", false, true},
		{"refused@x.com", false, false},
		{"nobody@x.com", false, false},
	} {
		_, carried, err := earlier.Carried(tc.email)
		if err != nil || carried != tc.carried {
			t.Errorf("%s is carried over: %v, %v; want %v", tc.email, carried, err, tc.carried)
		}
		l, ok, err := earlier.Find(tc.email)
		if err != nil || (ok && l.Unsettled()) != tc.unsettled {
			t.Errorf("%s is unsettled: %v (%v, %v); want %v", tc.email, l.Unsettled(), ok, err, tc.unsettled)
		}
	}
}

// Wherever a crash cuts the journal, what was whole is kept, what was torn is
// cut off, and going on from there adds whole lines.
func TestContinueAfterACutAtEveryByte(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p")
	j := mustStart(t, path)
	odd := line(2, "b@x.com", Failed)
	odd.Error = "company_url: \"a,b\" é\r\nis odd"
	mustAppend(t, j, line(1, "a@x.com", Created), odd, line(3, "c@x.com", Created))
	_ = j.Close()
	whole := content(t, path)
	for cut := range len(whole) + 1 {
		torn := filepath.Join(dir, "torn")
		if err := os.WriteFile(torn, []byte(whole[:cut]), 0o600); err != nil {
			t.Fatal(err)
		}
		j, earlier, err := Continue(torn, "acme", false)
		if err != nil {
			t.Fatalf("cut at byte %d: %v", cut, err)
		}
		rows := max(0, strings.Count(whole[:cut], "\n")-1)
		if earlier.Len() != rows {
			t.Errorf("cut at byte %d: %d people are known, want %d", cut, earlier.Len(), rows)
		}
		mustAppend(t, j, line(9, "new@x.com", Created))
		_ = j.Close()
		got := content(t, torn)
		want := whole[:strings.LastIndex(whole[:cut], "\n")+1]
		if want == "" {
			want = whole[:strings.Index(whole, "\n")+1]
		}
		if !strings.HasPrefix(got, want) || strings.Count(got, "\n") != strings.Count(want, "\n")+1 {
			t.Fatalf("cut at byte %d: the journal is\n%s", cut, got)
		}
	}
}

func TestContinueRefuses(t *testing.T) {
	header := strings.Join(header(false), ",") + "\n"
	const good = "1,2,a@x.com,created,create,201,7,1,,2026-11-21T12:00:00.000Z,acme\n"
	for _, tc := range []struct {
		name, file, want string
	}{
		{"damage in the middle", header + good + "2,3,b@x.com,\"cre\x00\n" + good, "line 3"},
		{"a line that lost cells", header + "1,2,a@x.com\n" + good, "line 2"},
		{"a number that is none", header + strings.Replace(good, "201", "2O1", 1) + good, `line 2: http_status is "2O1"`},
		{"a time that is none", header + strings.Replace(good, "2026-11", "2026-13", 1), "line 2: finished_at"},
		{"another organization", header + strings.Replace(good, "acme", "acme@127.0.0.1", 1), `of the organization "acme@127.0.0.1", not of "acme"`},
		{"another kind of file", "email,first_name\nann@x.com,Ann\n", "it is no results file"},
		{"other columns", strings.Replace(header, "org", "org,link", 1) + strings.Replace(good, "acme", "acme,https://x", 1), "--links"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "p")
			if err := os.WriteFile(path, []byte(tc.file), 0o600); err != nil {
				t.Fatal(err)
			}
			_, _, err := Continue(path, "acme", false)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v, want it to say %q", err, tc.want)
			}
			if content(t, path) != tc.file {
				t.Error("the file changed")
			}
		})
	}
}

func TestFinishedResultsCanBeGoneOnFrom(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r.csv")
	j := mustStart(t, path+".partial")
	mustAppend(t, j, line(1, "a@x.com", Created), line(2, "b@x.com", Failed))
	if err := errors.Join(j.Finish(path, 2), j.Remove()); err != nil {
		t.Fatal(err)
	}
	before := content(t, path)
	for _, tc := range []struct {
		name, org, want string
		links           bool
	}{
		{"another organization", "other", "of the organization", false},
		{"other columns", "acme", "--links", true},
	} {
		_, _, err := ContinueFinished(path, path+".partial", tc.org, tc.links)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error is %v", tc.name, err)
		}
		if _, err := os.Stat(path + ".partial"); err == nil {
			t.Errorf("%s: a partial file was left", tc.name)
		}
	}
	// However often a run that goes on from it is stopped, it stays known.
	var earlier *Earlier
	var err error
	for range 3 {
		if unfinished, _ := Unfinished(path + ".partial"); unfinished {
			j, earlier, err = Continue(path+".partial", "acme", false)
		} else {
			j, earlier, err = ContinueFinished(path, path+".partial", "acme", false)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, ok, err := earlier.Carried("a@x.com"); !ok || err != nil {
			t.Errorf("a is not carried over: %v", err)
		}
		if _, ok, err := earlier.Carried("b@x.com"); ok || err != nil {
			t.Errorf("b, who failed, is carried over: %v", err)
		}
		mustAppend(t, j, line(1, "a@x.com", Created))
		if kept, err := j.Leave(); !kept || err != nil {
			t.Errorf("the journal is gone: %v", err)
		}
	}
	if content(t, path) != before {
		t.Error("the finished file changed")
	}
}

// A finished file that somebody has saved in a spreadsheet or an editor is as
// good: columns may have moved, and the last line end may be gone.
func TestFinishedResultsThatWereSavedAgain(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r.csv")
	file := "email,row,line,status,note,action,http_status,guest_id,attempts,error,finished_at,org\n" +
		"a@x.com,1,2,created,mine,create,201,7,1,,2026-11-21T12:00:00.000Z,acme"
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	look, err := Look(path, "acme", false)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := look.Carried("a@x.com"); !ok || err != nil {
		t.Errorf("a is not known: %v", err)
	}
	_ = look.Close()
	j, _, err := ContinueFinished(path, path+".partial", "acme", false)
	if err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, line(2, "b@x.com", Created))
	_ = j.Close()
	j, earlier, err := Continue(path+".partial", "acme", false)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for _, email := range []string{"a@x.com", "b@x.com"} {
		if _, ok, err := earlier.Carried(email); !ok || err != nil {
			t.Errorf("%s is not carried over: %v", email, err)
		}
	}
}

// Of two runs that go on from the same finished file at once, one does.
func TestContinueFinishedIsOneRunsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.csv")
	j := mustStart(t, path+".partial")
	mustAppend(t, j, line(1, "a@x.com", Failed))
	if err := errors.Join(j.Finish(path, 1), j.Remove()); err != nil {
		t.Fatal(err)
	}
	first, _, err := ContinueFinished(path, path+".partial", "acme", false)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if _, _, err := ContinueFinished(path, path+".partial", "acme", false); !errors.Is(err, ErrInUse) {
		t.Errorf("error is %v, want %v", err, ErrInUse)
	}
	// Until it is gone, a finished journal is nobody else's.
	mustAppend(t, first, line(1, "a@x.com", Created))
	if err := first.Finish(path, 1); err != nil {
		t.Fatal(err)
	}
	if !InUse(path + ".partial") {
		t.Error("a finished journal is not in use before it is removed")
	}
	if err := first.Remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + ".partial"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the journal stands: %v", err)
	}
}

func TestLineRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ \x{a0}\t]?[ -~é\t"]{0,20}`)
		want := Line{
			Row: rapid.IntRange(1, 1<<30).Draw(t, "row"), Line: rapid.IntRange(1, 1<<30).Draw(t, "line"), Email: text.Draw(t, "email"),
			Status: Failed, Action: CreateAssociate, HTTPStatus: rapid.IntRange(0, 599).Draw(t, "http"), GuestID: text.Draw(t, "id"),
			Attempts: rapid.IntRange(0, 99).Draw(t, "attempts"), Error: text.Draw(t, "error"), Org: text.Draw(t, "org"), Link: text.Draw(t, "link"),
			FinishedAt: time.UnixMilli(rapid.Int64Range(1, 1<<42).Draw(t, "at")).UTC(),
		}
		file := want.appendTo(nil, true)
		cells, err := csv.NewReader(bytes.NewReader(file)).Read()
		if err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		w := csv.NewWriter(&again)
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
		if w.Flush(); again.String() != string(file) {
			t.Fatalf("it is written as %q, and by encoding/csv as %q", file, again.String())
		}
		got, err := parseLine(header(true), cells)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func FuzzReader(f *testing.F) {
	f.Add(strings.Join(header(false), ",") + "\n1,2,a@x.com,created,create,201,7,1,,2026-11-21T12:00:00.000Z,acme\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, file string) {
		r, err := NewReader(strings.NewReader(file))
		if err != nil {
			return
		}
		for range 1000 {
			if _, err := r.Read(); err != nil {
				if errors.Is(err, io.EOF) && r.offset() != int64(len(file)) {
					t.Errorf("the end came at byte %d of %d", r.offset(), len(file))
				}
				return
			}
		}
	})
}

func TestPath(t *testing.T) {
	for input, want := range map[string]string{
		"people.csv": "people.results.csv", "dir.csv/a.xlsx": "dir.csv/a.xlsx.results.csv", "people": "people.results.csv",
		"people.CSV": "people.CSV.results.csv", "a.b.csv": "a.b.results.csv", "x/.csv": "x/.csv.results.csv",
	} {
		if got := Path(input, "results"); got != want {
			t.Errorf("Path(%q) = %q, want %q", input, got, want)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	j, err := Start(filepath.Join(b.TempDir(), "p"), false)
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	l := line(1, "jane.doe@acme.example.com", Created)
	for b.Loop() {
		if err := j.Append(l); err != nil {
			b.Fatal(err)
		}
	}
}
