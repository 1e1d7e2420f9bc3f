package guest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"
)

// feed hands one record at a time to the decoder behind it, so that record
// and decoder never run apart.
type feed struct {
	rest []byte
}

func (f *feed) Read(p []byte) (int, error) {
	if len(f.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// startDecoder lets gocsv bind the mapped header to Guest. The names go in as
// a record of their own, so nothing process-wide has to be set.
func (r *Reader) startDecoder() error {
	var names bytes.Buffer
	w := csv.NewWriter(&names)
	w.Comma = rune(r.scanner.comma)
	if err := errors.Join(w.Write(r.header.mapped()), flush(w)); err != nil {
		return err
	}
	r.feed.rest = names.Bytes()
	decoder := r.decoderOf(&r.feed)
	decoder.ReuseRecord = true
	var err error
	r.rows, err = gocsv.NewUnmarshaller(decoder, &Guest{})
	return err
}

func (r *Reader) decoderOf(f *feed) *csv.Reader {
	decoder := csv.NewReader(f)
	decoder.Comma = rune(r.scanner.comma)
	decoder.FieldsPerRecord = -1
	decoder.LazyQuotes = true // of which the scanner passes on those of formulas only
	return decoder
}

// keepLineEnds makes encoding/csv, which turns every CRLF into LF, give the ones
// inside quotes as they are: to the server they are two characters.
func keepLineEnds(record []byte) []byte {
	inside := bytes.TrimSuffix(record, []byte("\r\n"))
	if !bytes.Contains(inside, []byte("\r\n")) {
		return record
	}
	return append(bytes.ReplaceAll(inside, []byte("\r\n"), []byte("\r\r\n")), record[len(inside):]...)
}

func (r *Reader) decode(rec record) (Guest, error) {
	if bytes.IndexByte(rec.bytes, '"') < 0 {
		return r.decodePlain(rec), nil
	}
	return r.decodeQuoted(rec)
}

// decodeQuoted lets gocsv take a row apart.
func (r *Reader) decodeQuoted(rec record) (Guest, error) {
	r.feed.rest = keepLineEnds(rec.bytes)
	out, err := r.rows.Read()
	if err == nil && len(r.feed.rest) > 0 {
		err = errors.New("its end was not found")
	}
	if err != nil {
		// The scanner passes nothing on that the decoder refuses; if it ever
		// did, a fresh decoder keeps the rows that follow apart.
		return Guest{}, errors.Join(fmt.Errorf("cannot be taken apart: %w", err), r.startDecoder())
	}
	guest := *out.(*Guest)
	for f := range NumFields {
		value := guest.at(f)
		*value = Trim(UnescapeFormula(*value))
	}
	if problem := r.swallowed(rec); problem != "" {
		return Guest{}, errors.New(problem)
	}
	return guest, nil
}

// decodePlain takes a row without quotes apart as gocsv would, at a sixth of the
// cost of gocsv's reflection: such a row is cut at its delimiters.
func (r *Reader) decodePlain(rec record) Guest {
	var guest Guest
	comma := string(r.Delimiter())
	rest, more := string(bytes.TrimRight(rec.bytes, "\r\n")), true
	for i := 0; more && i < len(r.header.columns); i++ {
		var cell string
		cell, rest, more = strings.Cut(rest, comma)
		if c := r.header.columns[i]; c.kind == fieldColumn {
			guest.Set(c.field, Trim(UnescapeFormula(cell)))
		}
	}
	return guest
}

// strayCells says what is wrong when a value stands where no column is: its
// meaning cannot be known, and leaving it out would lose it in silence.
func (r *Reader) strayCells() string {
	columns := r.header.columns
	if r.last.cells <= len(columns) && !r.header.hasUnnamed() {
		return ""
	}
	for i, cell := range r.Cells() {
		if Trim(cell) == "" {
			continue
		}
		if i >= len(columns) {
			return fmt.Sprintf("has %d cells where the header has %d: a cell with the delimiter in it must be quoted", r.last.cells, len(columns))
		}
		if columns[i].kind == unnamedColumn {
			return fmt.Sprintf("has a value in column %d, which has no name in the header: leave it out with --ignore-column '#%[1]d', or say which field it gives: --map '#%[1]d=FIELD'", i+1)
		}
	}
	return ""
}

func (h *Header) hasUnnamed() bool { return slices.Contains(h.columns, column{kind: unnamedColumn}) }
