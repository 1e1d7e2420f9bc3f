package guest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestURLTaken(t *testing.T) {
	for _, test := range []struct{ name, in string }{
		{"host alone", "https://example.com"},
		{"everything", "https://jane:p_1@example.com:8443/a/b;c=1?d[]=e/f?g#h/i?j"},
		{"capitals in the scheme", "HTTPS://example.com"},
		{"long s and Kelvin sign for s and k", "http\u017F://boo\u212A"},
		{"a scheme with a plus", "coap+tcp://example.com"},
		{"one label", "http://intranet"},
		{"one label of hyphens and underscores", "http://-_-"},
		{"dot at the end", "https://example.com./"},
		{"other scripts", "https://пример.рф/東京/عربي"},
		{"symbols in a host", "https://i❤ny$<>.com"},
		{"accents of their own in a host", "https://e\u0301.me\u0301"},
		{"ASCII form of a top level", "https://example.XN--P1AI"},
		{"number for a top level", "https://1.2.3.4.5"},
		{"any number for a port", "http://example.com:99999999999/"},
		{"empty path, query and fragment", "https://example.com/?#"},
		{"query straight after the host", "https://example.com?a=b"},
		{"slashes in a row", "https://example.com//a///b"},
		{"percent-encoded user", "https://j%40x:p%2F@example.com"},
		{"@ in the path", "https://medium.com/@jane:doe"},
		{"IPv6", "http://[2001:db8::1]:80/"},
		{"IPv6, eight groups", "http://[1:2:3:4:5:6:7:8]"},
		{"IPv6 that shortens one group", "http://[1:2:3:4:5:6:7::]"},
		{"IPv6 with IPv4", "http://[::FFFF:192.168.0.255]"},
		{"IPv6 with the greatest IPv4", "http://[1:2:3:4:5:6:255.255.255.255]"},
		{"IPv6, all zero", "http://[::]"},
		{"as long as the server's engine can take", "https://example.com/" + strings.Repeat("a", maxURL-20)},
		{"a percent-encoded byte counts once", "https://example.com/" + strings.Repeat("%41", maxURL-20)},
	} {
		if problem := urlProblem(test.in).String(); problem != "" {
			t.Errorf("%s: %.100s %s", test.name, test.in, problem)
		}
	}
}

