package filelock

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// handle is a file that is locked, or about to be. On Windows a lock keeps others
// from reading and writing what it covers, and an open file from being removed
// or renamed. So it covers a byte behind any that a file has, and the file is
// opened as one that may go.
type handle struct {
	path string
	flag int
	file *os.File // nil until it is locked
}

func newHandle(path string, flag int) *handle { return &handle{path: path, flag: flag} }

// TryLock opens and locks the file, unless another handle has it locked.
func (h *handle) TryLock() (bool, error) { return h.try(windows.LOCKFILE_EXCLUSIVE_LOCK) }

// TryRLock is TryLock for a lock that handles share.
func (h *handle) TryRLock() (bool, error) { return h.try(0) }

func (h *handle) try(kind uint32) (bool, error) {
	file, err := h.open()
	if err != nil {
		return false, err
	}
	behind := windows.Overlapped{Offset: 0xffff_fffe, OffsetHigh: 0x7fff_ffff}
	err = windows.LockFileEx(windows.Handle(file.Fd()), kind|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &behind)
	switch {
	case err == nil:
		h.file = file
		return true, nil
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return false, file.Close()
	}
	return false, errors.Join(&fs.PathError{Op: "lock", Path: h.path, Err: err}, file.Close())
}

func (h *handle) open() (*os.File, error) {
	name, err := windows.UTF16PtrFromString(h.path)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: h.path, Err: err}
	}
	mode := uint32(windows.OPEN_EXISTING)
	if h.flag&os.O_CREATE != 0 {
		mode = windows.OPEN_ALWAYS
	}
	share := uint32(windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE)
	opened, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE, share, nil, mode, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) && h.goes() {
		err = errGone
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: h.path, Err: err}
	}
	return os.NewFile(uintptr(opened), h.path), nil
}

// goes tells whether the file was removed and somebody has it open still: until
// that ends nobody is told anything about it.
func (h *handle) goes() bool {
	name, err := windows.UTF16PtrFromString(h.path)
	if err == nil {
		_, err = windows.GetFileAttributes(name)
	}
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, fs.ErrNotExist)
}

// Stat tells about the file that is locked.
func (h *handle) Stat() (fs.FileInfo, error) { return h.file.Stat() }

// Path returns where it was opened.
func (h *handle) Path() string { return h.path }

// Close gives the lock up. A second time does nothing.
func (h *handle) Close() error {
	if err := h.file.Close(); !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}
