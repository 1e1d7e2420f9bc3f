package cli

import (
	"context"
	"fmt"
	"strings"

	"guestlist/tallyfy"
)

// level is where something stands. What has the lower one counts.
type level int

const (
	onCommandLine level = iota
	inEnvironment
	inProfile
)

// What a secret is.
const (
	accessToken  = "access token"
	clientID     = "client id"
	clientSecret = "client secret"
)

// secret is one that is set somewhere, readable or not. Its zero value is none.
type secret struct {
	kind  string // accessToken, clientID or clientSecret
	level level
	name  string // of the flag or variable, or "profile NAME"
	file  string // that holds it; empty: value does
	value string
}

// signIn is a way to sign in: by a token, or as an application. Its zero value is
// none.
type signIn struct {
	token    secret
	id, pass secret
}

// tokens returns where an access token is set. The first one counts.
func (s *settings) tokens(a *app) []secret {
	return areSet(accessToken,
		secret{level: onCommandLine, name: "--token-file", file: s.tokenFile},
		secret{level: inEnvironment, name: "TALLYFY_ACCESS_TOKEN", value: a.getenv("TALLYFY_ACCESS_TOKEN")},
		secret{level: inEnvironment, name: "TALLYFY_TOKEN_FILE", file: a.getenv("TALLYFY_TOKEN_FILE")},
		secret{level: inEnvironment, name: "TALLYFY_API_TOKEN", value: a.getenv("TALLYFY_API_TOKEN")},
		secret{level: inProfile, name: s.profileOrigin(), file: s.chosen.TokenFile},
	)
}

// clientIDs returns where the id of client credentials is set. The first one
// counts.
func (s *settings) clientIDs(a *app) []secret {
	return areSet(clientID,
		secret{level: onCommandLine, name: "--client-id-file", file: s.clientIDFile},
		secret{level: inEnvironment, name: "TALLYFY_CLIENT_ID", value: a.getenv("TALLYFY_CLIENT_ID")},
		secret{level: inEnvironment, name: "TALLYFY_CLIENT_ID_FILE", file: a.getenv("TALLYFY_CLIENT_ID_FILE")},
		secret{level: inProfile, name: s.profileOrigin(), value: s.chosen.ClientID},
		secret{level: inProfile, name: s.profileOrigin(), file: s.chosen.ClientIDFile},
	)
}

// clientSecrets returns where the secret of client credentials is set. The first
// one counts.
func (s *settings) clientSecrets(a *app) []secret {
	return areSet(clientSecret,
		secret{level: onCommandLine, name: "--client-secret-file", file: s.clientSecretFile},
		secret{level: inEnvironment, name: "TALLYFY_CLIENT_SECRET", value: a.getenv("TALLYFY_CLIENT_SECRET")},
		secret{level: inEnvironment, name: "TALLYFY_CLIENT_SECRET_FILE", file: a.getenv("TALLYFY_CLIENT_SECRET_FILE")},
		secret{level: inProfile, name: s.profileOrigin(), file: s.chosen.ClientSecretFile},
	)
}

// areSet keeps those that are set.
func areSet(kind string, places ...secret) (set []secret) {
	for _, place := range places {
		place.kind, place.value = kind, strings.TrimSpace(place.value)
		if place.file != "" || place.value != "" {
			set = append(set, place)
		}
	}
	return set
}

// hasToken tells whether there is anything to sign in with, readable or not.
func (s *settings) hasToken(a *app) bool {
	return len(s.tokens(a))+len(s.clientIDs(a))+len(s.clientSecrets(a)) > 0
}

// findWay returns the way to sign in that counts: what stands nearer to the
// command line, and of the same level a token before client credentials. Each half
// of those may stand somewhere else.
func (s *settings) findWay(a *app) (way signIn, err error) {
	tokens, ids, passes := s.tokens(a), s.clientIDs(a), s.clientSecrets(a)
	halves := append(ids[:len(ids):len(ids)], passes...)
	if len(tokens) > 0 && !nearer(halves, tokens[0].level) {
		way.token = tokens[0]
		return way, s.checkAsUser(way, len(halves) > 0)
	}
	switch {
	case len(halves) == 0:
		return way, s.checkAsUser(way, false)
	case len(passes) == 0:
		return way, hinted{fmt.Errorf("there is a client id (%s), but no client secret", ids[0].name), "set TALLYFY_CLIENT_SECRET, or --client-secret-file FILE, or client_secret_file in a profile"}
	case len(ids) == 0:
		return way, hinted{fmt.Errorf("there is a client secret (%s), but no client id", passes[0].name), "set TALLYFY_CLIENT_ID, or --client-id-file FILE, or client_id in a profile"}
	}
	way.id, way.pass = ids[0], passes[0]
	return way, nil
}

// nearer tells whether one of them stands nearer to the command line than that.
func nearer(secrets []secret, than level) bool {
	for _, one := range secrets {
		if one.level < than {
			return true
		}
	}
	return false
}

// checkAsUser refuses to act as somebody without client credentials. Where there
// are some and a token counts before them, only the flag speaks of this very run.
func (s *settings) checkAsUser(way signIn, credentials bool) error {
	name := s.named("as-user")
	switch {
	case s.asUser == "":
		return nil
	case credentials && s.origin["as-user"] == "--as-user":
		return hinted{fmt.Errorf("--as-user is for client credentials, and the token of %s counts before them", way.token.name), "leave one of them out"}
	case credentials:
		return nil
	case way.token.name != "":
		return hinted{fmt.Errorf("%s is for client credentials, and there are none: a token acts as its owner", name), "set TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET, or leave it out"}
	}
	return hinted{fmt.Errorf("%s is for client credentials, and there are none", name), "set TALLYFY_CLIENT_ID and TALLYFY_CLIENT_SECRET, or --client-id-file and --client-secret-file"}
}

// signInto reads what there is to sign in with into the client's configuration.
func (s *settings) signInto(ctx context.Context, config *tallyfy.Config) (err error) {
	switch {
	case s.way == signIn{}:
		return hinted{errNoToken, "make one in Tallyfy under Settings > Integrations > REST API, then: export TALLYFY_ACCESS_TOKEN=…, or --token-file FILE"}
	case s.way.token != secret{}:
		config.Token, err = s.way.token.read(ctx)
		return err
	}
	app := &tallyfy.Application{TokenURL: s.tokenURL, AsUser: s.asUser, MaxWait: s.longestWait}
	if app.ID, err = s.way.id.read(ctx); err != nil {
		return err
	}
	if app.Secret, err = s.way.pass.read(ctx); err != nil {
		return err
	}
	config.Application = app
	return nil
}
