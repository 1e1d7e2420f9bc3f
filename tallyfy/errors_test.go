package tallyfy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/guest"
)

// answers says how an error answers the questions that callers ask, the true
// ones in order.
func answers(e *Error) string {
	var yes []string
	for _, q := range []struct {
		name  string
		holds bool
	}{
		{"not admitted", e.NotAdmitted()},
		{"fate unknown", e.FateUnknown()},
		{"absent", e.Absent()},
		{"endpoint not found", e.EndpointNotFound()},
		{"unauthenticated", e.Unauthenticated()},
		{"forbidden", e.Forbidden()},
		{"about email", e.AboutEmail()},
	} {
		if q.holds {
			yes = append(yes, q.name)
		}
	}
	return strings.Join(yes, ", ")
}

func TestErrorsOfACreate(t *testing.T) {
	const page = "<!DOCTYPE html><html><title>" + testToken + "</title></html>"
	tests := []struct {
		name    string
		server  transport
		answers string
		text    string // after the operation
	}{
		{"email refused", always(422, `{"error":true,"errors":{"email":["The email belongs to a member."],"timezone":["Bad zone.","Worse."]}}`), "about email", "email: The email belongs to a member.; timezone: Bad zone.; timezone: Worse. (HTTP 422)"},
		{"field refused, as Laravel says it", always(422, `{"message":"The given data was invalid.","errors":{"phone_1":["Too long."]}}`), "", "phone_1: Too long. (HTTP 422)"},
		{"field refused with one text", always(422, `{"errors":{"phone_1":"Too long."}}`), "", "phone_1: Too long. (HTTP 422)"},
		{"refused without fields", always(422, `{"errors":["No.","Never."]}`), "", "No.; Never. (HTTP 422)"},
		{"errors null", always(422, `{"message":"No.","errors":null}`), "", "No. (HTTP 422)"},
		{"refused without a word", always(400, `{}`), "", "the server gave no reason: bad request (HTTP 400)"},
		{"status nobody knows", always(499, ``), "", "the server gave no reason: unknown status (HTTP 499)"},
		{"error as a text", always(400, `{"error":"invalid_request"}`), "", "invalid_request (HTTP 400)"},
		{"unauthenticated", always(401, `{"message":"Unauthenticated."}`), "unauthenticated", "Unauthenticated. (HTTP 401)"},
		{"forbidden", always(403, `{"message":"No permission."}`), "forbidden", "No permission. (HTTP 403)"},
		{"absent", always(404, `{"error":true,"message":"Not found.","code":"RESOURCE_NOT_FOUND"}`), "absent", "Not found. (HTTP 404, RESOURCE_NOT_FOUND)"},
		{"absent without a code", always(404, `{"message":""}`), "absent", "the server gave no reason: not found (HTTP 404)"},
		{"absent without a word", always(404, `{}`), "absent", "the server gave no reason: not found (HTTP 404)"},
		{"endpoint", always(404, `{"error":true,"message":"No endpoint.","code":"ENDPOINT_NOT_FOUND"}`), "endpoint not found", "No endpoint. (HTTP 404, ENDPOINT_NOT_FOUND)"},
		{"404 of a web server", always(404, page), "", errPage.Error() + " (HTTP 404)"},
		{"404 empty", always(404, ``), "", "the server gave no reason: not found (HTTP 404)"},
		{"404 that is no object", always(404, `"no"`), "", "the server gave no reason: not found (HTTP 404)"},
		{"429", always(429, `{"message":"Too Many Attempts."}`), "not admitted", "Too Many Attempts. (HTTP 429)"},
		{"429 with a time", always(429, `{"message":"Slow down."}`, "Retry-After: 90"), "not admitted", "Slow down.; it asks to wait 1m30s (HTTP 429)"},
		{"429 of a proxy", always(429, page, "Retry-After: 90"), "not admitted", errPage.Error() + "; it asks to wait 1m30s (HTTP 429)"},
		{"503 with a time", always(503, `{"message":"Maintenance."}`, "Retry-After: 5"), "not admitted", "Maintenance.; it asks to wait 5s (HTTP 503)"},
		{"503", always(503, `{"message":"Maintenance."}`), "fate unknown", "Maintenance. (HTTP 503)"},
		{"500", always(500, `{"message":"Server Error"}`), "fate unknown", "Server Error (HTTP 500)"},
		{"500 with a time", always(500, `{"message":"Server Error"}`, "Retry-After: 5"), "fate unknown", "Server Error (HTTP 500)"},
		{"502 of a proxy", always(502, page), "fate unknown", "the server is in trouble and answered with a web page (HTTP 502)"},
		{"408", always(408, ``), "fate unknown", "the server gave no reason: request timeout (HTTP 408)"},
		{"success with a web page", always(200, page), "fate unknown", errPage.Error() + " (HTTP 200)"},
		{"success without a body", always(201, ``), "fate unknown", errNoJSON.Error() + " (HTTP 201)"},
		{"success without content", always(204, ``), "fate unknown", errNoJSON.Error() + " (HTTP 204)"},
		{"success without a guest", always(200, `{"error":true}`), "fate unknown", "the answer holds no guest (HTTP 200)"},
		{"half a success", half, "fate unknown", "the connection broke in the middle of the answer (HTTP 200)"},
		{"too large a success", always(200, strings.Repeat(" ", mostOfGuest+1)), "fate unknown", "the answer is too large: more than 1024 KiB (HTTP 200)"},
		{"redirect", always(302, page, "Location: https://a.com/login?token="+testToken), "", "the server redirected the call, which the API never does: check the base URL, and that no proxy asks for a login (HTTP 302)"},
		{"permanent redirect", always(308, ``, "Location: /login"), "", "the server redirected the call, which the API never does: check the base URL, and that no proxy asks for a login (HTTP 308)"},
		{"connection cut", cut, "fate unknown", "the connection broke before the answer came: unexpected EOF"},
		{"no answer", hang, "fate unknown", "no answer within 1m0s"},
		{"control characters", always(400, `{"message":"\u001b[31mred\nline\u202e"}`), "", `\x1b[31mred\nline\u202e (HTTP 400)`},
		{"a long text", always(400, `{"message":"`+strings.Repeat("é", 1000)+`"}`), "", strings.Repeat("é", 300) + "… (HTTP 400)"},
		{"the token and a link", always(400, `{"message":"bad `+testToken+`!","errors":{"link":["see HTTPS://go.tallyfy.com/guest/abc?x=1 now"]}}`), "", "link: see (link) now (HTTP 400)"},
		{"the token alone", always(400, `{"message":"bad `+testToken+`!","code":"`+testToken+`"}`), "", "bad (token)! (HTTP 400, (token))"},
		{"larger than is read", always(400, `{"message":"`+strings.Repeat("x", mostOfError)+`"}`), "", "the server gave no reason: bad request (HTTP 400)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, Config{Transport: tt.server})
				_, err := c.Create(background, &guest.Guest{Email: "a@b.com"}, nil)
				e := asError(t, err)
				if got := answers(e); got != tt.answers {
					t.Errorf("it is %q, want %q", got, tt.answers)
				}
				if diff := cmp.Diff("create guest a@b.com: "+tt.text, e.Error()); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				checkSecrets(t, err)
			})
		})
	}
}

