package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"guestlist/ratelimit"
	"guestlist/tallyfy"
)

// witness sends requests, and keeps what the last answer says besides its body.
type witness struct {
	*http.Transport
	life   time.Duration // of the last token that client credentials got; zero: not told
	header http.Header   // nil: no answer yet
	ahead  time.Duration
	timed  bool // the answer has a date, and ahead says how far our clock is before it
}

func newWitness() *witness {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP1(true) // as all the other commands
	return &witness{Transport: transport}
}

// RoundTrip implements http.RoundTripper.
func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := time.Now()
	response, err := w.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	w.header = response.Header
	if r.Method == http.MethodPost && response.StatusCode/100 == 2 { // there is no other one
		if w.life, response.Body, err = lifeOfToken(response.Body); err != nil {
			return nil, err
		}
	}
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		// It was written some time on the way, and its second was cut off.
		now := sent.Add(time.Since(sent) / 2)
		w.ahead, w.timed = now.Sub(date.Add(time.Second/2)), true
	}
	return response, nil
}

// lifeOfToken reads how long a token lives out of the answer that brings it, and
// returns the answer's body, to be read again.
func lifeOfToken(body io.ReadCloser) (time.Duration, io.ReadCloser, error) {
	defer body.Close()
	content, err := io.ReadAll(io.LimitReader(body, 64<<10))
	if err != nil {
		return 0, nil, err
	}
	var said struct {
		Seconds float64 `json:"expires_in"`
	}
	if json.Unmarshal(content, &said) != nil || said.Seconds < 0 || said.Seconds > 1e9 {
		said.Seconds = 0
	}
	return time.Duration(said.Seconds) * time.Second, io.NopCloser(bytes.NewReader(content)), nil
}

// askServer makes the calls. None of them writes.
func (d *doctor) askServer(ctx context.Context, config tallyfy.Config) {
	seen := newWitness()
	defer seen.CloseIdleConnections()
	config.Transport, config.Attempts = seen, 1 // who looks on can try again
	client, err := tallyfy.New(config)
	if err != nil {
		d.problem("settings", usage{err, ""}, "")
		return
	}
	total, err := firstPage(ctx, client)
	if ctx.Err() == nil && d.lookAtAnswer(total, err, seen.life) {
		d.lookAtPermission(ctx, client, config.Token)
	}
	for _, c := range client.Calls() {
		d.calls += c.Count
	}
	if ctx.Err() == nil {
		d.lookAtLimits(seen, config.Gate)
		d.lookAtClock(seen)
	}
}

// firstPage asks for one guest, and returns how many there are.
func firstPage(ctx context.Context, client *tallyfy.Client) (total int, err error) {
	for page, err := range client.Pages(ctx, tallyfy.ListOptions{PerPage: 1, RecordsOnly: true}) {
		if err != nil {
			return 0, err
		}
		return page.Total, nil
	}
	return 0, errors.New("the server listed nothing")
}

// lookAtAnswer says what the first answer tells, and whether more may be asked.
func (d *doctor) lookAtAnswer(total int, err error, life time.Duration) bool {
	var api *tallyfy.Error
	var limit *ratelimit.TooLong
	switch {
	case err == nil:
		d.ok("answer", "the API answers")
		d.signedIn(life)
		d.ok("found", "%s, with %s", tallyfy.OrgLabel(d.baseURL, d.org), count(total, "guest"))
		d.ok("list", "guests may be listed")
		return true
	case errors.As(err, &limit):
		d.problem("answer", err, "")
	case !errors.As(err, &api):
		d.problem("answer", err, "check --base-url or TALLYFY_BASE_URL: what answers does not list guests as the API does")
	case api.SigningIn() && api.Status == 0:
		d.problem("sign in", err, "")
	case api.SigningIn() && !api.Unauthenticated():
		d.problem("sign in", err, "where tokens are given there is trouble: try again in some minutes")
	case api.SigningIn():
		d.problem("sign in", err, "the client id, its secret and the token URL belong together; --as-user is the email of an active member")
	case api.Unauthenticated():
		d.ok("answer", "the API answers")
		d.problem("signed in", err, "")
	case api.Forbidden():
		d.ok("answer", "the API answers")
		d.signedIn(life)
		d.problem("list", err, "")
	case api.EndpointNotFound():
		d.problem("answer", err, "check the path in --base-url or TALLYFY_BASE_URL (the API's is /api), and that no proxy takes off the header X-Tallyfy-Client")
	case api.Absent():
		d.ok("answer", "the API answers")
		d.signedIn(life)
		d.problem("found", err, "check TALLYFY_ORG_ID (--org): it is the organization's id, not its name")
	case api.Status >= 500:
		d.problem("answer", err, "the server is in trouble: try again in some minutes")
	case api.Status == 0:
		d.problem("answer", err, "check the network, and the address in --base-url or TALLYFY_BASE_URL")
	default:
		d.problem("answer", err, "check --base-url or TALLYFY_BASE_URL, and that no proxy or login page stands in between")
	}
	return false
}

