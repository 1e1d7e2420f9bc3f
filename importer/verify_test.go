package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/guest"
	"guestlist/sandbox"
	"guestlist/tallyfy"
)

// verify verifies a file and returns what was told as "row line email field: csv | server".
func (b *bench) verify(file string) (told []string, v Verification, err error) {
	b.t.Helper()
	b.input(file)
	v, err = Verify(b.t.Context(), b.o, func(d Difference) error {
		told = append(told, fmt.Sprintf("%d %d %s %s: %s | %s", d.Row, d.Line, d.Email, d.Field, d.CSV, d.Server))
		return nil
	})
	return told, v, err
}

func TestWhatDiffersFromTheFile(t *testing.T) {
	ann := func(fields map[string]string, members ...int64) sandbox.Guest {
		return sandbox.Guest{Email: "ann@acme.example.com", Fields: fields, AssociatedMembers: members}
	}
	for _, tc := range []struct {
		name   string
		server []sandbox.Guest
		file   string
		want   []string
		found  Verification // without Header and Findings
	}{
		{
			"all as it says",
			[]sandbox.Guest{ann(map[string]string{"first_name": "Ann", "phone_1": "+1 212"}, 1001)},
			"email,first_name,phone_1,associated_members\nann@acme.example.com,Ann,+1 212,1001\n", nil,
			Verification{Rows: 1, Same: 1},
		},
		{"no rows", nil, "email\n", nil, Verification{}},
		{
			"blanks around a value, capitals in the email",
			[]sandbox.Guest{ann(map[string]string{"first_name": "Ann"})},
			"email,first_name\n ANN@acme.example.com ,\"\u00a0Ann \"\n", nil,
			Verification{Rows: 1, Same: 1},
		},
		{
			"capitals in a value",
			[]sandbox.Guest{ann(map[string]string{"first_name": "Ann"})},
			"email,first_name\nann@acme.example.com, ANN\n",
			[]string{"1 2 ann@acme.example.com first_name:  ANN | Ann"},
			Verification{Rows: 1, Differ: 1, Fields: 1},
		},
		{
			"the protection against formulas",
			[]sandbox.Guest{ann(map[string]string{"first_name": "=1", "last_name": "'=1"})},
			"email,first_name,last_name\nann@acme.example.com,'=1,''=1\n", nil,
			Verification{Rows: 1, Same: 1},
		},
		{
			"an apostrophe of the guest's own, exported without protection",
			[]sandbox.Guest{ann(map[string]string{"first_name": "=1", "last_name": "'=1"})},
			"email,first_name,last_name\nann@acme.example.com,=1,'=1\nann@acme.example.com,'=2,\n",
			[]string{"2 3 ann@acme.example.com first_name: '=2 | =1"},
			Verification{Rows: 2, Same: 1, Differ: 1, Fields: 1},
		},
		{
			"a guest of old, with an email that no new guest may have",
			[]sandbox.Guest{{Email: "bob@acme.local", Fields: map[string]string{"first_name": "Bob"}}},
			"email,first_name\nbob@acme.local,Bob\nBob@acme.local,Rob\ncat@acme.local,\nacme.local,\n",
			[]string{"2 3 Bob@acme.local first_name: Rob | Bob", "3 4 cat@acme.local email: cat@acme.local | ", "4 5 acme.local email: acme.local | "},
			Verification{Rows: 4, Same: 1, Differ: 1, Fields: 1, Unusable: 2},
		},
		{
			"an empty cell",
			[]sandbox.Guest{ann(map[string]string{"first_name": "Ann", "company_name": "ACME"}, 1001)},
			"email,first_name,company_name,associated_members\nann@acme.example.com,Ann,,\n", nil,
			Verification{Rows: 1, Same: 1},
		},
		{
			"a value that the server lacks",
			[]sandbox.Guest{ann(nil)},
			"email,first_name,last_name\nann@acme.example.com,Ann,Lee\n",
			[]string{"1 2 ann@acme.example.com first_name: Ann | ", "1 2 ann@acme.example.com last_name: Lee | "},
			Verification{Rows: 1, Differ: 1, Fields: 2},
		},
		{
			"a field that the record does not tell",
			[]sandbox.Guest{{ID: 7, Email: "ann@acme.example.com", Raw: `{"id":7,"email":"ann@acme.example.com","details":{"company_name":"ACME"}}`}},
			"email,company_name,phone_1\nann@acme.example.com,ACME,1\n",
			[]string{"1 2 ann@acme.example.com phone_1: 1 | "},
			Verification{Rows: 1, Differ: 1, Fields: 1},
		},
		{
			"a date as ISO 8601",
			[]sandbox.Guest{ann(map[string]string{"external_date_creation": "2025-01-15T10:30:00.000000Z"})},
			"email,external_date_creation\nann@acme.example.com,2025-01-15 10:30:00\n", nil,
			Verification{Rows: 1, Same: 1},
		},
		{
			"another second",
			[]sandbox.Guest{ann(map[string]string{"external_date_creation": "2025-01-15T10:30:01Z"})},
			"email,external_date_creation\nann@acme.example.com,2025-01-15 10:30:00\n",
			[]string{"1 2 ann@acme.example.com external_date_creation: 2025-01-15 10:30:00 | 2025-01-15T10:30:01Z"},
			Verification{Rows: 1, Differ: 1, Fields: 1},
		},
		{
			"members in another order, twice, by email and in capitals",
			[]sandbox.Guest{ann(nil, 1001, 1002)},
			"email,associated_members\nann@acme.example.com,Member.TWO@acme.com|1001; 1002\n", nil,
			Verification{Rows: 1, Same: 1},
		},
		{
			"a member less and a member more",
			[]sandbox.Guest{ann(nil, 1001, 1002), {Email: "bob@acme.example.com", AssociatedMembers: []int64{1001}}},
			"email,associated_members\nann@acme.example.com,member.two@acme.com\nbob@acme.example.com,\"1001,1003\"\n",
			[]string{
				"1 2 ann@acme.example.com associated_members: member.two@acme.com | 1001;1002",
				"2 3 bob@acme.example.com associated_members: 1001,1003 | 1001",
			},
			Verification{Rows: 2, Differ: 2, Fields: 2},
		},
		{
			"members that the organization lacks",
			[]sandbox.Guest{ann(nil, 1001), {Email: "bob@acme.example.com", AssociatedMembers: []int64{1001}}},
			"email,associated_members\nann@acme.example.com,1001;x@acme.com\nbob@acme.example.com,1001;Jane\n",
			[]string{
				"1 2 ann@acme.example.com associated_members: 1001;x@acme.com | 1001",
				"2 3 bob@acme.example.com associated_members: 1001;Jane | 1001",
			},
			Verification{Rows: 2, Differ: 2, Fields: 2},
		},
		{
			"members that the organization lacks, of a guest without any",
			[]sandbox.Guest{ann(nil), {Email: "bob@acme.example.com"}},
			"email,associated_members\nann@acme.example.com,x@acme.com\nbob@acme.example.com,77\n",
			[]string{
				"1 2 ann@acme.example.com associated_members: x@acme.com | ",
				"2 3 bob@acme.example.com associated_members: 77 | ",
			},
			Verification{Rows: 2, Differ: 2, Fields: 2},
		},
		{
			"a member who has left, in another order",
			[]sandbox.Guest{ann(nil, 1001, 77)},
			"email,associated_members\nann@acme.example.com,77;1001\n", nil,
			Verification{Rows: 1, Same: 1},
		},
		{
			"a guest with whom no members are",
			[]sandbox.Guest{ann(nil)},
			"email,associated_members\nann@acme.example.com,1001\n",
			[]string{"1 2 ann@acme.example.com associated_members: 1001 | "},
			Verification{Rows: 1, Differ: 1, Fields: 1},
		},
		{
			"nobody",
			[]sandbox.Guest{ann(nil)},
			"email,first_name\n Bob@acme.example.com,Bob\nann@acme.example.com,\n",
			[]string{"1 2 Bob@acme.example.com email:  Bob@acme.example.com | "},
			Verification{Rows: 2, Same: 1, Missing: 1},
		},
		{
			"a deleted guest",
			[]sandbox.Guest{ann(map[string]string{"deleted_at": "2025-02-03 04:05:06"}), {Email: "bob@acme.example.com"}},
			"email\nann@acme.example.com\nbob@acme.example.com\n",
			[]string{"1 2 ann@acme.example.com email: ann@acme.example.com | "},
			Verification{Rows: 2, Same: 1, Missing: 1},
		},
		{
			"a disabled guest, on two rows",
			[]sandbox.Guest{ann(map[string]string{"first_name": "Ann", "disabled_at": "2025-02-03 04:05:06"})},
			"email,first_name\nann@acme.example.com,Ann\nann@acme.example.com,\n", nil,
			Verification{Rows: 2, Same: 2, Disabled: 1},
		},
		{
			"rows that name nobody",
			[]sandbox.Guest{ann(nil)},
			"email,first_name\nbob@acme,Bob\n,Cat\nann@acme.example.com,\n\"cat@acme.example.com\"x,Cat\n",
			[]string{"1 2 bob@acme email: bob@acme | ", "2 3  email:  | ", `4 5  row: "cat@acme.example.com"x,Cat | `},
			Verification{Rows: 4, Same: 1, Unusable: 3},
		},
		{
			"a row that may hold a secret", nil,
			"email,password\ncat@acme.example.com,one,two\n",
			[]string{"1 2  row:  | "},
			Verification{Rows: 1, Unusable: 1},
		},
		{
			"rows of one guest that do not say the same",
			[]sandbox.Guest{ann(map[string]string{"first_name": "Ann", "last_name": "Lee"}, 1001)},
			"email,first_name,last_name,associated_members\nann@acme.example.com,Ann,,1001\nANN@acme.example.com,Anna,Li,\nann@acme.example.com,Ann,Lee,1002\nann@acme.example.com,,Lee,1001\n",
			[]string{
				"2 3 ANN@acme.example.com first_name: Anna | Ann",
				"2 3 ANN@acme.example.com last_name: Li | Lee",
				"3 4 ann@acme.example.com associated_members: 1002 | 1001",
			},
			Verification{Rows: 4, Same: 2, Differ: 2, Fields: 3},
		},
		{
			"rows of one guest with two dates",
			[]sandbox.Guest{ann(map[string]string{"external_date_creation": "2025-01-15T10:30:00Z"})},
			"email,external_date_creation\nann@acme.example.com,2025-01-15 10:30:00\nann@acme.example.com,2025-01-16 10:30:00\n",
			[]string{"2 3 ann@acme.example.com external_date_creation: 2025-01-16 10:30:00 | 2025-01-15T10:30:00Z"},
			Verification{Rows: 2, Same: 1, Differ: 1, Fields: 1},
		},
		{
			"rows of one who is missing", nil, "email\nann@acme.example.com\nann@acme.example.com\n",
			[]string{"1 2 ann@acme.example.com email: ann@acme.example.com | ", "2 3 ann@acme.example.com email: ann@acme.example.com | "},
			Verification{Rows: 2, Missing: 2},
		},
		{
			"a value that the server would refuse",
			[]sandbox.Guest{ann(map[string]string{"company_url": "https://acme.com"})},
			"email,company_url\nann@acme.example.com,acme.com\n",
			[]string{"1 2 ann@acme.example.com company_url: acme.com | https://acme.com"},
			Verification{Rows: 1, Differ: 1, Fields: 1},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, legacy := range []bool{false, true} {
				server := sandbox.New(sandbox.Options{Legacy: legacy, PerPageMax: 2})
				for _, g := range tc.server {
					if legacy && g.Fields["deleted_at"] != "" {
						return // the older record does not tell
					}
					server.Put(g)
				}
				told, v, err := newBench(t, server).verify(tc.file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tc.want, told); diff != "" {
					t.Errorf("legacy %v: told (-want +got):\n%s", legacy, diff)
				}
				v.Header, v.Findings = guest.Header{}, Findings{}
				if v.Rows != tc.found.Rows || v.Same != tc.found.Same || v.Differ != tc.found.Differ || v.Missing != tc.found.Missing ||
					v.Unusable != tc.found.Unusable || v.Fields != tc.found.Fields || v.Disabled != tc.found.Disabled {
					t.Errorf("legacy %v: found %+v, want %+v", legacy, v, tc.found)
				}
			}
		})
	}
}

