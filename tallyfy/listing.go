package tallyfy

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"
)

// ListOptions say which guests to list. The zero value lists all, by id where
// the server can, without statistics.
type ListOptions struct {
	Stats   bool   // with the completion statistics
	Search  string // only guests whose email matches, as the server searches
	Sort    string // the field to sort by, as the server takes it; empty: see Pages
	PerPage int    // guests on a page; zero: 999, the server's own default

	// RecordsOnly leaves Page.Guests empty, for a consumer to whom the records will
	// do. A page is then valid until the next one is asked for.
	RecordsOnly bool
}

// Page is a part of a listing.
type Page struct {
	// Scan counts from 1. A new scan begins the list anew: what earlier ones gave
	// is to be forgotten.
	Scan int

	// Number is the page's place in the list, from 1. A page that comes again in
	// the same scan replaces what it was before.
	Number int

	TotalPages, Total int // as the server told with this page

	Records []Record
	Guests  []*Guest // the same, read

	// Ordered tells whether the ids of this scan are whole numbers that rise from
	// each guest to the next in the order of the pages, as far as is known. Then a
	// guest whose id is not above the one before is a repeat.
	Ordered bool
}

// Pages lists all guests. When it ends without an error the last scan is
// complete: everybody who was a guest all the while is in it, perhaps more than
// once; people who came or went meanwhile may be in it or not.
//
// A list that moves is read so that nobody slips through between two pages.
// One single page is complete by itself. With Sort empty the list is asked for
// by id, and if it then comes in rising ids, it is read from the last page down
// to the second, and the first once more: someone who is deleted moves others to
// pages that are yet to come, and someone who is added stands behind all of
// them, which is checked. Otherwise the list is scanned from the first page to the last until two scans
// in a row agree; after four that do not, it is an error. What no reader by
// pages can see: between the same two calls somebody goes and another comes, so
// that the total hides it, and one who came has an id in the middle, so that
// one guest moves to a page that was read already.
//
// A consumer that stops after the first page has cost one call. When it asks
// for the second, the pages behind it are fetched while it is busy, two of them
// ahead at most. Calls retry like Get. A listing can be ranged over again, and
// then starts anew.
func (c *Client) Pages(ctx context.Context, o ListOptions) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		l := newListing(c, o)
		first, err := l.fetch(ctx, 1)
		if err != nil {
			yield(nil, err)
			return
		}
		first.Scan, first.Ordered = 1, rising(first.ids)
		if !yield(l.read(first), nil) || first.TotalPages <= 1 {
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		pages := make(chan *fetched, 1)
		var failure error // set before pages is closed
		go func() {
			defer close(pages)
			failure = l.rest(ctx, first, func(p *fetched) error {
				select {
				case pages <- p:
					return nil
				case <-ctx.Done():
					return failed("list guests", ctx.Err())
				}
			})
		}()
		defer func() {
			cancel()
			for range pages { // until the goroutine has ended
			}
		}()
		for p := range pages {
			if !yield(l.read(p), nil) {
				return
			}
			if o.RecordsOnly {
				reuseBody(p.body)
			}
		}
		if failure != nil {
			yield(nil, failure)
		}
	}
}

// listing reads one list.
type listing struct {
	client *Client
	query  url.Values
	byID   bool // asked for by id, as the caller wants no order of its own

	recordsOnly bool
	reader      recordReader
}

func newListing(c *Client, o ListOptions) *listing {
	l := &listing{client: c, query: url.Values{}, byID: o.Sort == "", recordsOnly: o.RecordsOnly}
	if l.byID {
		o.Sort = "id"
	}
	if o.PerPage <= 0 {
		o.PerPage = 999
	}
	l.query.Set("sort", o.Sort)
	l.query.Set("per_page", strconv.Itoa(o.PerPage))
	if o.Stats {
		l.query.Set("with", "stats")
	}
	if o.Search != "" {
		l.query.Set("q", o.Search)
	}
	return l
}

// fetched is a page whose guests are not read yet. That is done where the page is
// consumed, beside the next fetch, which has to know their ids only.
type fetched struct {
	Page
	ids  []string
	body []byte
}

// read returns the page with its guests, if they are wanted.
func (l *listing) read(p *fetched) *Page {
	if !l.recordsOnly {
		p.Guests = make([]*Guest, len(p.Records))
		for i := range p.Records {
			p.Guests[i] = p.Records[i].guest()
		}
	}
	return &p.Page
}

// fetch gets a page; Scan and Ordered are the caller's to set.
func (l *listing) fetch(ctx context.Context, number int) (*fetched, error) {
	op := fmt.Sprintf("list guests, page %d", number)
	l.query.Set("page", strconv.Itoa(number))
	wire, at, err := l.client.page(ctx, op, "/guests?"+l.query.Encode(), number, &l.reader)
	if err != nil {
		return nil, err
	}
	p := &fetched{Page: Page{Number: number, TotalPages: at.pages, Total: at.total, Records: wire.records}, body: wire.body, ids: make([]string, len(wire.records))}
	for i := range p.Records {
		record := &p.Records[i]
		if record.Raw[0] != '{' {
			return nil, failed(op, errors.New("a record is no object"))
		}
		var room [32]byte // most fit in
		p.ids[i] = string(record.Append(room[:0], idColumn))
	}
	return p, nil
}

// rest reads what follows the first page.
func (l *listing) rest(ctx context.Context, first *fetched, emit func(*fetched) error) error {
	if !l.byID || !first.Ordered {
		return l.scans(ctx, first, emit)
	}
	steady, err := l.descend(ctx, first, emit)
	if steady || err != nil {
		return err
	}
	return l.scans(ctx, nil, emit)
}
