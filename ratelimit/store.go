package ratelimit

import (
	"context"
	"time"
)

// Store shares the budgets of one organization between processes, and keeps them
// between runs. It serves one Gate, and is safe for concurrent use.
type Store interface {
	// Exchange tells what a process has done and learned, and returns what the
	// others have, and the calls that it may make now. Nobody else's exchange comes in
	// between. An error means that it may have been heard or not; nothing may be
	// made by it then, and all of it is told again.
	Exchange(context.Context, Report) (Reply, error)

	// Changed returns a channel that is closed when an exchange is worth while
	// before the time that the last reply told. Nil: never.
	Changed() <-chan struct{}
}

// Report is what a process tells of itself. Times are by its own clock; a Store
// that others reach from other hosts goes by how long before Now they are.
type Report struct {
	Now time.Time
	By  string // the process

	// Spent are the calls that were counted since the last report that got a reply,
	// oldest first, and Total is how many there were in all.
	Spent    []Spent
	Total    tally
	UnderWay tally // that have left and have no answer yet

	Limits  []Known // that were learned
	Dropped []Known // that were told before, and proved wrong
	Pauses  []Pause // that are not over

	// Wanted are the calls that would leave now, in the order in which they have to
	// be served: of each class some, if possible. Budgets are what they have to keep
	// within, with those of all others. Trial is set when the one call that is wanted
	// would teach something, so that nobody else is to make such a call meanwhile;
	// Trying says that it is still under way.
	Wanted        []Want
	Budgets       []Use
	Trial, Trying bool
	Lease         time.Duration // what is granted, or under way, counts as made if nothing is heard for so long

	Longest time.Duration // the longest window: older calls need not be kept
	Seen    uint64        // Reply.Seen of the last reply
	First   bool          // there was none yet
}

// Want is a number of calls of one class.
type Want struct {
	Class Class
	Calls int
}

// Use is a limit as far as it is used: so many calls may have been answered, all
// processes together, in the time of length Since before Now, or be under way. Where
// Since is zero, nobody knows yet when slots come back: so many may be made besides
// those that the process knows of. Doubtful is set where a call beyond may be tried,
// one at a time, as soon as those that are under way were answered.
type Use struct {
	Limit
	Since    time.Duration
	Doubtful bool
}

// Reply is what a process has to know, by its own clock.
type Reply struct {
	Limits []Known
	Pauses []Pause
	Spent  []Spent // by others, since the last reply
	Leased tally   // that others may be making
	Seen   uint64

	// Granted are calls that may leave until the lease is over. The calls of a class
	// that got none are worth asking for again after Hold; zero: soon.
	Granted tally
	Hold    [Classes]time.Duration

	// Again is when to exchange again, although nothing is wanted. Zero: not before
	// there is something to tell.
	Again time.Duration

	// Lost says that the store has lost what was made lately, so that calls may have
	// to wait until that counts no more.
	Lost bool

	// Exact says that Granted alone decides what there is room for, so that what
	// others may be making need not be left to them.
	Exact bool
}
