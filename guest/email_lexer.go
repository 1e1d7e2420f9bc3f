package guest

import "unicode/utf8"

// token is the kind of a piece of an email address, as far as the rules tell
// pieces apart.
type token uint8

const (
	tokenEnd   token = iota // nothing: before the first piece, or after the last
	tokenWord               // letters, or digits, or one character outside ASCII
	tokenOther              // any character or mark that no rule names
	tokenAt
	tokenDot
	tokenHyphen
	tokenQuote // "
	tokenOpen  // (
	tokenClose // )
	tokenBackslash
	tokenSpace
	tokenTab
	tokenNUL
	tokenSpecial // , : ; < > [ ] which must be quoted
)

// lexer walks over the tokens of an email address with a look at the one
// before and the one after. Line breaks and characters that no address may
// hold are refused before it starts.
type lexer struct {
	text            string
	start, end      int // where the current token is
	nextEnd         int
	prev, cur, next token
}

func newLexer(text string) lexer {
	l := lexer{text: text}
	l.advance()
	l.advance()
	return l
}

// advance goes to the next token.
func (l *lexer) advance() {
	l.prev, l.cur = l.cur, l.next
	l.start, l.end = l.end, l.nextEnd
	l.scan()
}

// current is the text of the current token.
func (l *lexer) current() string { return l.text[l.start:l.end] }

// scan finds the token after the current one.
func (l *lexer) scan() {
	if l.end == len(l.text) {
		l.next = tokenEnd
		return
	}
	start := l.end
	c := l.text[start]
	if c >= utf8.RuneSelf {
		r, size := utf8.DecodeRuneInString(l.text[start:])
		l.nextEnd, l.next = start+size, tokenWord
		if r == '¡' || r == '¿' {
			l.next = tokenOther
		}
		return
	}
	l.nextEnd, l.next = start+1, asciiTokens[c]
	switch {
	case isAlpha(c):
		l.scanWord(start)
	case isDigit(c):
		for l.nextEnd < len(l.text) && isDigit(l.text[l.nextEnd]) {
			l.nextEnd++
		}
	case c == ':' && start+1 < len(l.text) && l.text[start+1] == ':':
		l.nextEnd, l.next = start+2, tokenOther
	}
}

// scanWord takes letters, and a 4 or a 6 that follows them. That is how IPv6 in
// an address literal is told apart, and by accident everywhere else: it is no
// word.
func (l *lexer) scanWord(start int) {
	for l.nextEnd < len(l.text) && isAlpha(l.text[l.nextEnd]) {
		l.nextEnd++
	}
	if l.nextEnd < len(l.text) && (l.text[l.nextEnd] == '4' || l.text[l.nextEnd] == '6') {
		l.nextEnd++
	}
	if l.text[start:l.nextEnd] == "IPv6" {
		l.next = tokenOther
	}
}

func isAlpha(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// asciiTokens gives the token that an ASCII character is or begins.
var asciiTokens = func() (tokens [utf8.RuneSelf]token) {
	for c := range tokens {
		if isAlpha(byte(c)) || isDigit(byte(c)) {
			tokens[c] = tokenWord
		} else {
			tokens[c] = tokenOther
		}
	}
	for c, t := range map[byte]token{
		'@': tokenAt, '.': tokenDot, '-': tokenHyphen, '"': tokenQuote, '(': tokenOpen, ')': tokenClose,
		'\\': tokenBackslash, ' ': tokenSpace, '\t': tokenTab, 0: tokenNUL,
		',': tokenSpecial, ':': tokenSpecial, ';': tokenSpecial,
		'<': tokenSpecial, '>': tokenSpecial, '[': tokenSpecial, ']': tokenSpecial,
	} {
		tokens[c] = t
	}
	return tokens
}()
