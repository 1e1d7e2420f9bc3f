package importer

import (
	"testing"

	"pgregory.net/rapid"
)

// Whatever is entered in whichever order, an index knows what a map would.
func TestIndexFindsWhatWasEntered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Few low bits, so that many keys want the same slot.
		key := rapid.Custom(func(t *rapid.T) uint64 {
			return rapid.Uint64Range(0, 40).Draw(t, "high")<<40 | rapid.SampledFrom([]uint64{0, 1, 63, 64}).Draw(t, "low")
		})
		var x index
		want := map[uint64]int{}
		for row := range rapid.IntRange(0, 300).Draw(t, "rows") {
			x.add()
			if k := key.Draw(t, "key"); rapid.Bool().Draw(t, "enter") {
				x.enter(k, row)
				want[k] = row
			}
		}
		for high := range uint64(41) {
			for _, low := range []uint64{0, 1, 63, 64, 2} {
				k := high<<40 | low
				row, ok := x.row(k)
				if wantRow, there := want[k]; ok != there || ok && row != wantRow {
					t.Fatalf("key %x has row %d, %v; want %d, %v", k, row, ok, wantRow, there)
				}
			}
		}
	})
}
