package importer

import (
	"context"
	"errors"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"guestlist/guest"
	"guestlist/tallyfy"
)

// known is what is kept of a guest who is already there: enough to see what
// differs, and no more, as there may be a million.
type known struct {
	id         string
	link       string // only where links are asked for
	disabledAt string
	silent     bool // the server did not tell whether the guest is disabled
	members    string
	tasks      string                  // to do, as the statistics tell; only where they are asked for
	sums       [guest.NumFields]uint32 // of each field's canonical value; zero: the server did not tell it
}

// texts returns what is kept of a guest as it is.
func (k *known) texts() [5]*string {
	return [...]*string{&k.id, &k.link, &k.disabledAt, &k.members, &k.tasks}
}

// isAtWork tells whether the guest has tasks to do ("List guests", stats).
func (k *known) isAtWork() bool { return strings.Trim(k.tasks, "0") != "" }

func (p *Plan) newKnown(g *tallyfy.Guest) *known {
	k := &known{id: g.ID, disabledAt: disabledSince(&g.Record), silent: !g.Has("disabled_at"), members: g.AssociatedMembers, tasks: g.StatsAssignedTasks}
	if p.o.Links {
		k.link = g.Link
	}
	for f := range guest.NumFields {
		if g.Has(f.String()) {
			k.sums[f] = fieldSum(p.seed, f, g.Get(f))
		}
	}
	return k
}

// disabledSince returns since when a guest is disabled; empty: is not. Who was made
// active again later is not, should the server still tell when that was.
func disabledSince(g *guest.Record) string {
	date := func(s string) string { return guest.Canonical(guest.ExternalDateCreation, s) }
	if date(g.ReactivatedAt) > date(g.DisabledAt) {
		return ""
	}
	return g.DisabledAt
}

// fieldSum is never zero.
func fieldSum(seed maphash.Seed, f guest.Field, value string) uint32 {
	return uint32(maphash.String(seed, guest.Canonical(f, value))) | 1
}

// differences names the given fields that the server has otherwise.
func (k *known) differences(seed maphash.Seed, g *guest.Guest) []string {
	var names []string
	for f := range guest.NumFields {
		if f == guest.Email || f == guest.AssociatedMembers || g.Get(f) == "" || k.sums[f] == 0 {
			continue
		}
		if k.sums[f] != fieldSum(seed, f, g.Get(f)) {
			names = append(names, f.String())
		}
	}
	return names
}

// hasMembers tells whether exactly these members are associated. Order and
// repetition do not count.
func (k *known) hasMembers(ids []int64) bool {
	return sameMembers(k.members, ids)
}

func sameMembers(cell string, ids []int64) bool {
	var have, want []string
	for id := range strings.SplitSeq(cell, ";") {
		if id != "" {
			have = append(have, id)
		}
	}
	for _, id := range ids {
		want = append(want, strconv.FormatInt(id, 10))
	}
	slices.Sort(have)
	slices.Sort(want)
	return slices.Equal(slices.Compact(have), slices.Compact(want))
}

// guestOf returns the guest whose row it is, or nil when there is none.
func (p *Plan) guestOf(row int) *known {
	if p.known == nil || p.known[row] == 0 {
		return nil
	}
	return p.guests.at(p.known[row])
}

// findExisting finds out who is already a guest: by listing, or by asking for
// each one when that takes fewer calls.
func (p *Plan) findExisting(ctx context.Context, people *index) error {
	p.known = make([]uint64, len(p.rows))
	wanted := 0
	for _, row := range p.rows {
		if row.need == lookUp {
			wanted++
		}
	}
	if wanted == 0 {
		return nil
	}
	if wanted > 1 {
		complete, err := p.list(ctx, people, wanted, false)
		if err != nil || complete {
			return err
		}
	}
	err := p.askEach(ctx)
	if errors.Is(err, errNobodyAnswered) {
		// A list may tell what single look-ups do not.
		clear(p.unclear)
		_, err = p.list(ctx, people, wanted, true)
	}
	return err
}

// errNobodyAnswered says that every single look-up was refused.
var errNobodyAnswered = errors.New("no guest could be looked up")

// list goes through the organization's guests. Unless it has to list all, it
// breaks off after the first page, which tells how many there are, when asking
// for each one wanted is cheaper; then it returns false.
func (p *Plan) list(ctx context.Context, people *index, wanted int, all bool) (complete bool, err error) {
	scan, found := 0, 0
	for page, failed := range p.o.Client.Pages(ctx, tallyfy.ListOptions{Stats: p.o.Mode == Delete}) {
		if failed != nil {
			return false, failed
		}
		if page.Scan != scan {
			scan, found = page.Scan, 0
			p.guests = guests{}
			clear(p.known)
		}
		for _, g := range page.Guests {
			if i, ok := people.row(p.hash(g.Email)); ok && p.rows[i].need == lookUp && g.DeletedAt == "" {
				if p.known[i] == 0 {
					found++
				}
				p.known[i] = p.keep(i, g)
			}
		}
		first := page.Scan == 1 && page.Number == 1
		if first && !all && page.TotalPages > 1 && wanted-found < page.TotalPages {
			return false, nil
		}
	}
	return true, nil
}

// askEach asks for every guest that is not known yet, in a second pass over
// the input, since only hashes of the emails are kept.
func (p *Plan) askEach(ctx context.Context) error {
	var (
		mu       sync.Mutex // of what follows, and of p.guests and p.unclear
		answered bool       // somebody could be looked up
		refused  bool       // somebody could not
	)
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, p.o.Workers))
	unknown := func(i int) bool { return p.rows[i].need == lookUp && p.known[i] == 0 }
	err := p.eachWanted(gctx, unknown, func(i int, row inputRow) error {
		group.Go(func() error {
			g, err := p.o.Client.Get(gctx, row.Guest.Email, p.o.Mode == Delete)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case absent(err):
				answered = true
			case err == nil:
				answered = true
				p.known[i] = p.keep(i, g)
			case aboutOne(err):
				// The row is looked up again when its turn comes; its failure is its own.
				p.unclear[i] = true
				refused = true
			default:
				return err
			}
			return nil
		})
		return nil
	})
	// What a call found out says more than the cancellation that followed it.
	if failed := group.Wait(); failed != nil {
		return failed
	}
	if err == nil && refused && !answered {
		return errNobodyAnswered // that is no matter of one row
	}
	return err
}

// aboutOne tells whether a look-up was refused in a way that may be about that
// one guest.
func aboutOne(err error) bool {
	var e *tallyfy.Error
	return errors.As(err, &e) && e.Status/100 == 4 && !ended(e) && !e.FateUnknown() && !e.NotAdmitted()
}

// absent tells whether an error says that there is no such guest.
func absent(err error) bool {
	var e *tallyfy.Error
	return errors.As(err, &e) && e.Absent()
}
