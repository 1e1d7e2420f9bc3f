package ratelimit

import (
	"slices"
	"time"
)

// queue holds times, the oldest first, in eight bytes each. The zero value is
// empty.
type queue struct {
	at   []int64 // Unix nanoseconds
	head int
}

func (q *queue) len() int { return len(q.at) - q.head }

// get returns the i-th oldest.
func (q *queue) get(i int) time.Time { return time.Unix(0, q.at[q.head+i]) }

// push adds a time in its place.
func (q *queue) push(t time.Time) {
	at := t.UnixNano()
	i := len(q.at)
	for i > q.head && q.at[i-1] > at {
		i--
	}
	q.at = slices.Insert(q.at, i, at)
}

// drop takes the n oldest away.
func (q *queue) drop(n int) {
	q.head += n
	if q.head > len(q.at)/2 {
		q.at = append(q.at[:0], q.at[q.head:]...)
		q.head = 0
	}
}
