package budgetredis

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Sight is what is seen of a Redis.
type Sight struct {
	Ahead time.Duration // of this host's clock before that of Redis
	Quiet error         // why those who wait are not woken, and come by themselves a little later; nil: they are
}

// Look tells whether all that is needed may be done there, which leaves nothing
// behind.
func (s *Store) Look(ctx context.Context) (Sight, error) {
	ctx, cancel := context.WithTimeout(ctx, 4*patience)
	defer cancel()
	seen, err := s.look(ctx)
	if err != nil {
		return seen, fmt.Errorf("the Redis at %s: %w", s.where, s.explained(err))
	}
	if seen.Quiet == nil {
		messages := s.client.Subscribe(ctx, s.channel)
		defer messages.Close()
		_, seen.Quiet = messages.ReceiveTimeout(ctx, patience)
	}
	return seen, nil
}

func (s *Store) look(ctx context.Context) (seen Sight, err error) {
	sent := time.Now()
	answer, err := s.looking.Run(ctx, s.client, []string{s.stem + "look"}, s.channel).Int64Slice()
	switch {
	case err != nil:
		return seen, err
	case len(answer) != 3:
		return seen, errAnswer
	}
	s.heard.Store(true)
	seen.Ahead = sent.Add(time.Since(sent) / 2).Sub(time.UnixMicro(answer[0]*1e6 + answer[1]))
	if answer[2] == 0 {
		seen.Quiet = errors.New("its user may not publish")
	}
	return seen, nil
}
