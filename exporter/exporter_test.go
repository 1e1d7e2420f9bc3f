package exporter

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"guestlist/guest"
	"guestlist/ratelimit"
	"guestlist/sandbox"
	"guestlist/tallyfy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// connect serves a sandbox over TCP and returns a client of it.
func connect(t testing.TB, server *sandbox.Sandbox) *tallyfy.Client {
	t.Helper()
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	client, err := tallyfy.New(tallyfy.Config{
		BaseURL: listener.URL + "/api", Org: "acme", Token: "secret",
		Gate: ratelimit.New(ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 100_000, Window: time.Second}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)
	return client
}

// pages is a listing made of pages, and perhaps an error at its end.
type pages struct {
	all []*tallyfy.Page
	err error
}

func (p pages) Pages(context.Context, tallyfy.ListOptions) iter.Seq2[*tallyfy.Page, error] {
	return func(yield func(*tallyfy.Page, error) bool) {
		for _, page := range p.all {
			if !yield(page, nil) {
				return
			}
		}
		if p.err != nil {
			yield(nil, p.err)
		}
	}
}

func page(scan, number int, ordered bool, ids ...string) *tallyfy.Page {
	p := &tallyfy.Page{Scan: scan, Number: number, Ordered: ordered}
	for _, id := range ids {
		p.Records = append(p.Records, tallyfy.NewRecord([]byte(`{"id":`+id+`}`)))
	}
	return p
}

func TestEachGuestStandsOnceInTheOrderOfTheList(t *testing.T) {
	for _, tc := range []struct {
		name  string
		pages []*tallyfy.Page
		want  string
	}{
		{"no page", nil, ""},
		{"one page", []*tallyfy.Page{page(1, 1, true, "1", "2")}, "1 2"},
		{"pages that come from the last to the first", []*tallyfy.Page{
			page(1, 1, true, "1", "2"), page(1, 3, true, "5"), page(1, 2, true, "3", "4"), page(1, 1, true, "1", "2"),
		}, "1 2 3 4 5"},
		{"a deletion moved guests to lower pages", []*tallyfy.Page{
			page(1, 1, true, "1", "2"), page(1, 3, true, "5", "6"), page(1, 2, true, "4", "5"), page(1, 1, true, "2", "3"),
		}, "2 3 4 5 6"},
		{"ids with more digits come later", []*tallyfy.Page{page(1, 1, true, "9", "10"), page(1, 2, true, "10", "99999999999999999999")}, "9 10 99999999999999999999"},
		{"a new scan replaces the one before", []*tallyfy.Page{page(1, 1, true, "1", "2"), page(1, 2, true, "3"), page(2, 1, false, "9", "8"), page(2, 2, false, "7")}, "9 8 7"},
		{"repeats without an order", []*tallyfy.Page{page(1, 1, false, "9", "3"), page(1, 2, false, "3", "5", "9")}, "9 3 5"},
		{"repeats on one page", []*tallyfy.Page{page(1, 1, false, "9", "9", "3"), page(1, 2, false, "7"), page(1, 3, false, "3", "3", "8")}, "9 3 7 8"},
		{"a page whose ids do not rise after all", []*tallyfy.Page{page(1, 1, true, "1", "3", "2"), page(1, 2, true, "3", "4"), page(1, 3, true, "5")}, "1 3 4 5"},
		{"a page that became empty", []*tallyfy.Page{page(1, 1, true, "1"), page(1, 3, true), page(1, 2, true, "2"), page(1, 1, true, "1")}, "1 2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			e := New(Options{Client: pages{all: tc.pages}, Format: CSV, Columns: []string{"id"}})
			summary, err := e.Write(t.Context(), &out)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Fields(out.String())
			if got[0] != "id" || strings.Join(got[1:], " ") != tc.want {
				t.Errorf("guests are %q, want %q", got, tc.want)
			}
			if summary.Guests != len(got)-1 || summary.Pages != len(tc.pages) {
				t.Errorf("summary is %+v", summary)
			}
		})
	}
}

func TestNothingIsWrittenWhenTheListingFails(t *testing.T) {
	down := errors.New("the server is down")
	var out bytes.Buffer
	e := New(Options{Client: pages{[]*tallyfy.Page{page(1, 1, true, "1", "2")}, down}, Format: CSV})
	if _, err := e.Write(t.Context(), &out); !errors.Is(err, down) {
		t.Errorf("error is %v, want %v", err, down)
	}
	if out.Len() > 0 {
		t.Errorf("there was written %q", out.String())
	}
}

