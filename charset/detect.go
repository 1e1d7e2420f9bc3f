package charset

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Reason is why a text is taken to be in a charset.
type Reason int

const (
	Valid   Reason = iota // it is UTF-8 or ASCII throughout, or nearly
	Marked                // it begins with a byte order mark
	Guessed               // its bytes make sense in that charset
	Default               // nothing speaks for another, nor for that one
)

// Found is the charset of a text and how sure that is.
type Found struct {
	Charset
	Why Reason

	// Samples are up to two cells of the text that are not ASCII, as decoded and
	// shortened, for a person to look at. There are none where the charset is
	// sure.
	Samples []string

	// Instead names the charset to try when the samples look wrong; empty where
	// the charset is sure.
	Instead string

	// BadLine is the first line, from 1, with bytes that are not UTF-8 in a text
	// that is UTF-8 otherwise; 0 where there are none.
	BadLine int
}

// ErrNotText says that a file is no text in any charset.
var ErrNotText = errors.New("the file is not text, as pictures, archives and workbooks are not: open it in the program that made it and save it as \"CSV UTF-8\"")

// ErrUTF32 says that a file is text in UTF-32, which nobody writes by intention.
var ErrUTF32 = errors.New("the file is UTF-32 text, which cannot be read: save it as \"CSV UTF-8\"")

// Detect finds out in which charset r is written. A byte order mark tells it;
// else UTF-8, when all of the text or nearly all is valid; else UTF-16, by the
// pattern of its NUL bytes; else windows-1252, unless its words do not look
// written in that and do so in another. It reads all of r, in bounded memory,
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
		return Found{Charset: wide, Why: Guessed, Samples: samples(cellsOf(wide.text(string(s.head))), nil), Instead: "utf-8"}, nil
	}
	if nuls := s.nuls[0] + s.nuls[1]; (nuls+s.controls)*32 > s.size {
		return Found{}, ErrNotText
	}
	if s.badBytes*4 <= s.sequences {
		return Found{Why: Valid, BadLine: s.badLine}, nil
	}
	found, instead := s.guess()
	// Where there are words in UTF-8 too, as in two files put together, another
	// charset would make two wrong letters of each right one. A row that is
	// refused is better than that.
	if share := s.words(Charset{}).share(); share >= half || found.name == "windows-1252" && share > mixed {
		return Found{Why: Valid, BadLine: s.badLine}, nil
	}
	other, _ := Named(instead)
	var cells, others []string
	for _, cell := range s.cells {
		for _, text := range cellsOf(found.text(cell)) {
			cells, others = append(cells, text), append(others, other.text(cell))
		}
	}
	found.Samples, found.Instead = samples(cells, others), instead
	return found, nil
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
