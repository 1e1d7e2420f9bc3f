package guest

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// rowsEitherWay reads a file in several ways, which must all give the same.
func rowsEitherWay(t *testing.T, file string, options ReaderOptions) []Row {
	t.Helper()
	rows, err := read(t, strings.NewReader(file), options)
	if err != nil {
		t.Fatal(err)
	}
	again, err := read(t, iotest.OneByteReader(strings.NewReader(file)), options)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, again); diff != "" {
		t.Errorf("byte by byte (-whole +bytes):\n%s", diff)
	}
	return rows
}

func TestLineEnds(t *testing.T) {
	ann, bob := Guest{Email: "ann@acme.com", FirstName: "Ann"}, Guest{Email: "bob@acme.com", FirstName: "Bob"}
	named := func(name string) Guest { return Guest{Email: "ann@acme.com", FirstName: name} }
	for _, tc := range []struct {
		name, file string
		want       []Row
	}{
		{"CR", "email,first_name\rann@acme.com,Ann\rbob@acme.com,Bob\r", []Row{{1, 2, ann, ""}, {2, 3, bob, ""}}},
		{"CR, none at the end", "email,first_name\rann@acme.com,Ann\rbob@acme.com,Bob", []Row{{1, 2, ann, ""}, {2, 3, bob, ""}}},
		{"CR, empty lines", "\remail,first_name\r\r\rann@acme.com,Ann\r", []Row{{1, 5, ann, ""}}},
		{"CR, quoted", "email,first_name\r\"ann@acme.com\",\"Ann\"\r\"bob@acme.com\",\"Bob\"\r", []Row{{1, 2, ann, ""}, {2, 3, bob, ""}}},
		{"CR, and in a quoted cell too", "email,first_name\rann@acme.com,\"A\rn\"\rbob@acme.com,Bob\r", []Row{{1, 2, named("A\rn"), ""}, {2, 4, bob, ""}}},
		{"CR, LF in a quoted cell", "email,first_name\rann@acme.com,\"A\nn\"\rbob@acme.com,Bob\r", []Row{{1, 2, named("A\nn"), ""}, {2, 4, bob, ""}}},
		{"CR, CRLF in a quoted cell", "email,first_name\rann@acme.com,\"A\r\nn\"\rbob@acme.com,Bob\r", []Row{{1, 2, named("A\r\nn"), ""}, {2, 4, bob, ""}}},
		{"CR, LF at the end of the file", "email,first_name\rann@acme.com,Ann\rbob@acme.com,Bob\n", []Row{{1, 2, ann, ""}, {2, 3, bob, ""}}},
		{"CR, CRLF at the end of the file", "email,first_name\rann@acme.com,Ann\rbob@acme.com,Bob\r\n", []Row{{1, 2, ann, ""}, {2, 3, bob, ""}}},
		{"CR, CRLF in between", "email,first_name\r\r\n\rann@acme.com,Ann\r\nbob@acme.com,Bob\r\r\r", []Row{{1, 4, ann, ""}, {2, 5, bob, ""}}},
		{"CR and a byte order mark", "\ufeffemail,first_name\rann@acme.com,Ann\r", []Row{{1, 2, ann, ""}}},
		{"CR, blank rows", "email,first_name\r,\r  \rann@acme.com,Ann\r", []Row{{1, 4, ann, ""}}},
		{"CR, a row with a broken quote", "email,first_name\rann@acme.com,A\"nn\rbob@acme.com,Bob\r", []Row{
			{1, 2, Guest{}, "a quote stands inside a cell that does not begin with one: the whole cell must be quoted and the quote doubled"}, {2, 3, bob, ""},
		}},
		{"CR, a quote that is never closed", "email,first_name\rann@acme.com,\"Ann\rbob@acme.com,Bob\r", []Row{
			{1, 2, Guest{}, "a quote that opens here is never closed"}, {2, 3, bob, ""},
		}},
		{"CRLF, CR in a quoted cell", "email,first_name\r\nann@acme.com,\"A\rn\"\r\nbob@acme.com,Bob\r\n", []Row{{1, 2, named("A\rn"), ""}, {2, 3, bob, ""}}},
		{"CRLF, many CR in one quoted cell", "email,first_name\r\nann@acme.com,\"A\r\r\r\r\r\rn\"\r\nbob@acme.com,Bob\r\n", []Row{{1, 2, named("A\r\r\r\r\r\rn"), ""}, {2, 3, bob, ""}}},
		{"CRLF, CR in a cell without quotes", "email,first_name\r\nann@acme.com,A\rn\r\nbob@acme.com,Bob\r\n", []Row{{1, 2, named("A\rn"), ""}, {2, 3, bob, ""}}},
		{"LF, CR in a cell without quotes", "email,first_name\nann@acme.com,A\rn\nbob@acme.com,Bob\n", []Row{{1, 2, named("A\rn"), ""}, {2, 3, bob, ""}}},
		{"LF and CRLF mixed", "email,first_name\r\nann@acme.com,Ann\nbob@acme.com,Bob\r\n", []Row{{1, 2, ann, ""}, {2, 3, bob, ""}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, rowsEitherWay(t, tc.file, ReaderOptions{})); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// Programs write a number so that a spreadsheet leaves it as it is.
func TestFormulaWithoutQuotesAroundIt(t *testing.T) {
	const stray = "a quote stands inside a cell that does not begin with one: the whole cell must be quoted and the quote doubled"
	for _, tc := range []struct {
		name, cell, want string
		broken           bool
	}{
		{"a number", `="0171"`, `="0171"`, false},
		{"nothing", `=""`, `=""`, false},
		{"a delimiter inside", `="0171,2"`, "", true},
		{"a quote inside", `="01""71"`, "", true},
		{"two texts", `="01"&"71"`, "", true},
		{"not at the beginning", `+="0171"`, "", true},
		{"never closed", `="0171`, "", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			want := []Row{{1, 2, Guest{Email: "ann@acme.com", Phone1: tc.want, LastName: "Lee"}, ""}, {2, 3, Guest{Email: "bob@acme.com", Phone1: tc.want}, ""}}
			if tc.broken {
				want = []Row{{1, 2, Guest{}, stray}, {2, 3, Guest{}, stray}}
			}
			for _, lineEnd := range []string{"\n", "\r\n", "\r"} {
				file := strings.ReplaceAll("email,last_name,phone\nann@acme.com,\"Lee\","+tc.cell+"\nbob@acme.com,,"+tc.cell, "\n", lineEnd)
				if diff := cmp.Diff(want, rowsEitherWay(t, file, ReaderOptions{Delimiter: ','})); diff != "" {
					t.Errorf("%q (-want +got):\n%s", lineEnd, diff)
				}
			}
		})
	}
	rows := rowsEitherWay(t, "email,last_name\n=\"ann@acme.com\",Lee\n", ReaderOptions{})
	if len(rows) != 1 || rows[0].Guest.Email != `="ann@acme.com"` {
		t.Errorf("in the first cell: %+v", rows)
	}
}

func TestEndOfAFileOfDOSIsNoRow(t *testing.T) {
	for _, end := range []string{"\x1a", "\x1a\r\n"} {
		if rows := rowsEitherWay(t, "email,first_name\r\nann@acme.com,Ann\r\n"+end, ReaderOptions{}); len(rows) != 1 {
			t.Errorf("%q at the end: %+v", end, rows)
		}
	}
}

func TestOldMacLineTooLong(t *testing.T) {
	huge := strings.Repeat("x", 3*MaxRecord)
	rows := rowsEitherWay(t, "email\rann@acme.com\r"+huge+"\rbob@acme.com\r", ReaderOptions{})
	if len(rows) != 3 || rows[1].Line != 3 || !strings.Contains(rows[1].Unread, "longer than 1 MiB") || rows[2].Line != 4 || rows[2].Guest.Email != "bob@acme.com" {
		t.Errorf("rows are %.300v", rows)
	}
}

// A row of a sheet has one number, however many lines its cells have.
func TestLineOfASheetCountsRows(t *testing.T) {
	file := "\"Guests\nof 2026\",\n\nemail,first_name\nann@acme.com,\"A\nn\r\nn\"\n,\n\nbob@acme.com,Bob\n"
	want := []Row{
		{1, 4, Guest{Email: "ann@acme.com", FirstName: "A\nn\r\nn"}, ""},
		{2, 7, Guest{Email: "bob@acme.com", FirstName: "Bob"}, ""},
	}
	if diff := cmp.Diff(want, rowsEitherWay(t, file, ReaderOptions{Delimiter: ',', Sheet: true})); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	// Nothing of a sheet is an instruction for Excel.
	if _, err := read(t, strings.NewReader("sep=;\nid\n"), ReaderOptions{Delimiter: ',', Sheet: true}); err == nil || !strings.Contains(err.Error(), "sep=;") {
		t.Errorf("error is %v, want it to be about the row sep=;", err)
	}
}

// What the scanner takes for records must be what encoding/csv, the judge of
// what CSV is here, takes for them. An old Mac's file is the same as any other
// but for the bytes that end lines.
func TestScannerAgreesWithEncodingCSV(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := rapid.StringOfN(rapid.SampledFrom([]rune("a,\"\n\r\" ;é")), 0, 60, -1).Draw(t, "file")
		agreesWithEncodingCSV(t, file, newScanner(strings.NewReader(file)))
	})
	rapid.Check(t, func(t *rapid.T) {
		file := rapid.StringOfN(rapid.SampledFrom([]rune("a,\"\n\" ;é")), 0, 60, -1).Draw(t, "old Mac's file")
		s := newScanner(strings.NewReader(strings.ReplaceAll(file, "\n", "\r")))
		s.oldMac = true
		agreesWithEncodingCSV(t, file, s)
	})
}

