package workbook_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"guestlist/workbook"
)

// ole is a container of Microsoft's older programs with one stream in its folder.
func ole(stream string) []byte {
	b := make([]byte, 3*512)
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	binary.LittleEndian.PutUint16(b[30:], 9)                                                // sectors of 512 bytes
	binary.LittleEndian.PutUint32(b[48:], 1)                                                // the folder is the second one
	for place, name := range map[int]string{512: "EncryptedPackage", 2*512 + 128: stream} { // the first is no part of the folder
		for i, unit := range utf16.Encode([]rune(name)) {
			binary.LittleEndian.PutUint16(b[place+2*i:], unit)
		}
	}
	return b
}

func TestConvertSaysWhatToDoWithOtherFiles(t *testing.T) {
	plain := rows(`<row><c><v>1</v></c></row>`)
	for _, tc := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"password", ole("EncryptedPackage"), "is protected by a password: open it in Excel, take the password off"},
		{"old workbook", ole("Workbook"), `is an old Excel workbook (.xls): open it and save it as .xlsx or "CSV UTF-8"`},
		{"very old workbook", ole("Book"), "is a very old Excel workbook (.xls)"},
		{"Word, old", ole("WordDocument"), "is a Word document (.doc)"},
		{"Outlook message", ole("__properties_version1.0"), "is an Outlook message (.msg)"},
		{"another old file", ole("VisioDocument"), "is an old Office file"},
		{"an old file that is cut short", ole("Workbook")[:100], "is an old Office file"},
		{"binary workbook", files{"_rels/.rels": links("officeDocument", "xl/workbook.bin"), "xl/workbook.bin": ""}.zip(t), "is a binary Excel workbook (.xlsb)"},
		{"LibreOffice", files{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": ""}.zip(t), "is an OpenDocument file (.ods)"},
		{"Numbers", files{"Index/Document.iwa": ""}.zip(t), "is an Apple Numbers file: export it"},
		{"Word", files{"_rels/.rels": links("officeDocument", "word/document.xml"), "word/document.xml": ""}.zip(t), "is a Word document (.docx)"},
		{"PowerPoint", files{"ppt/presentation.xml": ""}.zip(t), "is a PowerPoint presentation"},
		{"a zip with the file in it", files{"readme.txt": "", "guests.xlsx": ""}.zip(t), "is a zip archive with files in it: unpack it and take the one with the guests"},
		{"another zip", files{"a.txt": ""}.zip(t), "is a zip archive, but no Excel workbook"},
		{"gzip", []byte("\x1f\x8b\x08"), "is a gzip archive: unpack it"},
		{"text", []byte("email\n"), "is no Excel workbook"},
		{"nothing", nil, "is no Excel workbook"},
		{"cut short", plain.zip(t)[:200], "is a damaged or incomplete workbook"},
		{"no sheet's XML", func() []byte { f := plain.with("a", ""); delete(f, "xl/worksheets/sheet1.xml"); return f.zip(t) }(), "is a damaged or incomplete workbook"},
		{"a list that is no list", plain.with("xl/workbook.xml", "<html/>").zip(t), "is a damaged or incomplete workbook"},
		{"no sheets", plain.with("xl/workbook.xml", list("", "")).zip(t), "is a damaged or incomplete workbook"},
		{"a chart alone", plain.with("xl/workbook.xml", list("", `<sheet name="Chart" r:id="rId6"/>`)).zip(t), "has no visible sheet with cells"},
		{"an empty sheet", rows("").zip(t), `has nothing in its sheet "Guests"`},
		{"an empty sheet among others", rows("").with("xl/workbook.xml", list("", `<sheet name="Guests" r:id="rId1"/><sheet name="Old" r:id="rId2"/>`)).zip(t), `to read another of its sheets ("Old"), name it with --sheet`},
		{"all rows hidden", rows(`<row hidden="1"><c><v>1</v></c></row>`).zip(t), `shows nothing in its sheet "Guests": all its rows are hidden or filtered out`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, _, err := convert(t, tc.content, "")
			wantUnusable(t, err, tc.want)
			if out != "" {
				t.Errorf("wrote %q", out)
			}
		})
	}
}

func TestKindNamesFilesThatAreNoCSV(t *testing.T) {
	for _, tc := range []struct{ name, head, what, way string }{
		{"old workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls), or one with a password", "save it"},
		{"bzip2", "BZh9", "a bzip2 archive", "unpack it"},
		{"PDF", "%PDF-1.7", "a PDF file", "printed from"},
		{"web page", "<!DOCTYPE html>", "a web page", "save it"},
		{"contacts", "BEGIN:VCARD\r\n", "a file of contact cards (vCard)", "export"},
		{"JSON", "[{\"email\":\"a@b.com\"}]", "a JSON file", "export"},
		{"JSON over several lines", "{\n  \"data\": []\n}\n", "a JSON file", "export"},
		{"a CSV file", "email,first_name", "", ""},
		{"a CSV file with a mark", "\xef\xbb\xbfemail", "", ""},
		{"a short CSV file", "a", "", ""},
		{"a workbook", "PK\x03\x04", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			what, way := workbook.Kind([]byte(tc.head))
			if what != tc.what || !strings.Contains(way, tc.way) {
				t.Errorf("Kind is %q, %q, want %q, %q", what, way, tc.what, tc.way)
			}
			if got, want := workbook.Is([]byte(tc.head)), tc.name == "a workbook"; got != want {
				t.Errorf("Is is %v, want %v", got, want)
			}
		})
	}
}
