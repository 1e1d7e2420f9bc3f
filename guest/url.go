package guest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxURL is the most characters of a URL that the server's regular expression
// gets through, a percent-encoded byte counting as one. Beyond it PCRE2 runs
// out of the 192 KiB of stack that PHP gives it, and the URL is refused. The
// exact figure lies between 8,195 and 8,210, by the shape of the URL.
const maxURL = 8195

// urlProblem says what is wrong with a URL.
//
// Source: Laravel 12, rule url, which is the regular expression of Str::isUrl:
//
//	scheme://[user[:password]@]host[:port][/path][?query][#fragment]
//
// with its own idea of each part. It wants one of its schemes and takes any
// number for a port, dotted numbers that are no IP address, and in a host
// symbols as well as letters. It takes no symbol or combining mark after it.
func urlProblem(s string) *fault {
	if !utf8.ValidString(s) {
		return wrong(notUTF8)
	}
	problem := urlPartsProblem(s)
	if problem == nil && len(s) > maxURL {
		if n := utf8.RuneCountInString(s) - 2*strings.Count(s, "%"); n > maxURL {
			return tooLong("is longer than the server takes", "has %d characters", "at most %d are taken", n, maxURL)
		}
	}
	return problem
}

func urlPartsProblem(s string) *fault {
	scheme, rest, found := strings.Cut(s, "://")
	if !found {
		return noSchemeProblem(s)
	}
	if !knownScheme(scheme) || strings.HasPrefix(rest, "/") {
		if problem := mistypedSchemeProblem(s); problem != nil {
			return problem
		}
	}
	if !knownScheme(scheme) {
		return &fault{cause: "has a scheme the server does not know", hint: quote(scheme) + "; the usual one is https"}
	}
	rest = afterUserInfo(rest)
	host, rest := cutHost(rest)
	if host == "" {
		return wrong("has no host after its scheme")
	}
	if !isURLHost(host) {
		return &fault{cause: "has no host like example.com after its scheme", what: fmt.Sprintf("has %s where a host like example.com must stand", quote(host))}
	}
	if port, found := strings.CutPrefix(rest, ":"); found {
		rest = strings.TrimLeft(port, "0123456789")
		if len(rest) == len(port) {
			return wrong("has a colon after its host but no port number")
		}
	}
	return afterHostProblem(rest)
}

// noSchemeProblem words what is wrong with a text without "://".
func noSchemeProblem(s string) *fault {
	if problem := mistypedSchemeProblem(s); problem != nil {
		return problem
	}
	if addressProblem(withoutMailto(s)) == nil {
		return &fault{cause: "is an email address, not a URL", hint: "empty the cell if there is none"}
	}
	if better := withScheme(s); better != "" {
		return &fault{cause: "has no scheme", hint: didYouMean + clip(better, 100) + "?"}
	}
	hint := "one looks like https://example.com/page"
	if saysNothing(s) {
		hint = "empty the cell if there is none"
	}
	return &fault{cause: "is not a URL", hint: hint}
}

// saysNothing reports whether a text is too little to have been a URL once: it has no dot between words, as in "n/a",
// "none" or "facebook", or none but those of "n.a.".
func saysNothing(s string) bool {
	longest := 0
	words := strings.Split(strings.Trim(s, "."), ".")
	for _, word := range words {
		longest = max(longest, len(word))
	}
	return len(words) == 1 || longest < 2
}

func mistypedSchemeProblem(s string) *fault {
	better, mistyped := withSchemeMended(s)
	if !mistyped {
		return nil
	}
	hint := "a URL begins with https://"
	if better != "" {
		hint = didYouMean + clip(better, 100) + "?"
	}
	return &fault{cause: "has a mistyped scheme", hint: hint}
}

// afterUserInfo leaves out "user:password@". Neither may be empty.
func afterUserInfo(s string) string {
	rest := skip(s, inUserInfo)
	if len(rest) == len(s) {
		return s
	}
	if password, found := strings.CutPrefix(rest, ":"); found {
		rest = skip(password, inUserInfo)
		if len(rest) == len(password) {
			return s
		}
	}
	if host, found := strings.CutPrefix(rest, "@"); found {
		return host
	}
	return s
}

// cutHost cuts s after the host that it begins with: before the first character
// that can only follow a host.
func cutHost(s string) (host, rest string) {
	end := strings.IndexAny(s, ":/?#")
	if strings.HasPrefix(s, "[") {
		if end = strings.IndexByte(s, ']'); end >= 0 {
			end++
		}
	}
	if end < 0 {
		return s, ""
	}
	return s[:end], s[end:]
}

// afterHostProblem says what is wrong with the path, query and fragment.
func afterHostProblem(s string) *fault {
	rest, part := s, "host"
	for _, next := range urlTail {
		if strings.HasPrefix(rest, next.opening) {
			rest, part = skip(rest[1:], next.class), next.name
		}
	}
	if rest == "" {
		return nil
	}
	r, _ := utf8.DecodeRuneInString(rest)
	if part == "host" {
		return &fault{cause: "has a character after its host that may not stand there", what: fmt.Sprintf("has %s after its %s", quote(string(r)), part)}
	}
	if r == '%' {
		return &fault{cause: "has a % in its " + part + " without two hexadecimal digits after it", hint: "a % itself is written %25"}
	}
	return &fault{"has a character in its " + part + " that may not stand there", fmt.Sprintf("has %s in its %s", quote(string(r)), part), "write it as " + percentEncoded(r)}
}

// urlTail lists the parts after the host in their order.
var urlTail = []struct {
	opening, name string
	class         urlClass
}{
	{"/", "path", inPath},
	{"?", "query", inQuery},
	{"#", "fragment", inFragment},
}

func percentEncoded(r rune) string {
	var b strings.Builder
	for _, c := range []byte(string(r)) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
