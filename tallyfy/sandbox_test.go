package tallyfy

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"guestlist/guest"
	"guestlist/ratelimit"
	"guestlist/sandbox"
)

// overTCP starts a sandbox and returns a client of it.
func overTCP(t *testing.T, o sandbox.Options) (*Client, *sandbox.Sandbox) {
	t.Helper()
	o.Org, o.Token = "acme", testToken
	s := sandbox.New(o)
	return serve(t, Config{Timeout: 5 * time.Second}, s.ServeHTTP), s
}

// inProcess takes requests to the sandbox without a network.
func inProcess(s *sandbox.Sandbox) transport {
	return func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Result(), nil
	}
}

var shapes = map[string]sandbox.Options{"current": {}, "current, as PHP writes it": {PHPEscapes: true}, "legacy": {Legacy: true}}

func TestGuestThroughTheSandbox(t *testing.T) {
	sent := guest.Guest{
		Email: "o'k+%2F@b.com", FirstName: "Zoë 李 😀", LastName: `"quoted", \ and <tags>`, CompanyName: "two\nlines",
		Phone1: "+1-212-555-0123", Phone2: "1", Timezone: "Europe/Paris", Status: "active", CompanyURL: "https://b.com/?a=1&b=2",
		ContactURL: "https://b.com/c", ImageURL: "https://b.com/i", OpportunityURL: "https://b.com/o", OpportunityName: "o",
		ExternalSyncSource: "salesforce", ExternalDateCreation: "2025-01-15 10:30:00",
	}
	for name, o := range shapes {
		t.Run(name, func(t *testing.T) {
			c, s := overTCP(t, o)
			created, err := c.Create(background, &sent, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(sent, created.Guest); diff != "" {
				t.Errorf("created (-want +got)\n%s", diff)
			}
			associated, err := c.Associate(background, sent.Email, []int64{1003, 1001}, nil)
			if err != nil || associated.AssociatedMembers != "1003;1001" {
				t.Errorf("associated %v, %v", associated, err)
			}
			got, err := c.Get(background, sent.Email, true)
			if err != nil {
				t.Fatal(err)
			}
			want := sent
			want.AssociatedMembers = "1003;1001"
			if diff := cmp.Diff(want, got.Guest); diff != "" {
				t.Errorf("got (-want +got)\n%s", diff)
			}
			if got.ID != created.ID || got.ID == "" || got.CreatedAt == "" || !got.Has("last_accessed_at") {
				t.Errorf("got %+v", got.Record)
			}
			if stored, ok := s.Guest(sent.Email); !ok || got.Link != stored.Link && !o.Legacy {
				t.Errorf("link %q, stored %q", got.Link, stored.Link)
			}
			cleared, err := c.Associate(background, sent.Email, nil, nil)
			if err != nil || cleared.AssociatedMembers != "" || !cleared.Has("associated_members") {
				t.Errorf("cleared %v, %v", cleared, err)
			}
			if keys := s.UnknownKeys(); len(keys) > 0 {
				t.Errorf("sent unknown keys %q", keys)
			}
		})
	}
}

func TestRefusalsOfTheSandbox(t *testing.T) {
	for name, o := range shapes {
		t.Run(name, func(t *testing.T) {
			c, s := overTCP(t, o)
			_, err := c.Create(background, &guest.Guest{Email: "member.one@acme.com"}, nil)
			if e := asError(t, err); answers(e) != "about email" {
				t.Errorf("member: %q, %v", answers(e), e)
			}
			_, err = c.Create(background, &guest.Guest{Email: "a@b.com", Timezone: "Mars", Phone1: "123456789012345678901"}, nil)
			if got, want := asError(t, err).FieldText(), "phone_1: The phone 1 may not be greater than 20 characters.; timezone: The timezone must be a valid zone."; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			_, err = c.Get(background, "nobody@b.com", false)
			if e := asError(t, err); answers(e) != "absent" {
				t.Errorf("nobody: %q, %v", answers(e), e)
			}
			_, err = c.Associate(background, "nobody@b.com", []int64{1001}, nil)
			if e := asError(t, err); answers(e) != "absent" {
				t.Errorf("nobody: %q, %v", answers(e), e)
			}
			s.Put(sandbox.Guest{Email: "a@b.com"})
			_, err = c.Associate(background, "a@b.com", []int64{4}, nil)
			if e := asError(t, err); e.Status != 422 || e.Fields["associated_members.0"] == nil {
				t.Errorf("no member: %v", e)
			}
			wrong := newClient(t, Config{BaseURL: "http://localhost", Token: "other-token", Transport: c.transport})
			wrong.root = c.root
			_, err = wrong.Get(background, "a@b.com", false)
			if e := asError(t, err); answers(e) != "unauthenticated" {
				t.Errorf("wrong token: %q, %v", answers(e), e)
			}
			wrong.root += "/nowhere"
			_, err = wrong.Get(background, "a@b.com", false)
			if e := asError(t, err); answers(e) != "endpoint not found" {
				t.Errorf("wrong address: %q, %v", answers(e), e)
			}
		})
	}
}

func TestListingOfTheSandbox(t *testing.T) {
	for name, o := range shapes {
		t.Run(name, func(t *testing.T) {
			o.Guests = 250
			c, s := overTCP(t, o)
			var got, want []string
			for p, err := range c.Pages(background, ListOptions{Stats: true, PerPage: 250}) {
				if err != nil {
					t.Fatal(err)
				}
				for _, g := range p.Guests {
					got = append(got, fmt.Sprint(g.Email, g.FirstName, g.LastName, g.CompanyName, g.Phone1, g.CompanyURL, g.CreatedAt, g.AssociatedMembers, g.StatsTasksCompleted))
				}
			}
			for _, g := range s.Guests() {
				members, tasks := "", ""
				if len(g.AssociatedMembers) > 0 {
					members = fmt.Sprint(g.AssociatedMembers[0])
				}
				if g.Stats != nil {
					tasks = strconv.Itoa(g.Stats.TasksCompleted)
				}
				f := g.Fields
				want = append(want, fmt.Sprint(g.Email, f["first_name"], f["last_name"], f["company_name"], f["phone_1"], f["company_url"], f["created_at"], members, tasks))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for _, o := range []ListOptions{{PerPage: 30}, {PerPage: 30, Sort: "-created_at"}, {PerPage: 30, Sort: "email", Stats: true}} {
				ids, _, err := collect(c, o)
				if err != nil || len(ids) != 250 {
					t.Errorf("%+v: %d guests, %v", o, len(ids), err)
				}
			}
			ids, _, err := collect(c, ListOptions{Search: "guest.00000"})
			if err != nil || len(ids) != 9 {
				t.Errorf("found %d guests, %v", len(ids), err)
			}
		})
	}
}

func TestMembersOfTheSandbox(t *testing.T) {
	c, _ := overTCP(t, sandbox.Options{})
	got, err := c.Members(background)
	want := []Member{
		{1001, "member.one@acme.com", "Member", "One", "admin", "active"},
		{1002, "member.two@acme.com", "Member", "Two", "standard", "active"},
		{1003, "member.three@acme.com", "Member", "Three", "light", "active"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// Whatever goes on in the list while it is read, nobody who was there all the
// while is missing.
func TestListingLosesNobody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		guests := rapid.IntRange(0, 40).Draw(t, "guests")
		perPage := rapid.IntRange(1, 9).Draw(t, "per page")
		noSort := rapid.Bool().Draw(t, "without order")
		events := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "add", "add in between", "delete", "delete the first", "delete the last"}), 0, 25).Draw(t, "events")
		var s *sandbox.Sandbox
		added := 0
		gone := map[int64]bool{}
		// remove takes out the guest at that place of the list by id.
		remove := func(place int) {
			all := s.Guests()
			slices.SortFunc(all, func(a, b sandbox.Guest) int { return int(a.ID - b.ID) })
			if len(all) > 0 {
				g := all[place%len(all)]
				gone[g.ID] = true
				s.Delete(g.Email)
			}
		}
		s = sandbox.New(sandbox.Options{NoSort: noSort, OnRequest: func(*http.Request) {
			if len(events) == 0 {
				return
			}
			event := events[0]
			events = events[1:]
			added++
			email := fmt.Sprintf("new%d@b.com", added)
			switch event {
			case "add":
				s.Put(sandbox.Guest{ID: int64(1_000_000 + added), Email: email})
			case "add in between":
				s.Put(sandbox.Guest{ID: int64(1000*(added%50) + added), Email: email})
			case "delete":
				remove(added * 7)
			case "delete the first":
				remove(0)
			case "delete the last":
				remove(len(s.Guests()) - 1)
			}
		}})
		there := map[int64]bool{}
		for i := range guests {
			id := int64(1000 * (i + 1))
			there[id] = true
			s.Put(sandbox.Guest{ID: id, Email: fmt.Sprintf("g%d@b.com", i)})
		}
		c, err := New(Config{Org: "acme", Token: testToken, Gate: openGate(), Transport: inProcess(s)})
		if err != nil {
			t.Fatal(err)
		}
		ids, _, err := collect(c, ListOptions{PerPage: perPage})
		if err != nil {
			return // a list that keeps changing may be refused
		}
		for id := range there {
			if !gone[id] && !slices.Contains(ids, strconv.FormatInt(id, 10)) {
				t.Fatalf("guest %d is missing in %s", id, ids)
			}
		}
	})
}

