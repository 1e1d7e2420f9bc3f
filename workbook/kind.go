package workbook

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// Unusable says why a file cannot be read, and what to do: a sentence without its beginning, the name of the file.
type Unusable struct {
	Problem string // such as: is an old Excel workbook (.xls): open it and save it as .xlsx
}

func (u *Unusable) Error() string { return u.Problem }

// magicLen is how many bytes tell what a file is.
const magicLen = 16

const (
	zipMagic  = "PK\x03\x04"
	oleMagic  = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	saveAgain = "open it and save it as .xlsx or \"CSV UTF-8\""
)

// Is tells whether a file may be an Excel workbook: whether it is a zip archive. Eight bytes of its beginning are enough.
// Convert says what it is if it is none.
func Is(head []byte) bool { return bytes.HasPrefix(head, []byte(zipMagic)) }

// Kind names other kinds of files that are taken for CSV files, by their beginning, and what to do with them; nothing
// when it knows none. Sixteen bytes are enough. Convert tells the kinds of old workbooks apart.
func Kind(head []byte) (what, way string) {
	for _, kind := range []struct{ magic, what, way string }{
		{oleMagic, "an old Excel workbook (.xls), or one with a password", saveAgain},
		{"\x1f\x8b", "a gzip archive", "unpack it"},
		{"BZh", "a bzip2 archive", "unpack it"},
		{"\xfd7zXZ\x00", "an xz archive", "unpack it"},
		{"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it"},
		{"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"},
		{"Rar!\x1a\x07", "a RAR archive", "unpack it"},
		{"PK\x05\x06", "an empty zip archive", "look for the file that belongs into it"},
		{"%PDF-", "a PDF file", "take the file that it was printed from"},
		{"{\\rtf", "a text document (RTF)", "put the table into a spreadsheet and save that as .xlsx or \"CSV UTF-8\""},
		{"BEGIN:VCARD", "a file of contact cards (vCard)", "export the contacts as CSV instead"},
		{"{\"", "a JSON file", "export the list as CSV or .xlsx instead"},
		{"[{", "a JSON file", "export the list as CSV or .xlsx instead"},
		{"{\n", "a JSON file", "export the list as CSV or .xlsx instead"},
		{"[\n", "a JSON file", "export the list as CSV or .xlsx instead"},
		{"<?xml", "an XML file", saveAgain},
		{"<html", "a web page", saveAgain},
		{"<!doctype html", "a web page", saveAgain},
		{"<table", "a web page", saveAgain},
	} {
		if len(head) >= len(kind.magic) && strings.EqualFold(string(head[:len(kind.magic)]), kind.magic) {
			return kind.what, kind.way
		}
	}
	return "", ""
}

// refuse says what a file is that is no zip archive.
func refuse(src *watchedReader, size int64) error {
	head := make([]byte, min(size, magicLen))
	if _, err := src.ReadAt(head, 0); src.err != nil {
		return err
	}
	switch {
	case Is(head):
		return nil
	case strings.HasPrefix(string(head), oleMagic):
		return &Unusable{oleProblem(src)}
	}
	if what, way := Kind(head); what != "" {
		return &Unusable{"is " + what + ": " + way}
	}
	return &Unusable{"is no Excel workbook"}
}

// oleProblem tells apart what Microsoft's old container holds, by the names of the streams in its folder.
func oleProblem(src *watchedReader) string {
	const enough = 16 << 10 // the folder's first 128 entries
	head := make([]byte, 512)
	if _, err := src.ReadAt(head, 0); err == nil {
		shift := min(binary.LittleEndian.Uint16(head[30:]), 12)
		sector := int64(binary.LittleEndian.Uint32(head[48:]))
		folder := make([]byte, enough)
		n, _ := src.ReadAt(folder, (sector+1)<<shift) // a short one is what there is
		for _, kind := range []struct{ stream, problem string }{
			{"EncryptedPackage", "is protected by a password: open it in Excel, take the password off (File > Info > Protect Workbook) and save it again"},
			{"Workbook", "is an old Excel workbook (.xls): " + saveAgain},
			{"Book", "is a very old Excel workbook (.xls): " + saveAgain},
			{"WordDocument", "is a Word document (.doc): put the table into a spreadsheet and save that as .xlsx or \"CSV UTF-8\""},
			{"__properties_version1.0", "is an Outlook message (.msg): save the file that is attached to it"},
		} {
			if bytes.Contains(folder[:n], utf16Bytes(kind.stream+"\x00")) {
				return kind.problem
			}
		}
	}
	return "is an old Office file: " + saveAgain
}

func utf16Bytes(s string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return b
}

// foreign says what else a zip archive is, when the part that should list the sheets is not what it must be; "" when
// nothing speaks against it.
func (p parts) foreign(list string) string {
	switch {
	case strings.HasSuffix(list, ".bin"):
		return "is a binary Excel workbook (.xlsb): " + saveAgain
	case p.has("content.xml") && p.has("mimetype"):
		return "is an OpenDocument file (.ods): " + saveAgain
	case p.has("Index/Document.iwa") || p.has("Index.zip"):
		return "is an Apple Numbers file: export it as Excel (.xlsx) or CSV (File > Export To)"
	case p.has("word/document.xml"):
		return "is a Word document (.docx): put the table into a spreadsheet and save that as .xlsx or \"CSV UTF-8\""
	case p.has("ppt/presentation.xml"):
		return "is a PowerPoint presentation: put the table into a spreadsheet and save that as .xlsx or \"CSV UTF-8\""
	case p.has(list):
		return ""
	}
	for name := range p.files {
		if strings.HasSuffix(name, ".xlsx") || strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".xlsm") {
			return "is a zip archive with files in it: unpack it and take the one with the guests"
		}
	}
	return "is a zip archive, but no Excel workbook: unpack it and take the file with the guests"
}
