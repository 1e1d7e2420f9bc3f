// Package atomicfile writes files that appear whole or not at all: beside
// their final name first, then renamed over it.
package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"guestlist/filelock"
)

// File is a file on its way to its final name. Until Commit, nothing stands
// there but what stood there before.
type File struct {
	*os.File
	path string // the final name, links followed

	// lock shows that the file is still being written; nil where the file system
	// has no locks.
	lock *filelock.Lock
}

// Create begins a file that is to stand at path with the given mode. A link is
// followed, so that what it points to is replaced. A path that cannot become a
// file, such as a folder or one in a folder that is missing, is an error at
// once. What a process that was killed has left of the same path is removed.
func Create(path string, mode fs.FileMode) (*File, error) {
	target, err := follow(path)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	if info, err := os.Stat(target); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("write %s: it is no regular file: name another one", path)
	}
	removeLeftOver(target)
	f, err := begin(target)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, plain(err))
	}
	if err := f.Chmod(mode); err != nil {
		return nil, errors.Join(fmt.Errorf("write %s: %w", path, err), f.Abort())
	}
	return f, nil
}

// Write names in its error the file as it is going to be called.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	return n, f.named(err)
}

// WriteString is Write.
func (f *File) WriteString(s string) (int, error) { return f.Write([]byte(s)) }

// named gives the final name to an error of the temporary file, whose name
// nobody knows.
func (f *File) named(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return &fs.PathError{Op: at.Op, Path: f.path, Err: at.Err}
	}
	return err
}

// Same tells whether two paths lead to the same file, whether or not one stands
// there.
func Same(a, b string) bool {
	one, err := os.Stat(a)
	other, otherErr := os.Stat(b)
	if err == nil && otherErr == nil {
		return os.SameFile(one, other)
	}
	a, err = place(a)
	b, otherErr = place(b)
	same := a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b)
	return err == nil && otherErr == nil && same
}

// place spells a path in the one way that has no links.
func place(path string) (string, error) {
	target, err := follow(path)
	if err != nil {
		return "", err
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(target))
	if err != nil {
		return "", err
	}
	return filepath.Abs(filepath.Join(folder, filepath.Base(target)))
}

// follow returns what a path leads to, whether or not a file stands there.
func follow(path string) (string, error) {
	for range 40 { // links, as many as systems follow
		to, err := os.Readlink(path)
		if err != nil { // no link, or nothing
			return path, nil
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", errors.New("its links go round in circles")
}

// plain takes the name of the temporary file out of an error: nobody knows it.
func plain(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// Mode returns the mode of the file at path, or the given one when there is
// none, for files that are replaced without changing who may read them.
func Mode(path string, otherwise fs.FileMode) fs.FileMode {
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm()
	}
	return otherwise
}

// Check tells whether a file could be put at path, and leaves nothing behind.
func Check(path string) error {
	f, err := Create(path, 0o600)
	if err != nil {
		return err
	}
	return f.Abort()
}

// Commit puts the file in its place, on the disk and not only in memory. After
// an error what stood there before stands there still. The file is closed.
func (f *File) Commit() error { return f.commit(false) }

// CommitKeeping is Commit, but what stood there before is kept beside it, with
// ".old" behind its name, in place of what was kept there.
func (f *File) CommitKeeping() error { return f.commit(true) }

// CommitChanged is CommitKeeping, unless the same content stands there already:
// then nothing changes, and what was kept before stays, which somebody may want.
func (f *File) CommitChanged() error {
	if sameContent(f.Name(), f.path) {
		return f.Abort()
	}
	return f.CommitKeeping()
}

func (f *File) commit(keepOld bool) error {
	err := plain(f.Sync())
	err = errors.Join(err, f.Close())
	if err == nil && keepOld {
		err = keep(f.path, f.path+".old")
	}
	if err == nil {
		err = Rename(f.Name(), f.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", f.path, err), f.remove())
	}
	f.release()
	return syncFolder(filepath.Dir(f.path))
}

// sameContent tells whether two files hold the same. What cannot be read is
// something else.
func sameContent(path, other string) bool {
	a, err := os.Open(path)
	if err != nil {
		return false
	}
	defer a.Close()
	b, err := os.Open(other)
	if err != nil {
		return false
	}
	defer b.Close()
	const chunk = 64 << 10
	one, two := make([]byte, chunk), make([]byte, chunk)
	for {
		n, err := io.ReadFull(a, one)
		m, err2 := io.ReadFull(b, two)
		if !bytes.Equal(one[:n], two[:m]) {
			return false
		}
		if err != nil || err2 != nil {
			return atEnd(err) && atEnd(err2)
		}
	}
}

func atEnd(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// Kept returns where CommitKeeping keeps what stands at path. Links are followed.
func Kept(path string) string {
	if target, err := follow(path); err == nil {
		path = target
	}
	return path + ".old"
}

// Keep moves the file at path to where Kept says, in place of what was kept there.
func Keep(path string) error {
	target, err := follow(path)
	if err != nil {
		return err
	}
	return Rename(target, Kept(path))
}

// keep gives the file at path another name, so that it outlives its replacement.
func keep(path, old string) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err := os.Link(path, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		// Some file systems have no hard links; there it is moved.
		err = Rename(path, old)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// CommitNew is Commit for a file that must not stand there yet; if one does, the
// error is fs.ErrExist.
func (f *File) CommitNew() error {
	err := errors.Join(plain(f.Sync()), f.Close())
	if err == nil {
		err = os.Link(f.Name(), f.path)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			// Some file systems have no hard links.
			if _, there := os.Lstat(f.path); errors.Is(there, fs.ErrNotExist) {
				err = Rename(f.Name(), f.path)
			}
		}
	}
	if err = errors.Join(err, f.remove()); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return syncFolder(filepath.Dir(f.path))
}

// Abort gives the file up and leaves what stood there before. After Commit it
// does nothing, so it may be deferred.
func (f *File) Abort() error {
	if err := f.Close(); errors.Is(err, fs.ErrClosed) {
		return nil
	}
	return f.remove()
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

// syncFolder puts a rename on the disk, where the system has such a call and
// allows it. The file is in its place either way.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil // no such call
	}
	d, err := os.Open(folder)
	if err != nil {
		return nil
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
