package tallyfy

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// address matches a link; the forever link of a guest is one.
var address = regexp.MustCompile(`(?i)\bhttps?://\S+`)

// clean makes a text of the server's fit for an error: without a token or a
// link, which it might repeat, and fit to be shown.
func (c *Client) clean(s string) string {
	return shown(address.ReplaceAllLiteralString(c.secrets.hide(s), "(link)"))
}

// secrets are the texts that no error may repeat.
type secrets struct {
	given []string // with the configuration

	mu     sync.Mutex
	tokens []string // those that there are and were, the newest last
}

// add takes a token. Of very many the oldest are forgotten, which ended long ago.
func (s *secrets) add(token string) {
	const most = 100
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = append(s.tokens, token)
	s.tokens = slices.Delete(s.tokens, 0, max(0, len(s.tokens)-most))
}

func (s *secrets) hide(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range slices.Concat(s.given, s.tokens) {
		// One of a few letters, as only a test has it, would be found in words.
		const shortest = 6
		if len(secret) >= shortest {
			text = strings.ReplaceAll(text, secret, "(token)")
		}
	}
	return text
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
