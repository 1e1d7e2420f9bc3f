package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"guestlist/guest"
	"guestlist/results"
	"guestlist/sandbox"
	"guestlist/sandbox/sandboxtest"
	"guestlist/tallyfy"
)

func TestRefusedByTheServer(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	b := newBench(t, server)
	got := outcomes(b.mustRun("email,first_name\nmember.one@acme.com,One\nann@acme.example.com,Ann\n"))
	if len(got) != 2 || !strings.HasPrefix(got[0], "1 member.one@acme.com failed none email: ") || got[1] != "2 ann@acme.example.com created create" {
		t.Errorf("outcomes are %q", got)
	}
}

func TestUnknownMembersAreInvalidBeforeAnythingIsSent(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	b := newBench(t, server)
	got := outcomes(b.mustRun("email,associated_members\nann@acme.example.com,1001;77\nbob@acme.example.com,nobody@acme.com;x@acme.com\nbob@acme.example.com,1002\n"))
	want := []string{
		"1 ann@acme.example.com invalid none associated_members: 77 is no member of the organization",
		"2 bob@acme.example.com invalid none associated_members: nobody@acme.com, x@acme.com are no members of the organization",
		"3 bob@acme.example.com created create+associate",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestForbiddenOrUnknownTokenEndsTheRunAndLeavesRowsOpen(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		from   int // the write that is the first to be refused
		rows   int
	}{
		{"the token may not write", http.StatusForbidden, 1, 50},
		{"the token may not write, one row", http.StatusForbidden, 1, 1},
		{"the permission is taken away", http.StatusForbidden, 20, 50},
		{"the token is not known", http.StatusUnauthorized, 1, 50},
		{"the token dies", http.StatusUnauthorized, 20, 50},
		{"the organization is gone", http.StatusNotFound, 20, 50},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{})
			refuse := true
			h := answering(server, tc.status, func(n int, _ *http.Request) bool { return refuse && n >= tc.from })
			runFake(t, h, func(t *testing.T, b *bench) {
				b.input(people(tc.rows))
				err := b.start(t.Context())
				var api *tallyfy.Error
				if !errors.As(err, &api) || api.Status != tc.status {
					t.Fatalf("error is %v, want the server's %d", err, tc.status)
				}
				if strings.Contains(err.Error(), "secret") {
					t.Errorf("the token stands in %q", err)
				}
				if _, err := os.Stat(b.results); err == nil {
					t.Error("a finished results file stands there")
				}
				refuse = false
				if err := b.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				for _, l := range b.lines() {
					if l.Status != results.Created {
						t.Errorf("after a resume %s is %s: %s", l.Email, l.Status, l.Error)
					}
				}
			})
			if twice := server.Twice(); len(twice) > 0 {
				t.Errorf("created twice: %v", twice)
			}
		})
	}
}

func TestForbiddenForOneIsAFailedRow(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	b := newBench(t, answering(server, http.StatusForbidden, func(_ int, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return bytes.Contains(body, []byte("guest3@"))
	}))
	allCreatedBut(t, b.mustRun(people(30)), 3, results.Failed)
}

// allCreatedBut makes sure that all rows are created but the one at an index.
func allCreatedBut(t *testing.T, lines []results.Line, other int, status results.Status) {
	t.Helper()
	for i, l := range lines {
		want := results.Created
		if i == other {
			want = status
		}
		if l.Status != want {
			t.Errorf("row %d is %s (%s), want %s", i+1, l.Status, l.Error, want)
		}
	}
}

func TestAssociationThatFailsKeepsTheGuest(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	b := newBench(t, answering(server, http.StatusUnprocessableEntity, func(_ int, r *http.Request) bool { return r.Method == http.MethodPut }))
	lines := b.mustRun("email,associated_members\nann@acme.example.com,1001\n")
	l := lines[0]
	if l.Status != results.Failed || l.Action != results.Create || l.GuestID == "" || l.HTTPStatus != 422 || l.Attempts != 2 {
		t.Errorf("the row ended as %+v", l)
	}
}

