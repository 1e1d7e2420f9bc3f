package budgetfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"guestlist/ratelimit"
)

// flaw is why a file cannot be believed.
type flaw struct{ error }

var errTooLarge = fmt.Errorf("it is larger than %d MiB", largest>>20)

// readFile is os.ReadFile for a file that a Store may have written; another one
// is a flaw and never opened, as that waits for ever at a pipe.
func readFile(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, flaw{errors.New("it is no regular file")}
	case info.Size() == 0:
		return nil, flaw{errors.New("it is empty")}
	case info.Size() > largest:
		return nil, flaw{errTooLarge}
	}
	return os.ReadFile(path)
}

// decode returns the state that content stands for, or a flaw. Keys that are not
// known are a newer version's, and no flaw.
func decode(content []byte) (*ratelimit.State, error) {
	var state *ratelimit.State
	err := json.Unmarshal(content, &state)
	if wrong, is := errors.AsType[*json.UnmarshalTypeError](err); is {
		return nil, flaw{fmt.Errorf("there is no place for the %s at byte %d", wrong.Value, wrong.Offset)}
	}
	if err != nil {
		return nil, flaw{err}
	}
	if state == nil {
		return nil, flaw{errors.New("it holds nothing but null")}
	}
	if err := state.Check(); err != nil {
		return nil, flaw{err}
	}
	return state, nil
}

// aside is where the damaged file at path is kept.
func aside(path string) string { return path + ".damaged" }

// setAside moves the file at path out of the way, in place of what was moved
// there before.
func setAside(path string) error {
	_ = os.Remove(aside(path)) // a rename would not put a folder over a file, or a file over a folder
	return os.Rename(path, aside(path))
}
