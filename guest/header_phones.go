package guest

import "slices"

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
		b.outdo(Phone1, ofOthers...)
	} else {
		for _, i := range ofOthers {
			b.askMaybe(i, Phone1)
		}
	}
	for _, i := range phones {
		switch b.meanings[i].which {
		case plainOne, workOne, directOne, mainOne:
			b.outdo(Phone1, i)
		default:
			b.outdo(Phone2, i)
		}
	}
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
		switch first := sortBy(same, func(i int) int { return -b.meanings[i].stress }); {
		case first == 0:
			continue
		case first > 1 && w <= mobileOne:
			b.askWhich(same, f)
			return slices.DeleteFunc(phones, func(i int) bool { return b.meanings[i].which == w })
		}
		b.bind(same[0], f)
		return slices.DeleteFunc(phones, func(i int) bool { return i == same[0] })
	}
	return phones
}

// movePhoneUp finds a first phone where there is none: beside a mobile the next
// best, else the second, unless it says itself that it is the second.
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
	left := slices.DeleteFunc(b.outdonePhones(), func(i int) bool { return b.meanings[i].which >= companyOne })
	if b.meanings[second].which == mobileOne {
		b.choosePhone(Phone1, left, secondOne, privateOne, homeOne, otherOne)
	}
	if b.taken[Phone1] {
		return
	}
	delete(b.taken, Phone2)
	b.bind(second, Phone1)
	b.choosePhone(Phone2, left, chatOne, secondOne, privateOne, homeOne, otherOne)
}

// outdonePhones returns the phones that were left over.
func (b *binder) outdonePhones() []int {
	var found []int
	for i, c := range b.columns {
		if c.kind == outdoneColumn && b.meanings[i].kind == meaningPhone {
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
	of := func(columns []int, some ...which) bool {
		return slices.ContainsFunc(columns, func(i int) bool { return slices.Contains(some, b.meanings[i].which) })
	}
	switch {
	case of(places, homeOne) && of(places, workOne) && !of(phones, plainOne, workOne):
		for _, i := range places {
			if w := b.meanings[i].which; w == privateOne || w == mainOne {
				b.drop(i)
			} else {
				b.meanings[i].kind = meaningPhone
			}
		}
	default:
		for _, i := range places {
			if w := b.meanings[i].which; len(phones) > 0 && (w == workOne || w == privateOne) {
				b.drop(i)
			} else {
				b.askMaybe(i, Phone1)
			}
		}
	}
}
