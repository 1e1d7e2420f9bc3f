package sandbox

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// zoneNames are the names in the third column of the tz database's zone.tab, 2025b, and UTC: what Laravel's time zone rule
// takes.
//
//go:embed zones.txt
var zoneNames string

func zones() map[string]bool {
	set := map[string]bool{}
	for name := range strings.Lines(zoneNames) {
		set[strings.TrimSpace(name)] = true
	}
	return set
}

// urlShape is a scheme and something of a host, no more.
var urlShape = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#]+`)

// reserved are top levels that no mail server can have.
var reserved = []string{
	"test", "example", "invalid", "localhost", "local", "intranet", "internal", "private", "corp", "home", "lan",
}

// fieldRules are the documented optional fields of a create and what their values have to be.
var fieldRules = []struct{ name, rule string }{
	{"first_name", "max:200"},
	{"last_name", "max:200"},
	{"phone_1", "max:20"},
	{"phone_2", "max:20"},
	{"company_name", "max:200"},
	{"company_url", "url"},
	{"contact_url", "url"},
	{"image_url", "url"},
	{"opportunity_url", "url"},
	{"opportunity_name", "max:200"},
	{"timezone", "timezone"},
	{"status", "max:200"},
	{"external_sync_source", "salesforce"},
	{"external_date_creation", "date"},
}

// form is a request body with what was found wrong with it.
type form struct {
	in       map[string]json.RawMessage
	asked    []string // the keys somebody asked for
	problems map[string][]string
}

func (f *form) refuse(field, text string) { f.problems[field] = append(f.problems[field], text) }

// text returns a value as it was sent, "" if it is absent, null, blank or no string, which is a problem.
func (f *form) text(name string) string {
	f.asked = append(f.asked, name)
	raw, ok := f.in[name]
	if !ok || string(raw) == "null" {
		return ""
	}
	var value string
	if json.Unmarshal(raw, &value) != nil {
		f.refuse(name, "The "+label(name)+" must be a string.")
	}
	if trim(value) == "" {
		return ""
	}
	return value
}

// rest returns the keys that nobody asked for, in order.
func (f *form) rest() []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(f.in)) {
		if !slices.Contains(f.asked, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

func label(field string) string { return strings.ReplaceAll(field, "_", " ") }

func (s *Sandbox) readEmail(f *form) string {
	email := f.text("email")
	switch {
	case len(f.problems) > 0:
	case email == "":
		f.refuse("email", "The email field is required.")
	case !plausibleEmail(trim(email)):
		f.refuse("email", "The email must be a valid email address.")
	}
	return email
}

// readFields returns the optional fields that are given.
func (s *Sandbox) readFields(f *form) map[string]string {
	fields := map[string]string{}
	for _, field := range fieldRules {
		value := f.text(field.name)
		if value == "" {
			continue
		}
		fields[field.name] = value
		if wrong := s.broken(field.rule, trim(value)); wrong != "" {
			f.refuse(field.name, fmt.Sprintf(wrong, label(field.name)))
		}
	}
	return fields
}

// broken returns the server's words for a value that breaks the rule, with a place for the field; "" if it does not.
func (s *Sandbox) broken(rule, value string) string {
	switch rule {
	case "max:20":
		if utf8.RuneCountInString(value) > 20 {
			return "The %s may not be greater than 20 characters."
		}
	case "max:200":
		if utf8.RuneCountInString(value) > 200 {
			return "The %s may not be greater than 200 characters."
		}
	case "url":
		if !urlShape.MatchString(value) {
			return "The %s format is invalid."
		}
	case "timezone":
		if !s.zones[value] {
			return "The %s must be a valid zone."
		}
	case "salesforce":
		if value != "salesforce" {
			return "The selected %s is invalid."
		}
	case "date":
		// time.Parse takes fractions of a second that the layout does not have.
		if t, err := time.Parse(time.DateTime, value); err != nil || t.Format(time.DateTime) != value {
			return "The %s does not match the format Y-m-d H:i:s."
		}
	}
	return ""
}

// plausibleEmail refuses what no mail system takes; quotes, comments and escapes are waved through.
func plausibleEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 {
		return false
	}
	local, domain := s[:at], strings.Split(s[at+1:], ".")
	for _, name := range domain {
		if name == "" || utf8.RuneCountInString(name) > 63 || name[0] == '-' || name[len(name)-1] == '-' || strings.ContainsFunc(name, notInDomain) {
			return false
		}
	}
	top := domain[len(domain)-1]
	if len(domain) < 2 || slices.Contains(reserved, top) || strings.Trim(top, "0123456789") == "" {
		return false
	}
	if strings.ContainsAny(local, `"(\`) {
		return true
	}
	return !strings.ContainsAny(strings.TrimRight(local, " "), " @,;<>[]") && !strings.ContainsFunc(local, unicode.IsControl) &&
		local[0] != '.' && !strings.HasSuffix(local, ".") && !strings.Contains(local, "..")
}

func notInDomain(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return r < utf8.RuneSelf && !letter && r != '-'
}

// readMembers returns the associated members that are given: nil for null, else the list as sent.
func (s *Sandbox) readMembers(f *form) []int64 {
	const name = "associated_members"
	f.asked = append(f.asked, name)
	raw, ok := f.in[name]
	if !ok || string(raw) == "null" {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		f.refuse(name, "The associated members must be an array.")
		return nil
	}
	ids := make([]int64, len(list))
	for i, element := range list {
		place := fmt.Sprintf("%s.%d", name, i)
		if string(element) == "null" || json.Unmarshal(element, &ids[i]) != nil {
			f.refuse(place, "The "+place+" must be an integer.")
		} else if !s.members.ids[ids[i]] {
			f.refuse(place, "The selected "+place+" is invalid.")
		}
	}
	return ids
}
