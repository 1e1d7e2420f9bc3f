package workbook_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/workbook"
)

func TestConvertShowsCellsAsTheirReaderSawThem(t *testing.T) {
	for _, tc := range []struct {
		name string
		book files
		want string
	}{
		{"shared texts", rows(`<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>0</v></c></row>`).texts(`<t>second</t>`, `<t>first</t>`), "first,second\n"},
		{"rich text is joined", rows(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`).texts(`<r><t>Jo</t></r><r><rPr><b/></rPr><t xml:space="preserve">hn </t></r><r><t>Doe</t></r>`), "John Doe\n"},
		{"how a text is pronounced is left out", rows(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`).texts(`<t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/>`), "東京\n"},
		{"a text in the cell itself", rows(`<row r="1"><c r="A1" t="inlineStr"><is><t>one</t></is></c><c r="B1" t="inlineStr"><is><r><t>t</t></r><r><t>wo</t></r><rPh><t>x</t></rPh></is></c></row>`), "one,two\n"},
		{"leading noughts and signs of a text", rows(`<row><c t="inlineStr"><is><t>0049 30</t></is></c><c t="inlineStr"><is><t>+49 30</t></is></c><c t="inlineStr"><is><t>'x</t></is></c></row>`), "0049 30,+49 30,'x\n"},
		{"a formula's value: text", rows(`<row r="1"><c r="A1" t="str"><f>B1&amp;"x"</f><v>ann@x.com</v></c></row>`), "ann@x.com\n"},
		{"a formula's value: number, truth, nothing", rows(`<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="b"><f>A1=2</f><v>1</v></c><c r="C1" t="str"><f>""</f><v></v></c><c r="D1"><v>3</v></c></row>`), "2,TRUE,,3\n"},
		{"truth values", rows(`<row r="1"><c r="A1" t="b"><v>1</v></c><c r="B1" t="b"><v>0</v></c></row>`), "TRUE,FALSE\n"},
		{"errors", rows(`<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1" t="e"><v>#REF!</v></c></row>`), "#N/A,#REF!\n"},
		{
			"a date in ISO form", rows(`<row r="1"><c r="A1" t="d"><v>2026-03-04</v></c><c r="B1" t="d"><v>2026-03-04T10:30:00.000</v></c><c r="C1" t="d" s="1"><v>2026-03-04T10:30:00Z</v></c><c r="D1" t="d"><v>soon</v></c><c r="E1" t="d"><v>10:30:00</v></c></row>`).styled(`d\.m\.yyyy`),
			"2026-03-04,2026-03-04 10:30:00,4.3.2026,soon,10:30:00\n",
		},
		{"an early date in ISO form", rows(`<row><c t="d"><v>1900-01-01</v></c><c t="d"><v>1900-02-28</v></c><c t="d"><v>1900-03-01</v></c></row>`), "1900-01-01,1900-02-28,1900-03-01\n"},
		{"the same value in two formats, and two values in one", rows(`<row><c s="1"><v>2.5</v></c><c s="2"><v>2.5</v></c><c s="2"><v>3.5</v></c><c s="2"><v>3.5</v></c></row>`).styled("0.00", "0.0%"), "2.50,250.0%,350.0%,350.0%\n"},
		{"line breaks", rows(`<row r="1"><c r="A1" t="inlineStr"><is><t>a` + "\n" + `b</t></is></c><c r="B1" t="inlineStr"><is><t>c_x000D_` + "\n" + `d&#13;e</t></is></c></row>`), "\"a\nb\",\"c\nd\ne\"\n"},
		{"characters in escaped form", rows(`<row r="1"><c r="A1" t="inlineStr"><is><t>a_x0009_b_x005F_x0041_ _x41_ _x00410 _xD83D__xDE00_</t></is></c></row>`), "a\tb_x0041_ _x41_ _x00410 😀\n"},
		{"quotes and commas", rows(`<row r="1"><c r="A1" t="inlineStr"><is><t>Smith, "Jo"</t></is></c><c r="B1"><v>1</v></c></row>`), "\"Smith, \"\"Jo\"\"\",1\n"},
		{"what is merged stands in the first cell", book(`<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"/><c r="C1"><v>3</v></c></row></sheetData><mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>`), "1,,3\n"},

		{"neither rows nor cells say where they stand", rows(`<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c/><c><v>3</v></c></row>`), "1,2\n\n,3\n"},
		{"cells in no order", rows(`<row r="1"><c r="C1"><v>3</v></c><c r="A1"><v>1</v></c><c><v>2</v></c></row>`), "1,2,3\n"},
		{"only cells say where they stand", rows(`<row><c r="B2"><v>1</v></c></row><row><c r="A4"><v>2</v></c></row>`), "\n,1\n\n2\n"},
		{"rows that are not there", rows(`<row r="3"><c r="A3"><v>1</v></c></row><row r="6"><c r="B6"><v>2</v></c></row>`), "\n\n1\n\n\n,2\n"},
		{"empty cells and rows at the end", rows(`<row r="1"><c r="A1"><v>1</v></c><c r="B1" s="3"/><c r="C1" t="s"/></row><row r="2"><c r="A2" s="1"/></row><row r="900"/>`), "1\n"},
		{"a cell far to the right", rows(`<row r="1"><c r="AB1"><v>1</v></c></row>`), ",,,,,,,,,,,,,,,,,,,,,,,,,,,1\n"},
		{"a prefix before every element", files{
			"_rels/.rels":               links("officeDocument", "/book.xml"),
			"book.xml":                  `<x:workbook xmlns:x="a" xmlns:r="b"><x:sheets><x:sheet name="S" r:id="rId1"/></x:sheets></x:workbook>`,
			"_rels/book.xml.rels":       links("worksheet", "a/../Sheet.XML"),
			"sheet.xml":                 `<x:worksheet xmlns:x="a"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>hello</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>`,
			"xl/worksheets/readme.html": "<broken",
		}, "hello\n"},
		{"parts that are named with a backslash", files{
			`_rels\.rels`:                 links("officeDocument", "xl/workbook.xml"),
			`xl\workbook.xml`:             list("", `<sheet name="S" r:id="rId1"/>`),
			`xl\_rels\workbook.xml.rels`:  links("worksheet", `worksheets\sheet1.xml`),
			`xl\worksheets\sheet1.xml`:    sheet(`<sheetData><row><c><v>1</v></c></row></sheetData>`),
			`xl\worksheets\something.xml`: "",
		}, "1\n"},
		{"another charset", rows("").with("xl/worksheets/sheet1.xml", `<?xml version="1.0" encoding="windows-1252"?><worksheet><sheetData><row><c t="inlineStr"><is><t>J`+"\xfc"+`rgen</t></is></c></row></sheetData></worksheet>`), "Jürgen\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, _ := mustConvert(t, tc.book.zip(t))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConvertLeavesHiddenRowsOut(t *testing.T) {
	got, info := mustConvert(t, rows(`<row r="1"><c r="A1"><v>1</v></c></row>
		<row r="2" hidden="1"><c r="A2"><v>2</v></c><c r="B2" t="e"><v>#N/A</v></c><c r="C2"><f>1</f></c></row>
		<row r="3" hidden="true"><c r="A3" s="1"/></row>
		<row r="4" ht="0" customHeight="1"><c r="A4"><v>4</v></c></row>
		<row r="5" hidden="false" ht="12.8"><c r="A5"><v>5</v></c></row>`).zip(t))
	if want := "1\n\n\n\n5\n"; got != want {
		t.Errorf("CSV is %q, want %q", got, want)
	}
	if want := (workbook.Info{Sheet: "Guests", Hidden: 2}); !cmp.Equal(want, info) {
		t.Error(cmp.Diff(want, info))
	}
}

func TestConvertReadsHiddenColumnsAndTellsWhich(t *testing.T) {
	got, info := mustConvert(t, book(`<cols><col min="1" max="1" width="9"/><col min="2" max="3" hidden="1"/><col min="5" max="9999999" hidden="true"/><col min="x" max="1" hidden="1"/></cols>`+
		`<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c><c r="D1"><v>4</v></c></row><row r="2"><c r="E2"><v>5</v></c></row><row r="3" hidden="1"><c r="F3"><v>6</v></c></row></sheetData>`).zip(t))
	if want := "1,2,,4\n,,,,5\n"; got != want {
		t.Errorf("CSV is %q, want %q", got, want)
	}
	if diff := cmp.Diff([]string{"B", "E"}, info.HiddenColumns); diff != "" {
		t.Errorf("hidden columns (-want +got):\n%s", diff)
	}
}

func TestConvertKnowsRowsThatAreHiddenUnlessTheySayOtherwise(t *testing.T) {
	got, info := mustConvert(t, book(`<sheetFormatPr zeroHeight="1"/><sheetData>
		<row r="1" hidden="0"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row></sheetData>`).zip(t))
	if got != "1\n" || info.Hidden != 1 {
		t.Errorf("CSV is %q with %d hidden rows, want the first row and 1", got, info.Hidden)
	}
}

func TestConvertTellsWhatAPersonShouldKnow(t *testing.T) {
	_, info := mustConvert(t, book(`<sheetData>
		<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="e"><v>#N/A</v></c><c r="C1"><f>A1</f><v></v></c><c r="D1" t="str"><f>""</f><v></v></c></row>
		<row r="2"><c r="A2"><f>A1</f></c><c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="C2"><v>1</v></c></row></sheetData>
		<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="C2:C9"/><mergeCell ref="D2:E4"/></mergeCells>`).zip(t))
	want := workbook.Info{
		Sheet:        "Guests",
		Errors:       workbook.Cells{Count: 2, First: "B1"},
		Uncalculated: workbook.Cells{Count: 2, First: "C1"},
		Merged:       workbook.Cells{Count: 2, First: "C2:C9"},
	}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Error(diff)
	}
}

func TestConvertChoosesTheSheet(t *testing.T) {
	one := func(n string) string { return sheet(`<sheetData><row><c><v>` + n + `</v></c></row></sheetData>`) }
	content := rows("").with("xl/workbook.xml", list("", `<sheet name="Chart" r:id="rId6"/><sheet name="Lists" state="hidden" r:id="rId1"/><sheet name="Gäste 2026" r:id="rId2"/><sheet name="Old &amp; gone" r:id="rId3"/><sheet name="OLD" state="veryHidden" r:id="rId2"/><sheet name="Old" state="veryHidden" r:id="rId1"/>`)).
		with("xl/worksheets/sheet1.xml", one("1")).with("xl/worksheets/sheet2.xml", one("2")).with("xl/worksheets/sheet3.xml", one("3")).zip(t)
	for _, tc := range []struct {
		name, sheet, want, read string
		others                  []string
	}{
		{"nothing said: the first that can be seen", "", "2\n", "Gäste 2026", []string{"Old & gone"}},
		{"exactly", "Old & gone", "3\n", "Old & gone", []string{"Gäste 2026"}},
		{"in other case", " GÄSTE 2026", "2\n", "Gäste 2026", []string{"Old & gone"}},
		{"exactly, though case alone tells it from another", "Old", "1\n", "Old", []string{"Gäste 2026", "Old & gone"}},
		{"a hidden one, when it is named", "Lists", "1\n", "Lists", []string{"Gäste 2026", "Old & gone"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, info, err := convert(t, content, tc.sheet)
			if err != nil || got != tc.want {
				t.Fatalf("CSV is %q (%v), want %q", got, err, tc.want)
			}
			if diff := cmp.Diff(workbook.Info{Sheet: tc.read, Others: tc.others}, info); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, name := range []string{"Guests", "Chart"} {
		_, _, err := convert(t, content, name)
		wantUnusable(t, err, `has no sheet "`+name+`": name one of "Gäste 2026", "Old & gone" with --sheet`)
	}
}
