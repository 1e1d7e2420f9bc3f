package tallyfy

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"guestlist/ratelimit"
)

const (
	// longestWait is the longest wait that is believed; the gate has the same.
	longestWait = 48 * time.Hour

	// burst is the longest wait that a limit on calls in general asks for. A
	// create that has to wait longer has met a cap on invites.
	burst = time.Minute
)

// inviteCap matches what the API overview says when the cap on guest invites is
// reached: "You've reached the hourly limit for Guest Invite (…)".
var inviteCap = regexp.MustCompile(`(?i)guest[\s_-]*invit`)

// tellGate passes on what an answer says about limits.
func (c *Client) tellGate(k *call, a *answer) {
	wait, announced := retryAfter(a)
	if a.status != http.StatusTooManyRequests {
		c.gate.Admitted(k.class)
		if announced {
			c.gate.Pause(time.Now().Add(wait))
		}
		return
	}
	switch {
	case !announced:
		c.gate.Refused(k.class)
	case k.class == ratelimit.Create && (wait > burst || inviteCap.Match(a.body)):
		c.gate.Pause(time.Now().Add(wait), ratelimit.Create)
	default:
		c.gate.Pause(time.Now().Add(wait))
	}
}

// retryAfter reads Retry-After of a 429 or 503, in seconds or as an HTTP date.
// A date counts from the server's own clock where the answer has it. A wait is
// at least one second, and longestWait at most.
func retryAfter(a *answer) (wait time.Duration, announced bool) {
	if a.status != http.StatusTooManyRequests && a.status != http.StatusServiceUnavailable {
		return 0, false
	}
	value := strings.TrimSpace(a.header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		wait = time.Duration(min(seconds, uint64(longestWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		now, err := http.ParseTime(a.header.Get("Date"))
		if err != nil {
			now = time.Now()
		}
		wait = at.Sub(now)
	} else {
		return 0, false
	}
	return min(max(wait, time.Second), longestWait), true
}
