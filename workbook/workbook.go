// Package workbook turns a sheet of an Excel workbook (.xlsx, .xlsm) into CSV, with every cell as its reader saw it.
//
// The sheet is read straight out of the archive, row by row, so that nothing of it is ever unpacked onto the disk and
// every fault in it is noticed; excelize lends its number formats. Its own row iterator takes broken XML for the end of
// the sheet, moves cells that stand out of order, shows the number of a text that is missing, and does not tell a cell's
// style, so that neither all rows nor all digits could be promised.
//
// What a person saw depends on the settings of their computer in a few formats. Those are written in a form that can be
// read in one way only: the short date (built-in format 14) and the long date as 2006-01-02, date with time (22) as
// 2006-01-02 15:04:05, the system's time as 15:04:05. Names of months are English unless the format names a language.
// Numbers without a format of their own show all their digits, as do those whose format would hide some: scientific
// ones, fractions, thousands and millions. So do numbers that are no date in a date's format.
package workbook

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Limits that no list of people comes near, so that a hostile file costs neither memory nor disk.
const (
	maxRows    = 1 << 20 // what Excel can hold
	maxColumns = 1 << 14 // what Excel can hold
	maxRowText = 2 << 20 // bytes of text in one row
	maxOutput  = 4 << 30 // bytes of CSV
)

// Convert writes a sheet as CSV: UTF-8, commas, line feeds. The n-th record is row n of the sheet. A row without cells
// and a hidden one are empty lines; empty rows at the end are left out. An empty name stands for the first visible
// sheet; another is compared exactly, then without regard to case, and may be that of a hidden sheet.
//
// An *Unusable says that src holds no sheet that can be read, or not that one; what was written until then is no
// whole sheet. Any other error is one of src, w or ctx.
func Convert(ctx context.Context, src io.ReaderAt, size int64, name string, w io.Writer) (Info, error) {
	watched := &watchedReader{ctx: ctx, src: src}
	info, err := convert(watched, size, name, w)
	if watched.err != nil {
		return info, watched.err // the cause of whatever was made of it
	}
	return info, err
}

func convert(src *watchedReader, size int64, name string, w io.Writer) (Info, error) {
	b, err := openBook(src, size)
	if err != nil {
		return Info{}, err
	}
	chosen, err := b.choose(name)
	if err != nil {
		return Info{}, err
	}
	info := Info{Sheet: chosen.name}
	for _, s := range b.sheets {
		if s != chosen && !s.hidden {
			info.Others = append(info.Others, s.name)
		}
	}
	texts, err := b.sharedTexts()
	if err != nil {
		return info, err
	}
	sheet, err := b.parts.open(chosen.part, maxSheet)
	if err != nil {
		return info, err
	}
	defer sheet.Close()

	out := newRecords(w)
	printer := printer{book: b, texts: texts, info: &info}
	var scan *scanner
	hidden := map[int]bool{}
	scan = newScanner(sheet, &info.Merged, func(r *row) error {
		cells, err := printer.cells(r)
		if err != nil {
			return err
		}
		if r.hidden {
			if len(cells) > 0 {
				info.Hidden++
			}
			return nil
		}
		for i, text := range cells {
			if text != "" && scan.hidden[i] {
				hidden[i] = true
			}
		}
		return out.write(r.number, cells)
	})
	if err = scan.scan(); err == nil {
		err = out.flush()
	}
	for _, i := range slices.Sorted(maps.Keys(hidden)) {
		info.HiddenColumns = append(info.HiddenColumns, columnName(i))
	}
	if err != nil {
		return info, err
	}
	if out.last == 0 {
		return info, emptySheet(info)
	}
	return info, nil
}

func emptySheet(info Info) error {
	problem := fmt.Sprintf("has nothing in its sheet %q", info.Sheet)
	if info.Hidden > 0 {
		problem = fmt.Sprintf("shows nothing in its sheet %q: all its rows are hidden or filtered out; show them and save it again", info.Sheet)
	}
	if len(info.Others) > 0 {
		problem += fmt.Sprintf("; to read another of its sheets (%s), name it with --sheet", quotedList(info.Others))
	}
	return &Unusable{problem}
}

// records writes rows as CSV and fills the gaps between them with empty lines.
type records struct {
	buffer *bufio.Writer
	csv    *csv.Writer
	last   int   // the number of the row written last
	size   int64 // bytes of text written, without quotes and the like
}

func newRecords(w io.Writer) *records {
	buffer := bufio.NewWriter(w)
	// A csv.Writer takes a bufio.Writer as its own buffer, so that empty lines can be written to it in between.
	return &records{buffer: buffer, csv: csv.NewWriter(buffer)}
}

func (o *records) write(number int, cells []string) error {
	if len(cells) == 0 {
		return nil
	}
	for ; o.last < number-1; o.last++ {
		if err := o.buffer.WriteByte('\n'); err != nil {
			return err
		}
	}
	o.last = number
	for _, text := range cells {
		o.size += int64(len(text)) + 1
	}
	if o.size > maxOutput {
		return &Unusable{fmt.Sprintf("holds more than %d GiB of text: divide it into several files", maxOutput>>30)}
	}
	return o.csv.Write(cells)
}

func (o *records) flush() error {
	o.csv.Flush()
	return o.csv.Error()
}

// choose finds a sheet by its name.
func (b *book) choose(name string) (*sheet, error) {
	for _, same := range []func(s *sheet) bool{
		func(s *sheet) bool { return name == "" && !s.hidden },
		func(s *sheet) bool { return name == s.name },
		func(s *sheet) bool { return strings.EqualFold(strings.TrimSpace(name), strings.TrimSpace(s.name)) },
	} {
		if i := slices.IndexFunc(b.sheets, same); i >= 0 {
			return b.sheets[i], nil
		}
	}
	var visible []string
	for _, s := range b.sheets {
		if !s.hidden {
			visible = append(visible, s.name)
		}
	}
	switch {
	case name == "":
		return nil, &Unusable{"has no visible sheet with cells: show one, or name a hidden one with --sheet"}
	case len(visible) == 0:
		return nil, &Unusable{fmt.Sprintf("has no sheet %q, and shows no other", name)}
	default:
		return nil, &Unusable{fmt.Sprintf("has no sheet %q: name one of %s with --sheet", name, quotedList(visible))}
	}
}
