package importer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/sandbox"
)

// What becomes of the members that a cell names, by who is a guest already and by
// the mode: the first guest has no members, the second has two.
func TestMembersOfARow(t *testing.T) {
	staff := []sandbox.Member{
		{ID: 7, Email: "Jane.Roe@ACME.com", Status: "active"},
		{ID: 8, Email: "joe@acme.com", Status: "active"},
		{ID: 9, Email: "left@acme.com", Status: "disabled"},
	}
	var all []string
	var allIDs []int64
	for i := range 500 {
		m := sandbox.Member{ID: int64(1000 + i), Email: fmt.Sprintf("member%d@acme.com", i), Status: "active"}
		staff, allIDs = append(staff, m), append(allIDs, m.ID)
		if i%2 == 0 {
			all = append(all, m.Email)
		} else {
			all = append(all, fmt.Sprint(m.ID))
		}
	}
	const bare, with, missing = "bare@acme.example.com", "with@acme.example.com", "new@acme.example.com"
	for _, tc := range []struct {
		name    string
		email   string
		cell    string
		mode    Mode
		want    string // the outcome
		members []int64
	}{
		{"by an email in other letters", missing, "JANE.roe@acme.com", Upsert, "created create+associate", []int64{7}},
		{"twice, by id and by email", missing, "7;jane.roe@acme.com;007", Upsert, "created create+associate", []int64{7}},
		{"separated in all ways, with blanks and holes", missing, " 8 ;; joe@acme.com, 7 | ", Upsert, "created create+associate", []int64{8, 7}},
		{"one who is disabled", missing, "left@acme.com", Upsert, "created create+associate", []int64{9}},
		{"five hundred", missing, strings.Join(all, ";"), Upsert, "created create+associate", allIDs},
		{"nobody", missing, "", Upsert, "created create", nil},
		{"somebody else", with, "9", Upsert, "updated associate", []int64{9}},
		{"the same in another order, one twice", with, "8;7;8", Upsert, "unchanged none", []int64{7, 8}},
		{"one of two", with, "8", Upsert, "updated associate", []int64{8}},
		{"nobody, who has some", with, "", Upsert, "unchanged none", []int64{7, 8}},

		{"create: a new guest", missing, "8", Create, "created create+associate", []int64{8}},
		{"create: the same", with, "8;7", Create, "unchanged none the guest exists", []int64{7, 8}},
		{"create: others", with, "9", Create, "unchanged none the guest exists; associated_members differ", []int64{7, 8}},

		{"update: no guest", missing, "8", Update, "failed none not a guest of this organization", nil},
		{"update: no guest, and nobody to associate", missing, "", Update, "failed none not a guest of this organization", nil},
		{"update: the first", bare, "joe@acme.com", Update, "updated associate", []int64{8}},
		{"update: the same", with, "8;7", Update, "unchanged none", []int64{7, 8}},
		{"update: nobody", with, "", Update, "unchanged none", []int64{7, 8}},

		{"one unknown among others", with, "7;10;Jane.Roe@acme.com", Upsert, "invalid none associated_members: 10 is no member of the organization", []int64{7, 8}},
		{"create: an unknown email", with, "jane@acme.com", Create, "invalid none associated_members: jane@acme.com is no member of the organization", []int64{7, 8}},
		{"update: an unknown email of nobody", missing, "jane@acme.com", Update, "invalid none associated_members: jane@acme.com is no member of the organization", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Members: staff})
			server.Put(sandbox.Guest{Email: bare})
			server.Put(sandbox.Guest{Email: with, AssociatedMembers: []int64{7, 8}})
			b := newBench(t, server)
			b.o.Mode = tc.mode
			lines := b.mustRun(fmt.Sprintf("email,associated_members\n%s,\"%s\"\n", tc.email, tc.cell))
			if got, want := outcomes(lines)[0], fmt.Sprintf("1 %s %s", tc.email, tc.want); got != want {
				t.Errorf("the row ended as %q, want %q", got, want)
			}
			g, _ := server.Guest(tc.email)
			if diff := cmp.Diff(tc.members, g.AssociatedMembers); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			action := strings.Fields(tc.want)[1]
			writes := map[string]int{"none": 0, "create": 1, "associate": 1, "create+associate": 2}[action]
			calls := server.Calls()
			if got := sum(calls["create"]) + sum(calls["update"]); got != writes {
				t.Errorf("%d writes, want %d", got, writes)
			}
			if listed := sum(calls["members"]); listed > 1 {
				t.Errorf("members were listed %d times", listed)
			}
		})
	}
}
