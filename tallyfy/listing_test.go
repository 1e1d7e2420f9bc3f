package tallyfy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/ratelimit"
)

// collect reads a listing as its consumers do: a new scan begins anew, a page
// that comes again replaces what it was. It returns the ids in the order of the
// pages, each once, and the number of scans.
func collect(c *Client, o ListOptions) (ids []string, scans int, err error) {
	pages := map[int][]*Guest{}
	for p, err := range c.Pages(background, o) {
		if err != nil {
			return nil, scans, err
		}
		if p.Scan != scans {
			scans = p.Scan
			clear(pages)
		}
		pages[p.Number] = p.Guests
	}
	seen := map[string]bool{}
	for _, number := range slices.Sorted(maps.Keys(pages)) {
		for _, g := range pages[number] {
			if !seen[g.ID] {
				seen[g.ID] = true
				ids = append(ids, g.ID)
			}
		}
	}
	return ids, scans, nil
}

// list is a server of one list.
type list struct {
	perPage int
	ids     func(call int) []string // as JSON values, at each call
	calls   []string                // the pages asked for
	body    func(number int, ids []string) string
}

func (l *list) RoundTrip(r *http.Request) (*http.Response, error) {
	page := r.URL.Query().Get("page")
	l.calls = append(l.calls, page)
	number, err := strconv.Atoi(page)
	if err != nil {
		return nil, err
	}
	ids := l.ids(len(l.calls))
	if l.body != nil {
		return reply(200, l.body(number, ids))
	}
	return reply(200, pageBody(number, l.perPage, ids))
}

// pageBody is a page of a list, as a good server sends it.
func pageBody(number, perPage int, ids []string) string {
	from := min((number-1)*perPage, len(ids))
	return pageWith(number, max(1, (len(ids)+perPage-1)/perPage), len(ids), ids[from:min(from+perPage, len(ids))])
}

func pageWith(number, pages, total int, ids []string) string {
	var records []string
	for _, id := range ids {
		records = append(records, fmt.Sprintf(`{"id":%s,"email":"g%s@b.com"}`, id, strings.Trim(id, `"`)))
	}
	return fmt.Sprintf(`{"data":[%s],"meta":{"pagination":{"total":%d,"count":%d,"current_page":%d,"total_pages":%d}}}`,
		strings.Join(records, ","), total, len(ids), number, pages)
}

func numbers(from, to int) []string {
	var ids []string
	for i := from; i <= to; i++ {
		ids = append(ids, strconv.Itoa(i))
	}
	return ids
}

func still(ids []string) func(int) []string { return func(int) []string { return ids } }

