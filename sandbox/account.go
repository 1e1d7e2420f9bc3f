package sandbox

import (
	"maps"
	"slices"
	"time"
)

// Call is one request as the sandbox saw it.
type Call struct {
	Time     time.Time
	Method   string
	Path     string // still escaped, as it came
	Query    string
	Class    string // name of the call, see the package comment; empty if there is none like it
	Status   int    // of the answer sent; 0 if none was
	Fault    string // kind of the fault that struck, if any
	BodySize int    // bytes of the request's body
}

// account is what the clients did. The sandbox's lock guards it.
type account struct {
	log     []Call
	creates map[string]tally // by folded email
	twice   map[string]bool  // folded emails
	unknown map[string]bool
}

// tally counts the creates for one email.
type tally struct{ admitted, succeeded int }

func newAccount() account {
	return account{creates: map[string]tally{}, twice: map[string]bool{}, unknown: map[string]bool{}}
}

func (a *account) enter(c Call) { a.log = append(a.log, c) }

func (a *account) arrived(folded string, exists bool) {
	t := a.creates[folded]
	t.admitted++
	a.creates[folded] = t
	if exists {
		a.twice[folded] = true
	}
}

func (a *account) succeeded(folded string) {
	t := a.creates[folded]
	t.succeeded++
	a.creates[folded] = t
}

func (a *account) ignored(keys []string) {
	for _, key := range keys {
		a.unknown[key] = true
	}
}

// Log returns every request so far, in the order in which they were decided on, those refused for their headers too.
func (s *Sandbox) Log() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.account.log)
}

// Calls returns how many requests there were by class and by status; status 0 means that no answer was sent.
func (s *Sandbox) Calls() map[string]map[int]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := map[string]map[int]int{}
	for _, c := range s.account.log {
		if counts[c.Class] == nil {
			counts[c.Class] = map[int]int{}
		}
		counts[c.Class][c.Status]++
	}
	return counts
}

// Creates tells how many creates for this email reached the work (past limits, and past faults that strike before it) and
// how many of them the work said yes to, even if a fault then kept that from the client.
func (s *Sandbox) Creates(email string) (admitted, succeeded int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.account.creates[fold(email)]
	return t.admitted, t.succeeded
}

// Twice returns the emails for which a create reached the work although they were in the organization already: trimmed, in
// lower case, sorted. Each may have cost its owner a mail.
func (s *Sandbox) Twice() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.account.twice))
}

// UnknownKeys returns the keys, sorted, that came in the bodies of creates and updates and were ignored there.
func (s *Sandbox) UnknownKeys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.account.unknown))
}
