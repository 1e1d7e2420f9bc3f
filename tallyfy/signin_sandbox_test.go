package tallyfy

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"guestlist/sandbox"
)

// signedIn starts a sandbox that knows one application and returns its client.
func signedIn(t *testing.T, o sandbox.Options, asUser string) (*Client, *sandbox.Sandbox) {
	t.Helper()
	o.Org, o.Clients = "acme", []sandbox.Client{{ID: "42", Secret: testSecret}}
	s := sandbox.New(o)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return newClient(t, Config{
		BaseURL: server.URL + "/api", Timeout: 5 * time.Second, Attempts: 3,
		Application: &Application{TokenURL: server.URL + "/oauth/token", ID: "42", Secret: testSecret, AsUser: asUser},
	}), s
}

// answered returns how many calls of a class the sandbox answered with a status.
func answered(s *sandbox.Sandbox, class string, status int) int { return s.Calls()[class][status] }

func TestSigningInToTheSandbox(t *testing.T) {
	tests := []struct {
		name   string
		o      sandbox.Options
		asUser string
		want   string // the error of a call; empty: none
	}{
		{"the application itself", sandbox.Options{}, "", ""},
		{"as a member", sandbox.Options{UserContext: true}, "Member.One@acme.com", ""},
		{"the application itself, where that is not enough", sandbox.Options{UserContext: true}, "", "forbidden"},
		{"as somebody unknown", sandbox.Options{}, "nobody+%2F@acme.com", "sign in as nobody+%2F@acme.com: nobody with that email is a member of the organization"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, s := signedIn(t, tt.o, tt.asUser)
			s.Put(sandbox.Guest{Email: "anna@b.com"})
			for range 2 {
				err := get(background, c)
				if tt.want == "" {
					if err != nil {
						t.Error(err)
					}
					continue
				}
				if e := asError(t, err); answers(e) != tt.want && !strings.Contains(e.Error(), tt.want) || e.PersonalToken() {
					t.Errorf("it is %q: %v", answers(e), e)
				}
			}
			if n := answered(s, "token", 200); tt.asUser != "nobody+%2F@acme.com" && n != 1 {
				t.Errorf("%d tokens", n)
			}
		})
	}
	t.Run("with the wrong secret", func(t *testing.T) {
		good, _ := signedIn(t, sandbox.Options{}, "")
		at := strings.TrimSuffix(good.root, "/api/organizations/acme")
		c := newClient(t, Config{BaseURL: at, Application: &Application{TokenURL: at + "/oauth/token", ID: "42", Secret: "another"}})
		if e := asError(t, get(background, c)); answers(e) != "unauthenticated" || e.Code != "invalid_client" {
			t.Errorf("it is %q: %v", answers(e), e)
		}
	})
	t.Run("where there is nothing", func(t *testing.T) {
		good, _ := signedIn(t, sandbox.Options{}, "")
		at := strings.TrimSuffix(good.root, "/api/organizations/acme")
		c := newClient(t, Config{BaseURL: at, Application: &Application{TokenURL: at + "/login/token", ID: "42", Secret: testSecret}})
		if e := asError(t, get(background, c)); answers(e) != "unauthenticated" || !strings.Contains(e.Error(), "try --token-url") {
			t.Errorf("it is %q: %v", answers(e), e)
		}
	})
}

// Tokens that die under a job cost it one new token each time, and no guest.
func TestTokensThatDieInTheSandbox(t *testing.T) {
	for _, asUser := range []string{"", "member.two@acme.com"} {
		t.Run("as "+asUser, func(t *testing.T) {
			c, s := signedIn(t, sandbox.Options{}, asUser)
			const rounds, workers = 4, 4
			for round := range rounds {
				var group errgroup.Group
				for worker := range workers {
					group.Go(func() error { return settle(c, fmt.Sprintf("r%d.w%d@b.com", round, worker)) })
				}
				if err := group.Wait(); err != nil {
					t.Fatal(err)
				}
				s.KillTokens()
			}
			if n := len(s.Guests()); n != rounds*workers || len(s.Twice()) > 0 {
				t.Errorf("%d guests, twice: %s", n, s.Twice())
			}
			if n := answered(s, "token", 200); n != rounds {
				t.Errorf("%d tokens", n)
			}
			if created, refused := answered(s, "create", 201), answered(s, "create", 401); created != rounds*workers || refused < rounds-1 || refused > (rounds-1)*workers {
				t.Errorf("%d creates, %d refused", created, refused)
			}
			s.LogOut()
			if err := settle(c, "last@b.com"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPersonalTokenDiesWhenItsOwnerLogsOut(t *testing.T) {
	c, s := overTCP(t, sandbox.Options{})
	s.LogOut()
	if e := asError(t, get(background, c)); answers(e) != "unauthenticated" || !e.PersonalToken() {
		t.Errorf("it is %q: %v", answers(e), e)
	}
	if n := answered(s, "get", 401); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// A job of a day never sends a token that has ended.
func TestTokensOfADayInTheSandbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{Clients: []sandbox.Client{{ID: "42", Secret: testSecret}}, TokenLife: time.Hour, UserTokenLife: 10 * time.Minute, UserContext: true})
		s.Put(sandbox.Guest{Email: "anna@b.com"})
		c := newClient(t, Config{
			Transport:   inProcess(s),
			Application: &Application{TokenURL: "http://localhost/oauth/token", ID: "42", Secret: testSecret, AsUser: "member.one@acme.com"},
		})
		for range 24 * 60 {
			if err := get(background, c); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if n := answered(s, "user-token", 200); answered(s, "get", 401) > 0 || n != 24*60/9 {
			t.Errorf("%d tokens, %d calls refused", n, answered(s, "get", 401))
		}
	})
}
