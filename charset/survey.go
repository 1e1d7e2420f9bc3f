package charset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

const (
	chunkSize  = 256 << 10
	maxSample  = 32 << 10 // bytes of the cells that are kept
	maxCell    = 512      // bytes of a cell that is kept
	headToKeep = 32 << 10 // bytes of the beginning, for texts in UTF-16
)

// survey is what one reading of a text tells about its bytes.
type survey struct {
	size      int64
	head      []byte
	nuls      [2]int64 // at even and at odd places
	controls  int64    // of the others that no text has, where it is not UTF-8
	sequences int64    // of several bytes that are UTF-8 characters
	badBytes  int64    // not UTF-8
	badLine   int      // of the first of those; 0: none
	lines     lineCounter

	high    [256]bool // bytes over 0x7f in cells that are not ASCII
	multi   []multibyte
	cells   []string // some that are not ASCII, from all over the text
	shifted []string // some lines that are ASCII, from where they shift to others
	sampled int      // bytes of those
	every   int      // one cell in so many is kept
	seen    int      // cells that are not ASCII
	scratch []byte
}

// multibyte is a charset whose characters have one byte or more, and whether
// all that was seen so far can be decoded.
type multibyte struct {
	Charset
	decoder transform.Transformer
	fits    bool
}

func newSurvey() *survey {
	s := &survey{every: 1, scratch: make([]byte, 4*maxCell)}
	for _, name := range multibyteNames() {
		c, _ := Named(name)
		s.multi = append(s.multi, multibyte{c, c.enc.NewDecoder(), true})
	}
	return s
}

func multibyteNames() []string { return []string{"shift_jis", "euc-jp", "gb18030", "big5", "euc-kr"} }

// read reads all of r.
func (s *survey) read(r io.Reader) error {
	buf := make([]byte, chunkSize)
	held, idle := 0, 0
	for {
		n, err := r.Read(buf[held:])
		ready := buf[:held+n]
		if s.size == 0 && len(s.head) < headToKeep {
			s.head = append(s.head[:0], ready[:min(len(ready), headToKeep)]...)
		}
		if idle++; n > 0 {
			idle = 0
		}
		switch {
		case errors.Is(err, io.EOF):
			s.look(ready)
			return nil
		case err != nil:
			return err
		case idle == 100:
			return io.ErrNoProgress
		case len(ready) < len(buf):
			held = len(ready)
			continue
		}
		whole := wholeLines(ready)
		s.look(ready[:whole])
		held = copy(buf, ready[whole:])
	}
}

// wholeLines returns how much of a full buffer can be looked at by itself: to
// the end of the last line, or nearly all when a line is longer than that.
func wholeLines(b []byte) int {
	n := bytes.LastIndexByte(b, '\n') + 1
	if n == 0 {
		n = bytes.LastIndexByte(b, '\r') + 1
	}
	if n == 0 {
		n = len(b) - torn(b)
	}
	return n
}

// look takes note of a part of the text that ends with a line, mostly.
func (s *survey) look(part []byte) {
	if bytes.IndexByte(part, 0) >= 0 {
		for i, c := range part {
			if c == 0 {
				s.nuls[(s.size+int64(i))&1]++
			}
		}
	}
	s.size += int64(len(part))
	switch {
	case ascii(part):
		s.lookForShifts(part)
	case utf8.Valid(part):
		for _, c := range part {
			if c >= 0xc0 {
				s.sequences++
			}
		}
	default:
		s.lookClosely(part)
		return
	}
	s.lines.count(part)
}

// lookForShifts keeps lines of ASCII bytes that shift to Japanese characters, as
// ISO-2022-JP does, in which each line begins anew.
func (s *survey) lookForShifts(part []byte) {
	for s.sampled < maxSample {
		at := bytes.IndexByte(part, 0x1b)
		if at < 0 {
			return
		}
		end := len(part)
		if n := bytes.IndexAny(part[at:], "\r\n"); n >= 0 {
			end = at + n
		}
		if shift := part[at:end]; bytes.HasPrefix(shift, []byte("\x1b$B")) || bytes.HasPrefix(shift, []byte("\x1b$@")) {
			s.shifted = append(s.shifted, string(shift))
			s.sampled += len(shift)
		}
		part = part[end:]
	}
}

// lookClosely takes note of a part that is not UTF-8, cell by cell. It is cut
// where no charset that can be told has the second byte of a character.
func (s *survey) lookClosely(part []byte) {
	for len(part) > 0 {
		n := bytes.IndexAny(part, ",;\t\"\r\n") + 1
		if n == 0 {
			n = len(part)
		}
		if cell := part[:n]; !ascii(cell) {
			s.cell(cell)
		} else {
			s.controls += controls(cell)
		}
		s.lines.count(part[:n])
		part = part[n:]
	}
}

// cell takes note of a cell that is not ASCII.
func (s *survey) cell(cell []byte) {
	s.controls += controls(cell)
	for i := 0; i < len(cell); {
		r, n := utf8.DecodeRune(cell[i:])
		switch {
		case n > 1:
			s.sequences++
		case r == utf8.RuneError:
			if s.badBytes++; s.badLine == 0 {
				s.badLine = s.lines.line()
			}
		}
		for _, c := range cell[i : i+n] {
			s.high[c] = s.high[c] || c >= 0x80
		}
		i += n
	}
	for i := range s.multi {
		m := &s.multi[i]
		m.fits = m.fits && decodes(m.decoder, cell, s.scratch)
	}
	if s.seen++; s.seen%s.every == 0 {
		s.keep(cell)
	}
}

// keep adds a cell to the sample. When that is full, every other cell of it
// goes, and only half as many are taken from there on.
func (s *survey) keep(cell []byte) {
	cell = bytes.Trim(cell, ",;\t\"\r\n ")
	if len(cell) > maxCell {
		cell = cell[:max(0, bytes.LastIndexByte(cell[:maxCell], ' '))]
	}
	if ascii(cell) {
		return
	}
	s.cells = append(s.cells, string(cell))
	if s.sampled += len(cell); s.sampled <= maxSample {
		return
	}
	s.every *= 2
	half := s.cells[:0]
	s.sampled = 0
	for i := 0; i < len(s.cells); i += 2 {
		half = append(half, s.cells[i])
		s.sampled += len(s.cells[i])
	}
	clear(s.cells[len(half):])
	s.cells = half
}

// decodes tells whether all of b means something to a decoder.
func decodes(d transform.Transformer, b, scratch []byte) bool {
	d.Reset()
	for len(b) > 0 {
		nDst, nSrc, err := d.Transform(scratch, b, true)
		if bytes.Contains(scratch[:nDst], []byte("\ufffd")) {
			return false
		}
		if err != nil && (!errors.Is(err, transform.ErrShortDst) || nSrc == 0) {
			return false
		}
		b = b[nSrc:]
	}
	return true
}

// controls counts the control characters that no text has.
func controls(b []byte) (n int64) {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			n++
		}
	}
	return n
}

// ascii tells whether b has no byte over 0x7f.
func ascii(b []byte) bool {
	for ; len(b) >= 32; b = b[32:] {
		if (binary.LittleEndian.Uint64(b)|binary.LittleEndian.Uint64(b[8:])|binary.LittleEndian.Uint64(b[16:])|binary.LittleEndian.Uint64(b[24:]))&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
