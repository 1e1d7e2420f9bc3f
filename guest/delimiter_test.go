package guest

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lay is how a file came apart: its delimiter, what was passed over above the
// header, and each guest with the line.
type lay struct {
	Delimiter string
	Above     int
	Guests    []string
}

func layOf(t *testing.T, file string, options ReaderOptions) (lay, error) {
	t.Helper()
	r, err := NewReader(strings.NewReader(file), options)
	if err != nil {
		return lay{}, err
	}
	got := lay{Delimiter: string(r.Delimiter()), Above: r.Above().Rows}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			t.Fatal(err)
		}
		if row.Unread != "" {
			t.Errorf("line %d: %s", row.Line, row.Unread)
		}
		got.Guests = append(got.Guests, fmt.Sprintf("%d %s %s", row.Line, row.Guest.Email, row.Guest.FirstName))
	}
}

func TestDelimiterIsFound(t *testing.T) {
	const ann, bob = "2 ann@acme.com Ann", "3 bob@acme.com Bob"
	for _, tc := range []struct {
		name, file string
		want       lay
	}{
		{"comma", "email,first_name\nann@acme.com,Ann\nbob@acme.com,Bob\n", lay{",", 0, []string{ann, bob}}},
		{"semicolon", "email;first_name\nann@acme.com;Ann\nbob@acme.com;Bob\n", lay{";", 0, []string{ann, bob}}},
		{"tab", "email\tfirst_name\nann@acme.com\tAnn\nbob@acme.com\tBob\n", lay{"\t", 0, []string{ann, bob}}},
		{"bar", "email|first_name\nann@acme.com|Ann\nbob@acme.com|Bob\n", lay{"|", 0, []string{ann, bob}}},
		{"one column", "email\nann@acme.com\nbob@acme.com\n", lay{",", 0, []string{"2 ann@acme.com ", "3 bob@acme.com "}}},
		{"a header and nothing more", "email;first_name", lay{";", 0, nil}},
		{"more commas than semicolons in the header", "Email;Note, City, Country;first_name\nann@acme.com;a;Ann\n", lay{";", 0, []string{ann}}},
		{"a comma in a quoted header", "Email;\"City, if known, and zip\";first_name\nann@acme.com;x;Ann\n", lay{";", 0, []string{ann}}},
		{"commas in every row but not in the header", "Email;City;first_name\nann@acme.com;Bern, CH, EU;Ann\nbob@acme.com;Rom, IT, EU;Bob\n", lay{";", 0, []string{ann, bob}}},
		{"decimal commas", "Email;City;first_name\nann@acme.com;1,5;Ann\nbob@acme.com;2,5;Bob\n", lay{";", 0, []string{ann, bob}}},
		{"semicolons in every row of a file with commas", "email,associated_members,first_name\nann@acme.com,1;2;3;4,Ann\nbob@acme.com,5;6;7;8,Bob\n", lay{",", 0, []string{ann, bob}}},
		{"a column whose name goes on after the delimiter", "Email;Work\nann@acme.com;+1 212\nbob@acme.com;+1 213\n", lay{";", 0, []string{"2 ann@acme.com ", "3 bob@acme.com "}}},
		{"every cell quoted", "\"email\";\"first_name\"\n\"ann@acme.com\";\"Ann\"\n\"bob@acme.com\";\"Bob\"\n", lay{";", 0, []string{ann, bob}}},
		{"line ends in quoted cells", "email;\"first,\nname,\n\";first_name\nann@acme.com;\"a,\nb\";Ann\n", lay{";", 0, []string{"4 ann@acme.com Ann"}}},
		{"the email last", "first_name;email\nAnn;ann@acme.com\n", lay{";", 0, []string{ann}}},
		{"old Mac, tab", "email\tfirst_name\rann@acme.com\tAnn\r", lay{"\t", 0, []string{ann}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := layOf(t, tc.file, ReaderOptions{Columns: ColumnOptions{IgnoreUnknown: true}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestDelimiterOfAHeaderLongerThanWhatIsLookedAt(t *testing.T) {
	file := "email;first_name;" + strings.Repeat("size, in cm;", sniffed/10) + "\nann@acme.com;Ann;\n"
	got, err := layOf(t, file, ReaderOptions{Columns: ColumnOptions{IgnoreUnknown: true}})
	if err != nil || got.Delimiter != ";" {
		t.Errorf("delimiter is %q, %v", got.Delimiter, err)
	}
}

// Where no row names an email column, what is said of the columns is still said
// of those that the file has.
func TestDelimiterWithoutAnEmailColumn(t *testing.T) {
	for _, file := range []string{"Abc;Shoe size, EU, UK\nAnn;41\nBob;42\n", "A title, long\nAbc;Shoe size, EU, UK\nAnn;41\nBob;42\n"} {
		r := &Reader{scanner: newScanner(strings.NewReader(file))}
		comma, err := r.settleDelimiter(ReaderOptions{}, 0)
		if comma != ';' || err != nil {
			t.Errorf("%q: delimiter is %q, %v", file, comma, err)
		}
	}
}

func TestHeaderBelowATitleByMappedColumn(t *testing.T) {
	file := "Title\nKennung, intern;first_name\nann@acme.com;Ann\n"
	got, err := layOf(t, file, ReaderOptions{Columns: ColumnOptions{Map: []Mapping{{"Kennung, intern", Email}}}})
	if diff := cmp.Diff(lay{";", 1, []string{"3 ann@acme.com Ann"}}, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}

func TestSeparatorLine(t *testing.T) {
	const rest = "email;first_name\nann@acme.com;Ann, A\n"
	want := lay{";", 0, []string{"3 ann@acme.com Ann, A"}}
	for _, tc := range []struct {
		name, file string
		given      rune
		want       lay
	}{
		{"as Excel wants it", "sep=;\n" + rest, 0, want},
		{"quoted", "\"sep=;\"\n" + rest, 0, want},
		{"in capitals", "SEP=;\n" + rest, 0, want},
		{"after a byte order mark", "\ufeffsep=;\r\n" + rest, 0, want},
		{"with CRLF", "sep=;\r\n" + strings.ReplaceAll(rest, "\n", "\r\n"), 0, want},
		{"with CR", "sep=;\r" + strings.ReplaceAll(rest, "\n", "\r"), 0, want},
		{"with empty cells after it", "sep=;;\n" + rest, 0, want},
		{"another character", "sep=:\n" + strings.ReplaceAll(rest, ";", ":"), 0, lay{":", 0, want.Guests}},
		{"a tab", "sep=\t\n" + strings.ReplaceAll(rest, ";", "\t"), 0, lay{"\t", 0, want.Guests}},
		{"a flag says otherwise and is right", "sep=,\n" + rest, ';', want},
		{"no ASCII character, so a title", "sep=§\n" + rest, 0, lay{";", 1, want.Guests}},
		{"before a title", "sep=;\nGuests 2026\n" + rest, 0, lay{";", 1, []string{"4 ann@acme.com Ann, A"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := layOf(t, tc.file, ReaderOptions{Delimiter: tc.given})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	for _, tc := range []struct{ name, file, want string }{
		{"nothing but the line", "sep=;", "the file is empty"},
		{"a quote", "sep=\"\n" + rest, "cannot be a delimiter"},
		{"longer than it may be", "sep=;,\n" + strings.ReplaceAll(rest, "email", "id"), "no email column"},
	} {
		if _, err := layOf(t, tc.file, ReaderOptions{}); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error is %v, want it to say %q", tc.name, err, tc.want)
		}
	}
}

func TestHeaderBelowOtherLines(t *testing.T) {
	const rest = "E-Mail;Vorname\nann@acme.com;Ann\n"
	guest := func(line int) []string { return []string{fmt.Sprintf("%d ann@acme.com Ann", line)} }
	for _, tc := range []struct {
		name, file string
		want       lay
	}{
		{"a title", "Gästeliste 2026\n" + rest, lay{";", 1, guest(3)}},
		{"a title with empty cells", "Gästeliste;\n" + rest, lay{";", 1, guest(3)}},
		{"a title and a blank line", "Gästeliste 2026\n\n;\n" + rest, lay{";", 1, guest(5)}},
		{"title, date and notice", "Gästeliste\nStand: 21.11.2026, 17 Uhr\nVertraulich, nur für HR, bitte\n" + rest, lay{";", 3, guest(5)}},
		{"a title with a quote in it", "Gäste der \"ACME\" GmbH\n" + rest, lay{";", 1, guest(3)}},
		{"a title of two lines in quotes", "\"Gäste\nder ACME\"\n" + rest, lay{";", 1, guest(4)}},
		{"an address in the text of a notice", "Fragen an hr@acme.com bitte\n" + rest, lay{";", 1, guest(3)}},
		{"an address behind its label", "E-Mail;hr@acme.com\n" + rest, lay{";", 1, guest(3)}},
		{"a company and an address behind their labels", "Firma:;Acme GmbH\nKontakt E-Mail:;hr@acme.com\n" + rest, lay{";", 2, guest(4)}},
		{"an address behind its label, in one row with the company", "Firma:;Acme GmbH;E-Mail:;hr@acme.com\n" + rest, lay{";", 1, guest(3)}},
		{"an address behind its label, in one cell", "E-Mail:hr@acme.com\n" + rest, lay{";", 1, guest(3)}},
		{"a label of the email, without an address", "E-Mail:;bitte erfragen\n" + rest, lay{";", 1, guest(3)}},
		{"a count", "Anzahl;1\n" + rest, lay{";", 1, guest(3)}},
		{"over a single column", "Gäste\nE-Mail\nann@acme.com\n", lay{",", 1, []string{"3 ann@acme.com "}}},
		{"19 of them", strings.Repeat("Zeile\n", 19) + rest, lay{";", 19, guest(21)}},
		{"old Mac", strings.ReplaceAll("Gästeliste\n\n"+rest, "\n", "\r"), lay{";", 1, guest(4)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := layOf(t, tc.file, ReaderOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Whatever stands there, no guest is taken for a header or passed over in
// silence, and the error is about the first row.
func TestHeaderIsNotLookedForAmongGuests(t *testing.T) {
	for _, tc := range []struct{ name, file, want string }{
		{"no header at all", "ann@acme.com,Ann\nbob@acme.com,Bob\n", "the first row looks like a person, not like the names of columns: add a row above it such as email,first_name,last_name"},
		{"guests above the header", "ann@acme.com;Ann\nE-Mail;Vorname\nbob@acme.com;Bob\n", "looks like a person"},
		{"a guest with a name around the address", "Ann Lee <ann@acme.com>;Ann\nE-Mail;Vorname\nbob@acme.com;Bob\n", "looks like a person"},
		{"a guest whose other cells are known words", "ann@acme.com,Ann,active\nE-Mail,Vorname,Status\n", "looks like a person"},
		{"an address in the form of a link", "mailto:ann@acme.com,Ann\nE-Mail,Vorname\n", "looks like a person"},
		{"a labelled address and no header", "E-mail,ann@acme.com\nName,Ann\n", "looks like a person"},
		{"a guest below a labelled address", "E-mail:,hr@acme.com\nbob@acme.com,Bob\nE-mail,First name\n", "looks like a person"},
		{"a guest without an address, no header", "Ann,Lee\nBob,Roe\nbob@acme.com,Bob\nE-Mail,Vorname\n", "no email column"},
		{"a guest whose name is a field's", "Lee,Ann\nAnn,Email\nBob,First Name\n", "no email column"},
		{"one with an address who is called so", "Title\nemail,first name,ann@acme.com\n", "no email column"},
		{"20 lines above", strings.Repeat("Zeile\n", 20) + "E-Mail,Vorname\nann@acme.com,Ann\n", "no email column"},
		{"a header below that has something wrong", "Title\nE-Mail;Vorname;Schuhgröße\nann@acme.com;Ann;41\n", "Schuhgröße"},
		{"a header with something wrong above one without", "email,Schuhgröße\nemail,first_name\n", "Schuhgröße"},
		{"a broken row and no header", "\"a\"b\nc\n", "the header row on line 1 cannot be read"},
		{"bytes that are no text", "\xff\nc\n", "not UTF-8"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := layOf(t, tc.file, ReaderOptions{})
			var input *InputError
			if !errors.As(err, &input) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v, want it to say %q; %v", err, tc.want, got)
			}
		})
	}
}

func TestSumOfTheHeaderTellsHowItWasRead(t *testing.T) {
	seed := maphash.MakeSeed()
	sum := func(file string) uint32 {
		r, err := NewReader(strings.NewReader(file), ReaderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return r.Sum(seed)
	}
	was := sum("\n\nemail\nann@acme.com\n")
	if sum("\n\nemail\nbob@acme.com\n") != was {
		t.Error("another row changes the header's sum")
	}
	for name, file := range map[string]string{
		"another delimiter": "sep=;\n\nemail\nann@acme.com\n", "a title": "Guests\n\nemail\nann@acme.com\n", "one line less": "\nemail\nann@acme.com\n",
	} {
		if sum(file) == was {
			t.Errorf("%s does not change the header's sum", name)
		}
	}
}
