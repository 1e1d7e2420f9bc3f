package changes

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"guestlist/guest"
)

func manyRow(i int, who string) string {
	n := strconv.Itoa(i)
	return n + "," + who + "." + n + "@acme.example.com,Jane\n"
}

// Each stands as the old file beside a good one, and as the new one.
func TestFilesThatCannotBeCompared(t *testing.T) {
	const good = "email,n\nann@acme.com,1\n"
	for _, tc := range []struct{ name, file, want string }{
		{"empty", "", "F: the file is empty: an export has a header at least"},
		{"nothing but a byte order mark", "\ufeff", "F: the file is empty: an export has a header at least"},
		{"blank lines", "\n\r\n \n", "F: the file is empty: an export has a header at least"},
		{
			"no email column", "\nid,first_name\n1,Ann\n",
			"F: its header on line 2 has no column email, which says whom a row is about: compare files that guestlist export has made, with that column",
		},
		{"lines that end as on old Macs", "id,email\r1,ann@acme.com\r", "F: its lines end as on old Macs, which cannot be compared: save it as \"CSV UTF-8\""},
		{"a column twice", "email,n,N \n", "F: its header on line 1 has the column n twice"},
		{"a quote in the header that is never closed", "\"email,n\nann@acme.com,1\n", "F, line 1: a quote that opens in this row is never closed"},
		{"too few cells", "email,n\nann@acme.com,1\nbob@acme.com\n", "F, line 3: has 1 cell where the header has 2: the file was cut off, or a cell with the delimiter in it is not quoted"},
		{"too many cells", "email,n\nann@acme.com,1,2\n", "F, line 2: has 3 cells where the header has 2: the file was cut off, or a cell with the delimiter in it is not quoted"},
		{"no email", "email,n\nann@acme.com,1\n,2\n", "F, line 3: has no email, so nobody can tell whom it is about"},
		{"a blank for an email", "email,n\n\u00a0,2\n", "F, line 2: has no email, so nobody can tell whom it is about"},
		{"the line after a cell of two lines", "email,n\nann@acme.com,\"1\n2\"\nbob@acme.com\n", "F, line 4: has 1 cell where the header has 2: the file was cut off, or a cell with the delimiter in it is not quoted"},
		{"a quote that is never closed", "email,n\nann@acme.com,1\nbob@acme.com,\"2\ncyd@acme.com,3\n", "F, line 3: a quote that opens in this row is never closed"},
		{
			"a quote inside a cell", "email,n\nann@acme.com,5\" \"x\n",
			"F, line 2: a quote stands inside a cell that does not begin with one: the whole cell must be quoted and the quote doubled",
		},
		{
			"text after a closing quote", "email,n\nann@acme.com,\"a\"b\n",
			"F, line 2: a quoted cell goes on after its closing quote: a quote inside a quoted cell must be doubled",
		},
		{
			"a quote that opens in the middle and closes on the next line", "email,n\nann@acme.com,5\"\nbob@acme.com,6\"\n",
			"F, line 2: a quote stands inside a cell that does not begin with one: the whole cell must be quoted and the quote doubled",
		},
		{
			"a row that is too long", "email,n\nann@acme.com,1\nbob@acme.com," + strings.Repeat("x", guest.MaxRecord) + "\n",
			"F, line 3: the row is longer than 1 MiB, or has a quote that is never closed",
		},
		{
			"a quote that swallows very much", "email,n\nann@acme.com,\"1\n" + strings.Repeat("bob@acme.com,2\n", guest.MaxRecord/8),
			"F, line 2: the row is longer than 1 MiB, or has a quote that is never closed",
		},
		{
			"a guest twice", "email,n\nann@acme.com,1\nbob@acme.com,2\n Ann@ACME.com ,3\n",
			"F: line 2 and line 4 are both about Ann@ACME.com, and an export has each guest once: take one of them out, or export anew",
		},
		{
			"a guest twice whom the other file does not have", "email,n\ncyd@acme.com,\"1\n\"\nbob@acme.com,2\nbob@acme.com,2\n",
			"F: line 4 and line 5 are both about bob@acme.com, and an export has each guest once: take one of them out, or export anew",
		},
	} {
		for _, side := range []string{"old.csv", "new.csv"} {
			t.Run(tc.name+", "+side, func(t *testing.T) {
				before, after := text("old.csv", good), text("new.csv", good)
				if side == "old.csv" {
					before = text(side, tc.file)
				} else {
					after = text(side, tc.file)
				}
				c, err := New(before, after)
				if err == nil {
					_, err = c.Write(t.Context(), io.Discard)
				}
				var input *guest.InputError
				want := side + strings.TrimPrefix(tc.want, "F")
				if !errors.As(err, &input) || err.Error() != want {
					t.Errorf("got:  %v\nwant: %s", err, want)
				}
			})
		}
	}
}

