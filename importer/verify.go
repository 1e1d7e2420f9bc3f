package importer

import (
	"context"
	"slices"
	"strings"

	"guestlist/guest"
	"guestlist/tallyfy"
)

// Difference is one thing that the organization holds otherwise than a row says.
type Difference struct {
	Row, Line int
	Email     string // of the row, trimmed

	// Field is what differs: a guest's field; "email" where the row's email is nobody's
	// here, or no email at all; "row" where the row cannot be read.
	Field string
	// CSV is the cell, or the whole row, as it stands in the file. It is empty for a
	// row that cannot be read and may hold a secret.
	CSV    string
	Server string // what the server has; empty: nothing
}

// Verification is what Verify found.
type Verification struct {
	Header   guest.Header
	Findings Findings // why some rows are unusable

	// Rows is all of them; what follows counts each in one way.
	Rows     int
	Same     int
	Differ   int
	Missing  int // no guest has the email
	Unusable int // cannot be read, or without an email that a guest can have

	Fields   int // that differ, in all rows of Differ
	Disabled int // guests of the file who are disabled; that is no difference
}

// Verify finds out in what the organization differs from an input, and tells it
// row by row in the order of the input. All values that are given are compared,
// in the form in which the server keeps them; an empty cell says nothing, and what
// the server does not tell is empty. Rows with the same email are each compared.
//
// Nothing is told before the server has told everything. An error of tell ends it.
// An input that cannot be used is a *guest.InputError.
func Verify(ctx context.Context, o Options, tell func(Difference) error) (Verification, error) {
	v := verifier{Plan: newPlan(o), tell: tell}
	v.keep = v.keepDifferent
	people, err := v.readFile(ctx)
	if err == nil {
		err = v.ask(ctx, people)
	}
	if err == nil {
		err = v.eachAgain(ctx, func(i int, r *guest.Reader) error { return v.compare(ctx, i, r) })
	}
	v.found.Header, v.found.Findings = v.Header, v.Plan.found.Findings
	return v.found, err
}

// verifier is a plan in which nothing is to be done. Of each guest it keeps what
// differs from the file alone, and of the file the sums of the values until then.
type verifier struct {
	*Plan
	wanted guests   // what the rows of each guest say
	wants  []uint64 // places in wanted, by the first row of each guest; zero: nothing
	found  Verification
	tell   func(Difference) error
}

// readFile is the first pass. It returns whose row is which.
func (v *verifier) readFile(ctx context.Context) (*index, error) {
	var people index
	err := v.firstPass(ctx, func(i int, s *seen) error {
		row := &s.row.Row
		people.add()
		v.Plan.found.mended(s.row.repairs)
		first, double := people.row(s.key)
		p := planned{sum: s.sum, need: lookUp}
		switch {
		case !canBeAskedFor(row):
			p.need = refuseInvalid
		case double:
			p.need = refuseDouble
			v.duplicates = append(v.duplicates, duplicate{uint32(i), uint32(first)})
		default:
			people.enter(s.key, i)
			first = i
		}
		v.rows, v.wants = append(v.rows, p), append(v.wants, 0)
		if p.need == refuseInvalid {
			return nil
		}
		return v.want(ctx, first, &row.Guest)
	})
	return &people, err
}

// canBeAskedFor tells whether somebody may have the email of a row. A guest of old may
// have one that no new guest may have, so the server is to say that there is nobody.
func canBeAskedFor(row *guest.Row) bool {
	return row.Unread == "" && strings.Contains(row.Guest.Email, "@")
}

// isUsable tells whether a guest could have the email of a row, which nobody has, and
// takes down why not.
func (v *verifier) isUsable(row *guest.Row) bool {
	found := &v.Plan.found
	if row.Unread != "" {
		found.unreadable(row)
		return false
	}
	wrong := guest.Validate(&guest.Guest{Email: row.Guest.Email})
	text, noEntry := noEntry(&row.Guest)
	switch {
	case len(wrong) == 0:
		return true
	case noEntry:
		found.noEntry(row, text)
	default:
		found.values(WrongValue, &v.Header, row, wrong)
	}
	return false
}

// several stands for rows of one guest that do not say the same. No fieldSum is that.
const several = 2

// want takes down what a row says of the guest whose first row it is told.
func (v *verifier) want(ctx context.Context, first int, g *guest.Guest) error {
	wanted, changed := v.wantedOf(first), false
	for f := range guest.NumFields {
		if f == guest.Email || g.Get(f) == "" {
			continue
		}
		sum := fieldSum(v.seed, f, g.Get(f))
		if before := wanted.sums[f]; before != 0 && before != sum {
			sum = several
		}
		if f == guest.AssociatedMembers {
			// So that nothing has been told yet when nobody can say whom an email means.
			if _, _, err := v.memberIDs(ctx, g.Get(f)); err != nil {
				return err
			}
		}
		wanted.sums[f], changed = sum, changed || wanted.sums[f] != sum
	}
	if changed {
		v.wants[first] = v.wanted.keep(&wanted)
	}
	return nil
}

