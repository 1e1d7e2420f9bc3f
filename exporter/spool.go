package exporter

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
)

// spool keeps the rows of a listing on the disk until it is complete, page by
// page, and then gives each guest's row out once, in the order of the pages. A
// page that comes again replaces what it was before.
type spool struct {
	file    *os.File
	out     *bufio.Writer
	size    int64
	pages   map[int]*section
	page    *section // the current one
	index   []byte   // of it
	records int
	ordered bool // ids come in ascending order: a repeat is one not above the last
}

// mostDigits is the longest id that is kept in memory.
const mostDigits = 100

// section is a page in the file: all its rows, and then for each of them the
// length, the length of the id, and the id.
type section struct {
	start, index, end int64
	records           int
	first, last       []byte // ids
	rising            bool   // each id is above the one before
}

func newSpool() (*spool, error) {
	f, err := os.CreateTemp("", "guestlist-export-*")
	if err != nil {
		return nil, unkept(err)
	}
	// Without a name it vanishes with the process, however that ends. Where the
	// system does not allow it, close removes it.
	_ = os.Remove(f.Name())
	return &spool{file: f, out: bufio.NewWriterSize(f, 256<<10), pages: map[int]*section{}}, nil
}

func unkept(err error) error { return fmt.Errorf("keep the pages of the listing: %w", err) }

func unread(err error) error { return fmt.Errorf("read the pages of the listing again: %w", err) }

// reset forgets everything: a new scan begins.
func (s *spool) reset() error {
	s.out.Reset(s.file)
	s.size, s.records = 0, 0
	s.page, s.index = nil, nil
	clear(s.pages)
	if err := s.file.Truncate(0); err != nil {
		return unkept(err)
	}
	_, err := s.file.Seek(0, io.SeekStart)
	return err
}

// beginPage begins a page, of which it is known whether ids of the listing come
// in ascending order so far.
func (s *spool) beginPage(number int, ordered bool) error {
	if err := s.endPage(); err != nil {
		return err
	}
	if before := s.pages[number]; before != nil {
		s.records -= before.records
	}
	s.ordered = ordered
	s.page = &section{start: s.size, rising: true}
	s.pages[number] = s.page
	return nil
}

// add keeps one row of the current page.
func (s *spool) add(id, row []byte) error {
	p := s.page
	switch {
	case len(id) > mostDigits:
		p.rising = false // and not worth keeping
	case p.records == 0:
		p.first = bytes.Clone(id)
	}
	if p.rising = p.rising && isAbove(id, p.last); p.rising {
		p.last = append(p.last[:0], id...)
	}
	p.records++
	s.records++
	s.index = binary.AppendUvarint(s.index, uint64(len(row)))
	s.index = binary.AppendUvarint(s.index, uint64(len(id)))
	s.index = append(s.index, id...)
	return s.write(row)
}

// endPage writes the index of the current page.
func (s *spool) endPage() error {
	if s.page == nil {
		return nil
	}
	s.page.index = s.size
	err := s.write(s.index)
	s.page.end = s.size
	s.page, s.index = nil, s.index[:0]
	return err
}

func (s *spool) write(b []byte) error {
	n, err := s.out.Write(b)
	s.size += int64(n)
	if err != nil {
		return unkept(err)
	}
	return nil
}

// writeTo writes every guest's row once, in the order of the pages, and returns
// how many there are.
func (s *spool) writeTo(w io.Writer) (guests int, err error) {
	if err := s.endPage(); err != nil {
		return 0, err
	}
	if err := s.out.Flush(); err != nil {
		return 0, unkept(err)
	}
	seen := &seen{ordered: s.ordered, seed: maphash.MakeSeed(), twice: map[uint64]bool{}}
	if !s.ordered {
		if err := s.findRepeats(seen); err != nil {
			return 0, err
		}
	}
	for _, number := range slices.Sorted(maps.Keys(s.pages)) {
		n, err := s.writePage(w, s.pages[number], seen)
		if guests += n; err != nil {
			return guests, err
		}
	}
	return guests, nil
}

func (s *spool) writePage(w io.Writer, p *section, seen *seen) (guests int, err error) {
	rows := spooled{io.NewSectionReader(s.file, p.start, p.index-p.start)}
	if seen.none(p) {
		return p.records, copyTo(w, rows, p.index-p.start)
	}
	in := bufio.NewReaderSize(rows, 256<<10)
	err = s.eachEntry(p, func(id []byte, length int) error {
		if seen.again(id) {
			_, err := in.Discard(length)
			return err
		}
		guests++
		return copyTo(w, in, int64(length))
	})
	return guests, err
}

// eachEntry goes through the index of a page: the ids, and the lengths of their
// rows.
func (s *spool) eachEntry(p *section, do func(id []byte, length int) error) error {
	index := make([]byte, p.end-p.index)
	if _, err := s.file.ReadAt(index, p.index); err != nil {
		return unread(err)
	}
	for range p.records {
		length, n := binary.Uvarint(index)
		idLength, m := binary.Uvarint(index[n:])
		id := index[n+m:][:idLength]
		index = index[n+m:][idLength:]
		if err := do(id, int(length)); err != nil {
			return err
		}
	}
	return nil
}

// findRepeats finds out who stands there twice, in a list without an order, with
// eight bytes for each guest.
func (s *spool) findRepeats(seen *seen) error {
	sums := make([]uint64, 0, s.records)
	for _, p := range s.pages {
		err := s.eachEntry(p, func(id []byte, _ int) error {
			sums = append(sums, seen.sum(id))
			return nil
		})
		if err != nil {
			return err
		}
	}
	slices.Sort(sums)
	for i := 1; i < len(sums); i++ {
		if sums[i] == sums[i-1] {
			seen.twice[sums[i]] = false
		}
	}
	return nil
}

// spooled is a part of the file. Its errors tell that it is what failed, and not
// where it is copied to.
type spooled struct{ part io.Reader }

func (s spooled) Read(b []byte) (int, error) {
	n, err := s.part.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = unread(err)
	}
	return n, err
}

func copyTo(w io.Writer, spooled io.Reader, size int64) error {
	_, err := io.CopyN(w, spooled, size)
	if errors.Is(err, io.EOF) {
		err = unread(io.ErrUnexpectedEOF)
	}
	return err
}

// seen are the guests that were given out.
type seen struct {
	ordered bool
	last    []byte // id, where they come in ascending order

	seed  maphash.Seed
	twice map[uint64]bool // else: those who stand there more than once, and whether they were given out
}

// none tells whether a page is certain to hold no guest again, and enters all of
// it.
func (s *seen) none(p *section) bool {
	if !s.ordered {
		return len(s.twice) == 0
	}
	if !p.rising || !isAbove(p.first, s.last) {
		return false
	}
	s.last = append(s.last[:0], p.last...)
	return true
}

// again tells whether a guest was given out already, and enters it.
func (s *seen) again(id []byte) bool {
	if !s.ordered {
		sum := s.sum(id)
		given, twice := s.twice[sum]
		if twice {
			s.twice[sum] = true
		}
		return given
	}
	if !isAbove(id, s.last) {
		return true
	}
	s.last = append(s.last[:0], id...)
	return false
}

// sum stands for an id.
func (s *seen) sum(id []byte) uint64 { return maphash.Bytes(s.seed, id) }

// isAbove compares ids that are whole numbers.
func isAbove(id, other []byte) bool {
	return cmp.Or(cmp.Compare(len(id), len(other)), bytes.Compare(id, other)) > 0
}

func (s *spool) close() error {
	err := s.file.Close()
	if e := os.Remove(s.file.Name()); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, e)
	}
	return err
}
