package sandbox

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestGet(t *testing.T) {
	h := serve(t, Options{})
	for _, email := range []string{"plus+tag@b.com", "sl/ash@b.com", "per%cent@b.com", "Ünï@b.com", `"a b"@b.com`} {
		h.Put(Guest{Email: email})
	}
	tests := []struct{ name, segment, email string }{
		{"escaped plus", "plus%2Btag%40b.com", "plus+tag@b.com"},
		{"bare plus", "plus+tag@b.com", "plus+tag@b.com"},
		{"escaped slash", "sl%2Fash%40b.com", "sl/ash@b.com"},
		{"escaped percent", "per%25cent%40b.com", "per%cent@b.com"},
		{"not ASCII, other case", "%C3%BCN%C3%AF%40B.com", "Ünï@b.com"},
		{"decomposed", "u%CC%88n%C3%AF%40b.com", "Ünï@b.com"},
		{"quotes and blank", "%22a%20b%22%40b.com", `"a b"@b.com`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := h.call("GET", guests+"/"+tt.segment, "")
			wantStatus(t, a, 200)
			if email := a.json(t)["data"].(map[string]any)["email"]; email != tt.email {
				t.Errorf("got %q", email)
			}
		})
	}
}

func TestUnknownGuest(t *testing.T) {
	h := serve(t, Options{})
	const notThere = `{"error":true,"message":"The guest was not found.","code":"RESOURCE_NOT_FOUND"}`
	tests := []struct {
		method, rest string
		status       int
		body         string
	}{
		{"GET", "", 404, notThere},
		{"PUT", "", 404, notThere},
		{"DELETE", "/disable", 404, notThere},
		{"PUT", "/enable", 404, notThere},
		{"DELETE", "", 422, `{"error":true,"errors":{"email":["The selected email is invalid."]}}`},
	}
	for _, tt := range tests {
		t.Run(tt.method+tt.rest, func(t *testing.T) {
			a := h.call(tt.method, guests+"/a%40b.com"+tt.rest, `{"associated_members":[]}`)
			wantStatus(t, a, tt.status)
			wantJSON(t, a, tt.body)
		})
	}
}

func TestUpdate(t *testing.T) {
	tests := []struct {
		name, body string
		want       []int64
	}{
		{"a list", `{"associated_members":[1003,1001]}`, []int64{1003, 1001}},
		{"an empty list", `{"associated_members":[]}`, []int64{}},
		{"null", `{"associated_members":null}`, nil},
		{"nothing", `{}`, []int64{1002}},
		{"other fields", `{"first_name":"New","email":"x@y.com"}`, []int64{1002}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := serve(t, Options{})
			h.Put(Guest{Email: "a@b.com", Fields: map[string]string{"first_name": "Old"}, AssociatedMembers: []int64{1002}})
			before := h.call("GET", guests+"/a%40b.com", "")
			a := h.call("PUT", guests+"/a%40b.com", tt.body)
			wantStatus(t, a, 201)
			g, _ := h.Guest("a@b.com")
			if diff := cmp.Diff(tt.want, g.AssociatedMembers); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			if after := h.call("GET", guests+"/a%40b.com", ""); after.text != a.text {
				t.Errorf("answered %s, later %s", a.text, after.text)
			}
			// Nothing else has changed.
			want := strings.Replace(before.text, "[1002]", string(integers(nil, tt.want)), 1)
			equalJSON(t, a.text, want)
		})
	}
}

func TestUpdateRefusals(t *testing.T) {
	tests := []struct{ name, body, errors string }{
		{"no member", `{"associated_members":[1001,7]}`, `{"associated_members.1":["The selected associated_members.1 is invalid."]}`},
		{"text", `{"associated_members":["1001"]}`, `{"associated_members.0":["The associated_members.0 must be an integer."]}`},
		{"null inside", `{"associated_members":[null]}`, `{"associated_members.0":["The associated_members.0 must be an integer."]}`},
		{"no list", `{"associated_members":1001}`, `{"associated_members":["The associated members must be an array."]}`},
	}
	h := serve(t, Options{})
	h.Put(Guest{Email: "a@b.com", AssociatedMembers: []int64{1002}})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := h.call("PUT", guests+"/a%40b.com", tt.body)
			wantStatus(t, a, 422)
			wantJSON(t, a, `{"message":"The given data was invalid.","errors":`+tt.errors+`}`)
			if g, _ := h.Guest("a@b.com"); len(g.AssociatedMembers) != 1 {
				t.Errorf("members %d", g.AssociatedMembers)
			}
		})
	}
}

func TestDelete(t *testing.T) {
	h := serve(t, Options{})
	h.Put(Guest{Email: "A@b.com", ID: 77})
	a := h.call("DELETE", guests+"/a%40b.com", "")
	wantStatus(t, a, 200)
	data := a.json(t)["data"].(map[string]any)
	if data["deleted_at"] != "2025-01-15 10:30:00" || data["email"] != "A@b.com" {
		t.Errorf("got %v", data)
	}
	wantStatus(t, h.call("GET", guests+"/a%40b.com", ""), 404)
	wantStatus(t, h.call("DELETE", guests+"/a%40b.com", ""), 422)
}

