package tallyfy

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// cursor goes through JSON from front to back and checks it on the way, in a
// fraction of the time that json.Valid takes for the check alone. Objects and
// arrays are gone through so:
//
//	for more := c.enter('{'); more; more = c.next('}') {
//		key, plain := c.key()
//		value := c.value()
//	}
//
// What is no JSON stops it: key and value are empty then, and nothing follows.
type cursor struct {
	b      []byte
	i      int // where the next thing begins
	broken bool
}

// span is where something stands.
type span struct{ from, to int }

// newCursor stands before the first value. Nothing is no JSON.
func newCursor(b []byte) cursor {
	i := skipBlanks(b, 0)
	return cursor{b: b, i: i, broken: i == len(b)}
}

// sees tells whether the next thing begins with that character.
func (c *cursor) sees(first byte) bool { return c.i < len(c.b) && c.b[c.i] == first }

// isWhole tells whether all was JSON and was gone through.
func (c *cursor) isWhole() bool { return !c.broken && skipBlanks(c.b, c.i) == len(c.b) }

// enter steps into an object or array, and tells whether there is anything in
// it. Another value is left where it is.
func (c *cursor) enter(bracket byte) bool {
	if !c.sees(bracket) {
		return false
	}
	c.i = skipBlanks(c.b, c.i+1)
	if c.sees(closing(bracket)) {
		c.i++
		return false
	}
	return true
}

// next goes on behind a member or element: to the one that follows, or out of
// the object or array.
func (c *cursor) next(bracket byte) bool {
	if i := c.i + 1; i < len(c.b) && c.b[i-1] == ',' && c.b[i] > ' ' { // as mostly
		c.i = i
		return true
	}
	c.i = skipBlanks(c.b, c.i)
	switch {
	case c.sees(','):
		c.i = skipBlanks(c.b, c.i+1)
		return true
	case c.sees(bracket):
		c.i++
	default:
		c.stop()
	}
	return false
}

// key passes over a key and its colon, and returns the same as text.
func (c *cursor) key() (s span, plain bool) {
	s, plain = c.text()
	if c.i = skipBlanks(c.b, c.i); !c.sees(':') {
		c.stop()
		return span{}, false
	}
	c.i = skipBlanks(c.b, c.i+1)
	return s, plain
}

// text passes over a string and returns what stands between its quotes, and
// whether that is ASCII without escapes.
func (c *cursor) text() (s span, plain bool) {
	if c.sees('"') {
		from := c.i + 1
		if end, plain := skipText(c.b, c.i); end >= 0 {
			c.i = end
			return span{from, end - 1}, plain
		}
	}
	c.stop()
	return span{}, false
}

// pass passes over what is expected, if it comes next.
func (c *cursor) pass(expected string) bool {
	end := c.i + len(expected)
	if end > len(c.b) || string(c.b[c.i:end]) != expected {
		return false
	}
	c.i = skipBlanks(c.b, end)
	return true
}

// isNull passes over null, if it comes next.
func (c *cursor) isNull() bool {
	const null = "null"
	end := c.i + len(null)
	if end > len(c.b) || string(c.b[c.i:end]) != null {
		return false
	}
	c.i = end
	return true
}

// value passes over a value.
func (c *cursor) value() span {
	from := c.i
	end := skipValid(c.b, from, 0)
	if end < 0 {
		c.stop()
		return span{}
	}
	c.i = end
	return span{from, end}
}

func (c *cursor) stop() { c.i, c.broken = len(c.b), true }

// closing returns the bracket that closes what one opens, as ASCII has them.
func closing(bracket byte) byte { return bracket + 2 }

func skipBlanks(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValid returns where the value that begins at i ends, or -1 when it is no
// JSON. It takes what json.Valid takes.
func skipValid(b []byte, i, depth int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		end, _ := skipText(b, i)
		return end
	case '{', '[':
		return skipNested(b, i, depth+1)
	case 't':
		return skipWord(b, i, "true")
	case 'f':
		return skipWord(b, i, "false")
	case 'n':
		return skipWord(b, i, "null")
	}
	return skipNumber(b, i)
}

// skipNested passes over an object or array, which stands within so many.
func skipNested(b []byte, i, depth int) int {
	const most = 10_000 // as encoding/json has it
	if depth > most {
		return -1
	}
	bracket := b[i]
	c := cursor{b: b, i: i}
	for more := c.enter(bracket); more; more = c.next(closing(bracket)) {
		if bracket == '{' {
			c.key()
		}
		if end := skipValid(b, c.i, depth); end >= 0 {
			c.i = end
		} else {
			c.stop()
		}
	}
	if c.broken {
		return -1
	}
	return c.i
}

func skipWord(b []byte, i int, word string) int {
	end := i + len(word)
	if end > len(b) || string(b[i:end]) != word {
		return -1
	}
	return end
}

func skipNumber(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	whole := i
	if i = skipDigits(b, i); i == whole || b[whole] == '0' && i > whole+1 {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		fraction := i + 1
		if i = skipDigits(b, fraction); i == fraction {
			return -1
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		exponent := i
		if i = skipDigits(b, exponent); i == exponent {
			return -1
		}
	}
	return i
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	return i
}

// skipText passes over a string. It is plain when it is ASCII without escapes.
func skipText(b []byte, i int) (end int, plain bool) {
	plain = true
	for i++; ; i++ {
		if i = findSpecial(b, i); i >= len(b) {
			return -1, false
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, plain
		case c == '\\':
			if i = skipEscape(b, i); i < 0 {
				return -1, false
			}
		case c < ' ':
			return -1, false
		}
		plain = false
	}
}

// skipEscape returns where the last character of an escape stands, or -1.
func skipEscape(b []byte, i int) int {
	if i++; i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i
	case 'u':
		for range 4 {
			if i++; i >= len(b) || !isHex(b[i]) {
				return -1
			}
		}
		return i
	}
	return -1
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// findSpecial returns where the next quote, backslash, control character or byte
// outside ASCII stands, or len(b).
func findSpecial(b []byte, i int) int {
	// Eight bytes at a time: where a byte of w is below n, the high bit of that byte
	// is set in w - n*ones. A borrow may set it in the byte above, too, but only the
	// first one counts.
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, backslash := w^('"'*ones), w^('\\'*ones) // zero where they stand
		if found := ((quote - ones) | (backslash - ones) | (w - ' '*ones) | w) & highs; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= ' ' && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}
