package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// excel is a workbook with what people do in Excel: dates and phones that are
// numbers, codes with leading zeros, a filter, a formula, and another sheet.
func excel() ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	const sheet = "Contractors"
	b := book{File: f}
	b.do(f.SetSheetName("Sheet1", sheet))
	datetime := b.style("yyyy-mm-dd hh:mm:ss")
	day := b.style("dd.mm.yyyy")
	zeros := b.style("00000000000")

	header := []any{"First Name", "Last Name", "Email", "Work Phone", "Mobile Phone", "Company Name", "Created at", "Start date"}
	b.row(sheet, 1, header...)
	b.row(sheet, 2, "Jürgen", "Größmann", "juergen@groessmann.example.com", 4930231255011, 3023125502, "Größmann GmbH", time.Date(2024, 3, 11, 9, 41, 0, 0, time.UTC), time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC))
	b.row(sheet, 3, "Zoë", "O’Brien", "zoe@obrien.example.org", "(212) 555-0197", 12125550198, nil, time.Date(2023, 12, 31, 23, 5, 59, 0, time.UTC), nil)
	b.row(sheet, 4, "Filtered", "Out", "filtered.out@example.net", nil, nil, "Not to be invited", nil, nil)
	b.row(sheet, 6, "太郎", "鈴木", "taro@suzuki.example.net", "+44 20 7946 0109", nil, "鈴木, 田中 & Co", nil, nil)
	b.row(sheet, 7, "Wrong", "Address", "wrong.address.example.com", nil, nil, nil, nil, nil)

	b.do(f.SetCellStyle(sheet, "G2", "G7", datetime))
	b.do(f.SetCellStyle(sheet, "H2", "H7", day))
	b.do(f.SetCellStyle(sheet, "E2", "E2", zeros)) // a national number: its zero is in the format
	b.do(f.SetCellHyperLink(sheet, "C2", "mailto:juergen@groessmann.example.com", "External"))
	b.do(f.SetCellFormula(sheet, "F3", `B3&" & "&A3`))
	b.do(f.SetRowVisible(sheet, 4, false))

	_, err := f.NewSheet("Archive 2019")
	b.do(err)
	b.row("Archive 2019", 1, "email", "first_name", "last_name")
	b.row("Archive 2019", 2, "old@archive.example.com", "Émile", "Ancien")
	if b.err != nil {
		return nil, b.err
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	// Excel keeps what a formula came to beside it; excelize cannot write that.
	return replaced(out.Bytes(), "xl/worksheets/sheet1.xml", "</f></c>", "</f><v>O’Brien &amp; Zoë</v></c>")
}

