package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/sandbox/sandboxtest"
	"guestlist/tallyfy"
)

// halt is how and when a run ends before its time; the zero value is never.
type halt struct {
	Signal bool // a cancelled context; else the death of the process
	// One of these says when.
	Request int           // as the n-th request leaves
	Answer  int           // when the n-th request is done, before its answer is read
	Time    time.Duration // that long after the start
	Step    string        // when the run has come so far; see steps
	// Late is how long after the death of the process the server looks at the
	// n-th request, which has left; zero: it has not.
	Late time.Duration
	// Lines that the process wrote last are lost with it, and half of the one
	// before them, as if it had died a moment earlier; see survivors.
	Lines int
	Torn  bool
}

// steps are the moments between the parts of a run.
var steps = []string{"begun", "planned", "recorded", "sent", "finished"}

func (h halt) String() string {
	how := map[bool]string{true: "signal", false: "kill"}[h.Signal]
	switch {
	case h.Request > 0:
		how += fmt.Sprintf(" at request %d", h.Request)
		if h.Late > 0 {
			how += fmt.Sprintf(", done %s later", h.Late)
		}
	case h.Answer > 0:
		how += fmt.Sprintf(" at answer %d", h.Answer)
	case h.Time > 0:
		how += fmt.Sprintf(" after %s", h.Time)
	case h.Step != "":
		how += " when " + h.Step
	default:
		return "to the end"
	}
	if h.Lines > 0 || h.Torn {
		how += fmt.Sprintf(", %d lines lost, torn %v", h.Lines, h.Torn)
	}
	return how
}

var errDead = errors.New("the process is dead")

// process is one run of the program: what it sends goes to the server until it
// dies, and of what it writes that remains which was written by then. What the
// server has got by then it does, but nobody reads its answer.
type process struct {
	server  http.Handler
	folder  string
	halt    halt
	onLeave func(n int, r *http.Request) // a request, from 1, before it reaches the server
	cancel  context.CancelFunc
	gone    int // see Plan.Gone
	died    chan struct{}

	mu       sync.Mutex
	requests int
	begun    int64 // the size of the partial file when the process had opened it
	over     bool  // it came to an end by itself
	files    map[string][]byte
}

// run is a run as the program does it: it goes on from a partial file, else
// from a finished one unless it is to begin anew.
func (p *process) run(ctx context.Context, o Options, anew bool) error {
	ctx, p.cancel = context.WithCancel(ctx)
	defer p.cancel()
	if p.halt.Time > 0 {
		defer time.AfterFunc(p.halt.Time, p.stop).Stop()
	}
	gate := ratelimit.New(ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 100_000, Window: time.Second}})
	client, err := tallyfy.New(tallyfy.Config{
		BaseURL: "http://127.0.0.1/api", Org: o.Org, Token: "secret", Gate: gate,
		Transport: p, Patience: Patience, Attempts: o.Attempts,
	})
	if err != nil {
		return err
	}
	o.Client, o.Gate = client, gate
	journal, earlier, err := p.journal(o.Org, anew)
	if err != nil {
		return err
	}
	o.Earlier = earlier
	err = p.send(ctx, o, journal)
	select {
	case <-p.died:
		_, _ = journal.Leave() // gives up the lock, as the kernel does for the dead
		return errors.Join(errDead, p.restore())
	default:
	}
	if err != nil {
		_, left := journal.Leave()
		return errors.Join(err, left)
	}
	if p.gone > 0 {
		_, err := journal.SetAside()
		return err
	}
	return journal.Remove()
}

func (p *process) journal(org string, anew bool) (journal *results.Journal, earlier *results.Earlier, err error) {
	unfinished, err := results.Unfinished(p.partial())
	if err != nil {
		return nil, nil, err
	}
	_, missing := os.Stat(p.results())
	switch {
	case unfinished:
		journal, earlier, err = results.Continue(p.partial(), org, false)
	case missing == nil && !anew:
		journal, earlier, err = results.ContinueFinished(p.results(), p.partial(), org, false)
	default:
		journal, err = results.Start(p.partial(), false)
	}
	if err != nil {
		return nil, nil, err
	}
	info, err := os.Stat(p.partial())
	if err == nil {
		p.begun = info.Size()
	}
	return journal, earlier, err
}