// wantedOf returns what is known so far of what the rows of a guest say.
func (v *verifier) wantedOf(first int) known {
	if v.wants[first] == 0 {
		return known{}
	}
	return *v.wanted.at(v.wants[first])
}

// memberIDs returns the members that a cell names, and whether all of them can be
// known: not those whose email is no member's. Ids are taken as they are, as a
// guest may have members who have left.
func (v *verifier) memberIDs(ctx context.Context, cell string) (ids []int64, all bool, err error) {
	entries, wrong := guest.Members(cell)
	if slices.ContainsFunc(entries, func(m guest.Member) bool { return m.Email != "" }) {
		ids, unknown, err := v.members.resolve(ctx, cell)
		return ids, len(wrong) == 0 && unknown == "", err
	}
	for _, m := range entries {
		ids = append(ids, m.ID)
	}
	return ids, len(wrong) == 0, nil
}

// ask asks the organization for the guests of the file.
func (v *verifier) ask(ctx context.Context, people *index) error {
	err := v.findExisting(ctx, people)
	if err != nil || len(v.unclear) == 0 {
		return err
	}
	// A list tells of those who could not be looked up one by one.
	_, err = v.list(ctx, people, len(v.unclear), true)
	return err
}

// keepDifferent keeps what the server has where the guest's rows may say otherwise.
func (v *verifier) keepDifferent(row int, g *tallyfy.Guest) (place uint64) {
	wanted := v.wantedOf(row)
	h := held{disabled: disabledSince(&g.Record) != ""}
	for f := range guest.NumFields {
		if wanted.sums[f] != 0 && wanted.sums[f] != fieldSum(v.seed, f, g.Get(f)) {
			h.differ(f, g.Get(f))
		}
	}
	return v.guests.put(h.pack())
}

// compare tells in what the server differs from the row that the reader is at.
func (v *verifier) compare(ctx context.Context, i int, r *guest.Reader) error {
	v.found.Rows++
	first, again := i, v.rows[i].need == refuseDouble
	if again {
		first = v.firstOf(i)
	}
	if v.rows[i].need == refuseInvalid || v.known[first] == 0 {
		return v.compareWithNobody(r)
	}
	h := unpackHeld(v.guests.from(v.known[first]))
	if h.disabled && !again {
		v.found.Disabled++
	}
	differing := 0
	if h.differs != 0 {
		row := v.rowOf(r)
		for f := range guest.NumFields {
			same, err := v.isSame(ctx, &h, f, row.Guest.Get(f), r)
			if err == nil && !same {
				differing++
				err = v.tellOf(&row.Row, f.String(), v.cell(r, f), h.texts[f])
			}
			if err != nil {
				return err
			}
		}
	}
	if v.found.Fields += differing; differing > 0 {
		v.found.Differ++
	} else {
		v.found.Same++
	}
	return nil
}

// compareWithNobody tells of the row that the reader is at, and of whom there is no
// guest.
func (v *verifier) compareWithNobody(r *guest.Reader) error {
	row := v.rowOf(r)
	if v.isUsable(&row.Row) {
		v.found.Missing++
	} else {
		v.found.Unusable++
	}
	if row.Unread != "" {
		return v.tellOf(&row.Row, "row", v.rawRow(r), "")
	}
	return v.tellOf(&row.Row, guest.Email.String(), v.cell(r, guest.Email), "")
}

// isSame tells whether the server has the value of a cell in the row that the reader
// is at. An apostrophe that stands in both is the guest's own, and no protection: what
// was exported without any is as it was.
func (v *verifier) isSame(ctx context.Context, h *held, f guest.Field, value string, r *guest.Reader) (bool, error) {
	if value == "" || !h.isDifferent(f) {
		return true, nil
	}
	if f != guest.AssociatedMembers {
		server := guest.Canonical(f, h.texts[f])
		return guest.Canonical(f, value) == server || guest.Canonical(f, v.cell(r, f)) == server, nil
	}
	ids, all, err := v.memberIDs(ctx, value)
	return all && sameMembers(h.texts[f], ids), err
}

func (v *verifier) tellOf(row *guest.Row, field, csv, server string) error {
	return v.tell(Difference{Row: row.Number, Line: row.Line, Email: row.Guest.Email, Field: field, CSV: csv, Server: server})
}

// cell returns the cell of a field in the row that the reader is at.
func (v *verifier) cell(r *guest.Reader, f guest.Field) string {
	column, ok := v.Header.Column(f)
	cells := r.Cells()
	if !ok || column >= len(cells) {
		return ""
	}
	return cells[column]
}

// rawRow returns the row that the reader is at, unless it may hold a secret: nobody
// can tell which of its cells is which.
func (v *verifier) rawRow(r *guest.Reader) string {
	if len(v.Header.Sensitive) > 0 {
		return ""
	}
	return string(r.Raw())
}
