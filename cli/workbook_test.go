package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"guestlist/sandbox"
	"guestlist/workbook"
)

func TestDescribeWorkbook(t *testing.T) {
	got := describeWorkbook(workbook.Info{
		Sheet: "June", Others: []string{"May", "April"}, Hidden: 2, HiddenColumns: []string{"C", "F"},
		Errors:       workbook.Cells{Count: 1, First: "C7"},
		Merged:       workbook.Cells{Count: 2, First: "D2:D4"},
		Uncalculated: workbook.Cells{Count: 3, First: "E2"},
	})
	golden(t, "workbook.txt", strings.Join(got, "\n")+"\n")
	if lines := describeWorkbook(workbook.Info{Sheet: "June"}); len(lines) > 0 {
		t.Errorf("a plain workbook is remarked on: %q", lines)
	}
}

// The line of a row is its row in the sheet, whatever stands in the cells above.
func TestLinesOfAWorkbookAreRowsOfTheSheet(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	book := excelize.NewFile()
	for cell, value := range map[string]string{
		"A1": "Email", "B1": "Company", "A2": "ann@acme.example.com", "B2": "Acme\nInc\nBerlin", "A4": "bob@acme.example.com", "A5": "wrong",
	} {
		if err := book.SetCellStr("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SaveAs("people.xlsx"); err != nil {
		t.Fatal(err)
	}
	code, stderr := d.run("validate", "people.xlsx")
	if code != exitInvalid || !strings.Contains(stderr, `line 5, "Email" "wrong"`) {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
	plan, err := os.ReadFile("people.xlsx.plan.csv")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for row := range strings.Lines(string(plan)) {
		cells := strings.SplitN(row, ",", 3)
		lines = append(lines, cells[0]+" "+cells[1])
	}
	if diff := cmp.Diff([]string{"row line", "1 2", "2 4", "3 5"}, lines); diff != "" {
		t.Errorf("rows and lines (-want +got):\n%s", diff)
	}
}
