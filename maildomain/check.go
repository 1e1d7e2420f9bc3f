package maildomain

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const (
	atATime = 8
	// lookupTimeout bounds one look-up. Systems turn to their second name server after 5 s of silence; it gets as long.
	lookupTimeout = 10 * time.Second
	// silentInARow is how many domains in a row without an answer mean that there is nobody to ask.
	silentInARow = 16
	// Checking n domains takes at most patience + n*patienceEach. A name server that is well needs a tenth of that.
	patience     = 30 * time.Second
	patienceEach = 200 * time.Millisecond
)

// Why Check left domains Unknown without asking for them.
var (
	ErrNoAnswer = errors.New("no name server answers (is this machine online?)")
	ErrTooSlow  = errors.New("the name servers answer too slowly")
)

// Resolver asks name servers, as *net.Resolver does. Names end in a dot. That
// there is nothing of the kind is a *net.DNSError with IsNotFound.
type Resolver interface {
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupNS(ctx context.Context, name string) ([]*net.NS, error)
}

// Check looks up domains, given as Domain returns them, eight at a time and each
// once however often it is given; "" is left out. The verdicts are by domain; who
// is not among them is Unknown. When no name server answers any more, or all
// together takes too long, the rest is not asked for: the error is then
// ErrNoAnswer or ErrTooSlow. If ctx ends, it is the cause of that. In either case
// the verdicts found so far are returned as well.
//
// If progress is not nil, it is called after each domain, by one goroutine at a
// time, with the number of domains that are done and of all.
func Check(ctx context.Context, r Resolver, domains []string, progress func(done, total int)) (map[string]Verdict, error) {
	open := slices.Compact(slices.Sorted(slices.Values(domains)))
	if len(open) > 0 && open[0] == "" {
		open = open[1:]
	}
	total := len(open)
	ctx, cancel := context.WithTimeoutCause(ctx, patience+time.Duration(total)*patienceEach, ErrTooSlow)
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	var (
		mu       sync.Mutex // guards the following, and open
		verdicts = make(map[string]Verdict)
		done     int
		silent   int // domains in a row without an answer
	)
	next := func() (domain string, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if len(open) == 0 || ctx.Err() != nil {
			return "", false
		}
		domain, open = open[0], open[1:]
		return domain, true
	}
	settle := func(domain string, v Verdict) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case v != Unknown:
			verdicts[domain] = v
			silent = 0
		case ctx.Err() != nil:
			return // it was interrupted
		default:
			if silent++; silent == silentInARow {
				stop(ErrNoAnswer)
			}
		}
		if done++; progress != nil {
			progress(done, total)
		}
	}
	var workers sync.WaitGroup
	for range min(atATime, total) {
		workers.Go(func() {
			for domain, ok := next(); ok; domain, ok = next() {
				settle(domain, check(ctx, r, domain))
			}
		})
	}
	workers.Wait()
	return verdicts, context.Cause(ctx)
}

// check looks up one domain.
func check(ctx context.Context, r Resolver, domain string) Verdict {
	name := domain + "." // absolute: the search domains of this machine have no say
	exchangers, found := look(ctx, func(ctx context.Context) ([]*net.MX, error) { return r.LookupMX(ctx, name) })
	switch {
	case found == failed:
		return Unknown
	case found == something && slices.ContainsFunc(exchangers, func(mx *net.MX) bool { return mx.Host != "." }):
		return Deliverable
	case found == something:
		return NoMail
	}
	// One family after the other: if both are asked for together, a failure of one can pass for the absence of both.
	for _, network := range []string{"ip4", "ip6"} {
		_, found := look(ctx, func(ctx context.Context) ([]netip.Addr, error) { return r.LookupNetIP(ctx, network, name) })
		switch found {
		case failed:
			return Unknown
		case something:
			return Deliverable
		}
	}
	// A resolver does not tell a name without such records from one that does not exist. A domain that somebody has
	// registered has name servers; one below it (as in mail.example.com) may have none and is Missing, too.
	if _, found := look(ctx, func(ctx context.Context) ([]*net.NS, error) { return r.LookupNS(ctx, name) }); found == nothing {
		return Missing
	}
	return NoMail
}

// finding is what came of a look-up.
type finding uint8

const (
	failed    finding = iota // no answer
	nothing                  // the answer is that there are no such records
	something                // records
)

// look makes one look-up. Records count even if others beside them were
// malformed, which a *net.Resolver tells by returning both records and an error.
func look[R any](ctx context.Context, ask func(context.Context) ([]R, error)) ([]R, finding) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	records, err := ask(ctx)
	var dns *net.DNSError
	switch {
	case len(records) > 0:
		return records, something
	case err == nil, errors.As(err, &dns) && dns.IsNotFound:
		return nil, nothing
	default:
		return nil, failed
	}
}
