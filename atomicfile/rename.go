//go:build !windows

package atomicfile

import "os"

// Rename is os.Rename. On Windows, where whoever looks at a file is in the way,
// it tries for a moment.
func Rename(from, to string) error { return os.Rename(from, to) }
