package changes

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// drawn is a drawn export, before it is written down.
type drawn struct {
	columns []string
	rows    []map[string]string
}

// spellings are the ways to write the emails of people who are nearly alike.
func spellings() [][]string {
	return [][]string{
		{"ann@acme.com", "Ann@Acme.com", " ann@acme.com\t"},
		{"anna@acme.com"},
		{"ren\u00e9@acme.com", "rene\u0301@acme.com", "REN\u00c9@ACME.COM"},
		{"rene@acme.com"},
		{"-x@acme.com", "-X@acme.com", "'-x@acme.com"},
		{"x@acme.com"},
		{"\u0130@acme.com", "i\u0307@acme.com"},
		{"i@acme.com"},
		{"\"a,b\"@acme.com", "\"A,B\"@acme.com"},
		{"a\nb@acme.com"},
		{"=1+2@acme.com", "'=1+2@acme.com"},
		{"東@acme.com", "\u200b東@acme.com"},
	}
}

func drawExport(t *rapid.T, name string) drawn {
	var d drawn
	others := rapid.Permutation([]string{"id", "first_name", "notes", "link_to", "ärmel"}).Draw(t, name+" columns")
	others = others[:rapid.IntRange(0, len(others)).Draw(t, name+" width")]
	d.columns = slices.Insert(others, rapid.IntRange(0, len(others)).Draw(t, name+" email's place"), "email")
	all := rapid.Permutation(spellings()).Draw(t, name+" people")
	values := rapid.OneOf(
		rapid.SampledFrom([]string{"", "1", "2", " 1", "=1", "'=1", "''=1", "'1", "'", "a,b", "a;b", "\"", "\"\"", "a\"b", "a\nb", "a\r\nb", "a\rb", "\n", "\t1", strings.Repeat("x", 5000)}),
		rapid.StringOf(rapid.SampledFrom([]rune("a,;\t\"\r\n'=é"))),
	)
	for _, person := range all[:rapid.IntRange(0, len(all)).Draw(t, name+" guests")] {
		row := map[string]string{}
		for _, column := range d.columns {
			row[column] = values.Draw(t, column)
		}
		row["email"] = rapid.SampledFrom(person).Draw(t, "email")
		d.rows = append(d.rows, row)
	}
	return d
}

// written writes an export down in one of the ways that programs do.
func (d drawn) written(t *rapid.T, name string) string {
	comma := rapid.SampledFrom([]string{",", ";", "\t", "|"}).Draw(t, name+" delimiter")
	end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, name+" line end")
	quoteAll := rapid.Bool().Draw(t, name+" quotes all")
	var b strings.Builder
	b.WriteString(rapid.SampledFrom([]string{"", "\ufeff"}).Draw(t, name+" mark"))
	line := func(cells []string) {
		for i, cell := range cells {
			if i > 0 {
				b.WriteString(comma)
			}
			if quoteAll || strings.ContainsAny(cell, comma+"\"\r\n") {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(cell)
		}
		b.WriteString(end)
	}
	line(d.columns)
	for _, row := range d.rows {
		if rapid.IntRange(0, 9).Draw(t, "blank line") == 0 {
			line(make([]string, rapid.IntRange(0, len(d.columns)).Draw(t, "its cells")))
		}
		var cells []string
		for _, column := range d.columns {
			cells = append(cells, row[column])
		}
		line(cells)
	}
	text := b.String()
	if rapid.Bool().Draw(t, name+" has no line end at its end") {
		text = strings.TrimSuffix(text, end)
	}
	return text
}

// bare is a cell without its protection.
func bare(cell string) string {
	if under := strings.TrimLeft(cell, "'"); under != cell && under != "" && strings.Contains("=+-@\t\r", under[:1]) {
		return cell[1:]
	}
	return cell
}

// who tells people apart, as far as the drawn ones go.
func who(row map[string]string) string {
	email := strings.Trim(bare(row["email"]), " \t\u200b")
	email = strings.ReplaceAll(norm.NFC.String(email), "\u0130", "i\u0307")
	return norm.NFC.String(strings.ToLower(email))
}

