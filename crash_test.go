package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"guestlist/sandbox"
)

var (
	crashKills = flag.Int("crash.kills", 6, "how often TestCrash kills the program; with 100 and more the server has faults too")
	crashSeed  = flag.Uint64("crash.seed", 0, "what TestCrash draws from; 0: another one each time")
)

// TestCrash kills the program, as it is built for users, at random moments of
// imports and deletes with a server that has faults, changes the files in between,
// and goes on with --resume. However often that happens, each row comes to its one
// right result, and nobody is created again.
//
// What is drawn follows from the seed; which call a kill meets also depends on
// the machine.
func TestCrash(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "guestlist")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seed := *crashSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)

	killsOfOne := min(25, max(1, *crashKills/4))
	var (
		imports errgroup.Group
		mu      sync.Mutex
		all     tally
	)
	imports.SetLimit(12) // they wait most of the time
	for i, left := 0, *crashKills; left > 0; i, left = i+1, left-killsOfOne {
		// A few kills do without faults, as each may cost half a minute.
		command := "import"
		if i%3 == 2 {
			command = "delete"
		}
		c := newCrash(t, program, command, rand.New(rand.NewPCG(seed, uint64(i))), min(left, killsOfOne), *crashKills >= 100)
		imports.Go(func() error {
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				all.add(&c.tally)
			}()
			return c.run()
		})
	}
	if err := imports.Wait(); err != nil {
		t.Error(err)
	}
	t.Logf("%s, seed %d", &all, seed)
	if all.lost+all.twice > 0 {
		t.Errorf("%d rows lost, %d guests created or deleted again", all.lost, all.twice)
	}
}

// tally counts what happened.
type tally struct {
	kills   map[string]int // by moment
	imports int            // that were brought to their end
	deletes int            // the same
	rows    int            // in their files then
	held    int            // writes that the server finished after the kill
	lost    int            // rows without their right result
	twice   int            // guests who were created though they were there, or deleted twice
}

func (a *tally) add(b *tally) {
	if a.kills == nil {
		a.kills = map[string]int{}
	}
	for moment, n := range b.kills {
		a.kills[moment] += n
	}
	a.imports, a.deletes, a.rows = a.imports+b.imports, a.deletes+b.deletes, a.rows+b.rows
	a.held, a.lost, a.twice = a.held+b.held, a.lost+b.lost, a.twice+b.twice
}

func (a *tally) String() string {
	kills := 0
	for _, n := range a.kills {
		kills += n
	}
	return fmt.Sprintf("%d kills %v in %d imports and %d deletes of %d rows, %d writes finished after the kill: %d lost, %d twice",
		kills, a.kills, a.imports, a.deletes, a.rows, a.held, a.lost, a.twice)
}

// crash is one import or delete that is killed again and again, and the server it
// talks to.
type crash struct {
	tally
	t       *testing.T
	program string
	command string
	dir     string
	chance  *rand.Rand
	kill    int // as often as this
	server  *sandbox.Sandbox
	url     string
	people  []person
	ever    map[string]bool // emails that were in the file at any time
	before  map[string]bool // who was a guest before

	mu      sync.Mutex
	trigger *trigger // of the present run
}

// person is a row of the file.
type person struct{ email, first, members string }

// trigger kills a run at a call.
type trigger struct {
	call  int           // counts down
	after bool          // the work of the call is done first
	late  time.Duration // the server does it so long after the kill
	kill  func()
}

