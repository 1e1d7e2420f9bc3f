package workbook_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// escape makes a text fit for XML.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace

func TestNumbersAreShownAsTheirFormatShowsThem(t *testing.T) {
	for _, tc := range []struct{ name, format, value, want string }{
		{"a long number", "General", "4915112345678", "4915112345678"},
		{"a long number, stored with an exponent", "General", "4.915112345678E12", "4915112345678"},
		{"a long number, stored with an exponent, in whole digits", "0", "4.915112345678E+12", "4915112345678"},
		{"fifteen digits", "0", "123456789012345", "123456789012345"},
		{"more digits than Excel can hold", "General", "4915112345678901234", "4915112345678901234"},
		{"more digits than Excel can hold, in whole digits", "0", "4915112345678901234", "4915112345678901234"},
		{"more digits than Excel can hold, with decimals", "0.00", "4915112345678901234", "4915112345678901234"},
		{"more digits than Excel can hold, stored with an exponent", "General", "4.9151123456789012E+16", "49151123456789010"},
		{"a scientific format hides digits", "0.00E+00", "4915112345678", "4915112345678"},
		{"thousands hide digits", "0.0,", "12345", "12345"},
		{"a fraction hides digits", "# ?/?", "0.30000000000000004", "0.3"},
		{"binary noise", "General", "0.30000000000000004", "0.3"},
		{"binary noise in a long number", "General", "491511234.00000006", "491511234"},
		{"decimals", "General", "1234.5", "1234.5"},
		{"very small", "General", "1.5E-7", "0.00000015"},
		{"negative", "General", "-1.5", "-1.5"},
		{"nought", "General", "-0", "0"},
		{"noughts before a number", "General", "007", "7"},
		{"nobody reads so many noughts", "General", "1E+300", "1E+300"},
		{"no number at all", "0.00", "n/a", "n/a"},
		{"not infinite", "0.00", "Infinity", "Infinity"},

		{"leading noughts", "0000000", "1234", "0001234"},
		{"a plus", `+0`, "4915112345678", "+4915112345678"},
		{"a plus in quotes", `"+"0`, "4915112345678", "+4915112345678"},
		{"a plus after a backslash", `\+#`, "4915112345678", "+4915112345678"},
		{"a nought in quotes before the digits", `"0"#########`, "151123456", "0151123456"},
		{"a nought after a backslash", `\0#`, "151123456", "0151123456"},
		{"a nought in quotes before decimals", `"0"0.0`, "1.25", "01.3"},
		{"two points", "0.000.000", "12345", "12345"},
		{"in groups", "+00 000 000", "49123456", "+49 123 456"},
		{"in groups, with digits left over", "+00 000 000", "4915112345", "+4915 112 345"},
		{"with a hyphen", "00-000", "12345", "12-345"},
		{"US phone, short", `[<=9999999]###\-####;\(###\)\ ###\-####`, "5551234", "555-1234"},
		{"US phone, long", `[<=9999999]###\-####;\(###\)\ ###\-####`, "5551234567", "(555) 123-4567"},
		{"US social security", `000\-00\-0000`, "12345678", "012-34-5678"},
		{"French phone", `0#" "##" "##" "##" "##`, "612345678", "06 12 34 56 78"},
		{"letters before", `"Tel. "0`, "123", "Tel. 123"},
		{"a slash that is no fraction", `000\/000`, "12345", "012/345"},
		{"decimals that the format hides", "00000", "1234.6", "01235"},
		{"padding", "0_);(0)", "49", "49"},
		{"negative in brackets", "0_);(0)", "-49", "(49)"},
		{"a word for nought", `0;-0;"none"`, "0", "none"},
		{"less than a half, negative", "0", "-0.4", "0"},
		{"hidden", ";;;", "5", ""},
		{"hidden when negative", "0;", "-5", ""},
		{"General with letters", `"+"General" kg"`, "4915112345678", "+4915112345678 kg"},
		{"General, negative", `"#"General`, "-12", "-#12"},
		{"General for negative ones", `General;"minus "General`, "-12", "minus 12"},
		{"two conditions", `[>100]"big";[<0]"neg";0`, "50", "50"},
		{"a condition that does not hold", `[>100]0.0`, "4915112345678.25", "4915112345678.3"},
		{"a condition that leaves nothing", `[>100]0.0`, "5", "5"},
		{"a condition of equality", `[=1]"yes";[<>1]"no";0`, "1", "yes"},
		{"a condition of inequality", `[=1]"yes";[<>1]"no";0`, "0", "no"},

		{"thousands", "#,##0.00", "1234567.891", "1,234,567.89"},
		{"halves as a person would round them", "0.00", "1.005", "1.01"},
		{"negative halves", "0.00", "-9.075", "-9.08"},
		{"halves of a per cent", "0%", "0.285", "29%"},
		{"more decimals than any number has", "0." + strings.Repeat("0", 250), "1", "1." + strings.Repeat("0", 250)},
		{"per cent", "0%", "0.07", "7%"},
		{"per cent with decimals", "0.0%", "0.075", "7.5%"},
		{"euros", `#,##0.00\ [$€-407]`, "1234.5", "1,234.50 €"},
		{"book-keeping", `_("$"* #,##0.00_);_("$"* \(#,##0.00\);_("$"* "-"??_);_(@_)`, "1234.5", "$1,234.50"},
		{"book-keeping, nought", `_("$"* #,##0.00_);_("$"* \(#,##0.00\);_("$"* "-"??_);_(@_)`, "0", "$-"},
		{"colours", "[Red]0.0;[Blue]-0.0", "-2", "-2.0"},

		{"a date", "yyyy-mm-dd", "46000", "2025-12-09"},
		{"a date with points", `dd\.mm\.yyyy;@`, "46000", "09.12.2025"},
		{"a date with slashes", "dd/mm/yyyy", "46000", "09/12/2025"},
		{"a date in words", `[$-409]mmmm\ d\,\ yyyy;@`, "46000", "December 9, 2025"},
		{"a date in words of a language", `[$-407]d\.\ mmmm\ yyyy;@`, "46000", "9. Dezember 2025"},
		{"date and time", "yyyy-mm-dd hh:mm:ss", "46000.4375", "2025-12-09 10:30:00"},
		{"time", "h:mm AM/PM", "0.75", "6:00 PM"},
		{"hours that go on", "[h]:mm:ss", "1.5", "36:00:00"},
		{"the system's long date", `[$-F800]dddd\,\ mmmm\ dd\,\ yyyy`, "46000", "2025-12-09"},
		{"the system's time", `[$-F400]h:mm:ss\ AM/PM`, "46000.75", "18:00:00"},
		{"a phone number in a date's format", "yyyy-mm-dd", "4915112345678", "4915112345678"},
		{"a negative number in a date's format", "yyyy-mm-dd", "-1", "-1"},
		{"a quote that is not closed", `0" x`, "5", "5 x"},
		{"a bracket that is not closed", `0[x`, "5", "5[x"},
		{"longer than any format", strings.Repeat("0", 256), "5", "5"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, _ := mustConvert(t, rows(`<row r="1"><c r="A1" s="1"><v>`+tc.value+`</v></c><c r="B1"><v>1</v></c></row>`).styled(escape(tc.format)).zip(t))
			cells, err := csv.NewReader(strings.NewReader(got)).Read()
			if err != nil || len(cells) != 2 || cells[0] != tc.want {
				t.Errorf("%s as %s is %q (%v), want %q", tc.value, tc.format, cells, err, tc.want)
			}
		})
	}
}

