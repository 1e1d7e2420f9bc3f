package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// listing is a list answer as a client reads it.
type listing struct {
	Data []struct {
		ID    json.Number
		Email string
		Stats json.RawMessage
	}
	Meta *struct {
		Pagination map[string]int
	}
}

func (l listing) emails() string {
	var all []string
	for _, g := range l.Data {
		all = append(all, strings.TrimSuffix(g.Email, "@b.com"))
	}
	return strings.Join(all, " ")
}

func (h host) list(query string) listing {
	h.t.Helper()
	a := h.call("GET", guests+"?"+query, "")
	wantStatus(h.t, a, 200)
	var l listing
	if err := json.Unmarshal([]byte(a.text), &l); err != nil {
		h.t.Fatal(err)
	}
	return l
}

func TestListPages(t *testing.T) {
	tests := []struct {
		query  string
		emails string
		meta   [5]int // total, count, per_page, current_page, total_pages
	}{
		{"", "a b c d e", [5]int{5, 5, 999, 1, 1}},
		{"per_page=2", "a b", [5]int{5, 2, 2, 1, 3}},
		{"per_page=2&page=2", "c d", [5]int{5, 2, 2, 2, 3}},
		{"per_page=2&page=3", "e", [5]int{5, 1, 2, 3, 3}},
		{"per_page=2&page=4", "", [5]int{5, 0, 2, 4, 3}},
		{"per_page=5", "a b c d e", [5]int{5, 5, 5, 1, 1}},
		{"per_page=5&page=2", "", [5]int{5, 0, 5, 2, 1}},
		{"per_page=2000", "a b c d e", [5]int{5, 5, 999, 1, 1}},
		{"per_page=0", "a b c d e", [5]int{5, 5, 999, 1, 1}},
		{"per_page=-1&page=-1", "a b c d e", [5]int{5, 5, 999, 1, 1}},
		{"per_page=x&page=x", "a b c d e", [5]int{5, 5, 999, 1, 1}},
		{"page=9223372036854775807", "", [5]int{5, 0, 999, 9223372036854775807, 1}},
		{"q=C@", "c", [5]int{1, 1, 999, 1, 1}},
		{"q=b.com&per_page=2&page=3", "e", [5]int{5, 1, 2, 3, 3}},
		{"q=b.com&per_page=2&page=4", "", [5]int{5, 0, 2, 4, 3}},
		{"q=b.com&per_page=2&sort=-id", "e d", [5]int{5, 2, 2, 1, 3}},
		{"q=nobody", "", [5]int{0, 0, 999, 1, 1}},
		{"sort=-id&per_page=2&page=2", "c b", [5]int{5, 2, 2, 2, 3}},
		{"sort=-id&per_page=2&page=3", "a", [5]int{5, 1, 2, 3, 3}},
		{"sort=-id&per_page=2&page=4", "", [5]int{5, 0, 2, 4, 3}},
	}
	h := serve(t, Options{})
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		h.Put(Guest{Email: name + "@b.com"})
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			l := h.list(tt.query)
			if l.emails() != tt.emails {
				t.Errorf("guests %q, want %q", l.emails(), tt.emails)
			}
			m := l.Meta.Pagination
			if got := [5]int{m["total"], m["count"], m["per_page"], m["current_page"], m["total_pages"]}; got != tt.meta {
				t.Errorf("paging %v, want %v", got, tt.meta)
			}
		})
	}
	t.Run("without_pagination", func(t *testing.T) {
		if l := h.list("without_pagination=true&per_page=2"); l.emails() != "a b c d e" || l.Meta != nil {
			t.Errorf("got %q, %v", l.emails(), l.Meta)
		}
	})
}

func TestListOfNobody(t *testing.T) {
	h := serve(t, Options{})
	const want = `{"data":[],"meta":{"pagination":{"total":0,"count":0,"per_page":999,"current_page":1,"total_pages":1}}}`
	equalJSON(t, h.call("GET", guests, "").text, want)
	equalJSON(t, h.call("GET", guests+"?sort=id", "").text, want)
}

