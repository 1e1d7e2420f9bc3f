package results

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// deal writes the results of so many shards of these lines into a folder, and
// returns their paths. The lines are in the order of their rows, from 1.
func deal(t testing.TB, dir string, count int, links bool, lines []Line) (paths []string) {
	t.Helper()
	for i := range count {
		s := Shard{i, count}
		text := headerRow(links)
		for _, l := range lines {
			if s.Has(l.Email, l.Row) {
				text = l.appendTo(text, links)
			}
		}
		paths = append(paths, s.Path(filepath.Join(dir, "big.csv"), "results"))
		put(t, paths[i], string(text))
	}
	return paths
}

func put(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func merge(paths []string) (string, map[Status]int, error) {
	p, err := OpenParts(paths)
	if err != nil {
		return "", nil, err
	}
	var out bytes.Buffer
	rows, err := p.Write(&out)
	return out.String(), rows, errors.Join(err, p.Close())
}

// Whatever stands in the results, dealt into shards and merged they are the same,
// byte for byte.
func TestMergeIsTheInverseOfDealing(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		links := rapid.Bool().Draw(rt, "links")
		text := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.StringMatching(`[ ",;\r\na-c]{0,6}`))
		whole, rows := headerRow(links), map[Status]int{}
		lines := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) Line {
			return Line{
				Email: text.Draw(rt, "email"), Status: rapid.SampledFrom([]Status{Created, Invalid, Duplicate, Failed, Unchanged}).Draw(rt, "status"),
				Action: Create, Error: text.Draw(rt, "error"), HTTPStatus: rapid.SampledFrom([]int{0, 201, 422}).Draw(rt, "answer"),
				Attempts: rapid.IntRange(0, 8).Draw(rt, "attempts"), Org: "acme", FinishedAt: noon,
			}
		}), 0, 30).Draw(rt, "lines")
		for i := range lines {
			lines[i].Row, lines[i].Line = i+1, 2*i+2
			if links {
				lines[i].Link = "https://example.com/?a=1,2"
			}
			whole = lines[i].appendTo(whole, links)
			rows[lines[i].Status]++
		}
		paths := deal(t, dir, rapid.IntRange(1, 6).Draw(rt, "shards"), links, lines)
		got, counted, err := merge(rapid.Permutation(paths).Draw(rt, "order"))
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(string(whole), got); diff != "" {
			rt.Errorf("(-dealt +merged):\n%s", diff)
		}
		if diff := cmp.Diff(rows, counted); diff != "" {
			rt.Errorf("counted (-want +got):\n%s", diff)
		}
	})
}

// Without any one of its rows, a file is not taken for whole, unless it is the last
// row of all: that no other file can tell.
func TestMergeMissesEveryRow(t *testing.T) {
	lines := manyLines(20)
	for gone := range lines {
		dir := t.TempDir()
		paths := deal(t, dir, 3, false, append(append([]Line{}, lines[:gone]...), lines[gone+1:]...))
		_, _, err := merge(paths)
		if last := gone == len(lines)-1; (err == nil) != last {
			t.Errorf("without row %d: %v", gone+1, err)
		}
	}
}

func manyLines(n int) (lines []Line) {
	for i := range n {
		lines = append(lines, line(i+1, fmt.Sprintf("guest%d@acme.example.com", i), Created))
	}
	return lines
}

