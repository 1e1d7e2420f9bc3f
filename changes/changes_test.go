package changes

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// text makes a file of a text.
func text(name, content string) File {
	return File{Name: name, Text: strings.NewReader(content), Size: int64(len(content))}
}

// begin reads the headers of two files.
func begin(t *testing.T, before, after string) *Comparison {
	t.Helper()
	c, err := New(text("old.csv", before), text("new.csv", after))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// write returns what a comparison writes.
func write(t *testing.T, c *Comparison) (string, Summary) {
	t.Helper()
	var out strings.Builder
	done, err := c.Write(t.Context(), &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), done
}

const header = "change,email,field,old,new\n"

func TestWhatChanged(t *testing.T) {
	const two = "id,email,first_name\n1,ann@acme.com,Ann\n2,bob@acme.com,Bob\n"
	for _, tc := range []struct {
		name, before, after string
		want                string
		done                Summary
	}{
		{"nothing", two, two, "", Summary{Same: 2}},
		{"nobody was or is there", "email\n", "email\n", "", Summary{}},
		{
			"everybody came", "email\n", "email\nann@acme.com\nbob@acme.com\n",
			"added,ann@acme.com,email,,ann@acme.com\nadded,bob@acme.com,email,,bob@acme.com\n",
			Summary{Added: 2},
		},
		{
			"everybody went", "email\nann@acme.com\nbob@acme.com\n", "email\n",
			"removed,ann@acme.com,email,ann@acme.com,\nremoved,bob@acme.com,email,bob@acme.com,\n",
			Summary{Removed: 2},
		},
		{
			"two fields of one guest, in the order of the columns",
			two, "id,email,first_name\n1,ann@acme.com,Ann\n3,bob@acme.com,Robert\n",
			"changed,bob@acme.com,id,2,3\nchanged,bob@acme.com,first_name,Bob,Robert\n",
			Summary{Changed: 1, Fields: 2, Same: 1},
		},
		{
			"the order: as in the new file, then who was removed as in the old one",
			"email,n\nx@a.com,1\nann@a.com,1\ny@a.com,1\nbob@a.com,1\n",
			"email,n\nnew@a.com,1\nbob@a.com,2\nann@a.com,2\nlast@a.com,1\n",
			"added,new@a.com,email,,new@a.com\nchanged,bob@a.com,n,1,2\nchanged,ann@a.com,n,1,2\nadded,last@a.com,email,,last@a.com\n" +
				"removed,x@a.com,email,x@a.com,\nremoved,y@a.com,email,y@a.com,\n",
			Summary{Added: 2, Removed: 2, Changed: 2, Fields: 2},
		},
		{
			"rows in another order", two, "id,email,first_name\n2,bob@acme.com,Bob\n1,ann@acme.com,Ann\n", "", Summary{Same: 2},
		},
		{
			"columns in another order", two, "first_name,email,id\nAnn,ann@acme.com,1\nBob,bob@acme.com,3\n",
			"changed,bob@acme.com,id,2,3\n",
			Summary{Changed: 1, Fields: 1, Same: 1},
		},
		{
			"an email that is spelled in another way is the same guest, with the new spelling",
			"email,n\nAnn@Acme.com,1\n", "email,n\n ann@acme.com,2\n",
			"changed,\" ann@acme.com\",email,Ann@Acme.com,\" ann@acme.com\"\nchanged,\" ann@acme.com\",n,1,2\n",
			Summary{Changed: 1, Fields: 2},
		},
		{
			"accents that are written in two ways are one email",
			"email,n\nren\u00e9@acme.com,1\n", "email,n\nrene\u0301@acme.com,1\n",
			"changed,rene\u0301@acme.com,email,ren\u00e9@acme.com,rene\u0301@acme.com\n",
			Summary{Changed: 1, Fields: 1},
		},
		{
			"a value and none", "email,n,m\nann@acme.com,,1\n", "email,n,m\nann@acme.com,1,\n",
			"changed,ann@acme.com,n,,1\nchanged,ann@acme.com,m,1,\n",
			Summary{Changed: 1, Fields: 2},
		},
		{
			"members in another order, or twice, are the same members",
			"email,associated_members,n\nann@acme.com,1;2,1;2\nbob@acme.com,1;2,\ncat@acme.com,,\n",
			"email,associated_members,n\nann@acme.com,2;1;2,2;1\nbob@acme.com,12,\ncat@acme.com,1,\n",
			"changed,ann@acme.com,n,1;2,2;1\nchanged,bob@acme.com,associated_members,1;2,12\nchanged,cat@acme.com,associated_members,,1\n",
			Summary{Changed: 3, Fields: 3},
		},
		{
			"blanks and line ends count in a value",
			"email,n,m\nann@acme.com,a,\"a\nb\"\n", "email,n,m\nann@acme.com,a ,\"a\r\nb\"\n",
			"changed,ann@acme.com,n,a,a \nchanged,ann@acme.com,m,\"a\nb\",\"a\r\nb\"\n",
			Summary{Changed: 1, Fields: 2},
		},
		{
			"quotes that need not be are no change", two, "\"id\",\"email\",\"first_name\"\n\"1\",\"ann@acme.com\",\"Ann\"\n2,\"bob@acme.com\",Bob\n", "", Summary{Same: 2},
		},
		{
			"quotes inside a value", "email,n,m\nann@acme.com,\"say \"\"hi\"\"\",\"\"\"\"\n", "email,n,m\nann@acme.com,\"say \"\"ho\"\"\",\"\"\"\"\"\"\n",
			"changed,ann@acme.com,n,\"say \"\"hi\"\"\",\"say \"\"ho\"\"\"\nchanged,ann@acme.com,m,\"\"\"\",\"\"\"\"\"\"\n",
			Summary{Changed: 1, Fields: 2},
		},
		{
			"the protection of a formula is none",
			"email,n\n-ann@acme.com,=1+2\nbob@acme.com,@x\n", "email,n\n'-ann@acme.com,'=1+2\nbob@acme.com,'@y\n",
			"changed,bob@acme.com,n,@x,@y\n",
			Summary{Changed: 1, Fields: 1, Same: 1},
		},
		{"saved again with a mark, semicolons and other line ends", two, "\ufeffid;email;first_name\r\n1;ann@acme.com;Ann\r\n2;bob@acme.com;Bob\r\n", "", Summary{Same: 2}},
		{"saved again with tabs", two, "id\temail\tfirst_name\n1\tann@acme.com\tAnn\n2\tbob@acme.com\tBob", "", Summary{Same: 2}},
		{"saved again with bars", two, "id|email|first_name\n1|ann@acme.com|Ann\n2|bob@acme.com|Bob", "", Summary{Same: 2}},
		{"a comma is no delimiter where semicolons are", "email,n\nann@acme.com,\"1,5\"\n", "email;n\nann@acme.com;1,5\n", "", Summary{Same: 1}},
		{"names of columns with capitals and blanks", two, "ID, Email ,First_Name\n1,ann@acme.com,Ann\n2,bob@acme.com,Bob\n", "", Summary{Same: 2}},
		{"blank lines, and such of nothing but delimiters", two, "\n\nid,email,first_name\n\n1,ann@acme.com,Ann\n,,\n\r\n2,bob@acme.com,Bob\n , ,\n,,,,,\n", "", Summary{Same: 2}},
		{"no line end after the last row", two, strings.TrimSuffix(two, "\n"), "", Summary{Same: 2}},
		{"a column without a name is not compared", "email,\nann@acme.com,1\n", "email,\nann@acme.com,2\n", "", Summary{Same: 1}},
		{"columns without a name", "email,,\nann@acme.com,1,2\n", "email,,\nann@acme.com,2,3\n", "", Summary{Same: 1}},
		{
			"rows of the same bytes in columns that changed places", "email,n,m\nann@acme.com,1,2\n", "email,m,n\nann@acme.com,1,2\n",
			"changed,ann@acme.com,m,2,1\nchanged,ann@acme.com,n,1,2\n",
			Summary{Changed: 1, Fields: 2},
		},
		{"bytes that are not UTF-8", "email,n\nann@acme.com,\xff\n", "email,n\nann@acme.com,\xfe\n", "changed,ann@acme.com,n,\xff,\xfe\n", Summary{Changed: 1, Fields: 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, done := write(t, begin(t, tc.before, tc.after))
			if diff := cmp.Diff(header+tc.want, out); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if done != tc.done {
				t.Errorf("summary %+v, want %+v", done, tc.done)
			}
		})
	}
}

// A row that is longer than what is read at once, near and far from others.
func TestLongRows(t *testing.T) {
	long := strings.Repeat("\"\",\n", 90<<10) // as a cell with quotes doubled, nearly 1 MiB
	rows := []string{"ann@acme.com,\"" + long + "\"\n", "bob@acme.com,1\n", "cyd@acme.com,\"" + long + "x\"\n"}
	before := "email,n\n" + rows[0] + rows[1] + rows[2]
	after := "email,n\n" + rows[2] + rows[1] + rows[0]
	if out, done := write(t, begin(t, before, after)); out != header || done.Same != 3 {
		t.Errorf("%+v", done)
	}
	out, done := write(t, begin(t, before, strings.ReplaceAll(after, "x\"\n", "y\"\n")))
	if done.Changed != 1 || done.Same != 2 || !strings.HasPrefix(out, header+"changed,cyd@acme.com,n,") {
		t.Errorf("%+v", done)
	}
}

func TestColumnsThatAreNotCompared(t *testing.T) {
	c := begin(t, "email,id,link,gone\na@x.com,1,L1,1\n", "new,email,link,id,\n1,a@x.com,L2,1,\n")
	onlyOld, onlyNew, credentials := c.LeftOut()
	got := strings.Join(onlyOld, " ") + "|" + strings.Join(onlyNew, " ") + "|" + strings.Join(credentials, " ")
	if got != "gone|new|link" {
		t.Errorf("left out: %s", got)
	}
	if out, _ := write(t, c); out != header {
		t.Errorf("compared all the same: %s", out)
	}
	c = begin(t, "email,link\na@x.com,L1\n", "email,link\na@x.com,L2\n")
	if err := c.Limit([]string{"link"}); err != nil {
		t.Fatal(err)
	}
	if _, _, credentials = c.LeftOut(); len(credentials) > 0 {
		t.Errorf("left out though asked for: %s", credentials)
	}
	if out, _ := write(t, c); out != header+"changed,a@x.com,link,L1,L2\n" {
		t.Errorf("a link that is asked for: %s", out)
	}
}

func TestOnlyColumnsOfThoseNames(t *testing.T) {
	const before, after = "email,a,b,c\nx@x.com,1,1,1\ny@x.com,1,1,1\n", "email,a,b,c\nX@x.com,2,2,2\nz@x.com,1,1,1\n"
	for _, tc := range []struct {
		name    string
		columns []string
		want    string // the fields of x that changed
		problem string
	}{
		{"one", []string{"b"}, "b", ""},
		{"two, told in the order of the file", []string{"c", " A "}, "a c", ""},
		{"the email", []string{"email"}, "email", ""},
		{"one twice", []string{"b", "b"}, "b", ""},
		{"one that is in neither file", []string{"a", "d"}, "", `old.csv has no column "d" (there are email, a, b, c)`},
		{"one without a name", []string{""}, "", `old.csv has no column "" (there are email, a, b, c)`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := begin(t, before, after)
			err := c.Limit(tc.columns)
			if tc.problem != "" {
				if err == nil || err.Error() != tc.problem {
					t.Errorf("error %v, want %s", err, tc.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			out, done := write(t, c)
			want := header
			for _, field := range strings.Fields(tc.want) {
				values := "1,2"
				if field == "email" {
					values = "x@x.com,X@x.com"
				}
				want += "changed,X@x.com," + field + "," + values + "\n"
			}
			want += "added,z@x.com,email,,z@x.com\nremoved,y@x.com,email,y@x.com,\n"
			if diff := cmp.Diff(want, out); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if done.Added != 1 || done.Removed != 1 {
				t.Errorf("%+v", done)
			}
		})
	}
	c := begin(t, "email,a\n", "email,b\n")
	if err := c.Limit([]string{"a"}); err == nil || err.Error() != `new.csv has no column "a" (there are email, b)` {
		t.Errorf("a column of the old file only: %v", err)
	}
}

func TestStopsWhenItsContextEnds(t *testing.T) {
	end := errors.New("enough")
	for _, at := range []string{"before it begins", "in the new file", "among those who went"} {
		t.Run(at, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			if at == "before it begins" {
				cancel(end)
			}
			var before, after strings.Builder
			writeMany(&before, 3000, "old")
			writeMany(&after, 3000, "new")
			c := begin(t, before.String(), after.String())
			out := writerFunc(func(p []byte) (int, error) {
				switch {
				case at == "in the new file", strings.Contains(string(p), "\nremoved"):
					cancel(end)
				}
				return len(p), nil
			})
			done, err := c.Write(ctx, out)
			if !errors.Is(err, end) || done.Added+done.Removed == 6000 {
				t.Errorf("%+v: %v", done, err)
			}
			if at == "in the new file" && (done.Added == 0 || done.Added == 3000) {
				t.Errorf("%+v", done)
			}
		})
	}
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	full := errors.New("full")
	for _, rows := range []int{0, 1000} {
		var after strings.Builder
		writeMany(&after, rows, "new")
		c := begin(t, "email\n", after.String())
		if _, err := c.Write(t.Context(), writerFunc(func([]byte) (int, error) { return 0, full })); !errors.Is(err, full) {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// writeMany writes an export of so many guests.
func writeMany(w io.StringWriter, guests int, who string) {
	_, _ = w.WriteString("id,email,first_name\n")
	for i := range guests {
		_, _ = w.WriteString(manyRow(i, who))
	}
}
