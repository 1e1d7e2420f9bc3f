package importer

import (
	"strconv"
	"strings"
	"testing"

	"guestlist/guest"
)

// Guests come out as they went in, also where a block ends and where one does
// not fit into any.
func TestGuestsAreKeptAsTheyAre(t *testing.T) {
	want := []known{{}, {link: "https://x/y?z\x00"}, {id: strings.Repeat("7", 2*guestsBlock), members: "1001"}}
	for i := range uint32(30_000) {
		k := known{id: strconv.Itoa(int(i)), disabledAt: "2025-01-15 10:30:00", members: strings.Repeat("1001;", int(i%5))}
		for f := range guest.NumFields {
			if i>>f&1 == 1 {
				k.sums[f] = i<<8 | 1
			}
		}
		want = append(want, k)
	}
	var kept guests
	var places []uint64
	for i := range want {
		places = append(places, kept.keep(&want[i]))
	}
	if len(kept.blocks) < 4 {
		t.Fatalf("there are %d blocks, and this test is about more", len(kept.blocks))
	}
	for i, place := range places {
		if place == 0 || *kept.at(place) != want[i] {
			t.Fatalf("guest %d, at %x, is not what was kept", i, place)
		}
	}
}
