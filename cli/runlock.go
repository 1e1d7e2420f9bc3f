package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"guestlist/filelock"
	"guestlist/tallyfy"
)

// errOtherRun says that an organization is being written to already.
var errOtherRun = errors.New("another run is writing guests of")

// runLock is held by a run that writes to an organization: two at once would
// spend each other's calls, and could create somebody twice. The file tells who
// holds it. It goes with its holder; what a killed run leaves, the next one takes.
type runLock struct {
	path string
	lock *filelock.Lock
}

// lockRun takes the organization for a run that writes, for what is said.
func (a *app) lockRun(s *settings, what string) (*runLock, error) {
	folder, err := a.stateFolder()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, stateProblem(err)
	}
	path := filepath.Join(folder, stateName(s)+".lock")
	lock, err := filelock.Make(path)
	if errors.Is(err, filelock.ErrHeld) {
		return nil, hinted{
			fmt.Errorf("%w %s%s", errOtherRun, tallyfy.OrgLabel(s.baseURL, s.org), holder(path)),
			"wait until it has ended, or stop it; export, get, validate and a dry run may go on beside it",
		}
	}
	if err != nil {
		return nil, stateProblem(err)
	}
	l := &runLock{path, lock}
	who := fmt.Sprintf("process %d: %s, since %s\n", os.Getpid(), what, time.Now().Format(time.DateTime))
	if err := os.WriteFile(path, []byte(who), 0o600); err != nil {
		return nil, errors.Join(stateProblem(err), l.release())
	}
	return l, nil
}

func (l *runLock) release() error {
	if err := errors.Join(os.Remove(l.path), l.lock.Release()); err != nil {
		return fmt.Errorf("give the lock on the organization up: %w", err)
	}
	return nil
}

// holder tells who holds a lock, as far as its file does.
func holder(path string) string {
	who, err := os.ReadFile(path)
	if err != nil || len(who) == 0 {
		return ""
	}
	line, _, _ := strings.Cut(string(who), "\n")
	return ": " + line
}
