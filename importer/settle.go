package importer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/tallyfy"
)

// settleAfter is when somebody is looked up whose write got lost: the server
// may still be at work on it. Only when the last look-up finds that it was not done
// may it be sent again. The last one comes later the more often it got lost.
var settleAfter = [...]time.Duration{0, time.Second, 3 * time.Second, 8 * time.Second, 20 * time.Second}

// lookUp asks for the guest: to settle a write that got lost, to see whether a
// refusal means that it is done already, or to renew old knowledge.
func (r *Run) lookUp(ctx context.Context, t *task) error {
	g, err := r.plan.o.Client.Look(ctx, t.row.Guest.Email)
	if err == nil {
		r.outage.works(ratelimit.Read)
		t.line.HTTPStatus, t.knownAt, t.misses = g.HTTPStatus, time.Now(), 0
		k := r.plan.newKnown(g)
		if !r.plan.o.Mode.imports() {
			return r.settleChange(t, k)
		}
		r.found(t, k)
		return r.proceed(t)
	}
	if errors.Is(err, ratelimit.ErrLongWait) {
		return t.holdBack()
	}
	var e *tallyfy.Error
	if ctx.Err() != nil || !errors.As(err, &e) {
		return err
	}
	down := r.outage.fails(ratelimit.Read, e)
	switch {
	case e.Absent():
		return r.missing(t)
	case ended(e):
		return err
	case down != nil:
		return down
	case e.NotAdmitted(), e.FateUnknown(): // the server may know in a while
		if e.Announced || e.Status == http.StatusTooManyRequests {
			return nil
		}
		if t.misses++; t.misses < r.plan.o.Attempts {
			t.due = time.Now().Add(backoff(t.misses))
			return nil
		}
	}
	switch {
	case !t.lost.IsZero(), t.ours:
		write := results.Create
		if !r.plan.o.Mode.imports() {
			_, write = r.plan.o.Mode.changed()
		}
		err = fmt.Errorf("%s, and looking the guest up failed too (start again with --resume): %w", results.Sent(write), err)
	case t.refusal != nil:
		err = t.refusal
	}
	if e.Forbidden() {
		return r.refused(t, err, e)
	}
	return r.fail(t, err)
}

func (r *Run) found(t *task, k *known) {
	switch {
	case t.need == settleInvalid:
		r.plan.decideInvalid(&t.decision, &t.row.Guest, k)
	case t.ours:
		r.plan.decideCreated(&t.decision, &t.row.Guest, k)
	default:
		r.plan.decideFrom(&t.decision, &t.row.Guest, k)
	}
	t.lost, t.refusal = time.Time{}, nil
}

// proceed goes on after the guest was found.
func (r *Run) proceed(t *task) error {
	if t.need == associate {
		t.step, t.tries = stepAssociate, 0
		return nil
	}
	return r.finish(t)
}

func (r *Run) missing(t *task) error {
	t.knownAt, t.misses = time.Now(), 0
	if !r.plan.o.Mode.imports() {
		return r.settleChange(t, nil)
	}
	if t.refusal != nil {
		return r.fail(t, t.refusal)
	}
	if !t.lost.IsZero() && t.looksAgain() {
		return nil
	}
	if t.need == settleInvalid {
		return r.finish(t)
	}
	if r.plan.o.Mode == Update {
		r.plan.decideFrom(&t.decision, &t.row.Guest, nil)
		return r.finish(t)
	}
	if t.tries >= r.plan.o.Attempts {
		return r.fail(t, t.last)
	}
	t.step = stepCreate
	return nil
}

// looksAgain sets when a write that got lost is looked for again. After the last
// time it is taken for one that was never done.
func (t *task) looksAgain() bool {
	if t.looks+1 >= len(settleAfter) {
		t.lost, t.looks = time.Time{}, 0
		return false
	}
	t.looks++
	t.due = t.lost.Add(settleAfter[t.looks])
	if last := t.looks == len(settleAfter)-1; last && t.tries > 1 {
		t.due = t.due.Add(backoff(t.tries - 1)) // it keeps getting lost
	}
	return true
}
