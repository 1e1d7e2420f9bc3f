package workbook_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"testing"

	"guestlist/workbook"
)

func TestConvertNeverTakesHalfASheetForAWholeOne(t *testing.T) {
	whole := sheet(`<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>ann</t></is></c></row><row r="2"><c r="A2"><v>2</v></c></row></sheetData>`)
	for cut := range strings.Index(whole, "</sheetData>") + len("</sheetData>") {
		if _, _, err := convert(t, rows("").with("xl/worksheets/sheet1.xml", whole[:cut]).zip(t), ""); err == nil {
			t.Errorf("no error for %q", whole[:cut])
		}
	}
	texts := `<sst><si><t>ann</t></si><si><t>bob</t></si></sst>`
	cells := `<row><c t="s"><v>0</v></c></row>`
	for cut := range len(texts) {
		if _, _, err := convert(t, rows(cells).with("xl/sharedStrings.xml", texts[:cut]).zip(t), ""); err == nil {
			t.Errorf("no error for %q", texts[:cut])
		}
	}
}

func TestConvertRefusesWhatContradictsItself(t *testing.T) {
	const damaged = "is a damaged or incomplete workbook"
	blanks := strings.Repeat(" ", 1200<<10)
	long := strings.Repeat("x", 800<<10)
	for _, tc := range []struct {
		name string
		book files
		want string
	}{
		{"a text that is not there", rows(`<row><c t="s"><v>7</v></c></row>`).texts("<t>a</t>"), damaged},
		{"a text before the first", rows(`<row><c t="s"><v>-1</v></c></row>`).texts("<t>a</t>"), damaged},
		{"a text without a number", rows(`<row><c t="s"><v>x</v></c></row>`).texts("<t>a</t>"), damaged},
		{"rows in no order", rows(`<row r="2"><c><v>2</v></c></row><row r="1"><c><v>1</v></c></row>`), damaged},
		{"a row twice", rows(`<row r="2"><c><v>2</v></c></row><row r="2"><c><v>1</v></c></row>`), damaged},
		{"row nought", rows(`<row r="0"><c><v>2</v></c></row>`), damaged},
		{"a row without a number", rows(`<row r="x"><c><v>2</v></c></row>`), damaged},
		{"a row after the last", rows(`<row r="1048577"><c><v>2</v></c></row>`), damaged},
		{"a column after the last", rows(`<row><c r="XFE1"><v>2</v></c></row>`), damaged},
		{"too many cells", rows(`<row>` + strings.Repeat("<c/>", 1<<14+1) + `</row>`), damaged},
		{"a cell again and again", rows(`<row>` + strings.Repeat(`<c r="A1"/>`, 1<<14+1) + `</row>`), damaged},
		{"a cell of another row", rows(`<row r="2"><c r="A3"><v>2</v></c></row>`), damaged},
		{"cells of two rows", rows(`<row><c r="A3"><v>2</v></c><c r="B4"/></row>`), damaged},
		{"a cell without letters", rows(`<row><c r="12"><v>2</v></c></row>`), damaged},
		{"a cell without digits", rows(`<row><c r="ABC"><v>2</v></c></row>`), damaged},
		{"a row that does not end", book(`<sheetData><row><c/></sheetData>`), damaged},
		{"a tag without end", rows("<row " + blanks + ">"), damaged},
		{"a large comment", rows("<!--" + blanks + "-->"), damaged},
		{"a value in many pieces", rows("<row><c><v>" + strings.Repeat(long+"<!-- -->", 3)), "more than 2 MiB of text in one row"},
		{"a text in many pieces", rows(`<row><c t="inlineStr"><is>` + strings.Repeat("<r><t>"+long+"</t></r>", 3)), "more than 2 MiB of text in one row"},
		{"a long text in many cells", rows(`<row r="3">` + strings.Repeat(`<c t="s"><v>0</v></c>`, 3) + `</row>`).texts("<t>" + long + "</t>"), "more than 2 MiB of text in row 3"},
		{"styles that are none", rows("").with("xl/styles.xml", "<styleSheet>"), damaged},
		{"a charset that does not exist", rows("").with("xl/worksheets/sheet1.xml", `<?xml version="1.0" encoding="klingon"?><worksheet/>`), damaged},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, err := convert(t, tc.book.zip(t), "")
			wantUnusable(t, err, tc.want)
		})
	}
}