func TestTextsAreShownAsTheirFormatShowsThem(t *testing.T) {
	for _, tc := range []struct{ name, format, want string }{
		{"text", "@", "0123"},
		{"numbers", "0.00", "0123"},
		{"letters before", `"Nr. "@`, "Nr. 0123"},
		{"a fourth section", `0;-0;0;"("@")"`, "(0123)"},
		{"hidden", ";;;", ""},
		{"hidden numbers only", ";;", "0123"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, _ := mustConvert(t, rows(`<row r="1"><c r="A1" s="1" t="inlineStr"><is><t>0123</t></is></c><c r="B1"><v>1</v></c></row>`).styled(escape(tc.format)).zip(t))
			if want := tc.want + ",1\n"; got != want {
				t.Errorf("CSV is %q, want %q", got, want)
			}
		})
	}
}

func TestBuiltInFormatsAreShownInOneWayOnly(t *testing.T) {
	for _, tc := range []struct {
		name  string
		id    int
		value string
		want  string
	}{
		{"none", 0, "4915112345678", "4915112345678"},
		{"whole digits", 1, "4915112345678", "4915112345678"},
		{"thousands", 3, "1234567", `"1,234,567"`},
		{"dollars", 7, "-5", "($5.00)"},
		{"per cent", 9, "0.07", "7%"},
		{"scientific", 11, "4915112345678", "4915112345678"},
		{"short date", 14, "46000.4375", "2025-12-09"},
		{"day, month, year", 15, "46000", "9-Dec-25"},
		{"time", 21, "0.4375", "10:30:00"},
		{"date and time", 22, "46000.4375", "2025-12-09 10:30:00"},
		{"date and time, rounded into the next day", 22, "46000.999999", "2025-12-10 00:00:00"},
		{"date in East Asia", 31, "46000", "2025-12-09"},
		{"time in East Asia", 55, "0.4375", "10:30:00"},
		{"both in East Asia", 30, "46000.4375", "2025-12-09 10:30:00"},
		{"book-keeping", 44, "1234.5", `"$1,234.50"`},
		{"text", 49, "4915112345678", "4915112345678"},
		{"one that does not exist", 99, "5", "5"},
		{"no date at all", 14, "-1", "-1"},
		{"no day at all", 14, "0", "1900-01-00"},
		{"the first day", 14, "1", "1900-01-01"},
		{"before the day that never was", 14, "59", "1900-02-28"},
		{"the day that never was", 14, "60", "1900-02-29"},
		{"after the day that never was", 14, "61", "1900-03-01"},
		{"the last day", 14, "2958465", "9999-12-31"},
		{"after the last day", 14, "2958466", "2958466"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			styles := fmt.Sprintf(`<styleSheet><cellXfs><xf numFmtId="%d"/></cellXfs></styleSheet>`, tc.id)
			got, _ := mustConvert(t, rows(`<row r="1"><c r="A1" s="0"><v>`+tc.value+`</v></c></row>`).with("xl/styles.xml", styles).zip(t))
			if got != tc.want+"\n" {
				t.Errorf("%s in format %d is %q, want %q", tc.value, tc.id, got, tc.want)
			}
		})
	}
}

