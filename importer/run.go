package importer

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"guestlist/guest"
	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/tallyfy"
)

const (
	// freshFor is how long it may be relied on that somebody is no guest: an
	// import lasts days, and others create guests meanwhile.
	freshFor = 10 * time.Minute

	// Patience is how long a worker may be held by a call that has to wait. What
	// takes longer waits with the feeder, where it holds nobody up. A client for
	// imports should have the same.
	Patience = time.Second

	// mostWaiting bounds the rows that wait to be settled or sent again, and so
	// the memory they take.
	mostWaiting = 1000
)

// Run sends what a plan holds. It is made by Plan.Run.
type Run struct {
	plan    *Plan
	journal *results.Journal
	cancel  context.CancelCauseFunc

	done       [len(statuses)]atomic.Int64 // rows by status
	creates    atomic.Int64                // creates that are not settled yet
	associates atomic.Int64                // associations that are not settled yet

	mu        sync.Mutex
	forbidden []forbidden // since the last success
	succeeded bool        // some write was taken
}

// statuses are the ends that a row can come to.
var statuses = [...]results.Status{
	results.Created, results.Updated, results.Unchanged, results.Invalid, results.Duplicate, results.Failed,
}

// NewRun prepares to send a plan and to keep the outcomes in a journal.
func (p *Plan) NewRun(journal *results.Journal) *Run {
	r := &Run{plan: p, journal: journal}
	r.creates.Store(int64(p.Counts.Create))
	r.associates.Store(int64(p.Counts.Associate + p.Counts.CreateAssociate))
	return r
}

