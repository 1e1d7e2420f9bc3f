package guest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// problemsOf binds a header row, given with bars between its cells, and returns
// what is wrong with it.
func problemsOf(t *testing.T, row string, options ColumnOptions) []string {
	t.Helper()
	_, err := bindHeader(strings.Split(row, "|"), options)
	var input *InputError
	if err == nil {
		return nil
	}
	if !errors.As(err, &input) {
		t.Fatalf("error is %v, want an InputError", err)
	}
	return input.Problems
}

func mapping(t *testing.T, s string) Mapping {
	t.Helper()
	m, err := ParseMapping(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestHeaderAsksByNameAndSaysWhatToType(t *testing.T) {
	for _, tc := range []struct {
		name, row string
		want      []string // the first problems, word for word
	}{
		{
			"a state of something", "email|Tags|Status of account",
			[]string{`column 3, "Status of account": might be status or nothing: --map 'Status of account=status' or --ignore-column 'Status of account'`},
		},
		{
			"a slip of the pen", "email|compnay_name",
			[]string{`column 2, "compnay_name", is not a field of a guest: did you mean company_name? --map 'compnay_name=company_name' or --ignore-column 'compnay_name'`},
		},
		{
			"nothing anybody knows", "email|Shoe size",
			[]string{`column 2, "Shoe size", is not a field of a guest: take it out with --ignore-column 'Shoe size', or say which field it gives: --map 'Shoe size=FIELD'`},
		},
		{
			"free text", "email|Notes",
			[]string{`column 2, "Notes": does not say which field of a guest it gives: leave it out with --ignore-column 'Notes', or say which: --map 'Notes=FIELD'`},
		},
		{
			"a part of a name", "email|Voornaam|Tussenvoegsel",
			[]string{`column 3, "Tussenvoegsel": does not say which field of a guest it gives`},
		},
		{
			"an address that few can write to", "email|PEC",
			[]string{`column 2, "PEC": another column gives email already`},
		},
		{
			"whole names", "Full Name|email",
			[]string{`column 1, "Full Name": holds whole names, and where the first name ends is never guessed: split it into two columns, first_name and last_name, or leave it out with --ignore-column 'Full Name'`},
		},
		{
			"a quote in the header", "email|Manager's e-mail",
			[]string{`column 2, "Manager's e-mail": might be associated_members or nothing: --map 'Manager'\''s e-mail=associated_members' or --ignore-column 'Manager'\''s e-mail'`},
		},
		{
			"two columns for one field", "email|Company|Employer",
			[]string{`columns 2 ("Company") and 3 ("Employer") both mean company_name: say which it is with --map 'Company=company_name' or --map 'Employer=company_name'`},
		},
		{
			"two emails", "Email|E-mail",
			[]string{`columns 1 ("Email") and 2 ("E-mail") both mean email: say which it is with --map 'Email=email' or --map 'E-mail=email'`},
		},
		{
			"a header twice, for one field", "email|Phone|Phone",
			[]string{`columns 2 ("Phone") and 3 ("Phone") both mean phone_1: say which it is with --map '#2=phone_1' or --map '#3=phone_1'`},
		},
		{
			"a header twice, of no known meaning", "email|Nom|Nom",
			[]string{`columns 2 ("Nom") and 3 ("Nom") have the same header, and nobody can tell which is which: rename them in the file, or leave both out with --ignore-column 'Nom', or name each by its number, such as --map '#2=FIELD'`},
		},
		{
			"a column of ours twice", "email|first_name|first_name",
			[]string{`columns 2 ("first_name") and 3 ("first_name") both mean first_name: take all but one out, such as with --map '#2=first_name' --ignore-column '#3'`},
		},
		{
			"one more that says the same", "email|First Name|Employee First Name",
			[]string{`column 3, "Employee First Name": another column gives first_name already: leave this one out with --ignore-column 'Employee First Name', or take it instead with --map 'Employee First Name=first_name'`},
		},
		{
			"only a second address", "First Name|Alternate Email",
			[]string{`column 2, "Alternate Email": might be email or nothing: --map 'Alternate Email=email' or --ignore-column 'Alternate Email'`},
		},
		{
			"perhaps somebody else's address", "Student Email|Parent Email",
			[]string{
				`column 1, "Student Email": might be email or nothing: --map 'Student Email=email' or --ignore-column 'Student Email'`,
				`column 2, "Parent Email", is not a field of a guest`,
			},
		},
		{
			"no email", "First Name|Last Name",
			[]string{`there is no email column: the first row must name the columns, and one of them must be email (or say which one it is: --map 'HEADER=email')`},
		},
		{
			"many", "email|Foo|Bar|Baz",
			[]string{`column 2, "Foo",`, `column 3, "Bar",`, `column 4, "Baz",`, "to leave out all columns that are not known: --ignore-unknown", "the fields are email, first_name,"},
		},
		{
			"no email, and a column without a header", "first_name|",
			[]string{noEmail + "; the name of a column without a header is its number, such as --map '#2=email'"},
		},
		{
			"no email, and more is wrong", "Foo|Bar",
			[]string{"there is no email column", `column 1, "Foo",`},
		},
		{
			"a firm or a person", "email|Vendor's name",
			[]string{`column 2, "Vendor's name": holds names of companies or of people: if of companies, --map 'Vendor'\''s name=company_name'; if of people, split it into two columns, first_name and last_name, or leave it out with --ignore-column 'Vendor'\''s name'`},
		},
		{
			"a firm or a person, beside the firm", "email|Company|Client name",
			[]string{`column 3, "Client name": holds whole names`},
		},
		{
			"a header twice beside one that looks like its number", "email|First Name|First Name|#2",
			[]string{`columns 2 ("First Name") and 3 ("First Name") both mean first_name: say which it is with --map 'First Name=first_name' or --map '#3=first_name'`},
		},
		{
			"a name beside one half of it", "email|First Name|Name",
			[]string{`column 3, "Name": may hold the whole name, or only what first_name does not: --map 'Name=last_name' or --ignore-column 'Name'`},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			problems := problemsOf(t, tc.row, ColumnOptions{})
			for i, want := range tc.want {
				if i >= len(problems) || !strings.HasPrefix(problems[i], want) {
					t.Fatalf("problems are\n%s\nwant\n%s", strings.Join(problems, "\n"), want)
				}
			}
		})
	}
}

// What a column gives depends on the columns beside it.
func TestHeaderWeighsColumnsAgainstEachOther(t *testing.T) {
	for _, tc := range []struct{ name, row, want string }{
		{"a work phone and a mobile", "email|Mobile|Home Phone|Work Phone", "email phone_2 - phone_1"},
		{"an unlabelled phone before the one at work", "email|Work Phone|Phone|Mobile", "email - phone_1 phone_2"},
		{"no work phone: the next moves up", "email|Home Phone|Mobile", "email phone_1 phone_2"},
		{"two mobiles", "email|WhatsApp|Mobile", "email phone_2 phone_1"},
		{"one phone", "email|Mobile", "email phone_1"},
		{"one that says it is the second", "email|Phone 2", "email phone_2"},
		{"a mobile beside two numbered ones", "email|phone|phone2|mobile", "email phone_1 - phone_2"},
		{"a company's phone beside the person's", "email|Company Phone|Phone", "email - phone_1"},
		{"nothing but a company's phone", "email|Company Phone", "email ?"},
		{"the line on the desk at work", "email|Direct Phone|Work Direct Phone", "email phone_2 phone_1"},
		{"home and work that are phones", "email|Home|Work|Mobile", "email - phone_1 phone_2"},
		{"a phone at work makes them none", "email|Home|Work|Work Phone|Mobile", "email ? - phone_1 phone_2"},
		{"an address at work before a private one", "Personal Email|Work Email", "- email"},
		{"the address the company gave before any other", "Company Email|Email", "- email"},
		{"the main one of two at work", "Work Email|Primary Work Email", "- email"},
		{"a private address alone", "Private E-Mail|Vorname", "email first_name"},
		{"a private address beside one nobody can read", "Private E-Mail|Zentrale E-Mail", "? ?"},
		{"the bill's address is not the guest's", "email|First Name|Billing First Name|Billing Email", "email first_name - -"},
		{"the second of several people alone", "email|Person 2 First Name", "email ?"},
		{"the plainest of two names of a company", "email|Account Name|Company Name", "email ? company_name"},
		{"the plainest of two first names", "email|Legal First Name|First Name", "email ? first_name"},
		{"a legal first name and the one in use", "email|Legal First Name|Forename", "email ? first_name"},
		{"the name that is used, where the other is there", "email|First Name|Preferred First Name", "email first_name -"},
		{"a name beside a first name", "email|Name|Vorname", "email last_name first_name"},
		{"a name beside a last name", "email|Nombre|Apellidos", "email first_name last_name"},
		{"a name beside both", "email|Naam|Voornaam|Achternaam", "email - first_name last_name"},
		{"a name that may be a firm's, beside both", "email|First Name|Last Name|Client Name", "email first_name last_name ?"},
		{"a whole name in English beside the first", "email|Name|First Name", "email ? first_name"},
		{"a whole name in English beside the last", "email|Name|Last Name", "email ? last_name"},
		{"a whole name in English beside both", "email|Name|First Name|Last Name", "email - first_name last_name"},
		{"a name of another language than the half beside it", "email|Name|Prénom", "email ? first_name"},
		{"a family name in French", "email|Nom|Prénom", "email last_name first_name"},
		{"a name in French beside the family name", "email|Nom|Nom de famille", "email ? last_name"},
		{"a first name in Catalan", "email|Nom|Cognoms", "email first_name last_name"},
		{"a name in Dutch beside the last", "email|Naam|Achternaam", "email ? last_name"},
		{"a first name in Italian", "email|Nome|Cognome", "email first_name last_name"},
		{"half a surname", "email|Nombre|Apellido 1|Apellido 2", "email first_name last_name ?"},
		{"half a surname alone", "email|Surname 2", "email ?"},
		{"the first and the last of something", "email|First contact|Last contact", "email ? ?"},
		{"whose line a phone is on", "email|Phone provider", "email ?"},
		{"what a mobile is used for", "email|Mobile option", "email ?"},
		{"what mail is read with", "email|E-mail client", "email ?"},
		{"a client's phone", "email|Client phone|Mobile of the client", "email phone_1 phone_2"},
		{"the first contact's name", "email|First Contact Name", "email ?"},
		{"somebody of the family", "email|Family member", "email ?"},
		{"the last of the users", "email|Last user", "email ?"},
		{"the first of several phones and addresses", "email|First email|First phone", "email ? ?"},
		{"first and last alone are names", "email|First|Last", "email first_name last_name"},
		{"a first name of somebody", "email|Contact: First|Employee Last", "email first_name last_name"},
		{"somebody at a company", "email|Agency contact", "email ?"},
		{"somebody at a company, in German", "email|Firma Ansprechpartner", "email ?"},
		{"somebody at a company, in French", "email|Contact de l'entreprise", "email ?"},
		{"the name of somebody at a company", "email|Company contact name", "email ?"},
		{"the company of somebody", "email|Entreprise du contact", "email company_name"},
		{"somebody's company", "email|Contact's company", "email company_name"},
		{"the head of a company", "email|Head of company", "email ?"},
		{"where a company is", "email|HQ", "email ?"},
		{"the address of somebody at a company", "Agency contact email|Vorname", "? first_name"},
		{"calls, visits and what else is seen first or last", "email|First call|Last visit|Last payment|Company call|Phone call|Company activity", "email - - - ? ? ?"},
		{"Apelido in Portugal", "email|Nome|Apelido", "email first_name last_name"},
		{"Apelido in Brazil", "email|Nome|Apelido|Sobrenome", "email first_name - last_name"},
		{"Apelido alone", "email|Apelido", "email ?"},
		{"a state within an address", "email|Rua|Cidade|Estado|CEP", "email - - - -"},
		{"a state beside a town", "email|Cidade|Estado", "email - ?"},
		{"the number of a house", "email|Rua|Número|Cidade", "email - - -"},
		{"any number", "email|Número", "email ?"},
		{"a company's page and a person's", "email|Website|Personal Website", "email company_url contact_url"},
		{"two numbered pages", "email|Web Page 1|Web Page 2", "email company_url contact_url"},
		{"a page whose kind stands in another column", "email|Website 1 - Type|Website 1 - Value", "email - ?"},
		{"a status that only the program may change", "email|Status [READ ONLY]", "email ?"},
		{"a marriage or a business", "email|Partner|Partner Email", "email - ?"},
		{"a German article is no tax number", "email|Haben Sie ein Auto|EIN", "email ? -"},
		{"a company at an address", "email|Address Company|Company Address", "email ? -"},
		{"a phone at an address", "email|Address|Address Phone", "email - ?"},
		{"free text about something known", "email|City notes|Job title", "email ? -"},
		{"a question", "email|Which city do you live in?|What is your job title?", "email ? -"},
	} {
		cells := strings.Split(tc.row, "|")
		b := bound(cells)
		got := make([]string, len(cells))
		for i := range cells {
			got[i] = judged(b, i)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: %s is %s, want %s", tc.name, tc.row, strings.Join(got, " "), tc.want)
		}
	}
}

// What is asked for goes away when what the question says is typed.
func TestHeaderDoesAsItIsTold(t *testing.T) {
	for _, tc := range []struct {
		name, row string
		options   ColumnOptions
		want      string // the fields in the order of columns, - for none
	}{
		{"a mapped column", "email|Shoe size", ColumnOptions{Map: []Mapping{{"Shoe size", OpportunityName}}}, "email opportunity_name"},
		{"mapped, in other letters", "email|Télé  Phone!", ColumnOptions{Map: []Mapping{{"TELE-PHONE", Phone2}}}, "email phone_2"},
		{"mapped, over a column of ours", "email|first_name|Rufname", ColumnOptions{Map: []Mapping{{"Rufname", FirstName}}}, "email - first_name"},
		{"mapped, over what the words say", "email|Company|Client", ColumnOptions{Map: []Mapping{{"Client", CompanyName}}}, "email - company_name"},
		{"mapped, though sensitive", "email|SSN", ColumnOptions{Map: []Mapping{{"SSN", OpportunityName}}}, "email opportunity_name"},
		{"mapped, though junk", "email|Job Title", ColumnOptions{Map: []Mapping{{"Job Title", Status}}}, "email status"},
		{"mapped, one of two that mean the same", "email|Company|Employer", ColumnOptions{Map: []Mapping{{"Employer", CompanyName}}}, "email - company_name"},
		{"ignored, one of two that mean the same", "email|Company|Employer", ColumnOptions{Ignore: []string{"employer"}}, "email company_name -"},
		{"the first phone mapped, the mobile found", "email|Desk|Phone|Mobile", ColumnOptions{Map: []Mapping{{"Desk", Phone1}}}, "email phone_1 - phone_2"},
		{"a last name mapped, the name beside it first", "email|Nombre|Zweiter", ColumnOptions{Map: []Mapping{{"Zweiter", LastName}}}, "email first_name last_name"},
		{"mapped by the exact header where another is like it", "email|Code A|code-a", ColumnOptions{Map: []Mapping{{"code-a", Status}}, IgnoreUnknown: true}, "email - status"},
		{"mapped by its number", "email|Foo|First Name", ColumnOptions{Map: []Mapping{{"#2", FirstName}}}, "email first_name -"},
		{"mapped by its number, of two with one header", "email|First Name|First Name", ColumnOptions{Map: []Mapping{{"#3", FirstName}}, Ignore: []string{"#2"}}, "email - first_name"},
		{"mapped by its number, without a header", "|first_name", ColumnOptions{Map: []Mapping{{"#1", Email}}}, "email first_name"},
		{"ignored by its number, without a header", "|email", ColumnOptions{Ignore: []string{"#1"}}, "- email"},
		{"a header that looks like a number", "#2|email|Foo", ColumnOptions{Map: []Mapping{{"#2", Status}}, Ignore: []string{"Foo"}}, "status email -"},
		{"ignored", "email|Shoe size", ColumnOptions{Ignore: []string{"Shoe size"}}, "email -"},
		{"ignored, twice there", "email|Nom|Nom", ColumnOptions{Ignore: []string{"Nom"}}, "email - -"},
		{"the unknown ignored", "email|Name|Foo|Notes|Company|Employer", ColumnOptions{IgnoreUnknown: true}, "email - - - - -"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, err := bindHeader(strings.Split(tc.row, "|"), tc.options)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range h.Cells {
				if f, ok := h.Field(i); ok {
					got = append(got, f.String())
				} else {
					got = append(got, "-")
				}
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("columns give %v, want %s", got, tc.want)
			}
		})
	}
}

