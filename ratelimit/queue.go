package ratelimit

import "time"

// queue holds times, the oldest first, in eight bytes each. The zero value is
// empty.
type queue struct {
	at   []int64 // Unix nanoseconds
	head int
}

func (q *queue) len() int { return len(q.at) - q.head }

// get returns the i-th oldest.
func (q *queue) get(i int) time.Time { return time.Unix(0, q.at[q.head+i]) }

// push adds a time. One that is older than the last counts as that.
func (q *queue) push(t time.Time) {
	at := t.UnixNano()
	if q.len() > 0 {
		at = max(at, q.at[len(q.at)-1])
	}
	q.at = append(q.at, at)
}

// drop takes the n oldest away.
func (q *queue) drop(n int) {
	q.head += n
	if q.head > len(q.at)/2 {
		q.at = append(q.at[:0], q.at[q.head:]...)
		q.head = 0
	}
}
