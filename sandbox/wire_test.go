package sandbox

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestText(t *testing.T) {
	tests := []struct{ name, in, plain, php string }{
		{"plain", "Jane Doe", `"Jane Doe"`, `"Jane Doe"`},
		{"quotes and backslash", `a"b\c`, `"a\"b\\c"`, `"a\"b\\c"`},
		{"line end and tab", "a\r\n\tb", `"a\u000d\n\u0009b"`, `"a\u000d\n\u0009b"`},
		{"slash", "https://x", `"https://x"`, `"https:\/\/x"`},
		{"not ASCII", "Zoë 李", `"Zoë 李"`, `"Zo\u00eb \u674e"`},
		{"beyond 16 bits", "😀", `"😀"`, `"\ud83d\ude00"`},
		{"line separator", "\u2028", "\"\u2028\"", `"\u2028"`},
		{"no UTF-8", "a\xffb", `"a�b"`, `"a\ufffdb"`},
		{"zero and control characters", "\x00\x1f", `"\u0000\u001f"`, `"\u0000\u001f"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			equalJSON(t, string(encoder{}.text(nil, tt.in)), tt.plain)
			equalJSON(t, string(encoder{php: true}.text(nil, tt.in)), tt.php)
		})
	}
}

func TestEveryTextComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		for _, php := range []bool{false, true} {
			var back string
			if err := json.Unmarshal(encoder{php: php}.text(nil, s), &back); err != nil || back != s {
				t.Fatalf("php %v: %q came back as %q, %v", php, s, back, err)
			}
		}
	})
}

func TestEscapesAreAnOption(t *testing.T) {
	plain, php := serve(t, Options{Guests: 40}), serve(t, Options{Guests: 40, PHPEscapes: true})
	a, b := plain.call("GET", guests+"?with=stats", ""), php.call("GET", guests+"?with=stats", "")
	if !cmp.Equal(a.json(t), b.json(t)) {
		t.Error("the escapes change the meaning")
	}
	if !strings.Contains(b.text, `https:\/\/go.tallyfy.com\/guest\/`) || strings.Contains(b.text, "ë") {
		t.Errorf("got %s", b.text)
	}
	one := php.call("GET", guests+"/"+url.PathEscape(php.Guests()[0].Email), "")
	if !strings.Contains(one.text, `https:\/\/`) {
		t.Errorf("got %s", one.text)
	}
}
