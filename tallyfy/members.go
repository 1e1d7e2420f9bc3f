package tallyfy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"guestlist/ratelimit"
)

// Member is a member of the organization. Role and Status are the server's own
// words.
type Member struct {
	ID                                       int64
	Email, FirstName, LastName, Role, Status string
}

// size is about how many bytes a list needs to keep a member.
func (m *Member) size() int {
	const fixed = 160 // the struct, and its place among the ids
	return fixed + len(m.Email) + len(m.FirstName) + len(m.LastName) + len(m.Role) + len(m.Status)
}

// Members lists the members of the organization, in the server's order, each
// once. It retries like Get.
func (c *Client) Members(ctx context.Context) ([]Member, error) {
	var list []Member
	seen := map[int64]bool{}
	size, atFirst := 0, 0
	for number, pages := 1, 1; number <= pages; number++ {
		op := fmt.Sprintf("list members, page %d", number)
		path := fmt.Sprintf("/users?page=%d", number)
		p, at, err := c.page(ctx, op, path, number, &recordReader{})
		if err != nil {
			return nil, err
		}
		for _, record := range p.records {
			m, err := newMember(record.Raw)
			if err != nil {
				return nil, failed(op, err)
			}
			if !seen[m.ID] {
				seen[m.ID] = true
				list = append(list, m)
				size += m.size()
			}
			if size > mostOfMembers {
				return nil, failed(op, fmt.Errorf("more than %d MiB of members, which no organization has", mostOfMembers>>20))
			}
		}
		pages = at.pages
		if number == 1 {
			atFirst = pages
		}
		if number > 2*atFirst+10 {
			return nil, failed(op, errGrows)
		}
		if number >= pages && len(list) != at.total {
			return nil, failed(op, fmt.Errorf("%d different members on %d pages, while the server counts %d: try again when nobody changes them", len(list), number, at.total))
		}
	}
	return list, nil
}

// page gets one page of a list and checks its paging data.
func (c *Client) page(ctx context.Context, op, path string, number int, r *recordReader) (p wirePage, at position, err error) {
	k := call{op: op, class: ratelimit.Read, method: http.MethodGet, path: path, most: mostOfPage}
	k.accept = func(a *answer) error {
		p, err = pageIn(a, r)
		return err
	}
	if err := c.read(ctx, &k); err != nil {
		return p, at, err
	}
	at, err = p.position(number)
	if err != nil {
		return p, at, failed(op, err)
	}
	return p, at, nil
}

func newMember(record []byte) (Member, error) {
	var m Member
	id := ""
	for field := range members(record) {
		switch string(field.key) {
		case "id":
			id = text(field.value)
		case "email":
			m.Email = text(field.value)
		case "first_name":
			m.FirstName = text(field.value)
		case "last_name":
			m.LastName = text(field.value)
		case "role":
			m.Role = text(field.value)
		case "status":
			m.Status = text(field.value)
		}
	}
	var err error
	if m.ID, err = strconv.ParseInt(id, 10, 64); err != nil || m.ID <= 0 {
		return m, errors.New("a member has no id, or one that is no number: \"" + shown(id) + "\"")
	}
	return m, nil
}
