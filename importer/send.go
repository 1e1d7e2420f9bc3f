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
	e, err := leaving.refused(ctx, "create", err)
	switch {
	case e == nil:
		return err
	case e.AboutEmail(), e.Status == http.StatusUnprocessableEntity && t.line.Attempts > 1:
		t.refusal, t.step = e, stepLookUp
		return nil
	}
	return r.fail(t, e)
}

func (r *Run) associate(ctx context.Context, t *task) error {
	left := false
	g, err := r.plan.o.Client.Associate(ctx, t.row.Guest.Email, t.members, func() error {
		t.line.Attempts++
		left = true
		return nil
	})
	if errors.Is(err, ratelimit.ErrLongWait) {
		return t.holdBack()
	}
	var e *tallyfy.Error
	errors.As(err, &e)
	if left && err != nil && (e == nil || !e.Sent) {
		t.line.Attempts--
	}
	if err != nil && e == nil {
		return err // it ended before anything left
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
	if e.SigningIn() {
		return errors.Join(e, r.leaveOpen(t, e))
	}
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
// resume need not settle what a line "sending" speaks of, and knows a guest that was
// created. The row has no outcome yet.
func (r *Run) leaveOpen(t *task, err error) error {
	l := t.failure(err)
	l.FinishedAt = time.Now()
	return r.journal.Note(l)
}