func newCrash(t *testing.T, program, command string, chance *rand.Rand, kill int, faults bool) *crash {
	c := &crash{t: t, program: program, command: command, dir: t.TempDir(), chance: chance, kill: kill, ever: map[string]bool{}, before: map[string]bool{}}
	c.kills = map[string]int{}
	o := sandbox.Options{Seed: chance.Uint64(), PerPageMax: 40, Guests: 50, Latency: upTo(chance, 4*time.Millisecond)}
	for _, kind := range sandbox.Faults() {
		if faults {
			o.Faults = append(o.Faults, sandbox.Fault{Kind: kind, Percent: 1, Late: 100*time.Millisecond + upTo(chance, 6*time.Second)})
		}
	}
	c.server = sandbox.New(o)
	listener := httptest.NewServer(c)
	t.Cleanup(listener.Close)
	c.url = listener.URL + "/api"
	for range 40 + chance.IntN(60) {
		c.hire()
	}
	for i := range 5 {
		email := fmt.Sprintf("before%d@acme.example.com", i)
		c.server.Put(sandbox.Guest{Email: email})
		c.before[email] = true
		c.people = append(c.people, person{email: strings.ToUpper(email), members: "1001"})
	}
	c.shuffle()
	return c
}

func upTo(chance *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(chance.Int64N(int64(d)))
}

// ServeHTTP hands the calls on, and kills the program at one of them.
func (c *crash) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	t := c.trigger
	if t != nil {
		if t.call--; t.call != 0 {
			t = nil
		}
	}
	c.mu.Unlock()
	switch {
	case t == nil:
		c.server.ServeHTTP(w, r)
	case t.after:
		defer t.kill()
		c.server.ServeHTTP(httptest.NewRecorder(), r)
	default:
		// The call is on this machine whole before its sender dies.
		var body bytes.Buffer
		if _, err := body.ReadFrom(r.Body); err != nil {
			c.t.Error(err)
		}
		t.kill()
		time.Sleep(t.late)
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		again := httptest.NewRequestWithContext(gone, r.Method, r.URL.String(), &body)
		again.Header = r.Header
		defer func() { _ = recover() }() // faults cut what nobody reads
		c.server.ServeHTTP(httptest.NewRecorder(), again)
		if r.Method != http.MethodGet {
			c.mu.Lock()
			c.held++
			c.mu.Unlock()
		}
	}
}

// run kills the import as often as it is to be, and brings it to its end.
func (c *crash) run() error {
	for killed := 0; killed < c.kill; {
		for range 10 + c.chance.IntN(20) { // or the run has nothing to do but wait
			c.hire()
		}
		if c.chance.IntN(3) == 0 {
			c.edit()
		}
		ended, err := c.start(true)
		if err != nil {
			return err
		}
		if !ended {
			killed++
			continue
		}
		c.check()
	}
	ended, err := c.start(false)
	if err != nil || !ended {
		return errors.Join(err, errors.New("the last run did not come to its end"))
	}
	c.check()
	return nil
}

// start runs the program and, if that is asked for, kills it when its moment
// comes. It returns true if the program ended by itself.
func (c *crash) start(kill bool) (ended bool, err error) {
	if err := c.write(); err != nil {
		return false, err
	}
	// The faults among the server's refusals are no limits, and what is learned of them
	// would make a run wait for nothing.
	known, err := filepath.Glob(filepath.Join(c.dir, "state", "*.budgets.json"))
	for _, file := range known {
		err = errors.Join(err, os.Remove(file))
	}
	if err != nil {
		return false, err
	}
	args := []string{c.command, "people.csv", "--resume", "--no-progress", "--timeout", "400ms"}
	if c.command == "delete" {
		args = append(args, "--yes")
	}
	cmd := exec.Command(c.program, args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "TALLYFY_BASE_URL="+c.url, "TALLYFY_ORG_ID=acme", "TALLYFY_ACCESS_TOKEN=x",
		"GUESTLIST_RATE=10000/s", "GUESTLIST_STATE_DIR="+filepath.Join(c.dir, "state"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		return false, err
	}
	done := make(chan struct{})
	var killer sync.WaitGroup
	moment := ""
	if kill {
		killer.Go(func() { moment = c.killInTime(cmd.Process, done) })
	}
	stuck := time.AfterFunc(15*time.Minute, func() { _ = cmd.Process.Signal(syscall.SIGQUIT) }) // it tells where
	err = cmd.Wait()
	stuck.Stop()
	close(done)
	killer.Wait()
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed) && failed.ExitCode() == -1:
		c.kills[moment]++
		return false, nil
	case failed == nil || failed.ExitCode() != 9: // two rows are refused
		return true, fmt.Errorf("the program ended with %v:\n%s", err, stderr.String())
	}
	return true, nil
}

