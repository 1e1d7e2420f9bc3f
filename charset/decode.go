package charset

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// Decode returns src as UTF-8 without a byte order mark, in bounded memory. A
// mark at the beginning says more than any name: as in the standard's own
// decode, the text is read as its mark says. Bytes that mean nothing in the
// charset come out as a byte that is not valid UTF-8, so that whoever reads on
// can tell them from text. Errors are those of src.
func (c Charset) Decode(src io.Reader) io.Reader {
	return &decoder{named: c, src: src}
}

// decoder looks at the beginning of its source when it is first read.
type decoder struct {
	named Charset // or, once it has been read, what a mark says
	src   io.Reader
	text  io.Reader // nil: not begun
}

func (d *decoder) Read(p []byte) (int, error) {
	if d.text == nil {
		in := bufio.NewReaderSize(d.src, 32<<10)
		head, _ := in.Peek(3) // an error comes again with the first Read
		if marked, n := mark(head); n > 0 {
			d.named = marked
			_, _ = in.Discard(n)
		}
		d.text = d.named.bare(in)
	}
	return d.text.Read(p)
}

// bare decodes a text that has no byte order mark.
func (c Charset) bare(src io.Reader) io.Reader {
	if c.enc == nil {
		return src
	}
	return transform.NewReader(src, transform.Chain(c.enc.NewDecoder(), plainlyBad{}))
}

// plainlyBad turns what decoders write for bytes that mean nothing, replacement
// characters and the controls from U+0080 to U+009F, into a byte that UTF-8 does
// not have. (UTF-16 has those controls, Shift JIS one of them; no text does.)
type plainlyBad struct{ transform.NopResetter }

const bad = 0xff

func (plainlyBad) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if nDst == len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		rest := src[nSrc:]
		size := 1
		switch rest[0] {
		case 0xc2: // U+0080 to U+00BF
			size = 2
		case 0xef: // U+F000 to U+FFFF
			size = 3
		}
		if len(rest) < size {
			if !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			size = len(rest)
		}
		if meaningless(rest[:size]) {
			dst[nDst] = bad
			nDst, nSrc = nDst+1, nSrc+size
			continue
		}
		if copy(dst[nDst:], rest[:size]) < size {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst, nSrc = nDst+size, nSrc+size
	}
	return nDst, nSrc, nil
}

// meaningless tells whether b is a replacement character or a control from
// U+0080 to U+009F.
func meaningless(b []byte) bool {
	return len(b) == 2 && b[0] == 0xc2 && b[1] < 0xa0 || string(b) == "\ufffd"
}

// MismatchError says that a text is not written in the charset that was named.
type MismatchError struct {
	Line int    // the first, from 1, with bytes that mean nothing in it
	Name string // of that charset, or of the one that a byte order mark says
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("line %d has bytes that mean nothing in %s: the file is written in another charset", e.Line, e.Name)
}

// lineCounter counts the lines of a text that end with LF, CRLF or, as on an
// old Mac, CR alone.
type lineCounter struct{ feeds, returns int }

func (l *lineCounter) count(b []byte) {
	l.feeds += bytes.Count(b, []byte{'\n'})
	l.returns += bytes.Count(b, []byte{'\r'})
}

// line returns the line, from 1, that what comes next stands on.
func (l *lineCounter) line() int {
	if l.feeds == 0 {
		return l.returns + 1
	}
	return l.feeds + 1
}

// byteOrderMarks lists the marks that a text may begin with.
func byteOrderMarks() []struct{ bytes, name string } {
	return []struct{ bytes, name string }{{"\xef\xbb\xbf", "utf-8"}, {"\xff\xfe", "utf-16le"}, {"\xfe\xff", "utf-16be"}}
}

// mark returns the charset that a byte order mark at the beginning of a text
// tells, and how long the mark is: 0 without one.
func mark(head []byte) (Charset, int) {
	marks := byteOrderMarks()
	i := slices.IndexFunc(marks, func(m struct{ bytes, name string }) bool { return bytes.HasPrefix(head, []byte(m.bytes)) })
	if i < 0 {
		return Charset{}, 0
	}
	c, _ := Named(marks[i].name)
	return c, len(marks[i].bytes)
}

// torn returns how many bytes at the end of b are the beginning of a character.
func torn(b []byte) int {
	for n := 1; n <= min(utf8.UTFMax-1, len(b)); n++ {
		if last := b[len(b)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}

// invalid returns where the first byte stands that is not UTF-8; -1 for none.
func invalid(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; ; {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
}
