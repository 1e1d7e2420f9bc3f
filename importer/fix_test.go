package importer

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/results"
	"guestlist/sandbox"
)

const mendable = "Email,First Name,Company URL,Timezone,Associated Members,External Date Creation\n" +
	"\"Ann Lee <ann@acme.example.com>\",Ann,www.acme.com,US/Eastern,1001,31.12.2024\n" +
	"bob@acme.example.com,Bob,https://acme.com,UTC,,\n" +
	"mailto:cat@acme.example.com,Cat,not a url,,,03/04/2024\n" +
	"ANN@acme.example.com,Ann,,,,\n" +
	"member.one@acme.com,One  Two,,,,\n" +
	"there@acme.example.com;,There,,,,\n"

const (
	annFixed = `fixed: email: took off what stood around the address (was "Ann Lee <ann@acme.example.com>"); ` +
		`fixed: timezone: now America/New_York (was "US/Eastern"); fixed: company_url: added https:// (was "www.acme.com"); ` +
		`fixed: external_date_creation: now 2024-12-31 00:00:00 (was "31.12.2024")`
	catFixed = `fixed: email: took off mailto: (was "mailto:cat@acme.example.com")`
)

func TestImportWithRepairs(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	server.Put(sandbox.Guest{Email: "there@acme.example.com", Fields: map[string]string{"first_name": "Other"}})
	runFake(t, server, func(t *testing.T, b *bench) {
		b.o.Fix = true
		got := outcomes(b.mustRun(mendable))
		refused, _, _ := strings.Cut(strings.TrimPrefix(got[4], "5 member.one@acme.com failed none email: "), "; fixed: ")
		want := []string{
			"1 ann@acme.example.com created create+associate " + annFixed,
			"2 bob@acme.example.com created create",
			`3 cat@acme.example.com invalid none company_url: is not a URL (empty the cell if there is none); ` +
				`external_date_creation: may be 3 April or 4 March (write it like 2025-01-15 10:30:00); ` + catFixed,
			"4 ANN@acme.example.com duplicate none email: stands on row 1 already",
			"5 member.one@acme.com failed none email: " + refused + `; fixed: first_name: made each run of blanks one blank (was "One  Two")`,
			`6 there@acme.example.com unchanged none differs: first_name (the API cannot change it); fixed: email: took off punctuation (was "there@acme.example.com;")`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}

		var payloads bytes.Buffer
		if err := b.plan.WritePayloads(t.Context(), &payloads); err != nil {
			t.Fatal(err)
		}
		for _, sent := range []string{`"ann@acme.example.com"`, `"https://www.acme.com"`, `"America/New_York"`, `"2024-12-31 00:00:00"`, `"One Two"`} {
			if !strings.Contains(strings.ReplaceAll(payloads.String(), `\/`, `/`), sent) {
				t.Errorf("no payload has %s:\n%s", sent, &payloads)
			}
		}

		// The plan file says the same, and the rejects have the original cells.
		dir := t.TempDir()
		if err := b.plan.Write(t.Context(), filepath.Join(dir, "plan.csv")); err != nil {
			t.Fatal(err)
		}
		if _, err := b.plan.WriteRejects(t.Context(), b.results, filepath.Join(dir, "rejects.csv")); err != nil {
			t.Fatal(err)
		}
		b.results = filepath.Join(dir, "plan.csv")
		planned := outcomes(b.lines())
		if planned[0] != "1 ann@acme.example.com planned create+associate "+annFixed || !strings.HasSuffix(planned[2], catFixed) {
			t.Errorf("planned was %q", planned)
		}
		rejects, err := os.ReadFile(filepath.Join(dir, "rejects.csv"))
		if err != nil || !strings.Contains(string(rejects), "\nmailto:cat@acme.example.com,Cat,not a url,,,03/04/2024,") {
			t.Errorf("%v, the rejects are\n%s", err, rejects)
		}
	})
	if g, ok := server.Guest("ann@acme.example.com"); !ok || g.Fields["company_url"] != "https://www.acme.com" || g.Fields["timezone"] != "America/New_York" {
		t.Errorf("the server has %+v", g)
	}
}

func TestNothingIsRepairedUnasked(t *testing.T) {
	b := newBench(t, sandbox.New(sandbox.Options{}))
	for i, l := range b.mustRun(mendable) {
		if strings.Contains(l.Error, "fixed:") {
			t.Errorf("row %d: %s", i+1, l.Error)
		}
	}
	if n := b.plan.Counts; n.Invalid != 3 || n.Duplicate != 0 {
		t.Errorf("counts are %+v", n)
	}
}

