package tallyfy

import (
	"cmp"
	"context"
	"slices"
)

// descent is what is kept of a list that is read by id, from its last page down
// to the second, and the first once more.
type descent struct {
	above  []*Guest // the last page read that was not empty: the one behind the next
	lowest string   // of all ids read
	newest string   // the highest id when it began; empty: nobody stood behind the first page
	guests int      // different ones

	total int  // as told last
	came  int  // at least so many came since it began
	moved bool // somebody came or went
}

// descend reads the list that first is the first page of. It returns false when
// the pages show that the list is not in order after all, or that somebody came
// in between and may have pushed others past the reader.
func (l *listing) descend(ctx context.Context, first *Page, emit func(*Page) error) (steady bool, err error) {
	d := descent{total: first.Total}
	p, err := l.end(ctx, first.TotalPages, &d)
	if err != nil {
		return false, err
	}
	d.came = 0 // who came until now stands on pages that are yet to be read
	for {
		behindOthers := d.above == nil && p.Number < p.TotalPages
		// Fewer pages than the total needs would let others be skipped.
		tooFewPages := p.Total > p.TotalPages*len(first.Guests)
		if behindOthers || tooFewPages || !d.take(p) {
			return false, nil
		}
		if err := emit(p); err != nil {
			return false, err
		}
		// When the list gets shorter, the pages that are gone need not be asked for.
		next := min(p.Number-1, p.TotalPages)
		if next < 2 {
			break
		}
		if p, err = l.fetch(ctx, next); err != nil {
			return false, err
		}
	}

	again, err := l.fetch(ctx, 1)
	if err != nil {
		return false, err
	}
	if !extends(first.Guests, again.Guests) || !d.take(again) || !d.moved && d.guests != again.Total {
		return false, nil
	}
	if d.came > 0 {
		if behind, err := l.cameBehind(ctx, &d, again.TotalPages); !behind || err != nil {
			return false, err
		}
	}
	return true, emit(again)
}

// end gets the last page of the list. It had so many pages when it was last
// seen, and may have more by now; if it grows too fast, the page got has others
// behind it.
func (l *listing) end(ctx context.Context, pages int, d *descent) (p *Page, err error) {
	for range 5 {
		if p, err = l.fetch(ctx, max(1, pages)); err != nil {
			return nil, err
		}
		d.count(p)
		if p.TotalPages <= p.Number {
			break
		}
		pages = p.TotalPages
	}
	return p, nil
}

// cameBehind tells whether all who came since the descent began stand behind
// those who were there. Someone who came in between, such as a guest of another
// organization with an old id, has moved one guest from the pages that were yet
// to be read to those that had been.
func (l *listing) cameBehind(ctx context.Context, d *descent, pages int) (bool, error) {
	if d.newest == "" {
		return false, nil // all who were there when it began may be gone
	}
	p, err := l.end(ctx, pages, d)
	if err != nil {
		return false, err
	}
	sought, found, lowest := d.came, 0, ""
	for {
		if !rising(p.Guests) {
			return false, nil
		}
		for _, g := range p.Guests {
			if compareIDs(g.ID, d.newest) > 0 && (lowest == "" || compareIDs(g.ID, lowest) < 0) {
				found++
			}
		}
		if len(p.Guests) > 0 {
			lowest = p.Guests[0].ID
		}
		if p.Number == 1 || found >= sought || lowest != "" && compareIDs(lowest, d.newest) <= 0 {
			return found >= sought, nil
		}
		if p, err = l.fetch(ctx, p.Number-1); err != nil {
			return false, err
		}
		// Someone who comes now pushes as many out of the pages yet to be read as
		// into them, and is not sought. But when all pages so far were past the end,
		// there was room, and the newcomer may be among those found.
		if d.count(p); lowest == "" {
			sought = d.came
		}
	}
}

// take adds a page that stands before all that were taken. It returns false
// when that is not so.
func (d *descent) take(p *Page) bool {
	if !rising(p.Guests) || !joins(p.Guests, d.above) {
		return false
	}
	d.count(p)
	p.Scan, p.Ordered = 1, true
	if len(p.Guests) == 0 {
		return true
	}
	for _, g := range p.Guests {
		if d.lowest == "" || compareIDs(g.ID, d.lowest) < 0 {
			d.guests++
		}
	}
	if d.newest == "" && p.Number > 1 {
		d.newest = last(p.Guests).ID
	}
	d.above = p.Guests
	if id := p.Guests[0].ID; d.lowest == "" || compareIDs(id, d.lowest) < 0 {
		d.lowest = id
	}
	return true
}

// count notes how the total changed.
func (d *descent) count(p *Page) {
	d.came += max(0, p.Total-d.total)
	d.moved = d.moved || p.Total != d.total
	d.total = p.Total
}

// joins tells whether a page ends before the one that stands behind it, but for
// guests who moved over from there.
func joins(page, behind []*Guest) bool {
	for _, g := range page {
		if len(behind) > 0 && compareIDs(g.ID, behind[0].ID) >= 0 && !holds(behind, g) {
			return false
		}
	}
	return true
}

// extends tells whether a page, read again, is what it was, but for guests who
// are gone and for those who moved up from behind its end.
func extends(before, again []*Guest) bool {
	for _, g := range again {
		if compareIDs(g.ID, last(before).ID) <= 0 && !holds(before, g) {
			return false
		}
	}
	return true
}

// rising tells whether the ids are whole numbers, each above the one before.
func rising(guests []*Guest) bool {
	for i, g := range guests {
		if !isNumber(g.ID) || i > 0 && compareIDs(g.ID, guests[i-1].ID) <= 0 {
			return false
		}
	}
	return true
}

// holds finds a guest on a page whose ids rise.
func holds(page []*Guest, g *Guest) bool {
	_, found := slices.BinarySearchFunc(page, g.ID, func(g *Guest, id string) int { return compareIDs(g.ID, id) })
	return found
}

// isNumber takes digits without a sign or leading zeros, of any length.
func isNumber(id string) bool {
	for _, c := range []byte(id) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return id == "0" || id != "" && id[0] != '0'
}

// compareIDs compares numbers, see isNumber.
func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

func last(guests []*Guest) *Guest { return guests[len(guests)-1] }
