package tallyfy

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// Records are taken apart in place: it is known where the bytes of a value
// stand, so that they can be kept as they came, and a page of a list is read in
// a fraction of the time that unmarshalling takes.

// member is a key of an object and its value.
type member struct {
	key   []byte // without quotes and escapes
	value []byte

	// What stands before the value, from behind the brace or comma on, and behind
	// it, up to the next one.
	head, tail []byte
}

// members goes through the members of an object that is valid JSON. Anything
// else has none.
func members(object []byte) iter.Seq[member] {
	return func(yield func(member) bool) {
		c := newCursor(object)
		before := c.i // the brace or comma
		for more := c.enter('{'); more; more = c.next('}') {
			key, plain := c.key()
			value := c.value()
			if c.broken {
				return
			}
			m := member{key: object[key.from:key.to], value: object[value.from:value.to:value.to]}
			if !plain && !isPlain(m.key) {
				m.key = []byte(unquoted(m.key))
			}
			m.head = object[before+1 : value.from]
			before = skipBlanks(object, value.to)
			m.tail = object[value.to:before]
			if !yield(m) {
				return
			}
		}
	}
}

// elements goes through the elements of an array that is valid JSON. Anything
// else has none.
func elements(array []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		c := newCursor(array)
		for more := c.enter('['); more; more = c.next(']') {
			value := c.value()
			if c.broken || !yield(array[value.from:value.to:value.to]) {
				return
			}
		}
	}
}

// text returns a value as a cell shows it: the text of a string, nothing for
// null, the digits of a number, and the rest as compact JSON.
func text(value []byte) string { return string(appendText(nil, value)) }

func appendText(b, value []byte) []byte {
	switch value[0] {
	case '"':
		if quoted := value[1 : len(value)-1]; isPlain(quoted) {
			return append(b, quoted...)
		}
		return append(b, unquoted(value[1:len(value)-1])...)
	case 'n':
		return b
	case '{', '[':
		out := bytes.NewBuffer(b)
		if err := json.Compact(out, value); err == nil {
			return out.Bytes()
		}
	}
	return append(b, value...)
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
