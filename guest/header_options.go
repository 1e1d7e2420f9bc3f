package guest

import (
	"fmt"
	"strconv"
	"strings"
)

// ColumnOptions is what a person has said about the columns of a file. The zero
// value says nothing.
type ColumnOptions struct {
	// Map says which column gives which field. It wins over all else. Here and in
	// Ignore, "#3" is the third column unless a header is literally that.
	Map []Mapping

	// Ignore names columns to leave out, as the file's header has them.
	Ignore []string

	// IgnoreUnknown leaves out every column that would be asked for.
	IgnoreUnknown bool

	// EmailOnly reads no column but that of the email, for those who only need to
	// know whom a file names. What the others mean is then not asked for.
	EmailOnly bool
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

// numbered names a column by its number, for one whose header says nothing.
func (b *binder) numbered(i int) string { return fmt.Sprintf("#%d", i+1) }

// flagName is how a flag names a column: by its header, or by its number where
// that says more.
func (b *binder) flagName(i int) string {
	if number := b.numbered(i); len(b.namesakes(i)) != 1 && len(b.byHeader[number]) == 0 {
		return number
	}
	return b.name(i)
}

// columnNumber returns the column, from 0, that "#3" means.
func columnNumber(header string) (index int, ok bool) {
	digits, ok := strings.CutPrefix(Trim(header), "#")
	if !ok || digits == "" || len(digits) > 6 || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n - 1, err == nil && n > 0
}

// find returns the one column that a flag names.
func (b *binder) find(flag, header string) (int, string) {
	all, problem := b.findAll(flag, header)
	switch {
	case problem != "":
		return 0, problem
	case len(all) > 1:
		return 0, fmt.Sprintf("%s %s: %s have that header: name one of them by its number, such as '%s'", flag, shellQuote(header), b.named(all), b.flagName(all[0]))
	}
	return all[0], ""
}

// findAll returns the columns that a flag names: those with that header, else the
// one with that number, else those whose header differs in capitals, accents and
// punctuation only.
func (b *binder) findAll(flag, header string) ([]int, string) {
	if all := b.byHeader[Trim(header)]; len(all) > 0 {
		return all, ""
	}
	if i, ok := columnNumber(header); ok {
		if i < len(b.cells) {
			return []int{i}, ""
		}
		return nil, fmt.Sprintf("%s %s: the file has only %d columns", flag, shellQuote(header), len(b.cells))
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
