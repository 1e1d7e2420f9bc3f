package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"guestlist/importer"
)

// said returns what a person sees of the findings of a file.
func said(t *testing.T, file string, s style) string {
	t.Helper()
	v, err := importer.Validate(t.Context(), importer.Options{
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(file)), nil },
	}, filepath.Join(t.TempDir(), "plan.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(append(describeFindings(v.Findings, s), ""), "\n")
}

func TestFindingsOnTheTerminal(t *testing.T) {
	var many strings.Builder
	many.WriteString("E-Mail,Vorname,Website,Time Zone,Created\n")
	for i := range 312 {
		fmt.Fprintf(&many, "guest%d@acme.example.com,,www.acme%d.example.com,,\n", i, i)
	}
	for i := range 4 {
		fmt.Fprintf(&many, "GUEST%d@other.example.com,,,,\nguest%d@other.example.com,,,,\n,Ann,,,\n", i, i)
	}
	many.WriteString("a,b,c,d,e,f\na,b,c,d,e,f\na,b,c,d,e,f\nbob@acme.example.com,,,,03/04/2024\n")

	for _, tc := range []struct{ name, file string }{
		{"findings-single.txt", "E-Mail,Website,Time Zone,Created,Last Name\n" +
			"ann@acme.example.com,www.acme.com,Berlin,31.12.2024,\n" +
			"bob@acme.example.com,,,03/04/2024," + strings.Repeat("x", 300) + "\n" +
			",,,,\"Lee\x1b[31m\u202e\n\"\n" +
			"\"cat\u200b@acme.example.com\",,,,\n" +
			"dan@acme.example.com,,,,\n" +
			"Dan@acme.example.com,,,,\n" +
			"eve@acme.example.com,,,,,,\n" +
			"fay@acme.example.com\u202e\x1b,https://acme.com/" + strings.Repeat("x", 100) + "|,,,\n"},
		{"findings-grouped.txt", many.String()},
		{"findings-many.txt", manyKinds()},
		{"findings-spreadsheet.txt", "Email,Vorname,Nachname,Telefon,Website\n" +
			"ann@acme.example.com,#N/A,#######,4.91511E+12,n/a\n" +
			"'bob@acme.example.com,Bob,'t Hart,'+49 30,https//acme.example.com\n" +
			"\"\"\"cat@acme.example.com\",\"=\"\"Cat\"\"\",,,cat@acme.example.com\n" +
			"/o=ExchangeLabs/ou=Exchange Administrative Group/cn=Recipients/cn=dan,Dan,An\x07na,,Smith.Jones\n" +
			"eve@acme.example.com,Eve,\"Hall\nfay@acme.example.com,Fay,Lee\",,\n" +
			"Total: 7,,,,\n"},
		{"findings-none.txt", "email\nann@acme.example.com\n"},
	} {
		t.Run(tc.name, func(t *testing.T) { golden(t, tc.name, said(t, tc.file, style{})) })
	}
	t.Run("what would act on a terminal", func(t *testing.T) {
		f := importer.Findings{Groups: []importer.FindingGroup{{Kind: importer.Unreadable, Rows: 1, First: []importer.Finding{{Line: 2, Text: "a\x1b[31m\u202e\nb"}}}}}
		if got, want := describeFindings(f, style{})[0], `line 2 cannot be read: a\u001b[31m\u202e b`; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
	t.Run("how much was mended", func(t *testing.T) {
		got := describeFindings(importer.Findings{FixedValues: 14286, FixedRows: 9100}, style{})
		if want := "fixed: 14,286 values in 9,100 rows, each told in the error column"; len(got) != 1 || got[0] != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
	t.Run("on a terminal with colours", func(t *testing.T) {
		got := said(t, "email\nann\n", style{colours: true, symbols: true, width: 80})
		if want := "\x1b[33m! \x1b[0mline 2, \"email\" \"ann\": has no @ (an address looks like jane@example.com)\n"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// manyKinds is a file with more to tell than anybody reads.
func manyKinds() string {
	var file strings.Builder
	file.WriteString("email,company_url,contact_url,image_url,opportunity_url,timezone,first_name,last_name,phone_1,phone_2,status\n")
	long := strings.Repeat("x", 201)
	for range 2 {
		fmt.Fprintf(&file, "ann,acme,acme,acme,acme,Berlin,%s,%s,%s,%s,%s\n", long, long, long, long, long)
	}
	for range 5 {
		fmt.Fprintf(&file, "ann@@acme.com,,,,,,,,,,\n")
	}
	return file.String()
}
