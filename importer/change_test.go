package importer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/results"
	"guestlist/sandbox"
)

// changing prepares the bench to delete, disable or enable.
func (b *bench) changing(m Mode) {
	b.o.Mode = m
	b.o.CSV.Columns.EmailOnly = true
}

// staff is who is there: ann with tasks to do, ben who is disabled, cat.
func staff(o sandbox.Options) *sandbox.Sandbox {
	s := sandbox.New(o)
	s.Put(sandbox.Guest{Email: "ann@acme.example.com", Stats: &sandbox.Stats{AssignedTasks: 2}})
	s.Put(sandbox.Guest{Email: "ben@acme.example.com", Fields: map[string]string{"disabled_at": "2026-01-02 03:04:05"}, Stats: &sandbox.Stats{}})
	s.Put(sandbox.Guest{Email: "cat@acme.example.com", Stats: &sandbox.Stats{TasksCompleted: 7}})
	return s
}

const staffFile = "Note,email\nx,Ann@acme.example.com\n,ben@acme.example.com\n,cat@acme.example.com\n" +
	",gone@acme.example.com\n,ann@ACME.example.com\n,not an address\n"

func TestChanges(t *testing.T) {
	for _, tc := range []struct {
		mode Mode
		want []string // outcomes of the rows
		plan []string // the same of a dry run, but for the last two, which are alike
		left string   // the emails that are still guests, and who is disabled
		at   int      // those with tasks to do
	}{
		{
			Delete,
			[]string{
				"1 Ann@acme.example.com deleted delete",
				"2 ben@acme.example.com deleted delete",
				"3 cat@acme.example.com deleted delete",
				"4 gone@acme.example.com unchanged none not a guest of this organization",
			},
			[]string{
				"1 Ann@acme.example.com planned delete",
				"2 ben@acme.example.com planned delete",
				"3 cat@acme.example.com planned delete",
				"4 gone@acme.example.com unchanged none not a guest of this organization",
			},
			"", 1,
		},
		{
			Disable,
			[]string{
				"1 Ann@acme.example.com disabled disable",
				"2 ben@acme.example.com unchanged none the guest is disabled since 2026-01-02 03:04:05",
				"3 cat@acme.example.com disabled disable",
				"4 gone@acme.example.com failed none not a guest of this organization",
			},
			[]string{
				"1 Ann@acme.example.com planned disable",
				"2 ben@acme.example.com unchanged none the guest is disabled since 2026-01-02 03:04:05",
				"3 cat@acme.example.com planned disable",
				"4 gone@acme.example.com unchanged none not a guest of this organization",
			},
			"ann! ben! cat!", 0,
		},
		{
			Enable,
			[]string{
				"1 Ann@acme.example.com unchanged none the guest is not disabled",
				"2 ben@acme.example.com enabled enable",
				"3 cat@acme.example.com unchanged none the guest is not disabled",
				"4 gone@acme.example.com failed none not a guest of this organization",
			},
			[]string{
				"1 Ann@acme.example.com unchanged none the guest is not disabled",
				"2 ben@acme.example.com planned enable",
				"3 cat@acme.example.com unchanged none the guest is not disabled",
				"4 gone@acme.example.com unchanged none not a guest of this organization",
			},
			"ann ben cat", 0,
		},
	} {
		refused := []string{
			"5 ann@ACME.example.com duplicate none email: stands on row 1 already",
			"6 not an address invalid none email: has no @ (an address looks like jane@example.com)",
		}
		t.Run(string(tc.mode), func(t *testing.T) {
			server := staff(sandbox.Options{})
			runFake(t, server, func(t *testing.T, b *bench) {
				b.changing(tc.mode)
				b.input(staffFile)
				plan, err := NewPlan(t.Context(), b.o)
				if err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(t.TempDir(), "plan.csv")
				if err := plan.Write(t.Context(), path); err != nil {
					t.Fatal(err)
				}
				planned := (&bench{t: t, results: path}).lines()
				if diff := cmp.Diff(append(tc.plan, refused...), outcomes(planned)); diff != "" {
					t.Errorf("the plan (-want +got):\n%s", diff)
				}
				if n := len(server.Log()); n != server.Calls()["list"][200] {
					t.Errorf("the plan took %v", server.Calls())
				}
				lines := b.mustRun(staffFile)
				if diff := cmp.Diff(append(tc.want, refused...), outcomes(lines)); diff != "" {
					t.Errorf("the results (-want +got):\n%s", diff)
				}
				for _, l := range lines {
					wrote := l.Action != results.None
					if wrote != (l.Attempts == 1) || wrote && (l.GuestID == "" || l.HTTPStatus != 200) {
						t.Errorf("%s has attempts %d, guest id %q and status %d", l.Email, l.Attempts, l.GuestID, l.HTTPStatus)
					}
				}
				c := b.plan.Counts
				if c.AtWork != tc.at || c.People() != 4 {
					t.Errorf("%d of %d people are at work, want %d of 4", c.AtWork, c.People(), tc.at)
				}
			})
			if got := standing(server); got != tc.left {
				t.Errorf("guests are %q, want %q", got, tc.left)
			}
		})
	}
}