// What --fix mends is compared as it is mended, and shown as it stands in the file.
func TestMendedValuesAreCompared(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	server.Put(sandbox.Guest{Email: "ann@acme.example.com", Fields: map[string]string{"company_url": "https://acme.com", "timezone": "Asia/Kolkata"}})
	b := newBench(t, server)
	b.o.Fix = true
	told, v, err := b.verify("email,company_url,timezone\nAnn Lee <ann@acme.example.com>,acme.com,Asia/Calcutta\nann@acme.example.com,acme.org,\n")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2 3 ann@acme.example.com company_url: acme.org | https://acme.com"}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if v.Findings.FixedRows != 2 {
		t.Errorf("%d rows are mended, want 2", v.Findings.FixedRows)
	}
}

// After an import the organization holds what the file says, and what is changed
// behind its back is told in the order of the file.
func TestManyRowsAreVerifiedInOrder(t *testing.T) {
	server := sandbox.New(sandbox.Options{PerPageMax: 50})
	b := newBench(t, server)
	file := people(300)
	b.mustRun(file)
	if told, v, err := b.verify(file); err != nil || len(told) > 0 || v.Same != 300 {
		t.Fatalf("after the import: %v, %d told, found %+v", err, len(told), v)
	}
	var want []string
	for i := 0; i < 300; i += 7 {
		email := fmt.Sprintf("guest%d@acme.example.com", i)
		if i%2 == 0 {
			server.Delete(email)
			want = append(want, fmt.Sprintf("%d %d %s email: %s | ", i+1, i+2, email, email))
			continue
		}
		g, _ := server.Guest(email)
		g.Fields["last_name"] = strings.Repeat("x", i)
		server.Put(g)
		want = append(want, fmt.Sprintf("%d %d %s last_name: Last | %s", i+1, i+2, email, strings.Repeat("x", i)))
	}
	told, _, err := b.verify(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestVerifyMakesTheFewestCalls(t *testing.T) {
	for _, tc := range []struct {
		name                 string
		guests               int
		file                 string
		lists, gets, members int
	}{
		{"no rows", 5000, people(0), 0, 0, 0},
		{"one row", 5000, people(1), 0, 1, 1},
		{"fewer rows than pages", 5000, people(3), 1, 3, 1},
		{"more rows than pages", 5000, people(2000), 7, 0, 1},
		{"members by id alone", 5, "email,associated_members\nann@acme.example.com,1001;1002\nbob@acme.example.com,77\n", 1, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Guests: tc.guests})
			if _, _, err := newBench(t, server).verify(tc.file); err != nil {
				t.Fatal(err)
			}
			for class, want := range map[string]int{"list": tc.lists, "get": tc.gets, "members": tc.members, "create": 0, "update": 0} {
				if got := sum(server.Calls()[class]); got != want {
					t.Errorf("%d calls of %s, want %d", got, class, want)
				}
			}
		})
	}
}

