package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The kinds of faults.
const (
	ServerError = "500"        // an error in JSON, nothing done
	ErrorAfter  = "500-after"  // the work is done, then the same error
	Unavailable = "503"        // an error in JSON with Retry-After, nothing done
	ProxyPage   = "html"       // a proxy's 502 in HTML, nothing done
	CutBefore   = "cut-before" // the connection is cut, nothing done
	CutAfter    = "cut-after"  // the work is done, then the connection is cut without an answer
	CutLate     = "cut-late"   // the connection is cut, and the work is done later
	Half        = "half"       // the work is done, then half of the answer's body and a cut
	Hang        = "hang"       // the work is done, and no answer comes until the client gives up
	TooMany     = "429"        // a limit nobody knew of, with Retry-After; nothing done, nothing counted
)

// Fault is an accident that happens to a share of the calls.
type Fault struct {
	Kind    string  // one of Faults
	Percent float64 // 0 to 100, share of the calls of the class
	Class   string  // empty: all
	// RetryAfter is what a 503 and a 429 announce, in whole seconds, rounded up. Zero: one second. Negative: nothing.
	RetryAfter time.Duration
	// Late is when a cut-late does its work, from the cut on. Zero: two seconds.
	Late time.Duration
}

// Faults returns the kinds there are.
func Faults() []string {
	return []string{ServerError, ErrorAfter, Unavailable, ProxyPage, CutBefore, CutAfter, CutLate, Half, Hang, TooMany}
}

func knownFault(kind string) bool { return slices.Contains(Faults(), kind) }

// draw returns the fault that strikes a call of this class, nil for none.
func (s *Sandbox) draw(class string) *Fault {
	for i := range s.opt.Faults {
		f := &s.opt.Faults[i]
		if within(class, f.Class) && s.chance.Float64()*100 < f.Percent {
			return f
		}
	}
	return nil
}

func (f *Fault) beforeWork() bool {
	return f.Kind == ServerError || f.Kind == Unavailable || f.Kind == ProxyPage || f.Kind == CutBefore
}

// late is the delay of a cut-late.
func (f *Fault) late() time.Duration {
	if f.Late == 0 {
		return 2 * time.Second
	}
	return f.Late
}

// reply is what the client gets to read of this fault, if anything.
func (f *Fault) reply() reply {
	var rep reply
	switch f.Kind {
	case ServerError, ErrorAfter:
		rep = message(http.StatusInternalServerError, "Server Error")
	case Unavailable:
		rep = message(http.StatusServiceUnavailable, "Service Unavailable")
		rep.add(f.retryAfter())
	case ProxyPage:
		rep = pageReply(http.StatusBadGateway, "<html>\n<head><title>502 Bad Gateway</title></head>\n<body><h1>502 Bad Gateway</h1></body>\n</html>\n")
	case TooMany:
		rep = message(http.StatusTooManyRequests, "Too Many Attempts.")
		rep.add(f.retryAfter())
	}
	return rep
}

func (f *Fault) retryAfter() [][2]string {
	if f.RetryAfter < 0 {
		return nil
	}
	return [][2]string{{"Retry-After", strconv.Itoa(wholeSeconds(f.RetryAfter))}}
}

// wholeSeconds rounds up and is at least 1: a client told to wait 0 seconds would come back at once, in vain.
func wholeSeconds(d time.Duration) int {
	return max(1, int((d+time.Second-1)/time.Second))
}

// kindOf also takes the lack of a fault.
func kindOf(f *Fault) string {
	if f == nil {
		return ""
	}
	return f.Kind
}

// statusSeen is the status that reaches the client, 0 for none.
func statusSeen(rep reply, struck *Fault) int {
	switch kindOf(struck) {
	case CutBefore, CutAfter, CutLate, Hang:
		return 0
	}
	return rep.status
}
