package tallyfy

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// DefaultTokenURL is where the newest documentation has applications sign in.
const DefaultTokenURL = "https://go.tallyfy.com/oauth/token"

// tokenURLs are all that the documentation has named at one time or another.
func tokenURLs() []string {
	return []string{DefaultTokenURL, "https://account.tallyfy.com/oauth/token", "https://go.tallyfy.com/api/oauth/token"}
}

// wrongAddress says what to try when nobody gives tokens at an address.
func (t *tokens) wrongAddress() string {
	others := slices.DeleteFunc(tokenURLs(), func(s string) bool { return s == t.config.TokenURL })
	return "nobody signs in at this token URL: try --token-url " + strings.Join(others, " or ")
}

// flag is the one that sets where a call for a token goes.
func (t *tokens) flag(k *call) string {
	if k.address == t.exchange {
		return "--base-url"
	}
	return "--token-url"
}

// about makes the error of a call for a token one of signing in: the call that the
// token was for has not left.
func (t *tokens) about(k *call, a *answer, e *Error) {
	e.signIn, e.final, e.Sent = true, e.Status != 0 && !e.passing(), false
	if !e.final || e.Err != nil {
		return
	}
	for m := range members(a.body) {
		if string(m.key) == "error" && m.value[0] == '"' {
			e.Code = t.c.clean(text(m.value)) // as OAuth has it
		}
	}
	said := cmp.Or(e.FieldText(), e.Message)
	e.Fields = nil
	switch {
	case e.Status/100 == 3:
		e.Message = "the server redirected the call: check " + t.flag(k) + ", and that no proxy asks for a login"
	case k.address != t.exchange && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed):
		e.Message = t.wrongAddress()
	case errors.Is(a.checkJSON(), errPage):
		e.Message = t.page(k)
	case k.address == t.exchange:
		e.Message = refusedUser(e, said)
	default:
		e.Message = t.refusedClient(e, said)
	}
}

func (t *tokens) page(k *call) string {
	return "the server answered with a web page instead of a token: check " + t.flag(k) + ", and that no proxy or login page stands in between"
}

// refusedClient says why an application got no token, with what the server said
// where only that tells.
func (t *tokens) refusedClient(e *Error, said string) string {
	if e.Status != http.StatusUnauthorized && e.Code != "invalid_client" {
		return before(said) + "check the client id, the client secret and --token-url, and ask Tallyfy whether the application may use client credentials"
	}
	way := "the application is not accepted: check the client id and the client secret"
	if strings.Trim(t.config.ClientID, "0123456789") != "" {
		way += " (Tallyfy's client ids are numbers)"
	}
	return way
}

// refusedUser says why an application got no token of a member.
func refusedUser(e *Error, said string) string {
	switch {
	case e.Status == http.StatusNotFound && e.json && e.Code != "ENDPOINT_NOT_FOUND":
		return "nobody with that email is a member of the organization: check the email and the organization's id"
	case e.Status == http.StatusNotFound, e.Status == http.StatusMethodNotAllowed:
		return "the server gives no tokens of members: check --base-url"
	case e.Status == http.StatusUnauthorized:
		return "the application's token is not accepted there: check that --token-url and --base-url belong together"
	case e.Status == http.StatusForbidden:
		return before(said) + "the application may not act for that member: ask Tallyfy, or sign in as somebody else"
	}
	return before(said) + "check the email to sign in as"
}

// before makes what the server said the first half of a message.
func before(said string) string {
	if said == "" {
		return ""
	}
	return said + "; "
}

// unreadable is the error of a success that holds no token. To ask again would
// not help: what answers is something else.
func (t *tokens) unreadable(k *call, a *answer) *Error {
	if errors.Is(a.checkJSON(), errPage) {
		return refused(k, a, t.page(k))
	}
	return refused(k, a, "the answer holds no token that can be understood: check "+t.flag(k))
}

// refused is the error of an answer that is of no use.
func refused(k *call, a *answer, why string) *Error {
	return &Error{Op: k.op, Status: a.status, Message: why, signIn: true, final: true}
}
