package charset

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Reason is why a text is taken to be in a charset.
type Reason int

const (
	Valid   Reason = iota // it is UTF-8 or ASCII throughout, or nearly
	Marked                // it begins with a byte order mark
	Guessed               // its bytes make sense in that charset
	Default               // nothing speaks for another, nor for that one
	Asked                 // it was named
)

// Found is the charset of a text and how sure that is.
type Found struct {
	Charset
	Why Reason

	// Samples are up to two cells of the text that are not ASCII, as decoded and
	// shortened, for a person to look at. There are none where the charset is
	// sure, nor where it was named and the text is not UTF-8.
	Samples []string

	// Instead names the charset to try when the samples look wrong; empty where
	// there is none. Others are the samples in that, if it is nearly as likely.
	Instead string
	Others  []string

	// BadLine is the first line, from 1, with bytes that are not UTF-8 in a text
	// that is UTF-8 otherwise; 0 where there are none.
	BadLine int
}

// ErrNotText says that a file is no text in any charset.
var ErrNotText = errors.New("the file is not text, as pictures, archives and workbooks are not: open it in the program that made it and save it as \"CSV UTF-8\"")

// unclearError is ErrNotText for a text of which some bytes mean nothing in any
// charset that fits the others.
type unclearError struct{ nearly string }

func (e unclearError) Error() string {
	return fmt.Sprintf("it cannot be told how the file is written: most of it is %s, but it has bytes that mean nothing in that; --encoding %[1]s tells the first line with such bytes", e.nearly)
}

func (unclearError) Unwrap() error { return ErrNotText }

// ErrUTF32 says that a file is text in UTF-32, which nobody writes by intention.
var ErrUTF32 = errors.New("the file is UTF-32 text, which cannot be read: save it as \"CSV UTF-8\"")

// Detect finds out in which charset r is written. A byte order mark tells it;
// else UTF-8, when all of the text or nearly all is valid; else UTF-16, by the
// pattern of its NUL bytes; else the charset in which its words look most like
// those that people write, mostly windows-1252. It reads all of r, in bounded memory,
// unless a mark says UTF-16. ErrNotText and ErrUTF32 say that r cannot be read;
// other errors are those of r.
func Detect(r io.Reader) (Found, error) {
	in := bufio.NewReader(r)
	head, _ := in.Peek(4) // an error comes again
	if bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")) || bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")) {
		return Found{}, ErrUTF32
	}
	marked, n := mark(head)
	if n > 0 && marked.enc != nil {
		return Found{Charset: marked, Why: Marked}, nil
	}
	s := newSurvey()
	if err := s.read(in); err != nil {
		return Found{}, err
	}
	if n > 0 {
		return Found{Why: Marked, BadLine: s.badLine}, nil
	}
	return s.found()
}

// found weighs what a survey of a text without a mark has told.
func (s *survey) found() (Found, error) {
	if wide, ok := s.utf16(); ok {
		return Found{Charset: wide, Why: Guessed, Samples: samplesOf(wide.text(string(s.head))), Instead: "utf-8"}, nil
	}
	if jis, ok := s.iso2022(); ok {
		return Found{Charset: jis, Why: Guessed, Samples: samplesOf(jis.text(strings.Join(s.shifted, "\n")))}, nil
	}
	if nuls := s.nuls[0] + s.nuls[1]; (nuls+s.controls)*32 > s.size {
		return Found{}, ErrNotText
	}
	if s.badBytes*4 <= s.sequences {
		return Found{Why: Valid, BadLine: s.badLine}, nil
	}
	if len(s.cells) == 0 && s.lines.line() == 1 { // one long word of bytes
		return Found{}, ErrNotText
	}
	found, err := s.guess()
	// Where there are words in UTF-8 too, as in two files put together, another
	// charset would make two wrong letters of each right one. A row that is
	// refused is better than that.
	share := s.words(Charset{}).share()
	if share >= half || share > mixed && (err != nil || isLatin(found.Charset)) {
		return Found{Why: Valid, BadLine: s.badLine}, nil
	}
	return found, err
}

// utf16 tells whether the NULs stand as in UTF-16: the ASCII characters, of
// which every CSV file has many, have one each, in the same half.
func (s *survey) utf16() (Charset, bool) {
	even, odd := s.nuls[0], s.nuls[1]
	name := "utf-16le"
	if even > odd {
		even, odd, name = odd, even, "utf-16be"
	}
	if odd == 0 || odd*8 < s.size || even*16 > odd {
		return Charset{}, false
	}
	c, err := Named(name)
	return c, err == nil
}

// iso2022 tells whether the text is Japanese in bytes that are all ASCII.
func (s *survey) iso2022() (Charset, bool) {
	if len(s.shifted) == 0 || s.sequences+s.badBytes > 0 {
		return Charset{}, false
	}
	c, err := Named("iso-2022-jp")
	return c, err == nil && !strings.ContainsRune(c.text(strings.Join(s.shifted, "\n")), utf8.RuneError)
}