// expected compares two exports with all of both at hand.
func expected(before, after drawn) (string, Summary) {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"change", "email", "field", "old", "new"})
	was := map[string]map[string]string{}
	for _, row := range before.rows {
		was[who(row)] = row
	}
	is := map[string]bool{}
	var done Summary
	for _, row := range after.rows {
		is[who(row)] = true
		email := bare(row["email"])
		old := was[who(row)]
		if old == nil {
			done.Added++
			_ = w.Write([]string{"added", email, "email", "", email})
			continue
		}
		fields := 0
		for _, column := range after.columns {
			if from, to := bare(old[column]), bare(row[column]); slices.Contains(before.columns, column) && from != to {
				fields++
				_ = w.Write([]string{"changed", email, column, from, to})
			}
		}
		if done.Fields += fields; fields > 0 {
			done.Changed++
		} else {
			done.Same++
		}
	}
	for _, row := range before.rows {
		if email := bare(row["email"]); !is[who(row)] {
			done.Removed++
			_ = w.Write([]string{"removed", email, "email", email, ""})
		}
	}
	w.Flush()
	return b.String(), done
}

// Whatever the files are like, and however few hashes there are, it is as if
// everything had been held in memory.
func TestLikeAComparisonInMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := drawExport(t, "old"), drawExport(t, "new")
		if rapid.Bool().Draw(t, "same columns") {
			before.columns = after.columns
			for _, row := range before.rows {
				for _, column := range before.columns {
					if _, ok := row[column]; !ok {
						row[column] = ""
					}
				}
			}
		}
		if rapid.Bool().Draw(t, "nearly the same guests") {
			before.rows = nil
			for _, row := range after.rows {
				old := map[string]string{}
				for _, column := range before.columns {
					old[column] = row[column]
				}
				if rapid.Bool().Draw(t, "one differs") {
					column := rapid.SampledFrom(before.columns).Draw(t, "in")
					if column != "email" {
						old[column] += "?"
					}
				}
				before.rows = append(before.rows, old)
			}
			before.rows = before.rows[:rapid.IntRange(0, len(before.rows)).Draw(t, "of them")]
		}
		want, done := expected(before, after)
		first, second := before.written(t, "old"), after.written(t, "new")
		c, err := New(text("old.csv", first), text("new.csv", second))
		if err != nil {
			t.Fatal(err)
		}
		hashes := rapid.SampledFrom([]uint64{1, 2, 3, 0}).Draw(t, "hashes")
		if hash := c.hash; hashes > 0 {
			c.hash = func(key string) uint64 { return hash(key) % hashes << 60 }
		}
		var out strings.Builder
		got, err := c.Write(t.Context(), &out)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, out.String()); diff != "" || got != done {
			t.Errorf("old %q\nnew %q\n%+v, want %+v (-want +got):\n%s", first, second, got, done, diff)
		}
	})
}

// A guest who stands twice is found whatever stands between, and so is one whose
// hash is that of others.
func TestTwiceWithOneHashForAll(t *testing.T) {
	const rows = "a@x.com,1\nb@x.com,2\nc@x.com,3\n"
	for _, tc := range []struct{ name, before, after, want string }{
		{"in the old file", rows + "b@x.com,4\n", rows, "old.csv: line 3 and line 5"},
		{"in the new file, and in the old one", rows, rows + "b@x.com,2\n", "new.csv: line 3 and line 5"},
		{"in the new file only", rows, rows + "d@x.com,2\nd@x.com,2\n", "new.csv: line 5 and line 6"},
		{"nowhere", rows, rows, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := begin(t, "email,n\n"+tc.before, "email,n\n"+tc.after)
			c.hash = func(string) uint64 { return 7 }
			_, err := c.Write(t.Context(), &strings.Builder{})
			if got := fmt.Sprint(err); tc.want == "" && err != nil || !strings.HasPrefix(got, tc.want) {
				t.Errorf("error %v, want %s", err, tc.want)
			}
		})
	}
}

// Rows of the same bytes say something else where the delimiter is another one.
func TestSameBytesWithOneHashForAll(t *testing.T) {
	c := begin(t, "email,n\nann;bob@x.com,1\n", "email;n\nann;bob@x.com,1\n")
	c.hash = func(string) uint64 { return 7 }
	if out, _ := write(t, c); out != header+"added,ann,email,,ann\nremoved,ann;bob@x.com,email,ann;bob@x.com,\n" {
		t.Error(out)
	}
}