func TestWhatIsNotMerged(t *testing.T) {
	const header = "row,line,email,status,action,http_status,guest_id,attempts,error,finished_at,org\n"
	text := func(row int, email, rest string) string {
		return fmt.Sprintf("%d,%d,%s,created,create,201,7,1,,,%s\n", row, row+1, email, rest)
	}
	const a, b = "big.shard-0-of-2.results.csv", "big.shard-1-of-2.results.csv"
	// By their SHA-256 ann and dan are in shard 0 of 2, and bob is in shard 1.
	ann, bob, dan := text(1, "ann@acme.example.com", "acme"), text(2, "bob@acme.example.com", "acme"), text(3, "dan@acme.example.com", "acme")
	for _, tc := range []struct {
		name  string
		files map[string]string
		args  []string // in place of a and b
		want  string   // empty: it is merged
	}{
		{"all is well", map[string]string{a: header + ann + dan, b: header + bob}, nil, ""},
		{"a shard without rows", map[string]string{a: header + ann, b: header}, nil, ""},
		{"a spreadsheet has saved one", map[string]string{a: "\ufeff" + header + ann + strings.TrimSuffix(dan, "\n"), b: strings.ReplaceAll(header+bob, ",", ";")}, nil, "ends in the middle of a line"},
		{"a spreadsheet has saved one with its own ends", map[string]string{a: header + ann + dan, b: strings.ReplaceAll(strings.ReplaceAll(header+bob, ",", ";"), "\n", "\r\n")}, nil, ""},
		{"one is missing", map[string]string{a: header + ann}, []string{a}, "a shard is missing: 1/2 (" + b + ")"},
		{"one has not finished", map[string]string{a: header + ann, b + ".partial": header + bob}, []string{a}, "a shard is missing: 1/2 (" + b + ", which has not finished)"},
		{"a partial file", map[string]string{a: header + ann, b + ".partial": header + bob}, []string{a, b + ".partial"}, b + ".partial is of a run that did not finish"},
		{"a partial file under another name", map[string]string{a: header + ann, b: header + strings.Replace(bob, "created", "sending", 1)}, nil, b + " is of a run that did not finish"},
		{"one that is gone on from", map[string]string{a: header + ann, b: header + bob, b + ".partial": header + bob}, nil, b + " is not the last word: a run that went on from it did not finish"},
		{"one is there twice", map[string]string{a: header + ann, "x/" + a: header + ann}, []string{a, "x/" + a}, "shard 0/2 is there twice: " + a + " and x/" + a},
		{"of other inputs", map[string]string{a: header + ann, "small.shard-1-of-2.results.csv": header + bob}, []string{a, "small.shard-1-of-2.results.csv"}, a + " and small.shard-1-of-2.results.csv are not of one run"},
		{"results and a plan", map[string]string{a: header + ann, "big.shard-1-of-2.plan.csv": header + bob}, []string{a, "big.shard-1-of-2.plan.csv"}, a + " has results, and big.shard-1-of-2.plan.csv has a plan"},
		{"of other numbers", map[string]string{a: header + ann, "big.shard-1-of-3.results.csv": header + bob}, []string{a, "big.shard-1-of-3.results.csv"}, a + " is one of 2 shards, and big.shard-1-of-3.results.csv one of 3"},
		{"one has lost its name", map[string]string{a: header + ann, "b.csv": header + bob}, []string{a, "b.csv"}, "the name of b.csv does not tell which shard it is, and others do"},
		{"another one has lost its name", map[string]string{"a.csv": header + ann, b: header + bob}, []string{"a.csv", b}, "the name of a.csv does not tell which shard it is, and others do"},
		{"no names", map[string]string{"a.csv": header + ann + dan, "b.csv": header + bob}, []string{"a.csv", "b.csv"}, ""},
		{"no names, and a row is missing", map[string]string{"a.csv": header + ann + dan}, []string{"a.csv"}, "row 2 is in none of the results"},
		{"no names, and the same file twice", map[string]string{"a.csv": header + ann}, []string{"a.csv", "a.csv"}, "row 1 is in both a.csv and a.csv"},
		{"the first rows are missing", map[string]string{a: header + dan, b: header}, nil, "rows 1 to 2 are in none of the results"},
		{"rows are missing in between", map[string]string{a: header + ann + text(9, "dan@acme.example.com", "acme"), b: header + bob}, nil, "rows 3 to 8 are in none of the results"},
		{"the input had other rows then", map[string]string{a: header + ann, b: header + text(1, "bob@acme.example.com", "acme")}, nil, "row 1 is in both"},
		{"a row twice in one", map[string]string{a: header + ann + ann, b: header + bob}, nil, a + " has row 1 twice"},
		{"sorted by something else", map[string]string{a: header + dan + ann, b: header + bob}, nil, a + " is not in the order of the input: row 1 comes after row 3"},
		{"renamed", map[string]string{b: header + ann + dan, a: header + bob}, nil, "row 2 in " + a + " does not belong into shard 0/2"},
		{"of two organizations", map[string]string{a: header + ann, b: header + text(2, "bob@acme.example.com", "other")}, nil, a + ` is of the organization "acme", and ` + b + ` of "other"`},
		{"one with links", map[string]string{a: header + ann, b: strings.Replace(header, "org\n", "org,link\n", 1) + strings.Replace(bob, "acme\n", "acme,x\n", 1)}, nil, a + " and " + b + " have other columns: one has the forever links (--links)"},
		{"an import and a delete", map[string]string{a: header + ann, b: header + strings.Replace(bob, "created,create", "deleted,delete", 1)}, nil, a + " is of a run that was to import guests, and " + b + " of one that was to delete them"},
		{"cut within a line", map[string]string{a: header + ann + dan[:len(dan)-2], b: header + bob}, nil, a + " ends in the middle of a line"},
		{"damaged", map[string]string{a: header + "1,2,ann\n", b: header + bob}, nil, a + ": record on line 2: wrong number of fields"},
		{"no results at all", map[string]string{a: "email\nann@acme.example.com\n", b: header + bob}, nil, a + ": it is no results file: there is no column row"},
		{"empty", map[string]string{a: "", b: header + bob}, nil, a + ": the file is empty: it has no header"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for name, content := range tc.files {
				put(t, name, content)
			}
			args := tc.args
			if args == nil {
				args = []string{a, b}
			}
			_, _, err := merge(args)
			var wrong *Mismatch
			if tc.want == "" {
				if err != nil {
					t.Errorf("error is %v", err)
				}
			} else if !errors.As(err, &wrong) || !strings.Contains(wrong.Problem, tc.want) || wrong.Advice == "" {
				t.Errorf("error is %v, want %s", err, tc.want)
			}
		})
	}
}

