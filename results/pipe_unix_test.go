//go:build unix

package results

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe that nobody writes to would never even open.
func TestResultsThatAreNoRegularFile(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, dir} {
		_, looked := Look(path, "acme", true)
		_, _, finished := ContinueFinished(path, filepath.Join(dir, "p"), "acme", false)
		for _, err := range []error{looked, finished} {
			if err == nil || !strings.Contains(err.Error(), "is not a regular file") {
				t.Errorf("%s: error is %v", filepath.Base(path), err)
			}
		}
	}
	if _, _, err := Continue(pipe, "acme", false); err == nil {
		t.Error("a pipe can be gone on from")
	}
}
