// Package importer turns the rows of a CSV file into guests: it plans what each
// row needs, sends it through a pool of workers, and keeps the outcome of
// every row.
package importer

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"strings"
	"time"

	"guestlist/guest"
	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/tallyfy"
)

// Mode says what an import may do to guests who are there and who are not.
type Mode string

// The modes. The API can change nothing of an existing guest but the
// associated members.
const (
	Upsert Mode = "upsert" // creates who is missing, sets associated_members where they differ
	Create Mode = "create" // never touches who exists
	Update Mode = "update" // only sets associated_members of who exists
)

// Options says what to import and how.
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

	Workers  int  // writes at a time
	Attempts int  // for one write of a row, the first included
	Links    bool // write forever links into the results

	// MaxFailures is how many calls of a class may fail in a row before the run
	// ends with ErrOutage. Zero means any number.
	MaxFailures int

	// Earlier is what an earlier run knows, nil for a fresh start.
	Earlier *results.Earlier
}

// ErrInputChanged ends a run whose input is not what was planned any more.
var ErrInputChanged = errors.New("the input changed while it was being imported: what is done is recorded; start again with --resume")

// Counts says how many rows a plan holds of each kind.
type Counts struct {
	Rows, Create, Associate, Unchanged, Invalid, Duplicate int
	Failed                                                 int // certain to fail: mode update, and no such guest
	Carried                                                int // done by an earlier run
	CreateAssociate                                        int // those of Create that need an association too
}

// Plan is what is to be done for each row of an input.
type Plan struct {
	Counts Counts
	Header guest.Header

	// Gone counts the people to whom an earlier run wrote, or may have, and who have
	// no row any more: the results will not have them.
	Gone int

	o       Options
	seed    maphash.Seed
	rows    []planned
	doubles map[int]int // rows whose email stands on an earlier one, and which, from 0
	members members
	known   map[int]*known // who is already a guest, by row
	unclear map[int]bool   // rows whose look-up was refused
	knownAt time.Time      // when known was learned
}

// planned is kept for every row: 16 bytes, as an input may have a million.
type planned struct {
	sum  uint64 // of the row, to notice an input that changes
	need need
}

// need says what a row still needs.
type need uint8

const (
	lookUp        need = iota // to find out whether the guest exists
	nothing                   // unchanged, or certain to fail
	create                    // a create, perhaps followed by an association
	associate                 // an association only
	settle                    // to learn what became of an earlier create; nobody is created (mode update)
	settleInvalid             // to learn whether the guest of a row that is not valid any more was created
	carried                   // done by an earlier run
	refuseInvalid             // not valid
	refuseDouble              // the email stands on an earlier row
)

// toSettle tells whether a row needs no write, but to learn what became of one.
func (n need) toSettle() bool { return n == settle || n == settleInvalid }

// isOpen tells whether a row needs a call.
func (n need) isOpen() bool { return n == create || n == associate || n.toSettle() }