// replaced returns a zip archive in which one part has a new text once.
func replaced(archive []byte, part, old, text string) ([]byte, error) {
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		content, err := fs.ReadFile(r, f.Name)
		if err != nil {
			return nil, err
		}
		if f.Name == part {
			if bytes.Count(content, []byte(old)) != 1 {
				return nil, fmt.Errorf("%s does not have %q once", part, old)
			}
			content = bytes.Replace(content, []byte(old), []byte(text), 1)
		}
		entry, err := w.Create(f.Name)
		if err != nil {
			return nil, err
		}
		if _, err := entry.Write(content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// book remembers the first error.
type book struct {
	*excelize.File
	err error
}

func (b *book) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) style(format string) int {
	id, err := b.NewStyle(&excelize.Style{CustomNumFmt: &format})
	b.do(err)
	return id
}

func (b *book) row(sheet string, n int, cells ...any) {
	b.do(b.SetSheetRow(sheet, fmt.Sprintf("A%d", n), &cells))
}

// googleSheets is a workbook as Google Sheets downloads it: every row and cell of
// the grid is there with a style, empty or not, and the texts stand in a shared list.
func googleSheets() ([]byte, error) {
	const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	const main = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	const office, pack = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/", "http://schemas.openxmlformats.org/package/2006/"
	const kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	sheet, texts := googleSheet([][]string{
		{"First Name", "Last Name", "Email", "Phone", "Company", "Timezone", "Created at"},
		{"Lucía", "Peñalver", "lucia@penalver.example.com", "+44 20 7946 0110", "Peñalver, S.L.", "Europe/Madrid", "=45362.403472222224"},
		{"Ólafur", "Þór", "olafur@thor.example.org", "=442079460112", "Þór ehf.", "Atlantic/Reykjavik", "=45291.0"},
		{"دانا", "مثال", "dana@example.net", "'0020794601", "", "UTC", ""},
	}, 40)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range [][2]string{
		{"xl/sharedStrings.xml", head + `<sst ` + main + fmt.Sprintf(` count="%d" uniqueCount="%d">`, strings.Count(texts, "<si>"), strings.Count(texts, "<si>")) + texts + `</sst>`},
		{"xl/worksheets/sheet1.xml", head + `<worksheet ` + main + `><sheetPr><outlinePr summaryBelow="0" summaryRight="0"/></sheetPr><sheetViews><sheetView workbookViewId="0"/></sheetViews>` +
			`<sheetFormatPr customHeight="1" defaultColWidth="12.63" defaultRowHeight="15.75"/><sheetData>` + sheet + `</sheetData></worksheet>`},
		{"xl/styles.xml", head + `<styleSheet ` + main + `><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd hh:mm:ss"/></numFmts>` +
			`<fonts count="1"><font><sz val="10.0"/><name val="Arial"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="lightGray"/></fill></fills>` +
			`<borders count="1"><border/></borders><cellStyleXfs count="1"><xf borderId="0" fillId="0" fontId="0" numFmtId="0"/></cellStyleXfs>` +
			`<cellXfs count="3"><xf borderId="0" fillId="0" fontId="0" numFmtId="0" xfId="0"/><xf borderId="0" fillId="0" fontId="0" numFmtId="164" xfId="0" applyNumberFormat="1"/>` +
			`<xf quotePrefix="1" borderId="0" fillId="0" fontId="0" numFmtId="0" xfId="0"/></cellXfs><cellStyles count="1"><cellStyle xfId="0" name="Normal" builtinId="0"/></cellStyles></styleSheet>`},
		{"xl/_rels/workbook.xml.rels", head + `<Relationships xmlns="` + pack + `relationships"><Relationship Id="rId1" Type="` + office + `sharedStrings" Target="sharedStrings.xml"/>` +
			`<Relationship Id="rId2" Type="` + office + `styles" Target="styles.xml"/><Relationship Id="rId3" Type="` + office + `worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/workbook.xml", head + `<workbook ` + main + `><workbookPr/><sheets><sheet state="visible" name="Freelancers" sheetId="1" r:id="rId3"/></sheets><definedNames/><calcPr/></workbook>`},
		{"_rels/.rels", head + `<Relationships xmlns="` + pack + `relationships"><Relationship Id="rId1" Type="` + office + `officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"[Content_Types].xml", head + `<Types xmlns="` + pack + `content-types"><Default ContentType="application/xml" Extension="xml"/>` +
			`<Default ContentType="application/vnd.openxmlformats-package.relationships+xml" Extension="rels"/><Override ContentType="` + kind + `worksheet+xml" PartName="/xl/worksheets/sheet1.xml"/>` +
			`<Override ContentType="` + kind + `sharedStrings+xml" PartName="/xl/sharedStrings.xml"/><Override ContentType="` + kind + `styles+xml" PartName="/xl/styles.xml"/>` +
			`<Override ContentType="` + kind + `sheet.main+xml" PartName="/xl/workbook.xml"/></Types>`},
	} {
		entry, err := w.Create(part[0])
		if err != nil {
			return nil, err
		}
		if _, err := entry.Write([]byte(part[1])); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// googleSheet writes cells, and empty rows up to a height. A cell that begins
// with = is the number after it, in the last column a moment; one that begins
// with ' is a text of digits.
func googleSheet(rows [][]string, height int) (sheet, texts string) {
	var s, list strings.Builder
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	n := 0
	for i := range height {
		fmt.Fprintf(&s, `<row r="%d" ht="15.75" customHeight="1">`, i+1)
		for j := range rows[0] {
			place := fmt.Sprintf("%c%d", 'A'+j, i+1)
			cell := ""
			if i < len(rows) {
				cell = rows[i][j]
			}
			style := 0
			if number, ok := strings.CutPrefix(cell, "="); ok {
				if j == len(rows[0])-1 {
					style = 1
				}
				fmt.Fprintf(&s, `<c r="%s" s="%d"><v>%s</v></c>`, place, style, number)
				continue
			}
			if cell == "" {
				fmt.Fprintf(&s, `<c r="%s" s="0"/>`, place)
				continue
			}
			if digits, ok := strings.CutPrefix(cell, "'"); ok {
				cell, style = digits, 2
			}
			fmt.Fprintf(&s, `<c r="%s" s="%d" t="s"><v>%d</v></c>`, place, style, n)
			fmt.Fprintf(&list, `<si><t>%s</t></si>`, escape.Replace(cell))
			n++
		}
		s.WriteString(`</row>`)
	}
	return s.String(), list.String()
}
