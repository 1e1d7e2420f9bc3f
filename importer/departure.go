package importer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/tallyfy"
)

// errStale keeps a write back whose guest may have appeared, or become another,
// since it was last looked for.
var errStale = errors.New("the guest has to be looked for again")

// isStale tells whether it is too long ago that the guest was looked for. What is
// done to a guest who exists may be done late as well, unless it is to be that
// guest and no other with the same email, or makes a new link for one who is enabled
// by now.
func (r *Run) isStale(t *task) bool {
	matters := r.plan.o.Mode.imports() || r.plan.o.Mode == Enable || r.plan.o.CreatedBy != nil
	return matters && time.Since(t.knownAt) > freshFor
}

// sending is the line that stands in the journal before a write leaves and, with
// the reason, again when its fate is not known: that is when the server's time
// begins.
func (t *task) sending(lost error) results.Line {
	l := t.line
	l.Status, l.HTTPStatus, l.Error, l.FinishedAt = results.Sending, 0, "", time.Now()
	if lost != nil {
		l.Error = describe(lost)
	}
	return l
}

// departure is a write of a task that must not be sent twice: what it is about is
// in the journal before it leaves.
type departure struct {
	run    *Run
	task   *task
	left   bool  // or was about to
	broken error // of the journal
}

// record is called when the write is about to leave.
func (d *departure) record() error {
	if d.run.isStale(d.task) {
		return errStale
	}
	d.task.line.Attempts++
	d.broken = d.run.journal.Note(d.task.sending(nil))
	d.left = d.broken == nil
	return d.broken
}

// refused goes on after the write, which is called what, did not succeed. Only where the
// server refused what this row asks for is that left to the caller, with its answer;
// without one the row has been seen to, or the other error ends the run.
func (d *departure) refused(ctx context.Context, what string, err error) (*tallyfy.Error, error) {
	r, t, class := d.run, d.task, d.task.class()
	e, err := d.failed(err)
	if e == nil {
		return nil, err
	}
	down := r.outage.fails(class, e)
	switch {
	case e.NotAdmitted():
		if err := errors.Join(down, r.leaveOpen(t, e)); err != nil {
			return nil, err
		}
		return nil, r.again(t, e)
	case e.FateUnknown():
		return nil, r.gotLost(ctx, t, e, down)
	case ended(e), class == ratelimit.Create && e.Absent():
		return nil, errors.Join(fmt.Errorf("%s guests in %s: %w", what, r.plan.o.Org, e), r.leaveOpen(t, e))
	case e.Forbidden():
		return nil, errors.Join(r.leaveOpen(t, e), r.refused(t, e, e))
	}
	return e, nil
}

// failed tells what the error of the write means for the row. Without an API error
// the row has been seen to, or the other error ends the run.
func (d *departure) failed(err error) (*tallyfy.Error, error) {
	t := d.task
	switch {
	case errors.Is(err, errStale):
		t.step = stepLookUp
		return nil, nil
	case errors.Is(err, ratelimit.ErrLongWait):
		return nil, t.holdBack()
	case d.broken != nil:
		return nil, d.broken // no matter of this guest
	case !d.left:
		return nil, err
	}
	var e *tallyfy.Error
	if !errors.As(err, &e) { // it ended before anything left
		t.line.Attempts--
		return nil, errors.Join(err, d.run.leaveOpen(t, err))
	}
	t.last, t.line.HTTPStatus = e, e.Status
	if !e.Sent {
		t.line.Attempts--
	}
	return e, err
}

// gotLost goes on after a write whose fate is not known.
func (r *Run) gotLost(ctx context.Context, t *task, e *tallyfy.Error, down error) error {
	if err := r.journal.Note(t.sending(e)); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if down != nil {
		return down
	}
	t.tries++
	t.step, t.lost, t.looks, t.ours = stepLookUp, time.Now(), 0, true
	return nil
}
