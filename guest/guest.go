// Package guest knows what a Tallyfy guest is as data: its fields, the header
// names that mean them, what makes a value valid, and how guests are read from
// CSV and written to it. It knows nothing of the network.
package guest

// Guest holds what one CSV row says about a guest: the fifteen fields of the
// create call ("Create guest", field table) and the members to associate.
// Values are trimmed as the server trims them; an empty one was not given.
type Guest struct {
	Email                string `csv:"email"`
	FirstName            string `csv:"first_name"`
	LastName             string `csv:"last_name"`
	CompanyName          string `csv:"company_name"`
	Phone1               string `csv:"phone_1"`
	Phone2               string `csv:"phone_2"`
	Timezone             string `csv:"timezone"`
	Status               string `csv:"status"`
	CompanyURL           string `csv:"company_url"`
	ContactURL           string `csv:"contact_url"`
	ImageURL             string `csv:"image_url"`
	OpportunityURL       string `csv:"opportunity_url"`
	OpportunityName      string `csv:"opportunity_name"`
	ExternalSyncSource   string `csv:"external_sync_source"`
	ExternalDateCreation string `csv:"external_date_creation"`

	// AssociatedMembers lists member ids or emails, see Members. The create
	// call does not take it: it is set by an update of its own.
	AssociatedMembers string `csv:"associated_members"`
}

// Field is one field of a Guest. Its zero value is Email.
type Field uint8

// The fields, in the order of an export's columns.
const (
	Email Field = iota
	FirstName
	LastName
	CompanyName
	Phone1
	Phone2
	Timezone
	Status
	CompanyURL
	ContactURL
	ImageURL
	OpportunityURL
	OpportunityName
	ExternalSyncSource
	ExternalDateCreation
	AssociatedMembers

	// NumFields counts the fields: for f := range guest.NumFields visits all.
	NumFields
)

// fields holds what there is to know about each field: its name in the API,
// which is its column's name too, the check that its values must pass, and the
// repair that may make them pass it and says what it does.
var fields = [NumFields]struct {
	name   string
	check  func(value string) *fault
	repair func(value string) (better, how string)
}{
	Email:                {"email", emailProblem, repairEmail},
	FirstName:            {"first_name", atMost200, repairText},
	LastName:             {"last_name", atMost200, repairText},
	CompanyName:          {"company_name", atMost200, repairText},
	Phone1:               {"phone_1", atMost20, repairText},
	Phone2:               {"phone_2", atMost20, repairText},
	Timezone:             {"timezone", timezoneProblem, repairZone},
	Status:               {"status", atMost200, repairText},
	CompanyURL:           {"company_url", urlProblem, repairURL},
	ContactURL:           {"contact_url", urlProblem, repairURL},
	ImageURL:             {"image_url", urlProblem, repairURL},
	OpportunityURL:       {"opportunity_url", urlProblem, repairURL},
	OpportunityName:      {"opportunity_name", atMost200, repairText},
	ExternalSyncSource:   {"external_sync_source", syncSourceProblem, repairText},
	ExternalDateCreation: {"external_date_creation", datetimeProblem, repairDatetime},
	AssociatedMembers:    {"associated_members", membersProblem, repairMembers},
}

// String returns the field's name in the API.
func (f Field) String() string { return fields[f].name }

// Get returns the value of a field.
func (g *Guest) Get(f Field) string { return *g.at(f) }

// Set replaces the value of a field.
func (g *Guest) Set(f Field, value string) { *g.at(f) = value }

func (g *Guest) at(f Field) *string {
	switch f {
	case Email:
		return &g.Email
	case FirstName:
		return &g.FirstName
	case LastName:
		return &g.LastName
	case CompanyName:
		return &g.CompanyName
	case Phone1:
		return &g.Phone1
	case Phone2:
		return &g.Phone2
	case Timezone:
		return &g.Timezone
	case Status:
		return &g.Status
	case CompanyURL:
		return &g.CompanyURL
	case ContactURL:
		return &g.ContactURL
	case ImageURL:
		return &g.ImageURL
	case OpportunityURL:
		return &g.OpportunityURL
	case OpportunityName:
		return &g.OpportunityName
	case ExternalSyncSource:
		return &g.ExternalSyncSource
	case ExternalDateCreation:
		return &g.ExternalDateCreation
	default:
		return &g.AssociatedMembers
	}
}