// Through every accident the guests end up as they should, the way a careful
// caller goes about it, and what was sent is what was counted.
func TestFaultsOfTheSandbox(t *testing.T) {
	for _, kind := range sandbox.Faults() {
		if kind == sandbox.Hang || kind == sandbox.CutLate || kind == sandbox.TooMany || kind == sandbox.Unavailable {
			continue // they take their time: see the tests with a clock of their own
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c, s := overTCP(t, sandbox.Options{Seed: 7, Faults: []sandbox.Fault{{Kind: kind, Percent: 20}}})
			var group errgroup.Group
			for worker := range 4 {
				group.Go(func() error {
					for i := range 6 {
						if err := settle(c, fmt.Sprintf("w%d.%d@b.com", worker, i)); err != nil {
							return err
						}
					}
					return nil
				})
			}
			if err := group.Wait(); err != nil {
				t.Fatal(err)
			}
			if n := len(s.Guests()); n != 24 {
				t.Errorf("%d guests", n)
			}
			if twice := s.Twice(); len(twice) > 0 {
				t.Errorf("created twice: %s", twice)
			}
			seen, counted := len(s.Log()), 0
			for _, n := range c.Calls() {
				counted += n.Count
			}
			if seen != counted {
				t.Errorf("%d requests, %d counted", seen, counted)
			}
		})
	}
}

