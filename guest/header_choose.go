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
		b.drop(apelidos...)
	}
	for _, i := range b.open(meaningApelido) {
		b.askMaybe(i, LastName)
	}

	names := b.open(meaningName)
	switch first, last := b.gives(FirstName), b.gives(LastName); {
	case first && last:
		b.drop(names...)
	case len(names) != 1 || !first && !last:
		for _, i := range names {
			b.asked[i] = question{kind: wholeQuestion}
		}
	case first:
		b.chooseHalf(names[0], LastName, FirstName)
	default:
		b.chooseHalf(names[0], FirstName, LastName)
	}

	parted, firm, xero := b.gives(FirstName) && b.gives(LastName), b.gives(CompanyName), b.hasColumn("poattentionto")
	for _, i := range b.open(meaningWhole, meaningPartyName) {
		if parted && xero && plainName(b.cells[i]) == "contactname" {
			b.becomes(i, CompanyName, 0) // Xero's contacts are firms
			continue
		}
		switch party := b.meanings[i].kind == meaningPartyName; {
		case parted && (party || plainName(b.cells[i]) == "contactname" && !firm):
			b.askMaybe(i, CompanyName)
		case parted:
			b.drop(i)
		case party && !firm:
			b.asked[i] = question{kind: partyQuestion}
		default:
			b.asked[i] = question{kind: wholeQuestion}
		}
	}
}

// halves says which half of a name a word for "name" is beside a column with the
// other half, under one of these words; without them, under any. Elsewhere it is
// the whole name, as in English, or nobody can tell.
var halves = []struct {
	name   string
	half   Field
	beside []string
}{
	{"name", LastName, []string{"vorname", "vornamen", "vor name", "rufname"}},
	{"nom", LastName, []string{"prenom", "prenoms", "prenom usuel"}},
	{"nom", FirstName, []string{"cognom", "cognoms"}}, // in Catalan
	{"naam", LastName, []string{"voornaam", "roepnaam"}},
	{"nume", LastName, []string{"prenume"}},
	{"nombre", FirstName, nil},
	{"nome", FirstName, nil},
	{"имя", FirstName, nil},
	{"ім я", FirstName, nil},
	{"име", FirstName, nil},
	{"ime", FirstName, nil},
	{"όνομα", FirstName, nil},
	{"이름", FirstName, nil},
}

// chooseHalf settles a word for "name" beside a column with the other half of the
// name.
func (b *binder) chooseHalf(i int, half, other Field) {
	name, beside := partsOf(b.cells[i]), b.likely(other)
	for _, h := range halves {
		if h.half == half && name.says(foldedPhrase(h.name)) && (h.beside == nil || slices.ContainsFunc(beside, func(j int) bool {
			p := partsOf(b.cells[j])
			return p.says(h.beside...)
		})) {
			b.becomes(i, half, 0)
			return
		}
	}
	b.asked[i] = question{kind: halfQuestion, fields: []Field{half, other}}
}

// likely returns the columns that may give a field, for good or as it looks now.
func (b *binder) likely(f Field) []int {
	var found []int
	for i, c := range b.columns {
		if c == (column{fieldColumn, f}) || c.kind == openColumn && b.meanings[i].kind == meaningField && b.meanings[i].field == f {
			found = append(found, i)
		}
	}
	return found
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
	same := sortBy(emails, level)
	switch {
	case len(emails) == 0:
	case b.taken[Email]:
		b.outdo(Email, emails...)
	case level(emails[0]) >= 300, (level(emails[0]) >= 200 || b.meanings[emails[0]].whose) && b.rival(partEmail):
		for _, i := range emails {
			b.askMaybe(i, Email)
		}
	default:
		if same > 1 {
			b.askWhich(emails[:same], Email)
		} else {
			b.bind(emails[0], Email)
		}
		b.outdo(Email, emails[same:]...)
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
			b.drop(i)
		case b.meanings[i].kind == meaningState:
			b.askMaybe(i, Status)
		default:
			b.askMaybe(i, Phone1)
		}
	}
	account, salesforce := b.hasColumn("lastseen", "firstseen"), b.hasColumn("systemmodstamp")
	for _, i := range b.open(meaningJoined) {
		if account {
			b.becomes(i, ExternalDateCreation, 0) // an account's, as in Intercom
		} else {
			b.askMaybe(i, ExternalDateCreation)
		}
	}
	for _, i := range b.open(meaningField) {
		if b.meanings[i].field == ImageURL && salesforce {
			b.drop(i) // Salesforce's pictures have a path and no host
		}
	}
}

// hasColumn tells whether a column has one of these plain names.
func (b *binder) hasColumn(names ...string) bool {
	return slices.ContainsFunc(b.cells, func(cell string) bool { return slices.Contains(names, plainName(cell)) })
}

// rival tells whether an unknown column looks like the same thing of somebody
// else: beside "Parent Email", "Student Email" may not be the guest's.
func (b *binder) rival(some ...part) bool {
	for i := range b.asked {
		if b.meanings[i].kind == meaningUnknown {
			if p := partsOf(b.cells[i]); p.has(some...) {
				return true
			}
		}
	}
	return false
}

// chooseFields gives each field the column that says it most plainly.
func (b *binder) chooseFields() {
	for f := range NumFields {
		var all []int
		for _, i := range b.open(meaningField) {
			if b.meanings[i].field == f {
				all = append(all, i)
			}
		}
		if len(all) == 0 {
			continue
		}
		if b.taken[f] {
			b.outdo(f, all...)
			continue
		}
		same := sortBy(all, func(i int) int { return b.meanings[i].rank })
		lowest := b.meanings[all[0]].rank
		switch {
		case same > 1:
			b.askWhich(all[:same], f)
		case lowest >= halfRank, lowest == whoseRank && f == FirstName && b.rival(partFirst), lowest == whoseRank && f == LastName && b.rival(partLast):
			b.askMaybe(all[0], f)
		default:
			b.bind(all[0], f)
		}
		for _, i := range all[same:] {
			if rank := b.meanings[i].rank; rank < secondRank || rank == halfRank {
				b.askMaybe(i, f)
			} else {
				b.outdo(f, i)
			}
		}
	}
}

// sortBy sorts columns, the lowest level first, and returns how many share that.
func sortBy(columns []int, level func(i int) int) (lowest int) {
	slices.SortStableFunc(columns, func(i, j int) int { return cmp.Compare(level(i), level(j)) })
	for lowest < len(columns) && level(columns[lowest]) == level(columns[0]) {
		lowest++
	}
	return lowest
}
