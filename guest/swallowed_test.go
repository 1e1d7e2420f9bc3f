package guest

import (
	"strings"
	"testing"
)

func TestRowsSwallowedByAQuote(t *testing.T) {
	const problem = " and holds what looks like another row: is a quote missing or one too many?"
	for _, tc := range []struct{ name, file, want string }{
		{"the end of another row", "Email,First Name,Last Name\na@e.com,A,\"B\nb@e.com,B,C\"\nc@e.com,C,D\n", "a quoted cell that begins on line 2 runs over 2 lines" + problem},
		{"many rows", "Email,First Name\n\"x@e.com\",\"B\nb@e.com,B\nc@e.com,C\n\"\nd@e.com,D\n", "a quoted cell that begins on line 2 runs over 4 lines" + problem},
		{"the line of the cell, not of the row", "Email,Company,Last Name\na@e.com,\"A\nInc\",\"B\nb@e.com,B\"\n", "a quoted cell that begins on line 3 runs over 2 lines" + problem},
		{"carriage returns", "Email,First Name\r\na@e.com,\"B\r\nb@e.com,B\"\r\n", "a quoted cell that begins on line 2 runs over 2 lines" + problem},
		{"carriage returns alone", "Email,First Name\ra@e.com,\"B\rb@e.com,B\"\rc@e.com,C\r", "a quoted cell that begins on line 2 runs over 2 lines" + problem},
		{"semicolons", "First Name;Email\nA;\"a@e.com\nB;b@e.com\"\n", "a quoted cell that begins on line 2 runs over 2 lines" + problem},
		{"the email last", "First Name,Last Name,Email\nA,\"B,a@e.com\nC,D\",c@e.com\n", "a quoted cell that begins on line 2 runs over 2 lines" + problem},
		{"a company on two lines", "Email,Company\na@e.com,\"Acme, Inc\nBerlin, Germany\"\n", ""},
		{"an address alone on its line", "Email,Company\na@e.com,\"Acme\ninfo@e.com\"\n", ""},
		{"an address where none stands in a row", "Email,Company\na@e.com,\"Acme\ncontact, info@e.com\"\n", ""},
		{"an address on the one line of another cell", "First Name,Company,Email,Last Name\nA,\"Acme, info@e.com\",a@e.com,\"B\nC\"\n", ""},
		{"notes, which are not read", "Email,Notes\na@e.com,\"Hi\nb@e.com, C\"\n", ""},
		{"whole rows in notes, which are not read", "Notes,Email,Company\n\"call,a@e.com,A\nx,b@e.com,B\ny\",c@e.com,C\n", "a quoted cell that begins on line 2 runs over 3 lines" + problem},
		{"a row's end in notes", "Email,Company,Notes\na@e.com,A,\"call\nb@e.com,B,x\ny\"\n", "a quoted cell that begins on line 2 runs over 3 lines" + problem},
		{"less than a row in notes", "Email,Company,Notes\na@e.com,A,\"call\nb@e.com, B\ny\"\n", ""},
		{"members on lines of their own", "Email,Associated Members\na@e.com,\"1001,\nb@e.com, c@e.com\"\n", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := NewReader(strings.NewReader(tc.file), ReaderOptions{Columns: ColumnOptions{IgnoreUnknown: true}})
			if err != nil {
				t.Fatal(err)
			}
			row, err := r.Read()
			if err != nil || row.Unread != tc.want {
				t.Errorf("%v, %+v, want unread %q", err, row, tc.want)
			}
		})
	}
	t.Run("in a spreadsheet", func(t *testing.T) {
		r, err := NewReader(strings.NewReader("Email,First Name\na@e.com,\"B\nb@e.com,B\"\n"), ReaderOptions{Delimiter: ',', Sheet: true})
		if err != nil {
			t.Fatal(err)
		}
		if row, err := r.Read(); err != nil || row.Unread != "" {
			t.Errorf("%v, %+v", err, row)
		}
	})
}