func TestLookUpThatIsRefused(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusUnprocessableEntity} {
		t.Run(fmt.Sprintf("for one, %d", status), func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Guests: 5000})
			b := newBench(t, lookUps(server, status, "guest1@"))
			allCreatedBut(t, b.mustRun(people(3)), 1, results.Failed)
			if admitted, _ := server.Creates("guest1@acme.example.com"); admitted != 0 {
				t.Error("a guest was created who could not be looked up")
			}
		})
		t.Run(fmt.Sprintf("for all, but the list tells, %d", status), func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Guests: 5000})
			server.Put(sandbox.Guest{Email: "guest1@acme.example.com"})
			b := newBench(t, lookUps(server, status, ""))
			allCreatedBut(t, b.mustRun(people(3)), 1, results.Unchanged)
		})
		t.Run(fmt.Sprintf("for all, and the list too, %d", status), func(t *testing.T) {
			b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				fmt.Fprint(w, `{"error":true,"message":"not you"}`)
			}))
			b.input("email\nann@acme.example.com\n")
			var e *tallyfy.Error
			if err := b.start(t.Context()); !errors.As(err, &e) || e.Status != status {
				t.Errorf("error is %v, want the server's %d", err, status)
			}
		})
	}
}

func TestRejectsAreTheOriginalCells(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	b := newBench(t, server)
	b.mustRun("\ufeffE-Mail;First Name;id\r\nann@acme.example.com;\" Ann; A \";1\r\nbad ;\"B\n\"\"b\"\"\";2\r\nshort\r\nx@acme.example.com;a;b;c\r\na\"b;c;d\r\n")
	path := filepath.Join(t.TempDir(), "rejects.csv")
	n, err := b.plan.WriteRejects(t.Context(), b.results, path)
	if err != nil || n != 4 {
		t.Fatalf("%d rejects, %v; want 4", n, err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := guest.NewReader(f, guest.ReaderOptions{})
	if err != nil {
		t.Fatalf("the rejects file cannot be imported again: %v", err)
	}
	if diff := cmp.Diff([]string{"E-Mail", "First Name", "id", "guestlist_error"}, r.Header().Cells); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	want := [][]string{{"bad ", "B\n\"b\"", "2"}, {"short", "", ""}, {"x@acme.example.com", "a", "b", "c"}, {"a\"b", "c", "d"}}
	for i := range want {
		row, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		cells := r.Cells()
		if diff := cmp.Diff(want[i], cells[:len(cells)-1]); diff != "" {
			t.Errorf("reject %d (-want +got):\n%s", i+1, diff)
		}
		if cells[len(cells)-1] == "" {
			t.Errorf("reject %d has no reason", i+1)
		}
		// What nobody mended is refused again.
		if row.Unread == "" && len(guest.Validate(&row.Guest)) == 0 {
			t.Errorf("reject %d is valid when it is read again: %v", i+1, row.Guest)
		}
	}
}

func TestRejectsOfRejectsKeepEveryCell(t *testing.T) {
	b := newBench(t, sandbox.New(sandbox.Options{}))
	b.mustRun("email,last_name,guestlist_error\nx@acme.example.com,Doe, Jane,old reason\nbad,Doe,old reason\n")
	path := filepath.Join(t.TempDir(), "rejects.csv")
	if _, err := b.plan.WriteRejects(t.Context(), b.results, path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	want := "email,last_name,guestlist_error\n" +
		"x@acme.example.com,Doe, Jane,old reason,row: has 4 cells where the header has 3: a cell with the delimiter in it must be quoted\n" +
		"bad,Doe,email: has no @ (an address looks like jane@example.com)\n"
	if err != nil || strings.ReplaceAll(string(got), "\"", "") != want {
		t.Errorf("%v, rejects are\n%s, want\n%s", err, got, want)
	}
}

func TestForbiddenRowsAmongOthersAreTheirOwn(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	h := answering(server, http.StatusForbidden, func(n int, r *http.Request) bool { return r.Method == http.MethodPost && n%5 == 3 })
	failed := 0
	runFake(t, h, func(t *testing.T, b *bench) {
		b.o.Workers = 1
		lines := b.mustRun(strings.ReplaceAll(people(60), "1001;member.two@acme.com", ""))
		for _, l := range lines {
			if l.Status == results.Failed {
				failed++
			}
		}
	})
	if failed != 12 || len(server.Guests()) != 48 {
		t.Errorf("%d rows failed and %d guests are there, want 12 and 48", failed, len(server.Guests()))
	}
}

// A guest who was created before the token died is known to a resume.
func TestTokenThatDiesBetweenCreateAndAssociation(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			server := sandbox.New(sandbox.Options{})
			dead := true
			h := answering(server, status, func(_ int, r *http.Request) bool { return dead && r.Method == http.MethodPut })
			runFake(t, h, func(t *testing.T, b *bench) {
				b.input("email,associated_members\nann@acme.example.com,1001\n")
				err := b.start(t.Context())
				if status == http.StatusUnauthorized && err == nil {
					t.Fatal("a run without a token reports success")
				}
				if err == nil { // the create went well, so it is the row that is forbidden
					if l := b.lines()[0]; l.Status != results.Failed || l.Action != results.Create || l.GuestID == "" {
						t.Fatalf("the row ended as %+v", l)
					}
					return
				}
				dead = false
				if err := b.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				if l := b.lines()[0]; l.Status != results.Created || l.Action != results.CreateAssociate || l.Attempts != 3 {
					t.Errorf("after a resume the row ended as %+v", l)
				}
			})
		})
	}
}

