package workbook

import (
	"encoding/xml"
	"fmt"
	"strconv"
)

// book is what is known of a workbook before a sheet is read.
type book struct {
	parts    parts
	path     string // the part that lists the sheets
	sheets   []*sheet
	texts    string    // the part with the shared texts; "" when there is none
	formats  []*format // of each style of cells
	date1904 bool      // days are counted from 1904, as on an old Mac
	numbers  numberPrinter
}

// sheet is a sheet with cells; charts and dialogs are none.
type sheet struct {
	name   string
	part   string
	hidden bool
}

func openBook(src *watchedReader, size int64) (*book, error) {
	if err := refuse(src, size); err != nil {
		return nil, err
	}
	p, err := openParts(src, size)
	if err != nil {
		return nil, err
	}
	b := &book{parts: p}
	if err := b.find(); err != nil {
		return nil, err
	}
	return b, b.read()
}

// find finds the part that lists the sheets.
func (b *book) find() error {
	b.path = "xl/workbook.xml"
	links, err := b.parts.relations("")
	if err != nil {
		return err
	}
	for _, link := range links {
		if link.is("officeDocument") {
			b.path = link.Target
		}
	}
	if problem := b.parts.foreign(b.path); problem != "" {
		return &Unusable{problem}
	}
	return nil
}

// read reads the list of sheets and the styles.
func (b *book) read() error {
	var list struct {
		XMLName xml.Name `xml:"workbook"`
		Options struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string `xml:"name,attr"`
			State string `xml:"state,attr"`
			ID    string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := b.parts.decode(b.path, &list); err != nil {
		return err
	}
	b.date1904 = isTrue(list.Options.Date1904)
	links, err := b.parts.relations(b.path)
	if err != nil {
		return err
	}
	sheets := map[string]string{}
	styles := ""
	for _, link := range links {
		switch {
		case link.is("worksheet"):
			sheets[link.ID] = link.Target
		case link.is("sharedStrings"):
			b.texts = link.Target
		case link.is("styles"):
			styles = link.Target
		}
	}
	for _, s := range list.Sheets {
		if part, ok := sheets[s.ID]; ok {
			hidden := s.State == "hidden" || s.State == "veryHidden"
			b.sheets = append(b.sheets, &sheet{unescape(s.Name), part, hidden})
		}
	}
	if len(b.sheets) == 0 && len(list.Sheets) == 0 {
		return &Unusable{broken}
	}
	if styles == "" || !b.parts.has(styles) {
		return nil
	}
	return b.readStyles(styles)
}

func (b *book) readStyles(part string) error {
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format string `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := b.parts.decode(part, &styles); err != nil {
		return err
	}
	codes := make(map[int]string, len(styles.Formats))
	for _, f := range styles.Formats {
		codes[f.ID] = f.Code
	}
	known := map[int]*format{}
	for _, style := range styles.Cells {
		id, err := strconv.Atoi(style.Format)
		if err != nil {
			id = 0
		}
		f, ok := known[id]
		if !ok {
			f = newFormat(id, codes[id])
			known[id] = f
		}
		b.formats = append(b.formats, f)
	}
	return nil
}

// format is that of a style; a style that is not there has none of its own.
func (b *book) format(style int) *format {
	if style < 0 || style >= len(b.formats) {
		return nil
	}
	return b.formats[style]
}

func isTrue(attribute string) bool { return attribute == "1" || attribute == "true" }

// columnName is the letters of a column that is counted from 0.
func columnName(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}

// where names a cell.
func where(column, row int) string { return fmt.Sprintf("%s%d", columnName(column), row) }
