// Package report makes one HTML page of what a run did, out of its results
// file. The page needs nothing but itself: no script, no picture, no address.
package report

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"guestlist/results"
)

// Run is what the results of a run say, in memory that is bounded but for eight
// bytes for each row that was written to the server. It is not safe for
// concurrent use.
type Run struct {
	path     string
	task     results.Task // of the run, as far as its lines tell
	partial  bool         // the run has not finished, or did not
	rows     int
	statuses map[results.Status]int

	orgs     []string // the first few
	moreOrgs bool

	first, last time.Time // of what is recorded; zero: nothing has a time
	written     []int64   // when rows were written to the server, in Unix milliseconds

	sent      int // rows that were sent at least once
	again     int // of those, the ones that took more writes than need be
	most      int // writes of one row
	unsettled int // rows that were sent and of which the outcome is not known

	refused, remarks causes
}

// FormatError says that a file cannot be read as the results of a run.
type FormatError struct {
	Path string
	Err  error
}

func (e *FormatError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *FormatError) Unwrap() error { return e.Err }

// Read reads a results file or a plan. Of a partial one, which is known by its
// name, the last line about each person counts; its refused rows are left out,
// since only the finished results tell which of them are refused in the end. A
// file that is no results file, or a damaged one, is a *FormatError.
func Read(path string) (*Run, error) {
	r := &Run{path: path, statuses: map[results.Status]int{}}
	_, after, found := strings.Cut(filepath.Base(path), ".partial")
	r.partial = found && (after == "" || strings.HasPrefix(after, ".old"))
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the results: %w", err)
	}
	defer f.Close()
	lines, err := results.NewReader(f)
	if err == nil && r.partial {
		err = r.addLast(path)
	} else if err == nil {
		err = r.addAll(lines)
	}
	var disk *fs.PathError
	switch {
	case errors.As(err, &disk):
		return nil, fmt.Errorf("read the results: %w", err)
	case err != nil:
		return nil, &FormatError{path, err}
	}
	slices.Sort(r.written)
	return r, nil
}

// addAll adds every line of a finished file.
func (r *Run) addAll(lines *results.Reader) error {
	for {
		l, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r.add(&l)
	}
}

// addLast adds the last line about each person.
func (r *Run) addLast(path string) error {
	earlier, err := results.Look(path, "", true)
	if err != nil {
		return err
	}
	err = earlier.Each(func(l results.Line) error {
		r.add(&l)
		return nil
	})
	return errors.Join(err, earlier.Close())
}

func (r *Run) add(l *results.Line) {
	const mostOrgs = 5
	r.rows++
	r.statuses[l.Status]++
	r.task = cmp.Or(r.task, l.Task())
	if l.Org != "" && !slices.Contains(r.orgs, l.Org) {
		if len(r.orgs) < mostOrgs {
			r.orgs = append(r.orgs, l.Org)
		} else {
			r.moreOrgs = true
		}
	}
	if at := l.FinishedAt; !at.IsZero() {
		if r.first.IsZero() || at.Before(r.first) {
			r.first = at
		}
		if at.After(r.last) {
			r.last = at
		}
		if l.Wrote() && !l.Unsettled() {
			r.written = append(r.written, at.UnixMilli())
		}
	}
	if l.Unsettled() {
		r.unsettled++
	}
	r.count(l)
	switch {
	case l.Error == "" && !l.Status.Refused():
	case l.Status.Refused() || l.Unsettled():
		r.refused.add(l)
	default:
		r.remarks.add(l)
	}
}

// count counts the writes of a row.
func (r *Run) count(l *results.Line) {
	if l.Attempts == 0 {
		return
	}
	needed := 1
	if l.Action == results.CreateAssociate {
		needed = 2
	}
	r.sent++
	if l.Attempts > needed {
		r.again++
	}
	r.most = max(r.most, l.Attempts)
}

// isPlan tells whether nothing was sent: the file says what a run would do, or
// what was wrong with its input.
func (r *Run) isPlan() bool {
	return r.statuses[results.Planned]+r.statuses[results.Valid] > 0 || strings.HasSuffix(r.path, ".plan.csv")
}
