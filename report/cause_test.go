package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/results"
)

// causesOf gathers errors of failed rows, and returns the titles and counts.
func causesOf(errors ...string) []string {
	var c causes
	for i, e := range errors {
		c.add(&results.Line{Row: i + 1, Status: results.Failed, Error: e})
	}
	var titles []string
	shown, others := c.largest()
	for _, g := range shown {
		titles = append(titles, fmt.Sprintf("%d: %s", g.count, g.title()))
	}
	if others.count > 0 {
		titles = append(titles, fmt.Sprintf("%d others", others.count))
	}
	return titles
}

func TestEqualCausesMeet(t *testing.T) {
	for _, tc := range []struct {
		name   string
		errors []string
		want   []string
	}{
		{"the same words", []string{"email: is missing", "email: is missing"}, []string{"2: email: is missing"}},
		{"other words", []string{"email: is missing", "email: has a space"}, []string{"1: email: is missing", "1: email: has a space"}},
		{"rows", []string{"email: stands on row 2 already", "email: stands on row 47 already"}, []string{"2: email: stands on row … already"}},
		{"a number that all share stays", []string{"phone_1: has 21 characters (at most 20 are taken)", "phone_1: has 30 characters (at most 20 are taken)"}, []string{"2: phone_1: has … characters (at most 20 are taken)"}},
		{"fields with a number in their name", []string{"phone_1: is odd", "phone_2: is odd"}, []string{"1: phone_1: is odd", "1: phone_2: is odd"}},
		{"quotes", []string{`timezone: "Berlin" is not known`, `timezone: "New \"York" is not known`}, []string{"2: timezone: … is not known"}},
		{"curly quotes", []string{"it said “no, never; ever: x”", "it said “yes”"}, []string{"2: it said …"}},
		{"a quote that is not closed", []string{`it said "a; b: c`, `it said "d`}, []string{"2: it said …"}},
		{"a suggestion, or none", []string{"company_url: has no scheme (did you mean https://a.com?)", "company_url: has no scheme"}, []string{"2: company_url: has no scheme"}},
		{"addresses", []string{"create guest a@x.com: no (HTTP 422)", "create guest b+c@y.org: no (HTTP 422)"}, []string{"2: create guest …: no (HTTP 422)"}},
		{"the status of the answer tells causes apart", []string{"create guest: no (HTTP 422)", "create guest: no (HTTP 403)"}, []string{"1: create guest: no (HTTP 422)", "1: create guest: no (HTTP 403)"}},
		{"URLs, hosts and network addresses", []string{"see https://a.com/1, host a.example.com, from 10.0.0.1:8080: refused", "see http://b.org/, host b.org, from 10.0.0.2:80: refused"}, []string{"2: see …, host …, from …: refused"}},
		{"ids", []string{"request 3f2504e0-4f89-11d3-9a0c-0305e82c3301 failed", "request c9a646d3-9c61-4cb7-bfcd-ee2522c8f633 failed"}, []string{"2: request … failed"}},
		{"times", []string{"the guest is disabled since 2026-01-02 10:00:00", "the guest is disabled since 2025-12-31 11:30:00"}, []string{"2: the guest is disabled since … …"}},
		{"several in one row", []string{"email: is missing; phone_1: has 30 characters", "phone_1: has 31 characters"}, []string{"2: phone_1: has … characters", "1: email: is missing"}},
		{"the same twice in one row", []string{"email: has 1; email: has 2"}, []string{"1: email: has 1"}},
		{"a semicolon inside a message", []string{"create guest a@x.com: slow down; it asks to wait 30s (HTTP 429)"}, []string{"1: create guest a@x.com: slow down; it asks to wait 30s (HTTP 429)"}},
		{"no error", []string{"", ""}, []string{"2: no reason is recorded"}},
		{"other alphabets", []string{"имя: плохо 1", "имя: плохо 2"}, []string{"2: имя: плохо …"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, causesOf(tc.errors...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStatusesAreCausesOfTheirOwn(t *testing.T) {
	var c causes
	c.add(&results.Line{Row: 1, Status: results.Failed, Error: "no"})
	c.add(&results.Line{Row: 2, Status: results.Invalid, Error: "no"})
	if shown, _ := c.largest(); len(shown) != 2 {
		t.Errorf("%d causes, want 2", len(shown))
	}
}

// However many rows fail and however different they are, what is kept of them is
// bounded, and nothing is lost of the count.
func TestManyFailuresAreBounded(t *testing.T) {
	var c causes
	const rows = 4000
	for i := range rows {
		cause := strings.Repeat("ab"[i%2:i%2+1], i%500) // 500 causes, most of them long
		if i%4 == 0 {
			cause = "the common one"
		}
		c.add(&results.Line{Row: i + 1, Email: strings.Repeat("e", 500), Status: results.Failed, Error: "no " + cause + "." + strings.Repeat(" z", 500)})
	}
	shown, others := c.largest()
	if len(c.groups) > mostCauses || len(shown) != shownCauses {
		t.Errorf("%d causes are kept and %d shown", len(c.groups), len(shown))
	}
	if !strings.Contains(shown[0].title(), "the common one") || shown[0].count != rows/4 {
		t.Errorf("the first is %q, %d times", shown[0].title(), shown[0].count)
	}
	total := others.count
	for _, g := range append(shown, &others) {
		if len(g.rows) > mostRows || len(g.title()) > mostTitle+10 {
			t.Errorf("%d rows and a title of %d bytes", len(g.rows), len(g.title()))
		}
		for _, row := range g.rows {
			if len(row.email) > mostEmail+10 || len(row.detail) > mostError+10 {
				t.Fatalf("an email of %d bytes, an error of %d", len(row.email), len(row.detail))
			}
		}
		if g != &others {
			total += g.count
		}
	}
	if total != rows {
		t.Errorf("%d rows are counted, want %d", total, rows)
	}
}

func TestMoreRowsThanAreShown(t *testing.T) {
	var lines []results.Line
	for range mostRows + 1250 {
		lines = append(lines, refused("a@x.com", results.Failed, "no"))
	}
	page := text(made(t, save(t, "a.results.csv", lines...), Options{}))
	if !strings.Contains(page, "and 1,250 more in the results file") || strings.Count(page, "a@x.com") != mostRows {
		t.Errorf("the page has %d rows:\n%.3000s", strings.Count(page, "a@x.com"), page)
	}
}

func FuzzPattern(f *testing.F) {
	for _, seed := range []string{"", `a "b`, "email: x; phone: 1", "“", " (did you mean ", "HTTP 422", "\xff\x80\"", "..", "; a: ", "é12"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range splitCauses(text) {
			if strings.Count(p.text, slot) != len(p.values) {
				t.Fatalf("%q has %d values", p.text, len(p.values))
			}
		}
		if !strings.Contains(text, "did you mean") && !strings.ContainsAny(text, slot) {
			g := cause{causeKey: causeKey{text: patternOf(text).text}, values: patternOf(text).values}
			g.differ = make([]bool, len(g.values))
			if got := g.title(); got != cut(text, mostTitle) {
				t.Fatalf("%q became %q", text, got)
			}
		}
	})
}
