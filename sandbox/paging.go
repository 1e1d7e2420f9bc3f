package sandbox

import (
	"net/url"
	"strconv"
)

// paging is which part of a list is asked for.
type paging struct{ page, perPage int }

// readPaging takes anything that is no positive number for the default, and the largest page for one that is larger.
func readPaging(query url.Values, perPage, most int) paging {
	p := paging{page: 1, perPage: perPage}
	if n, err := strconv.Atoi(query.Get("page")); err == nil && n > 0 {
		p.page = n
	}
	if n, err := strconv.Atoi(query.Get("per_page")); err == nil && n > 0 {
		p.perPage = min(n, most)
	}
	return p
}

// skip is how many stand before the page; a page number beyond all reason stays beyond the end.
func (p paging) skip() int {
	const most = 1 << 30
	return min(p.page-1, most/p.perPage) * p.perPage
}

// meta appends the paging data of a page with count of total elements. An empty list has one page, an empty one.
func (p paging) meta(b []byte, count, total int) []byte {
	pages := max(1, (total+p.perPage-1)/p.perPage)
	b = strconv.AppendInt(append(b, `"meta":{"pagination":{"total":`...), int64(total), 10)
	b = strconv.AppendInt(append(b, `,"count":`...), int64(count), 10)
	b = strconv.AppendInt(append(b, `,"per_page":`...), int64(p.perPage), 10)
	b = strconv.AppendInt(append(b, `,"current_page":`...), int64(p.page), 10)
	b = strconv.AppendInt(append(b, `,"total_pages":`...), int64(pages), 10)
	return append(b, "}}"...)
}
