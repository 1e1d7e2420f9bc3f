package guest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// read returns all rows of a file, or why it cannot be read.
func read(t *testing.T, src io.Reader, options ReaderOptions) ([]Row, error) {
	t.Helper()
	r, err := NewReader(src, options)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

func TestReaderReadsFilesAsPeopleHaveThem(t *testing.T) {
	ann := Guest{Email: "ann@acme.com", FirstName: "Ann"}
	bob := Guest{Email: "bob@acme.com", FirstName: "Bob"}
	for _, tc := range []struct {
		name, file string
		want       []Row
	}{
		{"header alone", "email\n", nil},
		{"header without a line end", "email", nil},
		{"one row", "email,first_name\nann@acme.com,Ann\n", []Row{{Number: 1, Line: 2, Guest: ann}}},
		{"no final newline", "email,first_name\nann@acme.com,Ann", []Row{{Number: 1, Line: 2, Guest: ann}}},
		{"byte order mark", "\ufeffemail,first_name\nann@acme.com,Ann\n", []Row{{Number: 1, Line: 2, Guest: ann}}},
		{"byte order mark before a quoted header", "\ufeff\"email\",first_name\nann@acme.com,Ann\n", []Row{{Number: 1, Line: 2, Guest: ann}}},
		{"CRLF", "email,first_name\r\nann@acme.com,Ann\r\nbob@acme.com,Bob\r\n", []Row{{Number: 1, Line: 2, Guest: ann}, {Number: 2, Line: 3, Guest: bob}}},
		{"CRLF with quotes at the line's end", "email,first_name\r\nann@acme.com,\"Ann\"\r\nbob@acme.com,\"Bob\"\r", []Row{{Number: 1, Line: 2, Guest: ann}, {Number: 2, Line: 3, Guest: bob}}},
		{"blank lines before the header", "\n\r\nemail,first_name\nann@acme.com,Ann\n", []Row{{Number: 1, Line: 4, Guest: ann}}},
		{"blank lines between rows", "email,first_name\n\nann@acme.com,Ann\n\r\n  \n,\n\"\",\" \"\nbob@acme.com,Bob\n", []Row{{Number: 1, Line: 3, Guest: ann}, {Number: 2, Line: 8, Guest: bob}}},
		{"lines of delimiters before the header", ",,\n \nemail,first_name\nann@acme.com,Ann\n", []Row{{Number: 1, Line: 4, Guest: ann}}},
		{"quoted CRLF stays as it is", "email,first_name\r\nann@acme.com,\"A\r\nn\r\n\r\nn\"\r\nbob@acme.com,Bob\r\n", []Row{
			{Number: 1, Line: 2, Guest: Guest{Email: "ann@acme.com", FirstName: "A\r\nn\r\n\r\nn"}}, {Number: 2, Line: 6, Guest: bob},
		}},
		{"quoted newline", "email,first_name\nann@acme.com,\"An\nn\"\nbob@acme.com,Bob\n", []Row{
			{Number: 1, Line: 2, Guest: Guest{Email: "ann@acme.com", FirstName: "An\nn"}}, {Number: 2, Line: 4, Guest: bob},
		}},
		{"doubled quote", "email,first_name\nann@acme.com,\"A\"\"nn\"\n", []Row{{Number: 1, Line: 2, Guest: Guest{Email: "ann@acme.com", FirstName: "A\"nn"}}}},
		{"short row", "email,first_name\nann@acme.com\n", []Row{{Number: 1, Line: 2, Guest: Guest{Email: "ann@acme.com"}}}},
		{"outer blanks, visible or not", "email,first_name\n ann@acme.com\u00a0,\tAnn\u200b\n", []Row{{Number: 1, Line: 2, Guest: ann}}},
		{"empty cells beyond the header", "email,first_name\nann@acme.com,Ann,,\n", []Row{{Number: 1, Line: 2, Guest: ann}}},
		{"a trailing comma in the header", "email,first_name,\nann@acme.com,Ann,\n", []Row{{Number: 1, Line: 2, Guest: ann}}},
		{"semicolons", "email;first_name\nann@acme.com;Ann\n", []Row{{Number: 1, Line: 2, Guest: ann}}},
		{"semicolons and a quoted comma", "email;first_name\nann@acme.com;\"Ann, A\"\n", []Row{{Number: 1, Line: 2, Guest: Guest{Email: "ann@acme.com", FirstName: "Ann, A"}}}},
		{"tabs", "first_name\temail\nAnn\tann@acme.com\n", []Row{{Number: 1, Line: 2, Guest: ann}}},
		{"bars", "first_name|email\nAnn|ann@acme.com\n", []Row{{Number: 1, Line: 2, Guest: ann}}},
		{"columns of an export and a rejects file", "id,email,first_name,created_at,link,guestlist_error\n7,ann@acme.com,Ann,2025-01-01,https://x,oops\n", []Row{{Number: 1, Line: 2, Guest: ann}}},
		{"a value in a column that is left out is a row", "email,id\n,7\n", []Row{{Number: 1, Line: 2}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			// Whichever way the bytes arrive, the rows are the same.
			for name, src := range map[string]io.Reader{
				"whole": strings.NewReader(tc.file), "byte by byte": iotest.OneByteReader(strings.NewReader(tc.file)),
				"data with EOF": iotest.DataErrReader(strings.NewReader(tc.file)),
			} {
				rows, err := read(t, src, ReaderOptions{})
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if diff := cmp.Diff(tc.want, rows); diff != "" {
					t.Errorf("%s: rows (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func TestReaderGoesOnAfterARowItCannotRead(t *testing.T) {
	huge := strings.Repeat("x", MaxRecord)
	for _, tc := range []struct {
		name, row, want string
		last            int // the line of the row that follows
	}{
		{"too many cells", "bad@acme.com,B,extra", "has 3 cells where the header has 2", 4},
		{"a quote inside an unquoted cell", `bad@acme.com,B"ad`, "a quote stands inside a cell that does not begin with one", 4},
		{"a cell that goes on after its quote", `bad@acme.com,"B"ad`, "a quoted cell goes on after its closing quote", 4},
		{"a quote that the next row's quote ends", "bad@acme.com,\"Bad\n\"good@acme.com\",Good", "a quoted cell goes on after its closing quote", 4},
		{"a line over 1 MiB", "bad@acme.com," + huge, "is longer than 1 MiB", 4},
		{"a line far over 1 MiB", "bad@acme.com," + strings.Repeat(huge, 5), "is longer than 1 MiB", 4},
		{"a line over 1 MiB in a quoted cell", "bad@acme.com,\"" + huge + "\"", "is not closed within 1 MiB", 4},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := "email,first_name\nann@acme.com,Ann\n" + tc.row + "\nbob@acme.com,Bob\n"
			rows, err := read(t, strings.NewReader(file), ReaderOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) < 3 || rows[1].Line != 3 || !strings.Contains(rows[1].Unread, tc.want) {
				t.Fatalf("rows = %.300v, want the second, on line 3, to say %q", rows, tc.want)
			}
			last := rows[len(rows)-1]
			if last.Guest.Email != "bob@acme.com" || last.Unread != "" || last.Number != len(rows) {
				t.Errorf("the last row is %.300v, want bob's", last)
			}
			if want := 2 + strings.Count(tc.row, "\n") + 2; last.Line != want {
				t.Errorf("bob stands on line %d, want %d", last.Line, want)
			}
		})
	}
}

func TestReaderNeverClosedQuoteLosesOneLineOnly(t *testing.T) {
	var file strings.Builder
	file.WriteString("email\nfirst@acme.com\n\"open\n")
	for i := range 1000 {
		fmt.Fprintf(&file, "guest%d@acme.com\n", i)
	}
	rows, err := read(t, strings.NewReader(file.String()), ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1002 || !strings.Contains(rows[1].Unread, "never closed") || rows[1].Line != 3 {
		t.Fatalf("%d rows, the second %v; want 1002 and a problem on line 3", len(rows), rows[1])
	}
	for i, row := range rows[2:] {
		if want := fmt.Sprintf("guest%d@acme.com", i); row.Guest.Email != want || row.Line != i+4 {
			t.Fatalf("row %d is %v, want %s on line %d", row.Number, row, want, i+4)
		}
	}
}

func TestReaderRefusesFilesThatCannotBeUsed(t *testing.T) {
	for _, tc := range []struct {
		name, file string
		want       []string
	}{
		{"empty file", "", []string{"the file is empty"}},
		{"nothing but line ends", "\n\r\n\n", []string{"the file is empty"}},
		{"no email column", "first_name,last_name\nAnn,Lee\n", []string{"there is no email column"}},
		{"unknown column like a field", "email,compnay_name\n", []string{`column 2, "compnay_name"`, "did you mean company_name?"}},
		{"unknown column unlike any", "email,Shoe size\n", []string{`column 2, "Shoe size"`, "take it out"}},
		{"the beginning of two fields", "email,Compan\n", []string{"did you mean company_name or company_url?"}},
		{"two unknown columns are both named", "email,frist_name,pohne_1\n", []string{`"frist_name"`, "first_name?", `"pohne_1"`, "phone_1?"}},
		{"two columns for one field", "email,First Name,first-name\n", []string{"columns 2", "and 3", "both mean first_name"}},
		{"UTF-16", "\xff\xfee\x00m\x00", []string{"not UTF-8", "CSV UTF-8"}},
		{"another charset in the header", "email,pr\xe9nom\n", []string{"not UTF-8"}},
		{"a broken header", "email,\"first\n", []string{"the header row on line 1 cannot be read"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := read(t, strings.NewReader(tc.file), ReaderOptions{})
			var input *InputError
			if !errors.As(err, &input) {
				t.Fatalf("error is %v, want an InputError", err)
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}

func TestReaderTakesHeadersByName(t *testing.T) {
	for f := range NumFields {
		words := strings.Split(f.String(), "_")
		for _, header := range []string{
			f.String(), strings.ToUpper(f.String()), strings.Join(words, " "), strings.Join(words, "-"), strings.Join(words, ""), " " + strings.Join(words, ".") + " ",
		} {
			h, err := bindHeader([]string{header, "email"}[:min(2, int(f)+1)], ColumnOptions{})
			if err != nil {
				t.Errorf("header %q: %v", header, err)
			} else if c := h.columns[0]; c.kind != fieldColumn || c.field != f {
				t.Errorf("header %q means %v, want %v", header, c, f)
			}
		}
	}
	if h, err := bindHeader([]string{"E-Mail"}, ColumnOptions{}); err != nil || h.columns[0].field != Email {
		t.Errorf("E-Mail means %v, %v", h, err)
	}
}

func TestReaderPassesOnWhatTheSourceSays(t *testing.T) {
	broken := errors.New("the disk is gone")
	src := io.MultiReader(strings.NewReader("email\nann@acme.com\nbob@"), iotest.ErrReader(broken))
	rows, err := read(t, src, ReaderOptions{})
	if !errors.Is(err, broken) || len(rows) != 1 {
		t.Errorf("%d rows and %v; want one row and the source's error", len(rows), err)
	}
	if _, err := NewReader(iotest.ErrReader(broken), ReaderOptions{}); !errors.Is(err, broken) {
		t.Errorf("error is %v, want the source's", err)
	}
	if _, err := NewReader(stuck{}, ReaderOptions{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error is %v, want %v", err, io.ErrNoProgress)
	}
}

// stuck is a source that never says anything.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestReaderDelimiterGiven(t *testing.T) {
	if _, err := read(t, strings.NewReader("email\n"), ReaderOptions{Delimiter: '"'}); err == nil {
		t.Error("a quote was taken for a delimiter")
	}
	rows, err := read(t, strings.NewReader("email:first_name\nann@acme.com:Ann, A;b\n"), ReaderOptions{Delimiter: ':'})
	if err != nil || len(rows) != 1 || rows[0].Guest.FirstName != "Ann, A;b" {
		t.Errorf("rows %v, %v", rows, err)
	}
}

func TestReaderCellsAreTheFilesOwn(t *testing.T) {
	r, err := NewReader(strings.NewReader("email,id\n\" ann@acme.com \",7,more\n\"a\"b,c\n"), ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{{" ann@acme.com ", "7", "more"}, {"\"a\"b", "c"}} {
		if _, err := r.Read(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, r.Cells()); diff != "" {
			t.Errorf("cells (-want +got):\n%s", diff)
		}
	}
}

// A row without quotes takes a shorter way, which must lead to the same place.
func TestReaderTakesPlainRowsApartAsGocsvDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		header := rapid.SampledFrom([]string{"email,first_name,last_name", "id,email,,first_name", "email"}).Draw(t, "header")
		rows := rapid.StringOfN(rapid.SampledFrom([]rune("ab, \t\r\n\u00a0é")), 0, 40, -1).Draw(t, "rows")
		r, err := NewReader(strings.NewReader(header+"\n"+rows), ReaderOptions{Delimiter: ','})
		if err != nil {
			t.Fatal(err)
		}
		for {
			if err := r.Next(); errors.Is(err, io.EOF) {
				return
			}
			want, err := r.decodeQuoted(r.last)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.decodePlain(r.last); got != want {
				t.Fatalf("%q is %q, want %q", r.Raw(), got, want)
			}
		}
	})
}

func TestReaderSumTellsWhetherARowIsTheSame(t *testing.T) {
	seed := maphash.MakeSeed()
	// The sums of the header and the first row.
	sums := func(file string) (sums [2]uint32) {
		r, err := NewReader(strings.NewReader(file), ReaderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		sums[0] = r.Sum(seed)
		if err := r.Next(); err != nil {
			t.Fatal(err)
		}
		sums[1] = r.Sum(seed)
		return sums
	}
	was := sums("email,first_name\nann@acme.com,Ann\n")
	for _, tc := range []struct {
		name, file  string
		header, row bool // are the same
	}{
		{"the same", "email,first_name\nann@acme.com,Ann\n", true, true},
		{"without the last line's end", "email,first_name\nann@acme.com,Ann", true, true},
		{"other line ends", "email,first_name\r\nann@acme.com,Ann\r\n", true, true},
		{"another name", "email,first_name\nann@acme.com,Ana\n", true, false},
		{"on another line", "email,first_name\n\nann@acme.com,Ann\n", true, false},
		{"another column", "email,last_name\nann@acme.com,Ann\n", false, true},
		{"another delimiter in the header", "email;first_name\nann@acme.com,Ann\n", false, true},
	} {
		is := sums(tc.file)
		if (is[0] == was[0]) != tc.header || (is[1] == was[1]) != tc.row {
			t.Errorf("%s: the header is the same: %v, the row: %v; want %v, %v", tc.name, is[0] == was[0], is[1] == was[1], tc.header, tc.row)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"email\nann@acme.com\n", "email,first_name\r\n\"a\"\"b\",c\r\n", "\ufeffemail;x\n", "email\n\"open\na\n", "email,\n,,,\n", "email\n\x00\xff\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := NewReader(bytes.NewReader(file), ReaderOptions{})
		if err != nil {
			var input *InputError
			if !errors.As(err, &input) {
				t.Fatalf("%v is no InputError", err)
			}
			return
		}
		lines := bytes.Count(file, []byte("\n")) + bytes.Count(file, []byte("\r")) + 1 // at most
		last := 0
		for n := 1; ; n++ {
			row, err := r.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatalf("row %d: %v", n, err)
			}
			if row.Number != n || row.Line <= last || row.Line > lines {
				t.Fatalf("row %d of line %d follows line %d of %d lines", row.Number, row.Line, last, lines)
			}
			if strings.Contains(row.Unread, "cannot be taken apart") {
				t.Fatalf("line %d: scanner and decoder differ: %s", row.Line, row.Unread)
			}
			last = row.Line
			Validate(&row.Guest)
			r.Cells()
		}
	})
}

func BenchmarkReader(b *testing.B) {
	row := `jane.doe@acme.example.com,Jane,Doe,ACME Corporation,+1-212-555-0123,+1-212-555-0124,America/New_York,active,https://acme.example.com,https://acme.example.com/jane,https://acme.example.com/jane.png,https://crm.example.com/1,Big deal,salesforce,2025-01-15 10:30:00` + "\n"
	names := make([]string, 0, NumFields)
	for f := range AssociatedMembers {
		names = append(names, f.String())
	}
	file := strings.Join(names, ",") + "\n" + strings.Repeat(row, 10_000)
	b.Run("encoding/csv", func(b *testing.B) {
		b.SetBytes(int64(len(file)))
		for b.Loop() {
			r := csv.NewReader(strings.NewReader(file))
			r.ReuseRecord = true
			for {
				if _, err := r.Read(); err != nil {
					break
				}
			}
		}
	})
	b.Run("guest.Reader", func(b *testing.B) {
		b.SetBytes(int64(len(file)))
		for b.Loop() {
			r, err := NewReader(strings.NewReader(file), ReaderOptions{})
			if err != nil {
				b.Fatal(err)
			}
			for {
				row, err := r.Read()
				if err != nil {
					break
				}
				if problems := Validate(&row.Guest); len(problems) > 0 {
					b.Fatal(problems)
				}
			}
		}
	})
}