func TestDisableAndEnable(t *testing.T) {
	c := &clock{noon}
	h := serve(t, Options{Now: c.Now})
	old := h.Put(Guest{Email: "a@b.com"})
	details := func(a answer) map[string]any {
		wantStatus(t, a, 200)
		return a.json(t)["data"].(map[string]any)["details"].(map[string]any)
	}
	d := details(h.call("DELETE", guests+"/a%40b.com/disable", ""))
	if d["disabled_at"] != "2025-01-15 10:30:00" || d["disabled_by"].(interface{ String() string }).String() != "1001" {
		t.Errorf("disabled: %v", d)
	}
	c.now = c.now.Add(time.Hour)
	if again := details(h.call("DELETE", guests+"/a%40b.com/disable", "")); !cmp.Equal(again, d) {
		t.Error("disabling twice changes something")
	}
	if g, _ := h.Guest("a@b.com"); g.Link != old.Link {
		t.Error("disabling changed the link")
	}
	d = details(h.call("PUT", guests+"/a%40b.com/enable", ""))
	if d["disabled_at"] != nil || d["disabled_by"] != nil || d["reactivated_at"] != "2025-01-15 11:30:00" {
		t.Errorf("enabled: %v", d)
	}
	if g, _ := h.Guest("a@b.com"); g.Link == old.Link || g.Link == "" {
		t.Error("enabling did not change the link")
	}
}

func TestPut(t *testing.T) {
	h := serve(t, Options{Guests: 1})
	t.Run("fills in what is missing", func(t *testing.T) {
		g := h.Put(Guest{Email: "a@b.com"})
		if g.ID != 1235 || g.Link == "" || g.Fields["created_at"] != "2025-01-15 10:30:00" {
			t.Errorf("got %+v", g)
		}
	})
	t.Run("keeps the id of one it replaces", func(t *testing.T) {
		if g := h.Put(Guest{Email: "A@B.com"}); g.ID != 1235 || len(h.Guests()) != 2 {
			t.Errorf("got %+v", g)
		}
	})
	t.Run("sends large ids exactly", func(t *testing.T) {
		h.Put(Guest{Email: "big@b.com", ID: math.MaxInt64})
		a := h.call("GET", guests+"/big%40b.com", "")
		if !strings.HasPrefix(a.text, `{"data":{"id":9223372036854775807,`) {
			t.Errorf("got %s", a.text)
		}
	})
	t.Run("gives no id twice", func(t *testing.T) {
		h.Put(Guest{Email: "next@b.com", ID: 1236})
		if g := h.Put(Guest{Email: "other@b.com"}); g.ID != 1237 {
			t.Errorf("id %d", g.ID)
		}
	})
	t.Run("sends raw records as they are", func(t *testing.T) {
		h.Put(Guest{Email: "raw@b.com", ID: 5, Raw: `{"id":"5","new":[1.0]}`})
		equalJSON(t, h.call("GET", guests+"/raw%40b.com?with=stats", "").text, `{"data":{"id":"5","new":[1.0]}}`)
	})
	t.Run("sends numbers as numbers", func(t *testing.T) {
		h.Put(Guest{Email: "n@b.com", Fields: map[string]string{"cadence_days": "7"}})
		if a := h.call("GET", guests+"/n%40b.com", ""); !strings.Contains(a.text, `"cadence_days":7,`) {
			t.Errorf("got %s", a.text)
		}
	})
}

func TestSnapshotsAreCopies(t *testing.T) {
	h := serve(t, Options{})
	mine := Guest{Email: "a@b.com", Fields: map[string]string{"first_name": "A"}, AssociatedMembers: []int64{1001}, Stats: &Stats{AssignedTasks: 1}}
	h.Put(mine)
	one, _ := h.Guest("a@b.com")
	for _, g := range []Guest{mine, one, h.Guests()[0]} {
		g.Fields["first_name"] = "spoiled"
		g.AssociatedMembers[0] = 0
		g.Stats.AssignedTasks = 0
	}
	if g, _ := h.Guest("a@b.com"); g.Fields["first_name"] != "A" || g.AssociatedMembers[0] != 1001 || g.Stats.AssignedTasks != 1 {
		t.Errorf("stored %+v", g)
	}
}

func TestGeneratedGuests(t *testing.T) {
	once, again, other := New(Options{Guests: 300, Seed: 7}), New(Options{Guests: 300, Seed: 7}), New(Options{Guests: 300, Seed: 8})
	if diff := cmp.Diff(once.Guests(), again.Guests()); diff != "" {
		t.Errorf("same seed, other guests:\n%s", diff)
	}
	if cmp.Equal(once.Guests(), other.Guests()) {
		t.Error("the seed makes no difference")
	}
	if n := len(once.Guests()); n != 300 {
		t.Errorf("%d guests", n)
	}
	links := map[string]bool{}
	for _, g := range once.Guests() {
		links[g.Link] = true
		if !plausibleEmail(g.Email) {
			t.Errorf("email %q", g.Email)
		}
		for _, rule := range fieldRules {
			if value := g.Fields[rule.name]; value != "" && once.broken(rule.rule, value) != "" {
				t.Errorf("%s %q", rule.name, value)
			}
		}
	}
	if len(links) != 300 {
		t.Errorf("%d different links", len(links))
	}
}
