package exporter

import (
	"bufio"
	"bytes"
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
	pages   map[int]section
	number  int // of the current page
	records int
	ordered bool // ids come in ascending order: a repeat is one not above the last
	seed    maphash.Seed
}

// section is a part of the file.
type section struct {
	start, end int64
	records    int
}

func newSpool() (*spool, error) {
	f, err := os.CreateTemp("", "guestlist-export-*")
	if err != nil {
		return nil, fmt.Errorf("keep the pages of the listing: %w", err)
	}
	// Without a name it vanishes with the process, however that ends. Where the
	// system does not allow it, close removes it.
	_ = os.Remove(f.Name())
	return &spool{file: f, out: bufio.NewWriterSize(f, 256<<10), pages: map[int]section{}, seed: maphash.MakeSeed()}, nil
}

// reset forgets everything: a new scan begins.
func (s *spool) reset() error {
	s.out.Reset(s.file)
	s.size, s.records = 0, 0
	clear(s.pages)
	if err := s.file.Truncate(0); err != nil {
		return fmt.Errorf("keep the pages of the listing: %w", err)
	}
	_, err := s.file.Seek(0, io.SeekStart)
	return err
}

func (s *spool) beginPage(number int, ordered bool) {
	s.records -= s.pages[number].records
	s.ordered = ordered
	s.number = number
	s.pages[number] = section{start: s.size, end: s.size}
}

// add keeps one row of the current page: lengths, id, row.
func (s *spool) add(id string, row []byte) error {
	var lengths [8]byte
	binary.LittleEndian.PutUint32(lengths[:4], uint32(len(id)))
	binary.LittleEndian.PutUint32(lengths[4:], uint32(len(row)))
	_, err := s.out.Write(lengths[:])
	if err == nil {
		_, err = s.out.WriteString(id)
	}
	if err == nil {
		_, err = s.out.Write(row)
	}
	if err != nil {
		return fmt.Errorf("keep the pages of the listing: %w", err)
	}
	s.size += int64(len(lengths) + len(id) + len(row))
	page := s.pages[s.number]
	page.end = s.size
	page.records++
	s.pages[s.number] = page
	s.records++
	return nil
}

// each gives out every guest's row once, in the order of the pages.
func (s *spool) each(do func(row []byte) error) error {
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("keep the pages of the listing: %w", err)
	}
	repeated := s.repeats()
	var id, row []byte
	for _, number := range slices.Sorted(maps.Keys(s.pages)) {
		page := s.pages[number]
		in := bufio.NewReaderSize(io.NewSectionReader(s.file, page.start, page.end-page.start), 256<<10)
		for range page.records {
			var lengths [8]byte
			_, err := io.ReadFull(in, lengths[:])
			if err == nil {
				id = slices.Grow(id[:0], int(binary.LittleEndian.Uint32(lengths[:4])))[:binary.LittleEndian.Uint32(lengths[:4])]
				_, err = io.ReadFull(in, id)
			}
			if err == nil {
				row = slices.Grow(row[:0], int(binary.LittleEndian.Uint32(lengths[4:])))[:binary.LittleEndian.Uint32(lengths[4:])]
				_, err = io.ReadFull(in, row)
			}
			if err != nil {
				return fmt.Errorf("read the pages of the listing again: %w", err)
			}
			if repeated(id) {
				continue
			}
			if err := do(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// repeats tells whether a guest stood on an earlier page already. In a list
// ordered by id, which is a number there, the last one suffices for that.
func (s *spool) repeats() func(id []byte) bool {
	if s.ordered {
		var last []byte
		return func(id []byte) bool {
			if len(id) < len(last) || len(id) == len(last) && bytes.Compare(id, last) <= 0 {
				return true
			}
			last = append(last[:0], id...)
			return false
		}
	}
	seen := map[uint64]struct{}{}
	return func(id []byte) bool {
		sum := maphash.Bytes(s.seed, id)
		_, repeat := seen[sum]
		seen[sum] = struct{}{}
		return repeat
	}
}

func (s *spool) close() error {
	err := s.file.Close()
	if e := os.Remove(s.file.Name()); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, e)
	}
	return err
}
