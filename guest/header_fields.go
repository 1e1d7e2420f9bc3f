package guest

import "slices"

// whichOf tells one of several emails, phones or pages from the others.
func whichOf(p *parts) which {
	switch {
	case p.numberedPerson(), p.has(partPayer):
		return strangerOne
	case p.has(partSecond), p.number() > 1:
		return secondOne
	case p.has(partWork):
		return workOne
	case p.has(partPrivate):
		return privateOne
	case p.has(partHome):
		return homeOne
	case p.has(partOther):
		return otherOne
	case p.has(partMain):
		return mainOne
	}
	return plainOne
}

func emailMeaning(p *parts) meaning {
	with := slices.Concat(kinds, anyone, []part{partEmail, partAddress, partValue, partCompany, partPayer})
	switch {
	case !p.has(partEmail):
		return meaning{}
	case p.has(partCompany) && p.has(partName):
		return ask(CompanyName)
	case p.has(partWhole) && p.only(slices.Concat(with, []part{partWhole, partName})...), p.has(partName) && !p.has(partUnknown):
		return meaning{kind: meaningWhole}
	case p.providerOf(partEmail):
		return ask(Email)
	case p.only(with...):
		m := meaning{kind: meaningEmail, which: whichOf(p), number: p.number(), stress: p.count[partWork], whose: p.has(anyone...)}
		switch {
		case p.someoneThere():
			m.which = strangerOne
		case p.has(partCompany) && m.which == plainOne:
			m.which = workOne
		}
		if p.has(partMain) && m.which == workOne && !p.has(partOther) {
			m.stress++
		}
		return m
	case p.has(partUnknown):
		return meaning{}
	case p.says(firstOrLast...):
		return ask(Email) // "First E-mail", "Family E-mail"
	}
	return junk()
}

func phoneMeaning(p *parts) meaning {
	with := slices.Concat(kinds, anyone, []part{partPhone, partMobile, partDirect, partValue, partCompany, partPayer})
	switch {
	case !p.has(partPhone, partMobile, partDirect):
		return meaning{}
	case p.providerOf(partPhone, partMobile):
		return ask(Phone1)
	case p.only(with...):
		m := meaning{kind: meaningPhone, which: whichOf(p), number: p.number(), stress: p.count[partWork]}
		switch {
		case p.has(partCompany):
			m.which = companyOne
		case p.has(partDirect):
			m.which = directOne
		case p.has(partMobile) && m.which != strangerOne && m.number < 2 && !p.has(partSecond):
			m.which = mobileOne
			if p.says("whatsapp", "whatsapp number") {
				m.which = chatOne
			}
		case p.has(partMobile) && m.which != strangerOne:
			m.which = otherOne
		}
		return m
	case p.has(partUnknown):
		return meaning{}
	case p.says(firstOrLast...):
		return ask(Phone1)
	}
	return junk()
}

func pageMeaning(p *parts) meaning {
	with := slices.Concat(kinds, []part{partWeb, partSomePage, partAddress})
	switch {
	case p.has(partPicture):
		if p.only(partPicture, partSomePage, partWhose, partCustomN, partWeb, partJunk) {
			return means(ImageURL, 0)
		}
	case p.has(partPersonPage):
		if p.only(partPersonPage, partWhose, partCustomN, partSomePage, partWeb) {
			return means(ContactURL, 0)
		}
	case p.has(partCompany) && p.has(partWeb, partSomePage) && p.only(append(with, partCompany)...):
		return means(CompanyURL, 0)
	case p.has(partWeb) && p.only(with...):
		return meaning{kind: meaningPage, which: whichOf(p), number: p.number()}
	case p.has(partSomePage) && p.has(partWork, partHome, partPrivate) && p.only(with...):
		return meaning{kind: meaningPage, which: whichOf(p), number: p.number()}
	case p.has(partWeb, partSomePage):
		if p.has(partUnknown) && !p.has(partWeb) {
			return meaning{}
		}
		return ask(CompanyURL, ContactURL)
	}
	return meaning{}
}

func nameMeaning(p *parts) meaning {
	rank := 0
	switch {
	case p.numberedPerson(), p.has(partPayer):
		rank = strangerRank
	case p.number() > 1:
		rank = halfRank
	case p.has(partMain): // as "Preferred First Name"
		rank = secondRank
	case p.has(anyone...), p.says("legal", "legal name"):
		rank = whoseRank
	}
	people := append([]part{partWhole, partName, partPayer, partMain, partDigits}, anyone...)
	first := p.has(partFirst) && p.only(append(people, partFirst)...)
	last := p.has(partLast) && p.only(append(people, partLast)...)
	switch {
	case p.firstOrLastOther(), p.someoneThere():
		return ask()
	case p.has(partFirst) && p.has(partLast):
		if p.has(partUnknown) {
			return meaning{}
		}
		return meaning{kind: meaningWhole}
	case (first || last) && p.has(partName) && !p.has(partWhose, partParty):
		return meaning{kind: meaningWhole} // "Nom et prénom"
	case first:
		return means(FirstName, rank)
	case last:
		return means(LastName, rank)
	case p.has(partApelido) && p.only(partApelido):
		return meaning{kind: meaningApelido}
	case p.has(partCompany) && p.says("head", "hq", "headquarters") && !p.has(partName):
		return ask(CompanyName) // a person, or a place
	case p.has(partCompany) && p.only(partCompany, partName, partDigits, partMain, partWork) && p.number() < 2:
		return means(CompanyName, 0)
	case p.has(partCompany) && p.only(partCompany, partName, partWhose, partCustomN, partLinked):
		return means(CompanyName, 1)
	case p.has(partCompany) && p.only(partCompany, partName, partPayer):
		return means(CompanyName, strangerRank)
	case p.has(partName) && p.only(partName):
		return meaning{kind: meaningName}
	case p.has(partParty) && p.has(partName, partWhole) && p.only(partParty, partName, partWhole):
		return meaning{kind: meaningPartyName}
	case p.has(partName, partWhole) && p.only(partName, partWhole, partWhose, partCustomN, partDigits):
		return meaning{kind: meaningWhole}
	case p.has(anyone...) && p.only(append(anyone, partName)...):
		if p.has(partParty) {
			return ask(CompanyName)
		}
		return ask()
	}
	return meaning{}
}

// restMeaning is for single words that say a field, or nothing of one.
func restMeaning(p *parts) meaning {
	switch {
	case len(p.pieces) == 0:
		return meaning{}
	case p.has(partTimezone) && p.only(partTimezone, partWhose, partCustomN):
		return means(Timezone, 0)
	case p.has(partMembers) && p.only(partMembers):
		return means(AssociatedMembers, 0)
	case p.only(partNumber, partDigits), p.only(partValue):
		return ask(Phone1)
	case len(p.pieces) == 1 && p.says("domicilio", "domicile", "residenza", "residencia", "residence"):
		return meaning{kind: meaningAddress, place: true}
	case p.only(partWork, partHome, partPrivate, partOther, partMain, partDigits):
		return meaning{kind: meaningPlace, which: whichOf(p), number: p.number(), stress: p.count[partPrivate]}
	case p.has(partWeak) && !p.has(partUnknown, partFirst, partLast, partWhole, partCompany, partWeb, partSomePage, partMembers):
		return junk()
	case p.has(partWeak) && p.has(partCompany) && !p.has(partUnknown):
		return junk()
	}
	return meaning{}
}
