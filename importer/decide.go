package importer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"guestlist/guest"
	"guestlist/results"
)

// decision is what one row needs and, as far as that is known before anything
// is sent, its line in the results.
type decision struct {
	need    need
	line    results.Line
	members []int64 // to associate; nil: the row names none
	fixed   string  // what was mended in the row, as the results say it
	atWork  bool    // the guest has tasks to do
}

// final is a line that says how a row ended, and what was mended in it.
func (d *decision) final(l results.Line) results.Line {
	l.Error = joinNotes(l.Error, d.fixed)
	return l
}

// line is what a row's line in the results says of the row itself.
func (p *Plan) line(row *guest.Row) results.Line {
	return results.Line{Row: row.Number, Line: row.Line, Email: row.Guest.Email, Action: results.None, Org: p.o.Org}
}

// decide is the one classifier: the plan, the dry run and the run ask it.
func (p *Plan) decide(ctx context.Context, i int, row *inputRow) (decision, error) {
	d := decision{need: p.rows[i].need, line: p.line(&row.Row), fixed: row.fixed}
	switch d.need {
	case refuseInvalid, settleInvalid:
		wrong, err := p.problems(ctx, &row.Row)
		d.line.Status, d.line.Error = results.Invalid, inWords(&row.Row, wrong)
		if d.need == refuseInvalid || err != nil {
			return d, err
		}
		earlier, _, err := p.o.Earlier.Find(row.Guest.Email)
		d.line.Attempts = earlier.Attempts
		return d, err
	case refuseDouble:
		d.line.Status, d.line.Error = results.Duplicate, standsOn(p.firstOf(i))
		return d, nil
	case spared:
		_, why, err := p.wasCreated(row.Guest.Email)
		d.line.Status, d.line.Error = results.Unchanged, why
		return d, err
	}
	earlier, ok, err := p.o.Earlier.Find(row.Guest.Email)
	if err != nil {
		return d, err
	}
	if d.need == carried {
		earlier.Row, earlier.Line, earlier.Email = d.line.Row, d.line.Line, d.line.Email
		d.line, d.fixed = earlier, "" // the line tells what was mended then
		return d, nil
	}
	if ok {
		d.line.Attempts = earlier.Attempts
	}
	k := p.guestOf(i)
	if !p.o.Mode.imports() {
		d.atWork = k != nil && k.isAtWork()
		if k == nil && !p.isKnown(i) {
			_, d.line.Action = p.o.Mode.changed()
			d.need = change
			return d, nil
		}
		ours := ok && earlier.Unsettled()
		if ours {
			d.line.GuestID = earlier.GuestID
		}
		return d, p.decideChange(&d, k, ours)
	}
	d.members, _, err = p.members.resolve(ctx, row.Guest.AssociatedMembers)
	if err != nil {
		return d, err
	}
	// A guest that an earlier run of this import created stays "created", so
	// that an undo finds it.
	if ok && k != nil && (earlier.Unsettled() || earlier.WasCreated()) {
		p.decideCreated(&d, &row.Guest, k)
		return d, nil
	}
	p.decideFrom(&d, &row.Guest, k)
	if d.need == nothing && k == nil && p.o.Client != nil && (ok && earlier.Unsettled() || !p.isKnown(i)) {
		d.need = settle // the server may still be at work on it, or would not tell
	}
	return d, nil
}

// isKnown tells whether the plan found out if a row's email has a guest. Without a
// client nobody was asked, and a look-up may have been refused.
func (p *Plan) isKnown(row int) bool { return p.o.Client != nil && !p.unclear[row] }

// firstOf returns the row whose email a duplicate has.
func (p *Plan) firstOf(row int) int {
	at, _ := slices.BinarySearchFunc(p.duplicates, uint32(row), func(d duplicate, row uint32) int { return cmp.Compare(d.row, row) })
	return int(p.duplicates[at].first)
}

// standsOn says why a row is a duplicate.
func standsOn(first int) string { return fmt.Sprintf("email: stands on row %d already", first+1) }

