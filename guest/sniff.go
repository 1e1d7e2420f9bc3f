package guest

import (
	"bytes"
	"strings"
)

// The first bytes of a file tell what it is before any row is read.

// skipMark passes over a UTF-8 byte order mark and refuses what is plainly not
// a CSV file in UTF-8.
func (s *scanner) skipMark() error {
	s.at(3)
	if s.err != nil {
		return s.err
	}
	head := s.buf[s.start:s.end]
	const save, unpack = "save it as \"CSV UTF-8\"", "unpack it"
	for _, kind := range []struct{ magic, what, way string }{
		{"PK\x03\x04", "an Excel workbook or another zip archive", save},
		{"\x1f\x8b", "a gzip archive", unpack},
		{"BZh", "a bzip2 archive", unpack},
		{"\xd0\xcf\x11\xe0", "an old Excel workbook", save},
		{"\xff\xfe", "UTF-16 text", save},
		{"\xfe\xff", "UTF-16 text", save},
	} {
		if strings.HasPrefix(string(head[:min(4, len(head))]), kind.magic) {
			return &InputError{[]string{"the file is " + kind.what + ", not a CSV file: " + kind.way + " and try again"}}
		}
	}
	if bytes.HasPrefix(head, []byte("\ufeff")) {
		s.start += len("\ufeff")
	}
	return nil
}

// commonest returns the candidate that stands most often outside quotes on the
// first line that is not empty; the first candidate when none does.
func (s *scanner) commonest(candidates string) byte {
	counts := make([]int, len(candidates))
	quoted, begun := false, false
	for i := range MaxRecord {
		c, ok := s.at(i)
		if !ok || (begun && !quoted && c == '\n') {
			break
		}
		if c == '"' {
			quoted = !quoted
		}
		begun = begun || (c != '\r' && c != '\n')
		if k := strings.IndexByte(candidates, c); k >= 0 && !quoted {
			counts[k]++
		}
	}
	best := 0
	for k, n := range counts {
		if n > counts[best] {
			best = k
		}
	}
	return candidates[best]
}
