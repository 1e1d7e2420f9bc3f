package tallyfy

import (
	"strings"
	"testing"
)

func TestShown(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"an email", "a+b@c.com", "a+b@c.com"},
		{"blanks around and inside", " a  b\n", "a  b"},
		{"control characters", "a\x1bb\x7f\x00", `a\x1bb\x7f\x00`},
		{"other scripts", "é李😀", "é李😀"},
		{"invisible", "a\u200bb\u202e", `a\u200bb\u202e`},
		{"no UTF-8", "a\xff", "a\ufffd"},
		{"nothing", "", ""},
		{"long", strings.Repeat("x", 301), strings.Repeat("x", 300) + "…"},
		{"just not too long", strings.Repeat("x", 300), strings.Repeat("x", 300)},
	} {
		if got := shown(tt.in); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