// CallsLeft returns how many calls of each class are still to be made, as far
// as is known. It may be called while the run is under way.
func (r *Run) CallsLeft() map[ratelimit.Class]int {
	return map[ratelimit.Class]int{
		ratelimit.Create: int(r.creates.Load()), ratelimit.Write: int(r.associates.Load()),
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

// Do sends everything that the plan still needs. When it returns nil, every
// row has its outcome in the journal. A row that fails is an outcome; an error
// means that the run ended before its time: the context was cancelled, the
// token is not accepted, the journal cannot be written, the input changed. Rows
// without an outcome are then left open for a resume.
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
	// A group of workers returns nil when only its context was cancelled.
	if err = errors.Join(err, pool.Wait()); err == nil {
		err = r.settleForbidden()
	}
	if cause := context.Cause(ctx); cause != nil && err != nil {
		return cause
	}
	return err
}

// feed gives every row that needs a call to the workers, and takes back those
// that must wait before they go on, so that no worker sleeps on a row.
func (r *Run) feed(ctx context.Context, tasks chan<- *task, back <-chan *task) (err error) {
	// Creates are the scarcest calls. They have a cursor of their own, so that a
	// create that must wait does not hold up the rows behind it.
	creates, err := r.newCursor(func(n need) bool { return n == create })
	if err != nil {
		close(tasks)
		return err
	}
	others, err := r.newCursor(func(n need) bool { return n != create })
	if err != nil {
		close(tasks)
		return errors.Join(err, creates.close())
	}
	var waiting [ratelimit.Classes]waitingTasks // by class, as each is paused by itself
	underWay := 0
	defer func() {
		close(tasks)
		for ; underWay > 0; underWay-- {
			<-back
		}
		err = errors.Join(err, creates.close(), others.close())
	}()
	for {
		next, wait, err := r.choose(ctx, waiting[:], creates, others)
		if err != nil {
			return err
		}
		if next == nil && wait < 0 && underWay == 0 {
			return nil
		}
		var out chan<- *task
		if next != nil {
			out = tasks
		}
		timer := time.NewTimer(max(0, wait))
		alarm := timer.C
		if wait < 0 || next != nil {
			timer.Stop()
			alarm = nil
		}
		select {
		case out <- next:
			underWay++
			next.taken()
		case t := <-back:
			underWay--
			if !t.done {
				heap.Push(&waiting[t.class()], t)
			}
		case <-alarm:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
		timer.Stop()
	}
}

// choose returns the task to hand out next, without taking it from where it
// is. Without one it tells how long to wait for the first; a negative wait
// means that nothing is left but what the workers have.
func (r *Run) choose(ctx context.Context, waiting []waitingTasks, creates, others *cursor) (next *task, wait time.Duration, err error) {
	wait = -1
	consider := func(t *task, from source) {
		if t == nil || next != nil {
			return
		}
		delay := max(time.Until(t.due), r.plan.o.Gate.Delay(t.class()))
		if delay <= Patience && time.Until(t.due) <= 0 {
			next, t.from = t, from
			return
		}
		if wait < 0 || delay < wait {
			wait = delay
		}
	}
	held := 0
	for class := range waiting {
		if held += len(waiting[class]); len(waiting[class]) > 0 {
			consider(waiting[class][0], &waiting[class])
		}
	}
	for _, c := range []*cursor{creates, others} {
		if next != nil || held >= mostWaiting {
			break
		}
		t, err := c.peek(ctx)
		if err != nil {
			return nil, 0, err
		}
		consider(t, c)
	}
	return next, wait, nil
}

// source is where a task stands until a worker takes it.
type source interface{ take() }

// cursor reads the rows of one kind, one ahead.
type cursor struct {
	run    *Run
	wants  func(need) bool
	input  io.Closer
	reader *guest.Reader
	row    int // that comes next
	head   *task
	ended  bool
}

func (r *Run) newCursor(wants func(need) bool) (*cursor, error) {
	in, err := r.plan.o.Open()
	if err != nil {
		return nil, fmt.Errorf("read the input again: %w", err)
	}
	reader, err := guest.NewReader(in, r.plan.o.CSV)
	if err != nil {
		return nil, errors.Join(ErrInputChanged, in.Close())
	}
	return &cursor{run: r, wants: wants, input: in, reader: reader}, nil
}

// peek returns the next row that needs a call, or nil after the last. Rows
// that need none get their line on the way.
func (c *cursor) peek(ctx context.Context) (*task, error) {
	p := c.run.plan
	for c.head == nil && !c.ended {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		row, err := c.reader.Read()
		if errors.Is(err, io.EOF) {
			c.ended = true
			if c.row != len(p.rows) {
				return nil, ErrInputChanged
			}
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the input again after row %d: %w", c.row, err)
		}
		i := c.row
		c.row++
		if !p.same(i, row) {
			return nil, ErrInputChanged
		}
		if !c.wants(p.rows[i].need) {
			continue
		}
		d, err := p.decide(ctx, i, &row)
		if err != nil {
			return nil, err
		}
		if d.need == create || d.need == associate {
			c.head, err = c.run.newTask(row, d)
		} else {
			err = c.run.record(d.line)
		}
		if err != nil {
			return nil, err
		}
	}
	return c.head, nil
}

func (c *cursor) take() { c.head = nil }

func (c *cursor) close() error { return c.input.Close() }

// waitingTasks are rows that must wait before they go on; the first is the one
// that is due first.
type waitingTasks []*task

func (w waitingTasks) Len() int           { return len(w) }
func (w waitingTasks) Less(i, j int) bool { return w[i].due.Before(w[j].due) }
func (w waitingTasks) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *waitingTasks) Push(x any)        { *w = append(*w, x.(*task)) }
func (w *waitingTasks) Pop() any {
	last := len(*w) - 1
	t := (*w)[last]
	(*w)[last] = nil
	*w = (*w)[:last]
	return t
}

// take removes the task that is due first.
func (w *waitingTasks) take() { heap.Pop(w) }

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
	return nil
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

// ended tells whether an API error is about the run and not about the row.
func ended(err error) bool {
	var e *tallyfy.Error
	return errors.As(err, &e) && (e.Unauthenticated() || e.EndpointNotFound())
}
