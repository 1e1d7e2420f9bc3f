package guest

import (
	"bytes"
	"encoding/csv"
	"hash/maphash"
	"io"
	"strings"

	"github.com/gocarina/gocsv"
)

// Row is one data row of a CSV file.
type Row struct {
	Number int    // counts data rows from 1
	Line   int    // the line of the file where the row starts, from 1
	Guest  Guest  // its values, trimmed
	Unread string // why the row cannot be read; Guest then has an email at most
}

// ReaderOptions says how a file is written. The zero value finds out.
type ReaderOptions struct {
	// Delimiter stands between the cells: one ASCII character. Zero takes what a
	// first line such as "sep=;" says, else the comma, semicolon, tab or bar by
	// which the first rows come apart best.
	Delimiter rune

	// Sheet says that each record is a row of a spreadsheet: Line then counts
	// records, empty ones too, and not lines.
	Sheet bool

	// Columns is what a person has said about the columns.
	Columns ColumnOptions
}

// Reader reads guests from a CSV file, row by row in bounded memory. A row
// that cannot be read is a row with a problem; reading goes on with the next
// line. It is not safe for concurrent use.
type Reader struct {
	header  Header
	above   Above
	scanner *scanner
	last    record
	number  int

	feed     feed
	rows     *gocsv.Unmarshaller // decodes what is in feed
	cellFeed feed
	cells    *csv.Reader // takes apart what is in cellFeed; nil: has to be made
}

// NewReader reads the header row of src and finds out what the columns mean.
// An *InputError says that the file cannot be used: empty, not a text file, or
// with columns that are unknown, missing or there twice. Any other error is
// one of src.
func NewReader(src io.Reader, options ReaderOptions) (*Reader, error) {
	r := &Reader{scanner: newScanner(src)}
	r.scanner.sheet = options.Sheet
	r.scanner.skipMark()
	var separator byte
	if !options.Sheet {
		r.scanner.findLineEnd()
		separator = r.scanner.skipSeparator()
	}
	var err error
	if r.scanner.comma, err = r.settleDelimiter(options, separator); err != nil {
		return nil, err
	}
	if err := r.findHeader(options.Columns); err != nil {
		return nil, err
	}
	return r, r.startDecoder()
}

// Above is what stands above the header.
type Above struct {
	Rows       int    // passed over because they are something else, such as a title; blank ones do not count
	First      string // the beginning of the first of them
	HeaderLine int    // of the file, from 1, where the header starts
}

// Above returns what stands above the header.
func (r *Reader) Above() Above { return r.above }

// Header returns the header row and what its columns mean.
func (r *Reader) Header() Header { return r.header }

// Read returns the next row that is not blank, or io.EOF after the last. Other
// errors are those of the source. The row may be kept. It is Next and Row in
// one.
func (r *Reader) Read() (Row, error) {
	if err := r.Next(); err != nil {
		return Row{}, err
	}
	return r.Row(), nil
}

// Next goes to the next row that is not blank, without taking it apart: many a
// pass needs few of the rows. It fails as Read does.
func (r *Reader) Next() error {
	if err := r.advance(); err != nil {
		return err
	}
	r.number++
	return nil
}

// advance goes to the next record that is not blank, of the header or below it.
func (r *Reader) advance() error {
	for {
		rec, err := r.scanner.next()
		if err != nil {
			return err
		}
		if r.last = rec; rec.problem != "" || !r.blank() {
			return nil
		}
	}
}

// Row returns the row that Next went to. It may be kept.
func (r *Reader) Row() Row {
	row := Row{Number: r.number, Line: r.last.line, Unread: r.last.problem}
	if row.Unread != "" {
		return row
	}
	guest, err := r.decode(r.last)
	if err != nil {
		row.Unread = err.Error()
		return row
	}
	if row.Unread = r.strayCells(); row.Unread != "" {
		if guest = (Guest{Email: guest.Email}); len(r.header.Sensitive) > 0 {
			guest.Email = "" // a cell too many may have put a secret in its place
		}
	}
	row.Guest = guest
	return row
}

// Sum stands for the row that Next went to, and before that for the header and
// how it was read: for whoever reads a file again and must know whether it is
// still the same.
func (r *Reader) Sum(seed maphash.Seed) uint32 {
	sum := uint32(maphash.Bytes(seed, r.Raw())) + uint32(r.last.line)
	if r.number == 0 {
		sum += uint32(r.Delimiter())<<16 + uint32(r.above.Rows)<<24
	}
	return sum
}

// Cells returns the cells of the row that the reader is at, as they stand in
// the file. A row with broken quoting is cut at every delimiter, quotes and
// all: nobody can tell where its cells were meant to end.
func (r *Reader) Cells() []string {
	if r.last.problem != "" {
		return strings.Split(string(r.Raw()), string(r.Delimiter()))
	}
	if r.cells == nil {
		r.cells = r.decoderOf(&r.cellFeed)
	}
	r.cellFeed.rest = keepLineEnds(r.last.bytes)
	cells, err := r.cells.Read()
	if err != nil {
		r.cells = nil // which may be within the record
		return []string{string(r.Raw())}
	}
	return cells
}

// Raw returns the row that the reader is at, as it stands in the file but for
// the end of its line. It is valid until the next one.
func (r *Reader) Raw() []byte { return bytes.TrimRight(r.last.bytes, "\r\n") }

// Broken tells whether the quoting of the row that the reader is at is broken,
// or the row too long to be taken apart.
func (r *Reader) Broken() bool { return r.last.problem != "" }

// Delimiter returns what stands between the cells.
func (r *Reader) Delimiter() rune { return rune(r.scanner.comma) }

// blank tells whether the last row has no value in any column.
func (r *Reader) blank() bool {
	// One visible character of a cell settles it, and mostly it is the first.
	for _, c := range r.last.bytes {
		if visibleASCII(c) && c != '"' && c != r.scanner.comma {
			return false
		}
	}
	for _, cell := range r.Cells() {
		if Trim(cell) != "" {
			return false
		}
	}
	return true
}