// standing names the guests, the disabled ones with a mark.
func standing(s *sandbox.Sandbox) string {
	var all []string
	for _, g := range s.Guests() {
		name, _, _ := strings.Cut(g.Email, "@")
		if g.Fields["disabled_at"] != "" {
			name += "!"
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// Statistics cost the server time, so only a delete asks for them.
func TestOnlyADeleteAsksForStatistics(t *testing.T) {
	for _, file := range []string{staffFile, "email\nann@acme.example.com\n"} { // by a list, and one by one
		for _, mode := range []Mode{Upsert, Delete, Disable, Enable} {
			server := staff(sandbox.Options{PerPageMax: 1})
			runFake(t, server, func(_ *testing.T, b *bench) {
				if b.changing(mode); mode == Upsert {
					b.o.CSV.Columns.EmailOnly = false
					b.o.CSV.Columns.IgnoreUnknown = true
				}
				b.mustRun(file)
			})
			asked, reads := 0, 0
			for _, c := range server.Log() {
				if c.Method != http.MethodGet {
					continue
				}
				if reads++; strings.Contains(c.Query, "with=stats") {
					asked++
				}
			}
			if reads == 0 || mode == Delete && asked != reads || mode != Delete && asked > 0 {
				t.Errorf("%s: %d of %d reads asked for statistics", mode, asked, reads)
			}
		}
	}
}

func TestAChangeWhoseAnswerIsLost(t *testing.T) {
	const file = "email\nann@acme.example.com\n"
	for _, tc := range []struct {
		name  string
		mode  Mode
		fault sandbox.Fault
		want  string
		sent  int
		calls []string // after the plan, with the seconds since the first
	}{
		{"deleted", Delete, sandbox.Fault{Kind: sandbox.CutAfter}, "deleted delete", 1, []string{"DELETE 0s", "GET 0s"}},
		{"deleted late", Delete, sandbox.Fault{Kind: sandbox.CutLate, Late: 2 * time.Second}, "deleted delete", 1, []string{"DELETE 0s", "GET 0s", "GET 1s", "GET 3s"}},
		{"not deleted", Delete, sandbox.Fault{Kind: sandbox.CutBefore}, "failed none", 2, []string{
			"DELETE 0s", "GET 0s", "GET 1s", "GET 3s", "GET 8s", "GET 20s", "DELETE 20s", "GET 20s", "GET 21s", "GET 23s", "GET 28s",
		}},
		{"disabled", Disable, sandbox.Fault{Kind: sandbox.Half}, "disabled disable", 1, []string{"DELETE 0s", "GET 0s"}},
		{"enabled, which makes a new link each time", Enable, sandbox.Fault{Kind: sandbox.ErrorAfter}, "enabled enable", 1, []string{"PUT 0s", "GET 0s"}},
		{"not enabled", Enable, sandbox.Fault{Kind: sandbox.ServerError}, "failed none", 2, []string{
			"PUT 0s", "GET 0s", "GET 1s", "GET 3s", "GET 8s", "GET 20s", "PUT 20s", "GET 20s", "GET 21s", "GET 23s", "GET 28s",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var log []string
			var began time.Time
			tc.fault.Percent, tc.fault.Class = 100, "write"
			server := staff(sandbox.Options{Faults: []sandbox.Fault{tc.fault}, OnRequest: func(r *http.Request) {
				if began.IsZero() && r.Method == http.MethodGet {
					return
				}
				if began.IsZero() {
					began = time.Now()
				}
				log = append(log, fmt.Sprintf("%s %s", r.Method, time.Since(began).Round(time.Second)))
			}})
			runFake(t, server, func(t *testing.T, b *bench) {
				b.changing(tc.mode)
				b.o.Attempts = 2
				who := file
				if tc.mode == Enable {
					who = "email\nben@acme.example.com\n"
				}
				l := b.mustRun(who)[0]
				if got := fmt.Sprint(l.Status, " ", l.Action); got != tc.want || l.Attempts != tc.sent {
					t.Errorf("the row ended as %s after %d attempts: %s", got, l.Attempts, l.Error)
				}
				time.Sleep(time.Minute) // so that what is late is done within the test
			})
			if tc.sent > 1 { // the last look-up is a while later, by chance
				log = log[:len(log)-1]
			}
			if diff := cmp.Diff(tc.calls, log); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// What is refused may be done already: nobody is told of a failure who is gone.
func TestARefusedChangeIsLookedInto(t *testing.T) {
	for _, tc := range []struct {
		name   string
		mode   Mode
		before func(s *sandbox.Sandbox) // when the first write arrives
		status int                      // that the write gets; 0: what the sandbox says
		want   string
	}{
		{"gone meanwhile", Delete, func(s *sandbox.Sandbox) { s.Delete("ann@acme.example.com") }, 0, "unchanged none not a guest of this organization"},
		{"gone before it is disabled", Disable, func(s *sandbox.Sandbox) { s.Delete("ann@acme.example.com") }, 0, "failed none not a guest of this organization"},
		{"refused", Delete, nil, 422, "failed none delete guest ann@acme.example.com: not you (HTTP 422)"},
		{"refused for a reason of its own", Disable, nil, 409, "failed none disable guest ann@acme.example.com: not you (HTTP 409)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := staff(sandbox.Options{})
			h := answering(server, tc.status, func(int, *http.Request) bool {
				if tc.before != nil {
					tc.before(server)
				}
				return tc.status != 0
			})
			runFake(t, h, func(t *testing.T, b *bench) {
				b.changing(tc.mode)
				l := b.mustRun("email\nann@acme.example.com\n")[0]
				if got := fmt.Sprint(l.Status, " ", l.Action, " ", l.Error); got != tc.want {
					t.Errorf("the row ended as %q, want %q", got, tc.want)
				}
				if tc.status != 0 && l.HTTPStatus != tc.status {
					t.Errorf("the row has the status %d, want that of the refusal, %d", l.HTTPStatus, tc.status)
				}
			})
		})
	}
}

// A guest of old may have an email that no new guest may have.
func TestGuestsWithEmailsThatAreRefusedToday(t *testing.T) {
	for _, mode := range []Mode{Delete, Disable} {
		server := sandbox.New(sandbox.Options{})
		server.Put(sandbox.Guest{Email: "bob@acme"})
		runFake(t, server, func(t *testing.T, b *bench) {
			b.changing(mode)
			status, action := mode.changed()
			want := []string{fmt.Sprintf("1 bob@acme %s %s", status, action), "2 eve@acme invalid none email: "}
			got := outcomes(b.mustRun("email\nbob@acme\neve@acme\n"))
			if len(got) != 2 || got[0] != want[0] || !strings.HasPrefix(got[1], want[1]) {
				t.Errorf("%s: %q, want %q", mode, got, want)
			}
			if c := b.plan.Counts; c.Invalid != 1 || c.People() != 1 {
				t.Errorf("%s: %d invalid, %d people", mode, c.Invalid, c.People())
			}
		})
	}
}

// Who was made active again after being disabled is not disabled, should the server
// tell both.
func TestDisabledOnceAndActiveAgain(t *testing.T) {
	for _, tc := range []struct {
		name, disabled, active string
		mode                   Mode
		want                   string
	}{
		{"to be disabled", "1999-01-02 03:04:05", "1999-01-02 03:04:06", Disable, "disabled disable"},
		{"to be enabled", "1999-01-02 03:04:05", "1999-01-02T03:04:06.000Z", Enable, "unchanged none"},
		{"disabled since", "1999-01-02T03:04:06Z", "1999-01-02 03:04:05", Disable, "unchanged none"},
		{"disabled since, to be enabled", "1999-01-02 03:04:06", "1999-01-02 03:04:06", Enable, "enabled enable"},
	} {
		server := sandbox.New(sandbox.Options{})
		server.Put(sandbox.Guest{Email: "ann@acme.example.com", Fields: map[string]string{"disabled_at": tc.disabled, "reactivated_at": tc.active}})
		runFake(t, server, func(t *testing.T, b *bench) {
			b.changing(tc.mode)
			l := b.mustRun("email\nann@acme.example.com\n")[0]
			if got := fmt.Sprint(l.Status, " ", l.Action); got != tc.want {
				t.Errorf("%s: the row ended as %s: %s", tc.name, got, l.Error)
			}
		})
	}
}

// A guest who is enabled has a new forever link, for those who want it in the results.
func TestEnabledGuestsHaveTheirNewLink(t *testing.T) {
	server, file := crowd(sandbox.Options{}, Enable, 1)
	before, _ := server.Guest("g0@acme.example.com")
	runFake(t, server, func(t *testing.T, b *bench) {
		b.changing(Enable)
		b.o.Links = true
		b.input(file)
		journal, err := results.Start(b.partial, true)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := NewPlan(t.Context(), b.o)
		if err != nil {
			t.Fatal(err)
		}
		if err := plan.NewRun(journal).Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(journal.Finish(b.results, 1), journal.Remove()); err != nil {
			t.Fatal(err)
		}
		after, _ := server.Guest("g0@acme.example.com")
		if l := b.lines()[0]; l.Link != after.Link || l.Link == before.Link {
			t.Errorf("the link is %q, it was %q and is %q", l.Link, before.Link, after.Link)
		}
	})
}

// A server that says yes and does nothing is not believed.
func TestAChangeThatTheServerDidNotMake(t *testing.T) {
	for mode, disabled := range map[Mode]string{Disable: "null", Enable: `"2026-01-02 03:04:05"`} {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			at := disabled
			if r.Method == http.MethodGet {
				at = map[Mode]string{Disable: "null", Enable: `"2025-01-02 03:04:05"`}[mode]
			}
			fmt.Fprintf(w, `{"data":{"id":1,"email":"ann@acme.example.com","details":{"disabled_at":%s}}}`, at)
		})
		runFake(t, h, func(t *testing.T, b *bench) {
			b.changing(mode)
			l := b.mustRun("email\nann@acme.example.com\n")[0]
			if l.Status != results.Failed || !strings.Contains(l.Error, fmt.Sprintf("did not %s the guest", mode)) {
				t.Errorf("%s: the row ended as %s: %s", mode, l.Status, l.Error)
			}
		})
	}
}

func TestUndoOfAnImport(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	server.Put(sandbox.Guest{Email: "old@acme.example.com"})
	const file = "email\nold@acme.example.com\nann@acme.example.com\nben@acme.example.com\ncat@acme.example.com\ngone@acme.example.com\n"
	runFake(t, server, func(t *testing.T, b *bench) {
		b.mustRun(file)
		// One of them leaves, and comes back as another; one is gone.
		server.Delete("ben@acme.example.com")
		server.Put(sandbox.Guest{Email: "ben@acme.example.com"})
		server.Delete("gone@acme.example.com")
		imported := b.results + ".import"
		if err := os.Rename(b.results, imported); err != nil {
			t.Fatal(err)
		}
		// And one more row, of whom nobody knows.
		lost, err := os.OpenFile(imported, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(lost, "6,7,lost@acme.example.com,failed,none,,,1,fate unknown: the create was sent,,acme")
		if err := lost.Close(); err != nil {
			t.Fatal(err)
		}
		server.Put(sandbox.Guest{Email: "lost@acme.example.com"})
		server.Put(sandbox.Guest{Email: "new@acme.example.com"})
		if b.o.CreatedBy, err = results.Look(imported, "acme", false); err != nil {
			t.Fatal(err)
		}
		defer b.o.CreatedBy.Close()
		b.changing(Delete)
		want := []string{
			"1 old@acme.example.com unchanged none left alone: not created by that import",
			"2 ann@acme.example.com deleted delete",
			"3 ben@acme.example.com unchanged none left alone: the guest whom that import created is gone, and this is another",
			"4 cat@acme.example.com deleted delete",
			"5 gone@acme.example.com unchanged none not a guest of this organization",
			"6 lost@acme.example.com unchanged none left alone: it is not known whether that import created the guest (settle it first: start the import again with --resume)",
			"7 new@acme.example.com unchanged none left alone: not created by that import",
		}
		if diff := cmp.Diff(want, outcomes(b.mustRun(file+"lost@acme.example.com\nnew@acme.example.com\n"))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if b.plan.Counts.Spared != 3 || b.plan.Counts.People() != 4 {
			t.Errorf("spared are %d, people %d", b.plan.Counts.Spared, b.plan.Counts.People())
		}
	})
	if got := standing(server); got != "ben lost new old" {
		t.Errorf("guests are %q", got)
	}
}

// An undo that takes long makes sure that it is still the same guest.
func TestALongUndoLooksAgain(t *testing.T) {
	server := sandbox.New(sandbox.Options{Limits: []sandbox.Limit{{Class: "delete", Calls: 1, Window: time.Hour}}})
	const file = "email\nann@acme.example.com\nben@acme.example.com\n"
	runFake(t, server, func(t *testing.T, b *bench) {
		b.mustRun(file)
		imported := b.results + ".import"
		if err := os.Rename(b.results, imported); err != nil {
			t.Fatal(err)
		}
		var err error
		if b.o.CreatedBy, err = results.Look(imported, "acme", false); err != nil {
			t.Fatal(err)
		}
		defer b.o.CreatedBy.Close()
		b.changing(Delete)
		time.AfterFunc(30*time.Minute, func() {
			for _, g := range server.Guests() { // whoever is left becomes another
				server.Delete(g.Email)
				server.Put(sandbox.Guest{Email: g.Email})
			}
		})
		b.o.Workers = 1
		lines := b.mustRun(file)
		if got := fmt.Sprint(lines[0].Status, " ", lines[1].Status); got != "deleted unchanged" {
			t.Errorf("the rows ended as %s: %v", got, outcomes(lines))
		}
	})
}

// However often a run is stopped, after whichever call, it ends as one that was
// never stopped, and no guest is written to twice.
func TestAChangeIsGoneOnWithAfterAStopAtEveryCall(t *testing.T) {
	const guests = 5
	file := "email\n"
	for i := range guests {
		file += fmt.Sprintf("g%d@acme.example.com\n", i)
	}
	for _, mode := range []Mode{Delete, Disable, Enable} {
		for stop := 1; stop <= guests+1; stop++ {
			var cancel context.CancelFunc
			server := sandbox.New(stopsAt(stop, &cancel))
			for i := range guests {
				g := sandbox.Guest{Email: fmt.Sprintf("g%d@acme.example.com", i), Fields: map[string]string{}}
				if mode == Enable {
					g.Fields["disabled_at"] = "2026-01-02 03:04:05"
				}
				server.Put(g)
			}
			runFake(t, server, func(t *testing.T, b *bench) {
				var ctx context.Context
				ctx, cancel = context.WithCancel(t.Context())
				defer cancel()
				b.changing(mode)
				b.o.Workers = 2
				b.input(file)
				if err := b.start(ctx); err != nil {
					if !errors.Is(err, context.Canceled) {
						t.Fatal(err)
					}
					if err := b.start(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				status, action := mode.changed()
				for _, l := range b.lines() {
					if l.Status != status || l.Action != action || l.Attempts != 1 {
						t.Errorf("%s, stopped at call %d: %s ended as %s %s after %d attempts: %s", mode, stop, l.Email, l.Status, l.Action, l.Attempts, l.Error)
					}
				}
			})
			writes := map[string]int{}
			for _, c := range server.Log() {
				if c.Method != http.MethodGet {
					writes[c.Path]++
				}
			}
			for path, n := range writes {
				if n != 1 || len(writes) != guests {
					t.Errorf("%s, stopped at call %d: %d writes to %s, and to %d guests", mode, stop, n, path, len(writes))
				}
			}
		}
	}
}