func TestMembersThatTheServerDoesNotKeepAreAFailure(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			r.Body = io.NopCloser(strings.NewReader(`{"associated_members":[1002]}`))
		}
		server.ServeHTTP(w, r)
	}))
	l := b.mustRun("email,associated_members\nann@acme.example.com,1001\n")[0]
	if l.Status != results.Failed || !strings.Contains(l.Error, `kept "1002"`) {
		t.Errorf("the row ended as %+v", l)
	}
}

// unreachable is a network over which no write finds a connection.
type unreachable struct{ sandboxtest.Direct }

func (u unreachable) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet {
		return u.Direct.RoundTrip(r)
	}
	httptrace.ContextClientTrace(r.Context()).GetConn("127.0.0.1:80")
	return nil, errors.New("connection refused")
}

func TestWritesThatNeverLeftAreNotCounted(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	server.Put(sandbox.Guest{Email: "ann@acme.example.com"})
	for _, file := range []string{"email,associated_members\nann@acme.example.com,1001\n", "email\nbob@acme.example.com\n"} {
		synctest.Test(t, func(t *testing.T) {
			b := newBenchAt(t, "http://127.0.0.1/api", unreachable{sandboxtest.Direct{Handler: server}})
			if l := b.mustRun(file)[0]; l.Status != results.Failed || l.Attempts != 0 {
				t.Errorf("the row ended as %+v", l)
			}
		})
	}
}

// A server that does not know the call is no matter of a row: the base URL is
// wrong, or a proxy takes a header off.
func TestUnknownEndpointEndsTheRunAndLeavesRowsOpen(t *testing.T) {
	for _, tc := range []struct {
		name   string
		there  bool                                    // the guest is
		lose   bool                                    // the create gets lost
		strike func(r *http.Request, posted bool) bool // whether the server says so
		status results.Status                          // after a resume
	}{
		{"an association", true, false, func(r *http.Request, _ bool) bool { return r.Method == http.MethodPut }, results.Updated},
		{"a create", false, false, func(r *http.Request, _ bool) bool { return r.Method == http.MethodPost }, results.Created},
		{"a look-up of the plan", true, false, func(r *http.Request, _ bool) bool { return strings.Contains(r.URL.Path, "@") }, results.Updated},
		{"a look-up that settles a create", false, true, func(r *http.Request, posted bool) bool {
			return posted && r.Method == http.MethodGet
		}, results.Created},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{})
			if tc.there {
				server.Put(sandbox.Guest{Email: "ann@acme.example.com"})
			}
			posted, mended := false, false
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !mended && tc.strike(r, posted) {
					w.WriteHeader(http.StatusNotFound)
					fmt.Fprint(w, `{"error":true,"code":"ENDPOINT_NOT_FOUND","message":"no such call"}`)
					return
				}
				if r.Method == http.MethodPost && tc.lose && !posted {
					posted = true
					panic(http.ErrAbortHandler)
				}
				server.ServeHTTP(w, r)
			})
			runFake(t, h, func(t *testing.T, b *bench) {
				b.input("email,associated_members\nann@acme.example.com,1001\n")
				var e *tallyfy.Error
				if err := b.start(t.Context()); !errors.As(err, &e) || !e.EndpointNotFound() {
					t.Fatalf("error is %v, want the server's", err)
				}
				if _, err := os.Stat(b.results); err == nil {
					t.Error("a finished results file stands there")
				}
				mended = true
				if err := b.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				if l := b.lines()[0]; l.Status != tc.status {
					t.Errorf("after a resume the row ended as %+v", l)
				}
			})
		})
	}
}
