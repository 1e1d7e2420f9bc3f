package workbook_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"guestlist/workbook"
)

// files are the parts of a workbook that is written by hand, for what excelize does not write.
type files map[string]string

const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

// book is a workbook with one sheet "Guests", whose inside is given: its rows and what follows them.
func book(inside string) files {
	return files{
		"_rels/.rels":     links("officeDocument", "xl/workbook.xml"),
		"xl/workbook.xml": list("", `<sheet name="Guests" sheetId="1" r:id="rId1"/>`),
		"xl/_rels/workbook.xml.rels": links("worksheet", "worksheets/sheet1.xml", "worksheet", "worksheets/sheet2.xml", "worksheet", "worksheets/sheet3.xml",
			"styles", "styles.xml", "sharedStrings", "/xl/sharedStrings.xml", "chartsheet", "chartsheets/sheet1.xml"),
		"xl/worksheets/sheet1.xml": sheet(inside),
	}
}

func sheet(inside string) string {
	return head + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` + inside + `</worksheet>`
}

// rows is a book whose sheet has nothing but rows.
func rows(inside string) files { return book("<sheetData>" + inside + "</sheetData>") }

// list is the list of sheets.
func list(options, sheets string) string {
	return head + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="` + office + `">` + options + `<sheets>` + sheets + `</sheets></workbook>`
}

// links are relations rId1, rId2 and so on, each given by its kind and target.
func links(kindsAndTargets ...string) string {
	var b strings.Builder
	b.WriteString(head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for pair := range slices.Chunk(kindsAndTargets, 2) {
		id := string(rune('1' + strings.Count(b.String(), "<Relationship ")))
		b.WriteString(`<Relationship Id="rId` + id + `" Type="` + office + `/` + pair[0] + `" Target="` + pair[1] + `"/>`)
	}
	return b.String() + `</Relationships>`
}

// with is the workbook with another part.
func (f files) with(name, text string) files {
	f = maps.Clone(f)
	f[name] = text
	return f
}

// styled has a number format for each style from 1 on.
func (f files) styled(codes ...string) files {
	formats, styles := "", `<xf numFmtId="0"/>`
	for i, code := range codes {
		id := string(rune('0'+i/10)) + string(rune('0'+i%10))
		formats += `<numFmt numFmtId="2` + id + `" formatCode="` + strings.ReplaceAll(code, `"`, "&quot;") + `"/>`
		styles += `<xf numFmtId="2` + id + `"/>`
	}
	return f.with("xl/styles.xml", head+`<styleSheet><numFmts>`+formats+`</numFmts><cellXfs>`+styles+`</cellXfs></styleSheet>`)
}

// texts has shared texts, each the inside of an <si>.
func (f files) texts(inside ...string) files {
	return f.with("xl/sharedStrings.xml", head+`<sst><si>`+strings.Join(inside, "</si><si>")+`</si></sst>`)
}

func (f files) zip(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(f)) {
		header := &zip.FileHeader{Name: name}
		if len(f[name]) > 4<<10 {
			header.Method = zip.Deflate // not for what is small: making ready for it takes longest
		}
		part, err := w.CreateHeader(header)
		if err == nil {
			_, err = part.Write([]byte(f[name]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// convert gives the CSV of a sheet.
func convert(t testing.TB, content []byte, name string) (string, workbook.Info, error) {
	t.Helper()
	var out bytes.Buffer
	info, err := workbook.Convert(t.Context(), bytes.NewReader(content), int64(len(content)), name, &out)
	return out.String(), info, err
}

// mustConvert gives the CSV of the first sheet.
func mustConvert(t testing.TB, content []byte) (string, workbook.Info) {
	t.Helper()
	out, info, err := convert(t, content, "")
	if err != nil {
		t.Fatalf("Convert: %v", err)
	}
	return out, info
}

// wantUnusable checks that an error is an Unusable whose text has all the parts.
func wantUnusable(t testing.TB, err error, parts ...string) {
	t.Helper()
	var unusable *workbook.Unusable
	if !errors.As(err, &unusable) {
		t.Fatalf("error is %v, want an Unusable", err)
	}
	for _, part := range parts {
		if !strings.Contains(unusable.Problem, part) {
			t.Errorf("problem is %q, want %q in it", unusable.Problem, part)
		}
	}
}
