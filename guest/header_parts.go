package guest

import (
	"slices"
	"strconv"
)

// parts is what a header is made of.
type parts struct {
	header string
	pieces []piece
	count  map[part]int
}

func partsOf(header string) parts {
	p := parts{header: header, pieces: headerPieces(header), count: map[part]int{}}
	for _, piece := range p.pieces {
		p.count[piece.part]++
	}
	return p
}

func (p *parts) has(some ...part) bool {
	return slices.ContainsFunc(some, func(a part) bool { return p.count[a] > 0 })
}

// only tells whether the header is made of nothing else, words that say nothing
// left aside.
func (p *parts) only(allowed ...part) bool {
	for _, piece := range p.pieces {
		if piece.part != partFiller && !slices.Contains(allowed, piece.part) {
			return false
		}
	}
	return true
}

// says tells whether a word of the header is one of these.
func (p *parts) says(words ...string) bool {
	return slices.ContainsFunc(p.pieces, func(piece piece) bool { return slices.Contains(words, piece.text) })
}

// number returns the last number of the header, 0 without one.
func (p *parts) number() int {
	n := 0
	for _, piece := range p.pieces {
		if piece.part == partDigits && len(piece.text) <= 2 {
			n, _ = strconv.Atoi(piece.text)
		}
	}
	return n
}

// numberedPerson tells of "Person 1 Email": one of several people in a row.
func (p *parts) numberedPerson() bool {
	for i, piece := range p.pieces[:max(0, len(p.pieces)-1)] {
		if (piece.part == partWhose || piece.part == partParty) && p.pieces[i+1].part == partDigits {
			return true
		}
	}
	return false
}

// firstOrLastOther tells of "First contact" and "Last lead": the first or the last
// of something, and no name.
func (p *parts) firstOrLastOther() bool {
	for i, word := range p.pieces {
		if slices.Contains(firstOrLast, word.text) {
			return slices.ContainsFunc(p.pieces[i+1:], func(after piece) bool { return slices.Contains(someone, after.part) })
		}
	}
	return false
}

// someoneThere tells of "Agency contact": somebody at the company, and neither the
// company nor the guest. "Contact company" and "Company of the contact" are the
// company.
func (p *parts) someoneThere() bool {
	var before part // of the last word that is no filler
	of := false     // a filler stood behind it
	for _, piece := range p.pieces {
		switch {
		case piece.part == partFiller:
			of = of || !slices.Contains([]string{"s", "e", "r", "n"}, piece.text)
			continue
		case before == partCompany && slices.Contains(someone, piece.part) && !of,
			slices.Contains(someone, before) && piece.part == partCompany && of:
			return true
		case piece.part == partName && before == partCompany:
			continue // "Company name contact"
		}
		before, of = piece.part, false
	}
	return false
}

// providerOf tells of "Phone provider" and "E-mail client": who or what the phone or
// the address is used with.
func (p *parts) providerOf(some ...part) bool {
	for i, piece := range p.pieces[:max(0, len(p.pieces)-1)] {
		if next := p.pieces[i+1].part; slices.Contains(some, piece.part) && (next == partParty || next == partCustomN) {
			return true
		}
	}
	return false
}

// firstOrLast are the words that are half a name alone, and beside other words say
// which of several.
var firstOrLast = []string{"first", "last", "family", "given"}

var (
	someone = []part{partWhose, partParty, partCustomN, partPayer}
	anyone  = []part{partWhose, partParty, partCustomN, partLinked}
	kinds   = []part{partWork, partHome, partPrivate, partOther, partMain, partSecond, partDigits, partNumber}
)
