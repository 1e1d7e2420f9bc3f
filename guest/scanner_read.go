package guest

import (
	"errors"
	"io"
)

// at returns the byte i places after start, reading on where needed.
func (s *scanner) at(i int) (byte, bool) {
	if s.start+i >= s.end && !s.reaches(i) {
		return 0, false
	}
	return s.buf[s.start+i], true
}

// reaches reads on until there is a byte i places after start.
func (s *scanner) reaches(i int) bool {
	for s.start+i >= s.end {
		if s.eof {
			return false
		}
		s.fill()
	}
	return true
}

// peek returns the next n bytes, or as many as there are, without giving them out.
func (s *scanner) peek(n int) []byte {
	s.reaches(n - 1)
	return s.buf[s.start:min(s.end, s.start+n)]
}

// fill reads on, which moves what is not yet given out to the beginning of buf.
func (s *scanner) fill() {
	if s.start > 0 {
		s.end = copy(s.buf, s.buf[s.start:s.end])
		s.start = 0
	}
	if s.end == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	// A reader may answer 0, nil; one that does nothing else is broken.
	for range 100 {
		n, err := s.src.Read(s.buf[s.end:])
		s.end += n
		if err != nil {
			s.eof = true
			if !errors.Is(err, io.EOF) {
				s.err = err
			}
			return
		}
		if n > 0 {
			return
		}
	}
	s.eof, s.err = true, io.ErrNoProgress
}
