package importer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"guestlist/guest"
	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/tallyfy"
)

// errStale keeps a write back whose guest may have appeared, or become another,
// since it was last looked for.
var errStale = errors.New("the guest has to be looked for again")

// isStale tells whether it is too long ago that the guest was looked for. What is
// done to a guest who exists may be done late as well, unless it is to be that
// guest and no other with the same email.
func (r *Run) isStale(t *task) bool {
	matters := r.plan.o.Mode.imports() || r.plan.o.CreatedBy != nil
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

func (r *Run) create(ctx context.Context, t *task) error {
	if r.isStale(t) {
		t.step = stepLookUp
		return nil
	}
	leaving := departure{run: r, task: t}
	g, err := r.plan.o.Client.Create(ctx, &t.row.Guest, leaving.record)
	if err == nil {
		r.outage.works(ratelimit.Create)
		t.line.HTTPStatus = g.HTTPStatus
		r.plan.decideCreated(&t.decision, &t.row.Guest, r.plan.newKnown(g))
		if err := r.success(); err != nil {
			return err
		}
		return r.proceed(t)
	}
	e, err := leaving.failed(err)
	if e == nil {
		return err
	}
	down := r.outage.fails(ratelimit.Create, e)
	switch {
	case e.NotAdmitted():
		if err := errors.Join(down, r.leaveOpen(t, e)); err != nil {
			return err
		}
		return r.again(t, e)
	case e.FateUnknown():
		return r.gotLost(ctx, t, e, down)
	case ended(e) || e.Absent():
		return errors.Join(fmt.Errorf("create guests in %s: %w", r.plan.o.Org, e), r.leaveOpen(t, e))
	case e.Forbidden():
		return errors.Join(r.leaveOpen(t, e), r.refused(t, e, e))
	case e.AboutEmail(), e.Status == http.StatusUnprocessableEntity && t.line.Attempts > 1:
		t.refusal, t.step = e, stepLookUp
		return nil
	}
	return r.fail(t, e)
}

func (r *Run) associate(ctx context.Context, t *task) error {
	g, err := r.plan.o.Client.Associate(ctx, t.row.Guest.Email, t.members)
	if errors.Is(err, ratelimit.ErrLongWait) {
		return t.holdBack()
	}
	var e *tallyfy.Error
	if err != nil && !errors.As(err, &e) {
		return err // it ended before anything left
	}
	if err == nil || e.Sent {
		t.line.Attempts++
	}
	if err == nil {
		r.outage.works(ratelimit.Write)
		t.line.HTTPStatus = g.HTTPStatus
		if err := r.success(); err != nil {
			return err
		}
		if g.Has(guest.AssociatedMembers.String()) && !sameMembers(g.AssociatedMembers, t.members) {
			return r.fail(t, fmt.Errorf("associated_members: the server took the update and kept %q", g.AssociatedMembers))
		}
		if t.line.Status != results.Created {
			t.line.Status = results.Updated
		}
		return r.finish(t)
	}
	t.line.HTTPStatus = e.Status
	down := r.outage.fails(ratelimit.Write, e)
	switch {
	case e.NotAdmitted(), e.FateUnknown(): // setting the same list again does no harm
		if e.FateUnknown() && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if down != nil {
			return errors.Join(down, r.leaveOpen(t, e))
		}
		return r.again(t, e)
	case ended(e):
		return errors.Join(fmt.Errorf("associate members in %s: %w", r.plan.o.Org, e), r.leaveOpen(t, e))
	case e.Forbidden():
		return errors.Join(r.leaveOpen(t, e), r.refused(t, e, e))
	}
	return r.fail(t, e)
}

// again sends the same write again: as soon as the gate lets it when the server
// said "not now", which is no failure, else after a delay that grows.
func (r *Run) again(t *task, e *tallyfy.Error) error {
	if e.Announced || e.Status == http.StatusTooManyRequests {
		return nil
	}
	if t.tries++; t.tries >= r.plan.o.Attempts {
		return r.fail(t, e)
	}
	t.due = time.Now().Add(backoff(t.tries))
	return nil
}

// backoff returns the delay after that many tries. It doubles up to half a
// minute, give or take a half, so that rows that failed together do not come
// back together.
func backoff(tries int) time.Duration {
	delay := min(time.Second<<min(tries-1, 5), 30*time.Second)
	return delay/2 + rand.N(delay)
}

// leaveOpen notes in the journal why a write was refused or never left, so that a
// resume need not look for a create that a line "sending" speaks of, and knows a
// guest that was created. The row has no outcome yet.
func (r *Run) leaveOpen(t *task, err error) error {
	l := t.failure(err)
	l.FinishedAt = time.Now()
	return r.journal.Note(l)
}
