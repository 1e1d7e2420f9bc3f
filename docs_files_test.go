package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// putDocsFiles puts the files of testdata/docs into a folder, and under the names
// that the pages give them those that programs wrote. A file NAME.xlsx.csv becomes
// the workbook.
func putDocsFiles(t *testing.T, dir string) {
	t.Helper()
	for name, from := range map[string]string{
		"google.csv": "google-2024.csv", "outlook.csv": "outlook-english.csv", "outlook-com.csv": "outlook-com.csv",
		"hubspot.csv": "hubspot.csv", "salesforce.csv": "salesforce-report.csv", "pipedrive.csv": "pipedrive.csv",
		"zendesk.csv": "zendesk.csv", "xero.csv": "xero.csv",
		"google-sheets.xlsx": "google-sheets.xlsx", "excel.xlsx": "excel.xlsx", "polish.csv": "sheet-polish.csv",
	} {
		copyFile(t, filepath.Join(programs, from), filepath.Join(dir, name))
	}
	copyFile(t, "samples/migration-1000.csv", filepath.Join(dir, "suppliers.csv"))
	paths, err := filepath.Glob("testdata/docs/*")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files for the pages: %v", err)
	}
	for _, path := range paths {
		name := filepath.Join(dir, filepath.Base(path))
		if book, ok := strings.CutSuffix(name, ".xlsx.csv"); ok {
			writeWorkbook(t, path, book+".xlsx")
			continue
		}
		copyFile(t, path, name)
	}
}

func writeWorkbook(t *testing.T, from, to string) {
	t.Helper()
	f, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	book := excelize.NewFile()
	defer book.Close()
	for i, line := range lines {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &line); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SaveAs(to); err != nil {
		t.Fatal(err)
	}
}
