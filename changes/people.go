package changes

import "iter"

// people finds the guests of both files by a hash of their email. It is a table
// with open addressing over a list, of 24 to 36 bytes a guest. Its zero value is
// empty. Two guests may have one hash.
type people struct {
	all   []person
	slots []uint32 // guests, counted from 1; zero: free. There are a power of two
}

// person is where a guest stands.
type person struct {
	hash  uint64
	place int64 // of the row, in bytes; below zero once seen: its complement
}

// at returns where the row starts.
func (p person) at() int64 {
	if p.seen() {
		return ^p.place
	}
	return p.place
}

// seen tells whether the guest was found in the other file.
func (p person) seen() bool { return p.place < 0 }

// see notes that a guest was found in the other file.
func (p *people) see(i int) { p.all[i].place = ^p.all[i].at() }

// add appends a guest.
func (p *people) add(hash uint64, at int64) {
	p.all = append(p.all, person{hash, at})
	if 2*len(p.all) > len(p.slots) {
		p.slots = make([]uint32, max(64, 2*len(p.slots)))
		for i := range p.all {
			p.enter(i)
		}
		return
	}
	p.enter(len(p.all) - 1)
}

// enter makes a guest of the list be found.
func (p *people) enter(i int) {
	slot := p.slot(p.all[i].hash)
	for p.slots[slot] != 0 {
		slot = p.after(slot)
	}
	p.slots[slot] = uint32(i + 1)
}

// with yields the guests that have a hash. None may be added meanwhile.
func (p *people) with(hash uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		if len(p.slots) == 0 {
			return
		}
		for slot := p.slot(hash); p.slots[slot] != 0; slot = p.after(slot) {
			if i := int(p.slots[slot]) - 1; p.all[i].hash == hash && !yield(i) {
				return
			}
		}
	}
}

// slot returns where a guest stands, or the first guest in the way.
func (p *people) slot(hash uint64) int { return int(hash) & (len(p.slots) - 1) }

func (p *people) after(slot int) int { return (slot + 1) & (len(p.slots) - 1) }
