package results

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"

	"guestlist/atomicfile"
)

// Earlier is what an earlier run knows of each person: the last line of each
// email. Lines stay in the file and only their places in memory. A nil Earlier
// knows nobody. It is safe for concurrent use.
type Earlier struct {
	file  *os.File
	size  int64 // of its whole lines
	names []string
	comma rune
	links bool
	// asWritten is false where somebody changed the columns.
	asWritten bool
	seed      maphash.Seed
	last      []place // of the last line of each person, in the order of their keys
	own       bool    // file is not the journal's
}

// place is where a line begins.
type place struct {
	key uint64 // hash of the key of whom it is about
	at  int64
}

// Continue opens the partial file of a run that did not finish: what it knows,
// and the journal to go on with. A last line that was only half written is cut
// off; damage anywhere else, or results of another organization than org, are
// errors and change nothing.
func Continue(path, org string, links bool) (*Journal, *Earlier, error) {
	l, err := lock(path)
	if err != nil {
		return nil, nil, fmt.Errorf("go on from the partial results %s: %w", path, err)
	}
	f, err := openRegular(path, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("go on from the partial results: %w", err), l.Release())
	}
	earlier, err := reopen(f, org, links)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("go on from the partial results %s: %w", path, err), f.Close(), l.Release())
	}
	return newJournal(path, f, l, links, earlier.size), earlier, nil
}

// reopen makes a partial file end with a whole line, and reads what it knows.
func reopen(f *os.File, org string, links bool) (*Earlier, error) {
	whole, err := wholeLines(f)
	if err == nil && whole == 0 {
		// The run died before its header was whole: it did nothing yet.
		if err = tornHeader(f); err != nil {
			return nil, err
		}
		if err = cut(f, 0); err == nil {
			_, err = f.Write(headerRow(links))
		}
		if err == nil {
			whole, err = wholeLines(f)
		}
	}
	if err != nil {
		return nil, err
	}
	earlier, err := fold(f, whole, org)
	switch {
	case err != nil:
		return nil, err
	case earlier.links != links:
		return nil, errLinks
	case !earlier.asWritten:
		return nil, &Unusable{errors.New("its columns are not as a run wrote them, and more lines have to follow"), "undo what was changed in it, or begin anew with --restart"}
	}
	return earlier, cut(f, whole)
}

// tornHeader is an error unless a file holds the beginning of a header row and
// nothing else.
func tornHeader(f *os.File) error {
	whole := strings.Join(columns, ",")
	head, err := io.ReadAll(io.NewSectionReader(f, 0, int64(len(whole))+1))
	if err == nil && !strings.HasPrefix(whole, string(head)) {
		err = unknownFile(errors.New("it is no results file: it is not empty and has no whole line"))
	}
	return err
}

// openRegular opens a file that is read more than once. Of a pipe the opening
// alone might never end.
func openRegular(path string, flag int) (*os.File, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, &Unusable{fmt.Errorf("%s is not a regular file", path), "name the right results with --results"}
	}
	return os.OpenFile(path, flag, 0)
}

// ContinueFinished begins a journal for a run that goes on from a finished
// results file. The journal holds all that the file does, so that whatever stops
// this run too, nothing of it is forgotten.
func ContinueFinished(finished, path, org string, links bool) (*Journal, *Earlier, error) {
	fail := func(err error) (*Journal, *Earlier, error) {
		return nil, nil, fmt.Errorf("go on from the results %s: %w", finished, err)
	}
	in, err := openRegular(finished, os.O_RDONLY)
	if err != nil {
		return fail(err)
	}
	defer in.Close()
	lines, err := NewReader(in)
	switch {
	case err != nil:
		return fail(unknownFile(err))
	case lines.Links() != links:
		return fail(errLinks)
	}
	out, err := atomicfile.Create(path, 0o600)
	if err != nil {
		return fail(err)
	}
	defer out.Abort()
	// Written anew, since somebody may have moved the columns.
	if err := copyLines(out, lines, org); err != nil {
		return fail(err)
	}
	if err := out.CommitNew(); errors.Is(err, fs.ErrExist) {
		return fail(ErrInUse)
	} else if err != nil {
		return fail(err)
	}
	journal, earlier, err := Continue(path, org, links)
	if err == nil {
		journal.fresh = true
	}
	return journal, earlier, err
}

// copyLines writes all lines of a results file of org in the order of the
// columns.
func copyLines(w io.Writer, lines *Reader, org string) error {
	out := bufio.NewWriter(w)
	line := headerRow(lines.Links())
	for {
		if _, err := out.Write(line); err != nil {
			return err
		}
		l, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return out.Flush()
		}
		if err != nil {
			return damaged(err)
		}
		if err := sameOrg(l, org); err != nil {
			return err
		}
		line = l.appendTo(line[:0], lines.Links())
	}
}

