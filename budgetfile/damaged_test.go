package budgetfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"guestlist/ratelimit"
)

// damaged are files that no Store has written, or not so.
var damaged = map[string]struct {
	content string
	why     string
}{
	"empty":            {"", "it is empty"},
	"zeros":            {"\x00\x00\x00", `invalid character '\x00' looking for beginning of value`},
	"half of it":       {`{"spent":[{"seq":1,"at":"2026-11-21T08:4`, "unexpected end of JSON input"},
	"garbage":          {"no such thing", `invalid character 'o' in literal null (expecting 'u')`},
	"something behind": {`{"seq":1}{"seq":2}`, "invalid character '{' after top-level value"},
	"null":             {"null", "it holds nothing but null"},
	"an array":         {"[]", "there is no place for the array at byte 1"},
	"a word as number": {`{"seq":"1"}`, "there is no place for the string at byte 10"},
	"half a call":      {`{"spent":[{"calls":[0.5,0,0]}]}`, "there is no place for the number 0.5 at byte 23"},
	"no time":          {`{"spent":[{"at":"yesterday"}]}`, `parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"`},
	"negative calls":   {`{"spent":[{"calls":[-1,0,0]}]}`, "-1 calls cannot have been counted"},
	"an absurd window": {`{"limits":[{"calls":30,"window":900000000000000000}]}`, "30 calls in 250000h0m0s is no limit"},
	"a class too many": {`{"pauses":[{"class":200}]}`, "there is no class 200"},
	"a long story":     {`{"limits":[{"scope":"` + strings.Repeat("x", 1000) + `"}]}`, `"` + strings.Repeat("x", 199)},
	"too large":        {`{"seq":1}` + strings.Repeat(" ", largest), "it is larger than 4 MiB"},
}

func TestDamagedFileIsSetAside(t *testing.T) {
	for name, c := range damaged {
		t.Run(name, func(t *testing.T) {
			s := damage(t, c.why, func(path string) error { return os.WriteFile(path, []byte(c.content), 0o600) })
			if got, err := os.ReadFile(aside(s.path)); string(got) != c.content {
				t.Errorf("%d bytes were set aside, %v", len(got), err)
			}
		})
	}
}

func TestWhatIsNoFileIsSetAside(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.WriteFile(elsewhere, []byte(`{"seq":7}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, put := range map[string]func(path string) error{
		"a folder":          func(path string) error { return os.Mkdir(path, 0o700) },
		"a full folder":     func(path string) error { return os.MkdirAll(filepath.Join(path, "full"), 0o700) },
		"a link":            func(path string) error { return os.Symlink(elsewhere, path) },
		"a link to nothing": func(path string) error { return os.Symlink("nothing", path) },
	} {
		t.Run(name, func(t *testing.T) {
			damage(t, "it is no regular file", put)
			if got, err := os.ReadFile(elsewhere); string(got) != `{"seq":7}` {
				t.Errorf("what the link led to holds %q, %v", got, err)
			}
		})
	}
}

// damage puts something in the place of a file, and checks that the next update
// says so once and begins anew. What was damaged before makes no difference.
func damage(t *testing.T, why string, put func(path string) error) *Store {
	t.Helper()
	folder := t.TempDir()
	var warnings []string
	s := New(folder, "acme", func(err error) { warnings = append(warnings, err.Error()) })
	if err := os.WriteFile(aside(s.path), []byte("older"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := put(s.path); err != nil {
		t.Fatal(err)
	}
	changed := false
	err := s.Update(t.Context(), func(state *ratelimit.State) {
		if diff := cmp.Diff(ratelimit.State{}, *state); diff != "" {
			t.Errorf("state (-want +got):\n%s", diff)
		}
		spend(state)
		changed = true
	})
	if err != nil || !changed {
		t.Fatalf("changed: %v, %v", changed, err)
	}
	wantSpent(t, s, 1)
	want := []string{"the budgets in " + s.path + " are damaged (" + why + "): the file was set aside as " +
		s.path + ".damaged, and limits are learned anew"}
	if diff := cmp.Diff(want, warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	wantFiles(t, folder, "guard", "json", "json.damaged")
	return s
}

func TestDamagedFileInTheWayOfAnother(t *testing.T) {
	folder := t.TempDir()
	s := New(folder, "acme", nil) // nobody wants to know
	if err := os.Mkdir(aside(s.path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantSpent(t, s, 0)
	wantFiles(t, folder, "guard", "json.damaged")

	// A folder that somebody keeps things in is not removed for this.
	if err := os.Remove(aside(s.path)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(aside(s.path), "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), spend); err == nil {
		t.Error("a full folder was replaced")
	}
}

func TestFileOfANewerVersion(t *testing.T) {
	s := New(t.TempDir(), "acme", func(err error) { t.Error(err) })
	newer := `{"seq":3,"colour":{"of":["the","sky"]},"spent":[{"seq":3,"mood":1,"calls":[1,2,3,4]}]}`
	if err := os.WriteFile(s.path, []byte(newer), 0o600); err != nil {
		t.Fatal(err)
	}
	want := ratelimit.State{Seq: 3, Spent: []ratelimit.Spent{{Seq: 3, Calls: [ratelimit.Classes]int{1, 2, 3}}}}
	if diff := cmp.Diff(want, look(t, s)); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

// FuzzUpdate lets an update meet any file. It never fails, and never hands on
// what is absurd; the next one meets what it made of that and is content.
func FuzzUpdate(f *testing.F) {
	for _, c := range damaged {
		if len(c.content) < 2000 {
			f.Add([]byte(c.content))
		}
	}
	f.Add([]byte(`{"spent":[],"leases":{}}`))
	f.Add([]byte(`{"limits":[{"scope":"create","calls":30,"window":3600000000000,"shown":true,"at":"2026-11-21T08:41:57.819+01:00"}],` +
		`"pauses":[{"class":2,"at":"2026-11-21T08:41:57Z","until":"9999-12-31T23:59:59-23:59"}],"spent":[{"seq":1,"by":"a","at":"0000-01-01T00:00:00Z","calls":[1,2,3]}],` +
		`"leases":{"\ud800":{"until":"2026-11-21T08:41:57Z","calls":[1,0,0]}},"seq":1}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		warnings := 0
		s := New(t.TempDir(), "acme", func(error) { warnings++ })
		if err := os.WriteFile(s.path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		var want ratelimit.State
		err := s.Update(t.Context(), func(state *ratelimit.State) {
			if err := state.Check(); err != nil {
				t.Errorf("an absurd state was handed on: %v", err)
			}
			state.Seq++
			want = *state
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = os.Lstat(aside(s.path))
		if (err == nil) != (warnings == 1) || warnings > 1 {
			t.Errorf("%d warnings; set aside: %v", warnings, err)
		}
		before := warnings
		if diff := cmp.Diff(want, look(t, s), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("state (-want +got):\n%s", diff)
		}
		if warnings != before {
			t.Error("what an update wrote is damaged")
		}
	})
}
