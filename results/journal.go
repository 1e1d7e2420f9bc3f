package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"time"

	"guestlist/filelock"
)

// syncEvery is how long what the kernel has may wait for the disk.
const syncEvery = 200 * time.Millisecond

// Journal is the partial results file of a run under way: every event of every
// row as one line, in the order in which they happen. It is safe for
// concurrent use.
type Journal struct {
	path  string
	links bool
	lock  *filelock.Lock

	mu     sync.Mutex
	file   *os.File
	line   []byte       // that is written, to be used again
	size   int64        // of the file
	last   []int64      // where the outcome of each row begins; -1: none yet
	dirty  bool         // the disk does not have everything yet
	fresh  bool         // holds nothing that does not stand elsewhere too
	sent   map[int]bool // rows of which a write was sent and is not settled
	broken error        // the first write or sync that failed

	stop, stopped chan struct{}
}

// Start begins a new journal. One that stands there already is an error that
// is fs.ErrExist.
func Start(path string, links bool) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start the partial results: %w", err)
	}
	l, err := lock(path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the partial results: %w", err), f.Close())
	}
	j := newJournal(path, f, l, links, 0)
	j.mu.Lock()
	err = j.write(headerRow(links))
	j.fresh = true
	j.mu.Unlock()
	if err != nil {
		_, left := j.Leave()
		return nil, errors.Join(err, left)
	}
	return j, nil
}

// Leave closes the journal of a run that did not finish. One that holds nothing
// that a later run needs to know is removed; kept tells whether it stands.
func (j *Journal) Leave() (kept bool, err error) {
	err = j.Close()
	if j.fresh && len(j.sent) == 0 {
		return false, errors.Join(err, os.Remove(j.path))
	}
	return true, err
}

func newJournal(path string, f *os.File, l *filelock.Lock, links bool, size int64) *Journal {
	j := &Journal{path: path, links: links, lock: l, file: f, size: size, sent: map[int]bool{}, stop: make(chan struct{}), stopped: make(chan struct{})}
	go j.syncInTime()
	return j
}

// Append adds the outcome of a row, which is the row'th of the input, counted
// from 1. When it returns nil, the kernel has the line, and so it survives the
// end of this process; the disk has it a moment later. After an error nothing
// more is taken: what cannot be recorded must not be done.
func (j *Journal) Append(l Line) error { return j.add(l, true) }

// Note adds an event of a row that has no outcome yet, like Append.
func (j *Journal) Note(l Line) error { return j.add(l, false) }

func (j *Journal) add(l Line, outcome bool) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.last) < l.Row {
		j.last = append(j.last, -1)
	}
	j.last[l.Row-1] = -1
	at := j.size
	j.line = l.appendTo(j.line[:0], j.links)
	if err := j.write(j.line); err != nil {
		return err
	}
	if outcome {
		j.last[l.Row-1] = at
	}
	if outcome || l.WasCreated() {
		j.fresh = false
	}
	if l.Unsettled() {
		j.sent[l.Row] = true
	} else {
		delete(j.sent, l.Row)
	}
	return nil
}

// write adds one line. A line that could be written only in part is cut off
// again, so that it is never taken for a whole one.
func (j *Journal) write(line []byte) error {
	if j.broken != nil {
		return j.broken
	}
	n, err := j.file.Write(line)
	j.size += int64(n)
	if err != nil {
		j.broken = errors.Join(fmt.Errorf("write the partial results: %w", err), cut(j.file, j.size-int64(n)))
		return j.broken
	}
	j.dirty = true
	return nil
}

// syncInTime brings to the disk what the kernel has, in small batches.
func (j *Journal) syncInTime() {
	defer close(j.stopped)
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	for {
		select {
		case <-j.stop:
			return
		case <-tick.C:
			j.mu.Lock()
			dirty := j.dirty
			j.dirty = false
			j.mu.Unlock()
			if !dirty {
				continue
			}
			if err := j.file.Sync(); err != nil {
				j.mu.Lock()
				if j.broken == nil {
					j.broken = fmt.Errorf("write the partial results to the disk: %w", err)
				}
				j.mu.Unlock()
			}
		}
	}
}

// Close leaves the journal as it stands, for a run that goes on from it.
func (j *Journal) Close() error {
	if err := errors.Join(j.closeFile(), j.lock.Release()); err != nil {
		return fmt.Errorf("close the partial results: %w", err)
	}
	return nil
}

// closeFile closes the file and keeps the lock: Windows does not remove or rename
// a file that is open.
func (j *Journal) closeFile() error {
	select {
	case <-j.stop:
		return nil
	default:
	}
	close(j.stop)
	<-j.stopped
	return errors.Join(j.file.Sync(), j.file.Close())
}

// cut makes a file that long. Windows lets nobody shorten one by a handle that was
// opened to append.
func cut(f *os.File, size int64) error {
	if runtime.GOOS == "windows" {
		return os.Truncate(f.Name(), size)
	}
	return f.Truncate(size)
}

// Unfinished tells whether a partial file stands at path.
func Unfinished(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
