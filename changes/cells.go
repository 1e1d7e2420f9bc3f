package changes

import "bytes"

// Why a record cannot be taken apart.
const (
	strayQuote    = problem("a quote stands inside a cell that does not begin with one: the whole cell must be quoted and the quote doubled")
	afterQuote    = problem("a quoted cell goes on after its closing quote: a quote inside a quoted cell must be doubled")
	unclosedQuote = problem("a quoted cell is not closed")
)

// splitter takes records apart. What it returns is valid until the next one.
type splitter struct {
	comma byte
	cells [][]byte
	plain []byte // quoted cells with their quotes taken off
}

// split returns the cells of a record, or the problem that its quoting has.
func (s *splitter) split(raw []byte) ([][]byte, error) {
	s.cells, s.plain = s.cells[:0], s.plain[:0]
	quoted := bytes.IndexByte(raw, '"') >= 0
	for {
		if quoted && len(raw) > 0 && raw[0] == '"' {
			cell, rest, err := s.unquote(raw[1:])
			if err != nil {
				return nil, err
			}
			s.cells = append(s.cells, cell)
			if len(rest) == 0 {
				return s.cells, nil
			}
			raw = rest[1:]
			continue
		}
		end := bytes.IndexByte(raw, s.comma)
		cell := raw
		if end >= 0 {
			cell = raw[:end]
		}
		if quoted && bytes.IndexByte(cell, '"') >= 0 {
			return nil, strayQuote
		}
		s.cells = append(s.cells, cell)
		if end < 0 {
			return s.cells, nil
		}
		raw = raw[end+1:]
	}
}

// unquote returns a cell whose opening quote is passed, and what follows it: the
// delimiter or nothing.
func (s *splitter) unquote(raw []byte) (cell, rest []byte, err error) {
	from := len(s.plain)
	for {
		end := bytes.IndexByte(raw, '"')
		if end < 0 {
			return nil, nil, unclosedQuote
		}
		if rest = raw[end+1:]; len(rest) > 0 && rest[0] == '"' {
			s.plain = append(s.plain, raw[:end+1]...)
			raw = rest[1:]
			continue
		}
		if len(rest) > 0 && rest[0] != s.comma {
			return nil, nil, afterQuote
		}
		if len(s.plain) == from {
			return raw[:end], rest, nil
		}
		s.plain = append(s.plain, raw[:end]...)
		return s.plain[from:], rest, nil
	}
}
