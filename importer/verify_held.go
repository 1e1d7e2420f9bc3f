package importer

import (
	"encoding/binary"

	"guestlist/guest"
)

// held is what is kept of a guest to whom rows are compared. Its zero value is one
// who is as they say.
type held struct {
	disabled bool
	differs  uint16 // bits of the fields in which some row may differ
	texts    [guest.NumFields]string
}

// differ notes that some row may not say what the server has.
func (h *held) differ(f guest.Field, server string) {
	h.differs |= 1 << f
	h.texts[f] = server
}

func (h *held) isDifferent(f guest.Field) bool { return h.differs&(1<<f) != 0 }

// pack returns all that is kept, in three bytes where nothing differs.
func (h *held) pack() []byte {
	packed := binary.LittleEndian.AppendUint16(nil, h.differs)
	if h.disabled {
		packed = append(packed, 1)
	} else {
		packed = append(packed, 0)
	}
	for f := range guest.NumFields {
		if h.isDifferent(f) {
			packed = binary.AppendUvarint(packed, uint64(len(h.texts[f])))
			packed = append(packed, h.texts[f]...)
		}
	}
	return packed
}

// unpackHeld reads what pack returned, whatever stands behind it.
func unpackHeld(packed []byte) held {
	h := held{differs: binary.LittleEndian.Uint16(packed), disabled: packed[2] == 1}
	packed = packed[3:]
	for f := range guest.NumFields {
		if h.isDifferent(f) {
			length, n := binary.Uvarint(packed)
			packed = packed[n:]
			h.texts[f], packed = string(packed[:length]), packed[length:]
		}
	}
	return h
}
