package guest

import "strings"

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

// Ranks of a column: 0 says plainly that it is a field.
const (
	whoseRank    = 1 // it says whose: "Student First Name"
	secondRank   = 2 // another column says it better: "Preferred First Name"
	halfRank     = 4 // it may be the other half: "Apellido 2" beside "Apellido 1"
	strangerRank = 5 // it may well be about somebody else: "Person 2 First Name"
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

// meaningOf finds out what a header says by itself.
func meaningOf(header string) meaning {
	p := partsOf(header)
	for _, rule := range []func(*parts) meaning{
		secretMeaning, askedMeaning, peopleMeaning, stateMeaning, dealMeaning, dateMeaning, junkMeaning,
		emailMeaning, phoneMeaning, pageMeaning, nameMeaning, restMeaning,
	} {
		if m := rule(&p); m.kind != meaningUnknown {
			return m
		}
	}
	return meaning{}
}

func means(f Field, rank int) meaning { return meaning{kind: meaningField, field: f, rank: rank} }
func ask(may ...Field) meaning        { return meaning{kind: meaningAsk, candidates: may} }
func junk() meaning                   { return meaning{kind: meaningJunk} }

// secretMeaning is for what must not leave the file.
func secretMeaning(p *parts) meaning {
	if p.has(partSecret) || p.has(partAlone) && !p.has(partUnknown) {
		return meaning{kind: meaningSecret}
	}
	return meaning{}
}

// askedMeaning is for what only a person can decide: free text, columns that
// somebody made up.
func askedMeaning(p *parts) meaning {
	switch {
	case p.has(partNote, partCustom):
		if p.has(partAttribute) && !p.has(partNote) && !p.has(partUnknown) {
			return junk()
		}
		return ask()
	case p.has(partCustomN) && p.has(partDigits) && p.only(partCustomN, partDigits, partValue, partNumber):
		return ask()
	case p.has(partDescription):
		if p.has(partJunk, partWeak) {
			return meaning{}
		}
		return ask()
	case p.has(partAsked):
		if p.says("pec") || p.has(partEmail) {
			return ask(Email)
		}
		return ask()
	}
	return meaning{}
}

// peopleMeaning is for columns about somebody else than the guest.
func peopleMeaning(p *parts) meaning {
	switch {
	case p.has(partColleague):
		if p.says("id", "ids", "is", "unread") {
			return junk()
		}
		return ask(AssociatedMembers)
	case p.has(partSomeone):
		if p.has(partEmail) && p.says("manager", "managers", "reports to", "supervisor", "line manager", "direct manager", "reporting manager",
			"leidinggevende", "vorgesetzten", "jefe", "gerente", "responsable hierarchique") {
			return ask(AssociatedMembers)
		}
		if p.says("partner") && len(p.pieces) > 1 {
			return ask() // in marriage, or in business
		}
		return junk()
	}
	return meaning{}
}

// stateMeaning is for the status of a person, and the many that are not.
func stateMeaning(p *parts) meaning {
	switch {
	case p.has(partActive):
		return ask(Status)
	case !p.has(partStatus):
		return meaning{}
	case p.has(partDeal, partSomeone, partSecret), p.has(partDate), p.has(partCreated):
		return junk()
	case p.only(partStatus) && !strings.ContainsAny(p.header, "[]"):
		return means(Status, 0)
	case p.only(partStatus, partWhose) && p.says("lead", "guest", "contact"):
		return means(Status, 1)
	case p.has(partJunk) && !p.says("position", "role", "location", "worker category", "job", "team", "contract", "employment type"):
		return junk()
	}
	return ask(Status)
}

func dealMeaning(p *parts) meaning {
	switch {
	case !p.has(partDeal):
		return meaning{}
	case p.only(partDeal, partWhose, partWeb, partSomePage) && p.has(partWeb, partSomePage):
		return means(OpportunityURL, 0)
	case p.only(partDeal), p.only(partDeal, partName), p.only(partDeal, partWeak, partJunk) && p.says("title", "titel", "titre", "titulo", "titolo", "subject"):
		return means(OpportunityName, 0)
	case p.has(partWhose) && !p.has(partJunk, partDate, partCreated):
		return ask()
	case p.has(partUnknown):
		return ask(OpportunityName)
	}
	return junk()
}

// dateMeaning is for when a record was made.
func dateMeaning(p *parts) meaning {
	switch {
	case p.has(partCreated):
		if p.only(partCreated, partDate, partWhose, partCustomN) {
			return means(ExternalDateCreation, 0)
		}
		if p.has(partUnknown) {
			return ask(ExternalDateCreation)
		}
		return junk()
	case p.has(partRegistered):
		if p.says("signed up") && len(p.pieces) == 1 {
			return meaning{kind: meaningJoined}
		}
		return ask(ExternalDateCreation)
	case p.only(partDate):
		return ask(ExternalDateCreation)
	}
	return meaning{}
}

// junkMeaning is for what other programs keep and a guest has no field for.
func junkMeaning(p *parts) meaning {
	unknown := p.count[partUnknown]
	known := unknown == 0 || unknown == 1 && len(p.pieces) <= 6 && !strings.ContainsAny(p.header, "?？")
	where := p.has(partWork, partHome, partPrivate, partOther, partSecond)
	switch {
	case p.has(partState) && (where || p.has(partAddress)), p.has(partState) && p.has(partJunk) && known:
		return meaning{kind: meaningAddress}
	case p.has(partState):
		return meaning{kind: meaningState}
	case p.only(partNumber) && p.says("numero"):
		return meaning{kind: meaningHouse}
	case p.has(partAttribute) && !p.has(partUnknown), p.has(partMark) && (unknown == 0 || known && p.has(partEmail, partPhone, partMobile)):
		return junk()
	case unknown == 0 && len(p.pieces) > 1 && p.pieces[0].text == "is" && !strings.ContainsAny(p.header, "?？"):
		return junk() // "Is a company"
	case p.has(partJunk) && known && p.has(partEmail) && !isPlace(p):
		return ask(Email)
	case p.has(partJunk) && known && p.has(partPhone, partMobile) && !isPlace(p):
		return ask(Phone1)
	case p.has(partJunk) && known:
		if p.has(partPicture) && p.only(partPicture, partJunk) && p.says("profil", "perfil") {
			return meaning{}
		}
		if isPlace(p) {
			return meaning{kind: meaningAddress, place: true}
		}
		return junk()
	case p.has(partAddress) && p.has(partPhone, partMobile):
		return ask(Phone1)
	case p.has(partAddress) && p.has(partCompany) && p.pieces[len(p.pieces)-1].part == partCompany:
		return ask(CompanyName) // the company at an address, not its address
	case p.has(partAddress) && !p.has(partEmail, partWeb, partSomePage) && known:
		return meaning{kind: meaningAddress}
	case p.has(partPayer) && !p.has(partEmail, partPhone, partMobile, partFirst, partLast, partCompany) && !p.has(partUnknown):
		return junk()
	case p.has(partParty, partWhose, partCustomN) && p.has(partNumber) && !p.has(partPhone, partMobile, partEmail) && p.only(partParty, partWhose, partCustomN, partNumber):
		return junk()
	}
	return meaning{}
}

// isPlace tells whether the junk is part of an address, beside which "Estado"
// is one too.
func isPlace(p *parts) bool {
	return p.says("street", "street address", "city", "town", "state", "province", "county", "zip", "zip code", "zipcode", "postal code", "postcode", "country",
		"calle", "ciudad", "provincia", "codigo postal", "pais", "cp", "poblacion", "localidad", "municipio", "colonia",
		"rua", "cidade", "cep", "bairro", "complemento", "logradouro", "concelho", "freguesia",
		"via", "cap", "citta", "paese", "nazione", "comune", "rue", "ville", "pays")
}
