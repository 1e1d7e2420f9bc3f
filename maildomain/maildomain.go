// Package maildomain finds out whether mail can be delivered to the domains of
// email addresses, by asking the name servers.
//
// What counts is that a domain names somebody who takes its mail (RFC 5321,
// section 5.1): a mail exchanger (MX), or else an address (A, AAAA). Whether the
// exchanger exists and answers is not looked at.
package maildomain

import (
	"strings"

	"golang.org/x/net/idna"
)

// Verdict says whether mail can be delivered to a domain.
type Verdict uint8

const (
	Unknown     Verdict = iota // no name server gave an answer: silence, a failure, no network; proves nothing
	Deliverable                // has a mail exchanger or an address
	Missing                    // does not exist
	NoMail                     // says that it takes no mail (RFC 7505), or has neither a mail exchanger nor an address
)

// Problem says why certainly no mail can be delivered to a domain, given as Domain
// returns it: the cause in words that fit every such domain, and a hint about this
// one. Both are empty where mail may be delivered.
func (v Verdict) Problem(domain string) (cause, hint string) {
	switch v {
	case Missing:
		cause = "has a domain that does not exist"
	case NoMail:
		cause = "has a domain that takes no mail"
	default:
		return "", ""
	}
	return cause, Shown(domain) + ": is it spelled right?"
}

// Shown writes a domain, given as Domain returns it, for a person.
func Shown(domain string) string {
	if shown, err := idna.Display.ToUnicode(domain); err == nil {
		return shown
	}
	return domain
}

// Domain returns the domain of an email address as name servers know it: in
// lower case, beyond ASCII in its xn-- form, without a dot at the end. It is ""
// where there is nothing to look up: no @, an IP address in brackets, no name
// that DNS can hold.
func Domain(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return ""
	}
	name, err := lookupProfile.ToASCII(email[at+1:])
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(name, ".")
}

// lookupProfile writes a domain in ASCII as the server does before its own
// look-up: idn_to_ascii of PHP with its defaults, which are transitional (ß
// becomes ss) and do not check the direction of writing.
var lookupProfile = idna.New(idna.MapForLookup(), idna.Transitional(true))
