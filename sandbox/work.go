package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// work does what the call asks for, under the lock.
func (s *Sandbox) work(c call, r *http.Request, body []byte) reply {
	if c.class == signIn {
		return s.applicationToken(r, body)
	}
	if s.opt.Org != "" && c.org != s.opt.Org {
		return notFound("RESOURCE_NOT_FOUND", "The organization was not found.")
	}
	if c.class == "user-token" {
		return s.userToken(c)
	}
	if s.opt.UserContext && c.by.application {
		return message(http.StatusForbidden, "This call needs user context: exchange the application token for a user token.")
	}
	switch c.class {
	case "create":
		return s.create(object(r, body))
	case "list":
		return s.list(r.URL.Query())
	case "members":
		return s.members.list(r.URL.Query())
	case "get":
		return s.get(c.folded, r.URL.Query())
	}
	s.account.arrived(c.class, c.folded)
	rep := s.change(c, object(r, body))
	if rep.status < http.StatusMultipleChoices {
		s.account.succeeded(c.class, c.folded)
	}
	return rep
}

// change does what is asked for to a guest who should be there.
func (s *Sandbox) change(c call, in map[string]json.RawMessage) reply {
	if s.store.get(c.folded) == nil {
		if c.class == "delete" {
			return invalid(map[string][]string{"email": {"The selected email is invalid."}})
		}
		return unknownGuest()
	}
	switch c.class {
	case "delete":
		return s.remove(c.folded)
	case "disable":
		return s.disable(c.folded, c.by.member)
	case "enable":
		return s.enable(c.folded, c.by.member)
	default:
		return s.update(c.folded, in)
	}
}

// object reads a JSON object; anything else counts as an empty one, as the framework has it.
func object(r *http.Request, body []byte) map[string]json.RawMessage {
	var in map[string]json.RawMessage
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") || json.Unmarshal(body, &in) != nil {
		return nil
	}
	return in
}

func (s *Sandbox) create(in map[string]json.RawMessage) reply {
	f := form{in: in, problems: map[string][]string{}}
	email := s.readEmail(&f)
	fields := s.readFields(&f)
	var members []int64
	if s.opt.Legacy {
		members = s.readMembers(&f)
	}
	s.account.ignored(f.rest())

	key := fold(email)
	exists := s.store.get(key) != nil
	s.account.arrived("create", key)
	if exists {
		s.account.twice[key] = true
	}
	if _, member := s.members.emails[key]; member {
		f.refuse("email", "The email belongs to a member of this organization.")
	}
	if exists && s.opt.Legacy {
		f.refuse("email", "The email has already been taken.")
	}
	if len(f.problems) > 0 {
		return invalid(f.problems)
	}
	s.account.succeeded("create", key)
	if exists {
		return s.record(http.StatusCreated, s.store.get(key), false)
	}
	fields["created_at"], fields["updated_at"] = s.now(), s.now()
	return s.record(http.StatusCreated, s.store.add(Guest{Email: email, Fields: fields, AssociatedMembers: members}), false)
}

func (s *Sandbox) update(folded string, in map[string]json.RawMessage) reply {
	f := form{in: in, problems: map[string][]string{}}
	_, given := in["associated_members"]
	members := s.readMembers(&f)
	s.account.ignored(f.rest())
	if len(f.problems) > 0 {
		return invalidInput(f.problems)
	}
	g := s.store.get(folded)
	if given {
		g = s.store.change(folded, func(g *Guest) {
			g.AssociatedMembers = members
			g.Fields["updated_at"] = s.now()
		})
	}
	return s.record(http.StatusCreated, g, false)
}

func (s *Sandbox) get(folded string, query url.Values) reply {
	g := s.store.get(folded)
	if g == nil {
		return unknownGuest()
	}
	status := http.StatusOK
	if s.opt.Legacy {
		status = http.StatusCreated
	}
	return s.record(status, g, withStats(query))
}

func (s *Sandbox) remove(folded string) reply {
	g := s.store.remove(folded).clone()
	g.Fields["deleted_at"] = s.now()
	return s.record(http.StatusOK, &g, false)
}

func (s *Sandbox) disable(folded, member string) reply {
	return s.record(http.StatusOK, s.store.change(folded, func(g *Guest) {
		if g.Fields["disabled_at"] == "" || g.Fields["reactivated_at"] > g.Fields["disabled_at"] {
			g.Fields["disabled_at"], g.Fields["disabled_by"] = s.now(), member
		}
	}), false)
}

// enable issues a new link to whoever is enabled, also to a guest who was not disabled.
func (s *Sandbox) enable(folded, member string) reply {
	return s.record(http.StatusOK, s.store.change(folded, func(g *Guest) {
		delete(g.Fields, "disabled_at")
		delete(g.Fields, "disabled_by")
		g.Fields["reactivated_at"], g.Fields["reactivated_by"] = s.now(), member
		g.Link = s.store.newLink(g.ID)
	}), false)
}

func (s *Sandbox) record(status int, g *Guest, stats bool) reply {
	enc := encoder{legacy: s.opt.Legacy, stats: stats, php: s.opt.PHPEscapes}
	return jsonReply(status, func() []byte {
		return append(enc.guest([]byte(`{"data":`), g), '}')
	})
}

func (s *Sandbox) list(query url.Values) reply {
	sort := query.Get("sort")
	if sort == "" {
		sort = query.Get("sort_by")
	}
	if s.opt.NoSort {
		sort = byCreation
	}
	enc := encoder{legacy: s.opt.Legacy, stats: withStats(query), php: s.opt.PHPEscapes}
	if all, _ := strconv.ParseBool(query.Get("without_pagination")); all {
		page, _ := s.store.page(query.Get("q"), sort, 0, len(s.store.guests))
		return jsonReply(http.StatusOK, func() []byte { return append(enc.list(page), '}') })
	}
	p := readPaging(query, min(999, s.opt.PerPageMax), s.opt.PerPageMax)
	page, total := s.store.page(query.Get("q"), sort, p.skip(), p.perPage)
	return jsonReply(http.StatusOK, func() []byte {
		return append(p.meta(append(enc.list(page), ','), len(page), total), '}')
	})
}

func (e encoder) list(page []*Guest) []byte {
	b := make([]byte, 0, 256+1200*len(page))
	b = append(b, `{"data":[`...)
	for i, g := range page {
		if i > 0 {
			b = append(b, ',')
		}
		b = e.guest(b, g)
	}
	return append(b, ']')
}

func withStats(query url.Values) bool {
	return slices.Contains(strings.Split(query.Get("with"), ","), "stats")
}
