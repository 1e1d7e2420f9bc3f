package importer

import (
	"encoding/binary"

	"guestlist/guest"
)

// guests keeps who is known in some 70 bytes each, a quarter of what a map of
// them takes, with nothing in it that the garbage collector has to follow. Its
// zero value is empty.
type guests struct {
	blocks [][]byte
}

// guestsBlock is how many bytes a block has; where one guest needs more, it grows.
const guestsBlock = 1 << 20

// isSilent stands for known.silent, behind the bits of the fields.
const isSilent = 1 << guest.NumFields

// keep keeps a guest and returns its place, which is not zero.
func (g *guests) keep(k *known) (place uint64) {
	var told uint32
	for f := range guest.NumFields {
		if k.sums[f] != 0 {
			told |= 1 << f
		}
	}
	if k.silent {
		told |= isSilent
	}
	packed := binary.LittleEndian.AppendUint32(nil, told)
	for _, sum := range k.sums {
		if sum != 0 {
			packed = binary.LittleEndian.AppendUint32(packed, sum)
		}
	}
	for _, text := range k.texts() {
		packed = binary.AppendUvarint(packed, uint64(len(*text)))
		packed = append(packed, *text...)
	}
	return g.put(packed)
}

// put keeps bytes and returns their place, which is not zero.
func (g *guests) put(packed []byte) (place uint64) {
	last := len(g.blocks) - 1
	if last < 0 || len(g.blocks[last])+len(packed) > cap(g.blocks[last]) {
		g.blocks = append(g.blocks, make([]byte, 0, guestsBlock))
		last++
	}
	place = uint64(last+1)<<32 | uint64(len(g.blocks[last]))
	g.blocks[last] = append(g.blocks[last], packed...)
	return place
}

// from returns the bytes from a place on; only who put them there knows their end.
func (g *guests) from(place uint64) []byte { return g.blocks[place>>32-1][uint32(place):] }

// at returns the guest at a place.
func (g *guests) at(place uint64) *known {
	packed := g.from(place)
	var k known
	told := binary.LittleEndian.Uint32(packed)
	packed = packed[4:]
	k.silent = told&isSilent != 0
	for f := range guest.NumFields {
		if told&(1<<f) != 0 {
			k.sums[f] = binary.LittleEndian.Uint32(packed)
			packed = packed[4:]
		}
	}
	for _, text := range k.texts() {
		length, n := binary.Uvarint(packed)
		packed = packed[n:]
		*text, packed = string(packed[:length]), packed[length:]
	}
	return &k
}