// signedIn tells as whom, and for how long where that is known.
func (d *doctor) signedIn(life time.Duration) {
	if (d.way.token != secret{}) {
		d.ok("signed in", "the token is accepted")
		return
	}
	text := "by client credentials"
	if d.asUser != "" {
		text += ", as " + d.asUser
	}
	if life > 0 {
		text += "; the token lives " + inWords(life) + ", and is renewed in time"
	}
	d.ok("signed in", "%s", text)
}

// lookAtPermission tells what is known of who may create guests. No call of the
// API tells that, and to try it would invite somebody.
func (d *doctor) lookAtPermission(ctx context.Context, client *tallyfy.Client, token string) {
	d.note("create", "whether guests may be created only an import shows")
	owner, _, _ := claims(token)
	id, err := strconv.ParseInt(owner, 10, 64)
	email, name := "", "id "+owner
	if token == "" {
		email, name = d.asUser, d.asUser
	}
	if err != nil && email == "" {
		return // nobody knows whose the token is
	}
	members, err := client.Members(ctx)
	if err != nil {
		d.note("members", "may not be listed, so members are associated by id only")
		d.advise(withoutCall(err))
		return
	}
	for _, m := range members {
		if token != "" && m.ID == id || token == "" && strings.EqualFold(m.Email, email) {
			d.ok("owner", "the token is that of %s, role %s, %s", m.Email, first(m.Role, "not told"), first(m.Status, "status not told"))
			return
		}
	}
	d.note("owner", "the token's owner is no member of this organization (%s)", name)
}

// lookAtLimits tells what the server shows of its limits, and what this run and
// earlier ones have learned of them.
func (d *doctor) lookAtLimits(seen *witness, gate *ratelimit.Gate) {
	shown := func(name string) (int, error) { return strconv.Atoi(strings.TrimSpace(seen.header.Get(name))) }
	limit, err := shown("X-RateLimit-Limit")
	if left, missing := shown("X-RateLimit-Remaining"); err == nil && missing == nil {
		d.ok("limits", "the server shows a limit of %s, %s left", count(limit, "call"), thousands(left))
	}
	known, now := gate.Snapshot(), time.Now()
	for class, what := range []string{ratelimit.Read: "calls that read", ratelimit.Write: "updates", ratelimit.Create: "creates"} {
		if until := known.HeldUntil[class]; until.After(now) {
			d.note("limits", "%s have to wait until %s (%s)", what, clockTime(until, now), inWords(until.Sub(now)))
		}
	}
	for _, l := range known.Limits {
		d.ok("limits", "known from this run or an earlier one: %s", l.Words())
	}
	switch {
	case len(known.Limits) > 0:
	case d.rate == "auto":
		d.ok("limits", "none refused a call yet, so the documented ones are kept")
	default:
		d.ok("limits", "none refused a call yet, so --rate %s is kept", d.rate)
	}
}

func (d *doctor) lookAtClock(seen *witness) {
	switch {
	case !seen.timed:
		d.note("clock", "not compared, as no answer came that tells the time")
	case seen.ahead > time.Minute:
		d.note("clock", "%s ahead of the server's", inWords(seen.ahead))
	case seen.ahead < -time.Minute:
		d.note("clock", "%s behind the server's", inWords(-seen.ahead))
	default:
		d.ok("clock", "agrees with the server's")
	}
	if seen.ahead.Abs() > time.Minute {
		d.advise("let the system set the clock: times to come back at are told by it, and those in results too")
	}
}