// Look opens a results file to know what it knows and change nothing. Of a
// partial one the torn tail does not count. An empty org takes the results of
// any. The caller closes it.
func Look(path, org string, partial bool) (*Earlier, error) {
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return nil, fmt.Errorf("go on from the results: %w", err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil && partial {
		size, err = wholeLines(f)
	}
	if err == nil {
		var earlier *Earlier
		if earlier, err = fold(f, size, org); err == nil {
			earlier.own = true
			return earlier, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("go on from the results %s: %w", path, err), f.Close())
}

var errLinks = errors.New("it was written with other columns: give --links just as the run did that wrote it")

// fold reads size bytes of lines and keeps the place of the last one of each
// person. Lines of refused rows are passed over: they say nothing of the
// person, and a duplicate's line must not hide that of the row before it.
func fold(f *os.File, size int64, org string) (*Earlier, error) {
	r, err := NewReader(io.NewSectionReader(f, 0, size))
	if err != nil {
		return nil, unknownFile(err)
	}
	e := &Earlier{file: f, size: size, names: r.names, comma: r.csv.Comma, links: r.Links(), asWritten: r.asWritten(), seed: maphash.MakeSeed()}
	for {
		at := r.offset()
		l, err := r.Read()
		if errors.Is(err, io.EOF) {
			e.keepLast()
			return e, nil
		}
		if err != nil {
			return nil, damaged(err)
		}
		if err := sameOrg(l, org); org != "" && err != nil {
			return nil, err
		}
		if l.Status == Invalid || l.Status == Duplicate {
			continue
		}
		e.last = append(e.last, place{maphash.String(e.seed, key(l.Email)), at})
	}
}

// keepLast sorts the places of all lines, and keeps that of the last line of each
// person.
func (e *Earlier) keepLast() {
	slices.SortFunc(e.last, func(a, b place) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(b.at, a.at)) })
	e.last = slices.CompactFunc(e.last, func(a, b place) bool { return a.key == b.key })
	e.last = slices.Clone(e.last) // which leaves the room of the others
}

// Unusable says why a run cannot go on from a results file.
type Unusable struct {
	Err    error
	advice string // what to do, for whoever wants to go on from it
}

func (u *Unusable) Error() string { return u.Err.Error() + ": " + u.advice }

// Unwrap returns Err.
func (u *Unusable) Unwrap() error { return u.Err }

func unknownFile(err error) error {
	return &Unusable{err, "name the right results with --results, or begin anew with --restart"}
}

func damaged(err error) error {
	return &Unusable{err, "mend or remove that line, or begin anew with --restart"}
}

func sameOrg(l Line, org string) error {
	if l.Org == org {
		return nil
	}
	return &Unusable{
		fmt.Errorf("its rows are of the organization %q, not of %q", l.Org, org),
		"name the other results with --results, or begin anew with --restart",
	}
}

// Len returns how many people are known.
func (e *Earlier) Len() int {
	if e == nil {
		return 0
	}
	return len(e.last)
}

// Find returns the last line about a person.
func (e *Earlier) Find(email string) (Line, bool, error) {
	if e == nil {
		return Line{}, false, nil
	}
	k := key(email)
	i, ok := slices.BinarySearchFunc(e.last, maphash.String(e.seed, k), func(p place, key uint64) int { return cmp.Compare(p.key, key) })
	if !ok {
		return Line{}, false, nil
	}
	l, err := e.read(e.last[i].at)
	return l, err == nil && key(l.Email) == k, err
}

// Each calls do with the last line about each person, in no order.
func (e *Earlier) Each(do func(Line) error) error {
	if e == nil {
		return nil
	}
	for _, p := range e.last {
		l, err := e.read(p.at)
		if err == nil {
			err = do(l)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read returns the line that begins at a place in the file.
func (e *Earlier) read(at int64) (Line, error) {
	const aLine = 512 // bytes, of most lines
	r := newReader(bufio.NewReaderSize(io.NewSectionReader(e.file, at, math.MaxInt64-at), aLine), e.comma, e.names)
	l, err := r.Read()
	if err != nil {
		return Line{}, fmt.Errorf("read the earlier results again: %w", err)
	}
	return l, nil
}

// Carried returns the last line about a person when it stands for good and
// must be neither sent nor looked up again.
func (e *Earlier) Carried(email string) (Line, bool, error) {
	l, ok, err := e.Find(email)
	return l, ok && l.settled(), err
}

// Close closes a finished results file. A partial one closes with its journal.
func (e *Earlier) Close() error {
	if e == nil || !e.own {
		return nil
	}
	return e.file.Close()
}

// wholeLines returns how many bytes of a file are whole physical lines, and so
// whole lines of results.
func wholeLines(f *os.File) (int64, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	block := make([]byte, 64<<10)
	for end := size; end > 0; {
		n := min(end, int64(len(block)))
		if _, err := f.ReadAt(block[:n], end-n); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(block[:n], '\n'); i >= 0 {
			return end - n + int64(i) + 1, nil
		}
		end -= n
	}
	return 0, nil
}
