package workbook_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/workbook"
)

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestConvertReadsWhatLibreOfficeWrites(t *testing.T) {
	got, info := mustConvert(t, testdata(t, "libreoffice.xlsx"))
	want := "E-mail,Phone,Mobile,Start,Seen,Full address,Looked up,Active,Note\n" +
		"ann@example.com,+49 30 123456,4915112345678,12/9/2025,09.12.2025 10:30,<ann@example.com>,#N/A,TRUE,\"two\nlines\"\n" +
		"\n\n" +
		"bob@example.org,0049 30 1,+49 151,12/10/2025,10.12.2025 12:00,<bob@example.org>,#N/A,FALSE,\"Jürgen, \"\"Jo\"\"\"\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wantInfo := workbook.Info{Sheet: "Gäste", Others: []string{"Alt"}, Hidden: 1, Errors: workbook.Cells{Count: 2, First: "G2"}}
	if diff := cmp.Diff(wantInfo, info); diff != "" {
		t.Error(diff)
	}

	_, _, err := convert(t, testdata(t, "libreoffice.xls"), "")
	wantUnusable(t, err, "is an old Excel workbook (.xls)")
}