// checkSecrets looks for the token all down the chain of an error.
func checkSecrets(t *testing.T, err error) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err)} {
			if strings.Contains(text, testToken) || strings.Contains(text, "//") || strings.Contains(text, "<html") {
				t.Errorf("an error tells too much: %s", text)
			}
		}
	}
}

func TestErrorOfAConnection(t *testing.T) {
	// Nobody listens on the discard port of this machine.
	c := newClient(t, Config{BaseURL: "http://127.0.0.1:9/api"})
	_, err := c.Create(background, &guest.Guest{Email: "a@b.com"}, nil)
	e := asError(t, err)
	if answers(e) != "not admitted" || e.Sent || e.Status != 0 {
		t.Errorf("it is %q, sent %t", answers(e), e.Sent)
	}
	if !strings.Contains(e.Error(), "create guest a@b.com: the server cannot be reached: ") {
		t.Error(e)
	}
	checkSecrets(t, err)
}

func TestErrorFieldsAreFieldsOfTheAnswer(t *testing.T) {
	c := newClient(t, Config{Transport: always(422, `{"code":7,"message":"m","errors":{"b":["2"],"a":["1",{"x": 1}]}}`)})
	_, err := c.Associate(background, "a@b.com", nil, nil)
	e := asError(t, err)
	if diff := cmp.Diff(map[string][]string{"a": {"1", `{"x":1}`}, "b": {"2"}}, e.Fields); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if e.Code != "7" || e.Message != "m" || e.Status != 422 || e.Op != "associate members with guest a@b.com" || !e.Sent {
		t.Errorf("got %#v", e)
	}
	if got, want := e.FieldText(), `a: 1; a: {"x":1}; b: 2`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestErrorsKeepTheirCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			server transport
			want   error
		}{{cut, io.ErrUnexpectedEOF}, {half, io.ErrUnexpectedEOF}, {hang, context.DeadlineExceeded}} {
			_, err := newClient(t, Config{Transport: tt.server, Timeout: time.Second}).Associate(background, "a@b.com", nil, nil)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want it to be %v", err, tt.want)
			}
		}
	})
}

func TestDeletedGuestIsAbsent(t *testing.T) {
	c := newClient(t, Config{Transport: always(http.StatusOK, `{"data":{"id":1,"email":"a@b.com","deleted_at":"2025-01-01 00:00:00"}}`)})
	_, err := c.Get(background, "a@b.com", false)
	e := asError(t, err)
	if answers(e) != "absent" || e.Error() != "get guest a@b.com: the guest was deleted (HTTP 200)" {
		t.Errorf("it is %q: %v", answers(e), e)
	}
}
