package guest

import (
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// programColumn is a line of headers.csv.
type programColumn struct{ header, field, note string }

type program struct {
	name    string
	columns []programColumn
}

// programRows reads a file of header rows, each with what it means.
func programRows(t *testing.T, name string) []program {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "headers", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var programs []program
	for _, row := range rows[1:] {
		if len(programs) == 0 || programs[len(programs)-1].name != row[0] {
			programs = append(programs, program{name: row[0]})
		}
		last := &programs[len(programs)-1]
		last.columns = append(last.columns, programColumn{row[1], row[2], row[3]})
	}
	return programs
}

// judged is what became of a column, in the words of headers.csv: a field, "-"
// or "?".
func judged(b *binder, i int) string {
	if _, asked := b.asked[i]; asked {
		return "?"
	}
	if c := b.columns[i]; c.kind == fieldColumn {
		return c.field.String()
	}
	return "-"
}

// bound settles a header row without asking.
func bound(cells []string) *binder {
	b := newBinder(cells)
	b.settle(ColumnOptions{})
	return b
}

// score counts what became of the columns of one kind.
type score struct{ right, asked, leftOut, wrong int }

func (s score) String() string {
	return fmt.Sprintf("%d right, %d asked for, %d left out, %d the wrong field", s.right, s.asked, s.leftOut, s.wrong)
}

func (s *score) add(want, got string) {
	switch {
	case want == Phone2.String() && got == Phone1.String(): // as right, in a file that has lost some columns
		s.right++
	case got == want:
		s.right++
	case got == "?":
		s.asked++
	case got == "-":
		s.leftOut++
	default:
		s.wrong++
	}
}

// scores judges header rows, each column by kind: "field", "-" or "?".
func scores(t *testing.T, programs []program) map[string]*score {
	t.Helper()
	all := map[string]*score{"field": {}, "-": {}, "?": {}}
	for _, program := range programs {
		for _, row := range rowsOf(program) {
			cells := make([]string, len(row))
			for i, c := range row {
				cells[i] = c.header
			}
			b := bound(cells)
			for i, c := range row {
				if c.field == "" {
					continue
				}
				kind := c.field
				if kind != "-" && kind != "?" {
					kind = "field"
				}
				got := judged(b, i)
				all[kind].add(c.field, got)
				if got != c.field && (got != "phone_1" || c.field != "phone_2") {
					t.Logf("%s: %q: want %s, got %s (%v)", program.name, c.header, c.field, got, headerPieces(c.header))
				}
				if strings.Contains(c.note, "sensitive: never send") && b.columns[i].kind != sensitiveColumn {
					t.Errorf("%s: %q is not kept out of every output", program.name, c.header)
				}
			}
		}
	}
	return all
}

// rowsOf returns the header rows of a program: one, but for a list of words, each
// of which stands beside an email.
func rowsOf(p program) [][]programColumn {
	if !strings.HasPrefix(p.name, "Words") {
		return [][]programColumn{p.columns}
	}
	var rows [][]programColumn
	for _, c := range p.columns {
		row := []programColumn{c, {header: "email"}}
		if c.field == "email" {
			row = row[:1]
		}
		rows = append(rows, row)
	}
	return rows
}

// Nothing that a person must decide is decided for them, and no column gives a
// field that it does not mean. What is asked for without need is counted.
func TestHeaderKnowsWhatProgramsWrite(t *testing.T) {
	for _, tc := range []struct {
		file         string
		field, leave int // how many at most are asked for, though they give a field or can be left out
	}{
		{"headers.csv", 1, 15},
		{"more.csv", 5, 47},
	} {
		t.Run(tc.file, func(t *testing.T) {
			all := scores(t, programRows(t, tc.file))
			for _, kind := range slices.Sorted(maps.Keys(all)) {
				t.Logf("%s: %v", kind, all[kind])
			}
			if field := all["field"]; field.wrong > 0 || field.leftOut > 0 || field.asked > tc.field {
				t.Errorf("fields: %v", field)
			}
			if leave := all["-"]; leave.wrong > 0 || leave.asked > tc.leave {
				t.Errorf("to be left out: %v", leave)
			}
			if ask := all["?"]; ask.wrong > 0 || ask.leftOut > 0 {
				t.Errorf("to be asked for: %v", ask)
			}
		})
	}
}
