package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// ErrInUse says that another run is at work on a partial file. The kernel holds
// the lock and gives it up with the process, however that ends.
var ErrInUse = errors.New("another run is at work on it: wait until it has ended")

// lock takes a partial file for this run alone.
func lock(path string) (*flock.Flock, error) {
	before, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	l := flock.New(path, flock.SetFlag(os.O_RDWR))
	taken, err := l.TryLock()
	if err != nil {
		return nil, err
	}
	// A run that has just ended may have removed or renamed what was locked.
	after, err := os.Stat(path)
	if !taken || err != nil || !os.SameFile(before, after) {
		return nil, errors.Join(ErrInUse, l.Close())
	}
	return l, nil
}

// SetAside keeps the partial file at path as path.old, for a run that begins
// anew. None is no error; one that a run is at work on is ErrInUse.
func SetAside(path string) error {
	l, err := lock(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = errors.Join(os.Rename(path, path+".old"), l.Close())
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
		_ = l.Close()
	}
	return errors.Is(err, ErrInUse)
}
