package importer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/tallyfy"
)

const (
	// freshFor is how long it may be relied on that somebody is no guest, or which
	// guest has an email: a run lasts days, and others create guests meanwhile.
	freshFor = 10 * time.Minute

	// Patience is how long a worker may be held by a call that has to wait. What
	// takes longer waits with the feeder, where it holds nobody up. A client for
	// runs should have the same.
	Patience = time.Second
)

// Run sends what a plan holds. It is made by Plan.NewRun.
type Run struct {
	plan    *Plan
	journal *results.Journal
	cancel  context.CancelCauseFunc

	done      [len(statuses)]atomic.Int64 // rows by status
	creates   atomic.Int64                // creates that are not settled yet
	updates   atomic.Int64                // other writes that are not settled yet
	unsettled atomic.Int64                // rows that ended with a write of an unknown fate
	outage    outage

	mu        sync.Mutex
	forbidden []forbidden // since the last success
	succeeded bool        // some write was taken
}

// statuses are the ends that a row can come to.
var statuses = [...]results.Status{
	results.Created, results.Updated, results.Deleted, results.Disabled, results.Enabled,
	results.Unchanged, results.Invalid, results.Duplicate, results.Failed,
}

// NewRun prepares to send a plan and to keep the outcomes in a journal.
func (p *Plan) NewRun(journal *results.Journal) *Run {
	r := &Run{plan: p, journal: journal, outage: outage{most: p.o.MaxFailures}}
	calls := p.Calls()
	r.creates.Store(int64(calls[ratelimit.Create]))
	r.updates.Store(int64(calls[ratelimit.Write]))
	return r
}

// CallsLeft returns how many calls of each class are still to be made, as far
// as is known. It may be called while the run is under way.
func (r *Run) CallsLeft() map[ratelimit.Class]int {
	return map[ratelimit.Class]int{
		ratelimit.Create: int(r.creates.Load()), ratelimit.Write: int(r.updates.Load()),
	}
}

// Rows returns how many rows have come to each end so far. It may be called
// while the run is under way.
func (r *Run) Rows() map[results.Status]int {
	rows := make(map[results.Status]int, len(statuses))
	for i, s := range statuses {
		if n := r.done[i].Load(); n > 0 {
			rows[s] = int(n)
		}
	}
	return rows
}

// Unsettled returns how many rows came to their end with a write of which nobody
// knows what became. A resume settles them.
func (r *Run) Unsettled() int { return int(r.unsettled.Load()) }

// RecordSettled records the rows that need no call: refused, unchanged, or done
// by an earlier run. Do comes after it.
func (r *Run) RecordSettled(ctx context.Context) error {
	settled := func(i int) bool {
		n := r.plan.rows[i].need
		return n != elsewhere && !n.isOpen()
	}
	return r.plan.eachWanted(ctx, settled, func(i int, row inputRow) error {
		d, err := r.plan.decide(ctx, i, &row)
		if err != nil {
			return err
		}
		return r.record(d.final(d.line))
	})
}

// Do sends everything that the plan still needs. When it returns nil, every such
// row has its outcome in the journal. A row that fails is an outcome; an error
// means that the run ended before its time: the context was cancelled, the
// token is not accepted, the server is in trouble, the journal cannot be
// written, the input changed, a limit holds up all that is left for longer than
// the gate's MaxWait (a *ratelimit.TooLong). Rows without an outcome are then left open for a
// resume.
func (r *Run) Do(ctx context.Context) error {
	ctx, r.cancel = context.WithCancelCause(ctx)
	defer r.cancel(nil)
	var pool errgroup.Group
	tasks := make(chan *task)
	back := make(chan *task)
	for range max(1, r.plan.o.Workers) {
		pool.Go(func() error {
			for t := range tasks {
				if err := r.advance(ctx, t); err != nil {
					r.cancel(err)
					t.done = true
				}
				back <- t
			}
			return nil
		})
	}
	err := r.feed(ctx, tasks, back)
	if err = errors.Join(err, pool.Wait()); err == nil {
		err = r.settleForbidden()
	}
	return err
}

// record keeps the outcome of a row.
func (r *Run) record(l results.Line) error {
	if l.FinishedAt.IsZero() {
		l.FinishedAt = time.Now()
	}
	if err := r.journal.Append(l); err != nil {
		return err
	}
	for i, s := range statuses {
		if s == l.Status {
			r.done[i].Add(1)
		}
	}
	if l.Unsettled() {
		r.unsettled.Add(1)
	}
	return nil
}

// ended tells whether an API error is about the run and not about the row.
func ended(err error) bool {
	var e *tallyfy.Error
	return errors.As(err, &e) && (e.Unauthenticated() || e.EndpointNotFound())
}
