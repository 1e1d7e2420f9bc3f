package changes

import (
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"

	"guestlist/guest"
)

// FuzzCompare looks at what holds for any two files: nothing is ever wrong but the
// files themselves, every line that is written can be read, a file does not differ
// from itself, and the other way round as many went as came.
func FuzzCompare(f *testing.F) {
	f.Add("email,n\nann@acme.com,1\nbob@acme.com,2\n", "\ufeffn;email\r\n\"1\"\"\";\"Ann@acme.com\"\r\n", uint8(0))
	f.Add("email,n\nann@acme.com,'=1\n\n,\n", "email,n\nann@acme.com,=1\nbob@acme.com,\"a\nb\"", uint8(1))
	f.Add("email\n\"", "email|x\n\xff|\"", uint8(2))
	f.Fuzz(func(t *testing.T, before, after string, hashes uint8) {
		compare := func(before, after string) ([][]string, Summary, bool) {
			c, err := New(text("old.csv", before), text("new.csv", after))
			var out strings.Builder
			var done Summary
			if err == nil {
				if hash := c.hash; hashes > 0 {
					c.hash = func(key string) uint64 { return hash(key) % uint64(hashes) }
				}
				done, err = c.Write(t.Context(), &out)
			}
			var input *guest.InputError
			if err != nil {
				if !errors.As(err, &input) {
					t.Errorf("%q and %q: %v", before, after, err)
				}
				return nil, done, false
			}
			lines, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
			if err != nil {
				t.Errorf("%q and %q: %v:\n%s", before, after, err, out.String())
			}
			return lines, done, true
		}
		lines, done, ok := compare(before, after)
		if !ok {
			return
		}
		if want := 1 + done.Added + done.Removed + done.Fields; len(lines) != want || done.Fields < done.Changed {
			t.Errorf("%+v, and %d lines: %q", done, len(lines), lines)
		}
		_, back, ok := compare(after, before)
		if !ok || back != (Summary{Added: done.Removed, Removed: done.Added, Changed: done.Changed, Fields: done.Fields, Same: done.Same}) {
			t.Errorf("there %+v, back %+v", done, back)
		}
		for _, file := range []string{before, after} {
			if lines, done, ok := compare(file, file); !ok || len(lines) != 1 || done != (Summary{Same: done.Same}) {
				t.Errorf("%q with itself: %q %+v", file, lines, done)
			}
		}
		if !slices.Equal(lines[0], []string{"change", "email", "field", "old", "new"}) {
			t.Errorf("header %q", lines[0])
		}
	})
}
