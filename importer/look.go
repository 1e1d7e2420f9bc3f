package importer

import (
	"context"

	"guestlist/guest"
	"guestlist/results"
)

// readRows is the first pass. It returns whose row is which.
func (p *Plan) readRows(ctx context.Context) (*index, error) {
	var people index
	err := p.firstPass(ctx, func(i int, s *seen) error {
		if !s.own {
			people.add()
			p.rows = append(p.rows, planned{s.sum, elsewhere})
			return nil
		}
		l, err := p.firstLook(ctx, i, s, &people)
		if l.need == refuseDouble {
			p.duplicates = append(p.duplicates, duplicate{uint32(i), uint32(l.first)})
		}
		p.rows = append(p.rows, planned{s.sum, l.need})
		return err
	})
	p.Findings, p.found = p.found.Findings, findings{}
	return &people, err
}

// countGone is called when everybody is known who has a row.
func (p *Plan) countGone(people *index) error {
	return p.o.Earlier.Each(func(l results.Line) error {
		if _, there := people.row(p.hash(l.Email)); !there && l.Wrote() {
			p.Gone++
		}
		return nil
	})
}

// find takes down what a person must hear of a row.
func (p *Plan) find(row *guest.Row, wrong []guest.Problem) {
	if row.Unread != "" {
		p.found.unreadable(row)
		return
	}
	if text, ok := noEntry(&row.Guest); ok {
		p.found.noEntry(row, text)
		return
	}
	p.found.values(WrongValue, &p.Header, row, wrong)
	p.found.values(DoubtfulValue, &p.Header, row, guest.Doubts(&row.Guest))
}

// look is what the file and earlier runs say of a row.
type look struct {
	need     need
	problems string // of a row that is not valid
	first    int    // of a duplicate, the row before it
}

// firstLook looks at a row, and enters whoever it is about into the index.
func (p *Plan) firstLook(ctx context.Context, i int, s *seen, people *index) (look, error) {
	row, key := &s.row.Row, s.key
	people.add()
	p.found.lines.add(i, row.Line)
	p.found.mended(s.row.repairs)
	first, double := people.row(key)
	if row.Unread == "" && !double {
		// What was done for good stays done, even if the row would be refused now.
		_, done, err := p.o.Earlier.Carried(row.Guest.Email)
		if done {
			people.enter(key, i)
		}
		if done || err != nil {
			return look{need: carried}, err
		}
	}
	wrong, err := p.problems(ctx, row)
	if err != nil {
		return look{}, err
	}
	if !p.o.Mode.imports() && p.o.Client != nil && canBeAskedFor(row) {
		wrong = nil // until the server says that there is nobody
	}
	problems := inWords(row, wrong)
	p.find(row, wrong)
	switch {
	case problems != "" && row.Unread == "" && !double:
		earlier, ok, err := p.o.Earlier.Find(row.Guest.Email)
		if !ok || err != nil || !p.o.Mode.imports() || !earlier.Unsettled() && !earlier.WasCreated() || p.o.Client == nil {
			return look{need: refuseInvalid, problems: problems}, err
		}
		people.enter(key, i)
		return look{need: settleInvalid, problems: problems}, nil
	case problems != "":
		return look{need: refuseInvalid, problems: problems}, nil
	case double && p.o.Client != nil && p.rows[first].need == settleInvalid:
		p.rows[first].need = refuseInvalid // this row settles it
	case double:
		p.found.standsTwice(&p.Header, row, first)
		return look{need: refuseDouble, first: first}, nil
	}
	people.enter(key, i)
	if _, why, err := p.wasCreated(row.Guest.Email); why != "" || err != nil {
		return look{need: spared}, err
	}
	return look{need: lookUp}, nil
}
