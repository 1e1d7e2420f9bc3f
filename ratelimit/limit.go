package ratelimit

import (
	"fmt"
	"strings"
	"time"
)

// Scope is the calls that a limit counts. The zero value is All.
type Scope uint8

const (
	All     Scope = iota // every call
	Reads                // class Read
	Writes               // classes Write and Create
	Updates              // class Write
	Creates              // class Create
)

var scopeNames = [...]string{All: "all", Reads: "read", Writes: "write", Updates: "update", Creates: "create"}

// String returns the name of the scope as states and summaries show it.
func (s Scope) String() string {
	if int(s) < len(scopeNames) {
		return scopeNames[s]
	}
	return fmt.Sprintf("scope %d", uint8(s))
}

// MarshalText returns the name.
func (s Scope) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes a name that MarshalText returns.
func (s *Scope) UnmarshalText(text []byte) error {
	for i, name := range scopeNames {
		if name == string(text) {
			*s = Scope(i)
			return nil
		}
	}
	return fmt.Errorf("%q is no scope of a limit", text)
}

// holds tells whether the limit counts calls of a class.
func (s Scope) holds(c Class) bool {
	switch s {
	case Reads:
		return c == Read
	case Writes:
		return c != Read
	case Updates:
		return c == Write
	case Creates:
		return c == Create
	}
	return true
}

// scopeOf returns the scope of one class.
func scopeOf(c Class) Scope { return [...]Scope{Read: Reads, Write: Updates, Create: Creates}[c] }

// with returns the scope that holds the calls of a class besides its own.
func (s Scope) with(c Class) Scope {
	switch {
	case s.holds(c):
		return s
	case s != Reads && c != Read:
		return Writes
	}
	return All
}

// Limit is a budget and the calls that it counts.
type Limit struct {
	Scope Scope `json:"scope"`
	Budget
}

// String returns the limit as in "read 12 in 5s", or its budget alone where it
// counts every call.
func (l Limit) String() string {
	if l.Scope == All {
		return l.Budget.String()
	}
	return l.Scope.String() + " " + l.Budget.String()
}

// Words returns the limit for a person, as in "30 creates an hour" or "12 GETs in
// 5s".
func (l Limit) Words() string {
	what := [...]string{All: "calls", Reads: "GETs", Writes: "writes", Updates: "updates", Creates: "creates"}[l.Scope]
	if l.Calls == 1 {
		what = strings.TrimSuffix(what, "s")
	}
	return fmt.Sprintf("%d %s %s", l.Calls, what, l.per())
}

// check tells what makes a limit absurd. One without a window, whose length is
// not known yet, is none.
func (l Limit) check() error {
	if l.Calls < 1 || l.Calls > mostCalls || l.Window < 0 || l.Window > longestWindow {
		return fmt.Errorf("%d calls in %v is no limit", l.Calls, l.Window)
	}
	return nil
}

// longestWindow is the longest that is believed of the window of a limit.
const longestWindow = 48 * time.Hour
