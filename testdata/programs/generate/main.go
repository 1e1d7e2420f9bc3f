// Generate writes the files of testdata/programs: people as the programs that
// they are kept in write them, each in the charset, with the delimiter, line
// ends, quotes and oddities of its program.
//
//	go run ./testdata/programs/generate
//
// Header rows come from guest/testdata/headers/headers.csv. Everybody is
// invented: addresses lie below example.com, .net and .org, phones in the ranges
// that the numbering authorities keep for fiction. Each run writes the same
// bytes. Only libreoffice.xlsx is not written here, but by LibreOffice from
// libreoffice.fods:
//
//	soffice --headless --convert-to xlsx --outdir testdata/programs testdata/programs/generate/libreoffice.fods
package main

import (
	"encoding/csv"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	out := flag.String("o", filepath.Join("testdata", "programs"), "the `folder` to write to")
	flag.Parse()
	if err := generate(*out); err != nil {
		log.Fatal(err)
	}
}

func generate(folder string) error {
	headers, err := readHeaders(filepath.Join("guest", "testdata", "headers", "headers.csv"))
	if err != nil {
		return err
	}
	write := func(name string, content []byte, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return os.WriteFile(filepath.Join(folder, name), content, 0o644)
	}
	var files []file
	for _, some := range [][]file{addressBooks(), outlookOfOtherLanguages(), customers(), staff(), sheets(), savedByExcel()} {
		files = append(files, some...)
	}
	for _, f := range files {
		content, err := f.bytes(headers)
		if err := write(f.name, content, err); err != nil {
			return err
		}
	}
	for name, make := range map[string]func() ([]byte, error){"excel.xlsx": excel, "google-sheets.xlsx": googleSheets} {
		content, err := make()
		if err := write(name, content, err); err != nil {
			return err
		}
	}
	return nil
}

// readHeaders returns the header row of each program.
func readHeaders(path string) (map[string][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	headers := map[string][]string{}
	for _, record := range records[1:] {
		headers[record[0]] = append(headers[record[0]], record[1])
	}
	return headers, nil
}
