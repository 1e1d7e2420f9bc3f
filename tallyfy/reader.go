package tallyfy

import (
	"math/bits"
	"strings"
	"sync"

	"guestlist/guest"
)

// Columns are known by their places among these names.
var columnNames = guest.RecordColumns(true)

// mostColumns is how many there may be: sets of them are bits.
const mostColumns = 64

// Where the values go to: by key at the top or within details, and by key within
// stats.
var columns, statsColumns = tableOfColumns()

var (
	idColumn      = columns["id"]
	emailColumn   = columns[guest.Email.String()]
	membersColumn = columns[guest.AssociatedMembers.String()]
)

func tableOfColumns() (top, stats map[string]int) {
	top, stats = map[string]int{}, map[string]int{}
	for column, name := range columnNames {
		if key, ok := strings.CutPrefix(name, "stats_"); ok {
			stats[key] = column
		} else {
			top[name] = column
		}
	}
	return top, stats
}

// recordReader takes records apart, one after the other. The zero value is ready
// to use.
type recordReader struct {
	cursor cursor
	single bool   // no other record follows
	room   []cell // for the cells of records to come

	// Of the present record.
	record *Record
	values [mostColumns]span // by column
	inner  uint64            // columns whose value stands in details

	// Most records have the same keys in the same order. So those of one are expected
	// of the next, which saves looking them up.
	expected []key
	met      int // keys of the present record
	other    key // that was not expected
}

// readers are those of answers with one guest, and expect more like them.
var readers = sync.Pool{New: func() any { return new(recordReader) }}

// release lets another answer be read, and keeps nothing of this one.
func (r *recordReader) release() {
	r.cursor, r.record = cursor{}, nil
	readers.Put(r)
}

// key is a key of a record.
type key struct {
	written string // with its quotes and colon, and the blanks around that
	name    string // unless it means a column
	where   place
	column  int
	known   bool // it means a column
}

// place is the object that a key stands in.
type place uint8

const (
	atTop place = iota
	inDetails
	inStats
	nowhere // of what is expected nowhere
)

// prefixes stand before the names of unknown keys.
var prefixes = [...]string{atTop: "", inDetails: "details.", inStats: "stats."}

const (
	mostKeys = 100 // of a record that are expected of the next, and unknown ones that are told
	mostKey  = 200 // bytes of one that is expected
)

// read takes the record apart that comes next, into one without anything.
// Unknown keys and values of unexpected types break nothing. What is no object
// has no columns.
func (r *recordReader) read(record *Record) {
	c := &r.cursor
	from := c.i
	r.record, r.inner, r.met = record, 0, 0
	if c.sees('{') {
		r.object(atTop)
	} else {
		c.value()
	}
	if c.broken {
		*record = Record{}
		return
	}
	record.Raw = c.b[from:c.i:c.i]
	r.keepCells(from)
}

// keepCells notes where the values stand in a record that begins there.
func (r *recordReader) keepCells(from int) {
	const many = 4096
	n := bits.OnesCount64(r.record.filled)
	switch {
	case r.single:
		r.room = make([]cell, n)
	case len(r.room) < n:
		r.room = make([]cell, many)
	}
	r.record.cells, r.room = r.room[:n:n], r.room[n:]
	for i, left := 0, r.record.filled; left != 0; i, left = i+1, left&(left-1) {
		value := r.values[bits.TrailingZeros64(left)]
		r.record.cells[i] = cell{uint32(value.from - from), uint32(value.to - from)}
	}
}

// object reads the object that comes next: the record, or one within it.
func (r *recordReader) object(where place) {
	c := &r.cursor
	for more := c.enter('{'); more; more = c.next('}') {
		k := r.key(where)
		switch {
		case k.known:
			r.take(k)
		case where == atTop && k.name == "details" && c.sees('{'):
			r.object(inDetails)
		case where == atTop && k.name == "stats" && c.sees('{'):
			r.object(inStats)
		default:
			r.leave(k)
		}
	}
}

// key passes over a key and its colon.
func (r *recordReader) key(where place) *key {
	c, n := &r.cursor, r.met
	r.met++
	if n < len(r.expected) {
		if k := &r.expected[n]; k.where == where && c.pass(k.written) {
			return k
		}
	}
	at, plain := c.key()
	k := &r.other
	*k = key{where: where}
	if c.broken {
		return k
	}
	name := c.b[at.from:at.to]
	if !plain && !isPlain(name) {
		name = []byte(unquoted(name))
	}
	if where == inStats {
		k.column, k.known = statsColumns[string(name)]
	} else {
		k.column, k.known = columns[string(name)]
	}
	if !k.known {
		k.name = string(name)
	}
	if n < mostKeys && !r.single {
		r.expected = append(r.expected[:n], *k)
		if written := c.b[at.from-1 : c.i]; len(written) <= mostKey {
			r.expected[n].written = string(written)
		} else {
			r.expected[n] = key{where: nowhere}
		}
	}
	return k
}

// take notes where the value of a column stands, unless one at the top wins.
func (r *recordReader) take(k *key) {
	c, record, bit := &r.cursor, r.record, uint64(1)<<k.column
	if k.where == inDetails {
		if record.has&^r.inner&bit != 0 {
			c.value()
			return
		}
		r.inner |= bit
	} else {
		r.inner &^= bit
	}
	record.has |= bit
	record.filled |= bit
	record.plain &^= bit
	switch {
	case c.isNull():
		record.filled &^= bit
	case c.sees('"'):
		text, plain := c.text()
		r.values[k.column] = span{text.from - 1, text.to + 1}
		if plain {
			record.plain |= bit
		}
	default:
		r.values[k.column] = c.value()
	}
}

// leave passes over a value that has no column.
func (r *recordReader) leave(k *key) {
	at := r.cursor.value()
	if r.cursor.broken || k.where == atTop && (k.name == "details" || k.name == "stats") && isNothing(r.cursor.b[at.from:at.to]) {
		return
	}
	if len(r.record.unknown) < mostKeys {
		r.record.unknown = append(r.record.unknown, prefixes[k.where]+k.name)
	}
}

// isNothing takes null and the empty list, which is PHP's empty object.
func isNothing(value []byte) bool {
	return value[0] == 'n' || value[0] == '[' && skipBlanks(value, 1) == len(value)-1
}
