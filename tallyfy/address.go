package tallyfy

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// DefaultBaseURL is where the documentation places the API.
const DefaultBaseURL = "https://go.tallyfy.com/api"

// CheckBaseURL reads the address below which the API stands; an empty one means
// DefaultBaseURL. The token travels with every call, so the address must be
// https, or plain http to a loopback host (localhost, 127.0.0.0/8, ::1), and it
// must hold no user name, query or fragment. An error never repeats the
// address, which may hold a secret by mistake.
func CheckBaseURL(s string) (*url.URL, error) {
	return checkAddress("base URL", cmp.Or(s, DefaultBaseURL), DefaultBaseURL, "token")
}

// CheckTokenURL reads the address where an Application signs in; an empty one means
// DefaultTokenURL. The secret travels there, so the rules are those of
// CheckBaseURL.
func CheckTokenURL(s string) (*url.URL, error) {
	return checkAddress("token URL", cmp.Or(s, DefaultTokenURL), DefaultTokenURL, "client secret")
}

// TokenURLOf returns where an Application signs in unless it is told otherwise:
// DefaultTokenURL, or /oauth/token at the host of the base URL where that is none of
// Tallyfy's, so that what signs in to a rehearsal goes nowhere else. A base URL that
// CheckBaseURL refuses has DefaultTokenURL.
func TokenURLOf(baseURL string) string {
	u, err := CheckBaseURL(baseURL)
	if err != nil || strings.HasSuffix("."+u.Hostname(), ".tallyfy.com") {
		return DefaultTokenURL
	}
	return u.Scheme + "://" + u.Host + "/oauth/token"
}

// checkAddress reads an address that a secret travels to.
func checkAddress(what, s, example, secret string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Opaque != "", u.Hostname() == "", !isPort(u.Port()), strings.HasSuffix(u.Host, ":"):
		return nil, fmt.Errorf("the %s is not an address such as %s", what, example)
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("the %s begins with %s: it must begin with https", what, shown(u.Scheme))
	case u.User != nil:
		return nil, fmt.Errorf("the %s holds a user name or password: take it out, the %s is set by itself", what, secret)
	case u.RawQuery != "", u.ForceQuery, strings.Contains(s, "#"):
		return nil, fmt.Errorf("the %s holds a query or fragment: take out everything from the ? or # on", what)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("the %s is plain http to %s, which would show the %s to everybody on the way: use https (http is for this machine only)", what, shown(u.Hostname()), secret)
	}
	u.Host = strings.ToLower(u.Host)
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// OrgLabel names an organization in results: ORG, or ORG@host when the API does
// not stand at DefaultBaseURL, so that what a rehearsal did is never taken for
// the real thing. The host has its port, except a loopback host, whose port
// changes from run to run. A base URL that CheckBaseURL refuses gives ORG@unknown.
func OrgLabel(baseURL, org string) string {
	u, err := CheckBaseURL(baseURL)
	if err != nil {
		return org + "@unknown"
	}
	host := u.Host
	if u.Scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	}
	switch {
	case u.Scheme+"://"+host+u.EscapedPath() == DefaultBaseURL:
		return org
	case isLoopback(u.Hostname()):
		host = u.Hostname()
	}
	return org + "@" + host
}

func isPort(s string) bool {
	if s == "" {
		return true
	}
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// isLoopback takes no name but localhost: what others resolve to is not known
// before the token is on its way.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

// segment makes any text one segment of a path. Every reserved character is
// percent-encoded, + too, which url.PathEscape leaves as it is.
func segment(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
