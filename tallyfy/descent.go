package tallyfy

import (
	"cmp"
	"context"
	"slices"
)

// descent is what is kept of a list that is read by id, from its last page down
// to the second, and the first once more.
type descent struct {
	above  []string // the ids of the last page read that was not empty: the one behind the next
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
func (l *listing) descend(ctx context.Context, first *fetched, emit func(*fetched) error) (steady bool, err error) {
	d := descent{total: first.Total}
	p, err := l.end(ctx, first.TotalPages, &d)
	if err != nil {
		return false, err
	}
	d.came = 0 // who came until now stands on pages that are yet to be read
	for {
		behindOthers := d.above == nil && p.Number < p.TotalPages
		// Fewer pages than the total needs would let others be skipped.
		tooFewPages := p.Total > p.TotalPages*len(first.ids)
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
	if !extends(first.ids, again.ids) || !d.take(again) || !d.moved && d.guests != again.Total {
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
func (l *listing) end(ctx context.Context, pages int, d *descent) (p *fetched, err error) {
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
		if !rising(p.ids) {
			return false, nil
		}
		for _, id := range p.ids {
			if compareIDs(id, d.newest) > 0 && (lowest == "" || compareIDs(id, lowest) < 0) {
				found++
			}
		}
		if len(p.ids) > 0 {
			lowest = p.ids[0]
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
func (d *descent) take(p *fetched) bool {
	if !rising(p.ids) || !joins(p.ids, d.above) {
		return false
	}
	d.count(p)
	p.Scan, p.Ordered = 1, true
	if len(p.ids) == 0 {
		return true
	}
	for _, id := range p.ids {
		if d.lowest == "" || compareIDs(id, d.lowest) < 0 {
			d.guests++
		}
	}
	if d.newest == "" && p.Number > 1 {
		d.newest = last(p.ids)
	}
	d.above = p.ids
	if id := p.ids[0]; d.lowest == "" || compareIDs(id, d.lowest) < 0 {
		d.lowest = id
	}
	return true
}

// count notes how the total changed.
func (d *descent) count(p *fetched) {
	d.came += max(0, p.Total-d.total)
	d.moved = d.moved || p.Total != d.total
	d.total = p.Total
}

// joins tells whether the ids of a page end before those of the one that stands
// behind it, but for guests who moved over from there.
func joins(page, behind []string) bool {
	for _, id := range page {
		if len(behind) > 0 && compareIDs(id, behind[0]) >= 0 && !holds(behind, id) {
			return false
		}
	}
	return true
}

// extends tells whether the ids of a page, read again, are what they were, but
// for guests who are gone and for those who moved up from behind its end.
func extends(before, again []string) bool {
	for _, id := range again {
		if compareIDs(id, last(before)) <= 0 && !holds(before, id) {
			return false
		}
	}
	return true
}

// rising tells whether the ids are whole numbers, each above the one before.
func rising(ids []string) bool {
	for i, id := range ids {
		if !isNumber(id) || i > 0 && compareIDs(id, ids[i-1]) <= 0 {
			return false
		}
	}
	return true
}

// holds finds an id among those of a page, which rise.
func holds(page []string, id string) bool {
	_, found := slices.BinarySearchFunc(page, id, compareIDs)
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

func last(ids []string) string { return ids[len(ids)-1] }
