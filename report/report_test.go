package report

import (
	"errors"
	"flag"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/results"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestPage(t *testing.T) {
	lines := []results.Line{
		created("ann@x.com", noon.Add(time.Second)),
		created("bob@x.com", noon.Add(3*time.Second)),
		created("joe@x.com", noon.Add(time.Hour)),
		refused("eve@x.com", results.Unchanged, "differs: first_name (the API cannot change it)"),
		refused("sue@", results.Invalid, "email: has nothing after the @; company_url: has no scheme (did you mean https://x.com?)"),
		refused("tim@", results.Invalid, "email: has nothing after the @"),
		refused("Ann@x.com", results.Duplicate, "email: stands on row 1 already"),
		{Email: "max@x.com", Status: results.Failed, Action: results.Create, HTTPStatus: 422, Attempts: 2, Error: "email: is blocked", FinishedAt: noon.Add(2 * time.Hour), Org: "acme"},
	}
	lines[1].Action, lines[1].Attempts = results.CreateAssociate, 2
	got := made(t, save(t, "people.results.csv", lines...), Options{
		Commands: Commands{
			Input: "people.csv", Import: "guestlist import people.csv", Resume: "guestlist import people.csv --resume",
			Rejects: "people.rejects.csv", Mended: "guestlist import people.rejects.csv",
		},
		Live: &Live{Calls: map[string]map[string]int{"create": {"201": 3, "422": 2, "none": 1}, "read": {"200": 4}}, Waited: time.Hour, Took: []Took{
			{"create", 120 * time.Millisecond, 300 * time.Millisecond, 1200 * time.Millisecond},
		}},
	})
	golden := filepath.Join("testdata", "page.html")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the page is not testdata/page.html (if it is right: go test ./report -update):\n%s", diff)
	}
}

var tags = regexp.MustCompile(`(?s)<style>.*</style>|<[^>]*>`)

// text is what a person reads of a page, words separated by one blank.
func text(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(page, " "))), " ")
}

// orgs are rows of so many organizations.
func orgs(n int) []results.Line {
	var lines []results.Line
	for i := range n {
		l := created("a@x.com", noon)
		l.Org = fmt.Sprintf("org%d", i)
		lines = append(lines, l)
	}
	return lines
}