func TestHeaderOfAFileOfWhichOnlyTheEmailCounts(t *testing.T) {
	for _, tc := range []struct {
		name, row string
		options   ColumnOptions
		email     int    // its column
		unread    int    // the columns that nobody looked at
		outdone   string // the columns that might have given the email
		sensitive string
		problem   string // instead of all that
	}{
		{"the email alone", "email", ColumnOptions{}, 0, 0, "", "", ""},
		{"columns nobody knows", "Shoe size|E-mail|Foo|Status of account", ColumnOptions{}, 1, 3, "", "", ""},
		{"two columns of one field", "email|first_name|first_name|Firma|Company", ColumnOptions{}, 0, 4, "", "", ""},
		{"results of an import", "row|line|email|status|action|http_status|guest_id|attempts|error|finished_at|org", ColumnOptions{}, 2, 10, "", "", ""},
		{"an export", strings.Join(recordColumns(), "|"), ColumnOptions{}, 1, len(recordColumns()) - 1, "", "", ""},
		{"another email", "Email|Private email|Name", ColumnOptions{}, 0, 1, "Private email", "", ""},
		{"a secret", "Email|Password|Notes", ColumnOptions{}, 0, 1, "", "Password", ""},
		{"one that is mapped", "Who|Email|Notes", ColumnOptions{Map: []Mapping{{"Who", Email}}}, 0, 1, "Email", "", ""},
		{"none", "Name|Notes", ColumnOptions{}, 0, 0, "", "", "there is no email column"},
		{"two", "email|email", ColumnOptions{}, 0, 0, "", "", "mean email: take all but one out"},
		{"emails of nobody knows whom", "Parent Email|Student Email", ColumnOptions{}, 0, 0, "", "", "might be email"},
		{"an ignored column that is not there", "email|Foo", ColumnOptions{Ignore: []string{"Bar"}}, 0, 0, "", "", "the file has no such column"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.options.EmailOnly = true
			h, err := bindHeader(strings.Split(tc.row, "|"), tc.options)
			if tc.problem != "" {
				if err == nil || !strings.Contains(err.Error(), tc.problem) {
					t.Errorf("got %v, want an error with %q", err, tc.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var outdone []string
			for _, o := range h.Outdone {
				outdone = append(outdone, o.Name)
			}
			i, ok := h.Column(Email)
			if !ok || i != tc.email || h.Unread != tc.unread || strings.Join(outdone, "|") != tc.outdone || strings.Join(h.Sensitive, "|") != tc.sensitive {
				t.Errorf("email %d %v, unread %d, outdone %q, sensitive %q", i, ok, h.Unread, outdone, h.Sensitive)
			}
			if read := len(strings.Join(h.mapped(), "")); read != len("email") {
				t.Errorf("columns are read besides the email: %q", h.mapped())
			}
		})
	}
}

func TestHeaderSaysWhatItLeavesOut(t *testing.T) {
	cells := strings.Split("id|email|last_name|created_at|last_city|Job Title|Password|Shoe size|IBAN|Foo|Frist Name||guestlist_error", "|")
	h, err := bindHeader(cells, ColumnOptions{Ignore: []string{"Shoe size", "IBAN"}, IgnoreUnknown: true})
	if err != nil {
		t.Fatal(err)
	}
	type lists struct {
		LeftOut, Junk []string
		Ignored       []Ignored
		Sensitive     []string
	}
	want := lists{
		LeftOut:   []string{"last_city", "guestlist_error"},
		Junk:      []string{"id", "Job Title"},
		Ignored:   []Ignored{{Name: "Shoe size"}, {Name: "Foo"}, {Name: "Frist Name", Near: []string{"first_name"}}},
		Sensitive: []string{"Password", "IBAN"}, // ignoring one makes it no less sensitive
	}
	if diff := cmp.Diff(want, lists{h.LeftOut, h.Junk, h.Ignored, h.Sensitive}); diff != "" {
		t.Error(diff)
	}
	for i, cell := range cells {
		if got := h.IsSensitive(i); got != slices.Contains(want.Sensitive, cell) {
			t.Errorf("%q is sensitive: %v", cell, got)
		}
	}
	if i, ok := h.Column(ExternalDateCreation); !ok || i != 3 {
		t.Errorf("created_at of a file that is not ours is column %d, %v, want 3", i, ok)
	}
	if _, ok := h.Column(Phone1); ok || h.IsSensitive(-1) || h.IsSensitive(len(cells)) {
		t.Error("there is a phone, or a column outside the row")
	}
}

func TestHeaderKnowsOurOwnFiles(t *testing.T) {
	for _, tc := range []struct{ name, row, leftOut string }{
		{"a whole export", strings.Join(recordColumns(), "|"), strings.Join(slices.DeleteFunc(recordColumns(), func(name string) bool {
			_, ok := fieldNamed(plainName(name))
			return ok
		}), " ")},
		{"some of its columns", "id|email|created_at|link", "id created_at link"},
		{"rejects of them", "email|created_at|guestlist_error", "created_at guestlist_error"},
		{"an export with a column more", "id|email|created_at|last_city|cadence_days|Job title", "id created_at last_city cadence_days"},
		{"rejects of another program's file", "Email|Tags|Created At|guestlist_error", "guestlist_error"},
	} {
		h, err := bindHeader(strings.Split(tc.row, "|"), ColumnOptions{})
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		} else if got := strings.Join(h.LeftOut, " "); got != tc.leftOut {
			t.Errorf("%s: left out %s, want %s", tc.name, got, tc.leftOut)
		}
	}
}

func TestHeaderRefusesWhatItCannotDo(t *testing.T) {
	for _, tc := range []struct {
		name, row string
		options   ColumnOptions
		want      string
	}{
		{
			"a mapped column that is not there", "email|Status of account",
			ColumnOptions{Map: []Mapping{{"Staus of acount", Status}}},
			`--map 'Staus of acount': the file has no such column; the nearest is "Status of account"`,
		},
		{
			"an ignored column that is not there", "email|Shoe size",
			ColumnOptions{Ignore: []string{"Show size"}},
			`--ignore-column 'Show size': the file has no such column; the nearest is "Shoe size"`,
		},
		{
			"a mapped header that stands twice", "email|Nom|Nom",
			ColumnOptions{Map: []Mapping{{"Nom", LastName}}},
			`--map 'Nom': columns 2 ("Nom") and 3 ("Nom") have that header: name one of them by its number, such as '#2'`,
		},
		{
			"a number that is not there", "email|Nom",
			ColumnOptions{Map: []Mapping{{"#3", LastName}}},
			`--map '#3': the file has only 2 columns`,
		},
		{
			"number nought", "email|Nom",
			ColumnOptions{Ignore: []string{"#0"}},
			`--ignore-column '#0': the file has no such column`,
		},
		{
			"two columns mapped onto one field", "email|A|B",
			ColumnOptions{Map: []Mapping{{"A", Status}, {"B", Status}}},
			"--map names two columns for status: take one of them out",
		},
		{
			"one column mapped onto two fields", "email|A",
			ColumnOptions{Map: []Mapping{{"A", Status}, {"A", Timezone}}},
			`--map names "A" twice, for status and for timezone: one column gives one field`,
		},
		{
			"mapped and ignored", "email|A",
			ColumnOptions{Map: []Mapping{{"A", Status}}, Ignore: []string{"A"}},
			`both --map and --ignore-column name "A": take one of them out`,
		},
		{
			"two emails, all unknown ignored", "Email|E-mail|Foo",
			ColumnOptions{IgnoreUnknown: true},
			`columns 1 ("Email") and 2 ("E-mail") both mean email`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if problems := problemsOf(t, tc.row, tc.options); len(problems) == 0 || !strings.HasPrefix(problems[0], tc.want) {
				t.Errorf("problems are %q, want %q", problems, tc.want)
			}
		})
	}
}

