package ratelimit

import (
	"context"
	"fmt"
	"time"
)

// State is what is known of the budgets of one organization, as it is kept
// between runs and shared by the processes of a host. The zero value is what is
// known before the first call.
type State struct {
	Limits []Known          `json:"limits,omitempty"`
	Pauses []Pause          `json:"pauses,omitempty"`
	Spent  []Spent          `json:"spent,omitempty"`  // oldest first
	Leases map[string]Lease `json:"leases,omitempty"` // by process
	Seq    uint64           `json:"seq"`              // of the last entry in Spent
}

// Known is a limit that the server told or that was found by counting.
type Known struct {
	Limit
	Shown bool      `json:"shown,omitempty"` // headers show what is left of it
	At    time.Time `json:"at"`              // when it was last seen to hold
}

// Pause is an announced pause.
type Pause struct {
	Class Class     `json:"class"`
	At    time.Time `json:"at"` // when it was announced
	Until time.Time `json:"until"`
}

// Spent is how many calls of each class the server counted about a time.
type Spent struct {
	Seq   uint64    `json:"seq"`
	By    string    `json:"by,omitempty"` // the process, as long as that matters
	At    time.Time `json:"at"`
	Calls tally     `json:"calls"` // by class
}

// Lease is how many calls a process may be making without having told of them.
type Lease struct {
	Until time.Time `json:"until"`
	Calls tally     `json:"calls"`
}

// Store keeps the State of one organization for others to share. It is safe for
// concurrent use.
type Store interface {
	// Update hands the state to change, to nobody else meanwhile, and keeps what
	// change has made of it. An error means that it may not be kept; change was
	// called or not.
	Update(ctx context.Context, change func(*State)) error
}

// mostEntries bounds each list of a state, far beyond what a run makes.
const mostEntries = 10_000

// Check tells what is absurd in a state, if anything is. Times are not its
// matter: clocks differ, and a Gate believes none that makes no sense.
func (s *State) Check() error {
	if len(s.Limits) > mostEntries || len(s.Pauses) > mostEntries || len(s.Spent) > mostEntries || len(s.Leases) > mostEntries {
		return fmt.Errorf("a list has more than %d entries", mostEntries)
	}
	for _, k := range s.Limits {
		if err := k.check(); err != nil {
			return err
		}
	}
	for _, p := range s.Pauses {
		if int(p.Class) >= Classes {
			return fmt.Errorf("there is no %s", p.Class)
		}
	}
	for _, spent := range s.Spent {
		if err := checkTally(spent.Calls); err != nil {
			return err
		}
	}
	for _, lease := range s.Leases {
		if err := checkTally(lease.Calls); err != nil {
			return err
		}
	}
	return nil
}

func checkTally(calls tally) error {
	for _, n := range calls {
		if n < 0 || n > mostCalls {
			return fmt.Errorf("%d calls cannot have been counted", n)
		}
	}
	return nil
}
