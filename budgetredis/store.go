// Package budgetredis keeps the budgets of an organization in Redis, where any
// number of processes on any number of hosts share them.
//
// One script does a whole exchange, so that no other comes in between, and goes by
// the clock of Redis alone. What it keeps goes away by itself when nobody comes any
// more, and may be lost at any time: the processes tell it again.
package budgetredis

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"guestlist/ratelimit"
)

const (
	// patience is how long Redis may take for anything: calls wait for it.
	patience = 2 * time.Second

	// lookAgain is how often it is tried whether a Redis that went away is back.
	lookAgain = time.Second

	// returning is how long nothing is granted after Redis came back: others come back
	// a little later, and have made calls meanwhile that they have not told yet.
	returning = 3 * time.Second / 2

	// silence is how long nothing may come from those who wake us before it is tried
	// whether the connection still stands.
	silence = 30 * time.Second
)

//go:embed exchange.lua
var source string

//go:embed look.lua
var lookSource string

// Store is the part of one process in the budgets of one organization. It is safe
// for concurrent use. Open makes one, and Close has to end it.
type Store struct {
	client  *redis.Client
	where   string // for errors
	secure  bool   // by TLS
	script  *redis.Script
	looking *redis.Script
	stem    string // of keys and channel
	keys    []string
	channel string
	heard   atomic.Bool // it has answered as a Redis does

	mu     sync.Mutex // held by an exchange
	place  place
	told   history
	last   ratelimit.Report // but for what it wants
	lastAt time.Time
	closed context.Context
	close  context.CancelFunc
	begin  sync.Once
	work   sync.WaitGroup

	news    sync.Mutex
	changed chan struct{}
	away    error     // why Redis is away; nil: it is not
	back    time.Time // when it came back; zero: it never was away
}

// Open returns the store of what has that name, in the Redis at an address. It
// connects to nothing yet.
func Open(a Address, name string) *Store { return open(a, name, a.dial) }

func open(a Address, name string, dial func(ctx context.Context, network, address string) (net.Conn, error)) *Store {
	silenceLibrary()
	s := &Store{
		client: redis.NewClient(&redis.Options{
			Addr: a.host, Username: a.user, Password: a.password, DB: a.database, Dialer: dial,
			DialTimeout: 2 * patience, ReadTimeout: patience, WriteTimeout: patience, PoolTimeout: patience,
			MaxRetries: -1, DialerRetries: 1, PoolSize: 3, ContextTimeoutEnabled: true, DisableIdentity: true, Protocol: 2,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		}),
		where: a.String(), secure: a.tls != nil, changed: make(chan struct{}),
		script: redis.NewScript(source), looking: redis.NewScript(lookSource),
	}
	s.stem = "guestlist:1:{" + name + "}:" // the number is of the format
	for _, key := range []string{"common", "known", "members", "ends", "fine", "coarse"} {
		s.keys = append(s.keys, s.stem+key)
	}
	s.channel = s.stem + "news"
	s.closed, s.close = context.WithCancel(context.Background())
	return s
}

// The library has one logger for all, and would write to standard error.
var silenceLibrary = sync.OnceFunc(func() { redis.SetLogger(&logging.VoidLogger{}) })

// Exchange implements ratelimit.Store. While Redis is away it fails at once, and
// Changed tells when it is back.
func (s *Store) Exchange(ctx context.Context, r ratelimit.Report) (ratelimit.Reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(s.closed.Err(), s.isAway()); err != nil {
		return ratelimit.Reply{}, err
	}
	wanted, left := r.Wanted, s.returns()
	if left > 0 {
		r.Wanted, r.Trial = nil, false
	}
	reply, err := s.exchange(ctx, r)
	for _, want := range wanted {
		reply.Hold[want.Class] = max(reply.Hold[want.Class], left)
	}
	if err != nil {
		err = fmt.Errorf("the Redis at %s: %w", s.where, err)
		s.goneAway(err)
		return reply, err
	}
	// Not before: the script takes those who listen for those who know more.
	s.begin.Do(func() { s.aside(func() { s.listen(r.By) }) })
	return reply, nil
}

// exchange tells it all where Redis has lost what was told before.
func (s *Store) exchange(ctx context.Context, r ratelimit.Report) (reply ratelimit.Reply, err error) {
	for range 3 {
		q := s.place.question(r, s.untold(r.Spent))
		sent := time.Now()
		answer, err := s.ask(ctx, q)
		if err != nil {
			return reply, err
		}
		now := r.Now.Add(time.Since(sent))
		if answer.isAnew {
			s.place.begin(answer.epoch)
			continue
		}
		s.told.add(r.Spent, r.Now, r.Longest)
		reply = s.place.learn(answer, r, now)
		s.note(r, reply, sent)
		return reply, nil
	}
	return reply, errors.New("it loses all that is told, again and again")
}

// untold returns the calls that Redis does not know of, of which these are new.
func (s *Store) untold(spent []ratelimit.Spent) []ratelimit.Spent {
	if !s.place.owes {
		return spent
	}
	return append(s.told.calls(), spent...)
}

// note keeps what would have to be told again.
func (s *Store) note(r ratelimit.Report, reply ratelimit.Reply, sent time.Time) {
	r.Trying = r.Trying || r.Trial && reply.Granted != [ratelimit.Classes]int{}
	r.Spent, r.Wanted, r.Budgets, r.Dropped, r.Trial = nil, nil, nil, nil, false
	for c := range r.UnderWay {
		r.UnderWay[c] += reply.Granted[c]
	}
	s.last, s.lastAt = r, sent
}

// tellAgain tells Redis what it may have lost, as its process may be about
// something else. What is heard then is heard again by the next exchange.
func (s *Store) tellAgain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.place.epoch == "" || s.isAway() != nil {
		return
	}
	r := s.last
	r.Now = r.Now.Add(time.Since(s.lastAt))
	for range 2 {
		answer, err := s.ask(s.closed, s.place.question(r, s.untold(nil)))
		switch {
		case err != nil: // the next exchange tells it
			return
		case !answer.isAnew:
			s.place.owes = false
			return
		}
		s.place.begin(answer.epoch)
	}
}

func (s *Store) ask(ctx context.Context, q string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	values, err := s.script.Run(ctx, s.client, s.keys, q, s.channel).Slice()
	if err != nil {
		return answer{}, s.explained(err)
	}
	s.heard.Store(true)
	return readAnswer(values)
}

// aside does work that Close ends and waits for; nothing once the store is closed.
func (s *Store) aside(work func()) {
	s.news.Lock()
	defer s.news.Unlock()
	if s.closed.Err() == nil {
		s.work.Go(work)
	}
}

// Close ends the connections. What is leased counts as made when the lease is over;
// a Gate gives it back before, by its own Close.
func (s *Store) Close() error {
	s.news.Lock() // nothing begins aside from here on
	s.close()
	s.news.Unlock()
	err := s.client.Close()
	s.work.Wait()
	return err
}
