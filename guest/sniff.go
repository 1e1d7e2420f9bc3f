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

// findLineEnd finds out whether lines end with a carriage return alone, as on an
// old Mac. A cell may hold other line ends than the file has, and a tool may have
// put one of its own at the end, so the many decide.
func (s *scanner) findLineEnd() {
	s.at(sniffed)
	if head := s.buf[s.start:s.end]; bytes.IndexByte(head, '\r') < 0 && bytes.IndexByte(head, '\n') >= 0 {
		return
	}
	quoted, feeds, returns := false, 0, 0
	for i := range MaxRecord {
		c, ok := s.at(i)
		if !ok || i >= sniffed && feeds+returns > 0 {
			break
		}
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			feeds++
		case c == '\r' && !s.lineEndsAfter(i):
			returns++
		}
	}
	s.oldMac = returns > feeds
}

// sniffed is how many bytes of a file are looked at to find out how it is
// written.
const sniffed = 64 << 10

// skipSeparator passes over a first line such as "sep=;", by which Excel is told
// what stands between the cells, and returns that character; 0 without one.
func (s *scanner) skipSeparator() byte {
	const word, enough = "sep=", 256
	s.at(enough)
	head := s.buf[s.start:min(s.end, s.start+enough)]
	n := bytes.IndexAny(head, "\r\n")
	if n < 0 {
		n = len(head)
	}
	line := strings.TrimRight(string(head[:n]), " ")
	if inside, ok := strings.CutPrefix(line, `"`); ok {
		line = strings.TrimSuffix(inside, `"`)
	}
	if len(line) <= len(word) || !strings.EqualFold(line[:len(word)], word) {
		return 0
	}
	// A program that knows nothing of this line adds empty cells to it.
	separator := line[len(word)]
	if strings.Trim(line[len(word):], string(separator)) != "" {
		return 0
	}
	s.skipLine()
	return separator
}
