package guest

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// The tables and what their notes mean: testdata/conformance/README.md.

func TestEmailsAgreeWithServer(t *testing.T) {
	for _, row := range conformanceRows(t, "emails.csv") {
		want := row.valid && !strings.Contains(row.note, "dns=never")
		value := Trim(row.input)
		problem := "is missing"
		if value != "" {
			problem = emailProblem(value).String()
		}
		row.check(t, problem, want)
	}
}

func TestURLsAgreeWithServer(t *testing.T) {
	checkOptional(t, "urls.csv", urlProblem)
}

func TestTimezonesAgreeWithServer(t *testing.T) {
	checkOptional(t, "timezones.csv", timezoneProblem)
}

func TestDatetimesAgreeWithServer(t *testing.T) {
	checkOptional(t, "datetimes.csv", datetimeProblem)
}

func TestLengthsAgreeWithServer(t *testing.T) {
	for _, row := range conformanceRows(t, "lengths.csv") {
		value := Trim(row.input)
		if got, want := utf8.RuneCountInString(value), row.number(t, "length="); got != want {
			t.Errorf("%s: %d characters after trimming, server: %d", row, got, want)
		}
		row.check(t, lengthProblem(value, row.number(t, "max=")).String(), row.valid)
	}
}

func checkOptional(t *testing.T, file string, problem func(string) *fault) {
	t.Helper()
	for _, row := range conformanceRows(t, file) {
		value := Trim(row.input)
		if value == "" {
			row.check(t, "", row.valid)
			continue
		}
		row.check(t, problem(value).String(), row.valid)
	}
}

type conformanceRow struct {
	input, note string
	valid       bool
}

func (r conformanceRow) String() string { return quote(r.input) + " (" + r.note + ")" }

func (r conformanceRow) check(t *testing.T, problem string, valid bool) {
	t.Helper()
	if (problem == "") != valid {
		t.Errorf("%s: valid=%t wanted, problem %q found", r, valid, problem)
	}
}

// number is the value of a part of the note.
func (r conformanceRow) number(t *testing.T, name string) int {
	t.Helper()
	for part := range strings.SplitSeq(r.note, "; ") {
		if digits, found := strings.CutPrefix(part, name); found {
			n, err := strconv.Atoi(digits)
			if err != nil {
				t.Fatalf("%s: %v", r, err)
			}
			return n
		}
	}
	t.Fatalf("%s: no %s", r, name)
	return 0
}

func conformanceRows(t *testing.T, file string) []conformanceRow {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "conformance", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []conformanceRow
	for _, record := range records[1:] {
		row := conformanceRow{input: record[0], note: record[2], valid: record[1] == "true"}
		if row.note == "json" || strings.HasPrefix(row.note, "json;") {
			if err := json.Unmarshal([]byte(record[0]), &row.input); err != nil {
				t.Fatalf("%s: %v", row, err)
			}
		}
		rows = append(rows, row)
	}
	return rows
}
