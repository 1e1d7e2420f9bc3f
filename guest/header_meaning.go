package guest

import (
	"slices"
	"strings"
)

// meaningOf finds out what a header says by itself.
func meaningOf(header string) meaning {
	p := partsOf(header)
	for _, rule := range []func(*parts, string) (meaning, bool){
		secretMeaning, askedMeaning, peopleMeaning, stateMeaning, dealMeaning, dateMeaning, junkMeaning,
		emailMeaning, phoneMeaning, pageMeaning, nameMeaning, restMeaning,
	} {
		if m, ok := rule(&p, header); ok {
			return m
		}
	}
	return meaning{}
}

func junk() (meaning, bool)            { return meaning{kind: meaningJunk}, true }
func ask(may ...Field) (meaning, bool) { return meaning{kind: meaningAsk, candidates: may}, true }

func means(f Field, rank int) (meaning, bool) {
	return meaning{kind: meaningField, field: f, rank: rank}, true
}

func nothing() (meaning, bool) { return meaning{}, false }

// secretMeaning is for what must not leave the file. Its short words, such as
// "EIN", are other words in other languages.
func secretMeaning(p *parts, _ string) (meaning, bool) {
	secret := slices.ContainsFunc(p.pieces, func(piece piece) bool {
		return piece.part == partSecret && (len(piece.text) > 3 || !p.has(partUnknown))
	})
	return meaning{kind: meaningSecret}, secret
}

// askedMeaning is for what only a person can decide: free text, columns that
// somebody made up.
func askedMeaning(p *parts, _ string) (meaning, bool) {
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
			return nothing()
		}
		return ask()
	case p.has(partAsked):
		if p.says("pec") || p.has(partEmail) {
			return ask(Email)
		}
		return ask()
	}
	return nothing()
}

// peopleMeaning is for columns about somebody else than the guest.
func peopleMeaning(p *parts, _ string) (meaning, bool) {
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
	return nothing()
}

// stateMeaning is for the status of a person, and the many that are not.
func stateMeaning(p *parts, header string) (meaning, bool) {
	switch {
	case p.has(partActive):
		return ask(Status)
	case !p.has(partStatus):
		return nothing()
	case p.has(partDeal, partSomeone, partSecret), p.has(partDate), p.has(partCreated):
		return junk()
	case p.only(partStatus) && !strings.ContainsAny(header, "[]"):
		return means(Status, 0)
	case p.only(partStatus, partWhose) && p.says("lead", "guest", "contact"):
		return means(Status, 1)
	case p.has(partJunk) && !p.says("position", "role", "location", "worker category", "job", "team", "contract", "employment type"):
		return junk()
	}
	return ask(Status)
}

func dealMeaning(p *parts, _ string) (meaning, bool) {
	switch {
	case !p.has(partDeal):
		return nothing()
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
func dateMeaning(p *parts, _ string) (meaning, bool) {
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
			return meaning{kind: meaningJoined}, true
		}
		return ask(ExternalDateCreation)
	case p.only(partDate):
		return ask(ExternalDateCreation)
	}
	return nothing()
}

// junkMeaning is for what other programs keep and a guest has no field for.
func junkMeaning(p *parts, header string) (meaning, bool) {
	unknown := p.count[partUnknown]
	known := unknown == 0 || unknown == 1 && len(p.pieces) <= 6 && !strings.ContainsAny(header, "?？")
	where := p.has(partWork, partHome, partPrivate, partOther, partSecond)
	switch {
	case p.has(partState) && (where || p.has(partAddress)), p.has(partState) && p.has(partJunk) && known:
		return meaning{kind: meaningAddress}, true
	case p.has(partState):
		return meaning{kind: meaningState}, true
	case p.only(partNumber) && p.says("numero"):
		return meaning{kind: meaningHouse}, true
	case p.has(partAttribute) && !p.has(partUnknown), p.has(partMark) && (unknown == 0 || known && p.has(partEmail, partPhone, partMobile)):
		return junk()
	case unknown == 0 && len(p.pieces) > 1 && p.pieces[0].text == "is" && !strings.ContainsAny(header, "?？"):
		return junk() // "Is a company"
	case p.has(partJunk) && known && p.has(partEmail) && !isPlace(p):
		return ask(Email)
	case p.has(partJunk) && known && p.has(partPhone, partMobile) && !isPlace(p):
		return ask(Phone1)
	case p.has(partJunk) && known:
		if p.has(partPicture) && p.only(partPicture, partJunk) && p.says("profil", "perfil") {
			return nothing()
		}
		if isPlace(p) {
			return meaning{kind: meaningAddress, place: true}, true
		}
		return junk()
	case p.has(partAddress) && p.has(partPhone, partMobile):
		return ask(Phone1)
	case p.has(partAddress) && p.has(partCompany) && p.pieces[len(p.pieces)-1].part == partCompany:
		return ask(CompanyName) // the company at an address, not its address
	case p.has(partAddress) && !p.has(partEmail, partWeb, partSomePage) && known:
		return meaning{kind: meaningAddress}, true
	case p.has(partPayer) && !p.has(partEmail, partPhone, partMobile, partFirst, partLast, partCompany) && !p.has(partUnknown):
		return junk()
	case p.has(partParty, partWhose, partCustomN) && p.has(partNumber) && !p.has(partPhone, partMobile, partEmail) && p.only(partParty, partWhose, partCustomN, partNumber):
		return junk()
	}
	return nothing()
}

// isPlace tells whether the junk is part of an address, beside which "Estado"
// is one too.
func isPlace(p *parts) bool {
	return p.says("street", "street address", "city", "town", "state", "province", "county", "zip", "zip code", "zipcode", "postal code", "postcode", "country",
		"calle", "ciudad", "provincia", "codigo postal", "pais", "cp", "poblacion", "localidad", "municipio", "colonia",
		"rua", "cidade", "cep", "bairro", "complemento", "logradouro", "concelho", "freguesia",
		"via", "cap", "citta", "paese", "nazione", "comune", "rue", "ville", "pays")
}
