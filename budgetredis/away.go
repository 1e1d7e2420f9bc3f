package budgetredis

import (
	"context"
	"time"
)

// returns tells for how long nothing is granted any more, as Redis was away.
func (s *Store) returns() time.Duration {
	s.news.Lock()
	defer s.news.Unlock()
	if s.back.IsZero() {
		return 0
	}
	return max(0, returning-time.Since(s.back))
}

func (s *Store) isAway() error {
	s.news.Lock()
	defer s.news.Unlock()
	return s.away
}

// goneAway notes that Redis does not work, and looks after it from then on.
func (s *Store) goneAway(why error) {
	s.news.Lock()
	s.away = why
	s.news.Unlock()
	s.aside(func() {
		for s.sleep(lookAgain) {
			// No call waits for this, and from afar to connect takes longer than an exchange.
			ctx, cancel := context.WithTimeout(s.closed, 4*patience)
			// A ping would not do: who may not do all would be back and away again.
			_, err := s.look(ctx)
			cancel()
			if err == nil {
				s.news.Lock()
				s.away, s.back = nil, time.Now()
				s.news.Unlock()
				s.tellAgain() // word that all was lost may have come meanwhile
				s.wake()
				return
			}
		}
	})
}

// sleep tells whether the store is still open.
func (s *Store) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.closed.Done():
		return false
	}
}
