package importer

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"guestlist/guest"
	"guestlist/sandbox"
)

// findingsOf returns what a validation finds, and makes sure that a plan finds
// the same.
func findingsOf(t *testing.T, file string) []FindingGroup {
	t.Helper()
	o := opens(func() io.Reader { return strings.NewReader(file) })
	o.Mode = Upsert
	v, err := Validate(t.Context(), o, filepath.Join(t.TempDir(), "plan.csv"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(v.Findings, plan.Findings); diff != "" {
		t.Errorf("the plan finds other things (-validation +plan):\n%s", diff)
	}
	return v.Findings.Groups
}

func TestFindings(t *testing.T) {
	const file = "E-Mail;Company URL;Timezone\n" +
		"ann@acme.example.com;www.acme.com;Europe/Berlin\n" +
		"\n" +
		"bob@acme.example.com;\"www.\n" +
		"acme.org\";\"Berlin\"\n" +
		";acme.net;\n" +
		"cat@acme.example.com;acme.de;UTC\n" +
		"fay@acme.example.com;;\n" +
		"FAY@acme.example.com;;\n" +
		"dan@acme.example.com;;;;x\n" +
		"eve@acme.example.com;;;x\n" +
		"eve@acme.example.com\"x\n"
	got := findingsOf(t, file)
	want := []FindingGroup{
		{WrongValue, guest.CompanyURL, "has no scheme", 3, []Finding{
			{Line: 2, Column: "Company URL", Value: "www.acme.com", Hint: "did you mean https://www.acme.com?", Text: "has no scheme (did you mean https://www.acme.com?)"},
			{Line: 6, Column: "Company URL", Value: "acme.net", Hint: "did you mean https://acme.net?", Text: "has no scheme (did you mean https://acme.net?)"},
		}, 3},
		{WrongValue, guest.Timezone, "is not a time zone the server knows", 1, []Finding{
			{Line: 4, Column: "Timezone", Value: "Berlin", Hint: "did you mean Europe/Berlin?", Text: "is not a time zone the server knows (did you mean Europe/Berlin?)"},
		}, 0},
		{WrongValue, guest.CompanyURL, "is not a URL", 1, []Finding{
			{Line: 4, Column: "Company URL", Value: "www.\nacme.org", Hint: "one looks like https://example.com/page", Text: "is not a URL (one looks like https://example.com/page)"},
		}, 0},
		{WrongValue, guest.Email, "is missing", 1, []Finding{{Line: 6, Column: "E-Mail", Text: "is missing"}}, 0},
		{StandsTwice, 0, "", 1, []Finding{
			{Line: 9, Column: "E-Mail", Value: "FAY@acme.example.com", Earlier: 8},
		}, 0},
		{Unreadable, 0, "has … cells where the header has …: a cell with the delimiter in it must be quoted", 2, []Finding{
			{Line: 10, Text: "has 5 cells where the header has 3: a cell with the delimiter in it must be quoted"},
			{Line: 11, Text: "has 4 cells where the header has 3: a cell with the delimiter in it must be quoted"},
		}, 0},
		{Unreadable, 0, "a quote stands inside a cell that does not begin with one: the whole cell must be quoted and the quote doubled", 1, []Finding{
			{Line: 12, Text: "a quote stands inside a cell that does not begin with one: the whole cell must be quoted and the quote doubled"},
		}, 0},
	}
	byCause := cmpopts.SortSlices(func(a, b FindingGroup) bool { return a.Cause < b.Cause })
	if diff := cmp.Diff(want, got, byCause); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got[0].Cause != "has no scheme" {
		t.Errorf("what turned up first stands behind %q", got[0].Cause)
	}
}

// However many rows are wrong, in however many ways, what is kept is little.
func TestFindingsStaySmall(t *testing.T) {
	var file strings.Builder
	file.WriteString("email,company_url,associated_members,x_1\n")
	for i := range 3000 {
		long := strings.Repeat("é", 5000)
		switch i % 3 {
		case 0:
			fmt.Fprintf(&file, "%d@@%s,www.%s.com,nobody%d,\n", i, long[:100], long, i)
		case 1:
			fmt.Fprintf(&file, "ann@acme.example.com,,,\n")
		case 2:
			fmt.Fprintf(&file, "a,b,c,d%s\n", strings.Repeat(",x", i))
		}
	}
	o := opens(func() io.Reader { return strings.NewReader(strings.Replace(file.String(), ",x_1", ",first_name", 1)) })
	v, err := Validate(t.Context(), o, filepath.Join(t.TempDir(), "plan.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(v.Findings.Groups); n < 4 || n > 10 {
		t.Errorf("%d groups: %+v", n, v.Findings)
	}
	rows := 0
	for _, g := range v.Findings.Groups {
		rows += g.Rows
		if len(g.First) > 2 {
			t.Errorf("%d findings of one group are kept", len(g.First))
		}
		for _, f := range g.First {
			if n := len(f.Value) + len(f.Text) + len(f.Hint); n > 1000 {
				t.Errorf("a finding of %d bytes", n)
			}
		}
	}
	if rows != 1000*3+999+1000 {
		t.Errorf("%d findings, want three for each row of one kind and one for each of the two others, but the first of them", rows)
	}
}

func TestReasonsForUnreadableRowsAreBounded(t *testing.T) {
	var f findings
	for i := range 1000 {
		f.unreadable(&guest.Row{Unread: strings.Repeat("x", i%100) + " on line 7"})
	}
	rows := 0
	for _, g := range f.Groups {
		rows += g.Rows
	}
	if n := len(f.Groups); n != mostUnread+1 || rows != 1000 {
		t.Errorf("%d groups of %d rows, want %d of 1000", n, rows, mostUnread+1)
	}
}

func TestMembersWhomTheOrganizationLacksAreFindings(t *testing.T) {
	b := newBench(t, sandbox.New(sandbox.Options{}))
	b.mustRun("email,Associated Members\nann@acme.example.com,77\nbob@acme.example.com,nobody@acme.com\ncat@acme.example.com,1001\n")
	want := []FindingGroup{{
		WrongValue, guest.AssociatedMembers, "names who is no member of the organization", 2, []Finding{
			{Line: 2, Column: "Associated Members", Value: "77", Text: "77 is no member of the organization"},
			{Line: 3, Column: "Associated Members", Value: "nobody@acme.com", Text: "nobody@acme.com is no member of the organization"},
		}, 0,
	}}
	if diff := cmp.Diff(want, b.plan.Findings.Groups); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRowsThatAreNoEntries(t *testing.T) {
	const file = "Email,First Name,Last Name,Company,Phone\n" +
		"ann@acme.example.com,Ann,Lee,,\n" +
		"Total: 3,,,,\n" +
		",Rows,14286,,\n" +
		",,,Page 1 of 3,\n" +
		",Ann,,,\n" + // a person whose email is missing
		",Bob,Hart,,\n" +
		",Cat,,,017112345\n" +
		",Dan,,Studio 54,\n" +
		"eve2,,,,\n" +
		"1001,,,,\n" +
		"Fay: fay@acme,,,,\n" +
		"Sum: 3,4,5,6,7\n"
	got := findingsOf(t, file)
	want := []FindingGroup{
		{Kind: NoEntry, Rows: 3, First: []Finding{{Line: 3, Value: "Total: 3"}, {Line: 4, Value: "Rows 14286"}}},
		{WrongValue, guest.Email, "is missing", 4, []Finding{{Line: 6, Column: "Email", Text: "is missing"}, {Line: 7, Column: "Email", Text: "is missing"}}, 0},
	}
	if diff := cmp.Diff(want, got[:min(2, len(got))]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, g := range got[2:] {
		if g.Kind != WrongValue || g.Field != guest.Email {
			t.Errorf("found besides: %+v", g)
		}
	}
	b := newBench(t, sandbox.New(sandbox.Options{}))
	if l := b.mustRun(file)[3]; l.Error != "email: is missing" {
		t.Errorf("the results say %q", l.Error)
	}
}

// A value that the server takes is sent, but a person must hear that it is odd.
func TestDoubtfulValuesAreFindings(t *testing.T) {
	const file = "Email,Last Name,Phone\n'ann@acme.example.com,'t Hart,'0049 30\nbob@acme.example.com,,'0049 30 1234 567 901\n"
	const cause, hint = "begins with an apostrophe, which is sent too", "did you mean ann@acme.example.com?"
	want := []FindingGroup{
		{DoubtfulValue, guest.Email, cause, 1, []Finding{
			{Line: 2, Column: "Email", Value: "'ann@acme.example.com", Hint: hint, Text: cause + " (" + hint + ")"},
		}, 1},
		{DoubtfulValue, guest.Phone1, cause, 1, []Finding{
			{Line: 2, Column: "Phone", Value: "'0049 30", Hint: "did you mean 0049 30?", Text: cause + " (did you mean 0049 30?)"},
		}, 1},
		// One that the server would refuse is no doubt.
		{WrongValue, guest.Phone1, "has more than 20 characters", 1, []Finding{
			{Line: 3, Column: "Phone", Value: "'0049 30 1234 567 901", Hint: "at most 20 are taken", Text: "has 21 characters (at most 20 are taken)"},
		}, 1},
	}
	if diff := cmp.Diff(want, findingsOf(t, file)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b := newBench(t, sandbox.New(sandbox.Options{}))
	b.mustRun(file)
	if n := b.plan.Counts; n.Create != 1 {
		t.Errorf("counts are %+v", n)
	}
}

func TestLineNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l lineNumbers
		var lines []int
		line := 0
		for row, step := range rapid.SliceOfN(rapid.SampledFrom([]int{1, 1, 1, 2, 7}), 1, 30).Draw(t, "steps") {
			line += step
			lines = append(lines, line)
			l.add(row, line)
		}
		for row, want := range lines {
			if got := l.of(row); got != want {
				t.Fatalf("row %d starts on line %d, want %d", row, got, want)
			}
		}
	})
}
