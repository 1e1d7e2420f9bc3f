package changes

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"guestlist/guest"
)

// run is one writing of a comparison. Hashes only say where to look: whether two
// rows are about the same guest, and say the same, the rows themselves decide.
type run struct {
	*Comparison
	out     *csv.Writer
	done    Summary
	people  people // of the old file in its order, then those that are only in the new one
	fromOld int    // how many are of the old file

	// rereadOld and rereadNew go back to rows that were read before.
	rereadOld, rereadNew *reader
}

// Write writes what changed, as CSV: first those who were added or changed, in
// the order of the new file, then those who were removed, in the order of the old
// one. A *guest.InputError says that a row of a file cannot be compared, a
// *ChangedError that a file did not stay as it was; some lines may be written by
// then.
func (c *Comparison) Write(ctx context.Context, w io.Writer) (Summary, error) {
	r := &run{Comparison: c, out: csv.NewWriter(w), rereadOld: c.old.reader(), rereadNew: c.new.reader()}
	err := r.out.Write([]string{"change", "email", "field", "old", "new"})
	for _, step := range []func(context.Context) error{r.readOld, r.readNew, r.removed} {
		if err == nil {
			err = step(ctx)
		}
	}
	if err == nil {
		r.out.Flush()
		err = r.out.Error()
	}
	return r.done, err
}

// pause tells now and then whether the work is to end.
func pause(ctx context.Context, row int) error {
	if row%1024 == 0 && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// readOld notes where everybody of the old file stands.
func (r *run) readOld(ctx context.Context) error {
	rows := r.old.reader()
	for n := 0; ; n++ {
		if err := pause(ctx, n); err != nil {
			return err
		}
		if err := rows.next(); errors.Is(err, io.EOF) {
			r.fromOld = len(r.people.all)
			return nil
		} else if err != nil {
			return err
		}
		hash := r.hash(rows.key)
		for i := range r.people.with(hash) {
			if again, err := r.isAbout(r.rereadOld, i, rows.key); err != nil {
				return err
			} else if again {
				return twice(rows)
			}
		}
		r.people.add(hash, rows.row.at)
	}
}

// readNew compares each row of the new file with the old one about the same guest.
func (r *run) readNew(ctx context.Context) error {
	rows := r.new.reader()
	for n := 0; ; n++ {
		if err := pause(ctx, n); err != nil {
			return err
		}
		if err := rows.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := r.compare(rows); err != nil {
			return err
		}
	}
}

// compare writes what changed of the guest that a row of the new file is about.
func (r *run) compare(rows *reader) error {
	hash := r.hash(rows.key)
	for i := range r.people.with(hash) {
		if i < r.fromOld && r.identity && !r.people.all[i].seen() {
			if err := r.rereadOld.back(r.people.all[i].at()); err != nil {
				return err
			}
			if bytes.Equal(r.rereadOld.row.raw, rows.row.raw) {
				r.people.see(i)
				r.done.Same++
				return nil
			}
		}
		before := r.rereadOld
		if i >= r.fromOld {
			before = r.rereadNew
		}
		switch found, err := r.isAbout(before, i, rows.key); {
		case err != nil:
			return err
		case !found:
		case i >= r.fromOld, r.people.all[i].seen():
			return twice(rows)
		default:
			r.people.see(i)
			return r.changed(rows.spelled, before.cells, rows.cells)
		}
	}
	r.people.add(hash, rows.row.at)
	r.done.Added++
	return r.out.Write([]string{"added", rows.spelled, guest.Email.String(), "", rows.spelled})
}

// isAbout tells whether the row of a person, to which it goes back, is about who
// has this key.
func (r *run) isAbout(rows *reader, i int, key string) (bool, error) {
	p := r.people.all[i]
	if err := rows.back(p.at()); err != nil {
		return false, err
	}
	if err := rows.take(); err != nil {
		return false, err
	}
	if rows.key != key && r.hash(rows.key) != p.hash {
		return false, &ChangedError{rows.Name}
	}
	return rows.key == key, nil
}

// changed writes the fields of a guest that differ.
func (r *run) changed(spelled string, before, after [][]byte) error {
	fields := 0
	for _, c := range r.compared {
		was, is := plain(before[c.old]), plain(after[c.new])
		if bytes.Equal(was, is) || c.name == guest.AssociatedMembers.String() && sameMembers(was, is) {
			continue
		}
		fields++
		if err := r.out.Write([]string{"changed", spelled, c.name, string(was), string(is)}); err != nil {
			return err
		}
	}
	if fields == 0 {
		r.done.Same++
		return nil
	}
	r.done.Changed++
	r.done.Fields += fields
	return nil
}

// sameMembers tells whether two lists hold the same members. The server's order of
// them means nothing.
func sameMembers(a, b []byte) bool {
	return slices.Equal(sortedMembers(a), sortedMembers(b))
}

func sortedMembers(list []byte) []string {
	ids := strings.Split(string(list), ";")
	slices.Sort(ids)
	return slices.Compact(ids)
}

// removed writes who is in the old file only.
func (r *run) removed(ctx context.Context) error {
	for i, p := range r.people.all[:r.fromOld] {
		if err := pause(ctx, i); err != nil {
			return err
		}
		if p.seen() {
			continue
		}
		if err := r.rereadOld.back(p.at()); err != nil {
			return err
		}
		if err := r.rereadOld.take(); err != nil {
			return err
		}
		if r.hash(r.rereadOld.key) != p.hash {
			return &ChangedError{r.old.Name}
		}
		r.done.Removed++
		spelled := r.rereadOld.spelled
		if err := r.out.Write([]string{"removed", spelled, guest.Email.String(), spelled, ""}); err != nil {
			return err
		}
	}
	return nil
}

// twice is the error of a file that has a guest on the row that rows is at and on
// an earlier one, which it looks for.
func twice(rows *reader) error {
	for earlier := rows.table.reader(); ; {
		if err := earlier.next(); err != nil || earlier.row.at >= rows.row.at {
			return &ChangedError{rows.Name}
		}
		if earlier.key == rows.key {
			return rows.invalid(fmt.Sprintf("line %d and line %d are both about %s, and an export has each guest once: take one of them out, or export anew", earlier.row.line, rows.row.line, guest.Trim(rows.spelled)))
		}
	}
}
