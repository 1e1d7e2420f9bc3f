package filelock

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func TestHeldByOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if _, err := Take(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("taking a file that is not there: %v", err)
	}
	l, err := Make(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("made %v, %v", info, err)
	}
	for name, hold := range map[string]func(string) (*Lock, error){"Take": Take, "Make": Make} {
		if _, err := hold(path); !errors.Is(err, ErrHeld) {
			t.Errorf("%s of a file that is held: %v", name, err)
		}
	}
	for range 2 {
		if err := l.Release(); err != nil {
			t.Error(err)
		}
	}
	if l, err = Take(path); err != nil {
		t.Fatal(err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
}

func TestShared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var shared [3]*Lock
	for i := range shared {
		var err error
		if shared[i], err = Share(path); err != nil {
			t.Fatal(err)
		}
	}
	for i := range shared {
		for name, hold := range map[string]func(string) (*Lock, error){"Take": Take, "Make": Make} {
			if _, err := hold(path); !errors.Is(err, ErrHeld) {
				t.Errorf("%s of a file that %d share: %v", name, len(shared)-i, err)
			}
		}
		if err := shared[i].Release(); err != nil {
			t.Error(err)
		}
	}
	alone, err := Take(path)
	if err != nil {
		t.Fatalf("nobody shares it any more: %v", err)
	}
	if _, err := Share(path); !errors.Is(err, ErrHeld) {
		t.Errorf("sharing a file that is held: %v", err)
	}
	if err := alone.Remove(); err != nil {
		t.Error(err)
	}
	if shared[0], err = Share(path); err != nil {
		t.Fatalf("the file is made where there is none: %v", err)
	}
	if err := shared[0].Release(); err != nil {
		t.Error(err)
	}
}

// Holders that remove the file before they give it up never meet: a lock on what
// does not stand there any more counts for nothing.
func TestRemovedWhileHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var holders, held atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 300 {
				l, err := Make(path)
				if errors.Is(err, ErrHeld) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				held.Add(1)
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d hold it at once", n)
				}
				holders.Add(-1)
				if err := errors.Join(os.Remove(path), l.Release()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if held.Load() == 0 {
		t.Error("nobody ever held it")
	}
}

func TestReplacedFileIsAnothersToHold(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "lock")
	l, err := Make(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	other, err := Make(path)
	if err != nil {
		t.Fatalf("the name is free again: %v", err)
	}
	if err := other.Release(); err != nil {
		t.Error(err)
	}
}
