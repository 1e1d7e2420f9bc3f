package tallyfy

import (
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pages answers each call with what answer says of it, and remembers the
// calls and the largest number of pages that was claimed.
type pages struct {
	answer func(call, number int) (body string, claimed int)
	calls  int
	most   int
}

func (s *pages) RoundTrip(r *http.Request) (*http.Response, error) {
	number, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		return nil, err
	}
	s.calls++
	body, claimed := s.answer(s.calls, number)
	s.most = max(s.most, claimed)
	return reply(200, body)
}

// boundOfCalls is how many calls a listing makes at most when no answer claims
// more pages than that: the first page; five to find the end, the pages below it
// and the first one again; if somebody came, five and all pages below once more;
// and four scans.
func boundOfCalls(pages int) int {
	return 1 + 5 + (pages - 2) + 1 + 5 + (pages - 1) + mostScans*pages
}

// Whatever a server answers, a listing ends, after no more calls than the pages
// that it claimed explain.
func TestListingEndsWhateverTheServerAnswers(t *testing.T) {
	whims := []string{"", "", "", "grow", "shrink", "reverse", "odd ids", "same page", "claim more", "claim fewer", "claim other total", "other page", "empty", "too full", "garbage"}
	ended := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		// What the server believes to be the list, until it changes its mind.
		ids := numbers(1, rapid.IntRange(0, 60).Draw(t, "guests"))
		perPage := rapid.IntRange(1, 5).Draw(t, "per page")
		// Few kinds of whims, over and over: a listing that ends at once shows little.
		kinds := rapid.SliceOfN(rapid.SampledFrom(whims), 1, 3).Draw(t, "kinds")
		behaviour := rapid.SliceOfN(rapid.SampledFrom(append(kinds, "", "")), 1, 40).Draw(t, "behaviour")
		server := &pages{answer: func(call, number int) (string, int) {
			whim, n := behaviour[call%len(behaviour)], 1+call%7
			switch whim {
			case "grow":
				if len(ids) < 1000 {
					ids = append(slices.Clone(ids), numbers(len(ids)+1, len(ids)+n)...)
				}
			case "shrink":
				ids = ids[min(n, len(ids)):]
			case "reverse":
				ids = slices.Clone(ids)
				slices.Reverse(ids)
			case "odd ids":
				ids = slices.Clone(ids)
				for i := range ids {
					ids[i] = []string{"null", `"x"`, "1.5", "{}", "[]", `""`, "true", strconv.Itoa(i)}[(i+n)%8]
				}
			}
			from := min((number-1)*perPage, len(ids))
			pages, total, page := max(1, (len(ids)+perPage-1)/perPage), len(ids), ids[from:min(from+perPage, len(ids))]
			switch whim {
			case "same page":
				page = ids[:min(perPage, len(ids))]
			case "claim more":
				pages, total = pages+n, total+n
			case "claim fewer":
				pages = max(1, pages-n)
			case "claim other total":
				total += n - 4
			case "other page":
				number += n - 4
			case "empty":
				page = nil
			case "too full":
				page = slices.Concat(page, page)
			case "garbage":
				return `{"data":[]}`, 0
			}
			return pageWith(number, pages, total, page), pages
		}}
		c, err := New(Config{Org: "acme", Token: testToken, Gate: openGate(), Attempts: 1, Transport: server})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = collect(c, ListOptions{Sort: rapid.SampledFrom([]string{"", "", "email"}).Draw(t, "sort")})
		ended[err == nil]++
		if most := boundOfCalls(max(2, server.most)); server.calls > most {
			t.Fatalf("%d calls, while %d explain %d pages; it ended with %v", server.calls, most, server.most, err)
		}
	})
	if ended[true] == 0 || ended[false] == 0 {
		t.Errorf("%v: the answers are too much alike", ended)
	}
}

