package guest

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func writeRecords(t interface{ Fatal(...any) }, columns []string, records ...*Record) string {
	var out bytes.Buffer
	w, err := NewRecordWriter(&out, columns)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The columns are a promise of the command line.
func TestRecordColumns(t *testing.T) {
	const promised = "id,email,first_name,last_name,company_name,phone_1,phone_2,timezone,status,company_url,contact_url,image_url," +
		"opportunity_url,opportunity_name,external_sync_source,external_date_creation,associated_members,created_at," +
		"last_accessed_at,last_known_ip,last_known_country,last_city,last_country,cadence_days,disabled_at,disabled_by," +
		"reactivated_at,reactivated_by,deleted_at,stats_assigned_tasks,stats_tasks_completed,stats_last_task_completed_at," +
		"stats_one_off_tasks_completed,stats_last_one_off_task_completed_at"
	if got := strings.Join(RecordColumns(false), ","); got != promised {
		t.Errorf("columns are\n%s, want\n%s", got, promised)
	}
	if got := strings.Join(RecordColumns(true), ","); got != promised+",link" {
		t.Errorf("with links the columns are\n%s", got)
	}
}

func TestRecordColumnFindsEveryColumn(t *testing.T) {
	var r Record
	cells := map[*string]string{}
	for _, name := range RecordColumns(true) {
		cell := r.Column(name)
		if cell == nil {
			t.Fatalf("no cell for %s", name)
		}
		if other, ok := cells[cell]; ok {
			t.Errorf("%s and %s share a cell", name, other)
		}
		cells[cell] = name
		*cell = name
	}
	if r.Column("no such") != nil {
		t.Error("a column that is none has a cell")
	}
	// What stands in each cell is its own name, so the written row repeats the header.
	lines := strings.Split(writeRecords(t, RecordColumns(true), &r), "\n")
	if lines[0] != lines[1] {
		t.Errorf("columns are written out of place:\n%s\n%s", lines[0], lines[1])
	}
}

func TestRecordWriter(t *testing.T) {
	r := &Record{ID: "7", Guest: Guest{Email: "ann@acme.com", FirstName: "=1+1", LastName: "a,\"b\"\nc"}}
	for _, tc := range []struct {
		name    string
		columns []string
		want    string
	}{
		{"the user's order", []string{"last_name", "id"}, "last_name,id\n\"a,\"\"b\"\"\nc\",7\n"},
		{"formulas as they are", []string{"first_name"}, "first_name\n=1+1\n"},
		{"one empty cell is still a row", []string{"phone_1"}, "phone_1\n\"\"\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, writeRecords(t, tc.columns, r)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRecordWriterRefusesColumns(t *testing.T) {
	for _, tc := range []struct {
		name    string
		columns []string
		want    string
	}{
		{"unknown", []string{"e_mail"}, "did you mean email?"},
		{"twice", []string{"id", "email", "id"}, "the column id is asked for twice"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := NewRecordWriter(&bytes.Buffer{}, tc.columns)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v, want it to say %q", err, tc.want)
			}
		})
	}
}

// What guest writes, it reads back, but for blanks around values; with the protection
// of formulas every value, and without it all but those that look protected.
func TestWriterAndReaderAgree(t *testing.T) {
	cell := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("a,;\"\r\n\t '=+@é\u00a0\ufeff|"))))
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *Record {
			var r Record
			for _, name := range RecordColumns(false) {
				*r.Column(name) = cell.Draw(t, name)
			}
			r.Email = "x" + r.Email // so that no row is blank
			return &r
		}), 0, 5).Draw(t, "records")
		protect := rapid.Bool().Draw(t, "protect")
		var written []*Record
		for _, record := range records {
			r := *record
			for _, name := range RecordColumns(false) {
				if cell := r.Column(name); protect {
					*cell = EscapeFormula(*cell)
				}
			}
			written = append(written, &r)
		}
		file := writeRecords(t, RecordColumns(false), written...)
		in, err := NewReader(strings.NewReader(file), ReaderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range records {
			row, err := in.Read()
			if err != nil || row.Unread != "" {
				t.Fatalf("row %d: %v %q", i+1, err, row.Unread)
			}
			for f := range NumFields {
				value := want.Get(f)
				if !protect {
					value = UnescapeFormula(value)
				}
				if got, want := row.Guest.Get(f), Trim(value); got != want {
					t.Fatalf("row %d: %s is %q, want %q", i+1, f, got, want)
				}
			}
		}
		if row, err := in.Read(); err == nil {
			t.Fatalf("there is one row more: %v", row)
		}
	})
}

func BenchmarkRecordWriter(b *testing.B) {
	r := &Record{
		ID: "1234", Guest: Guest{Email: "jane.doe@acme.example.com", FirstName: "Jane", LastName: "Doe", CompanyName: "ACME", Timezone: "America/New_York"},
		CreatedAt: "2025-01-15 10:30:00", LastAccessedAt: "2025-05-15 10:00:00", StatsAssignedTasks: "2",
	}
	b.Run("encoding/csv", func(b *testing.B) {
		w := csv.NewWriter(&bytes.Buffer{})
		var cells []string
		for _, name := range RecordColumns(false) {
			cells = append(cells, *r.Column(name))
		}
		for b.Loop() {
			if err := w.Write(cells); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("RecordWriter", func(b *testing.B) {
		w, err := NewRecordWriter(&bytes.Buffer{}, RecordColumns(false))
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := w.Write(r); err != nil {
				b.Fatal(err)
			}
		}
	})
}
