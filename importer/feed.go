package importer

import (
	"container/heap"
	"context"
	"errors"
	"time"

	"guestlist/ratelimit"
)

// mostWaiting bounds the rows that wait to be settled or sent again, and so the
// memory they take.
const mostWaiting = 1000

// mostAsleep is how long the feeder sleeps without a look at the clock, which
// leaps when a suspended machine wakes up.
const mostAsleep = 10 * time.Second

// feed gives every row that needs a call to the workers, and takes back those
// that must wait before they go on, so that no worker sleeps on a row.
func (r *Run) feed(ctx context.Context, tasks chan<- *task, back <-chan *task) (err error) {
	// Creates are the scarcest calls. They have a cursor of their own, so that a
	// create that must wait does not hold up the rows behind it.
	creates, err := r.newCursor(create)
	if err != nil {
		close(tasks)
		return err
	}
	associates, err := r.newCursor(associate)
	if err != nil {
		close(tasks)
		return errors.Join(err, creates.close())
	}
	var waiting [ratelimit.Classes]waitingTasks // by class, as each is paused by itself
	underWay := 0
	defer func() {
		if err != nil {
			r.cancel(err) // so that the workers come to an end soon
		}
		close(tasks)
		for ; underWay > 0; underWay-- {
			<-back
		}
		err = errors.Join(err, creates.close(), associates.close())
	}()
	for {
		// A worker that ends the run cancels first and then gives its row back, so
		// whoever sees such a row come back sees the cancellation too.
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		next, from, wait, err := r.choose(ctx, waiting[:], creates, associates)
		if err != nil {
			return err
		}
		if next == nil && underWay == 0 {
			if wait < 0 {
				return nil
			}
			if tooLong := r.plan.o.Gate.TooLong(classesLeft(waiting[:], creates, associates)...); tooLong != nil {
				return tooLong
			}
		}
		var out chan<- *task
		var class ratelimit.Class
		if next != nil {
			out, class = tasks, next.class()
		}
		var alarm <-chan time.Time
		if next == nil && wait >= 0 {
			alarm = time.After(min(wait, mostAsleep))
		}
		select {
		case out <- next:
			underWay++
			from.remove()
			r.outage.begins(class)
		case t := <-back:
			underWay--
			if !t.done {
				heap.Push(&waiting[t.class()], t)
			}
		case <-alarm:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// choose returns the task to hand out next, and where it stands until it is
// removed from there. Without one it tells how long to wait for the first; a
// negative wait means that nothing is left but what the workers have.
func (r *Run) choose(ctx context.Context, waiting []waitingTasks, creates, associates *cursor) (next *task, from queue, wait time.Duration, err error) {
	wait = -1
	consider := func(t *task, q queue) {
		if t == nil || next != nil {
			return
		}
		hold := max(time.Until(t.due), r.outage.hold(t.class()))
		delay := max(hold, r.plan.o.Gate.Delay(t.class()))
		if delay <= Patience && hold <= 0 {
			next, from = t, q
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
	for _, c := range []*cursor{creates, associates} {
		if next != nil || held >= mostWaiting {
			break
		}
		t, err := c.peek(ctx)
		if err != nil {
			return nil, nil, 0, err
		}
		consider(t, c)
	}
	if creates.isDone() && associates.isDone() {
		r.outage.ending.Store(true)
	}
	return next, from, wait, nil
}

// classesLeft returns the classes of the calls that are next.
func classesLeft(waiting []waitingTasks, cursors ...*cursor) (classes []ratelimit.Class) {
	for class, tasks := range waiting {
		if len(tasks) > 0 {
			classes = append(classes, ratelimit.Class(class))
		}
	}
	for _, c := range cursors {
		if c.head != nil {
			classes = append(classes, c.head.class())
		}
	}
	return classes
}

// queue is where a task stands, as the first, until a worker has it.
type queue interface{ remove() }

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

// remove takes out the task that is due first.
func (w *waitingTasks) remove() { heap.Pop(w) }
