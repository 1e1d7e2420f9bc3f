package tallyfy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"guestlist/ratelimit"
)

// call is one call of the API, which may take several attempts.
type call struct {
	op     string // as errors name it: what is done, and to what
	class  ratelimit.Class
	method string
	path   string // below the organization, escaped, with its query
	body   []byte // nil: none
	most   int64  // bytes of a successful answer

	address string // the whole one of a call that is not below the organization

	// patience is how long an attempt may wait at the gate; zero: any time.
	patience time.Duration

	// leaving, if it is not nil, is called when the gate has let an attempt go.
	// An error keeps it back.
	leaving func() error

	// accept takes in a successful answer. An error means that the answer cannot
	// be understood. It may be called again after that.
	accept func(*answer) error
}

func (k *call) isRead() bool { return k.class == ratelimit.Read }

// attempt makes one attempt of a call and tells the gate what came of it. When the
// token is not accepted and there can be a new one, it makes another. The error is
// an *Error, or wraps that of the context or the gate when nothing was sent.
func (c *Client) attempt(ctx context.Context, k *call) error {
	for again := false; ; again = true {
		signed, pass, err := c.pass(ctx, k)
		if err != nil {
			if e, ok := err.(*Error); ok && again {
				left := *e // others have the same
				left.Sent = true
				return &left
			}
			return err
		}
		a, err := c.sendAs(ctx, k, signed, pass)
		switch {
		case a.status == http.StatusUnauthorized && !again && c.signatures.refused(signed):
			continue
		case err != nil:
			return err
		case a.status/100 != 2:
			return c.refusal(k, a)
		}
		if err := k.accept(a); err != nil {
			return c.unreadable(k, a, err)
		}
		return nil
	}
}

// sendAs is send for a call that the gate has let go.
func (c *Client) sendAs(ctx context.Context, k *call, signed *signature, pass ratelimit.Pass) (*answer, error) {
	began := time.Now()
	a, err := c.send(ctx, k, signed.headers(k))
	took := time.Since(began)
	c.calls.count(k.class, a.status, took)
	c.called(k.op, a.status, took)
	var e *Error
	switch {
	case a.status != 0:
		pass.Answered(limits(k.class, a))
	case errors.As(err, &e) && e.Sent, e == nil && k.isRead():
		pass.Lost() // a read that is stopped may have left
	default:
		pass.Unused()
	}
	return a, err
}

// pass waits until an attempt may leave, and returns what to sign it with.
func (c *Client) pass(ctx context.Context, k *call) (*signature, ratelimit.Pass, error) {
	for {
		// The token comes first: who waits for one must not hold a pass.
		signed, err := c.signatures.get(ctx)
		if err != nil {
			if _, ok := err.(*Error); !ok {
				err = failed(k.op, err)
			}
			return nil, ratelimit.Pass{}, err
		}
		var pass ratelimit.Pass
		if k.patience == 0 {
			pass, err = c.gate.Wait(ctx, k.class)
		} else {
			pass, err = c.gate.WaitAtMost(ctx, k.class, k.patience)
		}
		if err != nil {
			return nil, pass, failed(k.op, err)
		}
		if err = ctx.Err(); err == nil && signed.isDue() {
			pass.Unused() // it ended at the gate
			continue
		}
		if err == nil && k.leaving != nil {
			err = k.leaving()
		}
		if err != nil {
			pass.Unused()
			return nil, pass, failed(k.op, err)
		}
		return signed, pass, nil
	}
}

// send sends a request and reads the answer to its end. The answer is never
// nil; without one, its status is zero.
func (c *Client) send(ctx context.Context, k *call, header http.Header) (*answer, error) {
	way := departure{reported: c.ownTransport}
	attempt, cancel := c.attemptContext(ctx, k, &way)
	defer cancel()
	request, err := c.request(httptrace.WithClientTrace(attempt, way.trace()), k, header)
	if err != nil {
		return &answer{}, failed(k.op, err)
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return &answer{}, c.lost(ctx, k, &way, err)
	}
	a := &answer{status: response.StatusCode, header: response.Header}
	if a.status < 200 {
		// With 101 net/http hands over the bare connection, which no time-out ends.
		_ = response.Body.Close()
		return a, c.unreadable(k, a, errNoAnswer)
	}
	most := k.most
	if a.status/100 != 2 {
		most = mostOfError
	}
	a.body, err = readBody(response, most)
	refused := a.status/100 != 2
	switch {
	case err == nil, refused && errors.Is(err, errTooLarge), a.status == http.StatusTooManyRequests:
		return a, nil // what was read tells enough
	case ctx.Err() != nil && k.isRead():
		return a, failed(k.op, ctx.Err())
	}
	e := c.unreadable(k, a, err)
	if e.broken = refused; refused {
		e.RetryAfter, e.Announced = retryAfter(a)
	}
	return a, e
}

func (c *Client) request(ctx context.Context, k *call, header http.Header) (*http.Request, error) {
	var body io.Reader
	if k.body != nil {
		body = bytes.NewReader(k.body)
	}
	address := k.address
	if address == "" {
		address = c.root + k.path
	}
	r, err := http.NewRequestWithContext(ctx, k.method, address, body)
	if err != nil {
		return nil, withoutURL(err)
	}
	r.Header = header
	if k.body == nil {
		// When a kept connection turns out to be dead, net/http sends a GET again
		// by itself, past the gate and uncounted. A body that it cannot get a
		// second time forbids that; being empty, it is not sent.
		r.Body = io.NopCloser(http.NoBody)
	}
	return r, nil
}

// attemptContext is the time that one attempt may take. A read ends with ctx. A
// write that has left when ctx ends has a grace to learn what came of it.
func (c *Client) attemptContext(ctx context.Context, k *call, way *departure) (context.Context, context.CancelFunc) {
	if k.isRead() {
		return context.WithTimeout(ctx, c.timeout)
	}
	attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.timeout)
	stop := context.AfterFunc(ctx, func() {
		defer cancel()
		if !way.mayHaveLeft() {
			return
		}
		grace := time.NewTimer(c.grace)
		defer grace.Stop()
		select {
		case <-grace.C:
		case <-attempt.Done():
		}
	})
	return attempt, func() {
		stop()
		cancel()
	}
}

// departure follows a request on its way out.
type departure struct {
	reported   bool        // the transport is known to report what follows
	asked, got atomic.Bool // for a connection; one that is ready to write to
}

func (d *departure) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { d.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { d.got.Store(true) },
	}
}

// mayHaveLeft is false only when the request has certainly not left this
// machine, as it waits for a connection. A transport that reports nothing is
// believed to have sent it.
func (d *departure) mayHaveLeft() bool {
	return d.got.Load() || !d.reported && !d.asked.Load()
}

// failed names the operation in an error that is not the API's.
func failed(op string, err error) error { return fmt.Errorf("%s: %w", op, err) }
