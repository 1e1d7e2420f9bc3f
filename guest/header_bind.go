package guest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// binder settles, column by column, what a header row means. What a person said
// comes first, then our own columns, then what the words say by themselves, and
// last what they say beside each other.
type binder struct {
	cells    []string
	byHeader map[string][]int // the columns with exactly that header, trimmed
	columns  []column
	meanings []meaning        // of the columns that are open
	taken    map[Field]bool   // by a column of ours or by a mapping: the rest gives way
	asked    map[int]question // what to ask about a column
	errors   []string         // what is wrong whatever is ignored
}

func newBinder(cells []string) *binder {
	b := &binder{
		cells: cells, columns: make([]column, len(cells)), meanings: make([]meaning, len(cells)),
		byHeader: map[string][]int{}, taken: map[Field]bool{}, asked: map[int]question{},
	}
	for i, cell := range cells {
		name := Trim(cell)
		if name == "" {
			b.columns[i].kind = unnamedColumn
			continue
		}
		b.byHeader[name] = append(b.byHeader[name], i)
	}
	return b
}

// settle finds out what each column means, or what has to be asked about it.
func (b *binder) settle(options ColumnOptions) {
	b.obey(options)
	b.takeOwn()
	b.read()
	b.chooseNames()
	b.choosePages()
	b.chooseEmail()
	b.choosePhones()
	b.chooseByNeighbours()
	b.chooseFields()
}

// obey does what a person said about the columns.
func (b *binder) obey(options ColumnOptions) {
	for _, mapping := range options.Map {
		i, problem := b.find("--map", mapping.Header)
		if problem == "" && b.columns[i].kind == fieldColumn && b.columns[i].field != mapping.Field {
			problem = fmt.Sprintf("--map names %s twice, for %s and for %s: one column gives one field", quote(mapping.Header), b.columns[i].field, mapping.Field)
		}
		if problem == "" && b.taken[mapping.Field] && b.columns[i].kind != fieldColumn {
			problem = fmt.Sprintf("--map names two columns for %s: take one of them out", mapping.Field)
		}
		if problem != "" {
			b.errors = append(b.errors, problem)
			continue
		}
		b.bind(i, mapping.Field)
	}
	for _, header := range options.Ignore {
		all, problem := b.findAll("--ignore-column", header)
		if problem != "" {
			b.errors = append(b.errors, problem)
		}
		for _, i := range all {
			if b.columns[i].kind == fieldColumn {
				b.errors = append(b.errors, fmt.Sprintf("both --map and --ignore-column name %s: take one of them out", quote(header)))
				continue
			}
			if b.columns[i].kind = ignoredColumn; meaningOf(b.cells[i]).kind == meaningSecret {
				b.columns[i].kind = sensitiveColumn // no less than before
			}
		}
	}
}

// bind gives a field to a column for good.
func (b *binder) bind(i int, f Field) {
	b.columns[i] = column{fieldColumn, f}
	b.taken[f] = true
}

// takeOwn settles the columns of our own exports and rejects files.
func (b *binder) takeOwn() {
	for f := range NumFields {
		var own []int
		for i, cell := range b.cells {
			if b.columns[i].kind == openColumn && Trim(cell) == f.String() {
				own = append(own, i)
			}
		}
		switch {
		case b.taken[f]:
			for _, i := range own {
				b.columns[i].kind = ignoredColumn // another column was mapped in its place
			}
		case len(own) > 1:
			b.errors = append(b.errors, fmt.Sprintf("%s %s mean %s: take all but one out", b.named(own), bothOrAll(own), f))
			b.taken[f] = true
			for _, i := range own {
				b.columns[i].kind = junkColumn
			}
		case len(own) == 1:
			b.bind(own[0], f)
		}
	}
	onlyServer, ours := serverColumns(), b.isOurs()
	for i, cell := range b.cells {
		name := plainName(cell)
		if _, isField := fieldNamed(name); b.columns[i].kind == openColumn && onlyServer[name] && !isField && (ours && b.plain(i) || !foreignToo(name)) {
			b.columns[i].kind = leftOutColumn
		}
	}
}

// foreignToo tells of those columns of an export that any program may write,
// and not all mean the same by.
func foreignToo(plain string) bool {
	return plain == "id" || plain == "createdat" || plain == "link"
}

