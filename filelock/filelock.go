// Package filelock holds files for one process alone, or for several that share. The kernel keeps the lock
// and gives it up with the process, however that ends, so none is ever stale.
package filelock

import (
	"errors"
	"io/fs"
	"os"
)

// ErrHeld says that the file is held already.
var ErrHeld = errors.New("another process holds it")

// errGone says that what was locked does not stand at its path any more.
var errGone = errors.New("it was removed or replaced meanwhile")

// Lock is a file that is held. It has the file open for itself.
type Lock struct{ lock *handle }

// Take holds the file at path. One that is held already, by another process or by
// this one, or that has just been removed or replaced, is ErrHeld at once; none is
// fs.ErrNotExist.
func Take(path string) (*Lock, error) {
	l, err := take(path, os.O_RDWR, (*handle).TryLock)
	if errors.Is(err, errGone) {
		err = ErrHeld
	}
	return l, err
}

// Make is Take, but makes the file where there is none, for its owner only. Who
// removes the file does so while holding it.
func Make(path string) (*Lock, error) { return makeAnd(path, (*handle).TryLock) }

// Share is Make for a file that others may hold as well, if they share it too: it
// is ErrHeld only where somebody holds it alone. Nobody removes what is shared;
// who wants to takes it first.
func Share(path string) (*Lock, error) { return makeAnd(path, (*handle).TryRLock) }

func makeAnd(path string, hold func(*handle) (bool, error)) (*Lock, error) {
	for {
		l, err := take(path, os.O_RDWR|os.O_CREATE, hold)
		if !errors.Is(err, errGone) {
			return l, err
		}
	}
}

func take(path string, flag int, hold func(*handle) (bool, error)) (*Lock, error) {
	l := newHandle(path, flag)
	taken, err := hold(l)
	if err == nil && !taken {
		err = ErrHeld
	}
	if err != nil {
		return nil, err
	}
	held, err := l.Stat()
	if err == nil {
		var there fs.FileInfo
		there, err = os.Stat(path)
		if err == nil && !os.SameFile(held, there) || errors.Is(err, fs.ErrNotExist) {
			err = errGone
		}
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &Lock{l}, nil
}

// Release gives the file up. A second time does nothing.
func (l *Lock) Release() error { return l.lock.Close() }

// Remove removes the file, unless it stands at its path no more, and gives it up.
func (l *Lock) Remove() error {
	held, err := l.lock.Stat()
	if err == nil {
		var there fs.FileInfo
		if there, err = os.Stat(l.lock.Path()); err == nil && os.SameFile(held, there) {
			err = os.Remove(l.lock.Path())
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, l.Release())
}
