package charset

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestNamedTakesWhatPeopleType(t *testing.T) {
	for label, want := range map[string]string{
		"utf-8": "utf-8", "UTF8": "utf-8", " Utf-8 ": "utf-8", "ascii": "windows-1252", "latin1": "windows-1252", "ISO-8859-1": "windows-1252",
		"cp1252": "windows-1252", "Windows-1252": "windows-1252", "iso-8859-15": "iso-8859-15", "utf-16": "utf-16le", "utf-16be": "utf-16be",
		"mac": "macintosh", "sjis": "shift_jis", "gb2312": "gbk", "cp850": "ibm850", "850": "ibm850", "IBM437": "ibm437", "cp852": "ibm852", "dos-874": "windows-874",
	} {
		if c, err := Named(label); err != nil || c.Name() != want {
			t.Errorf("%q is %s, %v; want %s", label, c.Name(), err, want)
		}
	}
	for _, name := range names() {
		if c, err := Named(name); err != nil || c.Name() != name {
			t.Errorf("%q is %s, %v", name, c.Name(), err)
		}
	}
}

func TestNamedSuggests(t *testing.T) {
	for _, tc := range []struct{ label, want string }{
		{"windws-1252", `there is no charset named "windws-1252": did you mean windows-1252?`},
		{"win1250", "did you mean windows-1250?"},
		{"1251", "did you mean windows-1251?"},
		{"ansi", "did you mean windows-1252?"},
		{"ANSI", "did you mean windows-1252?"},
		{"utf-9", "did you mean utf-8?"},
		{"shift-jiss", "did you mean shift_jis?"},
		{"western", "common ones are utf-8, utf-16, windows-1252 (Western Europe)"},
		{"", "common ones are"},
		{"replacement", "cannot be read"},
		{"iso-2022-kr", "cannot be read"},
		{"x-user-defined", "cannot be read"},
	} {
		_, err := Named(tc.label)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: error is %v, want it to say %q", tc.label, err, tc.want)
		}
		if err != nil && strings.Contains(tc.want, "common") && strings.Contains(err.Error(), "did you mean") {
			t.Errorf("%q: error is %v", tc.label, err)
		}
	}
}

func TestZeroCharsetIsUTF8(t *testing.T) {
	var c Charset
	text, err := io.ReadAll(c.Decode(strings.NewReader("\ufeffJörg\xff")))
	if c.Name() != "utf-8" || string(text) != "Jörg\xff" || err != nil {
		t.Errorf("%s, %q, %v", c.Name(), text, err)
	}
}

// alphabet returns the characters that a charset has, of those that a text may
// have.
func alphabet(c Charset) []rune {
	var all []rune
	for r := rune(' '); r < 0x30000; r++ {
		if r > 0x3400 {
			r += 16 // there are enough ideographs
		}
		if r == utf8.RuneError || !unicode.IsGraphic(r) || unicode.Is(unicode.Co, r) {
			continue
		}
		if c.enc == nil {
			all = append(all, r)
		} else if b, err := c.enc.NewEncoder().String(string(r)); err == nil && c.text(b) == string(r) {
			all = append(all, r)
		}
	}
	return append(all, '\n', '\r', '\t')
}

