package importer

import (
	"fmt"

	"guestlist/results"
	"guestlist/tallyfy"
)

// permissionLimit is how many rows in a row must be answered "forbidden" until
// that is taken for a matter of the token and not of the rows.
const permissionLimit = 5

// forbidden is a row that was answered "forbidden", when it is not yet clear
// whether that is about the row or about everybody.
type forbidden struct {
	line    results.Line // how the row ends if it is about the row
	planned results.Action
	err     *tallyfy.Error
}

// refused keeps a row that was answered "forbidden", with what its line would
// say if that is about the row. An error ends the run: one row after the other
// was answered so.
func (r *Run) refused(t *task, reason error, e *tallyfy.Error) error {
	t.done = true
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forbidden = append(r.forbidden, forbidden{t.final(t.failure(reason)), t.planned, e})
	if len(r.forbidden) >= permissionLimit {
		return r.notPermitted(e)
	}
	return nil
}

// success notes that the token may write, so that the rows that were forbidden
// before are about themselves: they failed.
func (r *Run) success() error {
	r.mu.Lock()
	kept := r.forbidden
	r.forbidden, r.succeeded = nil, true
	r.mu.Unlock()
	for _, f := range kept {
		if err := r.conclude(f.line, f.planned); err != nil {
			return err
		}
	}
	return nil
}

// settleForbidden ends the rows that were kept to the last: as failed when
// others went well, else the whole run, as nobody may be written.
func (r *Run) settleForbidden() error {
	r.mu.Lock()
	succeeded, kept := r.succeeded, r.forbidden
	r.mu.Unlock()
	if len(kept) > 0 && !succeeded {
		return r.notPermitted(kept[0].err)
	}
	return r.success()
}

func (r *Run) notPermitted(e *tallyfy.Error) error {
	return fmt.Errorf("write guests of %s: %w", r.plan.o.Org, e)
}
