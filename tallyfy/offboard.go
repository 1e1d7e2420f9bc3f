package tallyfy

import (
	"context"
	"errors"
	"net/http"

	"guestlist/ratelimit"
)

// Delete takes a guest out of the organization and detaches them from all tasks,
// by one attempt like Create, with the same use of leaving. Someone who is no guest
// is answered with a 422 about the email. The record is empty but for the email
// where the server sends none.
func (c *Client) Delete(ctx context.Context, email string, leaving func() error) (*Guest, error) {
	return c.change(ctx, "delete guest ", http.MethodDelete, "", email, leaving)
}

// Disable keeps a guest from signing in, by one attempt like Delete. The call
// stands in no documentation: it is the one that the official n8n node makes.
func (c *Client) Disable(ctx context.Context, email string, leaving func() error) (*Guest, error) {
	return c.change(ctx, "disable guest ", http.MethodDelete, "/disable", email, leaving)
}

// Enable undoes Disable, by one attempt like Delete, and from the same source. The
// guest gets a new forever link, also when not disabled: do not repeat it without
// need.
func (c *Client) Enable(ctx context.Context, email string, leaving func() error) (*Guest, error) {
	return c.change(ctx, "enable guest ", http.MethodPut, "/enable", email, leaving)
}

// change makes a call that names a guest and says nothing else.
func (c *Client) change(ctx context.Context, op, method, what, email string, leaving func() error) (done *Guest, err error) {
	k := call{
		op: op + shown(email), class: ratelimit.Write, method: method, path: "/guests/" + segment(email) + what,
		most: mostOfGuest, leaving: leaving, patience: c.patience,
	}
	if email == "" {
		return nil, failed(k.op, errNoEmail)
	}
	if method == http.MethodPut {
		k.body = []byte("{}")
	}
	k.accept = func(a *answer) error {
		done, err = guestFor(a, email)
		if a.status == http.StatusNoContent || errors.Is(err, errNoGuest) && !a.saysError() {
			// A record is documented for Delete alone, and the status says that it is done.
			done, err = &Guest{HTTPStatus: a.status}, nil
			done.Email = email
		}
		return err
	}
	if err := c.attempt(ctx, &k); err != nil {
		return nil, err
	}
	return done, nil
}
