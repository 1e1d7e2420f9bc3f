package guest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestValidate(t *testing.T) {
	full := Guest{
		Email: "ann@acme.com", FirstName: strings.Repeat("é", 200), LastName: "Lee", CompanyName: "ACME", Phone1: strings.Repeat("0", 20), Phone2: "+49 (0)30 1",
		Timezone: "Europe/Berlin", Status: "active", CompanyURL: "https://acme.com", ContactURL: "https://acme.com/ann", ImageURL: "https://acme.com/a.png",
		OpportunityURL: "https://crm.acme.com/1", OpportunityName: "Deal", ExternalSyncSource: "salesforce", ExternalDateCreation: "2025-01-15 10:30:00",
		AssociatedMembers: "1001; member@acme.com",
	}
	if problems := Validate(&full); problems != nil {
		t.Fatalf("a good guest has problems: %v", problems)
	}
	if problems := Validate(&Guest{Email: "ann@acme.com"}); problems != nil {
		t.Fatalf("an email alone has problems: %v", problems)
	}
	for _, tc := range []struct {
		name  string
		field Field
		value string
		want  string // in the problem
	}{
		{"no email", Email, "", "email: is missing"},
		{"no address", Email, "ann", "email: "},
		{"a domain that never takes mail", Email, "ann@acme.test", "email: "},
		{"name too long", FirstName, strings.Repeat("é", 201), "first_name: "},
		{"last name too long", LastName, strings.Repeat("x", 201), "last_name: "},
		{"company too long", CompanyName, strings.Repeat("x", 201), "company_name: "},
		{"phone too long", Phone1, strings.Repeat("0", 21), "phone_1: "},
		{"second phone too long", Phone2, strings.Repeat("0", 21), "phone_2: "},
		{"status too long", Status, strings.Repeat("x", 201), "status: "},
		{"opportunity too long", OpportunityName, strings.Repeat("x", 201), "opportunity_name: "},
		{"zone by its short name", Timezone, "Berlin", "timezone: "},
		{"company URL without scheme", CompanyURL, "acme.com", "company_url: "},
		{"contact URL without scheme", ContactURL, "acme.com", "contact_url: "},
		{"image URL without scheme", ImageURL, "acme.com", "image_url: "},
		{"opportunity URL without scheme", OpportunityURL, "acme.com", "opportunity_url: "},
		{"another source", ExternalSyncSource, "Salesforce", `external_sync_source: "Salesforce" is not accepted`},
		{"a local date", ExternalDateCreation, "15.01.2025", "external_date_creation: "},
		{"members that are none", AssociatedMembers, "1001; Ann; 1e3", `associated_members: "Ann" is neither`},
		{"invalid UTF-8", FirstName, "Ann\xff", "first_name: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := full
			g.Set(tc.field, tc.value)
			problems := Validate(&g)
			if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), tc.want) {
				t.Errorf("problems are %q, want one that begins with %q", problems, tc.want)
			}
		})
	}
}

// The server takes them in words and phones, and can never change them again: so
// they are valid there, and told.
func TestValuesThatNobodyMeans(t *testing.T) {
	const fine = ""
	const (
		anError   = "is an error that the spreadsheet shows (mend the cell)"
		tooNarrow = "is what a spreadsheet shows where a column is too narrow (widen the column and save the file again)"
		shortened = "is a number that the spreadsheet has shortened (format the column as text and type it again)"
	)
	for _, tc := range []struct {
		name  string
		field Field
		value string
		want  string
	}{
		{"nobody found", FirstName, "#N/A", anError},
		{"a reference that is gone", Phone1, "#REF!", anError},
		{"an error for an email", Email, "#VALUE!", anError},
		{"an error for members", AssociatedMembers, "#NAME?", anError},
		{"an error in German", LastName, "#NV", anError},
		{"an error and more", LastName, "#N/A Smith", fine},
		{"a hash and a word", CompanyName, "#hashtag", fine},
		{"a column that is too narrow", CompanyName, "########", tooNarrow},
		{"four of them", FirstName, "####", tooNarrow},
		{"three of them", CompanyName, "###", fine},
		{"a phone cut to a power", Phone1, "4.91511E+12", shortened},
		{"with a comma", Phone2, "4,91511E+12", shortened},
		{"with a sign", Phone1, "+4.9E+11", shortened},
		{"without a fraction", Phone1, "5E+10", shortened},
		{"small letters", Phone1, "4.9e+10", shortened},
		{"a phone with an E", Phone1, "+49 30 1 E+2", fine},
		{"a power in a name", CompanyName, "4.91511E+12", fine},
		{"two digits before the fraction", Phone1, "49.1E+12", fine},
		{"two digits and no fraction", Phone1, "49E+12", fine},
		{"a formula around a text", FirstName, `="Ann"`, "is a formula around a text (did you mean Ann?)"},
		{"a formula around a wrong value", Timezone, `="Mars"`, "is a formula around a text (write the text alone)"},
		{"a formula without a text", Phone1, `=""`, "is a formula without a text (empty the cell)"},
		{"a sum", CompanyName, "=1+1", fine},
		{"an apostrophe", LastName, "'t Hart", fine},
		{"letters read in the wrong charset", LastName, "M\u00c3\u00bcller", "has letters that were read in the wrong charset (did you mean Müller?)"},
		{"letters as they should be", LastName, "Müller-Ãéß", fine},
		{"a name in two letters of that kind", FirstName, "Ãna", fine},
		{"a lost letter", LastName, "M\ufffdller", "has a letter that was lost (type the cell again)"},
		{"Japanese", CompanyName, "鈴木", fine},
		{"a bell", FirstName, "An\x07na", `has a control character inside: "\a" (did you mean Anna?)`},
		{"an escape", CompanyName, "\x1b[31mAcme", `has a control character inside: "\x1b" (type the cell again)`},
		{"white space of other programs", CompanyName, "Acme\v\f\tInc\r\n", fine},
		{"Outlook's own address", Email, "/o=ExchangeLabs/ou=Exchange Administrative Group (FYDI)/cn=Recipients/cn=ann", "is an address inside Outlook's own server (look up the person's email)"},
		{"another path", Email, "/o=other", "has no @ (an address looks like jane@example.com)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := Guest{Email: "ann@acme.com"}
			g.Set(tc.field, tc.value)
			problems := Validate(&g)
			if strict := tc.field == Email || tc.field == Timezone || tc.field == AssociatedMembers; !strict && len(problems) > 0 {
				t.Errorf("the server takes it: %q", problems)
			}
			problems = append(problems, Doubts(&g)...)
			if tc.want == fine && len(problems) == 0 {
				return
			}
			if len(problems) != 1 || problems[0].Text != tc.want {
				t.Errorf("%q, want %q", problems, tc.want)
			}
		})
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		`Ann`: `"Ann"`, `"a@x.de`: `“"a@x.de”`, `a\b`: `“a\b”`, "a\x1b\n": `"a\x1b\n"`, "\"\x07": `“"\a”`,
	} {
		if got := Quote(in); got != want {
			t.Errorf("%q is shown as %s, want %s", in, got, want)
		}
	}
}

