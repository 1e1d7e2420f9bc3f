package workbook

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What is kept of shared texts in memory.
const (
	maxShared = 512 << 20 // bytes
	maxTexts  = 1 << 25   // texts, most of which may be empty
)

// texts are the texts that cells share, one after the other: a million short ones cost no more than their letters.
type texts struct {
	all  []byte
	ends []uint32
}

func (t *texts) len() int { return len(t.ends) }

func (t *texts) at(i int) string {
	start := uint32(0)
	if i > 0 {
		start = t.ends[i-1]
	}
	return string(t.all[start:t.ends[i]])
}

func (t *texts) add(text string) error {
	if len(t.all)+len(text) > maxShared || len(t.ends) == maxTexts {
		return &Unusable{fmt.Sprintf("holds more than %d MiB of text or %d million texts: divide it into several files", maxShared>>20, maxTexts>>20)}
	}
	t.all = append(t.all, text...)
	t.ends = append(t.ends, uint32(len(t.all)))
	return nil
}

func (b *book) sharedTexts() (*texts, error) {
	t := &texts{}
	if b.texts == "" || !b.parts.has(b.texts) {
		return t, nil
	}
	r, err := b.parts.open(b.texts, maxTextsPart)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return t, unreadable(t.read(r))
}

func (t *texts) read(r io.Reader) error {
	tokens := newTokens(r)
	var item richText
	ended := false
	for {
		token, err := tokens.next()
		if errors.Is(err, io.EOF) {
			if !ended {
				return io.ErrUnexpectedEOF
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "si" {
				item = richText{}
			}
			item.start(token.Name.Local)
		case xml.CharData:
			item.text(token)
		case xml.EndElement:
			item.end(token.Name.Local)
			switch token.Name.Local {
			case "si":
				if err := t.add(item.String()); err != nil {
					return err
				}
			case "sst":
				ended = true
			}
		}
	}
}

// richText joins the pieces of a text and leaves out how it is pronounced.
type richText struct {
	joined     strings.Builder
	inT, inRPh bool
}

func (r *richText) start(element string) {
	switch element {
	case "t":
		r.inT = true
	case "rPh":
		r.inRPh = true
	}
}

func (r *richText) end(element string) {
	switch element {
	case "t":
		r.inT = false
	case "rPh":
		r.inRPh = false
	}
}

func (r *richText) text(piece []byte) {
	if r.inT && !r.inRPh && r.joined.Len() < maxRowText {
		r.joined.Write(piece)
	}
}

func (r *richText) String() string { return unescape(r.joined.String()) }

// unescape turns _x000D_ and the like, which stand for characters that XML cannot hold, into those, and every kind of
// line end into a line feed.
func unescape(s string) string {
	if strings.Contains(s, "_x") {
		s = unescapeUnits(s)
	}
	if strings.Contains(s, "\r") {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	return s
}

func unescapeUnits(s string) string {
	var b strings.Builder
	for s != "" {
		unit, ok := escapedUnit(s)
		if !ok {
			_, n := utf8.DecodeRuneInString(s)
			b.WriteString(s[:n])
			s = s[n:]
			continue
		}
		s = s[escapeLen:]
		if low, ok := escapedUnit(s); ok && utf16.IsSurrogate(unit) {
			if r := utf16.DecodeRune(unit, low); r != utf8.RuneError {
				unit, s = r, s[escapeLen:]
			}
		}
		b.WriteRune(unit)
	}
	return b.String()
}

const escapeLen = len("_x000D_")

// escapedUnit is the UTF-16 code unit that s begins with in escaped form.
func escapedUnit(s string) (rune, bool) {
	if len(s) < escapeLen || s[:2] != "_x" || s[escapeLen-1] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:escapeLen-1], 16, 16)
	return rune(n), err == nil
}