// raw is a workbook whose sheet says of itself what the header says.
func raw(t *testing.T, header zip.FileHeader, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f := rows("")
	f[header.Name] = content
	for name, text := range f {
		h := zip.FileHeader{Name: name, CRC32: crc32.ChecksumIEEE([]byte(text)), CompressedSize64: uint64(len(text)), UncompressedSize64: uint64(len(text))}
		if name == header.Name {
			h.Flags, h.CRC32 = header.Flags, h.CRC32+header.CRC32
		}
		part, err := w.CreateRaw(&h)
		if err == nil {
			_, err = io.WriteString(part, text)
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

func TestConvertChecksTheArchive(t *testing.T) {
	const name = "xl/worksheets/sheet1.xml"
	text := sheet(`<sheetData><row><c><v>1</v></c></row></sheetData>`)
	if got, _ := mustConvert(t, raw(t, zip.FileHeader{Name: name}, text)); got != "1\n" {
		t.Errorf("CSV is %q", got)
	}
	_, _, err := convert(t, raw(t, zip.FileHeader{Name: name, CRC32: 1}, text), "")
	wantUnusable(t, err, "is a damaged or incomplete workbook")
	_, _, err = convert(t, raw(t, zip.FileHeader{Name: name, Flags: 1}, text), "")
	wantUnusable(t, err, "is protected by a password")
}

// many is a sheet of many rows.
func many(n int) files {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<row r="%d"><c r="A%d" t="inlineStr"><is><t>guest%d@example.com</t></is></c><c r="B%d"><v>%d</v></c></row>`, i+1, i+1, i, i+1, 4915100000000+i)
	}
	return rows(b.String())
}

// stopper cancels after some writes.
type stopper struct {
	stop context.CancelFunc
	size int
}

func (s *stopper) Write(p []byte) (int, error) {
	s.stop()
	s.size += len(p)
	return len(p), nil
}

func TestConvertStopsWhenItIsCancelled(t *testing.T) {
	// So little of the archive holds so many rows that it is read at once.
	content := rows(strings.Repeat(`<row><c t="inlineStr"><is><t>ann@example.com</t></is></c></row>`, 50000)).zip(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &stopper{stop: cancel}
	if _, err := workbook.Convert(ctx, bytes.NewReader(content), int64(len(content)), "", out); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want that of the context", err)
	}
	if out.size > 64<<10 {
		t.Errorf("%d bytes were written after the cancel", out.size)
	}
}

// failing is a file on a disk that fails from some place on.
type failing struct {
	io.ReaderAt
	from int64
}

var errDisk = errors.New("the disk is gone")

func (f failing) ReadAt(p []byte, offset int64) (int, error) {
	if offset+int64(len(p)) > f.from {
		return 0, errDisk
	}
	return f.ReaderAt.ReadAt(p, offset)
}

func (f failing) Write([]byte) (int, error) { return 0, errDisk }

func TestConvertTellsAFailureFromABadFile(t *testing.T) {
	content := many(5000).zip(t)
	for _, from := range []int64{0, 20, int64(len(content)) / 2} {
		_, err := workbook.Convert(t.Context(), failing{bytes.NewReader(content), from}, int64(len(content)), "", io.Discard)
		if !errors.Is(err, errDisk) {
			t.Errorf("reading fails from byte %d: error is %v", from, err)
		}
	}
	if _, err := workbook.Convert(t.Context(), bytes.NewReader(content), int64(len(content)), "", failing{}); !errors.Is(err, errDisk) {
		t.Errorf("writing fails: error is %v", err)
	}
}

func TestConvertLeavesNothingOnTheDisk(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, folder)
	}
	seen := watcher{t, folder}
	content := many(2000).styled("yyyy-mm-dd").zip(t)
	if _, err := workbook.Convert(t.Context(), bytes.NewReader(content), int64(len(content)), "", seen); err != nil {
		t.Error(err)
	}
	seen.look()
}

// watcher looks into the folder for temporary files whenever it is written to.
type watcher struct {
	t      *testing.T
	folder string
}

func (w watcher) Write(p []byte) (int, error) {
	w.look()
	return len(p), nil
}

func (w watcher) look() {
	if entries, err := os.ReadDir(w.folder); err != nil || len(entries) > 0 {
		w.t.Errorf("in the folder for temporary files: %v (%v)", entries, err)
	}
}

func FuzzConvert(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" s="1"><v>46000.5</v></c></row>`, "yyyy-mm-dd")
	f.Add(`<row r="2" hidden="1"><c s="1" t="str"><f>x</f><v>a</v></c></row><row><c s="1" t="inlineStr"><is><r><t>_x000D_</t></r></is></c></row>`, `0;-0;"none";"("@")"`)
	f.Add(`<row ht="0"/><row><c t="s"><v>0</v></c><c r="C2" t="e" s="1"><v>#N/A</v></c><c t="d" s="1"><v>2026-03-04</v></c></row>`, `[<=9999999]###\-####;\(###\)\ ###\-####`)
	f.Add(`<row><c s="1"><v>-1.5E-7</v></c><c s="1" t="b"><v>1</v></c></row>`, `_("$"* #,##0.00_);[Red][$-407]# ?/?;General" x"`)
	f.Add(`<row><c s="1"><v>0.5</v></c></row>`, `[$-F400]h:mm:ss\ AM/PM`)
	f.Fuzz(func(t *testing.T, inside, format string) {
		content := rows(inside).styled(escape(format)).texts("<t>a</t>").zip(t)
		out, info, err := convert(t, content, "")
		if err != nil {
			var unusable *workbook.Unusable
			if !errors.As(err, &unusable) {
				t.Fatalf("error is %v, want an Unusable", err)
			}
			return
		}
		if info.Sheet != "Guests" || out == "" {
			t.Errorf("%q of sheet %q", out, info.Sheet)
		}
		r := csv.NewReader(strings.NewReader(out))
		r.FieldsPerRecord = -1
		if records, err := r.ReadAll(); err != nil || len(records) == 0 {
			t.Errorf("%q is %d records (%v)", out, len(records), err)
		}
	})
}
