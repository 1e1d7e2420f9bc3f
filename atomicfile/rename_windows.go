package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// Rename is os.Rename, tried for a moment: virus scanners, and others that rename
// to the same name, have files open for some milliseconds, which Windows answers
// with an error. A spreadsheet has its file open for longer.
func Rename(from, to string) error {
	const most = 2 * time.Second
	pause := time.Millisecond
	for began := time.Now(); ; pause = min(2*pause, 100*time.Millisecond) {
		err := os.Rename(from, to)
		inTheWay := errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
		switch {
		case !inTheWay:
			return err
		case time.Since(began) > most:
			return fmt.Errorf("%w (if %s is open in another program, close it there)", err, to)
		}
		time.Sleep(pause)
	}
}
