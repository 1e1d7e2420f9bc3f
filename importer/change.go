package importer

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"guestlist/guest"
	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/tallyfy"
)

const notAGuest = "not a guest of this organization"

// changed returns how the results tell of a guest who was changed in a mode that
// is no import, and of what was done.
func (m Mode) changed() (results.Status, results.Action) {
	switch m {
	case Delete:
		return results.Deleted, results.Delete
	case Disable:
		return results.Disabled, results.Disable
	case Enable:
		return results.Enabled, results.Enable
	}
	return "", results.None
}

// imports tells whether a mode is one of an import.
func (m Mode) imports() bool { return m == Upsert || m == Create || m == Update }

// isDone tells whether a guest, nil for nobody, is as the mode would have them.
func (m Mode) isDone(k *known) bool {
	switch m {
	case Delete:
		return k == nil
	case Disable:
		return k != nil && k.disabledAt != ""
	}
	return k != nil && k.disabledAt == ""
}

// wasCreated returns the line of an import's results about a guest whom that
// import created. In why it tells why a row's guest is to be left alone.
func (p *Plan) wasCreated(email string) (l results.Line, why string, err error) {
	if p.o.CreatedBy == nil {
		return l, "", nil
	}
	l, ok, err := p.o.CreatedBy.Find(email)
	switch {
	case err != nil:
		return l, "", fmt.Errorf("look into the results of the import that is undone: %w", err)
	case ok && (l.Status == results.Created || l.WasCreated()):
		return l, "", nil
	case ok && l.Unsettled():
		return l, results.LeftAlone + ": it is not known whether that import created the guest (settle it first: start the import again with --resume)", nil
	}
	return l, results.LeftAlone + ": not created by that import", nil
}

// decideChange decides what a mode that is no import does with whoever the row
// names; nil is nobody. When ours is set, such a call was sent before for the guest
// whose id the line has, and nobody knows what came of it.
func (p *Plan) decideChange(d *decision, k *known, ours bool) error {
	status, action := p.o.Mode.changed()
	created, _, err := p.wasCreated(d.line.Email)
	if err != nil {
		return err
	}
	sentFor := d.line.GuestID
	d.need, d.line.Status, d.line.Action, d.line.Error = nothing, results.Unchanged, results.None, ""
	if k != nil {
		d.line.GuestID = k.id
	}
	wrong := guest.Validate(&guest.Guest{Email: d.line.Email})
	switch {
	case k == nil && len(wrong) > 0 && !ours:
		d.line.Status, d.line.Error = results.Invalid, wrong[0].String()
	case k == nil && p.o.Mode != Delete:
		d.line.Status, d.line.Error = results.Failed, notAGuest
	case k != nil && p.o.Mode == Enable && k.silent && ours: // a call too many makes a new link
		d.line.Status = results.Failed
		d.line.Error = results.Sent(action) + ", and the server does not tell whether the guest is disabled"
	case k != nil && p.o.Mode == Delete && ours && sentFor != "" && k.id != "" && sentFor != k.id:
		d.line.Status, d.line.Action, d.line.GuestID = status, action, sentFor
		d.line.Error = "another guest has this email now, who was left alone: " + k.id
	case p.o.Mode.isDone(k) && ours:
		d.line.Status, d.line.Action = status, action
	case k == nil:
		d.line.Error = notAGuest
	case p.o.Mode == Disable && k.disabledAt != "":
		d.line.Error = "the guest is disabled since " + k.disabledAt
	case p.o.Mode == Enable && k.disabledAt == "" && !k.silent:
		d.line.Error = "the guest is not disabled"
	case created.GuestID != "" && created.GuestID != k.id:
		d.line.Error = results.LeftAlone + ": the guest whom that import created is gone, and this is another"
	default:
		d.need, d.line.Action = change, action
	}
	return nil
}

// change sends what a mode that is no import asks for.
func (r *Run) change(ctx context.Context, t *task) error {
	if r.isStale(t) {
		t.step = stepLookUp
		return nil
	}
	send := r.plan.o.Client.Delete
	switch r.plan.o.Mode {
	case Disable:
		send = r.plan.o.Client.Disable
	case Enable:
		send = r.plan.o.Client.Enable
	}
	leaving := departure{run: r, task: t}
	g, err := send(ctx, t.row.Guest.Email, leaving.record)
	if err == nil {
		return r.isChanged(t, g)
	}
	e, err := leaving.refused(ctx, string(r.plan.o.Mode), err)
	switch {
	case e == nil:
		return err
	case e.Absent(), e.Status == http.StatusUnprocessableEntity: // perhaps there is no such guest
		t.refusal, t.step = e, stepLookUp
		return nil
	}
	return r.fail(t, e)
}

// isChanged goes on after the server has taken a change.
func (r *Run) isChanged(t *task, g *tallyfy.Guest) error {
	r.outage.works(ratelimit.Write)
	t.line.HTTPStatus = g.HTTPStatus
	t.line.Status, t.line.Action = r.plan.o.Mode.changed()
	if err := r.success(); err != nil {
		return err
	}
	k := r.plan.newKnown(g)
	t.line.Link = cmp.Or(k.link, t.line.Link)
	if !k.silent && r.plan.o.Mode != Delete && !r.plan.o.Mode.isDone(k) {
		return r.fail(t, fmt.Errorf("the server took the call and did not %s the guest", r.plan.o.Mode))
	}
	return r.finish(t)
}

// settleChange goes on after a guest was looked up, nil for nobody, because a call
// got lost, was refused, or because it is long ago that the guest was seen.
func (r *Run) settleChange(t *task, k *known) error {
	if err := r.plan.decideChange(&t.decision, k, t.ours); err != nil {
		return err
	}
	switch {
	case t.need != change:
		return r.finish(t)
	case t.refusal != nil:
		t.line.HTTPStatus = t.refusal.Status
		return r.fail(t, t.refusal)
	case !t.lost.IsZero() && t.looksAgain():
		return nil
	case t.tries >= r.plan.o.Attempts:
		return r.fail(t, t.last)
	}
	t.step = stepChange
	return nil
}
