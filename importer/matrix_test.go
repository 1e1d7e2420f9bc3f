package importer

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"guestlist/results"
	"guestlist/sandbox"
)

// Whatever happens to a share of the calls, in whichever shape the server
// speaks: an import ends with every row done and nobody created twice.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	const percent = 15
	for _, call := range []struct {
		class string
		calls int // so many there are at least
		rows  int
		o     sandbox.Options
	}{
		{"members", 1, 150, sandbox.Options{}},
		{"list", 20, 150, sandbox.Options{Guests: 100, PerPageMax: 5}},
		{"get", 130, 150, sandbox.Options{Guests: 150, PerPageMax: 1}}, // so many pages that asking for each is cheaper
		{"create", 130, 150, sandbox.Options{}},
		{"update", 40, 150, sandbox.Options{}},
	} {
		call.o.Seed = seedThatStrikes(t, call.class, call.calls, percent)
		for _, kind := range sandbox.Faults() {
			for _, legacy := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s on %s, legacy %v", kind, call.class, legacy), func(t *testing.T) {
					t.Parallel()
					o := call.o
					o.Legacy = legacy
					// As late as can be told from work that is never done.
					o.Faults = []sandbox.Fault{{Kind: kind, Class: call.class, Percent: percent, Late: 15 * time.Second}}
					server, w := newWorld(o, call.rows)
					runFake(t, server, func(t *testing.T, b *bench) { w.mustImport(t, b) })
					if !struck(server, kind, call.class) {
						t.Errorf("no %s was struck", call.class)
					}
				})
			}
		}
	}
}

// Faults that announce no time make a client wait by itself.
func TestPutOffWithoutATime(t *testing.T) {
	t.Parallel()
	seed := seedThatStrikes(t, "list", 20, 15)
	for _, kind := range []string{sandbox.TooMany, sandbox.Unavailable} {
		for _, legacy := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, legacy %v", kind, legacy), func(t *testing.T) {
				t.Parallel()
				server, w := newWorld(sandbox.Options{
					Legacy: legacy, Seed: seed, Guests: 100, PerPageMax: 5, Faults: []sandbox.Fault{
						{Kind: kind, Class: "list", Percent: 15, RetryAfter: -1}, {Kind: kind, Class: "write", Percent: 15, RetryAfter: -1},
					},
				}, 150)
				runFake(t, server, func(t *testing.T, b *bench) { w.mustImport(t, b) })
				for _, class := range []string{"list", "create"} {
					if !struck(server, kind, class) {
						t.Errorf("no %s was struck", class)
					}
				}
			})
		}
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		o    sandbox.Options
		read string // how it finds out who is there
	}{
		{"listing", sandbox.Options{Guests: 200, PerPageMax: 3}, "list"},
		{"asking for each", sandbox.Options{Guests: 350, PerPageMax: 1}, "get"},
	} {
		for _, legacy := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, legacy %v", tc.name, legacy), func(t *testing.T) {
				t.Parallel()
				o := tc.o
				o.Legacy = legacy
				for _, kind := range sandbox.Faults() {
					o.Faults = append(o.Faults, sandbox.Fault{Kind: kind, Percent: 2, Late: 15 * time.Second})
				}
				server, w := newWorld(o, 300)
				runFake(t, server, func(t *testing.T, b *bench) { w.mustImport(t, b) })
				for _, kind := range sandbox.Faults() {
					if !struck(server, kind, "") {
						t.Errorf("no call was struck by %s", kind)
					}
				}
				for _, class := range []string{tc.read, "create", "update"} {
					if !struck(server, "", class) {
						t.Errorf("no %s was struck", class)
					}
				}
			})
		}
	}
}

// The faults that cost no waits worth the name, over a real network.
func TestFaultsOverTCP(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		kinds   []string
		class   string
		percent float64 // of each kind
	}{
		{"half an answer", []string{sandbox.Half}, "create", 15},
		{"cut after the work", []string{sandbox.CutAfter}, "create", 15},
		{"an error after the work", []string{sandbox.ErrorAfter}, "create", 15},
		{"lost reads", []string{sandbox.Half, sandbox.CutAfter, sandbox.CutBefore, sandbox.ErrorAfter}, "read", 3},
		{"lost updates", []string{sandbox.Half, sandbox.CutAfter, sandbox.CutBefore, sandbox.ErrorAfter}, "update", 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o := sandbox.Options{Seed: 1, Guests: 40, PerPageMax: 3}
			for _, kind := range tc.kinds {
				o.Faults = append(o.Faults, sandbox.Fault{Kind: kind, Class: tc.class, Percent: tc.percent})
			}
			server, w := newWorld(o, 60)
			w.mustImport(t, newBench(t, server))
			if !struck(server, "", tc.class) {
				t.Errorf("no %s was struck", tc.class)
			}
		})
	}
}

