package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"guestlist/atomicfile"
	"guestlist/filelock"
)

// ErrInUse says that another run is at work on a partial file.
var ErrInUse = errors.New("another run is at work on it: wait until it has ended")

// lock takes a partial file for this run alone.
func lock(path string) (*filelock.Lock, error) {
	l, err := filelock.Take(path)
	if errors.Is(err, filelock.ErrHeld) {
		err = ErrInUse
	}
	return l, err
}

// SetAside keeps the partial file at path as path.old, for a run that begins
// anew. None is no error; one that a run is at work on is ErrInUse.
func SetAside(path string) error {
	l, err := lock(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		_, err = aside(path)
		err = errors.Join(err, l.Release())
	}
	if err != nil {
		return fmt.Errorf("set the partial results %s aside: %w", path, err)
	}
	return nil
}

// InUse tells whether a run is at work on the partial file at path.
func InUse(path string) bool {
	l, err := lock(path)
	if err == nil {
		_ = l.Release()
	}
	return errors.Is(err, ErrInUse)
}

// aside gives a partial file, which the caller holds, the first free of the names
// path.old, path.old2 and so on: what was set aside before may be all that knows
// of somebody.
func aside(path string) (kept string, err error) {
	kept = path + ".old"
	for n := 2; ; n++ {
		if _, err := os.Lstat(kept); errors.Is(err, fs.ErrNotExist) {
			return kept, atomicfile.Rename(path, kept)
		} else if err != nil {
			return "", err
		}
		kept = path + ".old" + strconv.Itoa(n)
	}
}