// A validation tells of repairs as the plan does.
func TestValidateWithRepairs(t *testing.T) {
	b := newBench(t, sandbox.New(sandbox.Options{}))
	b.input(mendable)
	b.o.Fix, b.o.Client = true, nil
	v, err := Validate(t.Context(), b.o, b.results)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(t.Context(), b.o)
	if err != nil {
		t.Fatal(err)
	}
	if f := v.Findings; f.FixedValues != 7 || f.FixedRows != 4 || plan.Findings.FixedValues != 7 || plan.Findings.FixedRows != 4 {
		t.Errorf("%d values in %d rows are said to be mended, the plan says %+v; want 7 in 4", f.FixedValues, f.FixedRows, plan.Findings)
	}
	got := outcomes(b.lines())
	if want := "1 ann@acme.example.com valid none " + annFixed; got[0] != want || !strings.HasSuffix(got[2], catFixed) {
		t.Errorf("verdicts are %q, want the first %q", got, want)
	}
}

// A run that was interrupted may be gone on from with repairs or without.
func TestResumeWithAndWithoutRepairs(t *testing.T) {
	for _, tc := range []struct {
		name          string
		first, second bool
		ann           string // how Ann's row ends; with two runs she is created once at most
		gone          int
	}{
		{"with, then with", true, true, "1 ann@acme.example.com created create+associate " + annFixed, 0},
		{"without, then with", false, true, "1 ann@acme.example.com created create+associate " + annFixed, 0},
		{"with, then without", true, false, "1 Ann Lee <ann@acme.example.com> invalid none email: ", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{})
			b := newBench(t, server)
			file, _, _ := strings.Cut(mendable, "ANN@")
			b.input(file)
			b.o.Fix = tc.first
			journal, err := results.Start(b.partial, false)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := NewPlan(t.Context(), b.o)
			if err != nil {
				t.Fatal(err)
			}
			run := plan.NewRun(journal)
			if err := run.RecordSettled(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := run.Do(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := journal.Leave(); err != nil {
				t.Fatal(err)
			}
			b.o.Fix = tc.second
			if err := b.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := outcomes(b.lines()); !strings.HasPrefix(got[0], tc.ann) || tc.second && got[0] != tc.ann || strings.Count(got[0], "fixed: email") > 1 {
				t.Errorf("Ann's row ended as %q, want %q", got[0], tc.ann)
			}
			if b.plan.Gone != tc.gone {
				t.Errorf("%d have no row any more, want %d", b.plan.Gone, tc.gone)
			}
			if twice := server.Twice(); len(twice) > 0 {
				t.Errorf("created twice: %v", twice)
			}
		})
	}
}

func TestForbiddenRowTellsWhatWasRepaired(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	b := newBench(t, answering(server, http.StatusForbidden, func(_ int, r *http.Request) bool { return r.Method == http.MethodPut }))
	b.o.Fix = true
	lines := b.mustRun("email,company_url,associated_members\nann@acme.example.com,www.acme.com,1001\nbob@acme.example.com,,\n")
	if l := lines[0]; l.Status != results.Failed || strings.Count(l.Error, "fixed: company_url: added https://") != 1 {
		t.Errorf("the row ended as %s: %s", l.Status, l.Error)
	}
}

// A line that says that a create is on its way has no word of repairs: a resume
// reads from it how the create got lost.
func TestLostCreateOfARepairedRowIsSettled(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	runFake(t, server, func(t *testing.T, b *bench) {
		journal, err := results.Start(b.partial, false)
		if err != nil {
			t.Fatal(err)
		}
		sending := results.Line{Row: 1, Line: 2, Email: "ann@acme.example.com", Status: results.Sending, Action: results.Create, Attempts: 1, FinishedAt: time.Now(), Org: "acme"}
		if err := journal.Note(sending); err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Leave(); err != nil {
			t.Fatal(err)
		}
		server.Put(sandbox.Guest{Email: "ann@acme.example.com"})
		b.o.Fix = true
		got := outcomes(b.mustRun("email\nmailto:ann@acme.example.com\n"))
		want := []string{`1 ann@acme.example.com created create fixed: email: took off mailto: (was "mailto:ann@acme.example.com")`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
