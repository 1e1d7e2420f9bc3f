package tallyfy

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
)

// mostScans is how many whole scans are made of a list that keeps moving.
const mostScans = 4

var errMoving = fmt.Errorf("the list changed during each of %d readings, so nobody knows whether it is complete: try again when nobody adds or removes guests", mostScans)

// scans reads a list whose order says nothing, from the first page to the last,
// until two scans in a row agree. The first page of the first scan, where it is
// given, was emitted already.
func (l *listing) scans(ctx context.Context, first *fetched, emit func(*fetched) error) error {
	number := 1
	if first == nil {
		number = 2 // the descent was the first
	}
	seed := maphash.MakeSeed()
	var before *scan
	for range mostScans {
		s := newScan(number, seed)
		if before != nil { // the first one cannot be the last
			before.sums, s.sums = nil, []uint64{}
		}
		if err := l.scan(ctx, s, first, emit); err != nil {
			return err
		}
		switch {
		case s.pages == 1 && s.guests == s.total:
			return nil
		case before != nil && s.agrees(before):
			return s.complete()
		}
		before, first = s, nil
		number++
	}
	return failed("list guests", errMoving)
}

// scan is what is kept of one reading of the list.
type scan struct {
	number int
	seed   maphash.Seed
	digest maphash.Hash // of all ids, in order
	sums   []uint64     // of each id, to see whether all are different; nil: not wanted
	last   string       // id
	rising bool

	guests, pages, total int
}

func newScan(number int, seed maphash.Seed) *scan {
	s := &scan{number: number, seed: seed, rising: true}
	s.digest.SetSeed(seed)
	return s
}

// scan makes one reading.
func (l *listing) scan(ctx context.Context, s *scan, first *fetched, emit func(*fetched) error) error {
	p := first
	for n := 1; ; n++ {
		if p == nil {
			var err error
			if p, err = l.fetch(ctx, n); err != nil {
				return err
			}
		}
		s.take(p)
		if p != first {
			p.Scan, p.Ordered = s.number, s.rising
			if err := emit(p); err != nil {
				return err
			}
		}
		if n == 1 {
			s.pages = max(1, p.TotalPages)
		}
		if n >= p.TotalPages {
			return nil
		}
		if n > 2*s.pages+10 || s.guests > mostRecords {
			return failed("list guests", errGrows)
		}
		p = nil
	}
}

func (s *scan) take(p *fetched) {
	for i, id := range p.ids {
		s.rising = s.rising && isNumber(id) && (s.last == "" || compareIDs(id, s.last) > 0)
		s.last = id
		if id == "" {
			id = string(p.Records[i].AppendIdentity(nil))
		}
		_, _ = s.digest.WriteString(id) // neither fails
		_ = s.digest.WriteByte(0)
		if s.sums != nil {
			s.sums = append(s.sums, maphash.String(s.seed, id))
		}
	}
	s.guests += len(p.ids)
	s.total = p.Total
}

// agrees tells whether two scans gave the same guests in the same order.
func (s *scan) agrees(other *scan) bool {
	return s.guests == other.guests && s.total == other.total && s.digest.Sum64() == other.digest.Sum64()
}

// complete checks a scan that the next one has confirmed. Guests who stand on
// two pages are a sign that others stand on none: the server sorts those with
// equal values anew for each page.
func (s *scan) complete() error {
	slices.Sort(s.sums)
	different := len(slices.Compact(s.sums))
	if different == s.total && s.guests == s.total {
		return nil
	}
	return failed("list guests", fmt.Errorf("the server's pages do not make up a list: they hold %d records of %d guests, while it counts %d: sort by a field that tells all guests apart, such as email",
		s.guests, different, s.total))
}
