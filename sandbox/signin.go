package sandbox

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The documented lives of tokens.
const (
	applicationTokenLife = 604800 * time.Second
	userTokenLife        = 7776000 * time.Second
)

// Client is an application that may sign in by itself.
type Client struct {
	ID     string // digits
	Secret string
}

// credential is who a bearer token speaks for. It never changes.
type credential struct {
	application bool      // of a client, no member
	member      string    // id of the member; an application acts as the first one
	ends        time.Time // zero: never by itself
}

// newToken enters and returns a token that nobody has yet. Its beginning tells a reader of a test's output what it is.
func (s *Sandbox) newToken(begins string, c credential) string {
	random := make([]byte, 24)
	for i := range random {
		random[i] = byte(s.tokenChance.Uint32())
	}
	token := begins + hex.EncodeToString(random)
	s.tokens[token] = &c
	return token
}

// authorize returns whom the header speaks for, nil for nobody.
func (s *Sandbox) authorize(header string) *credential {
	token, bearer := strings.CutPrefix(header, "Bearer ")
	if !bearer || token == "" {
		return nil
	}
	c, known := s.tokens[token]
	if !known && s.opt.Token == "" && len(s.opt.Clients) == 0 {
		c = &credential{member: s.members.actor()}
		s.tokens[token] = c
	}
	if c == nil || !c.ends.IsZero() && !s.opt.Now().Before(c.ends) {
		return nil
	}
	return c
}

// KillTokens ends all tokens that are in use: those issued until now, Options.Token and, where any token is accepted, every
// one that came so far. New ones can be issued.
func (s *Sandbox) KillTokens() {
	s.kill(func(*credential) bool { return true })
}

// LogOut ends the tokens that [Sandbox.KillTokens] ends but those of applications: personal tokens and user tokens die when
// their owner logs out of the web application.
func (s *Sandbox) LogOut() {
	s.kill(func(c *credential) bool { return !c.application })
}

func (s *Sandbox) kill(dies func(*credential) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, c := range s.tokens {
		if c != nil && dies(c) {
			s.tokens[token] = nil
		}
	}
}

// issued is an answer with a token, in the order in which the server writes it.
type issued struct {
	Type    string `json:"token_type"`
	Seconds int64  `json:"expires_in"`
	Token   string `json:"access_token"`
}

func (s *Sandbox) issue(begins string, c credential, life time.Duration) reply {
	c.ends = s.opt.Now().Add(life)
	rep := valueReply(http.StatusOK, issued{"Bearer", int64(life / time.Second), s.newToken(begins, c)})
	rep.add([][2]string{{"Cache-Control", "no-store"}, {"Pragma", "no-cache"}})
	return rep
}

// applicationToken is the work of POST /oauth/token. The credentials may stand in the body or, as they are, in the header
// of HTTP basic authentication; those in the body count.
func (s *Sandbox) applicationToken(r *http.Request, body []byte) reply {
	var in url.Values // stays empty unless the body is a form
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		in, _ = url.ParseQuery(string(body)) // what can be read counts
	}
	if in.Get("grant_type") != "client_credentials" {
		return oauthError(http.StatusBadRequest, "unsupported_grant_type",
			"The authorization grant type is not supported by the authorization server.", "Check that all required parameters have been provided")
	}
	id, secret, basic := r.BasicAuth()
	if in.Has("client_id") {
		id, secret = in.Get("client_id"), in.Get("client_secret")
	}
	switch {
	case id == "":
		return oauthError(http.StatusBadRequest, "invalid_request",
			"The request is missing a required parameter or has an invalid one.", "Check the `client_id` parameter")
	case !s.knownClient(Client{id, secret}):
		rep := oauthError(http.StatusUnauthorized, "invalid_client", "Client authentication failed", "")
		if basic {
			rep.add([][2]string{{"WWW-Authenticate", `Basic realm="OAuth"`}})
		}
		return rep
	}
	return s.issue("sandbox-application-", credential{application: true, member: s.members.actor()}, s.opt.TokenLife)
}

func (s *Sandbox) knownClient(c Client) bool {
	return c.plausible() && (len(s.opt.Clients) == 0 || slices.Contains(s.opt.Clients, c))
}

func (c Client) plausible() bool {
	return c.ID != "" && strings.Trim(c.ID, "0123456789") == "" && c.Secret != ""
}

// oauthError says everything in the words of OAuth and once more in the framework's.
func oauthError(status int, code, text, hint string) reply {
	v := map[string]string{"error": code, "error_description": text, "message": text}
	if hint != "" {
		v["hint"] = hint
	}
	return valueReply(status, v)
}

// userToken is the work of POST /applications/{org}/users/{email}/token.
func (s *Sandbox) userToken(c call) reply {
	if !c.by.application {
		return message(http.StatusForbidden, "Only an application token can be exchanged for a user token.")
	}
	id, there := s.members.emails[c.folded]
	if !there {
		return notFound("RESOURCE_NOT_FOUND", "The user was not found.")
	}
	return s.issue("sandbox-user-", credential{member: id}, s.opt.UserTokenLife)
}
