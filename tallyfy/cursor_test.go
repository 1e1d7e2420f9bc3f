package tallyfy

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func isJSON(b []byte) bool {
	c := newCursor(b)
	c.value()
	return c.isWhole()
}

func nested(open, inside, closing string, depth int) string {
	return strings.Repeat(open, depth) + inside + strings.Repeat(closing, depth)
}

func TestCursorTakesWhatIsJSON(t *testing.T) {
	for _, text := range []string{
		"", " ", "null", " null\n", "nul", "nulls", "null null", "true", "tru", "false", "fals", "True",
		"0", "-0", "01", "-", "-01", "1.", "1.0", ".5", "1e", "1e5", "1E+05", "1e-", "1.5e3", "1.5.5", "+1", "0x1", "1_000", "- 1", "NaN", "1 ",
		`""`, `"`, `"a`, `"a"`, `"a"b`, `"12345678"`, `"1234567`, `"123456789"`, `"\"`, `"\""`, `"\\"`, `"\/\b\f\n\r\t"`, `"\x"`, `"\u12aF"`, `"\u12g4"`, `"\u12"`, `"\u123`, `"\`, `'a'`,
		"\"\x1f\"", "\"\x7f\"", "\"1234567\x01\"", "\"123\x1f45678\"", "\"123\x0045678\"", "\"\n\"", "\"a\xffb\"", "\"é\u2028\"", "\xff", "\"12345678é\xff\"",
		"[]", "[ ]", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,2]", "[ 1 , 2 ] ", "[1]]", "[}", "[1}",
		"{}", "{ }", "{", "{1:2}", `{"a"}`, `{"a":}`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a":1,"b":[{}]}`, ` { "a" : 1 , "a" : null } `, `{"a":1]`, `{"a":nullx}`,
		nested("[", "", "]", 9_999), nested("[", "", "]", 10_000), nested("[", "", "]", 10_001), nested(`{"a":`, "1", "}", 10_000), nested(`{"a":`, "1", "}", 10_001),
		nested("[", "", "", 1_000_000),
	} {
		if got, want := isJSON([]byte(text)), json.Valid([]byte(text)); got != want {
			t.Errorf("%.60q is JSON: %v, want %v", text, got, want)
		}
	}
}

func FuzzCursor(f *testing.F) {
	for _, name := range []string{"create.json", "list.json"} {
		f.Add(testFile(f, name))
	}
	f.Add([]byte(`[{"a":"\u00e9\\","b":-1.5e+3,"c":[null,true,false]} , "" ]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, want := isJSON(b), json.Valid(b); got != want {
			t.Errorf("%q is JSON: %v, want %v", b, got, want)
		}
	})
}

// Wherever an answer breaks off, it is told, and nothing worse happens.
func TestAnswersThatBreakOffAnywhere(t *testing.T) {
	page := listBody(t, 3)
	single := slicesOf(testFile(t, "get.json"))
	for _, body := range slicesOf(page) {
		if p, err := pageIn(&answer{body: body}, &recordReader{}); err == nil {
			t.Fatalf("%q is a page of %d", body, len(p.records))
		}
	}
	for _, body := range single {
		if g, err := guestIn(&answer{body: body}); err == nil {
			t.Fatalf("%q is a guest: %v", body, g)
		}
	}
}

// slicesOf returns all beginnings of a text but the whole.
func slicesOf(b []byte) (all [][]byte) {
	b = bytes.TrimSpace(b)
	for i := range b {
		all = append(all, b[:i])
	}
	return all
}