// refusing answers calls with 403 for which when is true.
func refusing(server http.Handler, when func(r *http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if when(r) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"error":true,"message":"not you"}`)
			return
		}
		server.ServeHTTP(w, r)
	})
}

func TestVerifyWhenMembersAreHidden(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	server.Put(sandbox.Guest{Email: "ann@acme.example.com", AssociatedMembers: []int64{1002, 77}})
	b := newBench(t, refusing(server, func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/users") }))
	told, _, err := b.verify("email,associated_members\nann@acme.example.com,77;1002\nann@acme.example.com,1001\n")
	if diff := cmp.Diff([]string{"2 3 ann@acme.example.com associated_members: 1001 | 1002;77"}, told); err != nil || diff != "" {
		t.Errorf("ids: %v, told (-want +got):\n%s", err, diff)
	}
	var api *tallyfy.Error
	_, _, err = b.verify("email,associated_members\nann@acme.example.com,member.two@acme.com\n")
	if !errors.As(err, &api) || !api.Forbidden() || !strings.Contains(err.Error(), "member.two@acme.com") {
		t.Errorf("an email: error is %v", err)
	}
}

// Who cannot be looked up is not taken for missing: the list tells.
func TestVerifyWhenALookUpIsRefused(t *testing.T) {
	server := sandbox.New(sandbox.Options{Guests: 30, PerPageMax: 2})
	for _, name := range []string{"ann", "bob"} {
		server.Put(sandbox.Guest{Email: name + "@acme.example.com", Fields: map[string]string{"first_name": name}})
	}
	for name, who := range map[string]string{"for one": "/guests/bob", "for everybody": "/guests/"} {
		b := newBench(t, refusing(server, func(r *http.Request) bool { return strings.Contains(r.URL.Path, who) }))
		told, v, err := b.verify("email,first_name\nann@acme.example.com,ann\nbob@acme.example.com,Bob\ncat@acme.example.com,\n")
		want := []string{"2 3 bob@acme.example.com first_name: Bob | bob", "3 4 cat@acme.example.com email: cat@acme.example.com | "}
		if diff := cmp.Diff(want, told); err != nil || diff != "" || v.Same != 1 {
			t.Errorf("%s: %v, found %+v, told (-want +got):\n%s", name, err, v, diff)
		}
	}
}

// A verification that cannot be finished tells nothing.
func TestVerifyThatFailsTellsNothing(t *testing.T) {
	const file = "email\nann@acme.example.com\nbad\n"
	forbidden := refusing(sandbox.New(sandbox.Options{}), func(*http.Request) bool { return true })
	gone := errors.New("the stick was pulled")
	passes := func(files ...string) func() (io.ReadCloser, error) { // what each pass reads; the last one ever after
		return func() (io.ReadCloser, error) {
			f := files[0]
			files = files[min(1, len(files)-1):]
			return io.NopCloser(strings.NewReader(f)), nil
		}
	}
	for _, tc := range []struct {
		name   string
		server http.Handler
		open   func() (io.ReadCloser, error)
		want   func(error) bool
	}{
		{"the server refuses", forbidden, passes(file), func(err error) bool {
			var api *tallyfy.Error
			return errors.As(err, &api) && api.Forbidden()
		}},
		{"no email column", nil, passes("name\nAnn\n"), func(err error) bool {
			var input *guest.InputError
			return errors.As(err, &input)
		}},
		{"the file cannot be read", nil, func() (io.ReadCloser, error) { return nil, gone }, func(err error) bool { return errors.Is(err, gone) }},
		{"the file has changed", nil, passes(file, "email\nbob@acme.example.com\nbad\n"), func(err error) bool { return errors.Is(err, ErrInputChanged) }},
		{"the file changes later", nil, passes(file, file, "email\nbob@acme.example.com\nbad\n"), func(err error) bool { return errors.Is(err, ErrInputChanged) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.server == nil {
				tc.server = sandbox.New(sandbox.Options{})
			}
			b := newBench(t, tc.server)
			b.o.Open = tc.open
			_, err := Verify(t.Context(), b.o, func(d Difference) error {
				t.Errorf("told %+v", d)
				return nil
			})
			if !tc.want(err) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestVerifyEndsWhenItIsTold(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	b := newBench(t, server)
	b.input(people(100))
	enough := errors.New("the disk is full")
	told := 0
	_, err := Verify(t.Context(), b.o, func(Difference) error { told++; return enough })
	if !errors.Is(err, enough) || told != 1 {
		t.Errorf("told %d, error %v", told, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	told = 0
	_, err = Verify(ctx, b.o, func(Difference) error { told++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || told != 1 {
		t.Errorf("after a cancel: told %d, error %v", told, err)
	}
}

func TestHeldGuestsComeOutAsTheyWentIn(t *testing.T) {
	var kept guests
	var want []held
	var places []uint64
	for i := range 5000 {
		h := held{disabled: i%3 == 0}
		for f := range guest.NumFields {
			if i>>f&1 == 1 {
				h.differ(f, strings.Repeat("é", i%200)+f.String())
			}
		}
		want, places = append(want, h), append(places, kept.put(h.pack()))
	}
	for i, place := range places {
		if unpackHeld(kept.from(place)) != want[i] {
			t.Fatalf("guest %d is not what was kept", i)
		}
	}
}
