package sandbox

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	goodForm  = "grant_type=client_credentials&client_id=7&client_secret=s%2Fs"
	formType  = "application/x-www-form-urlencoded"
	userToken = "/api/applications/acme/users/Member.Two%40acme.com/token"
)

var acmeClients = []Client{{"6", "other"}, {"7", "s/s"}}

// signIn sends a form as x/oauth2 does, with none of the API's own headers.
func (h host) signIn(form string) answer {
	h.t.Helper()
	r := h.request("POST", "/oauth/token", form)
	r.Header = http.Header{"Content-Type": {formType}}
	return h.send(r)
}

// as makes a call with another token than the usual one.
func (h host) as(token, method, path string) answer {
	h.t.Helper()
	r := h.request(method, path, "")
	r.Header.Set("Authorization", "Bearer "+token)
	return h.send(r)
}

// token returns the token of an answer that has to have one.
func (a answer) token(t *testing.T) string {
	t.Helper()
	wantStatus(t, a, 200)
	token, _ := a.json(t)["access_token"].(string)
	if token == "" {
		t.Fatalf("no token in %s", a.text)
	}
	return token
}

func TestApplicationToken(t *testing.T) {
	const (
		unsupported = `{"error":"unsupported_grant_type","error_description":"The authorization grant type is not supported by the authorization server.",` +
			`"hint":"Check that all required parameters have been provided","message":"The authorization grant type is not supported by the authorization server."}`
		stranger = `{"error":"invalid_client","error_description":"Client authentication failed","message":"Client authentication failed"}`
		noID     = `{"error":"invalid_request","error_description":"The request is missing a required parameter or has an invalid one.",` +
			`"hint":"Check the ` + "`client_id`" + ` parameter","message":"The request is missing a required parameter or has an invalid one."}`
		asJSON = `{"grant_type":"client_credentials","client_id":7,"client_secret":"s/s"}`
		grant  = "grant_type=client_credentials"
	)
	tests := []struct {
		name, path, contentType, body, basicID, basicSecret string
		status                                              int
		refusal                                             string
	}{
		{"form", "/oauth/token", formType, goodForm, "", "", 200, ""},
		{"below the API", "/api/oauth/token", formType, goodForm, "", "", 200, ""},
		{"with a scope and a charset", "/oauth/token", formType + "; charset=UTF-8", goodForm + "&scope=*", "", "", 200, ""},
		{"basic authentication", "/oauth/token", formType, grant, "7", "s/s", 200, ""},
		{"the body wins over the header", "/oauth/token", formType, goodForm, "7", "wrong", 200, ""},
		{"JSON", "/oauth/token", "application/json", asJSON, "", "", 400, unsupported},
		{"a form sent as JSON", "/oauth/token", "application/json", goodForm, "", "", 400, unsupported},
		{"in the query", "/oauth/token?" + goodForm, formType, "", "", "", 400, unsupported},
		{"another grant", "/oauth/token", formType, "grant_type=password&client_id=7&client_secret=s%2Fs", "", "", 400, unsupported},
		{"no client", "/oauth/token", formType, grant, "", "", 400, noID},
		{"unknown client", "/oauth/token", formType, grant + "&client_id=8&client_secret=s%2Fs", "", "", 401, stranger},
		{"the secret of another client", "/oauth/token", formType, grant + "&client_id=7&client_secret=other", "", "", 401, stranger},
		{"no secret", "/oauth/token", formType, grant + "&client_id=7", "", "", 401, stranger},
		{"basic authentication, escaped", "/oauth/token", formType, grant, "7", "s%2Fs", 401, stranger},
	}
	h := serve(t, Options{Clients: acmeClients})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := h.request("POST", tt.path, tt.body)
			r.Header = http.Header{"Content-Type": {tt.contentType}}
			if tt.basicID != "" {
				r.SetBasicAuth(tt.basicID, tt.basicSecret)
			}
			a := h.send(r)
			wantStatus(t, a, tt.status)
			if tt.status != 200 {
				wantJSON(t, a, tt.refusal)
				if asked := a.header.Get("WWW-Authenticate") != ""; asked != (tt.status == 401 && tt.basicID != "") {
					t.Errorf("asked for basic authentication: %v", asked)
				}
				return
			}
			token := a.token(t)
			wantJSON(t, a, `{"token_type":"Bearer","expires_in":604800,"access_token":"`+token+`"}`)
			if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Type") != "application/json" {
				t.Errorf("header %v", a.header)
			}
			wantStatus(t, h.as(token, "GET", guests), 200)
		})
	}
	wantStatus(t, h.call("GET", "/oauth/token", ""), 405)
	wantStatus(t, h.call("POST", "/oauth/tokens", ""), 404)
}

