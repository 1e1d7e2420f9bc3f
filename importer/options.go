package importer

import (
	"io"

	"guestlist/guest"
	"guestlist/maildomain"
	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/tallyfy"
)

// Mode says what a run may do to guests who are there and who are not.
type Mode string

// The modes of an import. The API can change nothing of an existing guest but the
// associated members.
const (
	Upsert Mode = "upsert" // creates who is missing, sets associated_members where they differ
	Create Mode = "create" // never touches who exists
	Update Mode = "update" // only sets associated_members of who exists
)

// The other modes. Each does one thing to guests who exist, and reads only their
// emails; see guest.ColumnOptions.EmailOnly.
const (
	Delete  Mode = "delete"  // who is gone already is unchanged
	Disable Mode = "disable" // who is disabled already is unchanged
	Enable  Mode = "enable"  // who is not disabled is unchanged, and keeps the forever link
)

// Options says what to do with which guests, and how.
type Options struct {
	// Open opens the input at its start. It is called once for each pass.
	Open func() (io.ReadCloser, error)
	CSV  guest.ReaderOptions
	Mode Mode
	Org  string // as it stands in the results

	// Client is the organization's API. Nil plans from the file alone.
	Client *tallyfy.Client
	// Gate is the one that Client's calls pass. The feeder asks it what may go.
	Gate *ratelimit.Gate

	// Shard is the part of the rows that is worked on. The rows of others are only
	// read, to know which they are.
	Shard results.Shard

	Workers  int  // writes at a time
	Attempts int  // for one write of a row, the first included
	Links    bool // write forever links into the results

	// MaxFailures is how many calls of a class may fail in a row before the run
	// ends with ErrOutage. Zero means any number.
	MaxFailures int

	// Fix mends what can be mended safely (guest.Fix) before a row is judged.
	Fix bool
	// RejectsMark begins the rejects with a byte order mark: a spreadsheet program
	// would else misread what is not ASCII.
	RejectsMark bool

	// Domains is what is known of the emails' domains, by maildomain.Domain. Nil
	// knows nothing.
	Domains map[string]maildomain.Verdict

	// Earlier is what an earlier run knows, nil for a fresh start.
	Earlier *results.Earlier

	// CreatedBy is the results of an import that Delete undoes: guests whom it did
	// not create are left alone. Nil deletes all.
	CreatedBy *results.Earlier
}
