package guest

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// part is what a word does in a header, such as saying that the column holds a
// phone, or which of several. header_words.txt has the words of each.
type part string

const (
	partEmail      part = "email"
	partPhone      part = "phone"
	partMobile     part = "mobile"
	partDirect     part = "direct line"
	partFirst      part = "first name"
	partLast       part = "last name"
	partName       part = "name"
	partApelido    part = "family or nickname"
	partWhole      part = "whole name"
	partCompany    part = "company"
	partWeb        part = "web page"
	partSomePage   part = "some page"
	partPersonPage part = "personal page"
	partPicture    part = "picture"
	partDeal       part = "deal"
	partTimezone   part = "time zone"
	partStatus     part = "status"
	partState      part = "state or region"
	partCreated    part = "created"
	partMembers    part = "members"

	partWork    part = "work"
	partHome    part = "home"
	partPrivate part = "private"
	partOther   part = "other"
	partMain    part = "main"
	partSecond  part = "second"
	partWhose   part = "whose"
	partParty   part = "party"
	partFiller  part = "filler"
	partValue   part = "value"
	partLinked  part = "linked"
	partNumber  part = "number"
	partDate    part = "date"
	partAddress part = "address"

	partNote        part = "note"
	partDescription part = "description"
	partCustom      part = "custom"
	partCustomN     part = "custom with a number"
	partColleague   part = "colleague"
	partActive      part = "active"
	partRegistered  part = "registered"
	partAsked       part = "asked"

	partJunk      part = "junk"
	partWeak      part = "weak"
	partAttribute part = "attribute"
	partSomeone   part = "someone else"
	partMark      part = "mark"
	partPayer     part = "payer"
	partSecret    part = "secret"
	partAlone     part = "secret alone"

	// Not in the list:
	partDigits  part = "digits"  // 2
	partUnknown part = "unknown" // a word that the list does not have
)

//go:embed header_words.txt
var headerWordList string

// vocabulary is the list, folded.
type vocabulary struct {
	parts map[string]part // of each word and phrase
	words map[string]bool // every word, also those of phrases
}

var headerWords = sync.OnceValue(func() vocabulary {
	v := vocabulary{map[string]part{}, map[string]bool{}}
	eachHeaderWord(func(p part, phrase string) {
		v.parts[phrase] = p
		for word := range strings.FieldsSeq(phrase) {
			v.words[word] = true
		}
	})
	return v
})

// eachHeaderWord visits the list, each word as foldHeader has it.
func eachHeaderWord(visit func(p part, word string)) {
	var p part
	for line := range strings.Lines(headerWordList) {
		line = strings.TrimSpace(line)
		switch {
		case line == "", line[0] == '#':
		case line[0] == '[':
			p = part(strings.Trim(line, "[]"))
		default:
			for word := range strings.SplitSeq(strings.TrimSuffix(line, ","), ",") {
				visit(p, foldedPhrase(word))
			}
		}
	}
}

// foldedPhrase writes a phrase as the list has it folded.
func foldedPhrase(phrase string) string { return strings.Join(foldHeader(phrase), " ") }

const (
	// longestPhrase is how many words a phrase of the list has at most.
	longestPhrase = 6

	// longestHeader is how many words a header has at most: more are a text, and
	// no one has heard of it.
	longestHeader = 40
)

// piece is one word or phrase of a header and what it does there.
type piece struct {
	part part
	text string
}

// headerPieces takes a header apart into the longest words and phrases of the
// list that it holds.
func headerPieces(header string) []piece {
	v := headerWords()
	all := chunks(header)
	if len(all) > longestHeader {
		return []piece{{partUnknown, header}}
	}
	var tokens []string
	for _, chunk := range all {
		if v.words[foldWord(chunk)] {
			tokens = append(tokens, foldWord(chunk)) // as in "LinkedIn" and "USt-IdNr."
			continue
		}
		tokens = append(tokens, foldHeader(chunk)...)
	}
	var pieces []piece
	for len(tokens) > 0 {
		n, p := v.longest(tokens)
		if p == partUnknown {
			if split := v.split(tokens[0]); split != nil {
				tokens = append(split, tokens[1:]...)
				n, p = v.longest(tokens)
			}
		}
		pieces = append(pieces, piece{p, strings.Join(tokens[:n], " ")})
		tokens = tokens[n:]
	}
	return pieces
}

// longest returns how many of the tokens make up the longest phrase of the list
// at their beginning, and its part. A token that is in none is a piece of its own.
func (v vocabulary) longest(tokens []string) (int, part) {
	for n := min(len(tokens), longestPhrase); n > 0; n-- {
		if p, ok := v.parts[strings.Join(tokens[:n], " ")]; ok {
			return n, p
		}
	}
	if isDigits(tokens[0]) {
		return 1, partDigits
	}
	return 1, partUnknown
}

// split cuts a word that the list does not have into the fewest words that it
// does have, or returns nil.
func (v vocabulary) split(token string) []string {
	letters := []rune(token)
	if len(letters) > 60 {
		return nil
	}
	best := make([][]string, len(letters)+1)
	best[0] = []string{}
	for end := 1; end <= len(letters); end++ {
		for start := range end {
			if best[start] == nil {
				continue
			}
			word := string(letters[start:end])
			if word == token || !v.words[word] || !mayBeJoined(letters[start:end], start == 0, end == len(letters)) {
				continue
			}
			if best[end] == nil || len(best[start])+1 < len(best[end]) {
				best[end] = append(append([]string(nil), best[start]...), word)
			}
		}
	}
	return best[len(letters)]
}

// mayBeJoined tells whether a word is long enough to be looked for within
// another: shorter ones are found everywhere.
func mayBeJoined(word []rune, first, last bool) bool {
	switch {
	case len(word) >= 4, word[0] >= 0x2e80: // ideographs and kana say more with less
		return true
	case len(word) == 3:
		return slices.Contains(joinedShort, string(word))
	}
	return last && string(word) == "id" || first && string(word) == "is" || !first && !last && string(word) == "by"
}

// joinedShort are the words of three letters that are found within others, such
// as "Faxnummer" and "Telefonnr".
var joinedShort = []string{"tel", "fax", "job", "url", "zip", "day", "tag", "mob", "web", "age", "iso", "due", "opt", "out"}