func TestOrganizationWithoutGuests(t *testing.T) {
	var out bytes.Buffer
	summary, err := New(Options{Client: connect(t, sandbox.New(sandbox.Options{})), Format: CSV}).Write(t.Context(), &out)
	if err != nil || out.String() != strings.Join(guest.RecordColumns(false), ",")+"\n" || summary.Guests != 0 {
		t.Errorf("%+v, %v, %q", summary, err, out.String())
	}
}

// odd returns guests with values as no form would take them, the same for the
// same seed.
func odd(n int) []sandbox.Guest {
	chance := rand.New(rand.NewPCG(1, 2))
	texts := []string{
		"", "Jane", "Łukasz", "山田 太郎", "مرحبا", "👩‍👩‍👧", "e\u0301", "=1+1", "@SUM(A1)", "-1", "+49 (0)30 1", "a,b", "a;b", `say "hi"`, "line\nbreak", "tab\there",
		"<b>&amp;</b>", "O'Brien", "\u2028", "null", "0", "a\\b", "{}", "x\u00a0y", "\u202eabc",
	}
	guests := make([]sandbox.Guest, n)
	for i := range guests {
		fields := map[string]string{}
		for f := range guest.NumFields {
			if f == guest.Email || f == guest.AssociatedMembers || chance.IntN(3) == 0 {
				continue
			}
			switch f {
			case guest.CompanyURL, guest.ContactURL, guest.ImageURL, guest.OpportunityURL:
				fields[f.String()] = fmt.Sprintf("https://acme.example.com/%d?q=ü&x=%d", i, chance.IntN(100))
			case guest.Timezone:
				fields[f.String()] = "Europe/Berlin"
			case guest.ExternalSyncSource:
				fields[f.String()] = "salesforce"
			case guest.ExternalDateCreation:
				fields[f.String()] = "2025-01-15 10:30:00"
			default:
				fields[f.String()] = texts[chance.IntN(len(texts))]
			}
		}
		guests[i] = sandbox.Guest{Email: fmt.Sprintf("odd+%d/é@acme.example.com", i), Fields: fields}
		if chance.IntN(4) == 0 {
			guests[i].AssociatedMembers = []int64{1001, 1003}[:1+chance.IntN(2)]
		}
	}
	return guests
}

func TestFiveThousandOddGuestsEqualTheStoreCellByCell(t *testing.T) {
	for _, tc := range []struct {
		name string
		o    sandbox.Options
		list tallyfy.ListOptions
		// how many times the pages are fetched
		scans int
	}{
		{"listed by id", sandbox.Options{}, tallyfy.ListOptions{Stats: true}, 1},
		{"not sorted by the server", sandbox.Options{NoSort: true}, tallyfy.ListOptions{Stats: true}, 1},
		{"the older shape", sandbox.Options{Legacy: true}, tallyfy.ListOptions{Stats: true}, 0},
		{"JSON as PHP writes it", sandbox.Options{PHPEscapes: true}, tallyfy.ListOptions{Stats: true}, 1},
		{"in the user's order, small pages", sandbox.Options{}, tallyfy.ListOptions{Sort: "-email", PerPage: 100}, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := sandbox.New(tc.o)
			for _, g := range odd(5000) {
				server.Put(g)
			}
			var out bytes.Buffer
			e := New(Options{Client: connect(t, server), List: tc.list, Format: CSV})
			summary, err := e.Write(t.Context(), &out)
			if err != nil {
				t.Fatal(err)
			}
			if summary.Guests != 5000 || tc.scans > 0 && summary.Scans != tc.scans {
				t.Errorf("summary is %+v, want 5000 guests in %d scans", summary, tc.scans)
			}
			compareWithStore(t, server, out.String())
			readAgain(t, out.String())
		})
	}
}

// compareWithStore compares every cell that the store knows of.
func compareWithStore(t *testing.T, server *sandbox.Sandbox, file string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string]int{}
	for i, name := range rows[0] {
		columns[name] = i
	}
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		email := row[columns["email"]]
		g, ok := server.Guest(email)
		if !ok || seen[email] {
			t.Fatalf("%s is in the store: %v, stands here twice: %v", email, ok, seen[email])
		}
		seen[email] = true
		want := map[string]string{"email": g.Email, "associated_members": joinIDs(g.AssociatedMembers)}
		for f := range guest.NumFields {
			if f != guest.Email && f != guest.AssociatedMembers {
				want[f.String()] = strings.ReplaceAll(g.Fields[f.String()], "\r\n", "\n")
			}
		}
		for name, value := range want {
			if got := row[columns[name]]; got != value {
				t.Errorf("%s: %s is %q, want %q", email, name, got, value)
			}
		}
	}
	if len(seen) != len(server.Guests()) {
		t.Errorf("%d guests, the store has %d", len(seen), len(server.Guests()))
	}
}

