package guest

import (
	"fmt"
	"strings"
	"unicode"
)

// InputError says why a file cannot be used at all. Each problem names the
// column that it is about and what would be right.
type InputError struct {
	Problems []string
}

func (e *InputError) Error() string { return strings.Join(e.Problems, "; ") }

// Header is the header row of a CSV file and what its columns mean.
type Header struct {
	// Cells are the header's cells as they stand in the file.
	Cells []string

	// LeftOut names the columns, as in the file, that are known but cannot be
	// written, such as those of an export that only the server sets.
	LeftOut []string

	columns []column // one for each cell
}

// column is what a column of the input means.
type column struct {
	kind  columnKind
	field Field // of a fieldColumn
}

type columnKind uint8

const (
	leftOutColumn columnKind = iota // known, cannot be written
	fieldColumn                     // a field of a guest
	unnamedColumn                   // an empty header cell: must be empty below it
)

// ErrorColumn is the column that a rejects file adds. A rejects file is loaded
// again as it is, so the reader leaves that column out.
const ErrorColumn = "guestlist_error"

// mostProblems is how many are named: who is told of that many knows enough,
// and a file may have any number.
const mostProblems = 20

// bindHeader finds out what the columns of a header row mean. The error, if
// there is one, is an *InputError that names the columns in question.
func bindHeader(cells []string) (Header, error) {
	header := Header{Cells: cells, columns: make([]column, len(cells))}
	var problems []string
	wrong, unknown := 0, false
	onlyServer := serverColumns()
	first := map[Field]int{}
	for i, cell := range cells {
		name := plainName(cell)
		field, isField := fieldNamed(name)
		switch {
		case name == "" && Trim(cell) == "":
			header.columns[i].kind = unnamedColumn
		case isField:
			header.columns[i] = column{fieldColumn, field}
			if earlier, twice := first[field]; twice {
				if wrong++; wrong > mostProblems {
					continue
				}
				problems = append(problems, fmt.Sprintf("columns %d (%s) and %d (%s) both mean %s: take one of them out",
					earlier+1, quote(cells[earlier]), i+1, quote(cell), field))
				continue
			}
			first[field] = i
		case onlyServer[name]:
			header.LeftOut = append(header.LeftOut, Trim(cell))
		default:
			unknown = true
			if wrong++; wrong > mostProblems {
				continue
			}
			problems = append(problems, fmt.Sprintf("column %d, %s, is not a field of a guest: %s", i+1, quote(cell), suggestion(name)))
		}
	}
	if wrong > mostProblems {
		problems = append(problems, fmt.Sprintf("and %d more columns are wrong", wrong-mostProblems))
	}
	if unknown {
		problems = append(problems, "the fields are "+fieldNames())
	}
	if _, ok := first[Email]; !ok {
		problems = append(problems, "there is no email column: the first row must name the columns, and one of them must be email")
	}
	if len(problems) > 0 {
		return Header{}, &InputError{problems}
	}
	return header, nil
}

// mapped returns the header row with each column under its field's name, and
// without a name where it is not read.
func (h *Header) mapped() []string {
	names := make([]string, len(h.columns))
	for i, c := range h.columns {
		if c.kind == fieldColumn {
			names[i] = c.field.String()
		}
	}
	return names
}

// plainName reduces a header cell to what counts: lower-case letters and
// digits, so that "First Name", "first-name" and "first_name" are one.
func plainName(cell string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, cell)
}

func fieldNamed(plain string) (Field, bool) {
	for f := range NumFields {
		if plainName(f.String()) == plain {
			return f, true
		}
	}
	return 0, false
}

// serverColumns returns the plain names of the columns that come from an export
// or a rejects file of ours. Unless they are fields too, they hold what only the
// server or this tool writes.
func serverColumns() map[string]bool {
	names := map[string]bool{plainName(ErrorColumn): true}
	for _, name := range recordColumns() {
		names[plainName(name)] = true
	}
	return names
}

// suggestion names the fields that a column may mean: those that its name is the
// beginning of, else the nearest.
func suggestion(plain string) string {
	var begun []string
	nearest, fewest := Email, -1
	for f := range NumFields {
		name := plainName(f.String())
		if len(plain) >= 3 && strings.HasPrefix(name, plain) {
			begun = append(begun, f.String())
		}
		if n := edits(plain, name); fewest < 0 || n < fewest {
			nearest, fewest = f, n
		}
	}
	switch {
	case len(begun) > 0:
		return "did you mean " + strings.Join(begun, " or ") + "?"
	case 2*fewest <= max(len([]rune(plain)), 4):
		return "did you mean " + nearest.String() + "?"
	}
	return "take it out, or name it after a field (nearest is " + nearest.String() + ")"
}

// fieldNames names all fields.
func fieldNames() string {
	var names []string
	for f := range NumFields {
		names = append(names, f.String())
	}
	return strings.Join(names, ", ")
}

// edits counts the insertions, deletions and replacements that turn a into b
// (the Levenshtein distance).
func edits(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j := range to {
			change := diagonal
			if from[i] != to[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
