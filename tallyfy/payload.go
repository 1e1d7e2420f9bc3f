package tallyfy

import (
	"bytes"
	"encoding/json"

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
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	out.WriteByte('{')
	for _, f := range createFields {
		value := g.Get(f)
		if value == "" {
			continue
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		out.WriteString(`"` + f.String() + `":`)
		if err := encoder.Encode(value); err != nil {
			panic(err) // of a string only
		}
		out.Truncate(out.Len() - 1) // the encoder's line end
	}
	out.WriteByte('}')
	return out.Bytes()
}