func TestAnyClientWhereNoneIsSet(t *testing.T) {
	tests := []struct {
		name, form string
		status     int
	}{
		{"a number and a secret", "&client_id=12&client_secret=x", 200},
		{"no number", "&client_id=1x&client_secret=x", 401},
		{"no secret", "&client_id=12&client_secret=", 401},
	}
	h := serve(t, Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantStatus(t, h.signIn("grant_type=client_credentials"+tt.form), tt.status)
		})
	}
}

func TestTokensDiffer(t *testing.T) {
	h := serve(t, Options{})
	first, second := h.signIn(goodForm).token(t), h.signIn(goodForm).token(t)
	if first == second {
		t.Error("the same token twice")
	}
	wantStatus(t, h.as(first, "GET", guests), 200) // a new one does not end an older one
}

func TestUserToken(t *testing.T) {
	h := serve(t, Options{Org: "acme", Token: "personal"})
	application := h.signIn(goodForm).token(t)
	user := h.as(application, "POST", userToken).token(t)
	const (
		noUser = `{"error":true,"code":"RESOURCE_NOT_FOUND","message":"The user was not found."}`
		noOrg  = `{"error":true,"code":"RESOURCE_NOT_FOUND","message":"The organization was not found."}`
		person = `{"message":"Only an application token can be exchanged for a user token."}`
	)
	tests := []struct {
		name, token, path string
		status            int
		refusal           string
	}{
		{"a member", application, userToken, 200, ""},
		{"outside the API's prefix", application, strings.TrimPrefix(userToken, "/api"), 200, ""},
		{"no member", application, "/api/applications/acme/users/nobody%40acme.com/token", 404, noUser},
		{"another organization", application, "/api/applications/other/users/member.two%40acme.com/token", 404, noOrg},
		{"with a user token", user, userToken, 403, person},
		{"with a personal token", "personal", userToken, 403, person},
		{"with a token nobody has", "x", userToken, 401, `{"message":"Unauthenticated."}`},
		{"at a wrong address", application, "/api/organizations/acme/users/member.two%40acme.com/token", 404, noSuchEndpoint},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := h.as(tt.token, "POST", tt.path)
			wantStatus(t, a, tt.status)
			if tt.status != 200 {
				wantJSON(t, a, tt.refusal)
				return
			}
			token := a.token(t)
			wantJSON(t, a, `{"token_type":"Bearer","expires_in":7776000,"access_token":"`+token+`"}`)
			if a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("header %v", a.header)
			}
			wantStatus(t, h.as(token, "GET", guests), 200)
		})
	}
	r := h.request("POST", userToken, "")
	r.Header.Set("Authorization", "Bearer "+application)
	r.Header.Del("X-Tallyfy-Client")
	wantStatus(t, h.send(r), 404) // this one needs the usual headers
}

