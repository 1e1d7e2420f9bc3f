// Package atomicfile writes files that appear whole or not at all: beside
// their final name first, then renamed over it.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// File is a file on its way to its final name. Until Commit, nothing stands
// there but what stood there before.
type File struct {
	*os.File
	path string // the final name, links followed
}

// Create begins a file that is to stand at path with the given mode. A file
// that stands there already hands its own mode on, and a link is followed, so
// that what it points to is replaced. A path that cannot become a file, such
// as a folder or one in a folder that is missing, is an error at once.
func Create(path string, mode fs.FileMode) (*File, error) {
	target, err := filepath.EvalSymlinks(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		target = path
	case err != nil:
		return nil, fmt.Errorf("write %s: %w", path, err)
	default:
		info, err := os.Stat(target)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", path, err)
		}
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("write %s: it is no regular file: name another one", path)
		}
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*.tmp")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.Chmod(mode); err != nil {
		return nil, errors.Join(fmt.Errorf("write %s: %w", path, err), f.Close(), os.Remove(f.Name()))
	}
	return &File{File: f, path: target}, nil
}

// Commit puts the file in its place, on the disk and not only in memory. After
// an error nothing has changed at the final name. The file is closed.
func (f *File) Commit() error {
	err := f.Sync()
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", f.path, err), removeTemp(f.Name()))
	}
	return syncFolder(filepath.Dir(f.path))
}

// Abort gives the file up and leaves what stood there before. After Commit it
// does nothing, so it may be deferred.
func (f *File) Abort() error {
	if err := f.Close(); errors.Is(err, fs.ErrClosed) {
		return nil
	}
	return removeTemp(f.Name())
}

// Write writes content to path in one go.
func Write(path string, content []byte, mode fs.FileMode) error {
	f, err := Create(path, mode)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), f.Abort())
	}
	return f.Commit()
}

func removeTemp(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder puts a rename on the disk. Windows has no such call and needs
// none.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("sync folder %s: %w", folder, err)
	}
	return errors.Join(d.Sync(), d.Close())
}
