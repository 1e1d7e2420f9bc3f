package tallyfy

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"guestlist/guest"
)

// Application signs in with client credentials instead of a token that a person
// made. Its tokens are kept in memory only, and renewed before they end and, once
// for each call, after a 401.
type Application struct {
	TokenURL   string // see CheckTokenURL; empty: DefaultTokenURL
	ID, Secret string

	// AsUser is the email of the member to act as: the application's token is
	// exchanged for one of theirs. Empty: the application acts as itself, which most
	// calls about guests do not allow.
	AsUser string

	// MaxWait is the longest wait that the token URL announces and a run sits out. Zero
	// means none, nil longestSignIn, which is the longest there is.
	MaxWait *time.Duration
}

func (o *Application) check() error {
	switch {
	case o.ID == "":
		return errors.New("the client id is missing")
	case o.Secret == "":
		return errors.New("the client secret is missing")
	case strings.ContainsFunc(o.ID, notInToken):
		return errors.New("the client id holds a blank, a line break or another character that no id has: copy it again, alone")
	case strings.ContainsFunc(o.Secret, notInToken):
		return errors.New("the client secret holds a blank, a line break or another character that no secret has: copy it again, alone")
	case o.AsUser != "" && (guest.Trim(o.AsUser) != o.AsUser || !strings.Contains(o.AsUser, "@") || strings.ContainsFunc(o.AsUser, isBlankOrControl)):
		return errors.New("who to sign in as is not an email")
	}
	return nil
}

// signWith makes the client sign its calls as the configuration, which is sound but
// for the application, says.
func (c *Client) signWith(o Config, base *url.URL) error {
	if o.Application == nil {
		c.secrets.given = []string{o.Token}
		c.signatures.current.Store(c.sign(o.Token, 0))
		return nil
	}
	if err := o.Application.check(); err != nil {
		return err
	}
	t, err := newTokens(c, o.Application, base, o.Org)
	if err != nil {
		return err
	}
	c.secrets.given = []string{o.Application.Secret, url.QueryEscape(o.Application.Secret)}
	c.signatures.turn, c.signatures.renew = make(chan struct{}, 1), t.signature
	return nil
}

// signature is a token in the headers that carry it.
type signature struct {
	header, headerWithBody http.Header // a RoundTripper must not change them
	renewAt                time.Time   // by the wall clock; zero: when it is refused
}

// sign returns the headers of calls with a token. A life that makes no sense, or of
// zero, has no known end.
func (c *Client) sign(token string, life time.Duration) *signature {
	s := &signature{header: c.common.Clone()}
	s.header.Set("Authorization", "Bearer "+token)
	s.headerWithBody = s.header.Clone()
	s.headerWithBody.Set("Content-Type", "application/json")
	if life > 0 {
		// Round takes the monotonic clock off, which stands still while a machine
		// sleeps.
		s.renewAt = time.Now().Round(0).Add(life - min(life/10, time.Minute))
	}
	return s
}

func (s *signature) isDue() bool { return !s.renewAt.IsZero() && !time.Now().Before(s.renewAt) }

// headers are those of a call.
func (s *signature) headers(k *call) http.Header {
	if k.body == nil {
		return s.header
	}
	return s.headerWithBody
}

// signatures hold the one that calls go out with.
type signatures struct {
	current atomic.Pointer[signature] // nil: there is none

	// renew gets another one. Nil: a person's token, which stays what it is.
	renew func(context.Context) (*signature, error)

	// turn is taken by the one who renews it. The others wait, and share what came
	// of it: failures counts what failed, and failure is the last one.
	turn     chan struct{}
	failures atomic.Int64
	failure  error // for who has the turn
}

// get returns a signature that holds for a while. It waits for a token where
// there is none, until ctx ends. The error is an *Error that is SigningIn, or wraps
// that of the context or the gate.
func (s *signatures) get(ctx context.Context) (*signature, error) {
	if now := s.current.Load(); now != nil && !now.isDue() {
		return now, nil
	}
	failures := s.failures.Load()
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if now := s.current.Load(); now != nil && !now.isDue() {
		return now, nil
	}
	if s.failures.Load() != failures {
		return nil, s.failure // as it just happened to who had the turn before
	}
	renewed, err := s.renew(ctx)
	if err != nil {
		// What only ended with its own context is no news to the others.
		if e := (*Error)(nil); errors.As(err, &e) {
			s.failure = err
			s.failures.Add(1)
		}
		return nil, err
	}
	s.current.Store(renewed)
	return renewed, nil
}

// refused takes note that the server did not accept a signature, and tells
// whether there can be another one.
func (s *signatures) refused(one *signature) bool {
	if s.renew == nil {
		return false
	}
	s.current.CompareAndSwap(one, nil) // unless it was renewed meanwhile
	return true
}
