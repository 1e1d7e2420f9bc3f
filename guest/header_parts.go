package guest

import (
	"slices"
	"strconv"
)

// meaning is what one header says by itself. What it comes to depends on the
// columns beside it: a home phone may be the first phone, or the fourth.
type meaning struct {
	kind meaningKind

	// candidates of a meaningAsk are the fields it may well mean.
	candidates []Field

	// field of a meaningField, and how far the header is from plainly saying so:
	// 0 is "First Name", more is one with something about it.
	field Field
	rank  int

	// which of several emails, phones and web pages it is.
	which  which
	number int // as in "Phone 2"; 0 without one
	stress int // how often it says "work"

	place bool // of a meaningAddress: a town, a street …
	whose bool // it says that it is somebody's: "Student Email"
}

type meaningKind uint8

const (
	meaningUnknown   meaningKind = iota
	meaningField                 // field
	meaningEmail                 // an address, of some sort
	meaningPhone                 // a phone, of some sort
	meaningPage                  // a web page, of some sort
	meaningPlace                 // "Office" alone: a room, or a phone
	meaningName                  // "Name", "Nom": one part of the name, or all of it
	meaningApelido               // the family name, or a nickname
	meaningWhole                 // the whole name
	meaningPartyName             // the whole name, or the company's
	meaningState                 // "Estado": the person's, or a part of a country
	meaningHouse                 // "Número": of the house, or who knows
	meaningAddress               // part of an address
	meaningJoined                // "Signed up": when the account was made, or at an event
	meaningJunk                  // nothing of a guest
	meaningSecret                // nothing that may leave the file
	meaningAsk                   // known to be for a person to decide
)

// which tells emails, phones and web pages apart, in the order in which they
// are preferred where nothing else decides.
type which uint8

const (
	plainOne which = iota
	workOne
	mainOne
	mobileOne
	chatOne
	directOne
	secondOne
	privateOne
	homeOne
	otherOne
	companyOne  // the company's, not the person's
	strangerOne // perhaps somebody else's: "Contact 1 Email", "Billing Phone"
)

// parts is what a header is made of.
type parts struct {
	pieces []piece
	count  map[part]int
}

func partsOf(header string) parts {
	p := parts{pieces: headerPieces(header), count: map[part]int{}}
	for _, piece := range p.pieces {
		p.count[piece.part]++
	}
	return p
}

func (p *parts) has(any ...part) bool {
	return slices.ContainsFunc(any, func(a part) bool { return p.count[a] > 0 })
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

// digits returns the last number of the header, 0 without one.
func (p *parts) digits() int {
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