func TestListing(t *testing.T) {
	reversed := slices.Clone(numbers(1, 7))
	slices.Reverse(reversed)
	texts := []string{`"c"`, `"a"`, `"b"`}
	plain := func(quoted []string) []string {
		var ids []string
		for _, id := range quoted {
			ids = append(ids, strings.Trim(id, `"`))
		}
		return ids
	}
	// The list as it is at each call; the last entry holds for all further calls.
	moving := func(lists ...[]string) func(int) []string {
		return func(call int) []string { return lists[min(call, len(lists))-1] }
	}
	tests := []struct {
		name  string
		o     ListOptions
		ids   func(int) []string
		want  []string
		calls string
		scans int
	}{
		{"nobody", ListOptions{}, still(nil), nil, "1", 1},
		{"one page", ListOptions{}, still(numbers(1, 3)), numbers(1, 3), "1", 1},
		{"one page without order", ListOptions{}, still(texts), plain(texts), "1", 1},
		{"one page in an order of the caller's", ListOptions{Sort: "email"}, still(reversed[:3]), reversed[:3], "1", 1},
		{"two pages", ListOptions{}, still(numbers(1, 6)), numbers(1, 6), "1 2 1", 1},
		{"by id", ListOptions{}, still(numbers(1, 10)), numbers(1, 10), "1 4 3 2 1", 1},
		{"ids of different length", ListOptions{}, still([]string{"8", "9", "10", "99", "100"}), []string{"8", "9", "10", "99", "100"}, "1 2 1", 1},
		{"ids larger than 64 bits", ListOptions{}, still([]string{"1", "2", "3", "99999999999999999999", "100000000000000000000"}), []string{"1", "2", "3", "99999999999999999999", "100000000000000000000"}, "1 2 1", 1},
		{"ids as texts of digits", ListOptions{}, still([]string{`"1"`, `"2"`, `"3"`, "4"}), numbers(1, 4), "1 2 1", 1},
		{"no order", ListOptions{}, still(reversed), reversed, "1 2 3 1 2 3", 2},
		{"texts", ListOptions{}, still(append(slices.Clone(texts), `"d"`)), []string{"c", "a", "b", "d"}, "1 2 1 2", 2},
		{"an order of the caller's", ListOptions{Sort: "email"}, still(numbers(1, 7)), numbers(1, 7), "1 2 3 1 2 3", 2},
		{"no order from the second page on", ListOptions{}, still([]string{"1", "2", "3", "9", "8", "7"}), []string{"1", "2", "3", "9", "8", "7"}, "1 2 1 2 1 2", 3},
		{"no order between pages", ListOptions{}, still([]string{"4", "5", "6", "1", "2", "3"}), []string{"4", "5", "6", "1", "2", "3"}, "1 2 1 1 2 1 2", 3},
		{"no order between later pages", ListOptions{}, still([]string{"1", "2", "3", "7", "8", "9", "4", "5", "6"}), []string{"1", "2", "3", "7", "8", "9", "4", "5", "6"}, "1 3 2 1 2 3 1 2 3", 3},
		{"ids that become texts", ListOptions{}, still([]string{"1", "2", "3", `"x"`}), []string{"1", "2", "3", "x"}, "1 2 1 2 1 2", 3},
		{
			"somebody on the first page is deleted",
			ListOptions{},
			moving(numbers(1, 9), numbers(1, 9), numbers(2, 9)),
			numbers(2, 9), "1 3 2 1", 1,
		},
		{
			"somebody is deleted after every call",
			ListOptions{},
			func(call int) []string { return numbers(call, 12) },
			numbers(5, 12), "1 4 3 2 1", 1,
		},
		{
			"more than a page is deleted",
			ListOptions{},
			moving(numbers(1, 12), numbers(1, 12), numbers(1, 12), numbers(6, 12)),
			numbers(6, 12), "1 4 3 2 1 2 3 1 2 3", 3,
		},
		{"the last pages are gone", ListOptions{}, moving(numbers(1, 12), numbers(1, 4)), numbers(1, 4), "1 4 2 1", 1},
		{"all but one page is gone", ListOptions{}, moving(numbers(1, 12), numbers(1, 2)), numbers(1, 2), "1 4 1", 1},
		{"all are gone", ListOptions{}, moving(numbers(1, 12), nil), nil, "1 4 1", 1},
		{
			"newcomers at the end after every call",
			ListOptions{},
			func(call int) []string { return numbers(1, 8+call) },
			numbers(1, 11), "1 3 4 3 2 1 5 4", 1,
		},
		{
			"newcomers faster than the last page can be found",
			ListOptions{},
			func(call int) []string { return numbers(1, 3+3*min(call, 7)) },
			numbers(1, 24), "1 2 3 4 5 6 1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8", 3,
		},
		{
			"a newcomer on the first page, before the others were read",
			ListOptions{},
			moving(numbers(2, 9), numbers(1, 9)),
			numbers(1, 9), "1 3 2 1 1 2 3 1 2 3", 3,
		},
		{
			"a newcomer on the first page, after the others were read",
			ListOptions{},
			moving(numbers(2, 9), numbers(2, 9), numbers(2, 9), numbers(1, 9)),
			numbers(1, 9), "1 3 2 1 1 2 3 1 2 3", 3,
		},
		{
			"a newcomer in the middle, who pushes another past the reader",
			ListOptions{},
			moving([]string{"1", "2", "3", "5", "6", "7", "8"}, []string{"1", "2", "3", "5", "6", "7", "8"}, numbers(1, 8)),
			numbers(1, 8), "1 3 2 1 3 1 2 3 1 2 3", 3,
		},
		{
			"a newcomer in the middle, and one at the end",
			ListOptions{},
			moving([]string{"1", "2", "3", "5", "6", "7", "8"}, []string{"1", "2", "3", "5", "6", "7", "8"}, numbers(1, 8), numbers(1, 9)),
			numbers(1, 9), "1 3 2 1 3 1 2 3 1 2 3", 3,
		},
		{
			"a newcomer in the middle, who pushes another off the last page",
			ListOptions{},
			moving([]string{"1", "2", "3", "5", "6", "7"}, numbers(1, 7)),
			numbers(1, 7), "1 2 3 2 1", 1,
		},
		{
			"the list without order changes once",
			ListOptions{Sort: "x"},
			moving(reversed, reversed, reversed, append(slices.Clone(reversed), "9")),
			append(slices.Clone(reversed), "9"), "1 2 3 1 2 3 1 2 3", 3,
		},
		{
			"the list without order becomes one page",
			ListOptions{Sort: "x"},
			moving(reversed, reversed, reversed, reversed[:2]),
			reversed[:2], "1 2 3 1", 2,
		},
		{
			"the list without order gets shorter while it is read",
			ListOptions{Sort: "x"},
			moving(reversed, reversed[:4]),
			reversed[:4], "1 2 1 2", 2,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := &list{perPage: 3, ids: tt.ids}
			got, scans, err := collect(newClient(t, Config{Transport: server}), tt.o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if calls := strings.Join(server.calls, " "); calls != tt.calls || scans != tt.scans {
				t.Errorf("asked for the pages %s in %d scans, want %s in %d", calls, scans, tt.calls, tt.scans)
			}
		})
	}
}

