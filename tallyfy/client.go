// Package tallyfy is a client of the Tallyfy guest API: it creates, updates,
// disables, enables, deletes, finds and lists the guests of one organization, and
// lists its members. Every attempt of every call passes a ratelimit.Gate. Calls are
// signed with a token that a person made, or with those that an Application gets.
//
// Reads retry by themselves. A write is one attempt, as only the caller knows
// whether to look the guest up before it sends again; see Error for the
// questions that decide it.
//
// Sources: the API's public pages "Create guest", "Get guest", "List guests",
// "Update guest", "Delete guest" and "List members" and those about sign-in, and
// what Laravel, which it runs on, does for errors and paging.
package tallyfy

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"guestlist/guest"
	"guestlist/ratelimit"
)

// The most bytes that are read of an answer: far more than any needs, and few
// enough for a machine's memory.
const (
	mostOfGuest = 1 << 20
	mostOfPage  = 64 << 20
	mostOfError = 64 << 10

	mostOfMembers = 64 << 20 // of all pages, as far as it is kept
)

// Client calls the API for one organization. Use New to make one. It is safe
// for concurrent use.
type Client struct {
	root string // of the organization's addresses, without a slash at its end

	common     http.Header // of every request; see sign
	signatures signatures
	secrets    secrets

	gate     *ratelimit.Gate
	timeout  time.Duration
	attempts int
	retrying func(err error, delay time.Duration)
	called   func(op string, status int, took time.Duration)
	grace    time.Duration
	patience time.Duration

	// The transport is used without an http.Client, which would look at redirects.
	// They mean a missing header or a login page, never data, and following one
	// would carry the token elsewhere.
	transport    http.RoundTripper
	ownTransport bool // it is net/http's, and not the caller's
	calls        calls
}

var errNoEmail = errors.New("the email is missing")

// Create makes a guest of the organization, and returns the record that the
// server made of it. It sends what CreatePayload returns, once.
//
// Someone who is a guest of the organization already is, by the documentation,
// answered like a new one, with the record as it was, but it may cost an invite.
//
// An *Error says what came of it: see NotAdmitted and FateUnknown. When ctx
// ends before the request leaves, it does not leave, and the error wraps
// ctx.Err(); once it is on its way it may finish within Config.Grace.
//
// When the gate has let the call go, and before it leaves, leaving is called,
// if it is not nil. Its error keeps the call back, and is wrapped. It is the
// place to note that the call is about to leave, which may be long after Create
// was called. A call that was answered 401 was not admitted; with an Application
// it leaves once more with a new token, and leaving is called again, as much may
// have happened meanwhile.
func (c *Client) Create(ctx context.Context, g *guest.Guest, leaving func() error) (*Guest, error) {
	k := call{
		op: "create guest " + shown(g.Email), class: ratelimit.Create,
		method: http.MethodPost, path: "/guests", body: CreatePayload(g), most: mostOfGuest, leaving: leaving,
	}
	return c.write(ctx, k, g.Email)
}

// Associate replaces the list of members who are associated with a guest, by
// one attempt like Create, with the same use of leaving; to repeat it does no harm.
// No members clear the list.
func (c *Client) Associate(ctx context.Context, email string, members []int64, leaving func() error) (*Guest, error) {
	k := call{
		op: "associate members with guest " + shown(email), class: ratelimit.Write,
		method: http.MethodPut, path: "/guests/" + segment(email), body: associatePayload(members), most: mostOfGuest, leaving: leaving,
	}
	return c.write(ctx, k, email)
}

func (c *Client) write(ctx context.Context, k call, email string) (found *Guest, err error) {
	if email == "" {
		return nil, failed(k.op, errNoEmail)
	}
	k.accept = func(a *answer) error {
		// "No content" is a whole answer to an update, while a create must tell an id.
		if a.status == http.StatusNoContent && k.method == http.MethodPut {
			found = &Guest{HTTPStatus: a.status}
			found.Email = email
			return nil
		}
		found, err = guestFor(a, email)
		return err
	}
	k.patience = c.patience
	if err := c.attempt(ctx, &k); err != nil {
		return nil, err
	}
	return found, nil
}

// Get returns the guest with that email, with the completion statistics if
// stats is set. It retries; see Config.Attempts. Someone who is not a guest, or
// whose record says that it is deleted, is an *Error that is Absent.
func (c *Client) Get(ctx context.Context, email string, stats bool) (*Guest, error) {
	return c.get(ctx, email, stats, c.read)
}

// Look is Get by one attempt, without the statistics. Like a write it waits at
// the gate no longer than Config.Patience.
func (c *Client) Look(ctx context.Context, email string) (*Guest, error) {
	return c.get(ctx, email, false, func(ctx context.Context, k *call) error {
		k.patience = c.patience
		return c.attempt(ctx, k)
	})
}

func (c *Client) get(ctx context.Context, email string, stats bool, do func(context.Context, *call) error) (found *Guest, err error) {
	k := call{op: "get guest " + shown(email), class: ratelimit.Read, method: http.MethodGet, path: "/guests/" + segment(email), most: mostOfGuest}
	if email == "" {
		return nil, failed(k.op, errNoEmail)
	}
	if stats {
		k.path += "?with=stats"
	}
	k.accept = func(a *answer) error {
		found, err = guestFor(a, email)
		return err
	}
	if err := do(ctx, &k); err != nil {
		return nil, err
	}
	if found.DeletedAt != "" {
		return nil, &Error{Op: k.op, Status: found.HTTPStatus, Message: "the guest was deleted", Sent: true, deleted: true}
	}
	return found, nil
}

// Timeout returns how long an attempt may take; see Config.Timeout.
func (c *Client) Timeout() time.Duration { return c.timeout }

// CloseIdle closes the connections that no call is using, for a program that
// goes on without the client. Between calls they close by themselves in time.
func (c *Client) CloseIdle() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// associatePayload is the body of an update: an empty list is [], since null is
// no list.
func associatePayload(members []int64) []byte {
	if members == nil {
		members = []int64{}
	}
	body, err := json.Marshal(struct {
		Members []int64 `json:"associated_members"`
	}{members})
	if err != nil {
		panic(err) // of numbers only
	}
	return body
}
