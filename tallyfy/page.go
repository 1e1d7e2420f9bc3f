package tallyfy

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
)

// wirePage is a page of a list as the server sends it.
type wirePage struct {
	body       []byte // of the answer, which the records are parts of
	records    []Record
	pagination map[string][]byte // nil: there is none
}

// pageIn reads an answer that holds a page.
func pageIn(a *answer, r *recordReader) (wirePage, error) {
	p := wirePage{body: a.body}
	isList := false
	r.cursor = newCursor(a.body)
	c := &r.cursor
	for more := c.enter('{'); more; more = c.next('}') {
		key, _ := c.key()
		switch name := a.body[key.from:key.to]; {
		case string(name) == "data" && c.sees('['):
			isList = true
			p.records = nil
			for more := c.enter('['); more; more = c.next(']') {
				if len(p.records) == mostOnPage {
					return wirePage{}, fmt.Errorf("%w: more than %d records", errTooLarge, mostOnPage)
				}
				if len(p.records) == 1 { // the others will be of about that size
					likely := len(a.body)/(len(p.records[0].Raw)+1) + 1
					p.records = append(make([]Record, 0, min(likely, mostOnPage)), p.records...)
				}
				p.records = append(p.records, Record{})
				r.read(&p.records[len(p.records)-1])
			}
		case string(name) == "meta":
			meta := c.value()
			p.pagination = paginationIn(a.body[meta.from:meta.to])
		default:
			c.value()
		}
	}
	if !c.isWhole() {
		if err := a.checkJSON(); err != nil || c.broken {
			return wirePage{}, cmp.Or(err, errNoJSON)
		}
	}
	if !isList {
		return wirePage{}, errors.New("the answer holds no list")
	}
	return p, nil
}

func paginationIn(meta []byte) map[string][]byte {
	for m := range members(meta) {
		if string(m.key) != "pagination" || m.value[0] != '{' {
			continue
		}
		fields := map[string][]byte{}
		for field := range members(m.value) {
			fields[string(field.key)] = field.value
		}
		return fields
	}
	return nil
}

// position is where a page stands in its list.
type position struct{ number, pages, total int }

// More than any list has. What is kept of a record can be far larger than the
// record, so the bounds on bytes are not enough to bound memory.
const (
	mostPages   = 1_000_000
	mostOnPage  = 100_000
	mostRecords = 50_000_000
)

var errGrows = errors.New("the list grows while it is read, faster than it can be read")

// position checks the paging data of the page that was asked for by number. A
// list that does not say how long it is cannot be known to be complete.
func (p *wirePage) position(number int) (position, error) {
	if p.pagination == nil {
		return position{}, errors.New("the answer has no paging data (meta.pagination), so nobody knows whether the list is complete")
	}
	at := position{number: number}
	var current int
	for _, field := range []struct {
		name string
		into *int
	}{{"total", &at.total}, {"total_pages", &at.pages}, {"current_page", &current}} {
		value, ok := p.pagination[field.name]
		if !ok {
			return at, fmt.Errorf("the paging data has no %s", field.name)
		}
		n, err := strconv.Atoi(text(value))
		if err != nil || n < 0 {
			return at, fmt.Errorf("the paging data is not to be believed: %s is no count", field.name)
		}
		*field.into = n
	}
	switch {
	case current != number:
		return at, fmt.Errorf("the server answered with page %d", current)
	case at.pages > mostPages, at.total > mostRecords, at.pages > max(1, at.total), at.pages == 0 && at.total > 0:
		return at, fmt.Errorf("the paging data is not to be believed: %d pages for %d records", at.pages, at.total)
	case len(p.records) == 0 && number <= at.pages && at.total > 0:
		return at, fmt.Errorf("the page is empty, though there are %d pages", at.pages)
	case number == 1 && at.pages <= 1 && len(p.records) != at.total:
		return at, fmt.Errorf("the only page has %d records, while the list has %d", len(p.records), at.total)
	}
	return at, nil
}
