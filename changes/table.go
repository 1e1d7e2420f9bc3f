package changes

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"guestlist/guest"
)

// table is a file with its header understood.
type table struct {
	File
	comma byte
	names []string // of its columns, see fold; empty: a column without one
	email int      // the place of that column
	body  int64    // where the rows begin, in bytes
	line  int      // and on which line
}

// fold returns the form in which two names of columns are the same.
func fold(name string) string { return strings.ToLower(guest.Trim(name)) }

// open reads the header of a file.
func open(f File) (*table, error) {
	t := &table{File: f}
	mark := make([]byte, len("\ufeff"))
	if n, err := f.Text.ReadAt(mark, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, t.failed(err)
	} else if string(mark[:n]) == "\ufeff" {
		t.body = int64(n)
	}
	r := newRecords(f.Text, f.Size)
	r.seek(t.body)
	for {
		rec, err := r.next()
		var wrong problem
		switch {
		case errors.Is(err, io.EOF):
			return nil, t.invalid("the file is empty: an export has a header at least")
		case errors.As(err, &wrong):
			return nil, t.wrong(rec.line, wrong)
		case err != nil:
			return nil, t.failed(err)
		case len(guest.Trim(string(rec.raw))) == 0:
			continue
		}
		t.body, t.line = r.base+int64(r.start), r.line
		return t, t.readHeader(rec)
	}
}

// readHeader finds out what stands between the cells: that by which the header
// has a column email.
func (t *table) readHeader(rec record) error {
	for _, comma := range []byte(",;\t|") {
		cells, err := (&splitter{comma: comma}).split(rec.raw)
		if err != nil {
			continue
		}
		names := make([]string, len(cells))
		for i, cell := range cells {
			names[i] = fold(string(cell))
		}
		if slices.Contains(names, guest.Email.String()) {
			t.comma, t.names = comma, names
			break
		}
	}
	if len(t.names) == 0 {
		if bytes.IndexByte(rec.raw, '\r') >= 0 {
			return t.invalid("its lines end as on old Macs, which cannot be compared: save it as \"CSV UTF-8\"")
		}
		return t.invalid(fmt.Sprintf("its header on line %d has no column email, which says whom a row is about: compare files that guestlist export has made, with that column", rec.line))
	}
	t.email = slices.Index(t.names, guest.Email.String())
	for i, name := range t.names {
		if name != "" && slices.Contains(t.names[:i], name) {
			return t.invalid(fmt.Sprintf("its header on line %d has the column %s twice", rec.line, name))
		}
	}
	return nil
}

// named returns the names of the columns that have one.
func (t *table) named() []string {
	return slices.DeleteFunc(slices.Clone(t.names), func(name string) bool { return name == "" })
}

// wrong is a problem of a row.
func (t *table) wrong(line int, what problem) error {
	return &guest.InputError{Problems: []string{fmt.Sprintf("%s, line %d: %s", t.Name, line, what)}}
}

// invalid is a problem of the whole file.
func (t *table) invalid(what string) error {
	return &guest.InputError{Problems: []string{t.Name + ": " + what}}
}

// failed is an error of reading the file.
func (t *table) failed(err error) error {
	if errors.Is(err, errShort) {
		return &ChangedError{t.Name}
	}
	return fmt.Errorf("read %s: %w", t.Name, err)
}

// reader reads the rows of a table.
type reader struct {
	*table
	records  *records
	splitter splitter

	row     record
	cells   [][]byte // of row; valid until the next one
	spelled string   // the email of row
	key     string   // by which people are told apart
}

func (t *table) reader() *reader {
	r := &reader{table: t, records: newRecords(t.Text, t.Size), splitter: splitter{comma: t.comma}}
	r.records.seek(t.body)
	r.records.line = t.line
	return r
}

// next goes to the next row that is not blank, and returns io.EOF after the last.
// What is wrong with the row is a *guest.InputError.
func (r *reader) next() error {
	for {
		rec, err := r.records.next()
		var wrong problem
		if err == nil {
			r.row = rec
			r.cells, err = r.splitter.split(rec.raw)
		}
		switch {
		case errors.Is(err, io.EOF):
			return io.EOF
		case errors.As(err, &wrong):
			return r.wrong(rec.line, wrong)
		case err != nil:
			return r.failed(err)
		case blank(r.cells):
			continue
		case len(r.cells) != len(r.names):
			return r.wrong(rec.line, width(len(r.cells), len(r.names)))
		}
		if r.readEmail(); r.key == "" {
			return r.wrong(rec.line, "has no email, so nobody can tell whom it is about")
		}
		return nil
	}
}

func width(cells, columns int) problem {
	has := "cells"
	if cells == 1 {
		has = "cell"
	}
	return problem(fmt.Sprintf("has %d %s where the header has %d: the file was cut off, or a cell with the delimiter in it is not quoted", cells, has, columns))
}

// blank tells whether no cell has a value, as in lines that spreadsheets leave at
// the end.
func blank(cells [][]byte) bool {
	for _, cell := range cells {
		if len(cell) > 0 && (visible(cell[0]) || guest.Trim(string(cell)) != "") {
			return false
		}
	}
	return true
}

func visible(c byte) bool { return ' ' < c && c < 0x7f }

// back goes to a row that was read before, without taking it apart.
func (r *reader) back(at int64) error {
	r.records.seek(at)
	rec, err := r.records.next()
	var wrong problem
	switch {
	case errors.Is(err, io.EOF), errors.As(err, &wrong):
		return &ChangedError{r.Name}
	case err != nil:
		return r.failed(err)
	}
	r.row = rec
	return nil
}

// take takes a row apart that back went to.
func (r *reader) take() error {
	var err error
	if r.cells, err = r.splitter.split(r.row.raw); err != nil || len(r.cells) != len(r.names) {
		return &ChangedError{r.Name}
	}
	r.readEmail()
	return nil
}

func (r *reader) readEmail() {
	r.spelled = string(plain(r.cells[r.email]))
	r.key = guest.Key(r.spelled)
}
