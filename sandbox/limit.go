package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Limit is how many calls of a class are served in a window of time.
type Limit struct {
	Class  string // empty: all
	Calls  int
	Window time.Duration
}

// window is a limit with what is spent of it. It begins with the first call counted, as Laravel's limiter does it.
type window struct {
	Limit
	ends time.Time
	used int
}

func newWindows(limits []Limit) []window {
	ws := make([]window, len(limits))
	for i, l := range limits {
		ws[i].Limit = l
	}
	return ws
}

// firstOver returns the limit that leaves no room for a call of this class. Where several do, it is the one to wait for
// longest, so that Retry-After is never too short.
func firstOver(ws []window, class string, now time.Time) *window {
	var over *window
	for i := range ws {
		w := &ws[i]
		if within(class, w.Class) && w.used >= w.Calls && now.Before(w.ends) && (over == nil || w.ends.After(over.ends)) {
			over = w
		}
	}
	return over
}

// count enters a call into all its limits and returns the headers that tell of the tightest.
func count(ws []window, class string, now time.Time) [][2]string {
	var tightest *window
	for i := range ws {
		w := &ws[i]
		if !within(class, w.Class) {
			continue
		}
		if !now.Before(w.ends) {
			w.used, w.ends = 0, now.Add(w.Window)
		}
		w.used++
		if w.Class != "invite" && (tightest == nil || w.Calls-w.used < tightest.Calls-tightest.used) {
			tightest = w
		}
	}
	if tightest == nil {
		return nil
	}
	return tightest.headers()
}

func (w *window) headers() [][2]string {
	return [][2]string{
		{"X-RateLimit-Limit", strconv.Itoa(w.Calls)},
		{"X-RateLimit-Remaining", strconv.Itoa(w.Calls - w.used)},
	}
}

func (s *Sandbox) limited(w *window, now time.Time) reply {
	rep := message(http.StatusTooManyRequests, "Too Many Attempts.")
	if w.Class == "invite" {
		rep = valueReply(http.StatusTooManyRequests, map[string]any{
			"error": true, "code": "RATE_LIMIT_EXCEEDED", "message": w.inviteMessage(),
		})
	}
	rep.add([][2]string{{"Retry-After", strconv.Itoa(wholeSeconds(w.ends.Sub(now)))}})
	if !s.opt.HideLimits {
		rep.add(w.headers())
	}
	return rep
}

// inviteMessage is the documented text, with the figures of this limit.
func (w *window) inviteMessage() string {
	kind, unit := "", w.Window.String()
	switch w.Window {
	case time.Minute:
		unit = "minute"
	case time.Hour:
		kind, unit = "hourly ", "hour"
	case 24 * time.Hour:
		kind, unit = "daily ", "day"
	}
	return fmt.Sprintf("You've reached the %slimit for Guest Invite (%d per %s per organization)", kind, w.Calls, unit)
}