// send is all between the opening of the journal and its removal. When it
// returns nil the process does not die any more.
func (p *process) send(ctx context.Context, o Options, journal *results.Journal) error {
	p.reached("begun")
	plan, err := NewPlan(ctx, o)
	if err != nil {
		return err
	}
	p.gone = plan.Gone
	p.reached("planned")
	run := plan.NewRun(journal)
	if err := run.RecordSettled(ctx); err != nil {
		return err
	}
	p.reached("recorded")
	if err := run.Do(ctx); err != nil {
		return err
	}
	p.reached("sent")
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.files != nil {
		return errDead
	}
	if err := journal.Finish(p.results(), plan.Counts.Rows); err != nil {
		return err
	}
	if p.halt.Step == "finished" && !p.halt.Signal {
		p.die()
		return errDead
	}
	p.over = true
	return nil
}

func (p *process) partial() string { return p.results() + ".partial" }
func (p *process) results() string { return filepath.Join(p.folder, "r.csv") }

func (p *process) reached(step string) {
	if p.halt.Step == step {
		p.stop()
	}
}

// stop is the moment of the halt.
func (p *process) stop() {
	if p.halt.Signal {
		p.cancel()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.die()
}

// die is called with the lock held, which every request takes on its way: none
// leaves later than the moment that the files are from.
func (p *process) die() {
	if p.files != nil || p.over {
		return
	}
	p.files = map[string][]byte{}
	entries, _ := os.ReadDir(p.folder)
	for _, e := range entries {
		p.files[e.Name()], _ = os.ReadFile(filepath.Join(p.folder, e.Name()))
	}
	partial := filepath.Base(p.partial())
	p.files[partial] = p.survivors(p.files[partial])
	close(p.died)
	p.cancel()
}

// survivors takes from a partial file what is lost with a process: its last
// lines, but never one that says "sending", since that is in the kernel's hands
// before the request leaves. Any other line the process may not have come to
// write yet when it died.
func (p *process) survivors(partial []byte) []byte {
	for n := p.halt.Lines; n >= 0; n-- {
		at := bytes.LastIndexByte(partial[:max(0, len(partial)-1)], '\n') + 1
		if at < int(p.begun) || bytes.Contains(partial[at:], []byte(","+string(results.Sending)+",")) {
			break
		}
		if n > 0 {
			partial = partial[:at]
		} else if p.halt.Torn {
			partial = partial[:at+(len(partial)-at)/2]
		}
	}
	return partial
}

// restore puts the files back as they were when the process died.
func (p *process) restore() error {
	entries, err := os.ReadDir(p.folder)
	for _, e := range entries {
		err = errors.Join(err, os.Remove(filepath.Join(p.folder, e.Name())))
	}
	for name, text := range p.files {
		err = errors.Join(err, os.WriteFile(filepath.Join(p.folder, name), text, 0o600))
	}
	return err
}

// RoundTrip calls the server as if it stood behind a network: a client that
// gives up does not stop the work.
func (p *process) RoundTrip(r *http.Request) (*http.Response, error) {
	// Requests of one moment leave in the same order each time.
	time.Sleep(time.Duration(crc32.ChecksumIEEE([]byte(r.Method+r.URL.Path+personIn(r)))%1000) * time.Microsecond)
	n, err := p.leave(r)
	if err != nil {
		return nil, err
	}
	var response *http.Response
	done := make(chan struct{})
	go func() {
		defer close(done)
		if n == p.halt.Request {
			time.Sleep(p.halt.Late)
		}
		response, err = sandboxtest.Direct{Handler: p.server}.RoundTrip(r)
	}()
	select {
	case <-p.died:
		return nil, errDead
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-done:
	}
	if n == p.halt.Answer {
		p.stop()
	}
	select {
	case <-p.died:
		return nil, errDead
	default:
		return response, err
	}
}

// leave lets a request go to the server, unless the process is dead.
func (p *process) leave(r *http.Request) (n int, err error) {
	p.mu.Lock()
	p.requests++
	n = p.requests
	p.mu.Unlock()
	if n == p.halt.Request {
		p.stop()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onLeave(n, r)
	if p.files != nil && !(n == p.halt.Request && p.halt.Late > 0) {
		return n, errDead
	}
	return n, nil
}

// personIn returns the email of whom a request is to create or is about, in lower
// case; "" for nobody.
func personIn(r *http.Request) string {
	email := ""
	if r.Method == http.MethodPost {
		body, _ := r.GetBody()
		text, _ := io.ReadAll(body)
		_, after, _ := bytes.Cut(text, []byte(`"email":"`))
		before, _, _ := bytes.Cut(after, []byte(`"`))
		email = string(before)
	} else if _, name, found := strings.Cut(r.URL.EscapedPath(), "/guests/"); found {
		email, _ = url.PathUnescape(name)
	}
	return strings.ToLower(email)
}
