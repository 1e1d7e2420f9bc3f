package results

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"guestlist/guest"
)

// repeated gives a text out again and again without end, and counts what was
// taken of it.
type repeated struct {
	block string
	taken int
}

func repeat(text string) *repeated {
	return &repeated{block: strings.Repeat(text, 64<<10/len(text))}
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.block[r.taken%len(r.block):])
	r.taken += n
	return n, nil
}

const goodLine = "1,2,a@x.com,created,create,201,7,1,,2026-11-21T12:00:00.000Z,acme\n"

var headerLine = strings.Join(header(false), ",") + "\n"

// An endless line is refused after its beginning, and with its number.
func TestEndlessLine(t *testing.T) {
	for _, tc := range []struct{ name, begin, rest, want string }{
		{"instead of a header", "", "a", "line 1 is longer than 64 KiB"},
		{"NULs instead of a header", "", "\x00", "line 1 has a NUL"},
		{"columns", "row,line", ",a", "line 1 is longer than 64 KiB"},
		{"in the middle", headerLine + goodLine, "a", "line 3 is longer than 1280 KiB"},
		{"NULs in the middle", headerLine + goodLine, "\x00", "line 3 has a NUL"},
		{"cells", headerLine + goodLine, ",", "line 3 is longer"},
		{"a quote that is never closed", headerLine + goodLine + goodLine + `2,3,"`, "b@x.com,created\n", "line 4 is longer than 1280 KiB, or has a quote that is never closed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var before, after runtime.MemStats
			rest := repeat(tc.rest)
			runtime.ReadMemStats(&before)
			r, err := NewReader(io.MultiReader(strings.NewReader(tc.begin), rest))
			for err == nil {
				_, err = r.Read()
			}
			runtime.ReadMemStats(&after)
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v, want it to say %q", err, tc.want)
			}
			if taken := after.TotalAlloc - before.TotalAlloc; rest.taken > 2<<20 || taken > 256<<20 { // a million cells take most
				t.Errorf("%d bytes were read and %d taken of the memory", rest.taken, taken)
			}
		})
	}
}

// Whatever an input and a server come with, a run reads what it wrote.
func TestLongestLineCanBeReadAgain(t *testing.T) {
	for _, tc := range []struct{ name, email, said string }{
		{"quotes", strings.Repeat(`"`, guest.MaxRecord/2), strings.Repeat(`"`, 10<<20)},
		{"commas", strings.Repeat(",", guest.MaxRecord), strings.Repeat(",", 10<<20)},
		{"letters of several bytes", strings.Repeat("é", guest.MaxRecord/2), "x" + strings.Repeat("€", 4<<20)},
		{"NULs and line ends", strings.Repeat("a\x00\r\n", guest.MaxRecord/8), strings.Repeat("\x00\n", 4<<20)},
		{"bytes that are no text", strings.Repeat("\xff", guest.MaxRecord), strings.Repeat("\x80", 4<<20)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "p")
			j := mustStart(t, path)
			l := line(1, tc.email, Failed)
			l.Error, l.GuestID, l.Link = tc.said, tc.said, tc.said
			mustAppend(t, j, l, line(2, "b@x.com", Created))
			_ = j.Close()
			if lines := strings.Count(content(t, path), "\n"); lines != 3 {
				t.Fatalf("it has %d lines, want 3", lines)
			}
			j, earlier, err := Continue(path, "acme", false)
			if err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			if l, ok, err := earlier.Find(tc.email); !ok || err != nil || len(l.Error) > 32<<10 {
				t.Errorf("the long line is known: %v, %v, with %d bytes of error", ok, err, len(l.Error))
			}
			if _, ok, err := earlier.Carried("b@x.com"); !ok || err != nil {
				t.Errorf("the line after it is known: %v, %v", ok, err)
			}
		})
	}
}

// What cannot be a partial file of a run is refused, and stays as it is.
func TestContinueLeavesAStrangersFileAlone(t *testing.T) {
	semicolons := strings.ReplaceAll(headerLine+goodLine, ",", ";")
	for _, tc := range []struct{ name, file, want string }{
		{"a line without an end", "email,first_name", "it is not empty and has no whole line"},
		{"carriage returns alone", strings.ReplaceAll(headerLine+goodLine, "\n", "\r"), "no whole line"},
		{"NULs", strings.Repeat("\x00", 1<<20), "no whole line"},
		{"zeros that swallowed lines", headerLine + goodLine + "2,3,b@" + strings.Repeat("\x00", 4096) + goodLine[5:] + goodLine, "line 3 has a NUL"},
		{"a status that is none", headerLine + strings.Replace(goodLine, "created", "cre?ted", 1) + goodLine, `line 2: status is "cre?ted"`},
		{"columns that were moved", "line,row" + strings.TrimPrefix(headerLine, "row,line") + goodLine, "its columns are not as a run wrote them"},
		{"a column that was added", strings.Replace(headerLine, "org", "org,note", 1) + strings.Replace(goodLine, "acme", "acme,x", 1), "its columns are not"},
		{"semicolons", semicolons, "its columns are not"},
		{"UTF-16", "\xff\xfer\x00o\x00w\x00\n\x00", "line 1 has a NUL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "p")
			if err := os.WriteFile(path, []byte(tc.file), 0o600); err != nil {
				t.Fatal(err)
			}
			_, _, err := Continue(path, "acme", false)
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "--restart") {
				t.Errorf("error is %v, want it to say %q and a way out", err, tc.want)
			}
			if content(t, path) != tc.file {
				t.Error("the file changed")
			}
		})
	}
}

