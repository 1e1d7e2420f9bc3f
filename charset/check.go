package charset

import (
	"errors"
	"io"
	"unicode/utf8"
)

// Check reads all of r, and is a *MismatchError when some of its bytes mean
// nothing in the charset. A byte order mark counts as it does for Decode. Other
// errors are those of r. What is found has samples where the text is valid UTF-8
// that would be read as something else, which its Notice tells.
func (c Charset) Check(r io.Reader) (Found, error) {
	watched := &utf8Watch{src: r, valid: true}
	text := &decoder{named: c, src: watched}
	found := Found{Charset: c, Why: Asked}
	buf := make([]byte, 64<<10)
	var lines lineCounter
	for held := 0; ; {
		n, err := fill(text, buf[held:])
		ready := buf[:held+n]
		whole := len(ready)
		if err == nil {
			whole -= torn(ready)
		}
		if at := invalid(ready[:whole]); at >= 0 {
			lines.count(ready[:at])
			return Found{}, &MismatchError{lines.line(), text.named.Name()}
		}
		lines.count(ready[:whole])
		if len(found.Samples) == 0 && watched.valid && !ascii(ready[:whole]) {
			found.Samples = samplesOf(string(ready[:whole]))
		}
		held = copy(buf, ready[whole:])
		if err != nil && !errors.Is(err, io.EOF) {
			return Found{}, err
		}
		if err != nil {
			found.Charset = text.named
			if found.enc == nil || !watched.valid || !watched.wide || len(watched.torn) > 0 {
				found.Samples = nil
			}
			return found, nil
		}
	}
}

// fill reads until p is full, or the reader has an error.
func fill(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var more int
		more, err = r.Read(p[n:])
		n += more
	}
	return n, err
}

// utf8Watch looks whether what is read through it is UTF-8.
type utf8Watch struct {
	src   io.Reader
	valid bool   // so far
	wide  bool   // some of it is not ASCII
	torn  []byte // the beginning of a character
}

func (w *utf8Watch) Read(p []byte) (int, error) {
	n, err := w.src.Read(p)
	if read := p[:n]; w.valid && (len(w.torn) > 0 || !ascii(read)) {
		w.wide = true
		all := append(w.torn, read...)
		whole := len(all) - torn(all)
		w.valid = utf8.Valid(all[:whole])
		w.torn = append(w.torn[:0:0], all[whole:]...)
	}
	return n, err
}
