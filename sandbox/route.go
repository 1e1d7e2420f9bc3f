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
	email  string      // as in the path, unescaped
	folded string      // the guest or member it means
	by     *credential // who calls, nil for nobody; the path does not tell
}

// signIn is the name of the one call that needs neither a token nor the API's own headers.
const signIn = "token"

// classes are the names of the calls by address and by method.
var classes = map[string]map[string]string{
	"organizations/{org}/guests":                 {http.MethodPost: "create", http.MethodGet: "list"},
	"organizations/{org}/guests/{email}":         {http.MethodGet: "get", http.MethodPut: "update", http.MethodDelete: "delete"},
	"organizations/{org}/guests/{email}/disable": {http.MethodDelete: "disable"},
	"organizations/{org}/guests/{email}/enable":  {http.MethodPut: "enable"},
	"organizations/{org}/users":                  {http.MethodGet: "members"},
	"applications/{org}/users/{email}/token":     {http.MethodPost: "user-token"},
	"oauth/token":                                {http.MethodPost: signIn},
}

// groups are the classes that stand for several calls. No other class knows of sign-in: the server counts it apart, and a
// limit or a fault of the guest API means the same whether its client signs in or not.
var groups = map[string][]string{
	"read":    {"get", "list", "members"},
	"write":   {"create", "update", "delete", "disable", "enable"},
	"all":     {"get", "list", "members", "create", "update", "delete", "disable", "enable"},
	"invite":  {"create"},
	"sign-in": {signIn, "user-token"},
}

// knownClass tells whether there is such a class; an empty name means all.
func knownClass(name string) bool {
	if name == "" {
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
	if class == "" {
		class = "all"
	}
	return class == name || slices.Contains(groups[class], name)
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
	var c call
	if len(parts) > 2 && parts[0] != "oauth" {
		c.org, parts[1] = parts[1], "{org}"
	}
	if len(parts) > 3 {
		c.email, c.folded, parts[3] = parts[3], fold(parts[3]), "{email}"
	}
	methods, known := classes[strings.Join(parts, "/")]
	c.known, c.class = known, methods[r.Method]
	return c
}

// refuse answers calls that never reach the work: no such call, or not this caller. Nothing of it counts against a limit.
func refuse(c call, r *http.Request) (reply, bool) {
	switch {
	case c.class == signIn:
		return reply{}, false
	case r.Header.Get("X-Tallyfy-Client") != "APIClient" || !c.known:
		return notFound("ENDPOINT_NOT_FOUND", "The requested endpoint was not found."), true
	case c.class == "":
		return message(http.StatusMethodNotAllowed, "The "+r.Method+" method is not supported for this route."), true
	case !strings.Contains(r.Header.Get("Accept"), "application/json"):
		return loginPage(), true
	case c.by == nil:
		return message(http.StatusUnauthorized, "Unauthenticated."), true
	}
	return reply{}, false
}