// killInTime kills the program at a moment that it draws, or when nothing but
// waiting is left, and returns the moment's name.
func (c *crash) killInTime(program *os.Process, done <-chan struct{}) (moment string) {
	kill := func() { _ = program.Kill() }
	due := func() bool { return false }
	patience := 600 * time.Millisecond
	switch n := c.chance.IntN(13); n / 3 {
	case 0:
		moment = "at any time"
		at := time.Now().Add(upTo(c.chance, 150*time.Millisecond))
		due = func() bool { return time.Now().After(at) }
	case 1:
		moment = "before a call's work"
		c.setTrigger(&trigger{call: 1 + c.chance.IntN(40), late: upTo(c.chance, 4*time.Second), kill: kill})
	case 2:
		moment = "after a call's work"
		c.setTrigger(&trigger{call: 1 + c.chance.IntN(40), after: true, kill: kill})
	case 3:
		moment = "when the journal has a size"
		journal := filepath.Join(c.dir, "people.results.csv.partial")
		size := c.chance.Int64N(4000)
		if before, err := os.Stat(journal); err == nil {
			size += before.Size()
		}
		due = func() bool {
			now, err := os.Stat(journal)
			return err == nil && now.Size() > size
		}
	case 4:
		moment = "when the results change"
		patience = time.Minute
		results := filepath.Join(c.dir, "people.results.csv")
		before, _ := os.Stat(results)
		due = func() bool {
			now, err := os.Stat(results)
			return err == nil && (before == nil || !os.SameFile(before, now))
		}
	}
	defer c.setTrigger(nil)
	waiting := time.After(patience)
	for !due() {
		select {
		case <-done:
			return moment
		case <-waiting:
			kill()
			return "while it waits"
		case <-time.After(50 * time.Microsecond):
		}
	}
	kill()
	return moment
}

func (c *crash) setTrigger(t *trigger) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trigger = t
}

// hire adds somebody new to the file.
func (c *crash) hire() {
	p := person{email: fmt.Sprintf("guest%d@acme.example.com", len(c.ever)), first: "First"}
	if c.chance.IntN(5) == 0 {
		p.members = "1001;member.two@acme.com"
	}
	c.ever[p.email] = true
	c.people = append(c.people, p)
	if c.command == "delete" {
		c.server.Put(sandbox.Guest{Email: p.email})
	}
}

func (c *crash) shuffle() {
	c.chance.Shuffle(len(c.people), func(i, j int) { c.people[i], c.people[j] = c.people[j], c.people[i] })
}

// edit changes the file as people do between two runs.
func (c *crash) edit() {
	switch c.chance.IntN(3) {
	case 0:
		c.shuffle()
	case 1:
		c.people = c.people[:len(c.people)-1-c.chance.IntN(3)]
	case 2:
		for i := range c.people {
			c.people[i].email = strings.ToUpper(c.people[i].email)
		}
	}
}

// write writes the file: everybody, one row that is not valid, and one person twice.
func (c *crash) write() error {
	var file strings.Builder
	file.WriteString("email,first_name,associated_members\nnobody@,None,\n")
	for _, p := range c.people {
		fmt.Fprintf(&file, "%s,%s,%s\n", p.email, p.first, p.members)
	}
	fmt.Fprintf(&file, "%s,Again,\n", c.people[0].email)
	return os.WriteFile(filepath.Join(c.dir, "people.csv"), []byte(file.String()), 0o600)
}
