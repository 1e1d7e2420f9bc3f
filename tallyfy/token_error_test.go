package tallyfy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// Whatever an application is refused for, the call that needed the token has not
// left, the run is over, and the text says what to check.
func TestRefusedSignIns(t *testing.T) {
	const page = "<!DOCTYPE html><html><title>" + testToken + "</title></html>"
	const client = "check the client id, the client secret and --token-url, and ask Tallyfy whether the application may use client credentials"
	const pageOf = "the server answered with a web page instead of a token: check %s, and that no proxy or login page stands in between"
	const redirected = "the server redirected the call: check %s, and that no proxy asks for a login"
	const noToken = "the answer holds no token that can be understood: check "
	const passport = `{"error":"invalid_client","error_description":"Client authentication failed","message":"Client authentication failed"}`
	tests := []struct {
		name         string
		answer       transport
		client, user string // what is said when it answers the application, and when it answers the exchange; empty: not tried
	}{
		{
			"the secret is wrong", always(401, passport),
			"the application is not accepted: check the client id and the client secret (HTTP 401, invalid_client)",
			"the application's token is not accepted there: check that --token-url and --base-url belong together (HTTP 401, invalid_client)",
		},
		{
			"the secret is wrong, with 400", always(400, passport, "Content-Type: text/html"),
			"the application is not accepted: check the client id and the client secret (HTTP 400, invalid_client)", "",
		},
		{
			"401 without a word", always(401, ``),
			"the application is not accepted: check the client id and the client secret (HTTP 401)", "",
		},
		{
			"the kind of sign-in is refused", always(400, `{"error":"unsupported_grant_type","message":"The grant type is not supported."}`),
			"The grant type is not supported.; " + client + " (HTTP 400, unsupported_grant_type)", "",
		},
		{"refused with nothing but a code", always(400, `{"error":"invalid_scope"}`), "invalid_scope; " + client + " (HTTP 400, invalid_scope)", ""},
		{"refused without a word", always(400, `{}`), client + " (HTTP 400)", "check the email to sign in as (HTTP 400)"},
		{
			"a field is refused", always(422, `{"message":"Invalid.","errors":{"email":["Not active."]}}`),
			"email: Not active.; " + client + " (HTTP 422)", "email: Not active.; check the email to sign in as (HTTP 422)",
		},
		{
			"forbidden", always(403, `{"message":"No."}`),
			"No.; " + client + " (HTTP 403)",
			"No.; the application may not act for that member: ask Tallyfy, or sign in as somebody else (HTTP 403)",
		},
		{
			"not found", always(404, `{"error":true,"code":"RESOURCE_NOT_FOUND","message":"The user was not found."}`),
			"nobody signs in at this token URL: try --token-url %s or %s or %s (HTTP 404, RESOURCE_NOT_FOUND)",
			"nobody with that email is a member of the organization: check the email and the organization's id (HTTP 404, RESOURCE_NOT_FOUND)",
		},
		{
			"no such call", always(404, `{"error":true,"code":"ENDPOINT_NOT_FOUND","message":"No endpoint."}`),
			"nobody signs in at this token URL: try --token-url %s or %s or %s (HTTP 404, ENDPOINT_NOT_FOUND)",
			"the server gives no tokens of members: check --base-url (HTTP 404, ENDPOINT_NOT_FOUND)",
		},
		{
			"404 of a web server", always(404, page),
			"nobody signs in at this token URL: try --token-url %s or %s or %s (HTTP 404)",
			fmt.Sprintf(pageOf, "--base-url") + " (HTTP 404)",
		},
		{
			"the method is not allowed", always(405, `{}`),
			"nobody signs in at this token URL: try --token-url %s or %s or %s (HTTP 405)",
			"the server gives no tokens of members: check --base-url (HTTP 405)",
		},
		{"a page with success", always(200, page), fmt.Sprintf(pageOf, "--token-url") + " (HTTP 200)", fmt.Sprintf(pageOf, "--base-url") + " (HTTP 200)"},
		{"a page with 403", always(403, page), fmt.Sprintf(pageOf, "--token-url") + " (HTTP 403)", fmt.Sprintf(pageOf, "--base-url") + " (HTTP 403)"},
		{
			"a redirect", always(302, page, "Location: https://a.com/login?t="+testToken),
			fmt.Sprintf(redirected, "--token-url") + " (HTTP 302)", fmt.Sprintf(redirected, "--base-url") + " (HTTP 302)",
		},
		{"no body", always(200, ``), noToken + "--token-url (HTTP 200)", noToken + "--base-url (HTTP 200)"},
		{"no content", always(204, ``), noToken + "--token-url (HTTP 204)", noToken + "--base-url (HTTP 204)"},
		{"no token", always(200, `{"token_type":"Bearer","expires_in":604800}`), noToken + "--token-url (HTTP 200)", noToken + "--base-url (HTTP 200)"},
		{"a token that is no text", always(200, `{"access_token":{"x":1}}`), noToken + "--token-url (HTTP 200)", noToken + "--base-url (HTTP 200)"},
		{"a life that is no number", always(200, `{"access_token":"abc","expires_in":"soon"}`), noToken + "--token-url (HTTP 200)", noToken + "--base-url (HTTP 200)"},
		{"an error with success", always(200, passport), noToken + "--token-url (HTTP 200)", noToken + "--base-url (HTTP 200)"},
		{"something else", always(200, `["`+testToken+`"]`), noToken + "--token-url (HTTP 200)", noToken + "--base-url (HTTP 200)"},
		{
			"too long an answer", always(200, strings.Repeat(" ", mostOfToken+1)),
			"the answer is too large: more than 64 KiB (HTTP 200)", "the answer is too large: more than 64 KiB (HTTP 200)",
		},
		{
			"a token with a line break", always(200, `{"access_token":"`+testToken+`\r\nX: y"}`),
			"the server's token holds a character that no token has (HTTP 200)", "the server's token holds a character that no token has (HTTP 200)",
		},
		{
			"the token and the secret in a text", always(400, `{"message":"`+testSecret+` and token-that-must-not-be-seen%2Bsecret"}`),
			"(token) and (token); " + client + " (HTTP 400)", "(token) and (token); check the email to sign in as (HTTP 400)",
		},
		{"the application's token in a text", always(422, `{"message":"bad `+testToken+`-application-1"}`), "", "bad (token); check the email to sign in as (HTTP 422)"},
	}
	for _, tt := range tests {
		for _, of := range []struct{ op, want string }{{"sign in: ", tt.client}, {"sign in as boss@acme.com: ", tt.user}} {
			if of.want == "" {
				continue
			}
			t.Run(tt.name+", "+of.op, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &authority{sign: tt.answer}
					if of.op != "sign in: " {
						s.sign, s.exchange = nil, tt.answer
					}
					c := s.application(t, Config{Application: &Application{AsUser: "boss@acme.com"}})
					e := asError(t, create(background, c, func() error {
						t.Error("the call is about to leave")
						return nil
					}))
					if answers(e) != "unauthenticated" || !e.SigningIn() || e.PersonalToken() || e.Sent || s.calls > 0 {
						t.Errorf("it is %q: %#v", answers(e), e)
					}
					want := of.op + of.want
					if strings.Contains(want, "%s") {
						want = fmt.Sprintf(want, "https://go.tallyfy.com/oauth/token", "https://account.tallyfy.com/oauth/token", "https://go.tallyfy.com/api/oauth/token")
					} else {
						checkSecrets(t, e)
					}
					if diff := cmp.Diff(want, e.Error()); diff != "" {
						t.Errorf("(-want +got)\n%s", diff)
					}
					if s.signs+s.exchanges > 2 {
						t.Errorf("asked %d times", s.signs+s.exchanges)
					}
				})
			})
		}
	}
}