// NewPlan reads the whole input, finds what is invalid or twice there, and asks
// the organization who of the rest is already a guest. Nothing is written to
// the server. An input that cannot be used is a *guest.InputError.
func NewPlan(ctx context.Context, o Options) (*Plan, error) {
	p := &Plan{o: o, seed: maphash.MakeSeed(), doubles: map[int]int{}, known: map[int]*known{}, unclear: map[int]bool{}, members: members{client: o.Client}}
	index, err := p.readRows(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.countGone(index); err != nil {
		return nil, err
	}
	p.knownAt = time.Now()
	if o.Client != nil {
		if err := p.findExisting(ctx, index); err != nil {
			return nil, err
		}
	}
	return p, p.classifyRows(ctx)
}

// readRows is the first pass. It returns the row of each key that has to be
// looked up.
func (p *Plan) readRows(ctx context.Context) (map[uint64]int, error) {
	index := map[uint64]int{}
	header, err := p.eachRow(ctx, func(i int, row guest.Row) error {
		need, err := p.firstLook(ctx, i, &row, index)
		if err != nil {
			return err
		}
		entry := planned{sum: maphash.Comparable(p.seed, row), need: need}
		p.rows = append(p.rows, entry)
		return nil
	})
	p.Header = header
	return index, err
}

// countGone is called when the index has everybody who has a row.
func (p *Plan) countGone(index map[uint64]int) error {
	return p.o.Earlier.Each(func(l results.Line) error {
		if _, there := index[p.hash(l.Email)]; !there && l.Wrote() {
			p.Gone++
		}
		return nil
	})
}

// firstLook tells what the file and earlier runs say of a row, and enters whoever
// it is about into the index.
func (p *Plan) firstLook(ctx context.Context, i int, row *guest.Row, index map[uint64]int) (need, error) {
	key := p.hash(row.Guest.Email)
	first, double := index[key]
	if row.Unread == "" && !double {
		// What was done for good stays done, even if the row would be refused now.
		_, done, err := p.o.Earlier.Carried(row.Guest.Email)
		if done {
			index[key] = i
		}
		if done || err != nil {
			return carried, err
		}
	}
	problems, err := p.problems(ctx, row)
	switch {
	case err != nil:
		return 0, err
	case problems != "" && row.Unread == "" && !double:
		earlier, ok, err := p.o.Earlier.Find(row.Guest.Email)
		if !ok || err != nil || !earlier.Unsettled() && !earlier.WasCreated() || p.o.Client == nil {
			return refuseInvalid, err
		}
		index[key] = i
		return settleInvalid, nil
	case problems != "":
		return refuseInvalid, nil
	case double && p.rows[first].need == settleInvalid:
		p.rows[first].need = refuseInvalid // this row settles it
	case double:
		p.doubles[i] = first
		return refuseDouble, nil
	}
	index[key] = i
	return lookUp, nil
}

// classifyRows settles what each row needs, now that it is known who exists.
func (p *Plan) classifyRows(ctx context.Context) error {
	p.Counts = Counts{Rows: len(p.rows)}
	return p.eachPlanned(ctx, func(i int, row guest.Row) error {
		d, err := p.decide(ctx, i, &row)
		if err != nil {
			return err
		}
		p.rows[i].need = d.need
		p.count(d)
		return nil
	})
}

func (p *Plan) count(d decision) {
	c := &p.Counts
	switch d.need {
	case refuseInvalid, settleInvalid:
		c.Invalid++
	case refuseDouble:
		c.Duplicate++
	case carried:
		c.Carried++
	case create:
		c.Create++
		if d.line.Action == results.CreateAssociate {
			c.CreateAssociate++
		}
	case associate:
		c.Associate++
	default:
		switch d.line.Status {
		case results.Failed:
			c.Failed++
		case results.Created:
			c.Carried++
		default:
			c.Unchanged++
		}
	}
}

// Calls returns how many calls of each class the plan takes.
func (p *Plan) Calls() map[ratelimit.Class]int {
	return map[ratelimit.Class]int{
		ratelimit.Create: p.Counts.Create, ratelimit.Write: p.Counts.Associate + p.Counts.CreateAssociate,
	}
}

// Write writes the plan as a file in the columns of the results.
func (p *Plan) Write(ctx context.Context, path string) error {
	return p.write(ctx, path, (*decision).planLine)
}

// WriteValidation writes what is valid and what is not, in the same columns.
func (p *Plan) WriteValidation(ctx context.Context, path string) error {
	return p.write(ctx, path, (*decision).validationLine)
}

func (p *Plan) write(ctx context.Context, path string, line func(*decision) results.Line) (err error) {
	w, err := results.NewWriter(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Abort()) }()
	err = p.eachPlanned(ctx, func(i int, row guest.Row) error {
		d, err := p.decide(ctx, i, &row)
		if err != nil {
			return err
		}
		return w.Write(line(&d))
	})
	if err != nil {
		return err
	}
	return w.Commit()
}

// WritePayloads writes the body of each create that the plan holds as a line
// of JSON, exactly as it is sent.
func (p *Plan) WritePayloads(ctx context.Context, w io.Writer) error {
	return p.eachPlanned(ctx, func(i int, row guest.Row) error {
		if p.rows[i].need != create {
			return nil
		}
		_, err := w.Write(append(tallyfy.CreatePayload(&row.Guest), '\n'))
		return err
	})
}

// problems says everything that is wrong with a row, in the words of the
// results file.
func (p *Plan) problems(ctx context.Context, row *guest.Row) (string, error) {
	if row.Unread != "" {
		return "row: " + row.Unread, nil
	}
	var parts []string
	for _, problem := range guest.Validate(&row.Guest) {
		parts = append(parts, problem.String())
	}
	if len(parts) == 0 {
		_, unknown, err := p.members.resolve(ctx, row.Guest.AssociatedMembers)
		if err != nil {
			return "", err
		}
		if unknown != "" {
			parts = append(parts, guest.AssociatedMembers.String()+": "+unknown)
		}
	}
	return strings.Join(parts, "; "), nil
}

// hash stands for a person's key.
func (p *Plan) hash(email string) uint64 { return maphash.String(p.seed, guest.Key(email)) }
