package tallyfy

import (
	"cmp"
	"encoding/json"
	"math/bits"
	"slices"
	"strings"

	"guestlist/guest"
)

// Record is the record of a guest as the server sent it. It is taken apart, but
// its values are not made into texts yet, which costs more than all the rest.
// Both record shapes of the documentation are read: with names and dates at the
// top, or within "details". What stands at the top wins over the same in
// details, even when it is null.
type Record struct {
	// Raw is the record to the byte. It shares its memory with the others of its
	// page and must not be changed.
	Raw json.RawMessage

	cells   []cell   // the values that are not null, in the order of the columns
	has     uint64   // bits of the columns whose key it has
	filled  uint64   // those of cells
	plain   uint64   // those whose value is a text that is written as it is
	unknown []string // keys without a column, the first ones
}

// cell is where a value stands in the record.
type cell struct{ from, to uint32 }

// Append appends the value of a column as an export shows it. The column is
// named by its place among guest.RecordColumns(true). A list of members is joined
// by ';', and an object where a text is expected is its compact JSON.
func (r *Record) Append(b []byte, column int) []byte {
	bit := uint64(1) << column
	if r.filled&bit == 0 {
		return b
	}
	cell := r.cells[bits.OnesCount64(r.filled&(bit-1))]
	value := r.Raw[cell.from:cell.to]
	switch {
	case r.plain&bit != 0:
		return append(b, value[1:len(value)-1]...)
	case value[0] == '[' && column == membersColumn:
		return appendJoined(b, value)
	}
	return appendText(b, value)
}

// appendJoined appends the elements of a list joined by ';', null ones left out.
func appendJoined(b, list []byte) []byte {
	start := len(b)
	for element := range elements(list) {
		if element[0] == 'n' {
			continue
		}
		if len(b) > start {
			b = append(b, ';')
		}
		b = appendText(b, element)
	}
	return b
}

// AppendIdentity appends what two records of one guest have in common: the id,
// or the email where there is none.
func (r *Record) AppendIdentity(b []byte) []byte {
	if with := r.Append(b, idColumn); len(with) > len(b) {
		return with
	}
	return append(append(b, "email "...), guest.Key(string(r.Append(nil, emailColumn)))...)
}

// Unknown returns the keys of the record that have no column, such as
// "updated_at" or "details.plan", in the record's order; of more than a hundred,
// the first hundred.
func (r *Record) Unknown() []string { return r.unknown }

// Guest is a guest as the server tells of one.
type Guest struct {
	// Record holds the values as an export shows them, see Record.Append.
	guest.Record

	// Raw is the record as the server sent it, see Record.Raw.
	Raw json.RawMessage

	// HTTPStatus is that of the answer, which held this record alone; zero in a
	// listing.
	HTTPStatus int

	has     uint64
	unknown []string
}

// guest makes texts of the values.
func (r *Record) guest() *Guest {
	g := &Guest{Raw: r.Raw, has: r.has, unknown: r.unknown}
	for left := r.filled; left != 0; left &= left - 1 {
		column := bits.TrailingZeros64(left)
		var room [128]byte // most fit in
		*g.Column(columnNames[column]) = string(r.Append(room[:0], column))
	}
	return g
}

// Has tells whether the record has the column's key at all, if only as null: the
// difference between a value that is empty and one that was not told.
func (g *Guest) Has(name string) bool {
	c, ok := columns[name]
	if key, isStat := strings.CutPrefix(name, "stats_"); isStat {
		c, ok = statsColumns[key]
	}
	return ok && g.has&(1<<c) != 0
}

// Unknown is Record.Unknown.
func (g *Guest) Unknown() []string { return slices.Clone(g.unknown) }

// WithoutLink returns WithoutLink(g.Raw).
func (g *Guest) WithoutLink() json.RawMessage { return WithoutLink(g.Raw) }

// WithoutLink returns a record without the forever link, which is a credential,
// at the top and within details. All else stands as it came. The result may share
// its memory with the record.
func WithoutLink(record json.RawMessage) json.RawMessage {
	return withoutLink(record, true)
}

func withoutLink(object []byte, isTop bool) []byte {
	changed := false
	out := make([]byte, 0, len(object))
	out = append(out, '{')
	for m := range members(object) {
		if string(m.key) == "link" {
			changed = true
			continue
		}
		if isTop && string(m.key) == "details" {
			inner := withoutLink(m.value, false)
			changed = changed || len(inner) < len(m.value)
			m.value = inner
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, m.head...), m.value...), m.tail...)
	}
	if !changed {
		return object
	}
	return append(out, '}')
}

// guestIn reads an answer that holds one guest: as its data, or bare.
func guestIn(a *answer) (*Guest, error) {
	var record Record
	wrapped := false
	r := readers.Get().(*recordReader)
	defer r.release()
	r.cursor = newCursor(a.body)
	c := &r.cursor
	for more := c.enter('{'); more; more = c.next('}') {
		key, _ := c.key()
		if string(a.body[key.from:key.to]) != "data" || !c.sees('{') {
			c.value()
			continue
		}
		record, wrapped = Record{}, true
		r.read(&record)
	}
	if !c.isWhole() {
		if err := a.checkJSON(); err != nil || c.broken {
			return nil, cmp.Or(err, errNoJSON)
		}
	}
	if !wrapped {
		r.cursor = newCursor(a.body)
		r.read(&record)
	}
	g := record.guest()
	if g.Email == "" && (!wrapped || g.ID == "") {
		return nil, errNoGuest
	}
	g.HTTPStatus = a.status
	return g, nil
}

// guestFor reads an answer that should hold the guest with that email. A record
// that tells no email is taken at the server's word.
func guestFor(a *answer, email string) (*Guest, error) {
	g, err := guestIn(a)
	if err == nil && g.Email != "" && guest.Key(g.Email) != guest.Key(email) {
		return nil, errOther
	}
	return g, err
}

// NewRecord takes a record apart. What is no JSON is a record without anything.
func NewRecord(raw []byte) Record {
	var record Record
	r := recordReader{single: true, cursor: newCursor(raw)}
	if r.read(&record); !r.cursor.isWhole() {
		return Record{}
	}
	return record
}

// newGuest reads a record, which is valid JSON.
func newGuest(raw []byte) *Guest {
	record := NewRecord(raw)
	g := record.guest()
	g.Raw = raw
	return g
}
