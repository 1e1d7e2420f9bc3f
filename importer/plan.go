// Package importer turns the rows of a CSV file into guests, or deletes, disables or
// enables those whom the rows name: it plans what each row needs, sends it through a
// pool of workers, and keeps the outcome of every row. It also verifies whether an
// organization holds what the rows say.
package importer

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"time"

	"guestlist/guest"
	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/tallyfy"
)

// ErrInputChanged ends a run whose input is not what was planned any more.
var ErrInputChanged = errors.New("the input changed while it was being read: let nothing write to it, and start again; what is done already is recorded")

// Counts says how many rows a plan holds of each kind.
type Counts struct {
	Rows, Create, Associate, Unchanged, Invalid, Duplicate int
	Others                                                 int // of other shards; they do not count as Rows
	Failed                                                 int // certain to fail: there is no such guest, and the mode wants one
	Carried                                                int // done by an earlier run
	CreateAssociate                                        int // those of Create that need an association too
	Change                                                 int // to delete, disable or enable
	Spared                                                 int // left alone; see Options.CreatedBy
	AtWork                                                 int // those of Change who have tasks to do, where that is asked for
}

// People returns how many people the rows name who are not left alone, whatever is
// left to do for them.
func (c *Counts) People() int { return c.Rows - c.Invalid - c.Duplicate - c.Spared }

// Plan is what is to be done for each row of an input.
type Plan struct {
	Counts   Counts
	Header   guest.Header
	Findings Findings // what is wrong with the rows, by the file and the members

	// Gone counts the people to whom an earlier run wrote, or may have, and who have
	// no row any more: the results will not have them.
	Gone int

	o          Options
	seed       maphash.Seed
	header     uint32 // sum of the header row, to notice an input that changes
	rows       []planned
	found      findings
	duplicates []duplicate // in the order of the rows
	members    members
	guests     guests
	known      []uint64     // the places in guests of who is already there, by row; zero: nobody is known
	unclear    map[int]bool // rows whose look-up was refused
	knownAt    time.Time    // when guests was learned

	// keep keeps in guests what matters of the guest of a row, and returns the place.
	keep func(row int, g *tallyfy.Guest) (place uint64)
}

// planned is kept for every row: 8 bytes, as an input may have a million.
type planned struct {
	sum  uint32 // of the row, to notice an input that changes
	need need
}

// duplicate is a row whose email stands on an earlier one. Both count from 0.
type duplicate struct{ row, first uint32 }

// need says what a row still needs.
type need uint8

const (
	lookUp        need = iota // to find out whether the guest exists
	nothing                   // unchanged, or certain to fail
	create                    // a create, perhaps followed by an association
	associate                 // an association only
	change                    // to be deleted, disabled or enabled
	settle                    // to learn what became of an earlier create; nobody is created (mode update)
	settleInvalid             // to learn whether the guest of a row that is not valid any more was created
	carried                   // done by an earlier run
	spared                    // left alone; see Options.CreatedBy
	refuseInvalid             // not valid
	refuseDouble              // the email stands on an earlier row
	elsewhere                 // of another shard
)

// toSettle tells whether a row needs no write, but to learn what became of one.
func (n need) toSettle() bool { return n == settle || n == settleInvalid }

// isOpen tells whether a row needs a call.
func (n need) isOpen() bool { return n == create || n == associate || n == change || n.toSettle() }

// NewPlan reads the whole input, finds what is invalid or twice there, and asks
// the organization who of the rest is already a guest. Nothing is written to
// the server. An input that cannot be used is a *guest.InputError.
func NewPlan(ctx context.Context, o Options) (*Plan, error) {
	p := newPlan(o)
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

func newPlan(o Options) *Plan {
	p := &Plan{o: o, seed: maphash.MakeSeed(), unclear: map[int]bool{}, members: members{client: o.Client}}
	p.keep = func(_ int, g *tallyfy.Guest) uint64 { return p.guests.keep(p.newKnown(g)) }
	return p
}

// classifyRows settles what each row needs, now that it is known who exists.
func (p *Plan) classifyRows(ctx context.Context) error {
	p.Counts = Counts{Rows: len(p.rows)}
	for _, row := range p.rows {
		if row.need == elsewhere {
			p.Counts.Rows--
			p.Counts.Others++
		}
	}
	return p.eachPlanned(ctx, func(i int, row inputRow) error {
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
	case change:
		c.Change++
		if d.atWork {
			c.AtWork++
		}
	case spared:
		c.Spared++
	default:
		switch d.line.Status {
		case results.Failed:
			c.Failed++
		case results.Invalid:
			c.Invalid++
		case results.Created, results.Deleted, results.Disabled, results.Enabled:
			c.Carried++
		default:
			c.Unchanged++
		}
	}
}

// Calls returns how many calls of each class the plan takes.
func (p *Plan) Calls() map[ratelimit.Class]int {
	return map[ratelimit.Class]int{
		ratelimit.Create: p.Counts.Create, ratelimit.Write: p.Counts.Associate + p.Counts.CreateAssociate + p.Counts.Change,
	}
}

// Write writes the plan as a file in the columns of the results.
func (p *Plan) Write(ctx context.Context, path string) error {
	return writeLines(path, func(w *results.Writer) error {
		return p.eachPlanned(ctx, func(i int, row inputRow) error {
			d, err := p.decide(ctx, i, &row)
			if err != nil {
				return err
			}
			return w.Write(d.planLine())
		})
	})
}

// writeLines writes a file in the columns of the results, or none.
func writeLines(path string, write func(w *results.Writer) error) (err error) {
	w, err := results.NewWriter(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Abort()) }()
	if err := write(w); err != nil {
		return err
	}
	return w.Commit()
}

// WritePayloads writes the body of each create that the plan holds as a line
// of JSON, exactly as it is sent.
func (p *Plan) WritePayloads(ctx context.Context, w io.Writer) error {
	created := func(i int) bool { return p.rows[i].need == create }
	return p.eachWanted(ctx, created, func(_ int, row inputRow) error {
		_, err := w.Write(append(tallyfy.CreatePayload(&row.Guest), '\n'))
		return err
	})
}

// hash stands for a person's key.
func (p *Plan) hash(email string) uint64 { return maphash.String(p.seed, guest.Key(email)) }
