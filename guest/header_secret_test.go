package guest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What may be a secret is kept out of every output, in any language, and also
// beside words that nobody knows.
func TestHeaderKnowsSecrets(t *testing.T) {
	secret := strings.Split("Account no|Account number|Acct #|A/C No.|ABA|Routing number|Sort code|Card number|CVV|Kreditkarte|Konto|Kontonummer|Konto-Nr.|"+
		"Kto.-Nr.|Numero di conto|Coordonnées bancaires|Rekening|Rekeningnummer|Foo IBAN|IBAN Nr|"+
		"Pass word|P@ssword|pass|Initial PW|pwd|Passphrase|OTP|PIN|PIN code|Security answer|Secret question|Door code|WiFi key|Wi-Fi key|API key|token|"+
		"password hint of sorts|SIN|Aadhaar|N° Sécu|Sozialvers.-Nr.|SV-Nummer|Fødselsnummer|Personnummer|CPR|TAJ szám|CNP|OIB|PESEL|UTR|NI number|PAN|SSN last4|"+
		"USt-IdNr|EU-USt-IdNr.|VAT|Passport no|Ausweisnummer|Driving licence no|пароль|비밀번호|身份证号", "|")
	b := bound(append([]string{"email"}, secret...))
	for i, header := range secret {
		if b.columns[i+1].kind != sensitiveColumn {
			t.Errorf("%q is not kept out of every output", header)
		}
	}
	for header, want := range map[string]string{
		"Account name": "company_name", "Passenger": "?", "Compass": "?", "Ski pass": "?", "Haben Sie ein Auto": "?", "Sincerely": "?", "Pan-European": "?", "Account ID": "-",
	} {
		if b := bound([]string{"email", header}); judged(b, 1) != want || b.columns[1].kind == sensitiveColumn {
			t.Errorf("%q is %s, %v, want %s and no secret", header, judged(b, 1), b.columns[1].kind, want)
		}
	}
}

func TestHeaderTellsOfSecretsThatAreSent(t *testing.T) {
	h, err := bindHeader([]string{"email", "IBAN", "PIN", "Company"}, ColumnOptions{Map: []Mapping{{"IBAN", OpportunityName}}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Exposed{{"IBAN", OpportunityName}}, h.Exposed); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(h.Sensitive, []string{"PIN"}) || h.IsSensitive(1) {
		t.Errorf("sensitive is %q, and of the mapped one %v", h.Sensitive, h.IsSensitive(1))
	}
}

// A column that lost to another is not one that no guest has.
func TestHeaderTellsWhichColumnsWereOutdone(t *testing.T) {
	for _, tc := range []struct {
		name, row string
		options   ColumnOptions
		want      []Outdone
		junk      string
	}{
		{"phones", "Email|Phone|Mobile|Home Phone|Fax|Work Phone", ColumnOptions{}, []Outdone{{"Home Phone", "Mobile", Phone2}, {"Work Phone", "Phone", Phone1}}, "Fax"},
		{"a second phone beside a mobile", "Email|Phone 1|Phone 2|Mobile", ColumnOptions{}, []Outdone{{"Phone 2", "Mobile", Phone2}}, ""},
		{"a company's phone", "Email|Company Phone|Mobile", ColumnOptions{}, []Outdone{{"Company Phone", "Mobile", Phone1}}, ""},
		{"addresses", "Work Email|Email|Personal Email", ColumnOptions{}, []Outdone{{"Work Email", "Email", Email}, {"Personal Email", "Email", Email}}, ""},
		{"numbered addresses", "Email 1|Email 2", ColumnOptions{}, []Outdone{{"Email 2", "Email 1", Email}}, ""},
		{"our name of the field", "email|first_name|first name", ColumnOptions{}, []Outdone{{"first name", "first_name", FirstName}}, ""},
		{"a mapped column", "email|first_name|Rufname", ColumnOptions{Map: []Mapping{{"Rufname", FirstName}}}, []Outdone{{"first_name", "Rufname", FirstName}}, ""},
		{"columns with the same header", "email|First Name|First Name", ColumnOptions{Map: []Mapping{{"#2", FirstName}}}, []Outdone{{"#3", "#2", FirstName}}, ""},
		{"a company's phone beside a second one", "email|Company Phone|Phone 2", ColumnOptions{}, []Outdone{{"Company Phone", "Phone 2", Phone2}}, ""},
		{"somebody's name beside two that are asked about", "email|Billing First Name|Given Name|Forename", ColumnOptions{IgnoreUnknown: true}, nil, "Billing First Name"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, err := bindHeader(strings.Split(tc.row, "|"), tc.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, h.Outdone); diff != "" {
				t.Error(diff)
			}
			if got := strings.Join(h.Junk, " "); got != tc.junk {
				t.Errorf("no field of a guest are %q, want %q", got, tc.junk)
			}
		})
	}
}

