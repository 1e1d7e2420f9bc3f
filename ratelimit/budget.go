package ratelimit

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// mostCalls bounds the count of a budget, and so the memory that remembering
// its calls takes. It is far beyond anything that the API is known to allow.
const mostCalls = 100_000

// Budget is how many calls may leave within any window of a length, wherever
// the window begins. The zero value, and any other budget without a positive
// count and window, means no limit.
type Budget struct {
	Calls  int           `json:"calls"`
	Window time.Duration `json:"window"` // in nanoseconds, where it is written down
}

// ParseBudget reads a whole number of 1 to 100000, a slash and the window: s, m
// or h, for a second, a minute or an hour, such as 10/s, 600/m or 30/h. Its
// errors are fit to be shown behind the name of the setting.
func ParseBudget(s string) (Budget, error) {
	count, unit, _ := strings.Cut(s, "/")
	window, known := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	if !known || count == "" || strings.Trim(count, "0123456789") != "" {
		return Budget{}, fmt.Errorf("%q is not a number of calls in a window: write a whole number, a slash and s, m or h, such as 10/s, 600/m or 30/h", s)
	}
	calls, err := strconv.Atoi(count)
	if errors.Is(err, strconv.ErrRange) || calls > mostCalls {
		return Budget{}, fmt.Errorf("%q is more than can be counted: give at most %d calls, in a shorter window if need be", s, mostCalls)
	}
	if calls == 0 {
		return Budget{}, fmt.Errorf("%q would never let a call go: the number must be 1 or more", s)
	}
	return Budget{Calls: calls, Window: window}, nil
}

// String returns the budget as ParseBudget reads it. Windows that it does not
// read come as "12 in 5s", a budget without a limit as "no limit".
func (b Budget) String() string {
	if !b.limits() {
		return "no limit"
	}
	switch b.Window {
	case time.Second:
		return fmt.Sprintf("%d/s", b.Calls)
	case time.Minute:
		return fmt.Sprintf("%d/m", b.Calls)
	case time.Hour:
		return fmt.Sprintf("%d/h", b.Calls)
	}
	return b.Words()
}

// Words returns the budget for a person, as in "30 an hour" or "12 in 5s".
func (b Budget) Words() string { return fmt.Sprintf("%d %s", b.Calls, b.per()) }

func (b Budget) per() string {
	switch b.Window {
	case time.Second:
		return "a second"
	case time.Minute:
		return "a minute"
	case time.Hour:
		return "an hour"
	case 24 * time.Hour:
		return "a day"
	}
	switch {
	case b.Window%time.Hour == 0:
		return fmt.Sprintf("in %dh", b.Window/time.Hour)
	case b.Window%time.Minute == 0:
		return fmt.Sprintf("in %dm", b.Window/time.Minute)
	}
	return "in " + b.Window.String()
}

func (b Budget) limits() bool { return b.Calls > 0 && b.Window > 0 }