// moving is a file that is written to while it is read.
type moving struct{ content string }

func (m *moving) ReadAt(p []byte, at int64) (int, error) {
	return strings.NewReader(m.content).ReadAt(p, at)
}

func TestFileThatIsWrittenToMeanwhile(t *testing.T) {
	const before = "email,n\nann@acme.com,1\nbob@acme.com,2\n"
	for _, tc := range []struct{ name, becomes, new string }{
		{"another guest stands there", "email,n\nzed@acme.com,1\nyoh@acme.com,2\n", before},
		{"another guest stands there, who is told as removed", "email,n\nzed@acme.com,1\nyoh@acme.com,2\n", "email,n\ncyd@acme.com,1\n"},
		{"it was cut off", "email,n\n", before},
		{"it was cut off, and those are told as removed", "email,n\nann@a", "email,n\ncyd@acme.com,1\n"},
		{"a quote came", "email,n\nann@\"cme.com,1\nbob@acme.com,2\n", before},
		{"a cell went", "email,n\nann@acme.com\n1bob@acme.com,2\n", before},
		{"a cell came", "email,n\nann@acme,com,1\nbob@acme.com,2\n", before},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := &moving{before}
			c, err := New(File{"old.csv", file, int64(len(before))}, text("new.csv", tc.new))
			if err != nil {
				t.Fatal(err)
			}
			hash, calls := c.hash, 0
			c.hash = func(key string) uint64 {
				if calls++; calls == 3 { // the first row of the new file
					file.content = tc.becomes
				}
				return hash(key)
			}
			var changed *ChangedError
			if _, err := c.Write(t.Context(), io.Discard); !errors.As(err, &changed) || changed.Name != "old.csv" {
				t.Errorf("error %v", err)
			}
		})
	}
	t.Run("the new file", func(t *testing.T) {
		file := &moving{"email\ncyd@acme.com\ncyd@acme.com\n"}
		c, err := New(text("old.csv", "email\n"), File{"new.csv", file, int64(len(file.content))})
		if err != nil {
			t.Fatal(err)
		}
		hash := c.hash
		c.hash = func(key string) uint64 {
			file.content = "email\nzed@acme.com\ncyd@acme.com\n"
			return hash(key)
		}
		var changed *ChangedError
		if _, err := c.Write(t.Context(), io.Discard); !errors.As(err, &changed) || changed.Name != "new.csv" {
			t.Errorf("error %v", err)
		}
	})
	t.Run("it is shorter than it was", func(t *testing.T) {
		f := text("old.csv", before)
		f.Size++
		c, err := New(f, text("new.csv", before))
		if err == nil {
			_, err = c.Write(t.Context(), io.Discard)
		}
		if want := "old.csv was changed while it was read"; err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	})
}

// broken cannot be read from a place on.
type broken struct {
	io.ReaderAt
	from int64
}

var errBroken = errors.New("the disk is broken")

func (b broken) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > b.from {
		return 0, errBroken
	}
	return b.ReaderAt.ReadAt(p, at)
}

func TestFileThatCannotBeRead(t *testing.T) {
	var many strings.Builder
	writeMany(&many, 5000, "ann")
	good := text("good.csv", many.String())
	for _, from := range []int64{0, 10, 100_000} {
		bad := text("bad.csv", many.String())
		bad.Text = broken{bad.Text, from}
		for i, files := range [][2]File{{bad, good}, {good, bad}} {
			c, err := New(files[0], files[1])
			if err == nil {
				_, err = c.Write(t.Context(), io.Discard)
			}
			if want := "read bad.csv: the disk is broken"; !errors.Is(err, errBroken) || err.Error() != want {
				t.Errorf("%s: error %v, want %s", fmt.Sprint(from, i), err, want)
			}
		}
	}
}
