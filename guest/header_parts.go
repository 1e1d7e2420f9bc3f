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

var (
	anyone = []part{partWhose, partParty, partCustomN, partLinked}
	kinds  = []part{partWork, partHome, partPrivate, partOther, partMain, partSecond, partDigits, partNumber}
)
