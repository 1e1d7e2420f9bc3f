package tallyfy

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestListingsThatCannotBeComplete(t *testing.T) {
	withMeta := func(meta string) func(int, []string) string {
		return func(int, []string) string { return `{"data":[{"id":1}]` + meta + `}` }
	}
	pagination := func(fields string) func(int, []string) string {
		return withMeta(`,"meta":{"pagination":{` + fields + `}}`)
	}
	tests := []struct {
		name  string
		sort  string
		ids   func(int) []string
		body  func(number int, ids []string) string
		want  string
		calls int
	}{
		{"no paging data", "", nil, withMeta(``), "page 1: the answer has no paging data", 1},
		{"meta null", "", nil, withMeta(`,"meta":null`), "no paging data", 1},
		{"meta an empty list", "", nil, withMeta(`,"meta":[]`), "no paging data", 1},
		{"pagination null", "", nil, withMeta(`,"meta":{"pagination":null}`), "no paging data", 1},
		{"no total", "", nil, pagination(`"current_page":1,"total_pages":1`), "has no total", 1},
		{"no total pages", "", nil, pagination(`"current_page":1,"total":1`), "has no total_pages", 1},
		{"no current page", "", nil, pagination(`"total":1,"total_pages":1`), "has no current_page", 1},
		{"a total that is no number", "", nil, pagination(`"total":"many","current_page":1,"total_pages":1`), "total is no count", 1},
		{"a negative number of pages", "", nil, pagination(`"total":1,"current_page":1,"total_pages":-1`), "total_pages is no count", 1},
		{"more pages than guests", "", nil, pagination(`"total":5,"current_page":1,"total_pages":6`), "6 pages for 5 records", 1},
		{"an absurd number of pages", "", nil, pagination(`"total":9000000,"current_page":1,"total_pages":1000001`), "1000001 pages", 1},
		{"more guests than any list has", "", nil, pagination(`"total":50000001,"current_page":1,"total_pages":9`), "9 pages for 50000001 records", 1},
		{"guests on no page", "", nil, pagination(`"total":1,"current_page":1,"total_pages":0`), "0 pages for 1 records", 1},
		{"fewer guests than the total on the only page", "", nil, pagination(`"total":2,"current_page":1,"total_pages":1`), "the only page has 1 records, while the list has 2", 1},
		{"more guests than the total on the only page", "", nil, pagination(`"total":0,"current_page":1,"total_pages":1`), "the only page has 1 records, while the list has 0", 1},
		{"another page than asked for", "", nil, func(_ int, _ []string) string { return pageWith(1, 3, 9, numbers(1, 3)) }, "page 3: the server answered with page 1", 2},
		{"an empty page in the middle", "", nil, func(n int, _ []string) string {
			return pageWith(n, 3, 9, [][]string{numbers(1, 3), nil, numbers(7, 9)}[n-1])
		}, "page 2: the page is empty, though there are 3 pages", 3},
		{"an empty first page", "", nil, func(n int, _ []string) string { return pageWith(n, 3, 9, nil) }, "page 1: the page is empty", 1},
		{"a record that is no object", "", nil, func(int, []string) string {
			return `{"data":[null],"meta":{"pagination":{"total":1,"current_page":1,"total_pages":1}}}`
		}, "a record is no object", 1},
		{"the same page again and again", "", nil, func(n int, _ []string) string { return pageWith(n, 3, 9, numbers(1, 3)) }, "do not make up a list: they hold 9 records of 3 guests, while it counts 9", 10},
		{"pages that overlap, each time alike", "x", nil, func(n int, _ []string) string {
			return pageWith(n, 2, 6, [][]string{numbers(1, 3), numbers(3, 5)}[n-1])
		}, "they hold 6 records of 5 guests, while it counts 6", 4},
		{"pages in order that do not add up to the total", "", nil, func(n int, _ []string) string {
			return pageWith(n, 2, 6, [][]string{numbers(1, 3), numbers(5, 6)}[n-1])
		}, "they hold 5 records of 5 guests, while it counts 6", 7},
		{"a list that changes with each scan", "x", func(call int) []string { return numbers(1+(call-1)/2, 5+(call-1)/2) }, nil, "changed during each of 4 readings", 8},
		{"a list that grows with each page", "x", nil, func(n int, _ []string) string { return pageWith(n, n+2, 3*n+6, numbers(3*n, 3*n+2)) }, "grows while it is read", 17},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.ids == nil {
				tt.ids = still(nil)
			}
			server := &list{perPage: 3, ids: tt.ids, body: tt.body}
			_, _, err := collect(newClient(t, Config{Transport: server}), ListOptions{Sort: tt.sort})
			if err == nil || !strings.HasPrefix(err.Error(), "list guests") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
			if len(server.calls) != tt.calls {
				t.Errorf("asked for the pages %s, want %d calls", server.calls, tt.calls)
			}
		})
	}
}

func TestListingTellsOrder(t *testing.T) {
	tests := []struct {
		name string
		ids  []string
		sort string
		want []bool
	}{
		{"by id", numbers(1, 9), "", []bool{true, true, true, true}},
		{"by chance", numbers(1, 6), "x", []bool{true, true, true, true}},
		{"none", []string{"2", "1", "3", "4"}, "", []bool{false, false, false, false}},
		{"none from the second page on", []string{"1", "2", "3", "4", "6", "5"}, "x", []bool{true, false, true, false}},
		{"a repeat", []string{"1", "1"}, "", []bool{false}},
		{"leading zeros", []string{`"01"`, `"2"`}, "", []bool{false}},
		{"negative numbers", []string{"-1", "2"}, "", []bool{false}},
		{"no id", []string{"null"}, "", []bool{false}},
		{"zero", []string{"0", "1"}, "", []bool{true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []bool
			for p, err := range newClient(t, Config{Transport: &list{perPage: 3, ids: still(tt.ids)}}).Pages(background, ListOptions{Sort: tt.sort}) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, p.Ordered)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestListingAsks(t *testing.T) {
	tests := []struct {
		name string
		o    ListOptions
		want string
	}{
		{"for all", ListOptions{}, "page=1&per_page=999&sort=id"},
		{"for what is given", ListOptions{Stats: true, Search: "a+b@c", Sort: "-email", PerPage: 5}, "page=1&per_page=5&q=a%2Bb%40c&sort=-email&with=stats"},
	}
	for _, tt := range tests {
		var got *url.URL
		c := newClient(t, Config{Transport: transport(func(r *http.Request) (*http.Response, error) {
			got = r.URL
			return reply(200, pageBody(1, 3, nil))
		})})
		for _, err := range c.Pages(background, tt.o) {
			if err != nil {
				t.Error(err)
			}
		}
		if got.RawQuery != tt.want || got.Path != "/api/organizations/acme/guests" {
			t.Errorf("%s: asked for %s", tt.name, got)
		}
	}
}
