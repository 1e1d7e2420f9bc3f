package guest

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// repeated gives a text out again and again, size bytes in all, and counts what
// was taken of it.
type repeated struct {
	block       string
	size, taken int64
}

func repeat(text string, size int64) *repeated {
	return &repeated{block: strings.Repeat(text, max(1, 64<<10/len(text))), size: size}
}

func (r *repeated) Read(p []byte) (int, error) {
	left := r.size - r.taken
	if left <= 0 {
		return 0, io.EOF
	}
	at := r.taken % int64(len(r.block))
	n := copy(p[:min(int64(len(p)), left)], r.block[at:])
	r.taken += int64(n)
	return n, nil
}

// allocated returns how many bytes do allocates, whether they are freed or not.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

const (
	huge = 2 << 30  // of what must not be read to its end
	long = 64 << 20 // of what is read to its end, in far less memory
)

// A file that cannot be used is refused by its beginning, however long it is.
func TestHugeFileThatIsNone(t *testing.T) {
	for _, tc := range []struct {
		name, head string
		rest       *repeated
		want       string
	}{
		{"one line", "", repeat("a", huge), "the header row on line 1 cannot be read: is longer than 1 MiB"},
		{"one line after the email", "email,", repeat("a", huge), "is longer than 1 MiB"},
		{"a column again and again", "", repeat("email,", huge), "has more than 16384 cells"},
		{"columns without a name", "email", repeat(",", huge), "has more than 16384 cells"},
		{"a quote that is never closed", "email,\"first\n", repeat("name\n", huge), "a quote that opens here is not closed within 1 MiB"},
		{"NULs", "", repeat("\x00", huge), "not UTF-8 text"},
		{"NULs after the header's beginning", "email", repeat("\x00", huge), "not UTF-8 text"},
		{"UTF-16 without a mark", "", repeat("e\x00", huge), "not UTF-8 text"},
		{"marks", "", repeat("\ufeff", 3<<10), "the file is empty"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var err error
			taken := allocated(func() { _, err = NewReader(io.MultiReader(strings.NewReader(tc.head), tc.rest), ReaderOptions{}) })
			var input *InputError
			if !errors.As(err, &input) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v, want it to say %q", err, tc.want)
			}
			if tc.rest.taken > 4<<20 || taken > 32<<20 {
				t.Errorf("%d bytes were read and %d taken of the memory", tc.rest.taken, taken)
			}
		})
	}
}

// A row that cannot be read is a row with a problem, however long it is, and
// the ones before and after it are as good as ever.
func TestHugeRow(t *testing.T) {
	const before, after = "email,first_name\nann@acme.com,Ann\n", "\nbob@acme.com,Bob\n"
	for _, tc := range []struct {
		name, begin string
		rest        *repeated
		want        string
	}{
		{"one cell", "", repeat("a", long), "is longer than 1 MiB"},
		{"NULs", "", repeat("\x00", long), "is longer than 1 MiB"},
		{"cells", "x@acme.com", repeat(",z", long), "has more than 16384 cells"},
		{"empty cells of an ordinary line", "x@acme.com" + strings.Repeat(",", 20_000) + "\n", repeat("\n", 1), "has more than 16384 cells"},
		{"empty cells", "x@acme.com", repeat(",", 1<<20-100), "has more than 16384 cells"},
		{"a quote that is never closed", `x@acme.com,"`, repeat("abc,def ", long), "a quote that opens here is not closed within 1 MiB"},
		{"quotes", "x@acme.com,", repeat(`"`, long|1), "a quote that opens here is not closed within 1 MiB"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var emails []string
			var refused Row
			taken := allocated(func() {
				r, err := NewReader(io.MultiReader(strings.NewReader(before+tc.begin), tc.rest, strings.NewReader(after)), ReaderOptions{})
				if err != nil {
					t.Fatal(err)
				}
				for {
					row, err := r.Read()
					if errors.Is(err, io.EOF) {
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					if row.Unread != "" {
						refused = row
						continue
					}
					emails = append(emails, row.Guest.Email)
				}
			})
			if refused.Line != 3 || !strings.Contains(refused.Unread, tc.want) {
				t.Errorf("line %d is refused: %q, want line 3 and %q", refused.Line, refused.Unread, tc.want)
			}
			if got := strings.Join(emails, " "); got != "ann@acme.com bob@acme.com" {
				t.Errorf("good rows are %s", got)
			}
			if taken > 32<<20 {
				t.Errorf("it took %d bytes of memory", taken)
			}
		})
	}
}

// What is said of a file is fit to be read, however much is wrong with it.
func TestProblemsAreCounted(t *testing.T) {
	unlike := ""
	for i := range 10_000 {
		unlike += ",shoe size " + strconv.Itoa(i)
	}
	for _, tc := range []struct{ columns, want string }{
		{unlike, "and 9980 more columns are wrong"},
		{strings.Repeat(",shoe size", 10_000), "and 9995 more have the same header"},
		{strings.Repeat(",email", 10_000), "and 9996 more all mean email"},
		{strings.Repeat(",Phone", 10_000), "and 9995 more all mean phone_1"},
	} {
		_, err := NewReader(strings.NewReader("email"+tc.columns+"\n"), ReaderOptions{})
		if err == nil || len(err.Error()) > 8<<10 || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%.20s: error is %.200v…, want %s", tc.columns, err, tc.want)
		}
	}
	problem := membersProblem(strings.Repeat("nobody;", 100_000)).String()
	if len(problem) > 8<<10 || !strings.HasSuffix(problem, ", and 99980 more") {
		t.Errorf("problem is %.200s…", problem)
	}
}

// The line after one that was too long has its true number, also where the
// file ends or fails in the middle of it.
func TestLinesAfterOneThatIsTooLong(t *testing.T) {
	failure := errors.New("unplugged")
	for _, tc := range []struct {
		name string
		rest io.Reader
		line int
		err  error
	}{
		{"a line follows", strings.NewReader("a\nb@acme.com\n"), 3, nil},
		{"blank lines follow", strings.NewReader("a\n\n\nb@acme.com"), 5, nil},
		{"nothing follows", strings.NewReader("a"), 0, io.EOF},
		{"the file fails", io.MultiReader(strings.NewReader("a"), failing{failure}), 0, failure},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := NewReader(io.MultiReader(strings.NewReader("email\n"), bytes.NewReader(make([]byte, MaxRecord)), tc.rest), ReaderOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if row, err := r.Read(); row.Line != 2 || row.Unread == "" || err != nil {
				t.Fatalf("row of line %d: %q, %v", row.Line, row.Unread, err)
			}
			row, err := r.Read()
			if row.Line != tc.line || !errors.Is(err, tc.err) {
				t.Errorf("row of line %d, %v; want %d, %v", row.Line, err, tc.line, tc.err)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
