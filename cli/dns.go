package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"guestlist/guest"
	"guestlist/maildomain"
)

// checkDomains asks the DNS for the domains of all valid emails of an input.
func (a *app) checkDomains(ctx context.Context, in *input) (map[string]maildomain.Verdict, error) {
	domains, err := in.domains(ctx)
	if err != nil {
		return nil, fmt.Errorf("collect the domains of %s: %w", in.shown(), err)
	}
	a.say("looking up %d mail %s", len(domains), plural(len(domains), "domain"))
	var done atomic.Int64
	stop := a.watch(func() progress { return progress{done: int(done.Load()), total: len(domains), unit: "domains"} })
	verdicts, err := maildomain.Check(ctx, a.resolver, domains, func(n, _ int) { done.Store(int64(n)) })
	stop()
	switch {
	case ctx.Err() != nil:
		return nil, err
	case err != nil:
		a.say("the mail domains were not all looked up: %s", err)
	}
	var unknown []string
	missing := 0
	for _, domain := range domains {
		switch verdicts[domain] {
		case maildomain.Unknown:
			unknown = append(unknown, maildomain.Shown(domain))
		case maildomain.Missing:
			missing++
		}
	}
	if missing == len(domains) && missing >= toDistrust {
		a.say("the name server says that none of the %d mail domains exists, which is hard to believe: they count as right (is this machine online?)", missing)
		return nil, nil
	}
	if len(unknown) > 0 {
		a.say("not known whether they take mail, as there was no answer: %s", someOf(unknown, some))
	}
	return verdicts, nil
}

// toDistrust is how many domains have to be missing, all that there are, for the
// name server to be distrusted: some networks deny every name.
const toDistrust = 3

// domains returns the domains of the valid emails of an input, each once, in their
// order.
func (in *input) domains(ctx context.Context) ([]string, error) {
	r, closer, err := in.reader()
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	seen := map[string]bool{"": true}
	var domains []string
	for {
		row, err := in.next(r)
		switch {
		case errors.Is(err, io.EOF):
			return domains, nil
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		if wrong := guest.Validate(&guest.Guest{Email: row.Guest.Email}); row.Unread != "" || len(wrong) > 0 {
			continue
		}
		if domain := maildomain.Domain(row.Guest.Email); !seen[domain] {
			seen[domain] = true
			domains = append(domains, domain)
		}
	}
}