func TestOtherTokenURLsAreNamed(t *testing.T) {
	tests := []struct{ name, at, want string }{
		{"the first", "", "try --token-url https://account.tallyfy.com/oauth/token or https://go.tallyfy.com/api/oauth/token"},
		{"another", "https://account.tallyfy.com/oauth/token", "try --token-url https://go.tallyfy.com/oauth/token or https://go.tallyfy.com/api/oauth/token"},
	}
	for _, tt := range tests {
		asked := ""
		c := newClient(t, Config{Application: &Application{TokenURL: tt.at, ID: "42", Secret: testSecret}, Transport: transport(func(r *http.Request) (*http.Response, error) {
			asked = r.URL.String()
			return reply(404, `{}`)
		})})
		if err := get(background, c); !strings.HasSuffix(err.Error(), tt.want+" (HTTP 404)") {
			t.Errorf("%s: got %v", tt.name, err)
		}
		if want := tt.at; asked != want && (want != "" || asked != DefaultTokenURL) {
			t.Errorf("%s: asked %s", tt.name, asked)
		}
	}
}

func TestClientIDsAreNumbers(t *testing.T) {
	s := &authority{sign: always(401, `{"error":"invalid_client"}`)}
	c := s.application(t, Config{Application: &Application{ID: "my-app"}})
	if err := get(background, c); !strings.Contains(err.Error(), "(Tallyfy's client ids are numbers)") {
		t.Errorf("got %v", err)
	}
}

// A server that repeats tokens, the one of the call and those before, is not
// repeated.
func TestErrorsRepeatNoTokenThatThereWas(t *testing.T) {
	s := &authority{}
	c := s.application(t, Config{Application: &Application{AsUser: "boss@acme.com"}})
	for range 3 {
		if err := get(background, c); err != nil {
			t.Fatal(err)
		}
		s.kill()
	}
	var all []string
	for i := range 6 {
		all = append(all, fmt.Sprintf("%s-%s-%d", testToken, []string{"application", "member"}[i%2], i+1))
	}
	s.api = always(403, `{"message":"`+strings.Join(all, " ")+` `+testSecret+`"}`)
	err := get(background, c)
	checkSecrets(t, err)
	if want := "get guest anna@b.com: (token) (token) (token) (token) (token) (token) (token) (HTTP 403)"; err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestSecretsAreKeptWithinBounds(t *testing.T) {
	s := secrets{given: []string{"the first secret"}}
	for i := range 1000 {
		s.add(fmt.Sprintf("token %04d", i))
	}
	if got := s.hide("the first secret, token 0999, token 0900"); got != "(token), (token), (token)" || len(s.tokens) != 100 {
		t.Errorf("%d are kept: %s", len(s.tokens), got)
	}
}
