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

// task is a row on its way through its calls.
type task struct {
	row guest.Row
	decision
	planned results.Action // what was left to send when the run began

	step    step
	due     time.Time // not before
	done    bool
	knownAt time.Time // when it was learned that the guest is missing
	tries   int       // of the present write, those that count

	// lost is since when a create's fate is not known; zero: none is. While it is
	// set, looks counts the look-ups that did not find the guest.
	lost  time.Time
	looks int
	// ours is set when a create got lost, now or earlier: if the guest turns up,
	// it was this import that made it.
	ours bool
	// misses counts the look-ups in a row that told nothing.
	misses int
	// refusal is a 422 that may mean that the guest exists already.
	refusal *tallyfy.Error
	// last is why the last try of a write did not succeed.
	last error
}

// holdBack gives a task whose call would have to wait back to the feeder, which
// hands it out again when the call may go.
func (t *task) holdBack() error {
	t.due = time.Now().Add(Patience / 10)
	return nil
}

// isStale tells whether it is too long ago that the guest was looked for.
func (t *task) isStale() bool { return time.Since(t.knownAt) > freshFor }

// sending is the line that stands in the journal before a create leaves.
func (t *task) sending() results.Line {
	l := t.line
	l.Status, l.HTTPStatus, l.Error, l.FinishedAt = results.Sending, 0, "", time.Now()
	return l
}

type step uint8

const (
	stepLookUp step = iota
	stepCreate
	stepAssociate
)

// settleAfter is when somebody is looked up whose create got lost: the server
// may still be at work on it. Only when the last look-up finds nobody may the
// create be sent again.
var settleAfter = [...]time.Duration{0, time.Second, 3 * time.Second, 8 * time.Second, 20 * time.Second}

func (r *Run) newTask(i int, row guest.Row, d decision) (*task, error) {
	t := &task{row: row, decision: d, knownAt: r.plan.knownAt, step: stepAssociate, planned: results.Associate}
	if d.need != create {
		return t, nil
	}
	t.step, t.planned = stepCreate, d.line.Action
	if r.plan.unclear[i] {
		t.step = stepLookUp
	}
	earlier, ok, err := r.plan.o.Earlier.Find(row.Guest.Email)
	if err != nil {
		return nil, err
	}
	if ok && earlier.Unsettled() {
		// Looked up again even if the listing has just missed it: the server may
		// have been at work on it. What is old already is looked up once.
		t.step, t.lost, t.ours = stepLookUp, earlier.FinishedAt, true
		if now := time.Now(); t.lost.After(now) {
			t.lost = now // by a clock that was wrong
		}
		for t.looks < len(settleAfter)-1 && time.Since(t.lost) >= settleAfter[t.looks+1] {
			t.looks++
		}
	}
	return t, nil
}

// class is that of the task's next call.
func (t *task) class() ratelimit.Class {
	switch t.step {
	case stepCreate:
		return ratelimit.Create
	case stepAssociate:
		return ratelimit.Write
	}
	return ratelimit.Read
}

// advance takes a task through its calls until it is done or has to wait. An
// error ends the run and leaves the row open.
func (r *Run) advance(ctx context.Context, t *task) error {
	for !t.done {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var err error
		switch t.step {
		case stepLookUp:
			err = r.lookUp(ctx, t)
		case stepCreate:
			err = r.create(ctx, t)
		case stepAssociate:
			err = r.associate(ctx, t)
		}
		if err != nil {
			return err
		}
		if time.Until(t.due) > 0 || r.plan.o.Gate.Delay(t.class()) > Patience {
			return nil
		}
	}
	return nil
}

// lookUp asks for the guest: to settle a create that got lost, to see whether a
// refusal means that the guest is there, or to renew old knowledge.
func (r *Run) lookUp(ctx context.Context, t *task) error {
	g, err := r.plan.o.Client.Look(ctx, t.row.Guest.Email)
	if err == nil {
		t.line.HTTPStatus = g.HTTPStatus
		r.found(t, r.plan.newKnown(g))
		return r.proceed(t)
	}
	if errors.Is(err, ratelimit.ErrLongWait) {
		return t.holdBack()
	}
	var e *tallyfy.Error
	switch {
	case absent(err):
		return r.missing(t)
	case ctx.Err() != nil, !errors.As(err, &e), ended(err):
		return err
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
	case !t.lost.IsZero():
		err = fmt.Errorf("%s: the create was sent, and looking the guest up failed too (start again with --resume): %w", results.FateUnknown, err)
	case t.refusal != nil:
		err = t.refusal
	}
	if e.Forbidden() {
		return r.refused(t, err, e)
	}
	return r.fail(t, err)
}

