package tallyfy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"guestlist/ratelimit"
)

// Calls for a token are made like reads, with these differences. They pass the gate
// as reads: a pause of writes, which may take hours, must keep back no job that only
// reads. What their answers say of limits does not reach the gate, which would take it
// for a limit of the API's calls and keep it for the next run. They are not among
// Calls, whose classes are those of the API. All their tries count, also those that
// were put off.

const (
	mostOfToken = 64 << 10 // bytes of an answer

	// longestSignIn is how long a wait that the server announces is sat out at most.
	longestSignIn = 5 * time.Minute
)

// tokens gets tokens for an application.
type tokens struct {
	c        *Client
	config   clientcredentials.Config
	exchange string // the address that gives a member's token; empty: the application's own does
	asUser   string
	longest  time.Duration // see Application.MaxWait
}

func newTokens(c *Client, o *Application, base *url.URL, org string) (*tokens, error) {
	address, err := CheckTokenURL(o.TokenURL)
	if err != nil {
		return nil, err
	}
	t := &tokens{c: c, asUser: o.AsUser, longest: longestSignIn, config: clientcredentials.Config{
		ClientID: o.ID, ClientSecret: o.Secret, TokenURL: address.String(), AuthStyle: oauth2.AuthStyleInParams,
		Scopes: []string{"*"}, // as documented; an application has none by default
	}}
	if o.MaxWait != nil {
		t.longest = min(*o.MaxWait, longestSignIn)
	}
	if o.AsUser != "" {
		t.exchange = base.String() + "/applications/" + segment(org) + "/users/" + segment(o.AsUser) + "/token"
	}
	return t, nil
}

// signature gets a token and signs with it.
func (t *tokens) signature(ctx context.Context) (*signature, error) {
	token, err := t.ofApplication(ctx)
	if err == nil && t.exchange != "" {
		token, err = t.ofUser(ctx, token)
	}
	if err != nil {
		return nil, err
	}
	life := time.Duration(0)
	if !token.Expiry.IsZero() {
		life = time.Until(token.Expiry)
	}
	return t.c.sign(token.AccessToken, life), nil
}

// ofApplication gets the application's own token.
func (t *tokens) ofApplication(ctx context.Context) (*oauth2.Token, error) {
	k := call{op: "sign in", class: ratelimit.Read, method: http.MethodPost, most: mostOfToken}
	way := tokenCall{t: t, k: &k, answer: &answer{}}
	token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: &way}))
	switch {
	case way.err != nil:
		return nil, way.err
	case err != nil:
		return nil, t.unreadable(&k, way.answer)
	}
	return t.accepted(&k, way.answer, token)
}

// ofUser exchanges the application's token for a member's.
func (t *tokens) ofUser(ctx context.Context, application *oauth2.Token) (*oauth2.Token, error) {
	k := call{
		op: "sign in as " + shown(t.asUser), class: ratelimit.Read, method: http.MethodPost, address: t.exchange,
		body: []byte("{}"), most: mostOfToken,
	}
	a, err := t.ask(ctx, &k, t.c.sign(application.AccessToken, 0).headerWithBody)
	if err != nil {
		return nil, err
	}
	token, err := tokenIn(a.body)
	if err != nil {
		return nil, t.unreadable(&k, a)
	}
	return t.accepted(&k, a, token)
}

// tokenIn reads a member's token, as x/oauth2 reads an application's.
func tokenIn(body []byte) (*oauth2.Token, error) {
	type fields struct {
		Token   string      `json:"access_token"`
		Seconds json.Number `json:"expires_in"`
	}
	var in struct {
		fields
		Data fields `json:"data"` // as most answers of the API have it
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	if in.Token == "" {
		in.fields = in.Data
	}
	token := &oauth2.Token{AccessToken: in.Token}
	if in.Seconds == "" {
		return token, nil
	}
	seconds, err := in.Seconds.Int64()
	if seconds != 0 {
		token.Expiry = time.Now().Add(time.Duration(min(max(seconds, -1), math.MaxInt32)) * time.Second)
	}
	return token, err
}

// accepted refuses a token that would break a header, and keeps errors from
// repeating the others.
func (t *tokens) accepted(k *call, a *answer, token *oauth2.Token) (*oauth2.Token, error) {
	if token.AccessToken == "" {
		return nil, t.unreadable(k, a)
	}
	if strings.ContainsFunc(token.AccessToken, notInToken) {
		return nil, refused(k, a, "the server's token holds a character that no token has")
	}
	t.c.secrets.add(token.AccessToken)
	return token, nil
}

// tokenCall sends the request that x/oauth2 makes the way of all calls.
type tokenCall struct {
	t      *tokens
	k      *call
	answer *answer
	err    error // before x/oauth2 wraps it, with the address
}

func (w *tokenCall) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Body.Close()
	w.k.address = r.URL.String()
	header := w.t.c.common.Clone()
	header.Set("Content-Type", r.Header.Get("Content-Type"))
	if w.k.body, w.err = io.ReadAll(r.Body); w.err == nil {
		w.answer, w.err = w.t.ask(r.Context(), w.k, header)
	}
	if w.err != nil {
		return nil, w.err
	}
	return &http.Response{
		StatusCode: w.answer.status, Body: io.NopCloser(bytes.NewReader(w.answer.body)), Request: r,
		// Whatever the server calls it: JSON that is called a plain text would be read
		// as a form.
		Header: http.Header{"Content-Type": {"application/json"}},
	}, nil
}

// ask makes a call for a token until it succeeds, is refused, or was tried often
// enough. A wait that the server announces and that is too long to sit out is a
// *ratelimit.TooLong.
func (t *tokens) ask(ctx context.Context, k *call, header http.Header) (*answer, error) {
	for tries := 1; ; tries++ {
		a, err := t.attempt(ctx, k, header)
		var e *Error
		if err == nil || !errors.As(err, &e) {
			return a, err
		}
		again := e.passing()
		t.about(k, a, e)
		switch {
		case again && e.RetryAfter > t.longest:
			return nil, failed(k.op, &ratelimit.TooLong{Until: time.Now().Add(e.RetryAfter)})
		case !again, tries >= t.c.attempts:
			return nil, e
		}
		delay := retryDelay(tries, rand.Float64())
		if e.Announced {
			delay = e.RetryAfter
		}
		t.c.retrying(e, delay)
		if err := sleep(ctx, delay); err != nil {
			return nil, failed(k.op, err)
		}
	}
}

func (t *tokens) attempt(ctx context.Context, k *call, header http.Header) (*answer, error) {
	pass, err := t.c.gate.Wait(ctx, k.class)
	if err != nil {
		return nil, failed(k.op, err)
	}
	if err := ctx.Err(); err != nil {
		pass.Unused()
		return nil, failed(k.op, err)
	}
	began := time.Now()
	a, err := t.c.send(ctx, k, header)
	t.c.called(k.op, a.status, time.Since(began))
	var e *Error
	if a.status == 0 && errors.As(err, &e) && !e.Sent {
		pass.Unused()
	} else {
		pass.Lost()
	}
	if err == nil && a.status/100 != 2 {
		err = t.c.refusal(k, a)
	}
	return a, err
}
