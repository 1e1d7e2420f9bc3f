package sandbox

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAccount(t *testing.T) {
	h := serve(t, Options{Limits: []Limit{{"invite", 3, time.Hour}}})
	h.call("POST", guests, `{"email":" Ann@B.com","nickname":"A","associated_members":[1001]}`)
	h.create("ann@b.com")
	h.create("bad")
	h.create("ann@b.com") // over the limit
	h.call("PUT", guests+"/ann%40b.com", `{"first_name":"Ann"}`)
	h.call("GET", guests+"?page=1", "")
	h.call("GET", "/nowhere", "")

	wantCalls := map[string]map[int]int{
		"create": {201: 2, 422: 1, 429: 1}, "update": {201: 1}, "list": {200: 1}, "": {404: 1},
	}
	if diff := cmp.Diff(wantCalls, h.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if admitted, succeeded := h.Creates("ANN@b.com "); admitted != 2 || succeeded != 2 {
		t.Errorf("creates of ann: %d admitted, %d succeeded", admitted, succeeded)
	}
	if admitted, succeeded := h.Creates("bad"); admitted != 1 || succeeded != 0 {
		t.Errorf("creates of bad: %d admitted, %d succeeded", admitted, succeeded)
	}
	if diff := cmp.Diff([]string{"ann@b.com"}, h.Twice()); diff != "" {
		t.Errorf("twice (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"associated_members", "first_name", "nickname"}, h.UnknownKeys()); diff != "" {
		t.Errorf("unknown keys (-want +got):\n%s", diff)
	}
	log := h.Log()
	want := Call{Time: noon, Method: "PUT", Path: guests + "/ann%40b.com", Class: "update", Status: 201, BodySize: 20}
	if diff := cmp.Diff(want, log[4]); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if log[5].Query != "page=1" || len(log) != 7 {
		t.Errorf("%d entries, query %q", len(log), log[5].Query)
	}
}

func TestAccountIsEmptyAtFirst(t *testing.T) {
	s := New(Options{Guests: 2})
	if n := len(s.Log()) + len(s.Calls()) + len(s.Twice()) + len(s.UnknownKeys()); n != 0 {
		t.Errorf("%d entries", n)
	}
}
