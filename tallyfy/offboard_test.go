package tallyfy

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/ratelimit"
)

// changes are the calls that name a guest and say nothing else.
var changes = map[string]func(*Client, context.Context, string, func() error) (*Guest, error){
	"delete": (*Client).Delete, "disable": (*Client).Disable, "enable": (*Client).Enable,
}

func TestAnswersToOffboarding(t *testing.T) {
	const page = "<!DOCTYPE html><html></html>"
	type done struct{ id, email string } // of the guest that is returned
	tests := []struct {
		name    string
		server  transport
		done    done
		answers string // to the questions about the error, which is there when done is empty
		text    string // after the operation
	}{
		{"the record", always(200, `{"data":{"id":7,"email":"Anna@B.com"}}`), done{"7", "Anna@B.com"}, "", ""},
		{"the record, bare", always(201, `{"id":7,"email":"anna@b.com"}`), done{"7", "anna@b.com"}, "", ""},
		{"the record of one who is deleted now", always(200, `{"data":{"id":7,"email":"anna@b.com","deleted_at":"2025-01-15 10:30:00"}}`), done{"7", "anna@b.com"}, "", ""},
		{"no record", always(200, `{"data":[]}`), done{"", "anna@b.com"}, "", ""},
		{"a message", always(200, `{"message":"ok"}`), done{"", "anna@b.com"}, "", ""},
		{"a message and no error", always(200, `{"error":false,"message":"ok"}`), done{"", "anna@b.com"}, "", ""},
		{"an empty object", always(202, `{}`), done{"", "anna@b.com"}, "", ""},
		{"no content", always(204, ``), done{"", "anna@b.com"}, "", ""},
		{"an error with success", always(200, `{"error":true,"message":"No."}`), done{}, "fate unknown", "the answer holds no guest (HTTP 200)"},
		{"the record of another guest", always(200, `{"data":{"id":8,"email":"bob@b.com"}}`), done{}, "fate unknown", "the answer holds the record of another guest (HTTP 200)"},
		{"a web page", always(200, page), done{}, "fate unknown", errPage.Error() + " (HTTP 200)"},
		{"nothing with 200", always(200, ``), done{}, "fate unknown", errNoJSON.Error() + " (HTTP 200)"},
		{"half an answer", half, done{}, "fate unknown", "the connection broke in the middle of the answer (HTTP 200)"},
		{"broken connection", cut, done{}, "fate unknown", "the connection broke before the answer came: unexpected EOF"},
		{"500", always(500, `{"message":"Server Error"}`), done{}, "fate unknown", "Server Error (HTTP 500)"},
		{"429", always(429, `{"message":"Slow down."}`), done{}, "not admitted", "Slow down. (HTTP 429)"},
		{"no guest, as documented", always(422, `{"error":true,"errors":{"email":["The selected email is invalid."]}}`), done{}, "about email", "email: The selected email is invalid. (HTTP 422)"},
		{"no guest, as of other calls", always(404, `{"error":true,"message":"Guest not found.","code":"RESOURCE_NOT_FOUND"}`), done{}, "absent", "Guest not found. (HTTP 404, RESOURCE_NOT_FOUND)"},
		{"no such call", always(404, `{"message":"No endpoint.","code":"ENDPOINT_NOT_FOUND"}`), done{}, "endpoint not found", "No endpoint. (HTTP 404, ENDPOINT_NOT_FOUND)"},
		{"forbidden", always(403, `{"message":"No permission."}`), done{}, "forbidden", "No permission. (HTTP 403)"},
	}
	for op, change := range changes {
		for _, tt := range tests {
			t.Run(op+", "+tt.name, func(t *testing.T) {
				left := 0
				c := newClient(t, Config{Transport: replies(t, tt.server)})
				g, err := change(c, background, "anna@b.com", func() error { left++; return nil })
				if left != 1 {
					t.Errorf("told %d times that it leaves", left)
				}
				if tt.done != (done{}) {
					if err != nil || (done{g.ID, g.Email}) != tt.done || g.HTTPStatus/100 != 2 {
						t.Errorf("got %+v, %v", g, err)
					}
					return
				}
				e := asError(t, err)
				if want := op + " guest anna@b.com: " + tt.text; g != nil || answers(e) != tt.answers || e.Error() != want {
					t.Errorf("it is %q: %v, want %q: %s", answers(e), e, tt.answers, want)
				}
			})
		}
	}
}

func TestOffboardingThatDoesNotLeave(t *testing.T) {
	full := errors.New("disk full")
	ended, end := context.WithCancel(background)
	end()
	tests := []struct {
		name    string
		ctx     context.Context
		email   string
		leaving error
		pause   time.Duration
		want    error
		asked   bool // whether it was about to leave
	}{
		{"its context has ended", ended, "anna@b.com", nil, 0, context.Canceled, false},
		{"it cannot be noted", background, "anna@b.com", full, 0, full, true},
		{"it would have to wait", background, "anna@b.com", nil, time.Minute, ratelimit.ErrLongWait, false},
		{"it names nobody", background, "", nil, 0, errNoEmail, false},
	}
	for op, change := range changes {
		for _, tt := range tests {
			t.Run(op+", "+tt.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					gate := openGate()
					if tt.pause > 0 {
						pause(t, gate, ratelimit.Read, tt.pause)
					}
					asked := false
					c := newClient(t, Config{Gate: gate, Patience: time.Second, Transport: replies(t)})
					_, err := change(c, tt.ctx, tt.email, func() error {
						asked = true
						return tt.leaving
					})
					var e *Error
					if !errors.Is(err, tt.want) || errors.As(err, &e) || asked != tt.asked || c.Calls() != nil {
						t.Errorf("got %v, asked %t, calls %v", err, asked, c.Calls())
					}
				})
			})
		}
	}
}

// What is on its way when the context ends has a grace, as its fate is to be known.
func TestOffboardingOnItsWayHasAGrace(t *testing.T) {
	for op, change := range changes {
		t.Run(op, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, end := context.WithTimeout(background, time.Second)
				defer end()
				c := newClient(t, Config{Transport: transport(func(r *http.Request) (*http.Response, error) {
					time.Sleep(5 * time.Second)
					if err := r.Context().Err(); err != nil {
						return nil, err
					}
					return reply(200, anna)
				})})
				if g, err := change(c, ctx, "anna@b.com", nil); err != nil || g.ID != "1" {
					t.Errorf("got %v, %v", g, err)
				}
			})
		})
	}
}