func TestParseMapping(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want Mapping
	}{
		{"Work address=email", Mapping{"Work address", Email}},
		{" a = b = First Name ", Mapping{"a = b", FirstName}},
		{"*=phone_1", Mapping{"*", Phone1}},
	} {
		if got := mapping(t, tc.in); got != tc.want {
			t.Errorf("%q is %v, want %v", tc.in, got, tc.want)
		}
	}
	for in, want := range map[string]string{
		"Work address":       "has no equals sign",
		"=email":             "has no header before the equals sign",
		"Work address=emial": `"emial" is not a field of a guest: did you mean email?; the fields are email, first_name, last_name,`,
		"Work address=":      `"" is not a field of a guest`,
	} {
		if _, err := ParseMapping(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error is %v, want %q", in, err, want)
		}
	}
}

// Headers are the same whatever their capitals, accents and ornaments.
func TestHeaderIsReadInAnySpelling(t *testing.T) {
	for header, want := range map[string]Field{
		"ＦＩＲＳＴ　ＮＡＭＥ":                     FirstName,
		"\u200b*First name*:":            FirstName,
		"first.name [Required]":          FirstName,
		"Prénom":                         FirstName,
		"Pre\u0301nom":                   FirstName,
		"PRENOM":                         FirstName,
		"Te\u00adlefon":                  Phone1,
		"TÉLÉPHONE (BUREAU)":             Phone1,
		"MobilePhoneNumber":              Phone1,
		"MOBILEPHONE":                    Phone1,
		"Firmenwebseite":                 CompanyURL,
		"Straßenname der Firma":          NumFields,
		"Фамилия":                        LastName,
		"МОБИЛЬНЫЙ":                      Phone1,
		"Прізвище":                       LastName,
		"Keresztnév":                     FirstName,
		"Cég":                            CompanyName,
		"ΕΠΏΝΥΜΟ":                        LastName,
		"επώνυμος":                       NumFields,
		"Prenume":                        FirstName,
		"SOYADI":                         LastName,
		"手机号码":                           Phone1,
		"회사명":                            CompanyName,
		"Talent LinkedIn-Profile URL":    ContactURL,
		"\ufeffZeitzone":                 Timezone,
		"What is your company?":          CompanyName,
		"Which company do you work for?": NumFields,
	} {
		h, err := bindHeader([]string{"email", header}, ColumnOptions{IgnoreUnknown: true})
		if err != nil {
			t.Errorf("%q: %v", header, err)
			continue
		}
		if got, ok := h.Field(1); want == NumFields && ok || want < NumFields && (!ok || got != want) {
			t.Errorf("%q gives %v, %v, want %v", header, got, ok, want)
		}
	}
}