func TestLargestPage(t *testing.T) {
	for _, tt := range []struct{ most, asked, want int }{{0, 5000, 999}, {50, 999, 50}, {50, 0, 50}, {2000, 0, 999}, {2000, 1500, 1500}} {
		h := serve(t, Options{PerPageMax: tt.most, Guests: 1600})
		query := ""
		if tt.asked > 0 {
			query = fmt.Sprintf("per_page=%d", tt.asked)
		}
		if l := h.list(query); len(l.Data) != tt.want || l.Meta.Pagination["per_page"] != tt.want {
			t.Errorf("%+v: %d guests, %v", tt, len(l.Data), l.Meta.Pagination)
		}
	}
}

func TestListOrder(t *testing.T) {
	tests := []struct {
		query  string
		noSort bool
		want   string
	}{
		{"", false, "x y z"}, // z was created last
		{"sort=created_at", false, "x y z"},
		{"sort=-created_at", false, "z y x"},
		{"sort=id", false, "y z x"},
		{"sort=-id", false, "x z y"},
		{"sort_by=id", false, "y z x"},
		{"sort=email&sort_by=id", false, "x y z"},
		{"sort=-email", false, "z y x"},
		{"sort=first_name", false, "z x y"},
		{"sort=last_name", false, "x z y"}, // equal ones as they were added
		{"sort=no_such_field", false, "x y z"},
		{"sort=id", true, "x y z"},
		{"sort=-email", true, "x y z"},
		{"sort_by=id", true, "x y z"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s NoSort=%v", tt.query, tt.noSort), func(t *testing.T) {
			h := serve(t, Options{NoSort: tt.noSort})
			h.Put(Guest{ID: 30, Email: "x@b.com", Fields: map[string]string{"first_name": "m", "created_at": "2025-01-01 00:00:00"}})
			h.Put(Guest{ID: 20, Email: "z@b.com", Fields: map[string]string{"first_name": "a", "created_at": "2025-01-03 00:00:00"}})
			h.Put(Guest{ID: 10, Email: "y@b.com", Fields: map[string]string{"first_name": "z", "created_at": "2025-01-02 00:00:00"}})
			if got := h.list(tt.query).emails(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestStatsOnlyWhenAskedFor(t *testing.T) {
	h := serve(t, Options{})
	h.Put(Guest{Email: "none@b.com"})
	h.Put(Guest{Email: "some@b.com", Stats: &Stats{AssignedTasks: 2, TasksCompleted: 5, LastTaskCompletedAt: "2025-05-14T16:30:00Z", OneOffTasksCompleted: 1}})
	const want = `{"assigned_tasks":2,"tasks_completed":5,"last_task_completed_at":"2025-05-14T16:30:00Z","one_off_tasks_completed":1,"last_one_off_task_completed_at":null}`
	for _, query := range []string{"with=stats", "with=groups,stats"} {
		l := h.list(query)
		equalJSON(t, string(l.Data[0].Stats), "{}")
		equalJSON(t, string(l.Data[1].Stats), want)
	}
	if l := h.list("with=groups"); l.Data[1].Stats != nil {
		t.Errorf("stats %s", l.Data[1].Stats)
	}
	if a := h.call("GET", guests+"/some%40b.com", ""); strings.Contains(a.text, "stats") {
		t.Errorf("got %s", a.text)
	}
	if a := h.call("GET", guests+"/some%40b.com?with=stats", ""); !strings.HasSuffix(a.text, `","stats":`+want+`}}`) {
		t.Errorf("got %s", a.text)
	}
}

func TestListMovesWhenAGuestGoesBetweenPages(t *testing.T) {
	var h host
	h = serve(t, Options{OnRequest: func(r *http.Request) {
		if r.URL.Query().Get("page") == "2" {
			h.Delete("a@b.com")
		}
	}})
	for _, name := range []string{"a", "b", "c", "d"} {
		h.Put(Guest{Email: name + "@b.com"})
	}
	if got := h.list("per_page=2&page=1").emails() + " " + h.list("per_page=2&page=2").emails(); got != "a b d" {
		t.Errorf("got %q, want the gap that a deletion makes", got)
	}
}

func TestMembers(t *testing.T) {
	h := serve(t, Options{})
	const users = "/api/organizations/acme/users"
	equalJSON(t, h.call("GET", users+"?per_page=1&page=2", "").text,
		`{"data":[{"id":1002,"email":"member.two@acme.com","first_name":"Member","last_name":"Two","role":"standard","status":"active"}],`+
			`"meta":{"pagination":{"total":3,"count":1,"per_page":1,"current_page":2,"total_pages":3}}}`)
	equalJSON(t, h.call("GET", users+"?q=nobody", "").text,
		`{"data":[],"meta":{"pagination":{"total":0,"count":0,"per_page":9999,"current_page":1,"total_pages":1}}}`)
	for query, want := range map[string]string{
		"": "1001 1002 1003", "sort=-id": "1003 1002 1001", "sort=last_name": "1001 1003 1002", "sort=email": "1001 1003 1002",
		"sort=-first_name": "1001 1002 1003", "sort=other": "1001 1002 1003", "q=TWO": "1002", "q=member+three": "1003", "page=9": "",
	} {
		var l listing
		if err := json.Unmarshal([]byte(h.call("GET", users+"?"+query, "").text), &l); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, m := range l.Data {
			ids = append(ids, m.ID.String())
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
}

func TestOwnMembers(t *testing.T) {
	h := serve(t, Options{Members: []Member{{ID: math53, Email: "Boss@acme.com"}}})
	a := h.call("GET", "/organizations/x/users", "")
	if !strings.Contains(a.text, `"id":9007199254740993,`) {
		t.Errorf("got %s", a.text)
	}
	wantStatus(t, h.create("boss@ACME.com"), 422)
	wantStatus(t, h.create("a@b.com"), 201)
	wantStatus(t, h.call("PUT", guests+"/a%40b.com", `{"associated_members":[9007199254740993]}`), 201)
	wantStatus(t, h.call("PUT", guests+"/a%40b.com", `{"associated_members":[9007199254740992]}`), 422)
	nobody := serve(t, Options{Members: []Member{}})
	wantStatus(t, nobody.create("member.one@acme.com"), 201)
	wantStatus(t, nobody.call("DELETE", guests+"/member.one%40acme.com/disable", ""), 200)
}

// math53 is the first integer that a float64 cannot hold.
const math53 = 1<<53 + 1

// TestListAgreesWithASort checks the index, with its blocks, against sorting anew, through additions, replacements and
// removals.
func TestListAgreesWithASort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 3*blockSize).Draw(t, "guests at the start")
		s := New(Options{Guests: n})
		s.store.sorted("email") // one that grows with the store, not made at the end
		for range rapid.IntRange(0, 40).Draw(t, "changes") {
			i := rapid.IntRange(0, 3*blockSize).Draw(t, "guest")
			email := fmt.Sprintf("g%d@b.com", i)
			if all := s.Guests(); i < len(all) && rapid.Bool().Draw(t, "existing") {
				email = all[i].Email
			}
			if rapid.Bool().Draw(t, "delete") {
				s.Delete(email)
			} else {
				s.Put(Guest{Email: email, Fields: map[string]string{"first_name": rapid.StringN(0, 2, -1).Draw(t, "name")}})
			}
		}
		added := slices.SortedFunc(maps.Values(s.store.guests), func(a, b *entry) int { return int(a.seq) - int(b.seq) })
		keys := map[string]func(*Guest) string{
			"created_at": func(g *Guest) string { return g.Fields["created_at"] },
			"email":      func(g *Guest) string { return g.Email },
			"first_name": func(g *Guest) string { return g.Fields["first_name"] },
			"id":         func(g *Guest) string { return fmt.Sprintf("%20d", g.ID) },
		}
		field := rapid.SampledFrom(slices.Sorted(maps.Keys(keys))).Draw(t, "sort")
		want := slices.Clone(added)
		slices.SortStableFunc(want, func(a, b *entry) int { return strings.Compare(keys[field](a.guest), keys[field](b.guest)) })
		sort := field
		if rapid.Bool().Draw(t, "descending") {
			slices.Reverse(want)
			sort = "-" + field
		}
		per := rapid.IntRange(1, 2*blockSize).Draw(t, "per page")
		var got []*Guest
		for skip := 0; skip <= len(want); skip += per {
			page, total := s.store.page("", sort, skip, per)
			if total != len(want) {
				t.Fatalf("total %d, want %d", total, len(want))
			}
			if len(page) != min(per, len(want)-skip) {
				t.Fatalf("%d guests after %d of %d", len(page), skip, len(want))
			}
			got = append(got, page...)
		}
		for i, e := range want {
			if got[i] != e.guest {
				t.Fatalf("sort %s: guest %d is %s, want %s", sort, i, got[i].Email, e.guest.Email)
			}
		}
	})
}
