package guest

import (
	"fmt"
	"strings"
)

// ColumnOptions is what a person has said about the columns of a file. The zero
// value says nothing.
type ColumnOptions struct {
	// Map says which column gives which field. It wins over all else.
	Map []Mapping

	// Ignore names columns to leave out, as the file's header has them.
	Ignore []string

	// IgnoreUnknown leaves out every column that would be asked for.
	IgnoreUnknown bool
}

// Mapping says that the column under Header gives Field.
type Mapping struct {
	Header string
	Field  Field
}

// ParseMapping takes "CSV header=field" apart. The header may hold an equals
// sign, a field cannot.
func ParseMapping(s string) (Mapping, error) {
	at := strings.LastIndexByte(s, '=')
	if at < 0 {
		return Mapping{}, fmt.Errorf("%s has no equals sign: write the column's header, = and the field, such as 'Work address=email'", quote(s))
	}
	header, name := Trim(s[:at]), plainName(s[at+1:])
	if header == "" {
		return Mapping{}, fmt.Errorf("%s has no header before the equals sign: write the column's header, = and the field, such as 'Work address=email'", quote(s))
	}
	field, ok := fieldNamed(name)
	if !ok {
		return Mapping{}, fmt.Errorf("%s is not a field of a guest: %s; the fields are %s", quote(Trim(s[at+1:])), suggestion(name), fieldNames())
	}
	return Mapping{header, field}, nil
}

// suggestion says what to do about a name that is no field's.
func suggestion(plain string) string {
	if near := nearFields(plain); len(near) > 0 {
		return didYouMean + strings.Join(near, " or ") + "?"
	}
	field, _ := nearestField(plain)
	return "take it out, or name it after a field (nearest is " + field.String() + ")"
}

// find returns the one column that a flag names.
func (b *binder) find(flag, header string) (int, string) {
	all, problem := b.findAll(flag, header)
	switch {
	case problem != "":
		return 0, problem
	case len(all) > 1:
		return 0, fmt.Sprintf("%s %s: %s have that header: rename one of them in the file", flag, shellQuote(header), b.named(all))
	}
	return all[0], ""
}

// findAll returns the columns that a flag names: those with that header, else
// those whose header differs in capitals, accents and punctuation only.
func (b *binder) findAll(flag, header string) ([]int, string) {
	if all := b.byHeader[Trim(header)]; len(all) > 0 {
		return all, ""
	}
	wanted := foldedHeader(header)
	if len(wanted) > 1000 {
		return nil, fmt.Sprintf("%s %s: the file has no such column", flag, quote(header))
	}
	var all []int
	nearest, fewest := "", -1
	for i, cell := range b.cells {
		if b.columns[i].kind == unnamedColumn {
			continue
		}
		folded := foldedHeader(cell)
		if folded == wanted && wanted != "" {
			all = append(all, i)
		}
		if n := edits(wanted, folded[:min(len(folded), 1000)]); fewest < 0 || n < fewest {
			nearest, fewest = b.name(i), n
		}
	}
	switch {
	case len(all) > 0:
		return all, ""
	case fewest < 0:
		return nil, fmt.Sprintf("%s %s: the file has no such column", flag, shellQuote(header))
	}
	return nil, fmt.Sprintf("%s %s: the file has no such column; the nearest is %s", flag, shellQuote(header), quote(nearest))
}
