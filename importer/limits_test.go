package importer

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"guestlist/budgetfile"
	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/sandbox"
	"guestlist/sandbox/sandboxtest"
	"guestlist/tallyfy"
)

// through lets the import's calls pass another gate, on their way to a server
// without a network.
func (b *bench) through(server *sandbox.Sandbox, o ratelimit.Options) {
	b.t.Helper()
	gate := ratelimit.New(o)
	client, err := tallyfy.New(tallyfy.Config{
		BaseURL: b.url, Org: "acme", Token: "secret", Gate: gate, Patience: Patience, Transport: sandboxtest.Direct{Handler: server},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.o.Gate, b.o.Client = gate, client
}

// newcomers is a file of so many people who are no guests yet.
func newcomers(n int) string {
	var file strings.Builder
	file.WriteString("email,associated_members\n")
	for i := range n {
		fmt.Fprintf(&file, "new%d@acme.example.com,\n", i)
	}
	return file.String()
}

// refusals returns how many calls were refused for a limit.
func (b *bench) refusals() (n int) {
	for _, c := range b.o.Client.Calls() {
		if c.Status == 429 {
			n += c.Count
		}
	}
	return n
}

func (b *bench) wantCreated(n int) {
	b.t.Helper()
	for _, l := range b.lines() {
		if l.Status != results.Created || l.Attempts != 1 && l.Attempts != 2 {
			b.t.Errorf("%s is %s after %d attempts: %s", l.Email, l.Status, l.Attempts, l.Error)
		}
	}
	if got := len(b.lines()); got != n {
		b.t.Errorf("%d rows, want %d", got, n)
	}
}

// 500 contractors at 30 invites an hour take sixteen hours and some minutes, and
// one refusal.
func TestInvitesThatTakeADay(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		t.Run(fmt.Sprintf("limits hidden: %t", hidden), func(t *testing.T) {
			server := sandbox.New(sandbox.Options{HideLimits: hidden, Latency: 100 * time.Millisecond, Limits: []sandbox.Limit{
				{Class: "invite", Calls: 30, Window: time.Hour}, {Class: "all", Calls: 600, Window: time.Minute}, {Class: "read", Calls: 12, Window: 5 * time.Second},
			}})
			runFake(t, server, func(t *testing.T, b *bench) {
				b.through(server, ratelimit.Options{})
				began := time.Now()
				b.mustRun(newcomers(500))
				took := time.Since(began)
				if took < 16*time.Hour || took > 16*time.Hour+10*time.Minute || b.refusals() != 1 {
					t.Errorf("took %v with %d refusals", took, b.refusals())
				}
				b.wantCreated(500)
			})
		})
	}
}

// The cap on invites holds up creates only, and what ends a run for it is not
// lost: the next one knows the cap and what was spent, and goes on.
func TestRunThatALimitEnds(t *testing.T) {
	server := sandbox.New(sandbox.Options{Limits: []sandbox.Limit{{Class: "invite", Calls: 30, Window: time.Hour}}})
	runFake(t, server, func(t *testing.T, b *bench) {
		store := budgetfile.New(t.TempDir(), "acme", func(err error) { t.Error(err) })
		patience := 5 * time.Minute
		file := newcomers(70)
		for i := range 20 {
			there := fmt.Sprintf("there%d@acme.example.com", i)
			server.Put(sandbox.Guest{Email: there})
			file += there + ",1001\n"
		}
		b.input(file)
		refusals := 0
		began := time.Now()
		for attempt := 1; ; attempt++ {
			b.through(server, ratelimit.Options{MaxWait: &patience, Store: store})
			err := b.start(t.Context())
			refusals += b.refusals()
			if errClose := b.o.Gate.Close(t.Context()); errClose != nil {
				t.Error(errClose)
			}
			if err == nil {
				break
			}
			var limit *ratelimit.TooLong
			if !errors.As(err, &limit) || limit.Limit.Calls != 30 {
				t.Fatal(err)
			}
			if wait := time.Until(limit.Until); wait > time.Hour+time.Second || wait < 59*time.Minute {
				t.Errorf("to come back in %v", wait)
			}
			if attempt == 1 && b.plan.Counts.Associate != 20 {
				t.Errorf("%d to associate", b.plan.Counts.Associate)
			}
			if attempt > 1 && b.plan.Counts.Associate > 0 {
				t.Error("guests that are there were held up by the cap on invites")
			}
			time.Sleep(time.Until(limit.Until))
		}
		if took := time.Since(began); took > 2*time.Hour+time.Minute || refusals != 1 {
			t.Errorf("took %v with %d refusals", took, refusals)
		}
		for _, l := range b.lines() {
			if l.Status != results.Created && l.Status != results.Updated {
				t.Errorf("%s is %s: %s", l.Email, l.Status, l.Error)
			}
		}
	})
}

// A limit that is reached while the organization is listed ends the run, too.
func TestPlanThatALimitEnds(t *testing.T) {
	server := sandbox.New(sandbox.Options{Guests: 5000, PerPageMax: 100, Limits: []sandbox.Limit{{Class: "read", Calls: 10, Window: time.Hour}}})
	runFake(t, server, func(t *testing.T, b *bench) {
		never := time.Duration(0)
		b.through(server, ratelimit.Options{MaxWait: &never})
		b.input(newcomers(5000))
		began := time.Now()
		err := b.start(t.Context())
		var limit *ratelimit.TooLong
		if !errors.As(err, &limit) || time.Until(limit.Until) < 59*time.Minute {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("took %v", took) // but for the documented spacing, which is no wait for the server
		}
	})
}
