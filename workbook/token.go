package workbook

import (
	"strings"
	"unicode/utf8"
)

// token is a piece of a number format.
type token struct {
	kind   tokenKind
	text   string // without quotes, brackets and backslashes
	source string // as it stands in the format
}

type tokenKind int

const (
	literal    tokenKind = iota // shown as it is
	padding                     // as wide as a letter, or as the cell; not shown
	inBrackets                  // colour, condition, language, elapsed time
	general                     // the word General
	textPart                    // @
	digitPart                   // a place for a digit, and what belongs to it
	exponent                    // E+ or E-
	datePart                    // a letter of a date or time
	semicolon
)

// isDigit tells whether the token is a place for a digit.
func (t token) isDigit() bool {
	return t.kind == digitPart && (t.text == "0" || t.text == "#" || t.text == "?")
}

func tokenize(code string) []token {
	var tokens []token
	for code != "" {
		t := nextToken(code)
		code = code[len(t.source):]
		tokens = append(tokens, t)
	}
	return tokens
}

// nextToken is the token that a code begins with.
func nextToken(code string) token {
	if len(code) >= len("General") && strings.EqualFold(code[:len("General")], "General") {
		return token{general, "", code[:len("General")]}
	}
	_, size := utf8.DecodeRuneInString(code)
	letter := code[:size]
	switch letter {
	case `"`:
		inner, _, closed := strings.Cut(code[1:], `"`)
		end := 1 + len(inner)
		if closed {
			end++
		}
		return token{literal, inner, code[:end]}
	case "[":
		inner, _, closed := strings.Cut(code[1:], "]")
		if !closed {
			return token{literal, letter, letter}
		}
		return token{inBrackets, inner, code[:len(inner)+2]}
	case `\`, "!":
		_, next := utf8.DecodeRuneInString(code[1:])
		return token{literal, code[1 : 1+next], code[:1+next]}
	case "_", "*":
		_, next := utf8.DecodeRuneInString(code[1:])
		return token{padding, "", code[:1+next]}
	case "@":
		return token{textPart, letter, letter}
	case ";":
		return token{semicolon, letter, letter}
	case "0", "#", "?", ".", ",", "%":
		return token{digitPart, letter, letter}
	case "E", "e":
		if len(code) > 1 && (code[1] == '+' || code[1] == '-') {
			return token{exponent, code[:2], code[:2]}
		}
		return token{datePart, letter, letter} // the year of an era
	case "y", "Y", "m", "M", "d", "D", "h", "H", "s", "S", "g", "G", "a", "A", "b", "B":
		return token{datePart, letter, letter}
	}
	return token{literal, letter, letter}
}

// split divides a format into its sections.
func split(tokens []token) [][]token {
	var sections [][]token
	start := 0
	for i, t := range tokens {
		if t.kind == semicolon {
			sections = append(sections, tokens[start:i])
			start = i + 1
		}
	}
	return append(sections, tokens[start:])
}