func TestURLRefused(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"no scheme", "example.com/a?b", "has no scheme (did you mean https://example.com/a?b?)"},
		{"no scheme, host with port", "example.com:8080", "has no scheme (did you mean https://example.com:8080?)"},
		{"an email address", "jane@example.com", "is an email address, not a URL (empty the cell if there is none)"},
		{"a word", "none", "is not a URL (empty the cell if there is none)"},
		{"a stroke", "-", "is not a URL (empty the cell if there is none)"},
		{"a dot", ".", "is not a URL (empty the cell if there is none)"},
		{"not available", "n/a", "is not a URL (empty the cell if there is none)"},
		{"not available, with dots", "n.a.", "is not a URL (empty the cell if there is none)"},
		{"a name with a dot", "Smith.Jones", "is not a URL (one looks like https://example.com/page)"},
		{"one slash", "https:/www.example.com", "has a mistyped scheme (did you mean https://www.example.com?)"},
		{"no colon", "HTTP//example.com", "has a mistyped scheme (did you mean http://example.com?)"},
		{"three slashes", "https:///example.com", "has a mistyped scheme (did you mean https://example.com?)"},
		{"a letter is missing", "htp://example.com", "has a mistyped scheme (did you mean http://example.com?)"},
		{"a mistyped scheme alone", "http//", "has a mistyped scheme (a URL begins with https://)"},
		{"a host that begins as a scheme does", "https.example.com", "has no scheme (did you mean https://https.example.com?)"},
		{"scheme without authority", "mailto:jane@example.com", "is an email address, not a URL"},
		{"unknown scheme", "foo://example.com", `has a scheme the server does not know ("foo"; the usual one is https)`},
		{"scheme of more than one word", "see https://example.com", `has a scheme the server does not know ("see https"`},
		{"scheme longer than any", strings.Repeat("h", 99) + "://a", "has a scheme the server does not know"},
		{"no host", "https://", "has no host after its scheme"},
		{"no host but a path", "file:///etc/passwd", "has no host after its scheme"},
		{"nothing before the @", "https://@example.com", `has "@example.com" where a host`},
		{"no user before the password", "https://:pass@example.com", "has no host after its scheme"},
		{"two @", "https://a@b@c.com", `has "b@c.com" where a host`},
		{"a ! in the user", "https://a!b@example.com", `has "a!b@example.com" where a host`},
		{"dot at the start", "https://.example.com", `has ".example.com" where a host`},
		{"two dots at the end", "https://example.com..", `has "example.com.." where a host`},
		{"percent-encoding in the host", "https://ex%61mple.com", `has "ex%61mple.com" where a host`},
		{"one label not in ASCII", "http://münchen", `has "münchen" where a host`},
		{"hyphen in the top level", "https://example.c-m", `has "example.c-m" where a host`},
		{"symbol in the top level", "https://example.€", `has "example.€" where a host`},
		{"underscore after xn--", "https://example.xn--a_b", `has "example.xn--a_b" where a host`},
		{"nothing after xn--", "https://example.xn--", `has "example.xn--" where a host`},
		{"a joiner in the host", "https://a\u200Db.com", `has "a\u200db.com" where a host`},
		{"character newer than the server's tables", "https://\U0001FAE8.com", "where a host"},
		{"colon without port", "https://example.com:/", "has a colon after its host but no port number"},
		{"two ports", "https://example.com:1:2", `has ":" after its host`},
		{"letter in the port", "https://example.com:80a", `has "a" after its host`},
		{"space in the path", "https://example.com/a b", `has " " in its path (write it as %20)`},
		{"emoji in the query", "https://example.com/?q=😀", `has "😀" in its query (write it as %F0%9F%98%80)`},
		{"accent of its own in the path", "https://example.com/e\u0301", `in its path (write it as %CC%81)`},
		{"bracket in the path", "https://example.com/[1]", `has "[" in its path (write it as %5B)`},
		{"bracket in the fragment", "https://example.com/#[1]", `has "[" in its fragment (write it as %5B)`},
		{"second #", "https://example.com/#a#b", `has "#" in its fragment (write it as %23)`},
		{"percent sign alone", "https://example.com/100%", "has a % in its path without two hexadecimal digits"},
		{"percent sign and one digit", "https://example.com/?a=%2", "has a % in its query without two hexadecimal digits"},
		{"IPv6 never closed", "http://[::1", `has "[::1" where a host`},
		{"IPv6 and more", "http://[::1]x", `has "x" after its host`},
		{"IPv6 with seven groups", "http://[1:2:3:4:5:6:7]", "where a host"},
		{"IPv6 with nine groups", "http://[1:2:3:4:5:6:7:8:9]", "where a host"},
		{"IPv6 that shortens nothing", "http://[1:2:3:4:5:6:7:8::]", "where a host"},
		{"IPv6 shortened twice", "http://[1::2::3]", "where a host"},
		{"IPv6 with five digits", "http://[12345::]", "where a host"},
		{"IPv6 with a zone", "http://[fe80::1%eth0]", "where a host"},
		{"IPv4 not at the end of IPv6", "http://[1.2.3.4::]", "where a host"},
		{"IPv4 in IPv6 with a leading zero", "http://[::1.2.3.04]", "where a host"},
		{"IPv4 in IPv6 with a number that is too great", "http://[::1.2.3.256]", "where a host"},
		{"IPv4 in brackets", "http://[127.0.0.1]", "where a host"},
		{"longer than the server's engine can take", "https://example.com/" + strings.Repeat("a", maxURL-19), "has 8196 characters (at most 8195 are taken)"},
		{"not UTF-8", "https://example.com/\xFF", notUTF8},
	} {
		if got := urlProblem(test.in).String(); got == "" || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// urlPattern says the same as urlProblem in another way, but for the length
// and the characters of Unicode 15.
var urlPattern = func() *regexp.Regexp {
	const (
		group   = `[0-9a-f]{1,4}`
		octet   = `(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])`
		last32  = `(?:` + group + `:` + group + `|(?:` + octet + `\.){3}` + octet + `)`
		user    = `(?:[\pL\pN._-]|%[0-9a-f]{2})+`
		name    = `(?:(?:[\pL\pM\pN\pS_-]+\.)+(?:xn--[a-z0-9-]+|[\pL\pM\pN]+)|[a-z0-9_-]+)\.?`
		tail    = `\pL\pN._~!$&'()*+,;=:@/\-`
		percent = `|%[0-9a-f]{2})*`
	)
	addresses := []string{`(?:` + group + `:){6}` + last32}
	for after := range 8 { // groups after the ::
		end := group
		switch after {
		case 0:
			end = ""
		case 1:
		default:
			end = strings.Repeat(group+":", after-2) + last32
		}
		start := ""
		if before := 7 - after; before > 0 {
			start = fmt.Sprintf(`(?:%s(?::%s){0,%d})?`, group, group, before-1)
		}
		addresses = append(addresses, start+`::`+end)
	}
	schemes := slices.Collect(func(yield func(string) bool) {
		for scheme := range urlSchemes {
			if !yield(regexp.QuoteMeta(scheme)) {
				return
			}
		}
	})
	return regexp.MustCompile(`(?i)^(?:` + strings.Join(schemes, "|") + `)://` +
		`(?:(?:` + user + `:)?` + user + `@)?` +
		`(?:` + name + `|\[(?:` + strings.Join(addresses, "|") + `)\])` +
		`(?::[0-9]+)?(?:/(?:[` + tail + `]` + percent + `)?(?:\?(?:[` + tail + `?\[\]]` + percent + `)?(?:#(?:[` + tail + `?]` + percent + `)?$`)
}()

func checkAgainstPattern(t interface{ Errorf(string, ...any) }, s string) {
	if len(s) > maxURL || strings.ContainsFunc(s, inUnicode15Only) {
		return
	}
	want := utf8.ValidString(s) && urlPattern.MatchString(s)
	if problem := urlProblem(s).String(); (problem == "") != want {
		t.Errorf("%q %s; valid by the pattern: %t", s, problem, want)
	}
}

func TestURLAgreesWithPattern(t *testing.T) {
	pieces := []string{
		"http", "https", "ftp", "x", "://", ":", "/", "//", "?", "#", "@", "%", "%2F", "%e", ".", "..", "-", "--", "_",
		"a", "example", "com", "xn--", "1", "255", "256", "01", "[", "]", "::", "1.2.3.4", "ffff", "12345", "é", "東",
		"²", "①", "€", "❤", "\u0301", "\u200D", "\u212A", "\u017F", "ａ", "!", "$", "&", "(", "*", "+", ",", ";", "=",
		"~", "^", "|", "<", "{", " ", "\\", "\"", "\n", "\x00", "\x7F", "\xFF",
	}
	starts := []string{"", "http://", "https://a.b", "http://[", "https://example.com/"}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(starts).Draw(t, "start") +
			strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "pieces"), "")
		checkAgainstPattern(t, s)
	})
}

func TestIPv6AgreesWithPattern(t *testing.T) {
	groups := []string{"", "0", "ff", "12345", "g", "1.2.3.4", "1.2.3.256", "01.2.3.4"}
	rapid.Check(t, func(t *rapid.T) {
		address := strings.Join(rapid.SliceOfN(rapid.SampledFrom(groups), 1, 10).Draw(t, "groups"), ":")
		checkAgainstPattern(t, "http://["+address+"]")
	})
}

func FuzzURL(f *testing.F) {
	for _, s := range []string{
		"https://jane:p@example.com:80/a?b#c", "http://[::1.2.3.4]/", "HTTP://\u212A", "example.com", "https://example.xn--p1ai/%2F", "\xFF",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkAgainstPattern(t, s) })
}

func TestURLOfGoodValueAllocatesNothing(t *testing.T) {
	for _, s := range []string{"https://example.com/a?b=c#d", "FTP://пример.рф/東京", "http://[2001:db8::1]"} {
		if n := testing.AllocsPerRun(100, func() { urlProblem(s) }); n != 0 {
			t.Errorf("%s: %v allocations", s, n)
		}
	}
}

func BenchmarkURL(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		urlProblem("https://www.linkedin.com/in/jane-doe-123?utm_source=crm")
	}
}
