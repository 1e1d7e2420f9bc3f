package sandbox

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// changing are the calls that change one guest, with how they are told to have been done.
var changing = []struct {
	class, method, rest string
	done                func(g Guest, there bool) bool
}{
	{"delete", "DELETE", "", func(_ Guest, there bool) bool { return !there }},
	{"disable", "DELETE", "/disable", func(g Guest, _ bool) bool { return g.Fields["disabled_at"] != "" }},
	{"enable", "PUT", "/enable", func(g Guest, _ bool) bool { return g.Fields["reactivated_at"] != "" }},
}

// Every fault either keeps a change from being done or does it exactly once, and the account tells which.
func TestChangesUnderFaults(t *testing.T) {
	undone := []string{ServerError, Unavailable, ProxyPage, CutBefore, TooMany}
	for _, change := range changing {
		for _, kind := range Faults() {
			t.Run(change.class+"/"+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := New(Options{Faults: []Fault{{Kind: kind, Percent: 100, Class: change.class, Late: time.Minute}}})
					s.Put(Guest{Email: "a@b.com"})
					s.send(t, change.method, guests+"/a%40b.com"+change.rest)
					want := 1
					if slices.Contains(undone, kind) {
						want = 0
					}
					if kind == CutLate {
						wantChanges(t, s, change.class, 0, 0)
						time.Sleep(time.Minute)
						synctest.Wait()
					}
					wantChanges(t, s, change.class, want, want)
					if done := change.done(s.Guest("a@b.com")); done != (want == 1) {
						t.Errorf("done: %v", done)
					}
				})
			})
		}
	}
}

// send makes a call that may be cut, and gives up on one that hangs.
func (s *Sandbox) send(t *testing.T, method, path string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	defer func() {
		if cut := recover(); cut != nil && cut != http.ErrAbortHandler {
			panic(cut)
		}
	}()
	s.ServeHTTP(httptest.NewRecorder(), directRequest(method, path, "").WithContext(ctx))
}

func wantChanges(t *testing.T, s *Sandbox, class string, admitted, succeeded int) {
	t.Helper()
	if a, b := s.Changes(class, " A@b.com"); a != admitted || b != succeeded {
		t.Errorf("%s: %d admitted, %d succeeded; want %d, %d", class, a, b, admitted, succeeded)
	}
}

func TestChangesAreCountedTwice(t *testing.T) {
	for _, tt := range []struct {
		class, method, rest string
		succeeded           int
	}{
		{"disable", "DELETE", "/disable", 2},
		{"enable", "PUT", "/enable", 2},
		{"update", "PUT", "", 2},
		{"delete", "DELETE", "", 1}, // the second time there is nobody left
	} {
		t.Run(tt.class, func(t *testing.T) {
			h := serve(t, Options{})
			h.Put(Guest{Email: "a@b.com"})
			for range 2 {
				h.call(tt.method, guests+"/a%40b.com"+tt.rest, `{}`)
			}
			wantChanges(t, h.Sandbox, tt.class, 2, tt.succeeded)
			for _, other := range groups["write"] {
				if other != tt.class {
					wantChanges(t, h.Sandbox, other, 0, 0)
				}
			}
		})
	}
}

func TestChangesOfStrangers(t *testing.T) {
	h := serve(t, Options{Org: "acme"})
	for _, change := range changing {
		h.call(change.method, guests+"/a%40b.com"+change.rest, "")
		wantChanges(t, h.Sandbox, change.class, 1, 0)
		h.call(change.method, "/organizations/other/guests/a%40b.com"+change.rest, "")
		wantChanges(t, h.Sandbox, change.class, 1, 0) // another organization is no work
	}
}

func TestRefusedUpdateDoesNotSucceed(t *testing.T) {
	h := serve(t, Options{})
	h.Put(Guest{Email: "a@b.com"})
	wantStatus(t, h.call("PUT", guests+"/a%40b.com", `{"associated_members":[7]}`), 422)
	wantChanges(t, h.Sandbox, "update", 1, 0)
}

func TestChangesOfNoSuchClass(t *testing.T) {
	for _, class := range []string{"", "list", "deletes", "write", "token"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("changes of the class %q were counted", class)
				}
			}()
			New(Options{}).Changes(class, "a@b.com")
		}()
	}
}

func TestDeletedGuestComesBackAsSomebodyNew(t *testing.T) {
	h := serve(t, Options{})
	old := h.Put(Guest{Email: "a@b.com", Stats: &Stats{AssignedTasks: 2}})
	wantStatus(t, h.call("DELETE", guests+"/a%40b.com", ""), 200)
	wantStatus(t, h.create("a@b.com"), 201)
	if g, _ := h.Guest("a@b.com"); g.Stats != nil || g.ID == old.ID || g.Link == old.Link {
		t.Errorf("came back as %+v", g)
	}
}
