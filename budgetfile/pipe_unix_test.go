//go:build unix

package budgetfile

import (
	"syscall"
	"testing"
)

func pipe(path string) error { return syscall.Mkfifo(path, 0o600) }

// A pipe that nobody writes to would never even open.
func TestPipeInThePlaceOfTheFile(t *testing.T) {
	damage(t, "it is no regular file", pipe)
}

func TestPipeInTheWay(t *testing.T) {
	for name, suffix := range map[string]string{"of the lock": ".guard", "of the temporary file": ".json.tmp"} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			s := New(folder, "acme", func(err error) { t.Error(err) })
			if err := pipe(folder + "/acme.budgets" + suffix); err != nil {
				t.Fatal(err)
			}
			if err := count(s, 1); err != nil {
				t.Fatal(err)
			}
			wantSpent(t, s, 1)
			wantFiles(t, folder, "guard", "json")
		})
	}
}
