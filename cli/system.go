//go:build !windows

package cli

import (
	"errors"
	"os"
	"syscall"
)

// showsColours tells whether a terminal understands colours, as all do here.
func showsColours(*os.File) bool { return true }

// readerGone tells whether nobody reads any more what is written.
func readerGone(err error) bool { return errors.Is(err, syscall.EPIPE) }

// diskFull tells whether there is no room left.
func diskFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }

// refused tells whether nobody listens where a connection was to go.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
