package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"guestlist/filelock"
)

// begin makes the file that is written until it gets its final name.
func begin(target string) (*File, error) {
	for {
		f, err := os.CreateTemp(filepath.Dir(target), tempPrefix(target)+"*"+tempSuffix)
		if err != nil {
			return nil, err
		}
		file := &File{File: f, path: target}
		file.lock, err = filelock.Take(f.Name())
		if !errors.Is(err, filelock.ErrHeld) && !errors.Is(err, fs.ErrNotExist) {
			return file, nil
		}
		// Another process took it for a left-over.
		if err := file.Abort(); err != nil {
			return nil, err
		}
	}
}

const tempSuffix = ".tmp"

func tempPrefix(target string) string { return "." + filepath.Base(target) + "." }

// remove gives up what was written under the temporary name.
func (f *File) remove() error {
	err := os.Remove(f.Name())
	f.release()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (f *File) release() {
	if f.lock != nil {
		_ = f.lock.Release() // nothing is lost with a lock
	}
}

// removeLeftOver removes the files that were to stand at target and that nobody
// writes any more. It is no failure if that cannot be done.
func removeLeftOver(target string) {
	entries, err := os.ReadDir(filepath.Dir(target))
	if err != nil {
		return
	}
	for _, e := range entries {
		number, is := strings.CutPrefix(e.Name(), tempPrefix(target))
		number, ends := strings.CutSuffix(number, tempSuffix)
		if !is || !ends || strings.Trim(number, "0123456789") != "" {
			continue
		}
		path := filepath.Join(filepath.Dir(target), e.Name())
		if l, err := filelock.Take(path); err == nil {
			_ = l.Remove()
		}
	}
}
