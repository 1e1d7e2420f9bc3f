package sandbox

import (
	"fmt"
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
	changes map[string]map[string]tally // by class and folded email
	twice   map[string]bool             // folded emails
	unknown map[string]bool
}

// tally counts the calls of one class for one email.
type tally struct{ admitted, succeeded int }

func newAccount() account {
	a := account{changes: map[string]map[string]tally{}, twice: map[string]bool{}, unknown: map[string]bool{}}
	for _, class := range groups["write"] {
		a.changes[class] = map[string]tally{}
	}
	return a
}

func (a *account) enter(c Call) { a.log = append(a.log, c) }

func (a *account) arrived(class, folded string) {
	t := a.changes[class][folded]
	t.admitted++
	a.changes[class][folded] = t
}

func (a *account) succeeded(class, folded string) {
	t := a.changes[class][folded]
	t.succeeded++
	a.changes[class][folded] = t
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

// Changes tells how many calls of a class (create, update, delete, disable or enable) for this email reached the work (past
// limits, and past faults that strike before it) and how many of them the work said yes to, even if a fault then kept that
// from the client. It panics for any other class: a count that is always zero would make a test worthless.
func (s *Sandbox) Changes(class, email string) (admitted, succeeded int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	byEmail, known := s.account.changes[class]
	if !known {
		panic(fmt.Sprintf("sandbox: there are no changes of the class %q", class))
	}
	t := byEmail[fold(email)]
	return t.admitted, t.succeeded
}

// Creates is Changes of the class create.
func (s *Sandbox) Creates(email string) (admitted, succeeded int) { return s.Changes("create", email) }

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
