package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// call is a request as the address and the method tell it.
type call struct {
	class  string // name of the call; empty if there is none like it
	known  bool   // the address exists, perhaps not with this method
	org    string
	email  string // as in the path, unescaped
	folded string // the guest it means
}

// classes are the names of the calls by what follows /organizations/{org}/ and by method.
var classes = map[string]map[string]string{
	"guests":                 {http.MethodPost: "create", http.MethodGet: "list"},
	"guests/{email}":         {http.MethodGet: "get", http.MethodPut: "update", http.MethodDelete: "delete"},
	"guests/{email}/disable": {http.MethodDelete: "disable"},
	"guests/{email}/enable":  {http.MethodPut: "enable"},
	"users":                  {http.MethodGet: "members"},
}

// groups are the classes that stand for several calls.
var groups = map[string][]string{
	"read":   {"get", "list", "members"},
	"write":  {"create", "update", "delete", "disable", "enable"},
	"invite": {"create"},
}

// knownClass tells whether there is such a class; an empty name means all.
func knownClass(name string) bool {
	if name == "" || name == "all" {
		return true
	}
	for group, names := range groups {
		if name == group || slices.Contains(names, name) {
			return true
		}
	}
	return false
}

// within tells whether the call of this name belongs to the class.
func within(name, class string) bool {
	return class == "" || class == "all" || class == name || slices.Contains(groups[class], name)
}

// parse reads the escaped path, so that an email with an escaped slash stays one segment.
func parse(r *http.Request) call {
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/")
	path = strings.TrimPrefix(path, "api/")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil || plain == "" {
			return call{}
		}
		parts[i] = plain
	}
	if len(parts) < 3 || parts[0] != "organizations" {
		return call{}
	}
	c := call{org: parts[1]}
	shape := parts[2:]
	if len(shape) > 1 {
		c.email, c.folded = shape[1], fold(shape[1])
		shape[1] = "{email}"
	}
	methods, known := classes[strings.Join(shape, "/")]
	c.known, c.class = known, methods[r.Method]
	return c
}

// refuse answers calls that never reach the work: no such call, or not this caller. Nothing of it counts against a limit.
func (s *Sandbox) refuse(c call, r *http.Request) (reply, bool) {
	switch {
	case r.Header.Get("X-Tallyfy-Client") != "APIClient" || !c.known:
		return notFound("ENDPOINT_NOT_FOUND", "The requested endpoint was not found."), true
	case c.class == "":
		return message(http.StatusMethodNotAllowed, "The "+r.Method+" method is not supported for this route."), true
	case !strings.Contains(r.Header.Get("Accept"), "application/json"):
		return loginPage(), true
	case !s.authorized(r.Header.Get("Authorization")):
		return message(http.StatusUnauthorized, "Unauthenticated."), true
	}
	return reply{}, false
}

func (s *Sandbox) authorized(header string) bool {
	token, bearer := strings.CutPrefix(header, "Bearer ")
	return bearer && token != "" && (s.opt.Token == "" || token == s.opt.Token)
}