func TestWhatAPageSays(t *testing.T) {
	commands := Commands{
		Input: "people.csv", Import: "guestlist import people.csv", Check: "guestlist validate people.csv", Resume: "guestlist import people.csv --resume",
	}
	planned := results.Line{Email: "a@x.com", Status: results.Planned, Action: results.Create, Org: "acme"}
	lost := refused("c@x.com", results.Failed, results.FateUnknown+": the connection broke")
	lost.Attempts = 1
	sending := created("b@x.com", noon)
	sending.Row, sending.Status = 2, results.Sending
	first := created("a@x.com", noon)
	first.Row = 1
	for _, tc := range []struct {
		name, path string
		want       []string
		never      []string
	}{
		{
			"no rows", save(t, "a.results.csv"),
			[]string{"The file has no rows.", "There is no row to tell of.", "Nothing: there is no row left to look after.", "Organization not named in the file", "Nothing was written to the server."},
			[]string{"First row done", "Pace", "<details"},
		},
		{
			"one row", save(t, "a.results.csv", created("a@x.com", noon)),
			[]string{"The one row is done.", "created invited as a new guest 1 100%", "1 guest, all written at Sat 21 Nov 2026, 12:00:00.", "Nothing: there is no row left", "All times are in UTC."},
			[]string{"<svg class=\"chart", "<details", "From one guest to the next"},
		},
		{
			"all done", save(t, "a.results.csv", created("a@x.com", noon), created("b@x.com", noon.Add(time.Second))),
			[]string{"All 2 rows are done.", "Usually (median) 1.0 s", "Nothing: there is no row left"},
			[]string{"Shaded", "longest pause"},
		},
		{
			"all failed", save(t, "a.results.csv", refused("a@x.com", results.Failed, "not a guest of this organization"), refused("b@x.com", results.Failed, "not a guest of this organization")),
			[]string{"None of 2 rows is done: see below.", "2 rows failed.", "guestlist import people.csv --resume", "not a guest of this organization failed · 2 rows"},
			[]string{"were refused"},
		},
		{
			"invalid rows without rejects", save(t, "a.results.csv", created("a@x.com", noon), refused("b@", results.Invalid, "email: bad")),
			[]string{"1 of 2 rows are done. One row needs a look.", "1 row were refused", "Mend them in people.csv and go on"},
			[]string{"duplicate needs nothing"},
		},
		{
			"a row that may have been created", save(t, "a.results.csv", lost, refused("d@x.com", results.Failed, "no"), created("a@x.com", noon)),
			[]string{"Of 1 row it is not known whether the server has done what was sent.", "1 row failed.", "One command does both: guestlist import people.csv --resume"},
			nil,
		},
		{
			"a plan", save(t, "people.plan.csv", planned, refused("b@", results.Invalid, "email: bad")),
			[]string{"Import plan", "1 of 2 rows would be written to the server. This is a plan: nothing was sent. One row needs a look.", "guestlist validate people.csv", "guestlist import people.csv"},
			[]string{"Guests over time", "Pace", "--resume"},
		},
		{
			"a plan of invalid rows alone", save(t, "people.plan.csv", refused("b@", results.Invalid, "email: bad")),
			[]string{"Import plan", "guestlist validate people.csv"},
			[]string{"Nothing has been sent yet", "Guests over time"},
		},
		{
			"a check", save(t, "people.plan.csv", results.Line{Email: "a@x.com", Status: results.Valid, Action: results.None}),
			[]string{"File check", "1 of 1 row can be imported.", "Nothing has been sent yet. To do it: guestlist import people.csv"},
			[]string{"First row done", "need a look"},
		},
		{
			"a run under way", journal(t, sending, first, sending),
			[]string{"Import report, not finished", "So far 2 rows are recorded.", "sending on its way", "The run had not finished", "invalid or duplicate are not counted here"},
			nil,
		},
		{
			"a run that has just begun", journal(t),
			[]string{"Nothing is done yet.", "guestlist import people.csv --resume"},
			nil,
		},
		{
			"more organizations than are shown", save(t, "a.results.csv", orgs(8)...),
			[]string{"Organization org0, org1, org2, org3, org4 and more"},
			nil,
		},
		{
			"several organizations", save(t, "a.results.csv", created("a@x.com", noon), results.Line{Email: "b@x.com", Status: results.Created, Action: results.Create, FinishedAt: noon, Org: "acme@127.0.0.1"}),
			[]string{"Organization acme, acme@127.0.0.1"},
			nil,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			page := made(t, tc.path, Options{Commands: commands})
			for _, want := range tc.want {
				if !strings.Contains(text(page), want) {
					t.Errorf("the page does not say %q:\n%s", want, text(page))
				}
			}
			for _, never := range tc.never {
				if strings.Contains(page, never) || strings.Contains(text(page), never) {
					t.Errorf("the page says %q:\n%s", never, text(page))
				}
			}
		})
	}
}

// Rows that were only recorded are no guests, and a row whose guest was created
// is one whatever became of the rest.
func TestWhatCountsAsWritten(t *testing.T) {
	half := created("c@x.com", noon.Add(2*time.Second))
	half.Status, half.Error = results.Failed, "created, but not associated"
	updated := created("d@x.com", noon.Add(3*time.Second))
	updated.Status, updated.Action = results.Updated, results.Associate
	lost := refused("f@x.com", results.Failed, results.FateUnknown+": no answer")
	run, err := Read(save(t, "a.results.csv",
		updated, created("a@x.com", noon), half, lost,
		refused("e@x.com", results.Unchanged, ""), refused("g@", results.Invalid, "email: bad"), refused("h@x.com", results.Duplicate, "email: twice"),
	))
	if err != nil {
		t.Fatal(err)
	}
	var after []time.Duration
	for _, at := range run.written {
		after = append(after, time.UnixMilli(at).Sub(noon))
	}
	if diff := cmp.Diff([]time.Duration{0, 2 * time.Second, 3 * time.Second}, after); diff != "" {
		t.Error(diff)
	}
}

func TestARunKnowsItsOwnCommands(t *testing.T) {
	page := text(made(t, save(t, "a.results.csv", refused("a@x.com", results.Failed, "no")), Options{
		Commands: Commands{Resume: "worked out"},
		Live:     &Live{Commands: Commands{Resume: "guestlist import people.csv --org acme --resume"}},
	}))
	if !strings.Contains(page, "guestlist import people.csv --org acme --resume") || strings.Contains(page, "worked out") {
		t.Errorf("the page says:\n%s", page)
	}
}