// A server at its worst gets that many calls indeed, so the bound is one.
func TestListingAtItsLongest(t *testing.T) {
	const most = 30
	const down, again = 1 + 5 + most - 2, 1 + 5 + most - 2 + 1
	server := &pages{}
	server.answer = func(call, number int) (string, int) {
		id, claimed, total := number, most, 1000
		switch {
		case call == 1:
			claimed = most - 4
		case call <= down: // a list in order, whose end moves away
			claimed, total = min(number+1, most), most
		case call == again: // so many came
			claimed = most - 4
		case call <= again+5+most-1: // but they cannot be found
			id, claimed = id+5000, min(number+1, most)
		default: // another list at each call
			id = 5000 - call
		}
		if call > 6 && call <= down || call > again+5 {
			claimed = most
		}
		return pageWith(number, claimed, total, numbers(id, id)), claimed
	}
	_, scans, err := collect(newClient(t, Config{Transport: server}), ListOptions{})
	if !errors.Is(err, errMoving) || server.calls != boundOfCalls(most) || scans != 1+mostScans {
		t.Errorf("%d calls in %d scans, want %d: %v", server.calls, scans, boundOfCalls(most), err)
	}
}

// Claims that grow with each call keep nobody busy for ever.
func TestListsThatGrowWithEachCall(t *testing.T) {
	for name, sort := range map[string]string{"guests by id": "", "guests in another order": "email"} {
		server := &pages{answer: func(call, number int) (string, int) {
			return pageWith(number, number+1, 1_000_000, numbers(call, call)), number + 1
		}}
		_, _, err := collect(newClient(t, Config{Transport: server}), ListOptions{Sort: sort})
		if !errors.Is(err, errGrows) || server.calls > 30 {
			t.Errorf("%s: %d calls, %v", name, server.calls, err)
		}
	}
	server := &pages{answer: func(call, number int) (string, int) {
		return pageWith(number, number+1, 1_000_000, numbers(call, call)), number + 1
	}}
	_, err := newClient(t, Config{Transport: server}).Members(background)
	if !errors.Is(err, errGrows) || server.calls > 30 {
		t.Errorf("members: %d calls, %v", server.calls, err)
	}
}

// Members are kept in memory, all of them; guests are not, but for a number each.
func TestListsThatNeedTooMuchMemory(t *testing.T) {
	huge := strings.Repeat("x", 4<<20)
	server := &pages{answer: func(call, number int) (string, int) {
		return fmt.Sprintf(`{"data":[{"id":%d,"role":"%s"}],"meta":{"pagination":{"total":1000,"current_page":%d,"total_pages":1000}}}`, number, huge, number), 1000
	}}
	_, err := newClient(t, Config{Transport: server}).Members(background)
	if err == nil || !strings.Contains(err.Error(), "more than 64 MiB of members") || server.calls != mostOfMembers/len(huge) {
		t.Errorf("%d pages of members, %v", server.calls, err)
	}

	l := newListing(newClient(t, Config{Transport: &list{perPage: 1, ids: still(numbers(1, 3))}}), ListOptions{})
	s := newScan(1, maphash.MakeSeed())
	s.guests = mostRecords
	if err := l.scan(background, s, nil, func(*fetched) error { return nil }); !errors.Is(err, errGrows) {
		t.Errorf("after %d guests: %v", s.guests, err)
	}
}

// A server whose totals and pages contradict each other may not hide the pages
// in between.
func TestDescentThatSkipsPages(t *testing.T) {
	for name, claims := range map[string][][2]int{ // pages and total at each call
		"the last page is the only one for a moment": {{3, 9}, {1, 8}, {3, 8}},
		"no pages for a moment":                      {{3, 9}, {0, 0}, {3, 9}},
		"one guest fewer, and all pages gone":        {{3, 9}, {1, 8}, {1, 8}},
	} {
		server := &pages{answer: func(call, number int) (string, int) {
			c := [2]int{3, 9}
			if call <= len(claims) {
				c = claims[call-1]
			}
			return pageWith(number, c[0], c[1], numbers(3*number-2, 3*number)), c[0]
		}}
		ids, _, err := collect(newClient(t, Config{Transport: server}), ListOptions{})
		if err == nil && len(ids) < 8 {
			t.Errorf("%s: %d guests are the whole list", name, len(ids))
		}
	}
}