// seedThatStrikes returns the first seed by which a fault strikes one of the
// first calls of a class. Which ones depends on nothing else.
func seedThatStrikes(t *testing.T, class string, calls int, percent float64) uint64 {
	t.Helper()
	how := map[string][2]string{
		"members": {http.MethodGet, "/users"},
		"list":    {http.MethodGet, "/guests"},
		"get":     {http.MethodGet, "/guests/a@b.com"},
		"create":  {http.MethodPost, "/guests"},
		"update":  {http.MethodPut, "/guests/a@b.com"},
	}[class]
	for seed := uint64(1); seed < 100; seed++ {
		server := sandbox.New(sandbox.Options{Seed: seed, Faults: []sandbox.Fault{{Kind: sandbox.ServerError, Class: class, Percent: percent}}})
		for range calls {
			r := httptest.NewRequest(how[0], "/organizations/acme"+how[1], nil)
			r.Header.Set("Authorization", "Bearer secret")
			r.Header.Set("Accept", "application/json")
			r.Header.Set("X-Tallyfy-Client", "APIClient")
			server.ServeHTTP(httptest.NewRecorder(), r)
		}
		if struck(server, sandbox.ServerError, class) {
			return seed
		}
	}
	t.Fatalf("no seed strikes one of the first %d calls of %s", calls, class)
	return 0
}

// struck tells whether a fault happened to a call of a class. An empty kind is
// any fault, an empty class any call, "read" any GET.
func struck(server *sandbox.Sandbox, kind, class string) bool {
	return slices.ContainsFunc(server.Log(), func(c sandbox.Call) bool {
		return c.Fault != "" && (kind == "" || c.Fault == kind) &&
			(class == "" || c.Class == class || class == "read" && c.Method == http.MethodGet)
	})
}

// world is an organization, an input for it, and what is to come of each row.
type world struct {
	server *sandbox.Sandbox
	file   string
	rows   []wanted
}

type wanted struct {
	email, status, note string
	members             []int64 // of the guest in the end
}

// newWorld has every tenth row about someone who is a guest already: as the row
// says, under another name, disabled, or associated with members.
func newWorld(o sandbox.Options, rows int) (*sandbox.Sandbox, world) {
	w := world{server: sandbox.New(o)}
	var file strings.Builder
	file.WriteString("email,first_name,last_name,associated_members\n")
	for i := range rows {
		row := wanted{email: fmt.Sprintf("Person%d@acme.example.com", i), status: "created"}
		cell := ""
		if i%3 == 0 {
			cell = "1001;member.two@acme.com"
		}
		if i%10 == 5 {
			row.status = "unchanged"
			g := sandbox.Guest{Email: strings.ToLower(row.email), Fields: map[string]string{"first_name": fmt.Sprint("First ", i), "last_name": "Last"}}
			switch i / 10 % 4 {
			case 1:
				g.Fields["first_name"] = "Other"
				row.note = "differs: first_name (the API cannot change it)"
			case 2:
				g.Fields["disabled_at"] = "2025-02-03T04:05:06Z"
				g.AssociatedMembers = []int64{1003}
				row.note = "the guest is disabled since 2025-02-03T04:05:06Z"
			case 3:
				g.AssociatedMembers = []int64{1002, 1001}
			}
			row.members = g.AssociatedMembers
			if cell != "" && i/10%4 != 3 {
				row.status = "updated"
			}
			w.server.Put(g)
		}
		if cell != "" && row.status != "unchanged" {
			row.members = []int64{1001, 1002}
		}
		w.rows = append(w.rows, row)
		fmt.Fprintf(&file, "%s,First %d,Last,%s\n", row.email, i, cell)
	}
	w.file = file.String()
	return w.server, w
}

// mustImport runs the import and makes sure of all that it promises.
func (w world) mustImport(t *testing.T, b *bench) {
	t.Helper()
	b.o.MaxFailures = 50 // the default: a server that fails now and then is not down
	began := time.Now()
	lines := b.mustRun(w.file)
	if took := time.Since(began); took > time.Hour {
		t.Errorf("it took %s", took)
	}
	if len(lines) != len(w.rows) {
		t.Fatalf("%d lines, want %d", len(lines), len(w.rows))
	}
	there := map[string]sandbox.Guest{}
	for _, g := range w.server.Guests() {
		there[strings.ToLower(g.Email)] = g
	}
	for i, want := range w.rows {
		l := lines[i]
		got := fmt.Sprintf("%s %s %s", l.Email, l.Status, l.Error)
		if got != fmt.Sprintf("%s %s %s", want.email, want.status, want.note) || l.GuestID == "" {
			t.Errorf("row %d ended as %+v, want %+v", i+1, l, want)
		}
		admitted, succeeded := w.server.Creates(want.email)
		if l.Attempts < admitted || succeeded > 1 || (succeeded == 1) != (l.Status == results.Created) {
			t.Errorf("row %d: %d attempts, while %d creates were admitted and %d taken", i+1, l.Attempts, admitted, succeeded)
		}
		if g, ok := there[strings.ToLower(want.email)]; !ok || !slices.Equal(g.AssociatedMembers, want.members) {
			t.Errorf("%s is in the store: %v, with the members %v, want %v", want.email, ok, g.AssociatedMembers, want.members)
		}
	}
	if twice := w.server.Twice(); len(twice) > 0 {
		t.Errorf("created twice: %v", twice)
	}
	calls := 0
	for _, c := range b.o.Client.Calls() {
		calls += c.Count
	}
	if seen := len(w.server.Log()); calls != seen {
		t.Errorf("the server saw %d calls, and %d are counted", seen, calls)
	}
}
