package guest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// What DNS can hold (RFC 1035, section 2.3.4), in bytes.
const (
	maxDomain = 253
	maxLabel  = 63
)

// domainProblem says what is wrong with the part of an address after the @:
// what the server's reading of RFC 5322 refuses, and what its search in DNS can
// never find. Comments and address literals ([127.0.0.1]) pass the first but
// not the second, as it asks for all that follows the last @. (One more @ after
// them would let them slip through; that is no address, and refused here.)
func domainProblem(domain string) *fault {
	if domain == "" {
		return wrong("has nothing after the @")
	}
	for l := newLexer(domain); l.cur != tokenEnd; l.advance() {
		switch {
		case l.cur == tokenDot && (l.prev == tokenEnd || l.next == tokenEnd):
			return wrong("has a dot at the start or end of its domain")
		case l.cur == tokenDot && l.next == tokenDot:
			return wrong("has two dots in a row")
		case l.cur == tokenHyphen && (atEdge(l.prev) || atEdge(l.next)):
			return wrong("has a hyphen at the start or end of a part of its domain")
		case l.cur == tokenAt:
			return wrong("has a second @")
		case l.cur == tokenSpace:
			return wrong("has a space after the @")
		case l.cur == tokenSpecial && l.current() == "[":
			return &fault{cause: "has an address in brackets after the @, which the server cannot look up", hint: "write a domain name"}
		case l.cur != tokenWord && l.cur != tokenHyphen && l.cur != tokenDot:
			return &fault{cause: "has a character after the @ that may not stand there", what: fmt.Sprintf("has %s after the @", quote(l.current()))}
		}
	}
	if len(domain) > maxDomain {
		return tooLong("has a domain that is too long", "has a domain of %d bytes", "at most %d are taken", len(domain), maxDomain)
	}
	if problem := labelLengthProblem(domain); problem != nil {
		return problem
	}
	return lookupProblem(domain)
}

// atEdge reports whether a label ends at a token.
func atEdge(t token) bool { return t == tokenEnd || t == tokenDot }

// labelLengthProblem says whether a label, a part between dots, is too long.
// The server counts the dot before a label in ASCII as one of its characters.
func labelLengthProblem(domain string) *fault {
	most := maxLabel
	for more := true; more; most = maxLabel - 1 {
		var label string
		if label, domain, more = strings.Cut(domain, "."); len(label) > most && isASCII(label) {
			return tooLong("has too many characters between two dots of its domain", "has %d characters between two dots of its domain", "at most %d are taken", len(label), most)
		}
	}
	return nil
}

// lookupProblem says why DNS can never know a domain.
//
// Source: DNSCheckValidation of egulias/email-validator, and UTS 46 as
// idn_to_ascii applies it before the query.
func lookupProblem(domain string) *fault {
	name := domain
	if !isASCII(domain) {
		name = mapDomain(domain)
	}
	dot := strings.LastIndexByte(domain, '.')
	if dot < 0 || !strings.Contains(name, ".") {
		return &fault{cause: "has no dot after the @", hint: "a domain looks like example.com"}
	}
	if top := domain[dot+1:]; slices.Contains(reservedTopLevels, top) {
		return &fault{cause: "ends in a name that never receives mail from outside", what: fmt.Sprintf("ends in .%s, which never receives mail from outside", top)}
	}
	length, top := -1, ""
	for rest, more := name, true; more; {
		top, rest, more = strings.Cut(rest, ".")
		n := asciiLength(top)
		if n == 0 {
			return &fault{cause: "has a domain that no DNS can hold", hint: quote(top)}
		}
		length += n + 1
	}
	if length > maxDomain {
		return tooLong("has a domain that is too long", "has a domain of %d bytes in DNS", "at most %d fit", length, maxDomain)
	}
	if strings.Trim(top, "0123456789") == "" {
		return &fault{cause: "has a domain that ends in a number", hint: quote(top)}
	}
	return nil
}

// reservedTopLevels never have a name server (RFC 2606, RFC 6762 appendix G).
// The server compares them in lower case only.
var reservedTopLevels = []string{
	"test", "example", "invalid", "localhost", "local",
	"intranet", "internal", "private", "corp", "home", "lan",
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