func TestUsersActInTheirOwnName(t *testing.T) {
	h := serve(t, Options{})
	application := h.signIn(goodForm).token(t)
	user := h.as(application, "POST", userToken).token(t)
	for token, member := range map[string]string{application: "1001", user: "1002", "personal": "1001"} {
		h.Put(Guest{Email: "a@b.com"})
		wantStatus(t, h.as(token, "DELETE", guests+"/a%40b.com/disable"), 200)
		if g, _ := h.Guest("a@b.com"); g.Fields["disabled_by"] != member {
			t.Errorf("disabled by %s, want %s", g.Fields["disabled_by"], member)
		}
		wantStatus(t, h.as(token, "PUT", guests+"/a%40b.com/enable"), 200)
		if g, _ := h.Guest("a@b.com"); g.Fields["reactivated_by"] != member {
			t.Errorf("enabled by %s, want %s", g.Fields["reactivated_by"], member)
		}
	}
}

func TestUserContext(t *testing.T) {
	h := serve(t, Options{UserContext: true})
	h.Put(Guest{Email: "a@b.com"})
	application := h.signIn(goodForm).token(t)
	const refusal = `{"message":"This call needs user context: exchange the application token for a user token."}`
	for _, call := range [][2]string{
		{"GET", guests},
		{"GET", guests + "/a%40b.com"},
		{"POST", guests},
		{"PUT", guests + "/a%40b.com"},
		{"DELETE", guests + "/a%40b.com"},
		{"DELETE", guests + "/a%40b.com/disable"},
		{"PUT", guests + "/a%40b.com/enable"},
		{"GET", "/api/organizations/acme/users"},
	} {
		a := h.as(application, call[0], call[1])
		wantStatus(t, a, 403)
		wantJSON(t, a, refusal)
	}
	for _, class := range groups["write"] {
		if admitted, _ := h.Changes(class, "a@b.com"); admitted != 0 {
			t.Errorf("a refused %s was admitted", class)
		}
	}
	user := h.as(application, "POST", userToken).token(t)
	wantStatus(t, h.as(user, "GET", guests), 200)
	wantStatus(t, h.as("personal", "GET", guests), 200)
}

// Which tokens are let in, by what is set.
func TestWhoIsLetIn(t *testing.T) {
	tests := []struct {
		name                      string
		o                         Options
		personal, other, atSignIn int
	}{
		{"nothing set", Options{}, 200, 200, 200},
		{"a personal token", Options{Token: "personal"}, 200, 401, 200},
		{"clients", Options{Clients: acmeClients}, 401, 401, 200},
		{"both", Options{Token: "personal", Clients: acmeClients}, 200, 401, 200},
		{"another client", Options{Clients: acmeClients[:1]}, 401, 401, 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := serve(t, tt.o)
			wantStatus(t, h.as("personal", "GET", guests), tt.personal)
			wantStatus(t, h.as("other", "GET", guests), tt.other)
			a := h.signIn(goodForm)
			wantStatus(t, a, tt.atSignIn)
			if a.status == 200 {
				wantStatus(t, h.as(a.token(t), "GET", guests), 200)
			}
		})
	}
}

func TestTokensEnd(t *testing.T) {
	tests := []struct {
		name              string
		o                 Options
		application, user time.Duration
		seconds           [2]string // told of the two
	}{
		{"as documented", Options{}, 7 * 24 * time.Hour, 90 * 24 * time.Hour, [2]string{"604800", "7776000"}},
		{"as told", Options{TokenLife: time.Minute, UserTokenLife: 2500 * time.Millisecond}, time.Minute, 2500 * time.Millisecond, [2]string{"60", "2"}},
		{"where only issued tokens are let in", Options{Clients: acmeClients, TokenLife: time.Hour}, time.Hour, 90 * 24 * time.Hour, [2]string{"3600", "7776000"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &clock{noon}
			tt.o.Now = c.Now
			h := serve(t, tt.o)
			a := h.signIn(goodForm)
			application := a.token(t)
			b := h.as(application, "POST", userToken)
			user := b.token(t)
			for i, one := range []answer{a, b} {
				if told := one.text; !strings.Contains(told, `"expires_in":`+tt.seconds[i]+",") {
					t.Errorf("told %s, want %s seconds", told, tt.seconds[i])
				}
			}
			for _, one := range []struct {
				token string
				life  time.Duration
			}{{user, tt.user}, {application, tt.application}} {
				c.now = noon.Add(one.life - time.Nanosecond)
				wantStatus(t, h.as(one.token, "GET", guests), 200)
				c.now = noon.Add(one.life)
				ended := h.as(one.token, "GET", guests)
				wantStatus(t, ended, 401)
				wantJSON(t, ended, `{"message":"Unauthenticated."}`)
			}
			wantStatus(t, h.as(application, "POST", userToken), 401) // an ended token gets no other one
		})
	}
}