func TestValidateSaysEverythingAtOnce(t *testing.T) {
	problems := Validate(&Guest{Email: "ann", Timezone: "Berlin", CompanyURL: "acme.com"})
	var fields []Field
	for _, p := range problems {
		fields = append(fields, p.Field)
	}
	if diff := cmp.Diff([]Field{Email, Timezone, CompanyURL}, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestMembers(t *testing.T) {
	for _, tc := range []struct {
		name, cell string
		want       []Member
		problems   int
	}{
		{"one id", "1001", []Member{{ID: 1001}}, 0},
		{"every separator", "1;2,3|4", []Member{{ID: 1}, {ID: 2}, {ID: 3}, {ID: 4}}, 0},
		{"ids and emails", "1, a@acme.com ;b@acme.com", []Member{{ID: 1}, {Email: "a@acme.com"}, {Email: "b@acme.com"}}, 0},
		{"empty entries", " ;1; ;", []Member{{ID: 1}}, 0},
		{"a leading zero is decimal", "010", []Member{{ID: 10}}, 0},
		{"nothing", "", nil, 0},
		{"zero, signs, fractions, hex", "0;-1;+1;1.5;0x10;1e3", nil, 6},
		{"too large for an id", "99999999999999999999", nil, 1},
		{"a bad email", "a@", nil, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			members, problems := Members(tc.cell)
			if diff := cmp.Diff(tc.want, members); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			if len(problems) != tc.problems {
				t.Errorf("problems are %q, want %d", problems, tc.problems)
			}
		})
	}
	if text := membersProblem(";").String(); text != "names no member" {
		t.Errorf("a cell of separators: %q", text)
	}
}

func FuzzMembers(f *testing.F) {
	f.Add("1001;member@acme.com")
	f.Add(",|;")
	f.Fuzz(func(t *testing.T, cell string) {
		members, problems := Members(cell)
		for _, m := range members {
			if (m.ID > 0) == (m.Email != "") {
				t.Errorf("member %+v of %q has both or neither", m, cell)
			}
		}
		if (membersProblem(cell).String() == "") != (len(problems) == 0 && len(members) > 0) {
			t.Errorf("%q: members %v, problems %q, but verdict %q", cell, members, problems, membersProblem(cell).String())
		}
	})
}

func TestCanonical(t *testing.T) {
	for _, tc := range []struct {
		name, a, b string
		field      Field
		same       bool
	}{
		{"blanks", " Ann", "Ann ", FirstName, true},
		{"line ends", "a\r\nb", "a\nb", CompanyName, true},
		{"capitals", "ann", "Ann", FirstName, false},
		{"a date in both of the server's forms", "2025-01-15 10:30:00", "2025-01-15T10:30:00Z", ExternalDateCreation, true},
		{"a date with a fraction of nothing", "2025-01-15 10:30:00", "2025-01-15T10:30:00.000000Z", ExternalDateCreation, true},
		{"a date in universal time, written out", "2025-01-15 10:30:00", "2025-01-15T10:30:00+00:00", ExternalDateCreation, true},
		{"a date elsewhere", "2025-01-15 10:30:00", "2025-01-15T10:30:00+02:00", ExternalDateCreation, false},
		{"another second", "2025-01-15 10:30:01", "2025-01-15T10:30:00Z", ExternalDateCreation, false},
		{"a real fraction", "2025-01-15 10:30:00", "2025-01-15T10:30:00.5Z", ExternalDateCreation, false},
		{"T in another field", "aTb", "a b", FirstName, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Canonical(tc.field, tc.a) == Canonical(tc.field, tc.b); got != tc.same {
				t.Errorf("%q and %q are the same: %v, want %v", tc.a, tc.b, got, tc.same)
			}
		})
	}
}

func TestEdits(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"email", "email", 0},
		{"emial", "email", 2},
		{"fone1", "phone1", 2},
		{"é", "e", 1},
	} {
		if got := edits(tc.a, tc.b); got != tc.want {
			t.Errorf("edits(%q, %q) = %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		if edits(a, b) != edits(b, a) || (edits(a, b) == 0) != (a == b) {
			t.Errorf("edits is no distance between %q and %q", a, b)
		}
	})
}