// isOurs tells whether the file is an export of ours: no column is unknown to
// it, or two are that no other program has.
func (b *binder) isOurs() bool {
	onlyServer := serverColumns()
	strange, peculiar := 0, 0
	for i, cell := range b.cells {
		name := plainName(cell)
		_, isField := fieldNamed(name)
		switch {
		case b.columns[i].kind == unnamedColumn, name == plainName(ErrorColumn), isField && b.plain(i):
		case onlyServer[name] && !isField && b.plain(i):
			if !foreignToo(name) {
				peculiar++
			}
		default:
			strange++
		}
	}
	return strange == 0 || peculiar >= 2
}

// plain tells whether a header is written as ours are.
func (b *binder) plain(i int) bool {
	cell := Trim(b.cells[i])
	return cell == strings.ToLower(cell) && !strings.ContainsAny(cell, " .-")
}

// read finds out what each open column says by itself.
func (b *binder) read() {
	for i, cell := range b.cells {
		if b.columns[i].kind != openColumn {
			continue
		}
		m := meaningOf(cell)
		if f, ok := fieldNamed(plainName(cell)); ok && f != Email && f != Phone1 && f != Phone2 {
			m = meaning{kind: meaningField, field: f, rank: -1}
		}
		b.meanings[i] = m
		switch m.kind {
		case meaningJunk, meaningAddress:
			b.columns[i].kind = junkColumn
		case meaningSecret:
			b.columns[i].kind = sensitiveColumn
		case meaningUnknown:
			b.asked[i] = question{kind: askUnknown}
		case meaningAsk:
			b.askMaybe(i, m.candidates...)
		}
	}
}

// open returns the columns, neither settled nor asked for, with one of these
// meanings.
func (b *binder) open(any ...meaningKind) []int {
	var found []int
	for i, c := range b.columns {
		if _, asked := b.asked[i]; c.kind == openColumn && !asked && slices.Contains(any, b.meanings[i].kind) {
			found = append(found, i)
		}
	}
	return found
}

// gives tells whether a column may give a field, for good or as it looks now.
func (b *binder) gives(f Field) bool {
	return b.taken[f] || slices.ContainsFunc(b.open(meaningField), func(i int) bool {
		return b.meanings[i].field == f && b.meanings[i].rank < strangerRank
	})
}

// becomes changes what an open column says.
func (b *binder) becomes(i int, f Field, rank int) {
	b.meanings[i] = meaning{kind: meaningField, field: f, rank: rank}
}

func (b *binder) leaveOut(columns []int) {
	for _, i := range columns {
		b.columns[i].kind = junkColumn
	}
}

// Ranks of a column: 0 says plainly that it is a field.
const (
	whoseRank    = 1 // it says whose: "Student First Name"
	secondRank   = 2 // another column says it better: "Preferred First Name"
	strangerRank = 5 // it may well be about somebody else: "Person 2 First Name"
)

// rival tells whether an unknown column looks like the same thing of somebody
// else: beside "Parent Email", "Student Email" may not be the guest's.
func (b *binder) rival(any ...part) bool {
	for i := range b.asked {
		if b.meanings[i].kind == meaningUnknown {
			if p := partsOf(b.cells[i]); p.has(any...) {
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
			b.leaveOut(all)
			continue
		}
		slices.SortStableFunc(all, func(i, j int) int { return cmp.Compare(b.meanings[i].rank, b.meanings[j].rank) })
		lowest := b.meanings[all[0]].rank
		same := slices.IndexFunc(all, func(i int) bool { return b.meanings[i].rank > lowest })
		if same < 0 {
			same = len(all)
		}
		switch {
		case same > 1:
			b.askWhich(all[:same], f)
		case lowest >= strangerRank, lowest == whoseRank && f == FirstName && b.rival(partFirst), lowest == whoseRank && f == LastName && b.rival(partLast):
			b.askMaybe(all[0], f)
		default:
			b.bind(all[0], f)
		}
		for _, i := range all[same:] {
			if b.meanings[i].rank < secondRank {
				b.askMaybe(i, f)
			} else {
				b.columns[i].kind = junkColumn
			}
		}
	}
}

// header returns what came out.
func (b *binder) header() Header {
	h := Header{Cells: b.cells, columns: b.columns}
	for i, c := range b.columns {
		name := Trim(b.cells[i])
		switch c.kind {
		case leftOutColumn:
			h.LeftOut = append(h.LeftOut, name)
		case junkColumn:
			h.Junk = append(h.Junk, name)
		case ignoredColumn:
			h.Ignored = append(h.Ignored, name)
		case sensitiveColumn:
			h.Sensitive = append(h.Sensitive, name)
		}
	}
	return h
}