// settle creates a guest, looking whenever the fate of a create is not known.
func settle(c *Client, email string) error {
	for {
		_, err := c.Create(background, &guest.Guest{Email: email}, nil)
		e, _ := err.(*Error)
		switch {
		case err == nil:
			return nil
		case e == nil, !e.FateUnknown() && !e.NotAdmitted():
			return err
		case e.NotAdmitted():
			continue
		}
		_, err = c.Get(background, email, false)
		if e, _ := err.(*Error); err == nil || e == nil || !e.Absent() {
			return err
		}
	}
}

func TestInviteCapOfTheSandbox(t *testing.T) {
	s := sandbox.New(sandbox.Options{Limits: []sandbox.Limit{{Class: "invite", Calls: 1, Window: time.Hour}}})
	gate := openGate()
	c := newClient(t, Config{Gate: gate, Transport: inProcess(s)})
	if _, err := c.Create(background, &guest.Guest{Email: "a@b.com"}, nil); err != nil {
		t.Fatal(err)
	}
	_, err := c.Create(background, &guest.Guest{Email: "c@b.com"}, nil)
	e := asError(t, err)
	if !e.NotAdmitted() || !e.Announced || e.RetryAfter < 59*time.Minute || e.Code != "RATE_LIMIT_EXCEEDED" {
		t.Errorf("got %#v", e)
	}
	if gate.Delay(ratelimit.Create) < 59*time.Minute || gate.Delay(ratelimit.Read) > time.Second || gate.Delay(ratelimit.Write) > time.Second {
		t.Error("the cap holds back the wrong calls")
	}
}
