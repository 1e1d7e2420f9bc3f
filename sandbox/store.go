package sandbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// dateLayout is how the current shape writes times, in UTC.
const dateLayout = time.DateTime

// byCreation is the order of a list when nothing else is asked for.
const byCreation = "created_at"

// entry is a guest's place in the store. The guest itself is never changed, only replaced by a changed copy, so that an
// answer can be encoded without the lock. Whatever guests are sorted by stays the same for as long as the entry lives.
type entry struct {
	guest *Guest
	seq   uint64 // counts additions
}

// store holds the guests. The sandbox's lock guards it.
type store struct {
	guests  map[string]*entry // by folded email
	ids     map[int64]bool    // ever given
	lastID  int64
	lastSeq uint64
	indexes map[string]*index // by sort field, made when first asked for, except byCreation
	links   *rand.Rand
}

func newStore(links *rand.Rand) *store {
	return &store{
		guests:  map[string]*entry{},
		ids:     map[int64]bool{},
		lastID:  1233, // the first guest is 1234, as in the API's documentation
		indexes: map[string]*index{byCreation: newIndex(func(g *Guest) string { return g.Fields[byCreation] }, nil)},
		links:   links,
	}
}

// fold returns what two spellings of one guest's email have in common.
func fold(email string) string {
	return strings.ToLower(norm.NFC.String(trim(email)))
}

// trim takes off what the server takes off before it looks at a value: blanks and the characters nobody sees.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == 0 })
}

func (s *store) get(folded string) *Guest {
	if e := s.guests[folded]; e != nil {
		return e.guest
	}
	return nil
}

// add puts a guest in, in place of one with the same email if there is one.
func (s *store) add(g Guest) *Guest {
	key := fold(g.Email)
	if old := s.get(key); old != nil {
		if g.ID == 0 {
			g.ID = old.ID
		}
		s.remove(key)
	}
	if g.ID == 0 {
		g.ID = s.newID()
	}
	if g.Link == "" {
		g.Link = s.newLink(g.ID)
	}
	s.lastSeq++
	e := &entry{guest: &g, seq: s.lastSeq}
	s.guests[key] = e
	s.ids[g.ID] = true
	for _, x := range s.indexes {
		x.insert(e)
	}
	return e.guest
}

// change replaces a guest who is there by a copy that change has altered; it must not alter what guests are sorted by.
func (s *store) change(folded string, change func(*Guest)) *Guest {
	e := s.guests[folded]
	g := e.guest.clone()
	change(&g)
	e.guest = &g
	return e.guest
}

// remove returns the guest taken out, nil if there was none.
func (s *store) remove(folded string) *Guest {
	e := s.guests[folded]
	if e == nil {
		return nil
	}
	delete(s.guests, folded)
	for _, x := range s.indexes {
		x.remove(e)
	}
	return e.guest
}

func (s *store) newID() int64 {
	s.lastID++
	for s.ids[s.lastID] {
		s.lastID++
	}
	return s.lastID
}

// newLink is unique: the id sees to that even if the random part came twice.
func (s *store) newLink(id int64) string {
	return fmt.Sprintf("https://go.tallyfy.com/guest/%016x%x", s.links.Uint64(), id)
}

// sorted returns the index for a sort field, the one by creation if there is no such field.
func (s *store) sorted(field string) *index {
	if x := s.indexes[field]; x != nil {
		return x
	}
	entries := make([]*entry, 0, len(s.guests))
	for _, e := range s.guests {
		entries = append(entries, e)
	}
	switch field {
	case "id":
		s.indexes[field] = newIDIndex(entries)
	case "email":
		s.indexes[field] = newIndex(func(g *Guest) string { return g.Email }, entries)
	case "first_name", "last_name", "company_name", "last_accessed_at":
		s.indexes[field] = newIndex(func(g *Guest) string { return g.Fields[field] }, entries)
	default:
		return s.indexes[byCreation]
	}
	return s.indexes[field]
}

// page returns up to n guests after the first skip ones, and how many there are in all. Only guests with q in their email
// count; an empty q means all.
func (s *store) page(q, sort string, skip, n int) ([]*Guest, int) {
	field, descending := strings.CutPrefix(sort, "-")
	x := s.sorted(field)
	if q != "" {
		found := matching(x, strings.ToLower(q))
		if descending {
			slices.Reverse(found)
		}
		from := min(skip, len(found))
		return found[from:min(len(found), from+n)], len(found)
	}
	total := len(s.guests)
	if !descending {
		return x.window(skip, n), total
	}
	end := max(0, total-skip)
	start := max(0, end-n)
	page := x.window(start, end-start)
	slices.Reverse(page)
	return page, total
}

func matching(x *index, q string) []*Guest {
	var found []*Guest
	for g := range x.all {
		if strings.Contains(strings.ToLower(g.Email), q) {
			found = append(found, g)
		}
	}
	return found
}
