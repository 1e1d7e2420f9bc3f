package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// maxBody is the largest request body read, in bytes; a guest needs a few hundred.
const maxBody = 1 << 20

// Options say what is imitated. The zero value serves any organization to any token, without guests, limits or faults.
type Options struct {
	Org        string        // the organization served, any other is 404; empty: any, all with the same guests
	Token      string        // the personal token accepted; empty: any that is not empty, unless there are Clients
	Clients    []Client      // who may sign in with client credentials; none: anyone with a numeric id and a secret
	Legacy     bool          // the older record shape and its rules, see the package comment
	Guests     int           // how many generated guests are there at the start, the same for the same Seed
	Members    []Member      // members of the organization; nil: three of acme.com, with the ids 1001 to 1003
	Limits     []Limit       // all of them hold
	HideLimits bool          // send no X-RateLimit headers
	Faults     []Fault       // drawn in this order for each call, the first that strikes counts
	Latency    time.Duration // how long every call takes before its work is done, even when the client has gone meanwhile
	Seed       uint64        // of generated guests, links and faults
	PerPageMax int           // largest page of guests, 0: 999; larger requests get this many
	NoSort     bool          // guests are listed by created_at whatever is asked
	PHPEscapes bool          // JSON texts as PHP writes them by default: / as \/ and all but ASCII as \u escapes

	TokenLife     time.Duration // of application tokens, at least a second; 0: the documented 604,800 seconds
	UserTokenLife time.Duration // of user tokens, at least a second; 0: the documented 7,776,000 seconds
	UserContext   bool          // guests and members are shown to people only: a bare application token gets 403

	// Now is the clock of dates, limits and tokens; nil: time.Now. It is called with the sandbox locked.
	Now func() time.Time
	// OnRequest, if not nil, is called before each request is looked at, possibly from many goroutines. It may block, read
	// the body, and call the sandbox's methods; their effect is seen by the request.
	OnRequest func(*http.Request)
}

// Check tells what is wrong with the limits, faults, clients and lives of tokens, all of it.
func (o Options) Check() error {
	var errs []error
	for _, c := range o.Clients {
		if !c.plausible() {
			errs = append(errs, fmt.Errorf("client %q: want a number and a secret that is not empty", c.ID))
		}
	}
	for _, life := range []time.Duration{o.TokenLife, o.UserTokenLife} {
		if life != 0 && life < time.Second { // clients take a token that ends in 0 seconds for one that never does
			errs = append(errs, fmt.Errorf("a token's life of %s: want a second or more", life))
		}
	}
	for _, l := range o.Limits {
		if !knownClass(l.Class) || l.Calls < 1 || l.Window <= 0 {
			errs = append(errs, fmt.Errorf("limit %q of %d calls in %s: want a class, at least one call and a window above zero", l.Class, l.Calls, l.Window))
		}
	}
	for _, f := range o.Faults {
		if !knownFault(f.Kind) || !knownClass(f.Class) || !(f.Percent >= 0 && f.Percent <= 100) || f.Late < 0 {
			errs = append(errs, fmt.Errorf("fault %q on %q in %g%% of the calls: want a known kind, a class, 0 to 100 percent and no time below zero", f.Kind, f.Class, f.Percent))
		}
	}
	return errors.Join(errs...)
}

// Sandbox is the imitation. Its methods may be called from any goroutine.
type Sandbox struct {
	opt   Options
	zones map[string]bool

	mu      sync.Mutex // guards all below
	store   *store
	members *members
	windows []window
	chance  *rand.Rand // of faults alone, so that guests and links do not depend on them
	account account
	tokens  map[string]*credential // nil for one that was killed

	tokenChance *rand.Rand // of issued tokens alone
}

// New returns a sandbox with its generated guests. It panics if [Options.Check] finds fault with the options: a fault that
// silently never strikes would make a test worthless.
func New(o Options) *Sandbox {
	if err := o.Check(); err != nil {
		panic(fmt.Sprintf("sandbox options: %v", err))
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.PerPageMax <= 0 {
		o.PerPageMax = 999
	}
	if o.TokenLife == 0 {
		o.TokenLife = applicationTokenLife
	}
	if o.UserTokenLife == 0 {
		o.UserTokenLife = userTokenLife
	}
	if o.Members == nil {
		o.Members = defaultMembers()
	}
	s := &Sandbox{
		opt:     o,
		zones:   zones(),
		store:   newStore(rand.New(rand.NewPCG(o.Seed, 1))),
		members: newMembers(o.Members),
		windows: newWindows(o.Limits),
		chance:  rand.New(rand.NewPCG(o.Seed, 2)),
		account: newAccount(),
		tokens:  map[string]*credential{},

		tokenChance: rand.New(rand.NewPCG(o.Seed, 4)),
	}
	if o.Token != "" {
		s.tokens[o.Token] = &credential{member: s.members.actor()}
	}
	s.generate()
	return s
}

// ServeHTTP answers one call. Like the standard server's own handlers it cuts a connection by panicking with
// http.ErrAbortHandler, which net/http takes care of.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		panic(http.ErrAbortHandler) // the client went away
	}
	if s.opt.OnRequest != nil {
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.opt.OnRequest(r)
	}
	time.Sleep(s.opt.Latency)
	rep, struck := s.answer(r, body, tooLarge != nil)
	s.deliver(w, r, rep, struck)
}

// answer decides everything about the answer and enters the call into the account, all in one piece, so that nothing
// another call does can come between. Only the encoding of records is left for later, without the lock.
func (s *Sandbox) answer(r *http.Request, body []byte, tooLarge bool) (reply, *Fault) {
	c := parse(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	rep, struck := s.decide(c, r, body, tooLarge)
	s.account.enter(Call{
		Time: s.opt.Now(), Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
		Class: c.class, Status: statusSeen(rep, struck), Fault: kindOf(struck), BodySize: len(body),
	})
	return rep, struck
}

func (s *Sandbox) decide(c call, r *http.Request, body []byte, tooLarge bool) (reply, *Fault) {
	if c.class != signIn {
		c.by = s.authorize(r.Header.Get("Authorization"))
	}
	if rep, refused := refuse(c, r); refused {
		return rep, nil
	}
	now := s.opt.Now()
	if over := firstOver(s.windows, c.class, now); over != nil {
		return s.limited(over, now), nil
	}
	struck := s.draw(c.class)
	if struck != nil && struck.Kind == TooMany {
		return struck.reply(), struck
	}
	headers := count(s.windows, c.class, now)
	var rep reply
	switch {
	case struck != nil && struck.beforeWork():
		rep = struck.reply()
	case struck != nil && struck.Kind == CutLate:
		time.AfterFunc(struck.late(), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.work(c, r, body)
		})
	case tooLarge:
		rep = message(http.StatusRequestEntityTooLarge, "The request body is too large.")
	default:
		rep = s.work(c, r, body)
		if struck != nil && struck.Kind == ErrorAfter {
			rep = struck.reply()
		}
	}
	if !s.opt.HideLimits {
		rep.add(headers)
	}
	return rep, struck
}
