package importer

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"guestlist/guest"
	"guestlist/tallyfy"
)

// members knows the members of the organization, listed once when the first
// row needs them.
type members struct {
	client *tallyfy.Client // nil: nobody can be asked
	listed bool
	hidden error // the token may not list members
	ids    map[int64]bool
	emails map[string]int64 // by key
}

// resolve turns an associated_members cell into ids. It returns nil for a cell
// that names nobody, and in unknown what is wrong with the cell: members that
// the organization does not have. A server that hides its members leaves ids
// as they are, but cannot tell whom an email means.
func (m *members) resolve(ctx context.Context, cell string) (ids []int64, unknown string, err error) {
	entries, _ := guest.Members(cell)
	if len(entries) == 0 {
		return nil, "", nil
	}
	if err := m.list(ctx); err != nil {
		return nil, "", err
	}
	var missing []string
	seen := map[int64]bool{}
	add := func(id int64, known bool, name string) {
		if !known {
			missing = append(missing, name)
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, entry := range entries {
		switch {
		case entry.Email == "":
			add(entry.ID, m.ids == nil || m.ids[entry.ID], strconv.FormatInt(entry.ID, 10))
		case m.ids != nil:
			id, known := m.emails[guest.Key(entry.Email)]
			add(id, known, entry.Email)
		case m.hidden != nil:
			return nil, "", fmt.Errorf("find the member %s: %w", entry.Email, m.hidden)
		default: // a plan without the server: the email stands for itself
			add(0, true, "")
		}
	}
	switch len(missing) {
	case 0:
		return ids, "", nil
	case 1:
		return nil, missing[0] + " is no member of the organization", nil
	}
	return nil, strings.Join(missing, ", ") + " are no members of the organization", nil
}

func (m *members) list(ctx context.Context) error {
	if m.listed || m.client == nil {
		return nil
	}
	all, err := m.client.Members(ctx)
	var refused *tallyfy.Error
	if errors.As(err, &refused) && (refused.Forbidden() || refused.Status == 404) {
		m.listed, m.hidden = true, err
		return nil
	}
	if err != nil {
		return err
	}
	m.listed, m.ids, m.emails = true, map[int64]bool{}, map[string]int64{}
	for _, member := range all {
		m.ids[member.ID] = true
		m.emails[guest.Key(member.Email)] = member.ID
	}
	return nil
}