// Whatever stands in the row, it is read without a panic, no field is given by
// two columns, and who ignores the unknown is asked for no more than an email.
func TestHeaderIsNeverBoundTwice(t *testing.T) {
	var known []string
	eachHeaderWord(func(_ part, word string) { known = append(known, word) })
	word := rapid.OneOf(rapid.SampledFrom(known), rapid.SampledFrom([]string{"2", "email", "phone_1", "first_name", "created_at", "Name", "?", "(", "id"}), rapid.String())
	header := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(word, 0, 4).Draw(t, "words"), rapid.SampledFrom([]string{" ", "", "_"}).Draw(t, "between"))
	})
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOfN(header, 0, 12).Draw(t, "cells")
		options := ColumnOptions{IgnoreUnknown: rapid.Bool().Draw(t, "ignore unknown")}
		for _, cell := range rapid.SliceOfN(rapid.SampledFrom(append(cells, "email")), 0, 2).Draw(t, "mapped") {
			options.Map = append(options.Map, Mapping{cell, Field(rapid.IntRange(0, int(NumFields)-1).Draw(t, "field"))})
		}
		h, err := bindHeader(cells, options)
		var input *InputError
		if err != nil && (!errors.As(err, &input) || len(input.Problems) == 0) {
			t.Fatalf("error is %v, want an InputError with a problem", err)
		}
		if err != nil {
			for _, problem := range input.Problems {
				if options.IgnoreUnknown && !strings.Contains(problem, "email") && !strings.Contains(problem, "--map") && !strings.Contains(problem, " mean ") {
					t.Fatalf("who ignores the unknown is told %q", problem)
				}
			}
			return
		}
		given := map[Field]bool{}
		settled := len(h.LeftOut) + len(h.Junk) + len(h.Outdone) + len(h.Ignored) + len(h.Sensitive)
		for i, c := range h.columns {
			f, ok := h.Field(i)
			if ok && given[f] {
				t.Fatalf("%v is given by two columns of %q", f, cells)
			}
			if ok {
				given[f] = true
			}
			if ok || c.kind == unnamedColumn {
				settled++
			}
		}
		if settled != len(cells) {
			t.Fatalf("%d of the %d columns of %q are named as left out or give a field", settled, len(cells), cells)
		}
		if !given[Email] {
			t.Fatalf("%q has no email", cells)
		}
	})
}

