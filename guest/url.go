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

// urlProblem says what is wrong with a URL; "" is fine.
//
// Source: Laravel 12, rule url, which is the regular expression of Str::isUrl:
//
//	scheme://[user[:password]@]host[:port][/path][?query][#fragment]
//
// with its own idea of each part. It wants one of its schemes and takes any
// number for a port, dotted numbers that are no IP address, and in a host
// symbols as well as letters. It takes no symbol or combining mark after it.
func urlProblem(s string) string {
	if !utf8.ValidString(s) {
		return notUTF8
	}
	problem := urlPartsProblem(s)
	if problem == "" && len(s) > maxURL {
		if n := utf8.RuneCountInString(s) - 2*strings.Count(s, "%"); n > maxURL {
			return fmt.Sprintf("has %d characters (at most %d are taken)", n, maxURL)
		}
	}
	return problem
}

func urlPartsProblem(s string) string {
	scheme, rest, found := strings.Cut(s, "://")
	if !found {
		return noSchemeProblem(s)
	}
	if !knownScheme(scheme) {
		return fmt.Sprintf("has a scheme the server does not know (%s; the usual one is https)", quote(scheme))
	}
	rest = afterUserInfo(rest)
	host, rest := cutHost(rest)
	if host == "" {
		return "has no host after its scheme"
	}
	if !isURLHost(host) {
		return fmt.Sprintf("has %s where a host like example.com must stand", quote(host))
	}
	if port, found := strings.CutPrefix(rest, ":"); found {
		rest = strings.TrimLeft(port, "0123456789")
		if len(rest) == len(port) {
			return "has a colon after its host but no port number"
		}
	}
	return afterHostProblem(rest)
}

// noSchemeProblem words what is wrong with a text without "://".
func noSchemeProblem(s string) string {
	host, _ := cutHost(s)
	if better := "https://" + s; len(s) <= 100 && strings.Contains(host, ".") && isURLHost(host) && urlPartsProblem(better) == "" {
		return fmt.Sprintf("has no scheme (did you mean %s?)", better)
	}
	return "is not a URL (one looks like https://example.com/page)"
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
func afterHostProblem(s string) string {
	rest, part := s, "host"
	for _, next := range urlTail {
		if strings.HasPrefix(rest, next.opening) {
			rest, part = skip(rest[1:], next.class), next.name
		}
	}
	if rest == "" {
		return ""
	}
	r, _ := utf8.DecodeRuneInString(rest)
	if part == "host" {
		return fmt.Sprintf("has %s after its %s", quote(string(r)), part)
	}
	if r == '%' {
		return fmt.Sprintf("has a %% in its %s without two hexadecimal digits after it (a %% itself is written %%25)", part)
	}
	return fmt.Sprintf("has %s in its %s (write it as %s)", quote(string(r)), part, percentEncoded(r))
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
