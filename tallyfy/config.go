package tallyfy

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"guestlist/guest"
	"guestlist/ratelimit"
)

// Config says which organization a Client works for and how. Org, Gate and one of
// Token and Application are required.
type Config struct {
	BaseURL string // see CheckBaseURL; empty: DefaultBaseURL
	Org     string // the organization's id
	Token   string // an access token that a person made; it is never renewed

	// Application signs in by itself, when the first call needs a token.
	Application *Application

	// Gate is passed by every attempt of every call, and told of every limit
	// that the server names.
	Gate *ratelimit.Gate

	// Timeout is the longest that one attempt may take, from the connection to
	// the last byte of the answer. Zero means 60 s.
	Timeout time.Duration

	// Attempts is how often a read is tried, the first time included. Tries that
	// the server put off (429, or 503 with a time) do not count. Zero means 8.
	Attempts int

	// Connections is how many are opened at most, and kept open. Zero means 8.
	Connections int

	// Patience is how long a write or a Look may wait at the gate. One that would have to
	// wait longer does not leave, and its error wraps ratelimit.ErrLongWait: its
	// caller can do something else meanwhile. Zero means any time.
	Patience time.Duration

	// Grace is how long a write that is on its way may still take when its
	// context ends. Zero means 10 s.
	Grace time.Duration

	UserAgent string // empty: guestlist

	// Retrying, if it is not nil, is told of each read that failed and is tried
	// again after a delay. It must be safe for concurrent use.
	Retrying func(err error, delay time.Duration)

	// Called, if it is not nil, is told of each attempt that has ended, one to sign
	// in included: what it was, in the words of an error, its HTTP status, zero when
	// no answer came, and how long it took. It must be safe for concurrent use.
	Called func(op string, status int, took time.Duration)

	// Transport sends the requests. Nil means one of the client's own.
	Transport http.RoundTripper
}

// New returns a client that has called nothing yet. An error says what is wrong
// with the configuration, and never repeats a token or secret.
func New(o Config) (*Client, error) {
	base, err := CheckBaseURL(o.BaseURL)
	switch {
	case err != nil:
		return nil, err
	case guest.Trim(o.Org) == "", o.Org == ".", o.Org == "..", strings.ContainsFunc(o.Org, isBlankOrControl):
		return nil, errors.New("the organization's id is missing, or holds a blank or a control character")
	case o.Token == "" && o.Application == nil:
		return nil, errors.New("the access token is missing")
	case o.Token != "" && o.Application != nil:
		return nil, errors.New("there are both an access token and an application to sign in: leave one of them out")
	case strings.ContainsFunc(o.Token, notInToken):
		return nil, errors.New("the access token holds a blank, a line break or another character that no token has: copy it again, alone and without \"Bearer\"")
	case o.Gate == nil:
		return nil, errors.New("there is no gate for the calls to pass")
	case o.Timeout < 0, o.Attempts < 0, o.Connections < 0, o.Grace < 0, o.Patience < 0:
		return nil, errors.New("a time-out, a grace or a number of attempts or connections is negative")
	}
	c := &Client{
		root:     strings.TrimSuffix(base.String(), "/") + "/organizations/" + segment(o.Org),
		gate:     o.Gate,
		timeout:  o.Timeout,
		attempts: o.Attempts,
		grace:    o.Grace,
		patience: o.Patience,
		retrying: o.Retrying,
		called:   o.Called,
	}
	if c.called == nil {
		c.called = func(string, int, time.Duration) {}
	}
	if c.retrying == nil {
		c.retrying = func(error, time.Duration) {}
	}
	if c.timeout == 0 {
		c.timeout = 60 * time.Second
	}
	if c.attempts == 0 {
		c.attempts = 8
	}
	if c.grace == 0 {
		c.grace = 10 * time.Second
	}
	if o.UserAgent == "" {
		o.UserAgent = "guestlist"
	}
	c.common = http.Header{
		"Accept":           {"application/json"},
		"X-Tallyfy-Client": {"APIClient"},
		"User-Agent":       {o.UserAgent},
	}
	if err := c.signWith(o, base); err != nil {
		return nil, err
	}
	if o.Connections == 0 {
		o.Connections = 8
	}
	if o.Transport == nil {
		c.ownTransport = true
		o.Transport = newTransport(o.Connections)
	}
	c.transport = o.Transport
	return c, nil
}

// newTransport speaks HTTP/1.1 only. Over the one connection of HTTP/2 a single
// accident would leave the fate of every call under way unknown.
func newTransport(connections int) *http.Transport {
	dialer := &net.Dialer{Timeout: 15 * time.Second}
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: 15 * time.Second,
		Protocols:           &protocols,
		MaxConnsPerHost:     connections,
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
		// Shorter than what servers keep (five seconds and more): a write on a
		// connection that the server has just closed has an unknown fate for no
		// good reason.
		IdleConnTimeout:        3 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

func isBlankOrControl(r rune) bool { return r <= ' ' || r == 0x7f || r == 0xa0 }

// notInToken allows more than RFC 6750 does, and nothing that breaks a header.
func notInToken(r rune) bool { return r <= ' ' || r >= 0x7f }
