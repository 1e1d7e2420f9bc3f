package guest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// emailProblem says what is wrong with an email address; "" is fine.
//
// Source: Laravel 12, rule email:rfc,dns, which is egulias/email-validator 4.0.
// Its reading of RFC 5322 is its own, and followed here: comments, quoted
// strings and spaces before the @ are taken where it takes them, and any letter
// of any script. Of dns only what is certain without a name server is decided:
// an address whose domain no name server could ever know is refused.
func emailProblem(s string) *fault {
	problem := addressProblem(s)
	if problem == nil || problem.cause == notUTF8 {
		return problem
	}
	if isOutlooksOwn(s) {
		return &fault{cause: "is an address inside Outlook's own server", hint: "look up the person's email"}
	}
	if better := addressWithin(s); better != "" {
		problem.what, problem.hint = problem.String(), didYouMean+better+"?"
	} else if strings.Count(s, "@") > 1 {
		problem.what, problem.hint = problem.String(), "a row takes one address"
	}
	return problem
}

// isOutlooksOwn recognizes how Exchange names a mailbox: /o=Acme/ou=…/cn=Recipients/cn=….
func isOutlooksOwn(s string) bool {
	s = strings.TrimPrefix(strings.ToLower(s), "ex:")
	return strings.HasPrefix(s, "/o=") && strings.Contains(s, "/cn=") || strings.HasPrefix(s, "/o=exchangelabs/")
}

func addressProblem(s string) *fault {
	if isUsualAddress(s) {
		return nil
	}
	return addressProblemInFull(s)
}

func addressProblemInFull(s string) *fault {
	if problem := emailTextProblem(s); problem != nil {
		return problem
	}
	if !strings.Contains(s, "@") {
		return &fault{cause: "has no @", hint: "an address looks like jane@example.com"}
	}
	l := newLexer(s)
	if problem := l.localPartProblem(); problem != nil {
		return problem
	}
	return domainProblem(s[l.end:])
}

// emailTextProblem says what is wrong with the characters of an address,
// wherever they stand.
func emailTextProblem(s string) *fault {
	if !utf8.ValidString(s) {
		return wrong(notUTF8)
	}
	for _, r := range s {
		switch {
		case ' ' <= r && r < 0x7F, r == '\t', r == 0: // NUL is refused inside quotes only
		case r == '\n', r == '\r':
			return wrong("has a line break inside")
		case r < utf8.RuneSelf || !inWords(r):
			const cause = "has a character that no email address may have"
			return &fault{cause: cause, what: cause + ": " + quote(string(r))}
		}
	}
	return nil
}

// inWords reports whether r, a character outside ASCII, may be part of a word:
// letters, marks, numbers, punctuation and spaces may, symbols and all that is
// invisible or unassigned may not.
func inWords(r rune) bool {
	return isLetter(r) || isMark(r) || isNumber(r) || isPunct(r) || isSeparator(r)
}

// localPartProblem reads the part before the @ and says what is wrong with it.
// If nothing is, the @ is the current token.
func (l *lexer) localPartProblem() *fault {
	switch l.cur {
	case tokenAt:
		return wrong("has nothing before the @")
	case tokenDot:
		return wrong("begins with a dot")
	}
	for ; l.cur != tokenAt; l.advance() {
		if l.cur == tokenQuote {
			if problem := l.quotedStringProblem(); problem != nil {
				return problem
			}
		}
		if l.cur == tokenOpen || l.cur == tokenClose {
			if problem := l.commentProblem(); problem != nil {
				return problem
			}
		}
		switch {
		case l.cur == tokenEnd:
			return wrong("has no @ outside quotes")
		case l.cur == tokenDot && l.next == tokenDot:
			return wrong("has two dots in a row")
		case l.cur == tokenDot && l.next == tokenAt:
			return wrong("has a dot before the @")
		case l.cur == tokenBackslash && l.next == tokenWord:
			return wrong("has a backslash before the @")
		case l.cur == tokenSpecial:
			return &fault{cause: "has a character before the @ that may not stand there", what: fmt.Sprintf("has %s before the @", quote(l.current()))}
		case l.isBlank() && l.next == tokenWord && l.prev != tokenBackslash:
			return wrong("has a space before the @")
		}
	}
	return nil
}

func (l *lexer) isBlank() bool { return l.cur == tokenSpace || l.cur == tokenTab }

// quotedStringProblem reads a quoted string, which must end at the @. The
// closing quote is the current token afterwards.
func (l *lexer) quotedStringProblem() *fault {
	if l.prev == tokenWord && l.next == tokenWord {
		return wrong("has a quote in the middle of a word")
	}
	l.advance()
	for l.cur != tokenQuote {
		if l.cur == tokenEnd {
			return wrong("has a quote that is never closed")
		}
		if l.cur == tokenBackslash && l.next == tokenQuote {
			l.advance()
		}
		l.advance()
		if (l.cur == tokenTab || l.cur == tokenNUL) && l.prev != tokenBackslash {
			return wrong("has a control character between quotes")
		}
	}
	if l.next != tokenAt {
		return wrong("goes on after a closing quote where the @ must stand")
	}
	return nil
}

// commentProblem reads all that is left before the @: once a parenthesis has
// opened, anything goes if in the end as many have closed. What stands before
// the @ is the current token afterwards.
func (l *lexer) commentProblem() *fault {
	if l.cur == tokenClose {
		return wrong("has a closing parenthesis that was never opened")
	}
	open := 1
	for ; l.next != tokenAt; l.advance() {
		switch l.next {
		case tokenOpen:
			open++
		case tokenClose:
			open--
		case tokenEnd:
			return wrong("has a comment in parentheses but no @ after it")
		}
	}
	if open != 0 {
		return wrong("has a parenthesis without its counterpart")
	}
	return nil
}

// addressWithin is the one address that a cell holds besides a name, brackets or
// quotes, as in "Jane Doe <jane@example.com>", or "" if there is none.
func addressWithin(s string) string {
	if strings.Count(s, "@") != 1 {
		return ""
	}
	if open := strings.LastIndexByte(s, '<'); open >= 0 {
		s = s[open:]
	}
	s = strings.TrimPrefix(strings.Trim(s, " .,;|'\"<>()[]{}"), "mailto:")
	if addressProblem(s) != nil {
		return ""
	}
	return s
}
