package importer

import (
	"context"
	"errors"
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
	knownAt time.Time // when it was learned who the guest is, or that there is none
	tries   int       // of the present write, those that count

	// lost is since when a write's fate is not known; zero: none is. While it is
	// set, looks counts the look-ups that did not find it done.
	lost  time.Time
	looks int
	// ours is set when a write got lost, now or earlier: if it turns out to be done,
	// it was this run that did it.
	ours bool
	// misses counts the look-ups in a row that told nothing.
	misses int
	// refusal is an answer that may mean that it is done already: the guest exists, or is
	// gone.
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

type step uint8

const (
	stepLookUp step = iota
	stepCreate
	stepAssociate
	stepChange
)

func (r *Run) newTask(i int, row guest.Row, d decision) (*task, error) {
	t := &task{row: row, decision: d, knownAt: r.plan.knownAt, step: stepAssociate, planned: results.Associate}
	switch {
	case d.need == change:
		t.step, t.planned = stepChange, d.line.Action
	case d.need == create, d.need.toSettle():
		t.step, t.planned = stepCreate, d.line.Action
	default:
		return t, nil
	}
	if r.plan.unclear[i] {
		t.step = stepLookUp
	}
	if d.need == settleInvalid {
		t.step, t.ours = stepLookUp, true
	}
	earlier, ok, err := r.plan.o.Earlier.Find(row.Guest.Email)
	if err != nil {
		return nil, err
	}
	if ok && earlier.Unsettled() {
		// Looked up again even if the listing has just missed it: the server may
		// have been at work on it. What is old already is looked up once.
		t.step, t.lost, t.ours = stepLookUp, earlier.FinishedAt, true
		if earlier.Error == "" {
			// It was on its way when the run ended: nobody knows when that was, nor how
			// long that run would have waited.
			t.lost = t.lost.Add(max(time.Minute, r.plan.o.Client.Timeout()))
		}
		if now := time.Now(); t.lost.After(now) {
			t.lost = now // also by a clock that was wrong
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
	case stepAssociate, stepChange:
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
		case stepChange:
			err = r.change(ctx, t)
		}
		if err != nil {
			return err
		}
		if time.Until(t.due) > 0 || r.outage.hold(t.class()) > 0 || r.plan.o.Gate.Delay(t.class()) > Patience {
			return nil
		}
	}
	return nil
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
// stands as "field: message" parts, unless there is more to say.
func describe(err error) string {
	if e, alone := err.(*tallyfy.Error); alone && len(e.Fields) > 0 {
		return e.FieldText()
	}
	return err.Error()
}

func (r *Run) finish(t *task) error {
	t.done = true
	return r.conclude(t.final(t.line), t.planned)
}

// conclude records the outcome of a row whose calls were planned.
func (r *Run) conclude(l results.Line, planned results.Action) error {
	switch planned {
	case results.CreateAssociate:
		r.updates.Add(-1)
		r.creates.Add(-1)
	case results.Create:
		r.creates.Add(-1)
	case results.Associate, results.Delete, results.Disable, results.Enable:
		r.updates.Add(-1)
	}
	return r.record(l)
}
