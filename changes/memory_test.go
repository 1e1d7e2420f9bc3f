package changes

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// mostBytes is what the memory of a guest may be; docs promise it.
const mostBytes = 100

// fileOfMany writes an export of so many guests to the disk, where it takes no
// memory, and opens it.
func fileOfMany(tb testing.TB, name string, guests int, who string) File {
	tb.Helper()
	var b strings.Builder
	writeMany(&b, guests, who)
	return fileOf(tb, name, b.String())
}

func fileOf(tb testing.TB, name, content string) File {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return File{Name: name, Text: f, Size: int64(len(content))}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestMemory(t *testing.T) {
	const guests = 200_000
	for _, tc := range []struct {
		name    string
		who     string // the others in the new file
		inTotal int
		want    Summary
	}{
		{"the same guests", "old", guests, Summary{Same: guests}},
		{"all others", "new", 2 * guests, Summary{Added: guests, Removed: guests}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := New(fileOfMany(t, "old.csv", guests, "old"), fileOfMany(t, "new.csv", guests, tc.who))
			if err != nil {
				t.Fatal(err)
			}
			// The last lines are written when everybody is known.
			var last int64
			calls := 0
			before := heap()
			done, err := c.Write(t.Context(), writerFunc(func(p []byte) (int, error) {
				if calls++; calls%1000 == 0 || len(p) < 4096 {
					last = max(last, heap()-before)
				}
				return len(p), nil
			}))
			if err != nil || done != tc.want {
				t.Fatal(done, err)
			}
			each := float64(last) / float64(tc.inTotal)
			t.Logf("%.1f bytes a guest", each)
			if each > mostBytes || each < 8 {
				t.Errorf("%.1f bytes a guest, want %d at most, and no fewer than a hash takes", each, mostBytes)
			}
		})
	}
}