// A word that stood under two parts would mean what the later one says.
func TestHeaderWordsStandOnce(t *testing.T) {
	seen := map[string]part{}
	known := []part{
		partEmail, partPhone, partMobile, partDirect, partFirst, partLast, partName, partApelido, partWhole, partCompany, partWeb, partSomePage,
		partPersonPage, partPicture, partDeal, partTimezone, partStatus, partState, partCreated, partMembers, partWork, partHome, partPrivate,
		partOther, partMain, partSecond, partWhose, partParty, partFiller, partValue, partLinked, partNumber, partDate, partAddress, partNote,
		partDescription, partCustom, partCustomN, partColleague, partActive, partRegistered, partAsked, partJunk, partMark, partWeak,
		partAttribute, partSomeone, partPayer, partSecret, partAlone,
	}
	eachHeaderWord(func(p part, word string) {
		if earlier, ok := seen[word]; ok && earlier != p {
			t.Errorf("%q stands under %s and under %s", word, earlier, p)
		}
		seen[word] = p
		if word == "" {
			t.Errorf("a word of %s is empty", p)
		}
		if !slices.Contains(known, p) {
			t.Fatalf("no rule knows the part %q", p)
		}
		if n := strings.Count(word, " ") + 1; n > longestPhrase {
			t.Errorf("%q has %d words, more than are looked at", word, n)
		}
	})
}
