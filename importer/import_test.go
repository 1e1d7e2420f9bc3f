package importer

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/guest"
	"guestlist/results"
	"guestlist/sandbox"
)

func TestTwoThousandRowsEndInOrder(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		t.Run(fmt.Sprintf("legacy %v", legacy), func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Legacy: legacy})
			b := newBench(t, server)
			lines := b.mustRun(people(2000))
			if len(lines) != 2000 {
				t.Fatalf("%d lines, want 2000", len(lines))
			}
			for i, l := range lines {
				action, attempts := results.Create, 1
				if i%5 == 0 {
					action, attempts = results.CreateAssociate, 2
				}
				g, ok := server.Guest(l.Email)
				want := results.Line{
					Row: i + 1, Line: i + 2, Email: fmt.Sprintf("guest%d@acme.example.com", i), Status: results.Created, Action: action,
					HTTPStatus: 201, GuestID: l.GuestID, Attempts: attempts, FinishedAt: l.FinishedAt, Org: "acme",
				}
				if diff := cmp.Diff(want, l); diff != "" {
					t.Fatalf("line %d (-want +got):\n%s", i+1, diff)
				}
				if !ok || l.GuestID == "" || l.FinishedAt.IsZero() || g.Fields["first_name"] != fmt.Sprintf("First %d", i) {
					t.Fatalf("line %d: the server has %v %v", i+1, ok, g)
				}
			}
			if twice := server.Twice(); len(twice) > 0 {
				t.Errorf("created twice: %v", twice)
			}
			if keys := server.UnknownKeys(); len(keys) > 0 {
				t.Errorf("keys that the server ignores were sent: %v", keys)
			}
		})
	}
}

// A cap on invites holds up creates only, is never counted as a failure, and
// what was learned an hour ago is renewed before a create.
func TestHourlyInviteCap(t *testing.T) {
	var began time.Time
	server := sandbox.New(sandbox.Options{Limits: []sandbox.Limit{{Class: "invite", Calls: 30, Window: time.Hour}}})
	runFake(t, server, func(t *testing.T, b *bench) {
		began = time.Now()
		for i, l := range b.mustRun(people(70)) {
			if l.Status != results.Created {
				t.Errorf("row %d: %s %s", i+1, l.Status, l.Error)
			}
		}
		if took := time.Since(began); took < 2*time.Hour || took > 2*time.Hour+10*time.Minute {
			t.Errorf("70 creates at 30 an hour took %s", took)
		}
	})
	if looks := server.Calls()["get"][404]; looks < 40 {
		t.Errorf("%d look-ups; want one for each of the 40 guests that were created later than ten minutes after the listing", looks)
	}
}

func TestCappedCreatesDoNotHoldUpAssociations(t *testing.T) {
	server := sandbox.New(sandbox.Options{Limits: []sandbox.Limit{{Class: "invite", Calls: 5, Window: time.Hour}}})
	file := people(20)
	for i := range 30 {
		email := fmt.Sprintf("there%d@acme.example.com", i)
		server.Put(sandbox.Guest{Email: email})
		file += email + ",,,1002\n"
	}
	var began time.Time
	runFake(t, server, func(t *testing.T, b *bench) {
		began = time.Now()
		b.mustRun(file)
	})
	updates := 0
	for _, c := range server.Log() {
		if strings.Contains(c.Path, "there") && c.Method == http.MethodPut {
			updates++
			if after := c.Time.Sub(began); after > time.Minute {
				t.Errorf("%s was associated after %s", c.Path, after)
			}
		}
	}
	if updates != 30 {
		t.Errorf("%d associations, want 30", updates)
	}
}

func TestCallsForWhoExistsAreTheFewest(t *testing.T) {
	for _, tc := range []struct {
		name        string
		guests, row int
		lists, gets int
	}{
		{"nothing to import", 5000, 0, 0, 0},
		{"one row: ask", 5000, 1, 0, 1},
		{"two rows and six pages: ask, after the first page told", 5000, 2, 1, 2},
		{"many rows and six pages: list, and the first page again", 5000, 100, 7, 0},
		{"many rows and one page", 500, 100, 1, 0},
		{"an empty organization", 0, 100, 1, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Guests: tc.guests})
			b := newBench(t, server)
			b.mustRun(people(tc.row))
			list, get := sum(server.Calls()["list"]), sum(server.Calls()["get"])
			if list != tc.lists || get != tc.gets {
				t.Errorf("%d lists and %d gets, want %d and %d", list, get, tc.lists, tc.gets)
			}
			if want := min(1, tc.row); sum(server.Calls()["members"]) != want {
				t.Errorf("members were listed %d times, want %d", sum(server.Calls()["members"]), want)
			}
		})
	}
}

func TestGuestsWhoAppearMeanwhile(t *testing.T) {
	for _, tc := range []struct {
		name   string
		legacy bool
		want   string
	}{
		// The current server adds who is a guest anywhere, and says so.
		{"answered 201", false, "1 ann@acme.example.com created create differs: first_name (the API cannot change it)"},
		{"answered 422", true, "1 ann@acme.example.com unchanged none differs: first_name (the API cannot change it)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var once sync.Once
			var server *sandbox.Sandbox
			server = sandbox.New(sandbox.Options{Legacy: tc.legacy, OnRequest: func(r *http.Request) {
				if r.Method == http.MethodPost {
					once.Do(func() {
						server.Put(sandbox.Guest{Email: "ann@acme.example.com", Fields: map[string]string{"first_name": "Anna"}})
					})
				}
			}})
			b := newBench(t, server)
			got := outcomes(b.mustRun("email,first_name\nann@acme.example.com,Ann\n"))
			if diff := cmp.Diff([]string{tc.want}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlanOfAFileAlone(t *testing.T) {
	o := Options{Mode: Upsert, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("email,associated_members\nann@acme.example.com,1\nbob@acme.example.com,x@acme.com\nANN@acme.example.com,\nbad,\n")), nil
	}}
	plan, err := NewPlan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Counts{Rows: 4, Create: 2, CreateAssociate: 2, Invalid: 1, Duplicate: 1}, plan.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestPlanPassesOnWhatIsWrongWithTheInput(t *testing.T) {
	gone := errors.New("the stick was pulled")
	_, err := NewPlan(t.Context(), Options{Open: func() (io.ReadCloser, error) { return nil, gone }})
	if !errors.Is(err, gone) {
		t.Errorf("error is %v, want %v", err, gone)
	}
	_, err = NewPlan(t.Context(), Options{Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("name\n")), nil }})
	var input *guest.InputError
	if !errors.As(err, &input) {
		t.Errorf("error is %v, want an InputError", err)
	}
}
