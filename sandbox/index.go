package sandbox

import (
	"cmp"
	"slices"
	"sort"
)

// blockSize is how many guests a block of an index is made with; it splits at twice that.
const blockSize = 512

// index keeps guests in one order, in blocks, so that adding, removing and finding the n-th are cheap among hundreds of
// thousands: a few hundred steps at most.
type index struct {
	compare func(a, b *entry) int // never 0 for two different entries
	blocks  [][]*entry            // none of them empty
}

// newIndex sorts all entries by a key that does not change while an entry is in the index.
func newIndex(key func(*Guest) string, entries []*entry) *index {
	x := &index{compare: func(a, b *entry) int {
		return cmp.Or(cmp.Compare(key(a.guest), key(b.guest)), cmp.Compare(a.seq, b.seq))
	}}
	return x.fill(entries)
}

// newIDIndex sorts by id.
func newIDIndex(entries []*entry) *index {
	x := &index{compare: func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.guest.ID, b.guest.ID), cmp.Compare(a.seq, b.seq))
	}}
	return x.fill(entries)
}

func (x *index) fill(entries []*entry) *index {
	slices.SortFunc(entries, x.compare)
	x.blocks = slices.Collect(slices.Chunk(entries, blockSize)) // their capacity is clipped: growing one copies it
	return x
}

// block returns the number of the first block that does not end before e, len(x.blocks) if all do.
func (x *index) block(e *entry) int {
	return sort.Search(len(x.blocks), func(i int) bool {
		b := x.blocks[i]
		return x.compare(b[len(b)-1], e) >= 0
	})
}

func (x *index) insert(e *entry) {
	if len(x.blocks) == 0 {
		x.blocks = [][]*entry{{e}}
		return
	}
	i := len(x.blocks) - 1
	b := x.blocks[i]
	if x.compare(b[len(b)-1], e) < 0 { // as with most who are new
		b = append(b, e)
	} else {
		i = x.block(e)
		at, _ := slices.BinarySearchFunc(x.blocks[i], e, x.compare)
		b = slices.Insert(x.blocks[i], at, e)
	}
	x.blocks[i] = b
	if len(b) >= 2*blockSize {
		x.blocks[i] = b[:blockSize]
		x.blocks = slices.Insert(x.blocks, i+1, slices.Clone(b[blockSize:]))
	}
}

// remove takes out an entry that is there.
func (x *index) remove(e *entry) {
	i := x.block(e)
	at, _ := slices.BinarySearchFunc(x.blocks[i], e, x.compare)
	x.blocks[i] = slices.Delete(x.blocks[i], at, at+1)
	if len(x.blocks[i]) == 0 {
		x.blocks = slices.Delete(x.blocks, i, i+1)
	}
}

// window returns up to n guests after the first skip ones.
func (x *index) window(skip, n int) []*Guest {
	page := make([]*Guest, 0, min(n, 1024))
	for _, b := range x.blocks {
		if skip >= len(b) {
			skip -= len(b)
			continue
		}
		for _, e := range b[skip:min(len(b), skip+n)] {
			page = append(page, e.guest)
			n--
		}
		if n == 0 {
			break
		}
		skip = 0
	}
	return page
}

// all yields every guest in order.
func (x *index) all(yield func(*Guest) bool) {
	for _, b := range x.blocks {
		for _, e := range b {
			if !yield(e.guest) {
				return
			}
		}
	}
}