func joinIDs(ids []int64) string {
	var parts []string
	for _, id := range ids {
		parts = append(parts, strconv.FormatInt(id, 10))
	}
	return strings.Join(parts, ";")
}

// readAgain makes sure that an export is valid as input.
func readAgain(t *testing.T, file string) {
	t.Helper()
	r, err := guest.NewReader(strings.NewReader(file), guest.ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		row, err := r.Read()
		if err != nil {
			if n != 5000 {
				t.Errorf("%d rows, %v; want 5000", n, err)
			}
			return
		}
		if problems := guest.Validate(&row.Guest); row.Unread != "" || len(problems) > 0 {
			t.Errorf("row %d: %q %v", row.Number, row.Unread, problems)
		}
	}
}

// Formulas that are protected come back from the reader as they were, and no cell of
// the file is run by a spreadsheet.
func TestProtectedFormulasComeBack(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	for _, g := range odd(1000) {
		server.Put(g)
	}
	for i, name := range []string{"=1", "'=1", "''@x", "+1", "+49 30 1234567", "'+49 30 1234567", "-", "'", "'t Hooft", "=a,\"b\"", "-a\nb"} {
		server.Put(sandbox.Guest{Email: fmt.Sprintf("+%d@acme.example.com", i), Fields: map[string]string{"first_name": name, "phone_1": name}})
	}
	var out bytes.Buffer
	summary, err := New(Options{Client: connect(t, server), Format: CSV, EscapeFormulas: true}).Write(t.Context(), &out)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(out.Bytes())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(guest.RecordColumns(false), rows[0]); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	for _, cell := range slices.Concat(rows[1:]...) {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) && cell != "+49 30 1234567" {
			t.Errorf("%q is run by a spreadsheet", cell)
		}
	}
	r, err := guest.NewReader(&out, guest.ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || row.Unread != "" {
			t.Fatal(err, row.Unread)
		}
		read++
		kept, ok := server.Guest(row.Guest.Email)
		if !ok {
			t.Fatalf("%s is no guest", row.Guest.Email)
		}
		for f := range guest.NumFields {
			if f == guest.Email || f == guest.AssociatedMembers {
				continue
			}
			if got, want := row.Guest.Get(f), guest.Trim(kept.Fields[f.String()]); got != want {
				t.Errorf("%s: %s is %q, want %q", kept.Email, f, got, want)
			}
		}
	}
	if read != summary.Guests || read != 1011 {
		t.Errorf("%d rows of %d guests", read, summary.Guests)
	}
}

func TestJSONLinesAreTheRecordsAsSent(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	server.Put(sandbox.Guest{Raw: `{"id": 12345678901234567890, "email":"a@b.com","link":"https://go.tallyfy.com/secret","details":{"new": [1.10, null]},"unheard":"<of>"}`})
	for _, tc := range []struct {
		name  string
		links bool
		want  string
	}{
		{"without the link", false, `{"id": 12345678901234567890, "email":"a@b.com","details":{"new": [1.10, null]},"unheard":"<of>"}`},
		{"with the link", true, `{"id": 12345678901234567890, "email":"a@b.com","link":"https://go.tallyfy.com/secret","details":{"new": [1.10, null]},"unheard":"<of>"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			summary, err := New(Options{Client: connect(t, server), Format: JSONL, Links: tc.links}).Write(t.Context(), &out)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want+"\n", out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !slices.Contains(summary.Unknown, "unheard") || !slices.Contains(summary.Unknown, "details.new") {
				t.Errorf("fields without a column are %q", summary.Unknown)
			}
		})
	}
}

func TestCheckColumns(t *testing.T) {
	for _, tc := range []struct {
		name    string
		columns []string
		ok      bool
	}{
		{"some", []string{"email", "id"}, true},
		{"the link", []string{"link"}, true},
		{"none", nil, false},
		{"unknown", []string{"emial"}, false},
		{"empty", []string{""}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := CheckColumns(tc.columns); (err == nil) != tc.ok {
				t.Errorf("error is %v", err)
			}
		})
	}
}
