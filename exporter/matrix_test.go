package exporter

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/guest"
	"guestlist/ratelimit"
	"guestlist/sandbox"
	"guestlist/sandbox/sandboxtest"
	"guestlist/tallyfy"
)

// Whatever happens to a share of the calls, in whichever shape and order the
// server lists: an export holds what the store holds, cell by cell.
func TestFaultMatrix(t *testing.T) {
	type cell struct {
		name    string
		perPage int
		faults  []sandbox.Fault
	}
	all := cell{name: "all at once", perPage: 1}
	var cells []cell
	for _, kind := range sandbox.Faults() {
		all.faults = append(all.faults, sandbox.Fault{Kind: kind, Percent: 2, Late: 15 * time.Second})
		cells = append(cells, cell{kind, 5, []sandbox.Fault{{Kind: kind, Class: "list", Percent: 15, Late: 15 * time.Second}}})
	}
	cells = append(cells, all,
		cell{"429 without a time", 5, []sandbox.Fault{{Kind: sandbox.TooMany, Percent: 15, RetryAfter: -1}}},
		cell{"503 without a time", 5, []sandbox.Fault{{Kind: sandbox.Unavailable, Percent: 15, RetryAfter: -1}}},
	)
	for _, order := range []struct {
		name string
		o    sandbox.Options
		list tallyfy.ListOptions
	}{
		{"by id", sandbox.Options{}, tallyfy.ListOptions{}},
		{"in the user's order", sandbox.Options{}, tallyfy.ListOptions{Sort: "-email"}},
		{"the older shape", sandbox.Options{Legacy: true}, tallyfy.ListOptions{}},
		{"the older shape in the user's order", sandbox.Options{Legacy: true}, tallyfy.ListOptions{Sort: "-email"}},
	} {
		for _, tc := range cells {
			t.Run(tc.name+", "+order.name, func(t *testing.T) {
				t.Parallel()
				o := order.o
				o.Faults, o.Seed = tc.faults, 2
				server := sandbox.New(o)
				for _, g := range odd(250) {
					server.Put(g)
				}
				list := order.list
				list.PerPage, list.Stats = tc.perPage, true
				synctest.Test(t, func(t *testing.T) { exportThroughFaults(t, server, list) })
				for _, f := range tc.faults {
					struck := 0
					for _, c := range server.Log() {
						if c.Fault == f.Kind {
							struck++
						}
					}
					if struck == 0 {
						t.Errorf("no call was struck by %s", f.Kind)
					}
				}
			})
		}
	}
}

func exportThroughFaults(t *testing.T, server *sandbox.Sandbox, list tallyfy.ListOptions) {
	t.Helper()
	client, err := tallyfy.New(tallyfy.Config{
		BaseURL: "http://127.0.0.1/api", Org: "acme", Token: "secret", Transport: sandboxtest.Direct{Handler: server},
		Gate: ratelimit.New(ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 100_000, Window: time.Second}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	summary, err := New(Options{Client: client, List: list, Format: CSV}).Write(t.Context(), &out)
	if err != nil {
		t.Fatal(err)
	}
	if guests := len(server.Guests()); summary.Guests != guests || !strings.HasPrefix(out.String(), strings.Join(guest.RecordColumns(false), ",")+"\n") {
		t.Errorf("summary is %+v, want %d guests under the header", summary, guests)
	}
	compareWithStore(t, server, out.String())
	calls := 0
	for _, c := range client.Calls() {
		calls += c.Count
	}
	if seen := len(server.Log()); calls != seen {
		t.Errorf("the server saw %d calls, and %d are counted", seen, calls)
	}
}
