// Package budgetfile keeps the budgets of an organization in a file that the
// processes of a host share, and that the next run goes on from.
package budgetfile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"guestlist/atomicfile"
	"guestlist/ratelimit"
)

// largest is the most bytes that a file of budgets has, far beyond what a run
// makes.
const largest = 4 << 20

// Store is the file, FOLDER/NAME.budgets.json. Beside it stands the lock that an
// update holds, FOLDER/NAME.budgets.guard: the kernel keeps it, so it is never
// stale, and it is never removed. Both are for their owner only. A Store is safe
// for concurrent use.
type Store struct {
	path, lock string
	warn       func(error)
	patience   time.Duration // how long an update waits for the lock
}

// New returns the store with that name, which must be fit for a file name, in a
// folder. The folder is made by the first update. A file that cannot be believed
// is set aside by the update that meets it, which begins anew and tells warn, if
// that is not nil, before it returns.
func New(folder, name string, warn func(error)) *Store {
	stem := filepath.Join(folder, name+".budgets")
	return &Store{path: stem + ".json", lock: stem + ".guard", warn: warn, patience: 500 * time.Millisecond}
}

// Exchange implements ratelimit.Store. What others told while it waited for the lock
// is not later than now.
func (s *Store) Exchange(ctx context.Context, r ratelimit.Report) (reply ratelimit.Reply, err error) {
	began := time.Now()
	err = s.Update(ctx, func(state *ratelimit.State) {
		r.Now = r.Now.Add(time.Since(began))
		reply = state.Exchange(r)
	})
	return reply, err
}

// Changed implements ratelimit.Store: nobody tells that others have changed a file.
func (s *Store) Changed() <-chan struct{} { return nil }

// Update hands the state to change, to nobody else meanwhile, and keeps what change
// has made of it. An error means that it may not be kept; change was called or not.
// It gives up when another process holds the lock for half a second. A state that is
// absurd after change is an error, too; it is not kept.
func (s *Store) Update(ctx context.Context, change func(*ratelimit.State)) error {
	damage, err := s.update(ctx, change)
	if damage != nil && s.warn != nil {
		s.warn(damage) // the lock is not held for as long as that may take
	}
	if err != nil {
		return fmt.Errorf("keep the budgets in %s: %w", s.path, err)
	}
	return nil
}

// update returns in damage why the file was set aside, if it was.
func (s *Store) update(ctx context.Context, change func(*ratelimit.State)) (damage, err error) {
	lock, err := s.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()

	state, kept, err := read(s.path)
	if wrong, is := errors.AsType[flaw](err); is {
		if err := setAside(s.path); err != nil {
			return nil, err
		}
		damage = fmt.Errorf("the budgets in %s are damaged (%.200v): the file was set aside as %s, and limits are learned anew", s.path, wrong, aside(s.path))
		state, kept, err = read(s.path)
	}
	if err != nil {
		return damage, err
	}
	change(state)
	content, err := encode(state)
	if err != nil || bytes.Equal(content, kept) {
		return damage, err
	}
	return damage, write(s.path, content)
}

// hold waits until nobody else updates the file.
func (s *Store) hold(ctx context.Context) (*flock.Flock, error) {
	if err := os.MkdirAll(filepath.Dir(s.lock), 0o700); err != nil {
		return nil, err
	}
	tooLong := fmt.Errorf("another process holds %s for too long: let it go on or end it", s.lock)
	waiting, cancel := context.WithTimeoutCause(ctx, s.patience, tooLong)
	defer cancel()
	// Each update has the file open for itself: two that shared a handle would
	// both hold it. Opened for writing, even a pipe in its place makes nobody wait.
	lock := flock.New(s.lock, flock.SetFlag(os.O_RDWR|os.O_CREATE), flock.SetPermissions(0o600))
	_, err := lock.TryLockContext(waiting, time.Millisecond+rand.N(4*time.Millisecond))
	if errors.Is(err, context.DeadlineExceeded) && context.Cause(waiting) == tooLong {
		err = tooLong
	}
	if err != nil {
		return nil, err
	}
	return lock, nil
}

// read returns the state that is kept at path, and its JSON; the zero state where
// there is no file. A file that cannot be believed is a flaw.
func read(path string) (*ratelimit.State, []byte, error) {
	content, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		state := new(ratelimit.State)
		content, err = json.Marshal(state)
		return state, content, err
	}
	if err != nil {
		return nil, nil, err
	}
	state, err := decode(content)
	return state, content, err
}

// encode refuses what read would not believe.
func encode(state *ratelimit.State) ([]byte, error) {
	if err := state.Check(); err != nil {
		return nil, err
	}
	content, err := json.Marshal(state)
	if err == nil && len(content) > largest {
		err = errTooLarge
	}
	return content, err
}

// write puts content in the place of what stands at path. Nothing waits for the
// disk, as this is done several times a second and no promise rests on it: after a power
// loss the file is an older one, or a damaged one that is set aside.
func write(path string, content []byte) error {
	temp := path + ".tmp" // nobody else's, as the lock is held
	f, err := create(temp)
	if errors.Is(err, fs.ErrExist) { // left by a process that was killed
		if err := os.Remove(temp); err != nil {
			return err
		}
		f, err = create(temp)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = atomicfile.Rename(temp, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

// create makes a file and never opens what stands there, a link or a pipe perhaps.
func create(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}
