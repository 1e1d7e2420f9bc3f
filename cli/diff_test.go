package cli

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"guestlist/changes"
	"guestlist/guest"
)

func packed(t *testing.T, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, content)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func asUTF16(content string) string {
	b := []byte("\xff\xfe")
	for _, c := range utf16.Encode([]rune(content)) {
		b = binary.LittleEndian.AppendUint16(b, c)
	}
	return string(b)
}

// quietApp is one that tells nobody anything.
func quietApp(stdin io.Reader) *app {
	return newApp(stdin, io.Discard, io.Discard, func(string) string { return "" })
}

// Exports come as they were written and as programs saved them again, from a file
// and from standard input; nothing of them is left behind.
func TestExportsToCompare(t *testing.T) {
	const csv = "email,first_name\nrené@acme.com,René\n"
	longer := csv + strings.Repeat("x", 2<<20) + "@acme.com,"
	for _, tc := range []struct{ name, content, want, problem string }{
		{"as it was written", csv, csv, ""},
		{"with a byte order mark", "\ufeff" + csv, "\ufeff" + csv, ""},
		{"compressed", packed(t, csv), csv, ""},
		{"compressed, and long", packed(t, longer), longer, ""},
		{"compressed in two parts", packed(t, csv[:10]) + packed(t, csv[10:]), csv, ""},
		{"\"Unicode text\" of Excel", asUTF16(csv), csv, ""},
		{"that, compressed", packed(t, asUTF16(csv)), csv, ""},
		{"nothing", "", "", ""},
		{"a single line with bytes that are not UTF-8", csv + strings.Repeat("zoë@acme.com,Zoë\n", 50) + "\xff@acme.com,\n", csv + strings.Repeat("zoë@acme.com,Zoë\n", 50) + "\xff@acme.com,\n", ""},
		{"compressed and cut off", packed(t, longer)[:100], "", "F cannot be unpacked: it is damaged, or was cut off: copy it again from where export has written it"},
		{"compressed and cut off at once", packed(t, csv)[:5], "", "F cannot be unpacked: it is damaged, or was cut off: copy it again from where export has written it"},
		{"compressed, with something behind it", packed(t, csv) + "more", "", "F cannot be unpacked: it is damaged, or was cut off: copy it again from where export has written it"},
		{"compressed and damaged", packed(t, csv)[:20] + "?" + packed(t, csv)[21:], "", "F cannot be unpacked: it is damaged, or was cut off: copy it again from where export has written it"},
		{"compressed, with a wrong sum", packed(t, csv)[:len(packed(t, csv))-8] + "????" + packed(t, csv)[len(packed(t, csv))-4:], "", "F cannot be unpacked: it is damaged, or was cut off: copy it again from where export has written it"},
		{"compressed twice", packed(t, packed(t, csv)), "", "F is a gzip archive: unpack it"},
		{"in a charset of Windows", "email,first_name\nrene@acme.com,Ren\xe9\n", "", "F is not UTF-8 text, as exports are: save it as \"CSV UTF-8\", or compare the file that export has written"},
		{"records as JSON", "{\"id\":1}\n", "", "F is JSON, as export --format jsonl writes it, and diff compares CSV: export without --format"},
		{"records as JSON, compressed", packed(t, "{\"id\":1}\n"), "", "F is JSON, as export --format jsonl writes it, and diff compares CSV: export without --format"},
		{"a workbook", "PK\x03\x04\x14\x00\x06\x00", "", "F is an Excel workbook, and diff compares CSV: save it as \"CSV UTF-8\", or compare the file that export has written"},
		{"bytes of something else", strings.Repeat("\x00\x01\x02", 100), "", "F: the file is not text, as pictures, archives and workbooks are not: open it in the program that made it and save it as \"CSV UTF-8\""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			folder, temp := t.TempDir(), t.TempDir()
			t.Setenv("TMPDIR", temp)
			path := filepath.Join(folder, "guests.csv")
			if err := os.WriteFile(path, []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{path, "-"} {
				shown := strings.Replace(name, "-", "standard input", 1)
				if name == path {
					shown = path
				}
				e, err := quietApp(strings.NewReader(tc.content)).openExport(t.Context(), name)
				var input *guest.InputError
				if tc.problem != "" {
					if want := shown + strings.TrimPrefix(tc.problem, "F"); !errors.As(err, &input) || err.Error() != want {
						t.Errorf("%s: error %v\nwant %s", name, err, want)
					}
				} else if err != nil {
					t.Errorf("%s: %v", name, err)
				} else {
					f := e.file()
					text, err := io.ReadAll(io.NewSectionReader(f.Text, 0, f.Size))
					if err != nil || string(text) != tc.want || f.Name != shown {
						t.Errorf("%s: %q of %s, %v", name, text, f.Name, err)
					}
					if err := e.close(); err != nil {
						t.Error(err)
					}
					if e.kept != nil {
						if _, err := e.kept.Stat(); !errors.Is(err, os.ErrClosed) {
							t.Errorf("what was kept is still open: %v", err)
						}
					}
				}
			}
			if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// An export that is written to meanwhile is told, whether or not its rows show it.
func TestExportThatIsWrittenToMeanwhile(t *testing.T) {
	for _, tc := range []struct {
		name  string
		write func(path string) error
		want  bool
	}{
		{"not at all", func(string) error { return nil }, false},
		{"appended to", func(path string) error {
			return os.WriteFile(path, []byte("email\nann@acme.com\nbob@acme.com\n"), 0o600)
		}, true},
		{"appended to, at an hour that was set back", func(path string) error {
			info, err := os.Stat(path)
			return errors.Join(err, os.WriteFile(path, []byte("email\nann@acme.com\nbob@acme.com\n"), 0o600), os.Chtimes(path, time.Time{}, info.ModTime()))
		}, true},
		{"written anew, as long as before", func(path string) error {
			return errors.Join(os.WriteFile(path, []byte("email\nzoe@acme.com\n"), 0o600), os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)))
		}, true},
		{"replaced as export does it: what was opened is whole", func(path string) error {
			return errors.Join(os.WriteFile(path+".new", []byte("email\nzoe@acme.com\n"), 0o600), os.Rename(path+".new", path))
		}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "guests.csv")
			if err := os.WriteFile(path, []byte("email\nann@acme.com\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			e, err := quietApp(nil).openExport(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			defer e.close()
			if err := tc.write(path); err != nil {
				t.Fatal(err)
			}
			other := errors.New("a row is cut off")
			err = tryAgain(settled(other, e))
			if kept := e.keep(t.Context(), strings.NewReader("")); (kept != nil) != tc.want {
				t.Errorf("what was kept of it: %v", kept)
			}
			var changed *changes.ChangedError
			if got := errors.As(err, &changed); got != tc.want || got == errors.Is(err, other) {
				t.Errorf("error %v", err)
			}
			if hint := "run it again when nothing writes to that file any more"; tc.want && wayOut(err) != hint {
				t.Errorf("way out: %s", wayOut(err))
			}
		})
	}
}

// Ctrl-C ends the reading of each kind of file.
func TestOpeningAnExportStops(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	end := errors.New("enough")
	cancel(end)
	for name, content := range map[string]string{"plain": "email\n", "packed": packed(t, "email\n"), "wide": asUTF16("email\n")} {
		path := filepath.Join(t.TempDir(), "guests.csv")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := quietApp(nil).openExport(ctx, path); !errors.Is(err, end) {
			t.Errorf("%s: %v", name, err)
		}
	}
	never, writer := io.Pipe()
	defer writer.Close()
	if _, err := quietApp(never).openExport(ctx, "-"); !errors.Is(err, end) {
		t.Errorf("standard input that never ends: %v", err)
	}
}

func TestDescribeChanges(t *testing.T) {
	for _, tc := range []struct {
		done changes.Summary
		want string
	}{
		{changes.Summary{}, "0 added, 0 removed, 0 changed, 0 the same"},
		{changes.Summary{Added: 3, Removed: 1, Changed: 5, Fields: 8, Same: 1204}, "3 added, 1 removed, 5 changed (8 fields), 1,204 the same"},
		{changes.Summary{Added: 12_000, Removed: 3000, Changed: 1, Fields: 1}, "12,000 added, 3,000 removed, 1 changed (1 field), 0 the same"},
	} {
		if got := describeChanges(tc.done); got != tc.want {
			t.Errorf("%+v: %s, want %s", tc.done, got, tc.want)
		}
	}
}
