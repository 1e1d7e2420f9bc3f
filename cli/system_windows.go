package cli

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// showsColours tells whether a console understands colours, once it was asked to:
// those before Windows Terminal do not by themselves.
func showsColours(f *os.File) bool {
	console := windows.Handle(f.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return false
	}
	const able = windows.ENABLE_PROCESSED_OUTPUT | windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING
	return mode&able == able || windows.SetConsoleMode(console, mode|able) == nil
}

// readerGone tells whether nobody reads any more what is written.
func readerGone(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA)
}

// diskFull tells whether there is no room left.
func diskFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

// refused tells whether nobody listens where a connection was to go.
func refused(err error) bool { return errors.Is(err, windows.WSAECONNREFUSED) }