func TestMissingShardsAreNamed(t *testing.T) {
	t.Chdir(t.TempDir())
	deal(t, ".", 9, false, nil)
	_, _, err := merge([]string{"big.shard-3-of-9.results.csv", "big.shard-4-of-9.results.csv"})
	want := "7 shards are missing: 0/9 (big.shard-0-of-9.results.csv), 1/9 (big.shard-1-of-9.results.csv), 2/9 (big.shard-2-of-9.results.csv), 5/9 (big.shard-5-of-9.results.csv), 6/9 (big.shard-6-of-9.results.csv) and 2 more"
	if err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}

func TestMergeRejects(t *testing.T) {
	const a, b = "big.shard-0-of-2.rejects.csv", "big.shard-1-of-2.rejects.csv"
	refused := func(row int, email, why string) Line {
		return Line{Row: row, Line: row + 1, Email: email, Status: Invalid, Action: None, Error: why, Org: "acme"}
	}
	lines := []Line{
		refused(1, "ann@", "email: \"odd\", really"), // in shard 1
		refused(2, "", "row: a quote that opens here is never closed"),
		line(3, "bob@acme.example.com", Created),
		refused(4, "", "email: is missing"),
		refused(5, "", "email: is missing"),
		refused(6, "", "row: has 3 cells where the header has 2"),
	}
	for i, want := range []int{1, 1, 1, 1, 0, 1} {
		if !(Shard{want, 2}).Has(lines[i].Email, i+1) {
			t.Fatalf("row %d is not in shard %d", i+1, want)
		}
	}
	const (
		header = "email,first_name,guestlist_error\n"
		ann    = "ann@,\"two\nlines\",\"email: \"\"odd\"\", really\"\n"
		open   = "\"open,x,row: a quote that opens here is never closed\n"
		dan    = ",Dan,email: is missing\n"
		eve    = ",Eve,email: is missing\n"
		secret = ",,\"row: has 3 cells where the header has 2: its cells are left out here, as one may be sensitive: mend line 7 of the original file\"\n"
		first  = header + eve
		second = header + ann + open + dan + secret
		whole  = header + ann + open + dan + eve + secret
	)
	for _, tc := range []struct {
		name  string
		files map[string]string
		gone  string // results that do not stand there
		args  []string
		want  string // what is wrong
	}{
		{"in order", map[string]string{a: first, b: second}, "", []string{b, a}, ""},
		{"one is not named", map[string]string{a: first, b: second}, "", []string{a}, "shard 1/2 refused rows, and its rejects are not there: " + b},
		{"without results", map[string]string{a: first, b: second}, "big.shard-1-of-2.results.csv", []string{a, b}, "of the results beside " + a + ", a shard is missing: 1/2 (big.shard-1-of-2.results.csv)"},
		{"mended", map[string]string{a: strings.Replace(first, "email: is missing", "", 1), b: second}, "", []string{a, b}, "row 5 is not in " + a + " as it was refused"},
		{"one row was taken out", map[string]string{a: first, b: header + ann + open + secret}, "", []string{a, b}, "row 4 is not in " + b + " as it was refused"},
		{"a row too many", map[string]string{a: first + eve, b: second}, "", []string{a, b}, a + " has more rows than the results beside it have refused"},
		{"of other columns", map[string]string{a: first, b: strings.Replace(second, "first_name", "last_name", 1)}, "", []string{a, b}, "the columns of " + b + " are not those of the other rejects"},
		{"with results among them", map[string]string{a: first}, "", []string{a, "big.shard-1-of-2.results.csv"}, a + " has rejects, and big.shard-1-of-2.results.csv has results"},
		{"without a name", map[string]string{"a.csv": first, "b.csv": second}, "", []string{"a.csv", "b.csv"}, "the name of a.csv does not tell which shard's rejects it has"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			deal(t, ".", 2, false, lines)
			for name, content := range tc.files {
				put(t, name, content)
			}
			if tc.gone != "" {
				if err := os.Remove(tc.gone); err != nil {
					t.Fatal(err)
				}
			}
			var out bytes.Buffer
			r, err := OpenRejects(tc.args)
			if err == nil {
				var n int
				n, err = r.Write(&out)
				err = errors.Join(err, r.Close())
				if err == nil && n != 5 {
					t.Errorf("%d rows", n)
				}
			}
			if tc.want != "" {
				if err == nil || err.Error() != tc.want {
					t.Errorf("error is %v, want %s", err, tc.want)
				}
				return
			}
			if diff := cmp.Diff(whole, out.String()); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}
