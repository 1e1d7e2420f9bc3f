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

// lockRun takes the organization for a run that writes: two at once would spend
// each other's calls, and could create somebody twice. What says what the run is,
// for others to read. The caller removes the file when it is done; what a killed
// run leaves, the next one takes.
func (a *app) lockRun(s *settings, what string) (*filelock.Lock, error) {
	path, err := a.lockPath(s)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, stateProblem(err)
	}
	lock, err := filelock.Make(path)
	if errors.Is(err, filelock.ErrHeld) {
		return nil, a.otherRun(s)
	}
	if err != nil {
		return nil, stateProblem(err)
	}
	who := fmt.Sprintf("process %d: %s, since %s\n", os.Getpid(), what, time.Now().Format(time.DateTime))
	if err := os.WriteFile(path, []byte(who), 0o600); err != nil {
		return nil, errors.Join(stateProblem(err), lock.Remove())
	}
	return lock, nil
}

// otherRun is the error of a run that may not write beside another.
func (a *app) otherRun(s *settings) error {
	return hinted{
		fmt.Errorf("%w %s%s", errOtherRun, tallyfy.OrgLabel(s.baseURL, s.org), a.holder(s)),
		"wait until it has ended, or stop it; export, get, members, verify, validate and a dry run may go on beside it",
	}
}

func (a *app) lockPath(s *settings) (string, error) {
	folder, err := a.stateFolder()
	return filepath.Join(folder, stateName(s)+".lock"), err
}

// holder tells who holds an organization, as far as the file of the lock does.
func (a *app) holder(s *settings) string {
	path, err := a.lockPath(s)
	if err != nil {
		return ""
	}
	if shards := shardHolders(path); len(shards) > 0 {
		const most = 3
		if more := len(shards) - most; more > 0 {
			shards = append(shards[:most], fmt.Sprintf("and %d more", more))
		}
		return ": " + strings.Join(shards, "; ")
	}
	return firstLineOf(path)
}

// firstLineOf returns what the file of a lock says, after a colon; empty: nothing.
func firstLineOf(path string) string {
	who, err := os.ReadFile(path)
	if err != nil || len(who) == 0 {
		return ""
	}
	line, _, _ := strings.Cut(string(who), "\n")
	return ": " + line
}
