package cli

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"guestlist/atomicfile"
)

// writeOutput writes what a command was asked for: to standard output for "-", as it
// is written, else into a file, see writeFile.
func (a *app) writeOutput(path string, write func(w io.Writer) error) error {
	if !isNamed(path) {
		return write(a.stdout)
	}
	return writeFile(path, write)
}

// writeFile writes a file that appears whole or not at all, compressed if its name
// ends in .gz. A new one is for its owner alone; one that is replaced keeps its mode.
func writeFile(path string, write func(w io.Writer) error) (err error) {
	out, err := atomicfile.Create(path, atomicfile.Mode(path, 0o600))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Abort()) }()
	if !strings.HasSuffix(path, ".gz") {
		if err := write(out); err != nil {
			return err
		}
		return out.Commit()
	}
	zip := gzip.NewWriter(out)
	if err := write(zip); err != nil {
		return err
	}
	if err := zip.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return out.Commit()
}

// isNamed tells whether an output goes into a file of that name.
func isNamed(path string) bool { return path != "-" && path != "" }