// The fields are listed for whoever has to type one of them.
func TestHeaderListsTheFieldsWhereOneIsToBeNamed(t *testing.T) {
	for row, want := range map[string]bool{"email|Foo": true, "email|Notes": true, "email|Nom|Nom": true, "email|Full Name": false, "First Name": false, "Email|E-mail": false} {
		problems := problemsOf(t, row, ColumnOptions{})
		if got := slices.ContainsFunc(problems, func(p string) bool { return strings.HasPrefix(p, "the fields are ") }); got != want {
			t.Errorf("%s: fields are listed: %v, want %v: %q", row, got, want, problems)
		}
	}
}

func TestMissingEmailTellsHowTheRowCameApart(t *testing.T) {
	const hint = "; if its cells are separated by another character, name it with --delimiter)"
	for _, tc := range []struct {
		name, file string
		options    ReaderOptions
		want       string // "" for no hint
	}{
		{"one column", "E-Mail:Vorname\nann@acme.com:Ann\n", ReaderOptions{}, ` (the first row is read as 1 column: "E-Mail:Vorname"` + hint},
		{"the wrong delimiter", "email;first;last\na@acme.com;Ann;Lee\n", ReaderOptions{Delimiter: ','}, ` (the first row is read as 1 column: "email;first;last"` + hint},
		{"several columns, and another delimiter in them", "Mail^First, or given^Last\na^b^c\n", ReaderOptions{}, ` (the first row is read as 2 columns: "Mail^First, or given^Last"` + hint},
		{"several columns", "First name,Last name\nAnn,Lee\n", ReaderOptions{}, ""},
		{"a sheet", "First name\nAnn\n", ReaderOptions{Sheet: true}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := NewReader(strings.NewReader(tc.file), tc.options)
			if err == nil || !strings.HasPrefix(err.Error(), noEmail) || tc.want == "" && strings.Contains(err.Error(), "is read as") ||
				!strings.HasPrefix(strings.TrimPrefix(err.Error(), noEmail), tc.want) {
				t.Errorf("error is %v, want it to end with %q", err, tc.want)
			}
		})
	}
}

func TestReaderTellsWhatStandsAboveTheHeader(t *testing.T) {
	for file, want := range map[string]Above{
		"email\n": {HeaderLine: 1},
		"Contractors of the agency,\nAs of 1 June\n\nemail,first_name\n": {2, "Contractors of the agency", 4},
		"\n,Company:,Acme\nemail,first_name\n":                           {1, "Company:", 3},
		strings.Repeat("a", 70) + "\nemail,first_name\n":                 {1, strings.Repeat("a", 60) + "…", 2},
	} {
		r, err := NewReader(strings.NewReader(file), ReaderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Above() != want {
			t.Errorf("%q: above is %+v, want %+v", file, r.Above(), want)
		}
	}
}

func TestHeaderBelowATitleByNumberOfColumn(t *testing.T) {
	file := "Title\nfirst_name;\nAnn;ann@acme.com\n"
	got, err := layOf(t, file, ReaderOptions{Columns: ColumnOptions{Map: []Mapping{{"#2", Email}}}})
	if diff := cmp.Diff(lay{";", 1, []string{"3 ann@acme.com Ann"}}, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}

// Rejects lack the columns that hold secrets: what a flag names there is the same
// column all the same, or none.
func TestHeaderNamesColumnsOfItsRejects(t *testing.T) {
	h, err := bindHeader(strings.Split("email|Password|#9|Foo||IBAN|Foo|guestlist_error", "|"), ColumnOptions{IgnoreUnknown: true})
	if err != nil {
		t.Fatal(err)
	}
	if h.Name(3) != "Foo" || h.Name(4) != "#5" {
		t.Errorf("columns are called %q and %q", h.Name(3), h.Name(4))
	}
	for header, want := range map[string]string{
		"#1": "#1", "#2": "", "#4": "#3", "#5": "#4", "#7": "#5", "#8": "", "#9": "#9", "#12": "#12", "Foo": "Foo", "foo": "foo", "password": "", "IBAN": "", "Bar": "Bar",
	} {
		if got := h.InRejects(header); got != want {
			t.Errorf("%q is %q, want %q", header, got, want)
		}
	}
}
