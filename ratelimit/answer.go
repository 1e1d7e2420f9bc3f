package ratelimit

import "time"

// Answer is what the server's answer to a call says about limits.
type Answer struct {
	// Refused tells whether the call was refused because a limit is used up.
	Refused bool

	// Wait is how long the server asks to wait, in whole seconds. Zero means that
	// it does not say.
	Wait time.Duration

	// Limit and Remaining are the calls that the tightest limit lets go in each of
	// its windows, and how many are left of them after this call. A Limit of zero
	// means that the server does not say.
	Limit, Remaining int

	// Capped tells whether the refusal is about what the call wanted to do, such as
	// to invite a guest, and not about calls in general. Cap is what it says of that:
	// its calls are zero where it names no number, its window is where it does not
	// say for how long.
	Capped bool
	Cap    Budget
}
