package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// membersPerPage is the documented default; a larger page is not given.
const membersPerPage = 9999

// Member is a member of the organization.
type Member struct {
	ID        int64  `json:"id"`
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Role      string `json:"role"`
	Status    string `json:"status"`
}

func defaultMembers() []Member {
	return []Member{
		{1001, "member.one@acme.com", "Member", "One", "admin", "active"},
		{1002, "member.two@acme.com", "Member", "Two", "standard", "active"},
		{1003, "member.three@acme.com", "Member", "Three", "light", "active"},
	}
}

// members never change, so they need no lock.
type members struct {
	all    []Member
	ids    map[int64]bool
	emails map[string]string // ids by folded email
}

func newMembers(all []Member) *members {
	m := &members{all: slices.Clone(all), ids: map[int64]bool{}, emails: map[string]string{}}
	for _, one := range all {
		m.ids[one.ID] = true
		m.emails[fold(one.Email)] = strconv.FormatInt(one.ID, 10)
	}
	return m
}

// actor is the id of whoever a personal token belongs to: the first member.
func (m *members) actor() string {
	if len(m.all) == 0 {
		return "1"
	}
	return strconv.FormatInt(m.all[0].ID, 10)
}

func (m *members) list(query url.Values) reply {
	q := strings.ToLower(query.Get("q"))
	found := []Member{} // an empty list is [], not null
	for _, one := range m.all {
		if strings.Contains(strings.ToLower(one.Email+"\n"+one.FirstName+" "+one.LastName), q) {
			found = append(found, one)
		}
	}
	sortMembers(found, query.Get("sort"))
	p := readPaging(query, membersPerPage, membersPerPage)
	from := min(p.skip(), len(found))
	page := found[from:min(len(found), from+p.perPage)]
	return jsonReply(http.StatusOK, func() []byte {
		data, err := json.Marshal(page)
		if err != nil {
			panic(err) // numbers and strings only
		}
		b := append(append([]byte(`{"data":`), data...), ',')
		return append(p.meta(b, len(page), len(found)), '}')
	})
}

// sortMembers leaves the members as they are unless a known field is asked for.
func sortMembers(list []Member, sort string) {
	field, descending := strings.CutPrefix(sort, "-")
	slices.SortStableFunc(list, func(a, b Member) int {
		if descending {
			a, b = b, a
		}
		switch field {
		case "id":
			return cmp.Compare(a.ID, b.ID)
		case "email":
			return cmp.Compare(a.Email, b.Email)
		case "first_name":
			return cmp.Compare(a.FirstName, b.FirstName)
		case "last_name":
			return cmp.Compare(a.LastName, b.LastName)
		}
		return 0
	})
}
