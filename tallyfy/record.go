package tallyfy

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"guestlist/guest"
)

// Guest is a guest as the server tells of one. Both record shapes of the
// documentation are read: with names and dates at the top, or within "details".
// What stands at the top wins over the same in details, even when it is null.
type Guest struct {
	// Record holds the values as an export shows them. A list is joined by ';', and
	// an object where a text is expected is its compact JSON.
	guest.Record

	// Raw is the record as the server sent it, to the byte. It shares its memory
	// with the others of its page and must not be changed.
	Raw json.RawMessage

	// HTTPStatus is that of the answer, which held this record alone; zero in a
	// listing.
	HTTPStatus int

	has     uint64   // bits of the columns whose key the record has
	unknown []string // keys without a column, the first ones
}

// column is a place that a value of a record goes to.
type column struct {
	bit  uint64
	name string
}

// Where the values go to: by key at the top or within details, and by key within
// stats.
var columns, statsColumns = tableOfColumns()

func tableOfColumns() (top, stats map[string]column) {
	top, stats = map[string]column{}, map[string]column{}
	for i, name := range guest.RecordColumns(true) {
		c := column{1 << i, name}
		if key, ok := strings.CutPrefix(name, "stats_"); ok {
			stats[key] = c
		} else {
			top[name] = c
		}
	}
	return top, stats
}

// Has tells whether the record has the column's key at all, if only as null: the
// difference between a value that is empty and one that was not told.
func (g *Guest) Has(name string) bool {
	c, ok := columns[name]
	if key, isStat := strings.CutPrefix(name, "stats_"); isStat {
		c, ok = statsColumns[key]
	}
	return ok && g.has&c.bit != 0
}

// Unknown returns the keys of the record that have no column, such as
// "updated_at" or "details.plan", in the record's order; of more than a hundred,
// the first hundred.
func (g *Guest) Unknown() []string { return slices.Clone(g.unknown) }

// WithoutLink returns Raw without the forever link, which is a credential, at the
// top and within details. All else stands as it came. The result may share its
// memory with Raw.
func (g *Guest) WithoutLink() json.RawMessage {
	return withoutLink(g.Raw, true)
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
	if err := a.checkJSON(); err != nil {
		return nil, err
	}
	record := bytes.TrimSpace(a.body)
	wrapped := false
	for m := range members(a.body) {
		if string(m.key) == "data" && m.value[0] == '{' {
			record, wrapped = m.value, true
		}
	}
	g := newGuest(record)
	if g.Email == "" && (!wrapped || g.ID == "") {
		return nil, errors.New("the answer holds no guest")
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

// newGuest reads a record, which is valid JSON. Unknown keys and values of
// unexpected types break nothing.
func newGuest(record []byte) *Guest {
	g := &Guest{Raw: record}
	var details, stats []byte
	for m := range members(record) {
		switch {
		case string(m.key) == "details" && isObject(m.value):
			details = m.value
		case string(m.key) == "stats" && isObject(m.value):
			stats = m.value
		default:
			g.take(columns, "", m, 0)
		}
	}
	top := g.has
	for m := range members(details) {
		g.take(columns, "details.", m, top)
	}
	for m := range members(stats) {
		g.take(statsColumns, "stats.", m, 0)
	}
	return g
}

// isObject takes null and the empty list, which is PHP's empty object, for one.
func isObject(value []byte) bool {
	return value[0] == '{' || value[0] == 'n' || value[0] == '[' && skipBlanks(value, 1) == len(value)-1
}

// take puts a value into its column, unless that is one of the taken ones.
func (g *Guest) take(table map[string]column, place string, m member, taken uint64) {
	c, ok := table[string(m.key)]
	switch {
	case !ok:
		const most = 100
		if len(g.unknown) < most {
			g.unknown = append(g.unknown, place+string(m.key))
		}
	case taken&c.bit == 0:
		g.has |= c.bit
		cell := g.Column(c.name)
		if c.name == "associated_members" {
			*cell = joined(m.value)
		} else {
			*cell = text(m.value)
		}
	}
}

// joined returns the elements of a list joined by ';', null ones left out, or
// another value as it is.
func joined(value []byte) string {
	if value[0] != '[' {
		return text(value)
	}
	var list strings.Builder
	for element := range elements(value) {
		if element[0] == 'n' {
			continue
		}
		if list.Len() > 0 {
			list.WriteByte(';')
		}
		list.WriteString(text(element))
	}
	return list.String()
}