func TestTokensDie(t *testing.T) {
	type let struct{ application, user, personal int }
	tests := []struct {
		name string
		o    Options
		act  func(*Sandbox)
		want let
	}{
		{"killed", Options{Token: "personal"}, (*Sandbox).KillTokens, let{401, 401, 401}},
		{"killed where any token is accepted", Options{}, (*Sandbox).KillTokens, let{401, 401, 401}},
		{"the owner logged out", Options{Token: "personal"}, (*Sandbox).LogOut, let{200, 401, 401}},
		{"the owner logged out where any token is accepted", Options{}, (*Sandbox).LogOut, let{200, 401, 401}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := serve(t, tt.o)
			application := h.signIn(goodForm).token(t)
			user := h.as(application, "POST", userToken).token(t)
			wantStatus(t, h.as("personal", "GET", guests), 200)
			tt.act(h.Sandbox)
			got := let{
				h.as(application, "GET", guests).status,
				h.as(user, "GET", guests).status,
				h.as("personal", "GET", guests).status,
			}
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			fresh := h.signIn(goodForm).token(t)
			wantStatus(t, h.as(h.as(fresh, "POST", userToken).token(t), "GET", guests), 200)
		})
	}
}

func TestSignInIsCountedApart(t *testing.T) {
	h := serve(t, Options{
		Limits: []Limit{{"all", 1, time.Hour}, {"", 1, time.Hour}, {"token", 2, time.Hour}, {"user-token", 1, time.Hour}},
		Faults: []Fault{{Kind: ServerError, Percent: 100}},
	})
	application := h.signIn(goodForm).token(t) // neither the limits nor the faults of all calls are for signing in
	wantStatus(t, h.signIn("grant_type=client_credentials&client_id=7"), 401)
	a := h.signIn(goodForm)
	wantStatus(t, a, 429) // a refused client counts: nobody shall try out secrets
	wantHeaders(t, a.header, "2", "0", "3600")
	h.as(application, "POST", userToken).token(t)
	wantStatus(t, h.as(application, "POST", userToken), 429)
	wantStatus(t, h.as(application, "GET", guests), 500)
	wantStatus(t, h.as(application, "GET", guests), 429)
	calls := h.Calls()
	for class, want := range map[string]map[int]int{
		"token": {200: 1, 401: 1, 429: 1}, "user-token": {200: 1, 429: 1}, "list": {500: 1, 429: 1},
	} {
		for status, n := range want {
			if calls[class][status] != n {
				t.Errorf("%d calls of %s answered %d, want %d", calls[class][status], class, status, n)
			}
		}
	}
}

func TestFaultsOfSignIn(t *testing.T) {
	h := serve(t, Options{Clients: acmeClients, Faults: []Fault{{Kind: ServerError, Percent: 100, Class: "token"}}})
	wantStatus(t, h.signIn(goodForm), 500)
	h = serve(t, Options{Faults: []Fault{{Kind: Unavailable, Percent: 100, Class: "sign-in"}}})
	wantStatus(t, h.signIn(goodForm), 503)
	wantStatus(t, h.as("any", "POST", userToken), 503)
	wantStatus(t, h.as("any", "GET", guests), 200)
}