func TestTimesAreInTheZoneAskedFor(t *testing.T) {
	east := time.FixedZone("", 5*3600+1800)
	page := text(made(t, save(t, "a.results.csv", created("a@x.com", noon)), Options{Location: east}))
	for _, want := range []string{"First row done Sat 21 Nov 2026, 17:30:00", "All times are in UTC+05:30."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
}

// Whatever stands in the cells stays text: it neither runs, nor leaves its place,
// nor turns the text around it.
func TestHostileCells(t *testing.T) {
	hostile := []string{
		"</script><script>alert(1)</script>", "</title></style><img src=x onerror=alert(1)>", "=HYPERLINK(\"https://evil.example.com\")",
		"\u202egnp.exe", "a\x1b[2Jb", "\" onmouseover=\"alert(1)", "'; DROP", "{{.Rows}}", "\xff\xfe",
	}
	var lines []results.Line
	for _, h := range hostile {
		l := refused(h, results.Failed, "the server said: "+h)
		l.Org, l.GuestID, l.Link = h, h, "https://secret.example.com/forever"
		lines = append(lines, l)
		l.Status = results.Unchanged
		lines = append(lines, l)
	}
	page := made(t, save(t, "<b>.results.csv", lines...), Options{Commands: Commands{Input: hostile[0], Resume: hostile[1]}})
	for _, never := range []string{"<script", "<img", "\u202e", "\x1b", "<b>", " onmouseover=\"", "\xff"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
	said := text(page)
	for _, want := range []string{hostile[0], hostile[1], `\u202egnp.exe`, `a\u001b[2Jb`, "{{.Rows}}"} {
		if !strings.Contains(said, want) {
			t.Errorf("the page does not show %q as it is", want)
		}
	}
	markup := strings.Join(tags.FindAllString(page, -1), "")
	for _, outside := range []string{"src=", "href=", "url(", "@import", "<link", "<iframe", "refresh"} {
		if strings.Contains(markup, outside) {
			t.Errorf("the page takes something from elsewhere: %q", outside)
		}
	}
	if !strings.Contains(page, `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`) {
		t.Error("the page does not forbid everything but its style")
	}
}

func TestLinksStayInTheResults(t *testing.T) {
	path := write(t, "a.results.csv", "row,line,email,status,action,http_status,guest_id,attempts,error,finished_at,org,link\n"+
		"1,2,a@x.com,created,create,201,7,1,,2026-11-21T12:00:00.000Z,acme,https://go.tallyfy.com/forever-7\n"+
		"2,3,b@x.com,failed,create,500,8,1,no,2026-11-21T12:00:00.000Z,acme,https://go.tallyfy.com/forever-8\n")
	if page := made(t, path, Options{}); strings.Contains(page, "forever-") {
		t.Error("the page has a forever link")
	}
}

func TestWhatIsNoResultsFile(t *testing.T) {
	const header = "row,line,email,status,action,http_status,guest_id,attempts,error,finished_at,org\n"
	for _, tc := range []struct{ name, file, content, want string }{
		{"the input", "people.csv", "email,first_name\na@x.com,Ann\n", "people.csv: it is no results file: there is no column row"},
		{"the input by a partial name", "people.csv.partial", "email,first_name\na@x.com,Ann\n", "there is no column row"},
		{"empty", "people.results.csv", "", "the file is empty"},
		{"a damaged line", "people.results.csv", header + "1,2,a@x.com,created\n", "record on line 2"},
		{"a status of nobody's", "people.results.csv", header + "1,2,a@x.com,great,create,,,1,,,acme\n", `line 2: status is "great"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Read(write(t, tc.file, tc.content))
			var format *FormatError
			if !errors.As(err, &format) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v, want a FormatError that says %q", err, tc.want)
			}
		})
	}
	var format *FormatError
	if _, err := Read(filepath.Join(t.TempDir(), "missing.csv")); !errors.Is(err, fs.ErrNotExist) || errors.As(err, &format) {
		t.Errorf("a missing file is %v", err)
	}
	if _, err := Read(t.TempDir()); err == nil || errors.As(err, &format) {
		t.Errorf("a folder is %v", err)
	}
}

func TestPartialWithATornTail(t *testing.T) {
	whole := created("a@x.com", noon)
	whole.Row, whole.Line = 1, 2
	path := journal(t, whole)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, "2,3,b@x.com,crea")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	run, err := Read(path)
	if err != nil || run.rows != 1 {
		t.Fatalf("%+v, %v", run, err)
	}
}
