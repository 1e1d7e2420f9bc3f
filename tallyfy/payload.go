package tallyfy

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"guestlist/guest"
)

// createFields are the fields that a create takes, in the order in which "Create
// guest" documents them. The server drops all others without a word.
var createFields = [...]guest.Field{
	guest.Email, guest.FirstName, guest.LastName, guest.Phone1, guest.Phone2,
	guest.CompanyName, guest.CompanyURL, guest.ContactURL, guest.ImageURL,
	guest.OpportunityURL, guest.OpportunityName, guest.Timezone, guest.Status,
	guest.ExternalSyncSource, guest.ExternalDateCreation,
}

// CreatePayload is the body of a create, exactly as Create sends it: an object
// with the documented fields that are given, in the documentation's order.
// Empty fields and associated_members, which a create does not take, are left
// out. Characters such as < and & stand as they are. Bytes that are no UTF-8
// become U+FFFD.
func CreatePayload(g *guest.Guest) []byte {
	size := len("{}")
	for _, f := range createFields {
		if value := g.Get(f); value != "" {
			size += len(`"":"",`) + len(f.String()) + len(value)
		}
	}
	b := append(make([]byte, 0, size), '{') // more only where there are escapes
	for _, f := range createFields {
		value := g.Get(f)
		if value == "" {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), f.String()...), '"', ':')
		b = appendQuoted(b, value)
	}
	return append(b, '}')
}

func appendQuoted(b []byte, s string) []byte {
	if needsNoEscape(s) {
		return append(append(append(b, '"'), s...), '"')
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // of a string only
	}
	return append(b, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}

// needsNoEscape tells whether a text is ASCII without what JSON has to escape.
func needsNoEscape(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