func TestListingFetchesAheadAndNoFurther(t *testing.T) {
	arrived := make(chan string)
	release := make(chan bool)
	defer close(release)
	server := &list{perPage: 1, ids: still(numbers(1, 9))}
	c := newClient(t, Config{Transport: transport(func(r *http.Request) (*http.Response, error) {
		arrived <- r.URL.Query().Get("page")
		return server.RoundTrip(r)
	})})
	consumed := 0
	go func() { <-arrived }() // the first page
	for range c.Pages(background, ListOptions{}) {
		consumed++
		switch consumed {
		case 1:
			select {
			case page := <-arrived:
				t.Errorf("page %s was asked for ahead of need", page)
			default:
			}
			go func() { // the second, and two ahead of it
				for range 3 {
					<-arrived
				}
				release <- true
			}()
		case 2:
			<-release // else the consumer would have to wait for ever
			return
		}
	}
}

func TestListingThatIsLeftAfterTheFirstPageCostsOneCall(t *testing.T) {
	server := &list{perPage: 1, ids: still(numbers(1, 9))}
	c := newClient(t, Config{Transport: server})
	for p, err := range c.Pages(background, ListOptions{}) {
		if err != nil || p.TotalPages != 9 || p.Total != 9 || p.Number != 1 || p.Scan != 1 {
			t.Errorf("got %+v, %v", p, err)
		}
		break
	}
	want := []CallCount{{ratelimit.Read, 200, 1}}
	if got := c.Calls(); !slices.Equal(got, want) {
		t.Errorf("calls %v", got)
	}
}

func TestListingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	c := newClient(t, Config{Transport: &list{perPage: 1, ids: still(numbers(1, 100))}})
	pages := 0
	var failure error
	for _, err := range c.Pages(ctx, ListOptions{}) {
		if failure = err; err != nil {
			continue
		}
		if pages++; pages == 3 {
			cancel()
		}
	}
	if !errors.Is(failure, context.Canceled) || pages > 6 {
		t.Errorf("%d pages and then %v", pages, failure)
	}
}

func TestListingCanBeReadAgain(t *testing.T) {
	c := newClient(t, Config{Transport: &list{perPage: 2, ids: still(numbers(1, 5))}})
	pages := c.Pages(background, ListOptions{})
	for range 2 {
		n := 0
		for p, err := range pages {
			if err != nil || p.Scan != 1 {
				t.Fatal(p, err)
			}
			n++
		}
		if n != 4 {
			t.Errorf("%d pages", n)
		}
	}
}

func TestListingPassesErrorsOn(t *testing.T) {
	c := newClient(t, Config{Transport: replies(t, always(403, `{"message":"No."}`))})
	_, _, err := collect(c, ListOptions{})
	if e := asError(t, err); !e.Forbidden() || e.Error() != "list guests, page 1: No. (HTTP 403)" {
		t.Error(err)
	}
	c = newClient(t, Config{Transport: replies(t, always(200, pageBody(1, 1, numbers(1, 3))), always(401, `{}`))})
	if _, _, err := collect(c, ListOptions{}); !asError(t, err).Unauthenticated() {
		t.Error(err)
	}
}
