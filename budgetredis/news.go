package budgetredis

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Changed implements ratelimit.Store.
func (s *Store) Changed() <-chan struct{} {
	s.news.Lock()
	defer s.news.Unlock()
	return s.changed
}

func (s *Store) wake() {
	s.news.Lock()
	defer s.news.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

// listen wakes who waits when others have told something that matters. Without it
// they come back when leases are over.
func (s *Store) listen(by string) {
	messages := s.client.Subscribe(s.closed, s.channel)
	defer messages.Close()
	stop := context.AfterFunc(s.closed, func() { _ = messages.Close() }) // a read does not heed it
	defer stop()
	for s.closed.Err() == nil {
		message, err := messages.ReceiveTimeout(s.closed, silence)
		var timeout net.Error
		var refused redis.Error
		switch m := message.(type) {
		case *redis.Subscription:
			s.tellAgain()
			s.wake() // what came before was missed
		case *redis.Message:
			who, anew := strings.CutSuffix(m.Payload, " anew")
			if who == by {
				continue
			}
			if anew {
				s.tellAgain()
			}
			s.wake()
		}
		switch {
		case err == nil:
		case errors.As(err, &timeout) && timeout.Timeout() && messages.Ping(s.closed) == nil:
		case errors.As(err, &refused):
			return // it may not
		default:
			s.sleep(lookAgain)
		}
	}
}
