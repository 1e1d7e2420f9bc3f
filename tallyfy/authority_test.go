package tallyfy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"guestlist/guest"
)

// authority gives tokens to an application and answers calls that carry one.
type authority struct {
	// What answers instead: calls for a token, for a member's token, and of the API.
	// Nil, or no response from them: as it should be.
	sign, exchange, api transport

	life string // expires_in; empty: "604800"

	mu         sync.Mutex
	alive      map[string]bool
	given      int    // tokens of any kind
	signs      int    // calls for one
	exchanges  int    // calls for a member's
	calls      int    // of the API
	refusals   int    // of them, with 401
	form, made string // the last calls for a token, and for a member's
}

func (s *authority) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		all, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(all)
	}
	seen := fmt.Sprintf("%s %s %s\n", r.Method, r.URL, body)
	for _, name := range []string{"Authorization", "Accept", "Content-Type", "X-Tallyfy-Client"} {
		if value := r.Header.Get(name); value != "" {
			seen += name + ": " + value + "\n"
		}
	}
	s.mu.Lock()
	instead := s.api
	switch {
	case strings.HasSuffix(r.URL.Path, "/oauth/token"):
		s.signs++
		s.form, instead = seen, s.sign
	case strings.HasSuffix(r.URL.Path, "/token"):
		s.exchanges++
		s.made, instead = seen, s.exchange
	default:
		s.calls++
	}
	s.mu.Unlock()
	if instead != nil {
		if a, err := instead(r); a != nil || err != nil {
			return a, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch carried := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); {
	case strings.HasSuffix(r.URL.Path, "/oauth/token"):
		return s.give("application")
	case !s.alive[carried]:
		s.refusals++
		return reply(401, `{"message":"Unauthenticated: `+carried+`"}`)
	case strings.HasSuffix(r.URL.Path, "/token"):
		return s.give("member")
	}
	return reply(200, anna)
}

// give issues a token.
func (s *authority) give(kind string) (*http.Response, error) {
	s.given++
	token := fmt.Sprintf("%s-%s-%d", testToken, kind, s.given)
	if s.alive == nil {
		s.alive = map[string]bool{}
	}
	s.alive[token] = true
	life := s.life
	if life == "" {
		life = "604800"
	}
	return reply(200, fmt.Sprintf(`{"token_type":"Bearer","expires_in":%s,"access_token":%q}`, life, token))
}

// kill ends all tokens.
func (s *authority) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.alive)
}

const testSecret = testToken + "+secret"

// application returns a client that signs in there.
func (s *authority) application(t testing.TB, o Config) *Client {
	t.Helper()
	if o.Application == nil {
		o.Application = &Application{}
	}
	if o.Application.ID == "" {
		o.Application.ID = "42"
	}
	if o.Application.TokenURL == "" {
		o.Application.TokenURL = "http://localhost/oauth/token"
	}
	o.Application.Secret = testSecret
	o.Transport = s
	return newClient(t, o)
}

func get(ctx context.Context, c *Client) error {
	_, err := c.Get(ctx, "anna@b.com", false)
	return err
}

func create(ctx context.Context, c *Client, leaving func() error) error {
	_, err := c.Create(ctx, &guest.Guest{Email: "anna@b.com"}, leaving)
	return err
}
