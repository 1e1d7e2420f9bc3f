package tallyfy

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// Records are taken apart in place, by this little scanner: it knows where the
// bytes of a value stand, so that they can be kept as they came, and a page of a
// list is read in a fraction of the time that unmarshalling takes. All of it
// wants input that json.Valid has accepted.

// member is a key of an object and its value.
type member struct {
	key   []byte // without quotes and escapes
	value []byte

	// What stands before the value, from behind the brace or comma on, and behind
	// it, up to the next one.
	head, tail []byte
}

// members goes through the members of an object. Anything else has none.
func members(object []byte) iter.Seq[member] {
	return func(yield func(member) bool) {
		i, ok := open(object, '{')
		for ok {
			start := i
			key := skipBlanks(object, i)
			i = skipString(object, key)
			m := member{key: object[key+1 : i-1]}
			if !isPlain(m.key) {
				m.key = []byte(unquoted(m.key))
			}
			i = skipBlanks(object, i) + 1 // the colon
			i = skipBlanks(object, i)
			end := skipValue(object, i)
			m.head, m.value = object[start:i], object[i:end:end]
			i = skipBlanks(object, end)
			m.tail = object[end:i]
			if !yield(m) {
				return
			}
			ok = object[i] == ','
			i++
		}
	}
}

// elements goes through the elements of an array. Anything else has none.
func elements(array []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		i, ok := open(array, '[')
		for ok {
			i = skipBlanks(array, i)
			end := skipValue(array, i)
			if !yield(array[i:end:end]) {
				return
			}
			i = skipBlanks(array, end)
			ok = array[i] == ','
			i++
		}
	}
}

// open steps into an object or array; ok is false when it is another value, or
// holds nothing.
func open(b []byte, bracket byte) (i int, ok bool) {
	i = skipBlanks(b, 0)
	if i == len(b) || b[i] != bracket {
		return i, false
	}
	next := b[skipBlanks(b, i+1)]
	return i + 1, next != '}' && next != ']'
}

func skipBlanks(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

func skipString(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func skipValue(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		for depth := 0; ; {
			switch b[i] {
			case '"':
				i = skipString(b, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			i++
			if depth == 0 {
				return i
			}
		}
	}
	for ; i < len(b); i++ {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return i
		}
	}
	return i
}

// text returns a value as a cell shows it: the text of a string, nothing for
// null, the digits of a number, and the rest as compact JSON.
func text(value []byte) string {
	switch value[0] {
	case '"':
		return unquoted(value[1 : len(value)-1])
	case 'n':
		return ""
	case '{', '[':
		var out bytes.Buffer
		if err := json.Compact(&out, value); err != nil {
			return string(value)
		}
		return out.String()
	}
	return string(value)
}

// unquoted resolves the escapes in what stands between two quotes.
func unquoted(quoted []byte) string {
	if isPlain(quoted) {
		return string(quoted)
	}
	var s string
	if err := json.Unmarshal(append(append([]byte{'"'}, quoted...), '"'), &s); err != nil {
		return string(quoted)
	}
	return s
}

// isPlain tells whether what stands between two quotes is the text itself.
func isPlain(quoted []byte) bool {
	return bytes.IndexByte(quoted, '\\') < 0 && utf8.Valid(quoted)
}