func agreesWithEncodingCSV(t *rapid.T, file string, s *scanner) {
	want := csv.NewReader(strings.NewReader(file))
	want.FieldsPerRecord = -1
	for {
		cells, err := want.Read()
		rec, serr := s.next()
		if errors.Is(err, io.EOF) {
			if !errors.Is(serr, io.EOF) {
				t.Fatalf("csv is at the end, the scanner gives %q, %v", rec.bytes, serr)
			}
			return
		}
		if err != nil {
			if serr != nil || rec.problem == "" {
				t.Fatalf("csv says %v, the scanner gives %q, %v", err, rec.bytes, serr)
			}
			return // they go on differently, and should
		}
		line, _ := want.FieldPos(0)
		if serr != nil || rec.problem != "" || rec.cells != len(cells) || rec.line != line {
			t.Fatalf("csv gives %q on line %d, the scanner %d cells in %q on line %d, problem %q, %v",
				cells, line, rec.cells, rec.bytes, rec.line, rec.problem, serr)
		}
	}
}

// Whatever ends the lines, the guests and their lines are the same.
func TestReaderReadsTheSameWhateverEndsTheLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.StringOfN(rapid.SampledFrom([]rune("ab,\"\n\" \u00a0é")), 0, 60, -1).Draw(t, "rows")
		file := "email,first_name\n" + rows
		readAs := func(lineEnd string) []Row {
			r, err := NewReader(strings.NewReader(strings.ReplaceAll(file, "\n", lineEnd)), ReaderOptions{Delimiter: ','})
			if err != nil {
				t.Fatal(err)
			}
			var all []Row
			for {
				row, err := r.Read()
				if err != nil {
					return all
				}
				row.Guest.Email = strings.ReplaceAll(row.Guest.Email, lineEnd, "\n")
				row.Guest.FirstName = strings.ReplaceAll(row.Guest.FirstName, lineEnd, "\n")
				all = append(all, row)
			}
		}
		want := readAs("\n")
		for _, lineEnd := range []string{"\r", "\r\n"} {
			if diff := cmp.Diff(want, readAs(lineEnd)); diff != "" {
				t.Fatalf("with %q (-LF +it):\n%s", lineEnd, diff)
			}
		}
	})
}