// Somebody comes in between and pushes another past the reader, while others
// make it look as if all who came stood at the end.
func TestDescentIsNotFooledByNewcomers(t *testing.T) {
	tens := func(from, to int, more ...string) []string {
		var ids []string
		for _, id := range numbers(from, to) {
			ids = append(ids, id+"0")
		}
		return append(ids, more...)
	}
	tests := []struct {
		name    string
		perPage int
		lists   [][]string // at each call; the last one stays
		stayed  string
	}{
		{"all who stood behind the first page are on it", 1, [][]string{tens(1, 2), tens(2, 2), {"11", "20"}}, "20"},
		{
			"one more comes while the end is looked for", 3,
			[][]string{
				tens(1, 14), tens(1, 14), tens(1, 14), // the pages 1, 5 and 4
				tens(1, 14, "1004"), // page 3
				slices.Concat(tens(1, 5), []string{"51"}, tens(6, 14, "1004")),              // page 2, without 60
				slices.Concat(tens(1, 5), []string{"51"}, tens(6, 9), tens(11, 14, "1004")), // page 1
				slices.Concat(tens(1, 5), []string{"51"}, tens(6, 9), tens(11, 14, "1004", "1007")),
				slices.Concat(tens(1, 5), []string{"51"}, tens(6, 9), tens(12, 14, "1004", "1007")),
			},
			"60",
		},
		{
			"one more comes when the end was past the list", 2,
			[][]string{tens(1, 5), tens(1, 5), tens(2, 5), slices.Concat([]string{"20", "21"}, tens(3, 5)), tens(3, 5), tens(3, 5, "51")},
			"30",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := &list{perPage: tt.perPage, ids: func(call int) []string { return tt.lists[min(call, len(tt.lists))-1] }}
			ids, _, err := collect(newClient(t, Config{Transport: server}), ListOptions{})
			if err != nil || !slices.Contains(ids, tt.stayed) {
				t.Errorf("%s is missing in %s, %v", tt.stayed, ids, err)
			}
		})
	}
}

// Several come, or several go, between any two calls: nobody is lost who was
// there all the while. That some come while others go is the gap that Pages
// tells of.
func TestListingLosesNobodyToACrowd(t *testing.T) {
	ended := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		byID := rapid.Bool().Draw(t, "by id")
		var people []int
		for i := range rapid.IntRange(0, 40).Draw(t, "guests") {
			people = append(people, 1000*(i+1))
		}
		stayed := map[int]bool{}
		for _, id := range people {
			stayed[id] = true
		}
		type event struct {
			Come  bool
			Where []int
		}
		events := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) event {
			return event{rapid.Bool().Draw(t, "come"), rapid.SliceOfN(rapid.IntRange(0, 60), 0, 6).Draw(t, "where")}
		}), 0, 12).Draw(t, "events")
		server := &list{perPage: rapid.IntRange(1, 6).Draw(t, "per page"), ids: func(call int) []string {
			if call <= len(events) {
				for i, where := range events[call-1].Where {
					if events[call-1].Come {
						people = append(people, 1000*where+10*call+i+1)
					} else if len(people) > 0 {
						at := where % len(people)
						delete(stayed, people[at])
						people = slices.Delete(people, at, at+1)
					}
				}
			}
			if byID {
				slices.Sort(people)
			}
			var ids []string
			for _, id := range people {
				ids = append(ids, strconv.Itoa(id))
			}
			return ids
		}}
		c, err := New(Config{Org: "acme", Token: testToken, Gate: openGate(), Transport: server})
		if err != nil {
			t.Fatal(err)
		}
		ids, _, err := collect(c, ListOptions{})
		ended[err == nil]++
		if err != nil {
			return // a list that keeps changing may be refused
		}
		for id := range stayed {
			if !slices.Contains(ids, strconv.Itoa(id)) {
				t.Fatalf("guest %d is missing in %s", id, ids)
			}
		}
	})
	if ended[false] > ended[true] {
		t.Errorf("%v: too few listings ended well to show anything", ended)
	}
}
