package guest

import (
	"cmp"
	"slices"
)

// chooseNames tells first and last names from whole ones: "Nom" is the family
// name beside "Prénom", and all of the name without.
func (b *binder) chooseNames() {
	apelidos := b.open(meaningApelido)
	if len(apelidos) == 1 && !b.gives(LastName) && (b.gives(FirstName) || len(b.open(meaningName)) == 1) {
		b.becomes(apelidos[0], LastName, 0)
	} else if b.gives(LastName) {
		b.leaveOut(apelidos)
	}
	for _, i := range b.open(meaningApelido) {
		b.askMaybe(i, LastName)
	}

	names := b.open(meaningName)
	switch first, last := b.gives(FirstName), b.gives(LastName); {
	case first && last:
		b.leaveOut(names)
	case len(names) != 1 || !first && !last:
		for _, i := range names {
			b.asked[i] = question{kind: askWhole}
		}
	case first:
		b.becomes(names[0], LastName, 0)
	default:
		b.becomes(names[0], FirstName, 0)
	}

	parted, firm, xero := b.gives(FirstName) && b.gives(LastName), b.gives(CompanyName), b.row("poattentionto")
	for _, i := range b.open(meaningWhole, meaningPartyName) {
		if parted && xero && plainName(b.cells[i]) == "contactname" {
			b.becomes(i, CompanyName, 0) // Xero's contacts are firms
			continue
		}
		switch party := b.meanings[i].kind == meaningPartyName; {
		case parted && (party || plainName(b.cells[i]) == "contactname" && !firm):
			b.askMaybe(i, CompanyName)
		case parted:
			b.columns[i].kind = junkColumn
		default:
			b.asked[i] = question{kind: askWhole}
		}
	}
}

// choosePages tells the company's web page from the person's.
func (b *binder) choosePages() {
	pages := b.open(meaningPage)
	numbered := 0
	for _, i := range pages {
		if b.meanings[i].number > 0 {
			numbered++
		}
	}
	for _, i := range pages {
		switch m := b.meanings[i]; {
		case numbered == 2 && len(pages) == 2 && m.number == 2: // as Thunderbird writes them
			b.becomes(i, ContactURL, 0)
		case m.which == workOne, m.number == 1 && numbered == len(pages):
			b.becomes(i, CompanyURL, 0)
		case m.which == privateOne, m.which == homeOne:
			b.becomes(i, ContactURL, 0)
		case m.which == plainOne, m.which == mainOne:
			b.becomes(i, CompanyURL, 1)
		default:
			b.askMaybe(i, CompanyURL, ContactURL)
		}
	}
}

// chooseEmail takes the main address, else the one at work. A guest has one.
func (b *binder) chooseEmail() {
	level := func(i int) int {
		switch m := b.meanings[i]; m.which {
		case plainOne, mainOne:
			return 0
		case workOne:
			return 100 - min(m.stress, 9)
		case privateOne, homeOne:
			return 200
		case strangerOne:
			return 400
		}
		return 300
	}
	emails := b.open(meaningEmail)
	slices.SortStableFunc(emails, func(i, j int) int { return cmp.Compare(level(i), level(j)) })
	switch {
	case len(emails) == 0:
	case b.taken[Email]:
		b.leaveOut(emails)
	case level(emails[0]) >= 300, (level(emails[0]) >= 200 || b.meanings[emails[0]].whose) && b.rival(partEmail):
		for _, i := range emails {
			b.askMaybe(i, Email)
		}
	default:
		same := 1
		for same < len(emails) && level(emails[same]) == level(emails[0]) {
			same++
		}
		if same > 1 {
			b.askWhich(emails[:same], Email)
		} else {
			b.bind(emails[0], Email)
		}
		b.leaveOut(emails[same:])
	}
}

// choosePhones takes the work or unlabelled phone and the mobile, and where one
// of them is missing, the next best. A guest has two.
func (b *binder) choosePhones() {
	b.findPhones()
	var phones, ofOthers []int
	for _, i := range b.open(meaningPhone) {
		if b.meanings[i].which >= companyOne {
			ofOthers = append(ofOthers, i)
		} else {
			phones = append(phones, i)
		}
	}
	if !b.taken[Phone1] {
		phones = b.choosePhone(Phone1, phones, plainOne, workOne, directOne, mainOne)
	}
	if !b.taken[Phone2] {
		phones = b.choosePhone(Phone2, phones, mobileOne, chatOne, secondOne, plainOne, workOne, directOne, privateOne, homeOne, otherOne, mainOne)
	}
	if b.taken[Phone1] || b.taken[Phone2] {
		b.leaveOut(ofOthers)
	} else {
		for _, i := range ofOthers {
			b.askMaybe(i, Phone1)
		}
	}
	b.leaveOut(phones)
	b.movePhoneUp()
}

