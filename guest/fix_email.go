package guest

import (
	"net/url"
	"strings"
	"unicode"
)

// repairEmail mends an address that has something around it or blanks inside.
func repairEmail(s string) (better, how string) {
	if isUsualAddress(s) {
		return s, ""
	}
	r := repairing{value: s}
	r.by(bare(r.value), tookInvisible)
	for _, step := range []struct {
		repair func(string) string
		how    string
	}{
		{addressInBrackets, "took off what stood around the address"},
		{withoutMailto, "took off mailto:"},
		{withoutPunctuation, "took off punctuation"},
	} {
		if addressProblem(r.value) != nil {
			r.by(step.repair(r.value), step.how)
		}
	}
	r.by(withoutBlanksAtSigns(r.value), "took out blanks")
	return r.result()
}

// addressInBrackets is the address in "Jane Doe <jane@example.com>", however the brackets look and whichever of the two
// stands in them, or in quotes. It is "" where what stands outside might be an address of its own.
func addressInBrackets(s string) string {
	for _, pair := range []string{"<>", "()", "[]"} {
		opening, closing := strings.LastIndexByte(s, pair[0]), strings.LastIndexByte(s, pair[1])
		if opening < 0 || closing < opening || strings.Trim(s[closing+1:], ` .,;"'`) != "" {
			continue
		}
		inside, outside := Trim(s[opening+1:closing]), Trim(s[:opening])
		switch {
		case strings.Contains(inside, "@"):
			other := strings.Trim(outside, ` "'<>()[]`)
			if !strings.Contains(other, "@") || Key(other) == Key(withoutMailto(inside)) {
				return inside
			}
		case pair == "()":
			return outside
		}
	}
	if n := len(s) - 1; n > 0 && s[0] == s[n] && (s[0] == '"' || s[0] == '\'') {
		return Trim(s[1:n])
	}
	return ""
}

// withoutMailto takes a mailto: link apart (RFC 6068).
func withoutMailto(s string) string {
	const scheme = "mailto:"
	if len(s) < len(scheme) || !strings.EqualFold(s[:len(scheme)], scheme) {
		return s
	}
	address, _, _ := strings.Cut(s[len(scheme):], "?")
	if plain, err := url.PathUnescape(address); err == nil {
		return plain
	}
	return address
}

// withoutPunctuation takes off what lists and sentences leave behind an address, and lists before it.
func withoutPunctuation(s string) string {
	return strings.TrimLeft(strings.TrimRight(s, " .,;"), " ,;")
}

// withoutBlanksAtSigns takes out the blanks beside the @ and before dots, where no word can end. Between other
// characters a blank may stand for something: "jane doe@example.com" is left alone.
func withoutBlanksAtSigns(s string) string {
	if strings.Contains(s, `"`) || !strings.ContainsFunc(s, unicode.IsSpace) {
		return s
	}
	local, domain, _ := strings.Cut(s, "@")
	s = strings.TrimRightFunc(local, unicode.IsSpace) + "@" + strings.TrimLeftFunc(domain, unicode.IsSpace)
	parts := strings.Split(s, ".")
	for i := range len(parts) - 1 {
		parts[i] = strings.TrimRightFunc(parts[i], unicode.IsSpace)
	}
	return strings.Join(parts, ".")
}
