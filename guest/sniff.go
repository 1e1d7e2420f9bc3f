package guest

import (
	"bytes"
	"strings"
)

// The first bytes of a file tell what it is before any row is read.

// skipMark passes over a UTF-8 byte order mark.
func (s *scanner) skipMark() {
	const mark = "\ufeff"
	if string(s.peek(len(mark))) == mark {
		s.start += len(mark)
	}
}

// findLineEnd finds out whether lines end with a carriage return alone, as on an
// old Mac. A cell may hold other line ends than the file has, and a tool may have
// put one of its own at the end, so the many decide.
func (s *scanner) findLineEnd() {
	if head := s.peek(sniffed); bytes.IndexByte(head, '\r') < 0 && bytes.IndexByte(head, '\n') >= 0 {
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
	head := s.peek(enough)
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