// choosePhone gives a field the first of the phones in the order of kinds, and
// returns the phones that are left.
func (b *binder) choosePhone(f Field, phones []int, order ...which) []int {
	for _, w := range order {
		var same []int
		for _, i := range phones {
			if b.meanings[i].which == w {
				same = append(same, i)
			}
		}
		slices.SortStableFunc(same, func(i, j int) int { return cmp.Compare(b.meanings[j].stress, b.meanings[i].stress) })
		if len(same) == 0 {
			continue
		}
		if len(same) > 1 && w <= mobileOne && b.meanings[same[0]].stress == b.meanings[same[1]].stress {
			b.askWhich(same, f)
			return slices.DeleteFunc(phones, func(i int) bool { return b.meanings[i].which == w })
		}
		b.bind(same[0], f)
		return slices.DeleteFunc(phones, func(i int) bool { return i == same[0] })
	}
	return phones
}

// movePhoneUp makes the second phone the first where there is none, unless it
// says itself that it is the second.
func (b *binder) movePhoneUp() {
	second := slices.Index(b.columns, column{fieldColumn, Phone2})
	if second < 0 || b.taken[Phone1] || b.meanings[second].kind != meaningPhone || b.meanings[second].which == secondOne {
		return
	}
	for i := range b.asked {
		if b.meanings[i].kind == meaningPhone {
			return // one of those may be the first
		}
	}
	delete(b.taken, Phone2)
	b.bind(second, Phone1)
	left := slices.DeleteFunc(b.junkPhones(), func(i int) bool { return b.meanings[i].which >= companyOne })
	b.choosePhone(Phone2, left, chatOne, secondOne, privateOne, homeOne, otherOne)
}

// junkPhones returns the phones that were left over.
func (b *binder) junkPhones() []int {
	var found []int
	for i, c := range b.columns {
		if c.kind == junkColumn && b.meanings[i].kind == meaningPhone {
			found = append(found, i)
		}
	}
	return found
}

// findPhones settles the headers that say only where: "Home" and "Work" are
// phones where both stand and no other column is the phone at work, as Yahoo and
// the Italian Outlook write them. Else they are a room or a mark.
func (b *binder) findPhones() {
	places, phones := b.open(meaningPlace), b.open(meaningPhone)
	of := func(columns []int, any ...which) bool {
		return slices.ContainsFunc(columns, func(i int) bool { return slices.Contains(any, b.meanings[i].which) })
	}
	switch {
	case of(places, homeOne) && of(places, workOne) && !of(phones, plainOne, workOne):
		for _, i := range places {
			if w := b.meanings[i].which; w == privateOne || w == mainOne {
				b.columns[i].kind = junkColumn
			} else {
				b.meanings[i].kind = meaningPhone
			}
		}
	default:
		for _, i := range places {
			if w := b.meanings[i].which; len(phones) > 0 && (w == workOne || w == privateOne) {
				b.columns[i].kind = junkColumn
			} else {
				b.askMaybe(i, Phone1)
			}
		}
	}
}

// chooseByNeighbours settles what only the rest of the row can tell.
func (b *binder) chooseByNeighbours() {
	places := 0
	for _, m := range b.meanings {
		if m.kind == meaningAddress && m.place {
			places++
		}
	}
	for _, i := range b.open(meaningState, meaningHouse) {
		switch {
		case places >= 2:
			b.columns[i].kind = junkColumn
		case b.meanings[i].kind == meaningState:
			b.askMaybe(i, Status)
		default:
			b.askMaybe(i, Phone1)
		}
	}
	account, salesforce := b.row("lastseen", "firstseen"), b.row("systemmodstamp")
	for _, i := range b.open(meaningJoined) {
		if account {
			b.becomes(i, ExternalDateCreation, 0) // an account's, as in Intercom
		} else {
			b.askMaybe(i, ExternalDateCreation)
		}
	}
	for _, i := range b.open(meaningField) {
		if b.meanings[i].field == ImageURL && salesforce {
			b.columns[i].kind = junkColumn // Salesforce's pictures have a path and no host
		}
	}
}

// row tells whether a column has one of these plain names.
func (b *binder) row(any ...string) bool {
	return slices.ContainsFunc(b.cells, func(cell string) bool { return slices.Contains(any, plainName(cell)) })
}
