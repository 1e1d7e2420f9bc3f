//go:build !windows

package filelock

import "github.com/gofrs/flock"

// handle is a file that is locked as a whole, or about to be.
type handle = flock.Flock

// newHandle returns one that opens the file with flag, for its owner only.
func newHandle(path string, flag int) *handle {
	return flock.New(path, flock.SetFlag(flag), flock.SetPermissions(0o600))
}