func TestFinishedResultsFromASpreadsheet(t *testing.T) {
	whole := headerLine + goodLine + strings.Replace(goodLine, "a@x", "b@x", 1)
	for _, tc := range []struct{ name, file, want string }{
		{"line ends of Windows", strings.ReplaceAll(whole, "\n", "\r\n"), ""},
		{"a byte order mark", "\ufeff" + whole, ""},
		{"semicolons, and all of that", "\ufeff" + strings.NewReplacer(",", ";", "\n", "\r\n").Replace(whole), ""},
		{"tabs", strings.ReplaceAll(whole, ",", "\t"), ""},
		{"numbers with a fraction", strings.ReplaceAll(whole, "201", "201.0"), `line 2: http_status is "201.0", not a number`},
		{"times of its own", strings.ReplaceAll(whole, "2026-11-21T12:00:00.000Z", "11/21/2026 12:00"), "line 2: finished_at"},
		{"carriage returns alone", strings.ReplaceAll(whole, "\n", "\r"), "it is no results file"},
		{"a line that lost cells", whole + "3,4,c@x.com\n", "line 4"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "r.csv")
			if err := os.WriteFile(path, []byte(tc.file), 0o600); err != nil {
				t.Fatal(err)
			}
			look, err := Look(path, "acme", false)
			check(t, look, err, tc.want)
			_ = look.Close()
			j, earlier, err := ContinueFinished(path, path+".partial", "acme", false)
			check(t, earlier, err, tc.want)
			if err == nil {
				_ = j.Close()
			} else if _, err := os.Stat(path + ".partial"); err == nil {
				t.Error("a partial file was left")
			}
			if content(t, path) != tc.file {
				t.Error("the finished file changed")
			}
		})
	}
}

// check wants an error that says want and a way out, or when it is empty that a
// and b are known.
func check(t *testing.T, earlier *Earlier, err error, want string) {
	t.Helper()
	if want != "" {
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--restart") {
			t.Errorf("error is %v, want it to say %q and a way out", err, want)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"a@x.com", "b@x.com"} {
		if l, ok, err := earlier.Carried(email); !ok || err != nil || l.GuestID != "7" {
			t.Errorf("%s is carried over: %v, %v, with the id %q", email, ok, err, l.GuestID)
		}
	}
}

// FuzzContinue takes any bytes for a partial file. It is refused and stays as it
// is, or gone on from; then each person that a whole line says is done is known,
// now and after more lines.
func FuzzContinue(f *testing.F) {
	journal := headerLine + strings.Replace(goodLine, "created", "sending", 1) + goodLine +
		"2,3,\"b,\"\"@x.com\",updated,associate,200,8,1,\"said \"\"no\"\"\",2026-11-21T12:00:01Z,acme\n" +
		"3,4,c@x.com,failed,create,,,1,fate unknown: é,,acme\n4,5,A@X.com,duplicate,none,,,0,email: twice,,acme\n"
	for cut := range len(journal) {
		if cut%37 == 0 {
			f.Add([]byte(journal[:cut]))
		}
	}
	for _, seed := range []string{
		journal, strings.ReplaceAll(journal, "\n", "\r\n"), strings.ReplaceAll(journal, ",", ";"), "\ufeff" + journal,
		journal + "\x00\x00", journal + "\n\n\n" + goodLine, strings.Replace(journal, `"said`, `"said`+"\n", 1), strings.Replace(journal, "x.com", "x\x00com", 1),
		strings.Replace(journal, "acme", "other", 1), "email,first_name\nann@x.com,Ann\n", "row", "rows", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		path := filepath.Join(t.TempDir(), "p")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		j, earlier, err := Continue(path, "acme", false)
		if err != nil {
			if content(t, path) != string(file) {
				t.Fatalf("refused with %v, and changed", err)
			}
			return
		}
		done := settledIn(t, string(file))
		knows := func(earlier *Earlier) {
			for email, want := range done {
				if _, ok, err := earlier.Carried(email); ok != want || err != nil {
					t.Fatalf("%q is carried over: %v, %v; want %v", email, ok, err, want)
				}
			}
		}
		knows(earlier)
		mustAppend(t, j, line(9, "new@x.com", Created))
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		done[key("new@x.com")] = true
		if j, earlier, err = Continue(path, "acme", false); err != nil {
			t.Fatalf("what this run added cannot be gone on from: %v", err)
		}
		knows(earlier)
		_ = j.Close()
	})
}

// settledIn tells by encoding/csv alone who is done for good by the whole lines
// of a partial file.
func settledIn(t *testing.T, file string) map[string]bool {
	done := map[string]bool{}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(file[:strings.LastIndex(file, "\n")+1], "\ufeff")))
	for n := 0; ; n++ {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return done
		}
		if err != nil {
			t.Fatalf("csv refuses what was gone on from: %v", err)
		}
		switch status := Status(cells[3]); {
		case n == 0, status == Invalid, status == Duplicate: // the header, or nothing about the person
		default:
			done[key(cells[2])] = status == Created || status == Updated
		}
	}
}