func TestDaysAreCountedFrom1904WhereTheWorkbookSaysSo(t *testing.T) {
	content := rows(`<row r="1"><c r="A1" s="1"><v>44538</v></c><c r="B1" s="2"><v>44538.5</v></c><c r="C1" s="3"><v>1.5</v></c><c r="D1" t="d" s="1"><v>2025-12-09</v></c></row>`).
		styled("yyyy-mm-dd", `[$-x-sysdate]d`, "[h]:mm").with("xl/workbook.xml", list(`<workbookPr date1904="1"/>`, `<sheet name="S" r:id="rId1"/>`)).zip(t)
	got, _ := mustConvert(t, content)
	if want := "2025-12-09,2025-12-09,36:00,2025-12-09\n"; got != want {
		t.Errorf("CSV is %q, want %q", got, want)
	}
}

// What excelize writes is as close to Excel's own files as a test can make it.
func TestConvertReadsWhatExcelizeWrites(t *testing.T) {
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetRow("Sheet1", "A1", &[]any{"E-mail", "Phone", "Start", "Site", "Paid", "Note"}))
	must(f.SetSheetRow("Sheet1", "A2", &[]any{"ann@x.com", 4915112345678, 46000, "x.com", true, "two\nlines"}))
	must(f.SetSheetRow("Sheet1", "A4", &[]any{"bob@x.com", "+49 30 1", 46000.4375, "y.com", false, " blank "}))
	must(f.SetSheetRow("Sheet1", "A5", &[]any{"gone@x.com"}))
	short, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	must(err)
	code := `d" of "mmmm`
	own, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
	must(err)
	must(f.SetCellStyle("Sheet1", "C2", "C2", short))
	must(f.SetCellStyle("Sheet1", "C4", "C4", own))
	must(f.SetCellHyperLink("Sheet1", "D2", "https://x.com/", "External"))
	must(f.SetRowVisible("Sheet1", 5, false))
	must(f.AutoFilter("Sheet1", "A1:F5", nil))
	_, err = f.NewSheet("Other")
	must(err)
	var content bytes.Buffer
	must(f.Write(&content))

	got, info := mustConvert(t, content.Bytes())
	want := "E-mail,Phone,Start,Site,Paid,Note\n" +
		"ann@x.com,4915112345678,2025-12-09,x.com,TRUE,\"two\nlines\"\n" +
		"\n" +
		"bob@x.com,+49 30 1,9 of December,y.com,FALSE,\" blank \"\n"
	if got != want {
		t.Errorf("CSV is %q, want %q", got, want)
	}
	if info.Hidden != 1 || len(info.Others) != 1 || info.Others[0] != "Other" {
		t.Errorf("info is %+v, want one hidden row and the sheet Other", info)
	}
}
