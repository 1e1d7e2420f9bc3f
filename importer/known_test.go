package importer

import (
	"fmt"
	"hash/maphash"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/guest"
	"guestlist/results"
	"guestlist/sandbox"
)

// A record that says that it is deleted is no guest.
func TestDeletedGuestInTheListIsNoGuest(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	server.Put(sandbox.Guest{Email: "ann@acme.example.com", Fields: map[string]string{"deleted_at": "2025-02-03 04:05:06"}})
	server.Put(sandbox.Guest{Email: "bob@acme.example.com"})
	b := newBench(t, server)
	b.input("email\nann@acme.example.com\nbob@acme.example.com\n")
	plan, err := NewPlan(t.Context(), b.o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Counts{Rows: 2, Create: 1, Unchanged: 1}, plan.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if gets := sum(server.Calls()["get"]); gets > 0 {
		t.Errorf("%d guests were asked for one by one", gets)
	}
}

// A list that has to be read again tells who is there by its last reading.
func TestListThatIsReadAgainForgetsWhoIsGone(t *testing.T) {
	// Not in the order of their ids, so that it takes two scans that agree.
	lists := 0
	var server *sandbox.Sandbox
	server = sandbox.New(sandbox.Options{NoSort: true, PerPageMax: 4, OnRequest: func(r *http.Request) {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/guests") {
			return
		}
		if lists++; lists == 4 { // the second scan begins
			server.Delete("guest1@acme.example.com")
			server.Put(sandbox.Guest{Email: "guest3@acme.example.com"})
		}
	}})
	for i := range 11 {
		server.Put(sandbox.Guest{
			ID: int64(100 - i), Email: fmt.Sprintf("other%d@acme.example.com", i),
			Fields: map[string]string{"created_at": fmt.Sprintf("2025-01-01 00:00:%02d", i)},
		})
	}
	server.Put(sandbox.Guest{ID: 500, Email: "guest1@acme.example.com", Fields: map[string]string{"created_at": "2025-01-01 00:00:05"}})
	b := newBench(t, server)
	for i, l := range b.mustRun(strings.ReplaceAll(people(5), "1001;member.two@acme.com", "")) {
		want := results.Created
		if i == 3 {
			want = results.Unchanged
		}
		if l.Status != want {
			t.Errorf("%s is %s, want %s", l.Email, l.Status, want)
		}
	}
	if _, created := server.Creates("guest1@acme.example.com"); created != 1 || lists != 9 {
		t.Errorf("who is gone was created %d times, after %d pages; want once after three scans", created, lists)
	}
}

// What the server did not tell cannot differ, and what was not given need not.
func TestFieldsThatDiffer(t *testing.T) {
	seed := maphash.MakeSeed()
	var k known
	for f, value := range map[guest.Field]string{guest.FirstName: "Ann", guest.LastName: "Lee", guest.Phone1: "", guest.Phone2: "1"} {
		k.sums[f] = fieldSum(seed, f, value)
	}
	got := k.differences(seed, &guest.Guest{FirstName: " Ann ", LastName: "Li", CompanyName: "ACME", Phone1: "1"})
	if diff := cmp.Diff([]string{"last_name", "phone_1"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
