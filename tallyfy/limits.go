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

// longestWait is the longest wait that is believed; the gate has the same.
const longestWait = 48 * time.Hour

var (
	// They match what the API overview says when the cap on guest invites is reached,
	// with the code RATE_LIMIT_EXCEEDED: "You've reached the hourly limit for Guest
	// Invite (30 per hour per organization)".
	overCap   = regexp.MustCompile(`RATE_LIMIT_EXCEEDED`)
	inviteCap = regexp.MustCompile(`(?i)guest[\s_-]*invit`)

	// capFigures matches the figures of the cap in it.
	capFigures = regexp.MustCompile(`(?i)\b(\d{1,6}) per (?:(second|minute|hour|day)\b|((?:\d+(?:\.\d+)?[hms])+))`)
)

// limits turns what an answer says of limits into plain values.
func limits(class ratelimit.Class, a *answer) ratelimit.Answer {
	l := ratelimit.Answer{Refused: a.status == http.StatusTooManyRequests}
	l.Wait, _ = retryAfter(a)
	if limit, remaining, ok := rateHeaders(a.header); ok {
		l.Limit, l.Remaining = limit, remaining
	}
	if l.Refused && (overCap.Match(a.body) || class == ratelimit.Create && inviteCap.Match(a.body)) {
		l.Capped, l.Cap = true, capOf(a.body)
		l.Limit, l.Remaining = 0, 0 // whatever the headers show, it is not this
	}
	return l
}

// rateHeaders reads X-RateLimit-Limit and X-RateLimit-Remaining, as Laravel writes
// them.
func rateHeaders(h http.Header) (limit, remaining int, ok bool) {
	told := h.Get("X-RateLimit-Limit")
	if told == "" { // as mostly: to find that it is no number would cost more
		return 0, 0, false
	}
	limit, err := strconv.Atoi(strings.TrimSpace(told))
	if err != nil || limit < 1 {
		return 0, 0, false
	}
	remaining, err = strconv.Atoi(strings.TrimSpace(h.Get("X-RateLimit-Remaining")))
	if err != nil || remaining < 0 {
		return 0, 0, false
	}
	return limit, remaining, true
}

// capOf reads the figures of a cap out of a refusal's text. A window or a number
// that is not there is zero.
func capOf(body []byte) (b ratelimit.Budget) {
	m := capFigures.FindSubmatch(body)
	if m == nil {
		return b
	}
	b.Calls, _ = strconv.Atoi(string(m[1])) // of six digits at most
	switch strings.ToLower(string(m[2])) {
	case "second":
		b.Window = time.Second
	case "minute":
		b.Window = time.Minute
	case "hour":
		b.Window = time.Hour
	case "day":
		b.Window = 24 * time.Hour
	default:
		b.Window, _ = time.ParseDuration(strings.ToLower(string(m[3]))) // zero where it is none
	}
	return b
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
