package importer

// index finds the row of a person by the hash of their key. It is a table with
// open addressing, of 16 to 24 bytes a row where a map takes up to 38. Its zero
// value is empty.
type index struct {
	keys  []uint64 // by row
	slots []uint32 // rows, counted from 1; zero: free. There are a power of two
	used  int      // slots
}

// add makes room for one more row, which is nobody's until it is entered.
func (x *index) add() { x.keys = append(x.keys, 0) }

// enter makes a row that of a person, instead of any other.
func (x *index) enter(key uint64, row int) {
	if 2*x.used >= len(x.slots) {
		x.grow()
	}
	slot := x.slot(key)
	if x.slots[slot] == 0 {
		x.used++
	}
	x.keys[row], x.slots[slot] = key, uint32(row+1)
}

// row returns the row of a person.
func (x *index) row(key uint64) (row int, ok bool) {
	if x.used == 0 {
		return 0, false
	}
	row = int(x.slots[x.slot(key)]) - 1
	return row, row >= 0
}

// slot returns where a person stands, or would.
func (x *index) slot(key uint64) int {
	last := len(x.slots) - 1
	for i := int(key) & last; ; i = (i + 1) & last {
		if row := x.slots[i]; row == 0 || x.keys[row-1] == key {
			return i
		}
	}
}

func (x *index) grow() {
	old := x.slots
	x.slots = make([]uint32, max(64, 2*len(old)))
	for _, row := range old {
		if row > 0 {
			x.slots[x.slot(x.keys[row-1])] = row
		}
	}
}
