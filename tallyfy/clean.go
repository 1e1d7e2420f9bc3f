package tallyfy

import (
	"regexp"
	"strconv"
	"strings"
)

// address matches a link; the forever link of a guest is one.
var address = regexp.MustCompile(`(?i)\bhttps?://\S+`)

// clean makes a text of the server's fit for an error: without the token or a
// link, which it might repeat, and fit to be shown.
func (c *Client) clean(s string) string {
	// A token of a few letters, as only a test has it, would be found in words.
	const shortest = 6
	if len(c.token) >= shortest {
		s = strings.ReplaceAll(s, c.token, "(token)")
	}
	return shown(address.ReplaceAllLiteralString(s, "(link)"))
}

// shown makes any text fit to be shown: control characters escaped, cut where
// it is long.
func shown(s string) string {
	const most = 300
	if len(s) <= most && isPrintable(s) {
		return s
	}
	s = strings.TrimSpace(s)
	runes := 0
	for i := range s {
		if runes++; runes > most {
			s = s[:i] + "…"
			break
		}
	}
	var out strings.Builder
	for _, r := range s {
		if strconv.IsPrint(r) {
			out.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		out.WriteString(quoted[1 : len(quoted)-1])
	}
	return out.String()
}

// isPrintable tells whether a text is visible ASCII alone, as most are.
func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