func (r *Run) found(t *task, k *known) {
	if t.ours {
		r.plan.decideCreated(&t.decision, &t.row.Guest, k)
	} else {
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
	if t.refusal != nil {
		return r.fail(t, t.refusal)
	}
	if !t.lost.IsZero() {
		if t.looks+1 < len(settleAfter) {
			t.looks++
			t.due = t.lost.Add(settleAfter[t.looks])
			return nil
		}
		t.lost, t.looks = time.Time{}, 0
	}
	if t.tries >= r.plan.o.Attempts {
		return r.fail(t, t.last)
	}
	t.step = stepCreate
	return nil
}

// errStale keeps a create back whose guest may have appeared since it was last
// looked for.
var errStale = errors.New("the guest has to be looked for again")

func (r *Run) create(ctx context.Context, t *task) error {
	if t.isStale() {
		t.step = stepLookUp
		return nil
	}
	left := false
	g, err := r.plan.o.Client.Create(ctx, &t.row.Guest, func() error {
		if t.isStale() {
			return errStale
		}
		t.line.Attempts++
		left = true
		return r.journal.Note(t.sending())
	})
	if err == nil {
		t.line.HTTPStatus = g.HTTPStatus
		r.plan.decideCreated(&t.decision, &t.row.Guest, r.plan.newKnown(g))
		if err := r.success(); err != nil {
			return err
		}
		return r.proceed(t)
	}
	switch {
	case errors.Is(err, errStale):
		t.step = stepLookUp
		return nil
	case errors.Is(err, ratelimit.ErrLongWait):
		return t.holdBack()
	case !left:
		return err
	}
	var e *tallyfy.Error
	if !errors.As(err, &e) { // it ended before anything left
		t.line.Attempts--
		return errors.Join(err, r.leaveOpen(t, err))
	}
	t.last, t.line.HTTPStatus = e, e.Status
	switch {
	case e.NotAdmitted():
		if !e.Sent {
			t.line.Attempts--
		}
		return errors.Join(r.leaveOpen(t, e), r.again(t, e))
	case e.FateUnknown():
		if ctx.Err() != nil {
			return context.Cause(ctx) // open: the line "sending" stands
		}
		t.tries++
		t.step, t.lost, t.looks, t.ours = stepLookUp, time.Now(), 0, true
		return nil
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
	switch {
	case e.NotAdmitted():
		return r.again(t, e)
	case e.FateUnknown(): // setting the same list again does no harm
		if ctx.Err() != nil {
			return context.Cause(ctx)
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

// fail ends a row.
func (r *Run) fail(t *task, err error) error {
	t.line = t.failure(err)
	return r.finish(t)
}

// failure is the line of a row that failed. What was done on the server before
// stays in it.
func (t *task) failure(err error) results.Line {
	l := t.line
	var e *tallyfy.Error
	if errors.As(err, &e) && l.HTTPStatus == 0 {
		l.HTTPStatus = e.Status
	}
	l.Action = results.None
	if l.Status == results.Created {
		l.Action = results.Create
	}
	l.Status, l.Error = results.Failed, describe(err)
	return l
}

// describe words an error for the results: what the server says of fields
// stands as "field: message" parts.
func describe(err error) string {
	var e *tallyfy.Error
	if errors.As(err, &e) && len(e.Fields) > 0 {
		return e.FieldText()
	}
	return err.Error()
}

func (r *Run) finish(t *task) error {
	t.done = true
	return r.conclude(t.line, t.planned)
}

// conclude records the outcome of a row whose calls were planned.
func (r *Run) conclude(l results.Line, planned results.Action) error {
	switch planned {
	case results.CreateAssociate:
		r.associates.Add(-1)
		r.creates.Add(-1)
	case results.Create:
		r.creates.Add(-1)
	case results.Associate:
		r.associates.Add(-1)
	}
	return r.record(l)
}

// leaveOpen notes in the journal why a write was refused or never left, so that a
// resume need not look for a create that a line "sending" speaks of, and knows a
// guest that was created. The row has no outcome yet.
func (r *Run) leaveOpen(t *task, err error) error {
	l := t.failure(err)
	l.FinishedAt = time.Now()
	return r.journal.Note(l)
}
