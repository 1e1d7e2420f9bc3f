package guest

import (
	"bytes"
	"fmt"
	"io"
)

// MaxRecord is the most bytes one CSV record may have, so that a quote that is
// never closed cannot swallow the memory.
const MaxRecord = 1 << 20

// maxCells is the most cells one record may have: what a spreadsheet has
// columns, so that a line of delimiters cannot swallow the memory.
const maxCells = 16384

// record is one CSV record as it stands in the file.
type record struct {
	line    int    // the physical line that it starts on, from 1
	bytes   []byte // with its line end; valid until the next call of next
	cells   int    // how many cells it has
	problem string // why it cannot be read; bytes is then one physical line at most
}

// scanner cuts a stream into CSV records as RFC 4180 and encoding/csv see
// them, without reading their cells. It knows the true line of each, and where
// quoting is broken it gives up one physical line only: reading goes on with
// the next.
type scanner struct {
	src    io.Reader
	comma  byte
	oldMac bool // a carriage return alone ends a line too
	sheet  bool // line counts records

	buf        []byte
	start, end int // what is read and not yet given out
	eof        bool
	err        error // of src, other than io.EOF
	line       int   // of buf[start]
	skip       bool  // the line goes on, and the rest of it does not count
}

func newScanner(src io.Reader) *scanner {
	return &scanner{src: src, comma: ',', buf: make([]byte, 64<<10), line: 1}
}

// dosEnd is the character that ended files in DOS. It may stand on a line of its own.
const dosEnd = "\x1a"

// next returns the next record that is not an empty line, or io.EOF.
func (s *scanner) next() (record, error) {
	for {
		rec, err := s.cut()
		if err != nil {
			return record{}, err
		}
		line := bytes.TrimSuffix(bytes.TrimSuffix(rec.bytes, []byte("\n")), []byte("\r"))
		if len(line) > 0 && string(line) != dosEnd || rec.problem != "" {
			return rec, nil
		}
	}
}

// cut gives out the record that begins at start.
func (s *scanner) cut() (record, error) {
	const (
		cellStart = iota
		plain
		quoted
		quoteInQuoted // a second quote, a delimiter or the line's end must follow
		broken        // to the end of the physical line
	)
	if s.skip {
		s.skipLine()
	}
	if !s.oldMac {
		if rec, ok := s.cutPlain(); ok {
			return rec, nil
		}
	}
	state, cells, problem := cellStart, 1, ""
	ready := s.buf[s.start:s.end]
	for i := 0; ; i++ {
		if i >= MaxRecord {
			return s.cutTooLong(state == quoted), nil
		}
		if i == len(ready) {
			if !s.reaches(i) {
				return s.cutLast(i, cells, problem, state == quoted)
			}
			ready = s.buf[s.start:s.end]
		}
		c := ready[i]
		switch state {
		case quoted:
			// Most of a quoted cell is passed over at memory speed.
			if c != '"' {
				if n := bytes.IndexByte(ready[i:], '"'); n > 0 {
					i += n - 1
				} else {
					i = len(ready) - 1
				}
				continue
			}
			state = quoteInQuoted
			continue
		case quoteInQuoted:
			if c == '"' {
				state = quoted
				continue
			}
			if c == '\r' && s.lineEndsAfter(i) {
				continue
			}
			if c != s.comma && !s.endsLine(c) {
				return s.cutLine("a quoted cell goes on after its closing quote: a quote inside a quoted cell must be doubled"), nil
			}
		case cellStart:
			if c == '"' {
				state = quoted
				continue
			}
			state = plain
		}
		switch {
		case c == '\n':
			return s.give(i+1, cells, problem), nil
		case c == '\r' && s.oldMac:
			return s.give(i+s.lineEnd(i), cells, problem), nil
		case state == broken:
		case c == s.comma:
			state = cellStart
			if cells++; cells > maxCells {
				return s.cutLine(fmt.Sprintf("has more than %d cells", maxCells)), nil
			}
		case c == '"':
			if n := s.formula(i); n > 0 {
				i += n
				ready = s.buf[s.start:s.end]
				continue
			}
			state, problem = broken, "a quote stands inside a cell that does not begin with one: the whole cell must be quoted and the quote doubled"
		}
	}
}

