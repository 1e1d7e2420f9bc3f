package workbook

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// row is a row of a sheet. It and its cells are used again for the next one.
type row struct {
	number int // from 1
	hidden bool
	cells  []cell // in the order of the file
}

// cell is a cell as it stands in the file.
type cell struct {
	column  int // from 0
	style   int
	kind    string // the type that the file gives, "" for a number
	value   string
	text    string // of a cell that holds its text itself
	formula bool
}

// maxToken is the most bytes between two tags, and of a tag, that are read into memory.
const maxToken = 1 << 20

// tokens reads XML tag by tag, each of a bounded size. Tags are not matched with each other: the sheet's own structure
// is all that counts, and no depth has to be kept.
type tokens struct {
	decoder *xml.Decoder
	src     io.Reader
	left    int
}

func newTokens(r io.Reader) *tokens {
	t := &tokens{src: r}
	t.decoder = xmlDecoder(bufio.NewReaderSize(t, 64<<10))
	return t
}

func (t *tokens) Read(p []byte) (int, error) {
	if t.left <= 0 {
		return 0, errors.New("too much text in one piece")
	}
	n, err := t.src.Read(p)
	t.left -= n
	return n, err
}

func (t *tokens) next() (xml.Token, error) {
	t.left = maxToken
	return t.decoder.RawToken()
}

// scanner is the place in a sheet where reading stands.
type scanner struct {
	tokens *tokens
	visit  func(*row) error
	merged *Cells
	hidden [maxColumns]bool // columns, from 0

	inData, ended bool // among the rows; past them
	allHidden     bool // rows are hidden unless they say otherwise

	row    row
	last   int // number of the row before
	inRow  bool
	cell   cell
	inCell bool
	inV    bool
	value  []byte // of the cell, as far as it was read
	text   richText
	size   int // bytes of the row's values
}

func newScanner(r io.Reader, merged *Cells, visit func(*row) error) *scanner {
	return &scanner{tokens: newTokens(r), visit: visit, merged: merged}
}

// scan calls visit for each row that the sheet has, with numbers that increase. It counts what is merged.
func (s *scanner) scan() error {
	for {
		token, err := s.tokens.next()
		if errors.Is(err, io.EOF) && s.ended {
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			err = s.start(token)
		case xml.CharData:
			err = s.chars(token)
		case xml.EndElement:
			err = s.end(token.Name.Local)
		}
		if err != nil {
			return err
		}
	}
}

func (s *scanner) start(element xml.StartElement) error {
	switch name := element.Name.Local; {
	case s.inCell && name == "v":
		s.inV = true
	case s.inCell && name == "f":
		s.cell.formula = true
	case s.inCell:
		s.text.start(name)
	case s.inRow && name == "c":
		return s.startCell(element.Attr)
	case s.inData && !s.inRow && name == "row":
		return s.startRow(element.Attr)
	case name == "sheetData" && !s.ended:
		s.inData = true
	case name == "col" && !s.inData && isTrue(attribute(element.Attr, "hidden")):
		s.hideColumns(element.Attr)
	case name == "sheetFormatPr":
		s.allHidden = isTrue(attribute(element.Attr, "zeroHeight"))
	case name == "mergeCell":
		s.merge(attribute(element.Attr, "ref"))
	}
	return nil
}

// hideColumns takes note of columns that the sheet hides. What is no column does not count.
func (s *scanner) hideColumns(attributes []xml.Attr) {
	first, err := strconv.Atoi(attribute(attributes, "min"))
	last, err2 := strconv.Atoi(attribute(attributes, "max"))
	if err != nil || err2 != nil || first < 1 {
		return
	}
	for i := first - 1; i < min(last, maxColumns); i++ {
		s.hidden[i] = true
	}
}

func (s *scanner) startRow(attributes []xml.Attr) error {
	s.row.number, s.row.hidden, s.row.cells = 0, s.allHidden, s.row.cells[:0]
	s.inRow, s.size = true, 0
	for _, a := range attributes {
		switch a.Name.Local {
		case "r":
			n, err := strconv.Atoi(a.Value)
			if err != nil || n < 1 {
				return &Unusable{broken}
			}
			s.row.number = n
		case "hidden":
			s.row.hidden = isTrue(a.Value)
		case "ht":
			if height, err := strconv.ParseFloat(a.Value, 64); err == nil && height == 0 {
				s.row.hidden = true
			}
		}
	}
	return nil
}

func (s *scanner) startCell(attributes []xml.Attr) error {
	s.inCell, s.value, s.text = true, s.value[:0], richText{}
	s.cell = cell{}
	if n := len(s.row.cells); n > 0 {
		s.cell.column = s.row.cells[n-1].column + 1
	}
	for _, a := range attributes {
		switch a.Name.Local {
		case "r":
			column, number, ok := position(a.Value)
			if !ok || (s.row.number != 0 && number != s.row.number) {
				return &Unusable{broken}
			}
			s.cell.column, s.row.number = column, number
		case "s":
			s.cell.style, _ = strconv.Atoi(a.Value) // what is no number is no style
		case "t":
			s.cell.kind = a.Value
		}
	}
	if s.cell.column >= maxColumns || len(s.row.cells) >= maxColumns {
		return &Unusable{broken}
	}
	return nil
}

func (s *scanner) chars(piece []byte) error {
	if !s.inCell {
		return nil
	}
	if s.inV {
		s.value = append(s.value, piece...)
	} else {
		s.text.text(piece)
	}
	return s.tooLong()
}

func (s *scanner) tooLong() error {
	if s.size+len(s.value)+s.text.joined.Len() > maxRowText {
		return &Unusable{fmt.Sprintf("has more than %d MiB of text in one row, the one after row %d: look what stands there", maxRowText>>20, s.last)}
	}
	return nil
}

func (s *scanner) end(name string) error {
	switch {
	case s.inCell && name == "v":
		s.inV = false
	case s.inCell && name == "c":
		s.inCell, s.inV = false, false
		s.cell.value, s.cell.text = string(s.value), s.text.String()
		s.size += len(s.cell.value) + len(s.cell.text)
		s.row.cells = append(s.row.cells, s.cell)
	case s.inCell:
		s.text.end(name)
	case s.inRow && name == "row":
		s.inRow = false
		return s.endRow()
	case s.inData && name == "sheetData":
		s.inData, s.ended = false, true
		if s.inRow {
			return &Unusable{broken}
		}
	}
	return nil
}

func (s *scanner) endRow() error {
	if s.row.number == 0 {
		s.row.number = s.last + 1
	}
	if s.row.number <= s.last || s.row.number > maxRows {
		return &Unusable{broken}
	}
	s.last = s.row.number
	return s.visit(&s.row)
}

// merge counts a range of merged cells that goes over several rows.
func (s *scanner) merge(ref string) {
	from, to, _ := strings.Cut(ref, ":")
	_, first, ok1 := position(from)
	_, last, ok2 := position(to)
	if ok1 && ok2 && first != last {
		s.merged.add(ref)
	}
}

func attribute(attributes []xml.Attr, name string) string {
	for _, a := range attributes {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// position reads the name of a cell such as C7: column from 0, row from 1.
func position(name string) (column, row int, ok bool) {
	i := 0
	for ; i < len(name) && i < 4; i++ {
		letter := name[i] &^ 0x20
		if letter < 'A' || letter > 'Z' {
			break
		}
		column = column*26 + int(letter-'A') + 1
	}
	n, err := strconv.ParseUint(name[i:], 10, 31)
	if i == 0 || i == 4 || err != nil || n == 0 {
		return 0, 0, false
	}
	return column - 1, int(n), true
}
