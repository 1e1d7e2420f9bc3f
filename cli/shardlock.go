package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"guestlist/filelock"
	"guestlist/results"
	"guestlist/tallyfy"
)

// errOtherShards says that an organization is being written to by the shards of
// another import.
var errOtherShards = errors.New("shards of another run are writing guests of")

// shardLock is what a shard's run holds: its index alone, and the organization
// together with the other shards of the same input.
type shardLock struct {
	own, shared *filelock.Lock
	path        string // of what is shared
}

// lock takes the organization for this run.
func (j *importJob) lock(ctx context.Context) (interface{ Remove() error }, error) {
	if j.o.Shard.IsWhole() {
		return j.app.lockRun(&j.settings, string(j.task)+" of "+j.input.shown())
	}
	return j.app.lockShard(ctx, &j.settings, j.o.Shard, j.task, j.input)
}

// lockShard takes the organization for a run that writes one shard of an input, as
// lockRun does for a whole one. The other shards of the input may hold it too. Those
// of another input, or of another number, may not: they could have the same people.
func (a *app) lockShard(ctx context.Context, s *settings, shard results.Shard, task results.Task, in *input) (*shardLock, error) {
	path, err := a.lockPath(s)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, stateProblem(err)
	}
	all, err := describeShards(shard, task, in)
	if err != nil {
		return nil, stateProblem(err)
	}
	// Another shard that begins or ends, or somebody who looks who is there, may hold
	// a file for a moment.
	const moment = time.Second
	for began := time.Now(); ; {
		lock, err := a.tryShard(s, shard, path, all)
		if err == nil {
			who := fmt.Sprintf("process %d: %s of %s, shard %s, since %s\n", os.Getpid(), task, in.shown(), shard, time.Now().Format(time.DateTime))
			if err := os.WriteFile(shardLockPath(path, shard), []byte(who), 0o600); err != nil {
				return nil, errors.Join(stateProblem(err), lock.Remove())
			}
			return lock, nil
		}
		if refused := errors.Is(err, errOtherRun) || errors.Is(err, errOtherShards); !refused || time.Since(began) > moment {
			return nil, err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// describeShards says what all shards of an input have in common: a line to read,
// and one that tells inputs of one name apart.
func describeShards(shard results.Shard, task results.Task, in *input) (string, error) {
	place := in.shown()
	if in.name != "-" {
		whole, err := filepath.Abs(in.name)
		if err != nil {
			return "", err
		}
		place = whole
	}
	return fmt.Sprintf("%s of %s, in %d shards\n%s\n", task, in.shown(), shard.Count, place), nil
}

func shardLockPath(path string, shard results.Shard) string {
	return strings.TrimSuffix(path, ".lock") + fmt.Sprintf(".shard-%d-of-%d.lock", shard.Index, shard.Count)
}

func (a *app) tryShard(s *settings, shard results.Shard, path, all string) (*shardLock, error) {
	org := tallyfy.OrgLabel(s.baseURL, s.org)
	own, err := filelock.Make(shardLockPath(path, shard))
	if errors.Is(err, filelock.ErrHeld) {
		return nil, hinted{
			fmt.Errorf("%w %s as shard %s%s", errOtherRun, org, shard, firstLineOf(shardLockPath(path, shard))),
			"wait until it has ended, or stop it; the other shards may go on beside it",
		}
	}
	if err != nil {
		return nil, stateProblem(err)
	}
	lock := &shardLock{own: own, path: path}
	if lock.shared, err = shareRun(path, all); err == nil {
		return lock, nil
	}
	left := own.Remove() // before others are looked for
	switch {
	case errors.Is(err, errOtherShards):
		err = hinted{
			fmt.Errorf("%w %s%s", errOtherShards, org, a.holder(s)),
			"wait until they have ended, or stop them: only shards of one import, of one file and number, may run side by side",
		}
	case errors.Is(err, filelock.ErrHeld):
		err = a.otherRun(s)
	default:
		err = stateProblem(err)
	}
	return nil, errors.Join(err, left)
}

// shareRun shares the lock of an organization with those who say the same of
// themselves. What stands in the file changes only while somebody holds it alone.
func shareRun(path, all string) (*filelock.Lock, error) {
	alone, err := filelock.Make(path)
	switch {
	case err == nil: // nobody else is there
		if err := errors.Join(os.WriteFile(path, []byte(all), 0o600), alone.Release()); err != nil {
			return nil, err
		}
	case !errors.Is(err, filelock.ErrHeld):
		return nil, err
	}
	shared, err := filelock.Share(path)
	if err != nil {
		return nil, err
	}
	others, err := os.ReadFile(path)
	if err == nil && string(others) != all {
		err = errOtherShards
	}
	if err != nil {
		return nil, errors.Join(err, shared.Release())
	}
	return shared, nil
}

// Remove gives all up. The last one removes what was shared.
func (l *shardLock) Remove() error {
	err := errors.Join(l.shared.Release(), l.own.Remove())
	last, taken := filelock.Take(l.path)
	if taken == nil {
		err = errors.Join(err, last.Remove())
	}
	return err
}

// shardHolders tells of the shards that hold an organization whose lock is at path.
func shardHolders(path string) (who []string) {
	begin := strings.TrimSuffix(filepath.Base(path), ".lock") + ".shard-"
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	for _, file := range files {
		name := filepath.Join(filepath.Dir(path), file.Name())
		if !strings.HasPrefix(file.Name(), begin) || !strings.HasSuffix(name, ".lock") {
			continue
		}
		if holder := holderOf(name); holder != "" {
			who = append(who, holder)
		}
	}
	return who
}

// holderOf tells who holds the lock of a shard at path. Empty: nobody does, as its
// holder is dead, or nobody can tell.
func holderOf(path string) string {
	lock, err := filelock.Take(path)
	if err == nil {
		_ = lock.Release()
	}
	if !errors.Is(err, filelock.ErrHeld) {
		return ""
	}
	return strings.TrimPrefix(firstLineOf(path), ": ")
}
