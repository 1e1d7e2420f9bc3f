// Package charset finds out in which charset a text is written, and decodes it.
package charset

import (
	"fmt"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// Charset is how the characters of a text are written as bytes. The zero value
// is UTF-8. It may be used by several goroutines at once.
type Charset struct {
	name string            // empty for UTF-8
	enc  encoding.Encoding // nil for UTF-8
}

// Name returns the name in lower case, such as "windows-1252": the one that the
// WHATWG Encoding Standard gives it where it has one.
func (c Charset) Name() string {
	if c.enc == nil {
		return "utf-8"
	}
	return c.name
}

// Named returns the charset that goes by a label of the WHATWG Encoding
// Standard, such as "latin1", or is one of those that Excel for MS-DOS writes.
// Upper and lower case are the same.
func Named(label string) (Charset, error) {
	plain := strings.ToLower(strings.TrimSpace(label))
	if c, ok := dos(plain); ok {
		return c, nil
	}
	enc, err := htmlindex.Get(plain)
	if err != nil {
		return Charset{}, fmt.Errorf("there is no charset named %q%s", label, suggestion(plain))
	}
	name, err := htmlindex.Name(enc)
	switch {
	case err != nil:
		return Charset{}, fmt.Errorf("charset %q: %w", label, err)
	case name == "replacement", name == "x-user-defined":
		// The standard has the first for labels that nobody may decode, and the
		// second for bytes that are no text.
		return Charset{}, fmt.Errorf("the charset %q cannot be read: save the file as \"CSV UTF-8\"", label)
	case name == "utf-8":
		return Charset{}, nil
	}
	return Charset{name, enc}, nil
}

// dos returns the charset of an MS-DOS code page, which the standard does not
// have: Excel saves "CSV (MS-DOS)" in them.
func dos(plain string) (Charset, bool) {
	number := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(plain, "ibm"), "cp"), "-")
	switch number {
	case "437":
		return Charset{"ibm437", charmap.CodePage437}, true
	case "850":
		return Charset{"ibm850", charmap.CodePage850}, true
	case "852":
		return Charset{"ibm852", charmap.CodePage852}, true
	}
	return Charset{}, false
}