// decideFrom decides by what is known of the guest; nil: there is none.
func (p *Plan) decideFrom(d *decision, g *guest.Guest, k *known) {
	d.line.Error = ""
	if k == nil {
		d.line.GuestID, d.line.Link = "", ""
		switch {
		case p.o.Mode == Update && p.o.Client == nil: // nobody was asked
			d.need, d.line.Status, d.line.Action = nothing, results.Unchanged, results.None
			if len(d.members) > 0 {
				d.need, d.line.Action = associate, results.Associate
			}
		case p.o.Mode == Update:
			d.need, d.line.Status, d.line.Action = nothing, results.Failed, results.None
			d.line.Error = notAGuest
		case len(d.members) > 0:
			d.need, d.line.Action = create, results.CreateAssociate
		default:
			d.need, d.line.Action = create, results.Create
		}
		return
	}
	p.describe(d, g, k)
	if p.o.Mode == Create {
		d.need, d.line.Status, d.line.Action = nothing, results.Unchanged, results.None
		if len(d.members) > 0 && !k.hasMembers(d.members) {
			d.line.Error = joinNotes("associated_members differ", d.line.Error)
		}
		d.line.Error = joinNotes("the guest exists", d.line.Error)
		return
	}
	if len(d.members) > 0 && !k.hasMembers(d.members) {
		d.need, d.line.Action = associate, results.Associate
		return
	}
	d.need, d.line.Status, d.line.Action = nothing, results.Unchanged, results.None
}

// decideCreated decides for a guest that this import created, now or earlier:
// what may be left is the association.
func (p *Plan) decideCreated(d *decision, g *guest.Guest, k *known) {
	p.describe(d, g, k)
	d.line.Status, d.line.Action = results.Created, results.Create
	d.need = nothing
	if len(d.members) > 0 {
		d.line.Action = results.CreateAssociate
		if !k.hasMembers(d.members) {
			d.need = associate
		}
	}
}

// decideInvalid decides for a guest that this import created, when the row is not
// valid any more: what it asks for besides is left undone until it is mended.
func (p *Plan) decideInvalid(d *decision, g *guest.Guest, k *known) {
	problems := d.line.Error
	p.decideCreated(d, g, k)
	d.line.Error = "the row is not valid any more: " + problems
	if g.AssociatedMembers != "" {
		d.line.Status, d.line.Error = results.Failed, joinNotes("created, but not associated", d.line.Error)
	}
}

// describe notes who the guest is and which given fields differ: the API
// cannot change them, and nothing may vanish in silence.
func (p *Plan) describe(d *decision, g *guest.Guest, k *known) {
	d.line.GuestID = k.id
	if p.o.Links {
		d.line.Link = k.link
	}
	d.line.Error = ""
	if names := k.differences(p.seed, g); len(names) > 0 {
		d.line.Error = "differs: " + strings.Join(names, ", ") + " (the API cannot change it)"
	}
	if k.disabledAt != "" {
		d.line.Error = joinNotes("the guest is disabled since "+k.disabledAt, d.line.Error)
	}
}

// planLine is the decision as a line of a plan file, where nothing is done yet.
func (d *decision) planLine() results.Line {
	l := d.line
	switch d.need {
	case create, change:
		l.Status = results.Planned
	case associate:
		l.Status, l.Action = results.Planned, results.Associate
	case carried:
		l.Status, l.Action = results.Unchanged, results.None
		l.Error = "done by an earlier run"
	case nothing, settle:
		l.Action = results.None
		switch l.Status {
		case results.Created, results.Deleted, results.Disabled, results.Enabled:
			l.Error = string(l.Status) + " by an earlier run"
		}
		if l.Status != results.Invalid {
			l.Status = results.Unchanged // a plan has no failures: it says that nothing would be written
		}
	}
	l.HTTPStatus, l.Attempts = 0, 0
	return d.final(l)
}

// joinNotes joins the parts of an error cell; empty ones are left out.
func joinNotes(notes ...string) string {
	var parts []string
	for _, n := range notes {
		if n != "" {
			parts = append(parts, n)
		}
	}
	return strings.Join(parts, "; ")
}
