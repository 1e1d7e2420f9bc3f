package guest

import (
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
	slips    map[int][]string // the fields that a column left out unasked looks like
	errors   []string         // what is wrong whatever is ignored
	only     bool             // the email alone is read
}

func newBinder(cells []string) *binder {
	b := &binder{
		cells: cells, columns: make([]column, len(cells)), meanings: make([]meaning, len(cells)),
		byHeader: map[string][]int{}, taken: map[Field]bool{}, asked: map[int]question{}, slips: map[int][]string{},
	}
	for i := range cells {
		name := b.name(i)
		if name == "" {
			b.columns[i].kind = unnamedColumn
			continue
		}
		b.byHeader[name] = append(b.byHeader[name], i)
	}
	return b
}

// name returns the header of a column as a person knows it.
func (b *binder) name(i int) string { return Trim(b.cells[i]) }

// namesakes returns the columns with the same header as one, itself among them.
func (b *binder) namesakes(i int) []int { return b.byHeader[b.name(i)] }

// settle finds out what each column means, or what has to be asked about it.
func (b *binder) settle(options ColumnOptions) {
	b.only = options.EmailOnly
	b.obey(options)
	b.takeFields()
	b.leaveOutServerColumns()
	b.read()
	b.chooseNames()
	b.choosePages()
	b.chooseEmail()
	b.choosePhones()
	b.chooseByNeighbours()
	b.chooseFields()
	b.settleOutdone()
	if options.IgnoreUnknown {
		b.ignoreAsked()
	}
	if b.only && b.giver(Email) >= 0 {
		b.readEmailOnly()
	}
}

// readEmailOnly takes back what was settled of all columns that have nothing to do
// with the email, and what was to be asked of them. Those that hold secrets stay
// what they are.
func (b *binder) readEmailOnly() {
	for i, c := range b.columns {
		switch {
		case c.kind == unnamedColumn, c.kind == sensitiveColumn:
		case c.field == Email && (c.kind == fieldColumn || c.kind == outdoneColumn):
		case slices.Contains(b.asked[i].fields, Email):
		default:
			b.columns[i] = column{kind: unreadColumn}
			delete(b.asked, i)
		}
	}
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

// takeFields settles the columns that are called as a field is.
func (b *binder) takeFields() {
	for f := range NumFields {
		var own []int
		for _, i := range b.byHeader[f.String()] {
			if b.columns[i].kind == openColumn {
				own = append(own, i)
			}
		}
		switch {
		case b.taken[f]:
			b.outdo(f, own...) // another column was mapped in its place
		case len(own) > 1 && b.only && f != Email:
			b.drop(own...)
		case len(own) > 1:
			b.errors = append(b.errors, fmt.Sprintf("%s %s mean %s: take all but one out, such as with %s", b.named(own), bothOrAll(own), f, b.keepFirst(own, f)))
			b.taken[f] = true
			b.drop(own...)
		case len(own) == 1:
			b.bind(own[0], f)
		}
	}
}

// leaveOutServerColumns settles the columns of our own exports and rejects files
// that cannot be written.
func (b *binder) leaveOutServerColumns() {
	servers := serverColumns()
	ours := b.isOurs(servers)
	for i, cell := range b.cells {
		name := plainName(cell)
		if b.columns[i].kind == openColumn && servers[name] && (ours && b.plain(i) || !foreignToo(name)) {
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
func (b *binder) isOurs(servers map[string]bool) bool {
	strange, peculiar := 0, 0
	for i, cell := range b.cells {
		name := plainName(cell)
		_, isField := fieldNamed(name)
		switch {
		case b.columns[i].kind == unnamedColumn, name == plainName(ErrorColumn), isField && b.plain(i):
		case servers[name] && b.plain(i):
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
	name := b.name(i)
	return name == strings.ToLower(name) && !strings.ContainsAny(name, " .-")
}

// numbersRows tells whether the first column of a list only counts its rows.
func numbersRows(header string) bool {
	switch strings.TrimSuffix(strings.ToLower(Trim(header)), ".") {
	case "#", "no", "nr", "n°", "nº", "n", "№", "lp", "s.no", "sr", "sr. no":
		return true
	}
	return false
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
		if i == 0 && numbersRows(cell) {
			b.drop(i)
			continue
		}
		switch m.kind {
		case meaningJunk, meaningAddress:
			b.drop(i)
		case meaningSecret:
			b.columns[i].kind = sensitiveColumn
		case meaningUnknown:
			b.asked[i] = question{kind: unknownQuestion}
		case meaningAsk:
			b.askMaybe(i, m.candidates...)
		}
	}
}

// open returns the columns, neither settled nor asked for, with one of these
// meanings.
func (b *binder) open(kinds ...meaningKind) []int {
	var found []int
	for i, c := range b.columns {
		if _, asked := b.asked[i]; c.kind == openColumn && !asked && slices.Contains(kinds, b.meanings[i].kind) {
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

// drop settles columns that are known and mean nothing beside the others.
func (b *binder) drop(columns ...int) {
	for _, i := range columns {
		b.columns[i].kind = junkColumn
	}
}

// outdo settles columns that mean a field which another column gives better.
func (b *binder) outdo(f Field, columns ...int) {
	for _, i := range columns {
		b.columns[i] = column{outdoneColumn, f}
	}
}

// settleOutdone sees to it that a column gives each field that others were
// outdone for. A phone is outdone for either of two fields.
func (b *binder) settleOutdone() {
	for i, c := range b.columns {
		if c.kind != outdoneColumn || b.giver(c.field) >= 0 {
			continue
		}
		switch {
		case b.meanings[i].kind == meaningPhone && b.giver(Phone1) >= 0:
			b.outdo(Phone1, i)
		case b.meanings[i].kind == meaningPhone && b.giver(Phone2) >= 0:
			b.outdo(Phone2, i)
		default:
			b.columns[i] = column{kind: junkColumn}
		}
	}
}

// giver returns the column that gives a field, -1 without one.
func (b *binder) giver(f Field) int { return slices.Index(b.columns, column{fieldColumn, f}) }

// header returns what came out.
func (b *binder) header() Header {
	h := Header{Cells: b.cells, columns: b.columns}
	for i, c := range b.columns {
		name := h.Name(i)
		switch c.kind {
		case fieldColumn:
			if meaningOf(b.cells[i]).kind == meaningSecret {
				h.Exposed = append(h.Exposed, Exposed{name, c.field})
			}
		case outdoneColumn:
			h.Outdone = append(h.Outdone, Outdone{b.flagName(i), b.flagName(b.giver(c.field)), c.field})
		case leftOutColumn:
			h.LeftOut = append(h.LeftOut, name)
		case unreadColumn:
			h.Unread++
		case junkColumn:
			h.Junk = append(h.Junk, name)
		case ignoredColumn:
			h.Ignored = append(h.Ignored, Ignored{name, b.slips[i]})
		case sensitiveColumn:
			h.Sensitive = append(h.Sensitive, name)
		}
	}
	return h
}