// formula tells whether the quote at i belongs to a cell like ="0171", which programs write without quotes around it so
// that a spreadsheet takes it for a text. It returns how far away the closing quote is; zero: it is something else.
func (s *scanner) formula(i int) int {
	if before, _ := s.at(max(0, i-1)); i == 0 || before != '=' {
		return 0
	}
	if i > 1 {
		if before, _ := s.at(i - 2); before != s.comma {
			return 0
		}
	}
	for n := 1; i+n < MaxRecord; n++ {
		switch c, ok := s.at(i + n); {
		case !ok, c == s.comma, c == '\n', c == '\r':
			return 0
		case c == '"':
			after, ok := s.at(i + n + 1)
			if !ok || after == s.comma || s.endsLine(after) || after == '\r' && s.lineEndsAfter(i+n+1) {
				return n
			}
			return 0
		}
	}
	return 0
}

// cutTooLong gives out the first line of a record that goes on for too long.
func (s *scanner) cutTooLong(inQuotes bool) record {
	if inQuotes {
		return s.cutLine(fmt.Sprintf("a quote that opens here is not closed within %d MiB", MaxRecord>>20))
	}
	return s.cutLine(fmt.Sprintf("is longer than %d MiB", MaxRecord>>20))
}

// cutLast gives out what is left where the file ends without a line end.
func (s *scanner) cutLast(n, cells int, problem string, inQuotes bool) (record, error) {
	switch {
	case s.err != nil:
		return record{}, s.err
	case n == 0:
		return record{}, io.EOF
	case inQuotes:
		return s.cutLine("a quote that opens here is never closed"), nil
	}
	return s.give(n, cells, problem), nil
}

// cutPlain gives out a whole line without quotes, as most are, at memory speed.
func (s *scanner) cutPlain() (record, bool) {
	ready := s.buf[s.start:s.end]
	n := bytes.IndexByte(ready[:min(len(ready), MaxRecord)], '\n') + 1
	if n == 0 || bytes.IndexByte(ready[:n], '"') >= 0 {
		return record{}, false
	}
	cells := 1 + bytes.Count(ready[:n], []byte{s.comma})
	if cells > maxCells {
		return record{}, false
	}
	return s.give(n, cells, ""), true
}

// lineEndsAfter tells whether the carriage return at i belongs to a line end.
func (s *scanner) lineEndsAfter(i int) bool {
	c, ok := s.at(i + 1)
	return !ok || c == '\n'
}

// endsLine tells whether a line ends with c.
func (s *scanner) endsLine(c byte) bool { return c == '\n' || s.oldMac && c == '\r' }

// lineEnd returns how long the line end at i is.
func (s *scanner) lineEnd(i int) int {
	if c, _ := s.at(i); c == '\r' {
		if next, ok := s.at(i + 1); ok && next == '\n' {
			return 2
		}
	}
	return 1
}

// give hands out the first n bytes as a record.
func (s *scanner) give(n, cells int, problem string) record {
	rec := record{line: s.line, bytes: s.buf[s.start : s.start+n], cells: cells, problem: problem}
	s.line += s.lines(rec.bytes)
	s.start += n
	return rec
}

// lines returns by how much a record takes the line further.
func (s *scanner) lines(rec []byte) int {
	switch feeds := bytes.Count(rec, []byte{'\n'}); {
	case s.sheet:
		return 1
	case s.oldMac:
		return feeds + bytes.Count(rec, []byte{'\r'}) - bytes.Count(rec, []byte("\r\n"))
	default:
		return feeds
	}
}

// cutLine hands out one physical line as a record with a problem. Of a line
// longer than MaxRecord only the beginning is kept.
func (s *scanner) cutLine(problem string) record {
	for i := 0; i < MaxRecord; i++ {
		c, ok := s.at(i)
		if !ok {
			return s.give(i, 1, problem)
		}
		if s.endsLine(c) {
			return s.give(i+s.lineEnd(i), 1, problem)
		}
	}
	s.skip = true
	return s.give(MaxRecord, 1, problem)
}

// skipLine passes over what is left of a physical line.
func (s *scanner) skipLine() {
	s.skip = false
	for {
		if _, ok := s.at(0); !ok {
			return
		}
		n := bytes.IndexByte(s.buf[s.start:s.end], '\n')
		if s.oldMac {
			n = bytes.IndexAny(s.buf[s.start:s.end], "\r\n")
		}
		if n < 0 {
			s.start = s.end
			continue
		}
		s.start += n
		s.start += s.lineEnd(0)
		if !s.sheet {
			s.line++
		}
		return
	}
}
