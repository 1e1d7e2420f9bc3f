package workbook

import (
	"math"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// exact is the number of decimal digits that a number in Excel can have.
const exact = 15

// showNumber shows a number as its format does, or a value that is none as it is.
func (b *book) showNumber(value string, f *format) string {
	v, ok := parseNumber(value)
	if !ok {
		return value
	}
	s, shown := f.choose(v)
	switch {
	case s == nil:
		return allDigits(value, v)
	case s.kind >= asDate:
		if b.date1904 && s.kind != asElapsed {
			v += days1904
		}
		if text, ok := b.showDate(v, s); ok {
			return text
		}
		return allDigits(value, v)
	case s.kind == withLiterals:
		return strings.TrimSpace(s.literals(""))
	case s.kind == plainDigits:
		return strings.TrimSpace(s.spellOut(allDigits(value, v), shown))
	case s.isWholePattern():
		return strings.TrimSpace(s.fill(value, shown))
	case math.Abs(v) >= 1e15: // more digits than the pattern would get right
		return allDigits(value, v)
	}
	if text, ok := b.numbers.print(s.code, s.round(shown)); ok {
		return strings.TrimSpace(text)
	}
	return allDigits(value, v)
}

// parseNumber takes decimal numbers only, and no words for infinity.
func parseNumber(value string) (float64, bool) {
	if strings.Trim(value, "0123456789+-.eE") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(value, 64)
	return v, err == nil
}

// allDigits shows a number without an exponent and without a group's separator. A whole number that the file writes
// out is taken from there, so that it keeps even the digits that Excel would drop.
func allDigits(value string, v float64) string {
	if strings.Trim(strings.TrimLeft(value, "+-"), "0123456789") == "" && len(value) <= 40 {
		digits := strings.TrimLeft(value, "+-0")
		switch {
		case digits == "":
			return "0"
		case v < 0:
			return "-" + digits
		default:
			return digits
		}
	}
	size := math.Abs(v)
	switch {
	case size == 0:
		return "0"
	case size >= 1e21, size < 1e-15: // nobody reads so many noughts
		return strconv.FormatFloat(v, 'G', exact, 64)
	case v != math.Trunc(v):
		// 0.1+0.2 is 0.3 for whoever looks at it.
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', exact, 64), 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// numberPrinter shows numbers with excelize, by way of the one cell of a workbook of its own. The zero value is ready.
type numberPrinter struct {
	file   *excelize.File
	styles map[string]int // by format

	lastCode, lastText string // columns of dates say the same again and again
	last               float64
}

const (
	scratchSheet = "Sheet1"
	scratchCell  = "A1"

	maxStyles = 500 // more of them are slow to look up
)

// print shows a number by a single section of a format. It is not ok when excelize cannot.
func (p *numberPrinter) print(code string, v float64) (text string, ok bool) {
	if code == p.lastCode && v == p.last {
		return p.lastText, true
	}
	// The format comes from the file: if one makes excelize panic, its cells show their digits, and the run goes on.
	defer func() {
		if recover() != nil {
			text, ok = "", false
			p.file = nil
		}
	}()
	if p.file == nil || len(p.styles) >= maxStyles {
		p.file, p.styles = excelize.NewFile(), map[string]int{}
	}
	style, known := p.styles[code]
	if !known {
		var err error
		if style, err = p.file.NewStyle(&excelize.Style{CustomNumFmt: &code}); err != nil {
			return "", false
		}
		p.styles[code] = style
	}
	if p.file.SetCellStyle(scratchSheet, scratchCell, scratchCell, style) != nil ||
		p.file.SetCellDefault(scratchSheet, scratchCell, strconv.FormatFloat(v, 'f', -1, 64)) != nil {
		return "", false
	}
	text, err := p.file.GetCellValue(scratchSheet, scratchCell)
	if err != nil {
		return "", false
	}
	p.lastCode, p.last, p.lastText = code, v, text
	return text, true
}
