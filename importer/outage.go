package importer

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"guestlist/ratelimit"
	"guestlist/tallyfy"
)

// ErrOutage ends a run because call after call failed: that is about the
// server, and no row's own fault.
var ErrOutage = errors.New("the server is in trouble")

// outage counts the calls of each class that failed in a row. A class has its
// own count, since look-ups may well go on while no guest can be created.
type outage struct {
	most   int                            // failures in a row that a run goes on after; zero: any number
	worked [ratelimit.Classes]atomic.Bool // once at least
	ending atomic.Bool                    // every row was begun
	inARow [ratelimit.Classes]atomic.Int64
	last   [ratelimit.Classes]atomic.Int64 // when the last call was handed out or failed, in Unix nanoseconds
}

// hold returns how long the next call of a class has to wait. After a few
// failures in a row one call goes at a time, and each later than the one before,
// so that a server that starts again is given the time, and few calls are wasted
// on one that is down.
func (o *outage) hold(class ratelimit.Class) time.Duration {
	const badLuck, first, longest = 8, 100 * time.Millisecond, 30 * time.Second
	n := o.inARow[class].Load() - badLuck
	if n < 0 || o.ending.Load() {
		return 0
	}
	return time.Until(time.Unix(0, o.last[class].Load()).Add(min(first<<min(n/8, 10), longest)))
}

// begins notes that a call is handed out.
func (o *outage) begins(class ratelimit.Class) { o.last[class].Store(time.Now().UnixNano()) }

// works notes a call that went well.
func (o *outage) works(class ratelimit.Class) {
	o.inARow[class].Store(0)
	o.worked[class].Store(true)
}

// fails notes a call that did not. An error ends the run. A refusal shows that
// the server is at work, and a call that was put off shows nothing. When all rows
// were begun and others went well, those that are left may be bad luck of their
// own: they have their tries, and then they failed.
func (o *outage) fails(class ratelimit.Class, e *tallyfy.Error) error {
	switch {
	case !e.NotAdmitted() && !e.FateUnknown():
		o.works(class)
		return nil
	case e.NotAdmitted() && e.Sent:
		return nil
	}
	o.begins(class)
	n := o.inARow[class].Add(1)
	if o.most == 0 || n < int64(o.most) || o.ending.Load() && o.worked[class].Load() {
		return nil
	}
	return fmt.Errorf("%w: %d calls in a row failed, the last one: %w", ErrOutage, o.most, e) // others may have failed beside it
}