func TestDecodeGivesBackWhatWasWritten(t *testing.T) {
	for _, name := range names() {
		t.Run(name, func(t *testing.T) {
			c := charsetNamed(t, name)
			letters := alphabet(c)
			if len(letters) < 128 {
				t.Fatalf("only %d characters", len(letters))
			}
			rapid.Check(t, func(t *rapid.T) {
				text := rapid.StringOfN(rapid.SampledFrom(letters), 0, 60, -1).Draw(t, "text")
				written := text
				if c.enc != nil {
					var err error
					if written, err = c.enc.NewEncoder().String(text); err != nil {
						t.Fatal(err)
					}
				}
				if _, n := mark([]byte(written)); n > 0 {
					return // it would be another text
				}
				for _, src := range []io.Reader{iotest.OneByteReader(strings.NewReader(written)), iotest.DataErrReader(strings.NewReader(written))} {
					got, err := io.ReadAll(c.Decode(src))
					if err != nil || string(got) != text {
						t.Fatalf("%q was written as %q and read as %q, %v", text, written, got, err)
					}
				}
				if _, err := c.Check(strings.NewReader(written)); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// What cannot be decoded is not valid in what comes out, so that nobody takes it
// for a letter, and is found by Check.
func TestWhatMeansNothing(t *testing.T) {
	for _, tc := range []struct {
		name, charset, text, want string
		line                      int
	}{
		{"an undefined byte", "windows-1252", "a\nM\x81ller\nb", "a\nM\xffller\nb", 2},
		{"an undefined byte of windows-1253", "windows-1253", "a\nb\n\xd2", "a\nb\n\xff", 3},
		{"a byte that is a control", "shift_jis", "a\nM\x80ller\nb", "a\nM\xffller\nb", 2},
		{"half a character at the end", "shift_jis", "a\n\x83", "a\n\xff", 2},
		{"half a character in a line", "euc-jp", "a\r\n\xb0\nb", "a\r\n\xff\nb", 2},
		{"half a unit at the end", "utf-16le", "a\x00\n\x00b", "a\n\xff", 2},
		{"half a pair at the end", "utf-16le", "a\x00\n\x00\x3d\xd8", "a\n\xff", 2},
		{"half a pair before a letter", "utf-16be", "\xd8\x3d\x00a\x00\n", "\xffa\n", 1},
		{"no UTF-8", "utf-8", "a\nb\n\xe9t\xe9\n", "a\nb\n\xe9t\xe9\n", 3},
		{"half a letter of UTF-8 at the end", "utf-8", "a\n\xc3", "a\n\xc3", 2},
		{"old line ends", "windows-1252", "a\rb\r\x9d", "a\rb\r\xff", 3},
		{"the replacement character itself", "utf-16le", "a\x00\xfd\xff", "a\xff", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := charsetNamed(t, tc.charset)
			for _, src := range []io.Reader{strings.NewReader(tc.text), iotest.OneByteReader(strings.NewReader(tc.text))} {
				if got, err := io.ReadAll(c.Decode(src)); err != nil || string(got) != tc.want {
					t.Errorf("read as %q, %v; want %q", got, err, tc.want)
				}
			}
			for _, src := range []io.Reader{strings.NewReader(tc.text), iotest.OneByteReader(strings.NewReader(tc.text))} {
				_, err := c.Check(src)
				var mismatch *MismatchError
				if !errors.As(err, &mismatch) || mismatch.Line != tc.line || mismatch.Name != tc.charset {
					t.Errorf("error is %v, want line %d", err, tc.line)
				}
			}
		})
	}
}

func TestCheckFarIntoAFile(t *testing.T) {
	c := charsetNamed(t, "windows-1252")
	long := strings.Repeat("J\xf6rg\r\n", 100_000)
	if _, err := c.Check(strings.NewReader(long)); err != nil {
		t.Error(err)
	}
	_, err := c.Check(strings.NewReader(long + "M\x81ller\r\n" + long))
	if err == nil || !strings.Contains(err.Error(), "line 100001 has bytes that mean nothing in windows-1252") {
		t.Errorf("error is %v", err)
	}
	broken := errors.New("the disk is gone")
	if _, err := c.Check(io.MultiReader(strings.NewReader(long), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("error is %v, want the source's", err)
	}
}

// Who names a charset for a file in UTF-8 is obeyed, and told.
func TestCheckTellsThatAFileIsUTF8(t *testing.T) {
	for _, tc := range []struct{ name, charset, text, want string }{
		{
			"two names", "windows-1252", "name\nJörg\nAnn\nMüller\n",
			`the file is valid UTF-8; read as windows-1252 as asked, in which two of its cells are "JÃ¶rg" and "MÃ¼ller": if they look wrong, leave --encoding out`,
		},
		{
			"one name, far into the file", "iso-8859-2", strings.Repeat("Ann\n", 50_000) + "Jörg\n",
			`the file is valid UTF-8; read as iso-8859-2 as asked, in which one of its cells is "JĂśrg": if that looks wrong, leave --encoding out`,
		},
		{"what was named", "windows-1252", "J\xf6rg\n", ""},
		{"what was named, with some UTF-8 before", "windows-1252", "Jörg\n" + strings.Repeat("Ann\n", 50_000) + "J\xf6rg\n", ""},
		{"a letter cut at the end", "windows-1252", "Jörg\nJ\xc3", ""},
		{"ASCII", "windows-1252", "Ann\n", ""},
		{"UTF-8 that was named", "utf-8", "Jörg\n", ""},
		{"a mark", "windows-1252", "\ufeffJörg\n", ""},
		{"Japanese in ASCII bytes", "iso-2022-jp", "\x1b$B;0\x1b(B\n", ""},
	} {
		for _, src := range []io.Reader{strings.NewReader(tc.text), iotest.OneByteReader(strings.NewReader(tc.text))} {
			found, err := charsetNamed(t, tc.charset).Check(src)
			if got := found.Notice(); got != tc.want || err != nil {
				t.Errorf("%s: %q, %v, want %q", tc.name, got, err, tc.want)
			}
		}
	}
}

// A byte order mark says more than a name.
func TestMarkWinsOverAName(t *testing.T) {
	for _, tc := range []struct{ charset, text, want string }{
		{"windows-1252", "\ufeffJörg", "Jörg"},
		{"utf-16le", "\ufeffJörg", "Jörg"},
		{"utf-8", "\xff\xfeJ\x00\xf6\x00", "Jö"},
		{"utf-16le", "\xfe\xff\x00J\x00\xf6", "Jö"},
		{"utf-16be", "\xff\xfeJ\x00\xf6\x00", "Jö"},
		{"utf-16le", "\xff\xfeJ\x00\xf6\x00", "Jö"},
		{"utf-16le", "J\x00\xf6\x00\xff\xfea\x00", "Jö\ufeffa"}, // further on it is none
	} {
		c := charsetNamed(t, tc.charset)
		got, err := io.ReadAll(c.Decode(iotest.HalfReader(strings.NewReader(tc.text))))
		if err != nil || string(got) != tc.want {
			t.Errorf("%q in %s is read as %q, %v; want %q", tc.text, tc.charset, got, err, tc.want)
		}
		if _, err := c.Check(strings.NewReader(tc.text)); err != nil {
			t.Errorf("%q in %s: %v", tc.text, tc.charset, err)
		}
	}
	var mismatch *MismatchError
	if _, err := charsetNamed(t, "windows-1252").Check(strings.NewReader("\ufeffa\n\xe9")); !errors.As(err, &mismatch) || *mismatch != (MismatchError{2, "utf-8"}) {
		t.Errorf("error is %v, want it to be about UTF-8", err)
	}
}

func TestDecodePassesOnWhatTheSourceSays(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, name := range []string{"utf-8", "windows-1252", "utf-16le", "shift_jis"} {
		c := charsetNamed(t, name)
		for _, before := range []string{"", "a\x00", "\ufeff"} {
			src := io.MultiReader(strings.NewReader(before), iotest.ErrReader(broken))
			if _, err := io.ReadAll(c.Decode(src)); !errors.Is(err, broken) {
				t.Errorf("%s after %q: error is %v, want the source's", name, before, err)
			}
		}
	}
}

// A text of any length is decoded in the same small memory.
func TestDecodeInBoundedMemory(t *testing.T) {
	c := charsetNamed(t, "windows-1252")
	text := io.LimitReader(repeated{}, 8<<20)
	allocated := testing.AllocsPerRun(1, func() {
		n, err := io.Copy(struct{ io.Writer }{io.Discard}, c.Decode(text))
		if err != nil || n != 0 && n < 8<<20 {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
	if allocated > 1000 {
		t.Errorf("%v allocations", allocated)
	}
}

// repeated is a text without end.
type repeated struct{}

func (repeated) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte("J\xf6rg M\xfcller,\n"), 100)), nil
}
