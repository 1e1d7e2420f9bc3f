package guest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// mostProblems is how many are named: who is told of that many knows enough,
// and a file may have any number.
const mostProblems = 20

// question is what to ask about a column.
type question struct {
	kind    questionKind
	fields  []Field // that it may mean
	columns []int   // of a whichQuestion: all that mean the field
}

type questionKind uint8

const (
	unknownQuestion questionKind = iota // nobody has heard of it
	maybeQuestion                       // it may mean one of the fields, or nothing
	wholeQuestion                       // it holds whole names
	halfQuestion                        // it holds one half of the name, or all of it
	partyQuestion                       // it holds names of firms, or whole ones of people
	whichQuestion                       // several columns mean one field
	sharedQuestion                      // the question about another column asks for this one too
)

// askMaybe asks about a column that may mean one of the fields, or nothing.
func (b *binder) askMaybe(i int, fields ...Field) {
	b.asked[i] = question{kind: maybeQuestion, fields: fields}
}

// askWhich asks which of several columns is to give a field.
func (b *binder) askWhich(columns []int, f Field) {
	for _, i := range columns[1:] {
		b.asked[i] = question{kind: sharedQuestion}
	}
	b.asked[columns[0]] = question{kind: whichQuestion, fields: []Field{f}, columns: columns}
}

// ignoreAsked leaves out what would be asked for. The email is still asked for:
// nothing can be done without it.
func (b *binder) ignoreAsked() {
	for i := range b.asked {
		if !b.mayBeEmail(i) {
			if b.asked[i].kind == unknownQuestion {
				b.slips[i] = nearFields(plainName(b.cells[i]))
			}
			b.columns[i].kind = ignoredColumn
			delete(b.asked, i)
		}
	}
}

// problems says all that is wrong, and what to type, which may be to ignore the
// unknown unless that was said already.
func (b *binder) problems(ignoresUnknown bool) []string {
	var problems []string
	asked, email := 0, b.taken[Email]
	for i := range b.cells {
		q, ok := b.asked[i]
		if !ok || q.kind == sharedQuestion || b.askedBefore(i) {
			continue
		}
		email = email || b.mayBeEmail(i)
		if asked++; asked <= mostProblems {
			problems = append(problems, b.describe(i, q))
		}
	}
	if asked > mostProblems {
		problems = append(problems, fmt.Sprintf("and %d more columns are wrong", asked-mostProblems))
	}
	if asked > 2 && !ignoresUnknown {
		problems = append(problems, "to leave out all columns that are not known: --ignore-unknown")
	}
	if slices.ContainsFunc(problems, func(problem string) bool { return strings.Contains(problem, fieldToName) }) {
		problems = append(problems, "the fields are "+fieldNames())
	}
	problems = append(slices.Clone(b.errors), problems...)
	if !email {
		missing := noEmail
		if i := slices.Index(b.columns, column{kind: unnamedColumn}); i >= 0 {
			missing += "; the name of a column without a header is its number, such as --map '" + b.numbered(i) + "=email'"
		}
		problems = append([]string{missing}, problems...)
	}
	return problems
}

// fieldToName stands in what to type for the field, which only a person can name.
const fieldToName = "=FIELD'"

const noEmail = "there is no email column: the first row must name the columns, and one of them must be email (or say which one it is: --map 'HEADER=email')"

// mayBeEmail tells whether a column is asked for because it may be the email.
func (b *binder) mayBeEmail(i int) bool { return b.meanings[i].kind == meaningEmail && !b.taken[Email] }

// askedBefore tells whether a column is asked for together with one of the same
// header before it.
func (b *binder) askedBefore(i int) bool {
	first := b.namesakes(i)[0]
	q, asked := b.asked[first]
	return first < i && asked && q.kind != sharedQuestion
}

// describe says what a question is about and what to type.
func (b *binder) describe(i int, q question) string {
	if q.kind == whichQuestion {
		return b.describeWhich(q)
	}
	if same := b.namesakes(i); len(same) > 1 {
		return fmt.Sprintf("%s have the same header, and nobody can tell which is which: rename them in the file, or leave %s out with %s, or name each by its number, such as %s",
			b.named(same), bothOrAll(same), b.ignoreAllFlag(i), b.mapFlag(i, "FIELD"))
	}
	switch q.kind {
	case maybeQuestion:
		return b.describeMaybe(i, q.fields)
	case halfQuestion:
		return fmt.Sprintf("%s: may hold the whole name, or only what %s does not: %s or %s",
			b.column(i), q.fields[1], b.mapFlag(i, q.fields[0].String()), b.ignoreFlag(i))
	case partyQuestion:
		return fmt.Sprintf("%s: holds names of companies or of people: if of companies, %s; if of people, split it into two columns, first_name and last_name, or leave it out with %s",
			b.column(i), b.mapFlag(i, CompanyName.String()), b.ignoreFlag(i))
	case wholeQuestion:
		return fmt.Sprintf("%s: holds whole names, and where the first name ends is never guessed: split it into two columns, first_name and last_name, or leave it out with %s",
			b.column(i), b.ignoreFlag(i))
	}
	near := nearFields(plainName(b.cells[i]))
	if len(near) == 0 {
		return fmt.Sprintf("%s, is not a field of a guest: take it out with %s, or say which field it gives: %s", b.column(i), b.ignoreFlag(i), b.mapFlag(i, "FIELD"))
	}
	return fmt.Sprintf("%s, is not a field of a guest: did you mean %s? %s or %s", b.column(i), strings.Join(near, " or "), b.mapFlags(i, near), b.ignoreFlag(i))
}

// describeMaybe asks about a column that may mean one of the fields, or nothing.
func (b *binder) describeMaybe(i int, fields []Field) string {
	var names []string
	for _, f := range fields {
		if !b.taken[f] {
			names = append(names, f.String())
		}
	}
	switch {
	case len(fields) == 0:
		return fmt.Sprintf("%s: does not say which field of a guest it gives: leave it out with %s, or say which: %s", b.column(i), b.ignoreFlag(i), b.mapFlag(i, "FIELD"))
	case len(names) == 0:
		return fmt.Sprintf("%s: another column gives %s already: leave this one out with %s, or take it instead with %s",
			b.column(i), fields[0], b.ignoreFlag(i), b.mapFlag(i, fields[0].String()))
	}
	return fmt.Sprintf("%s: might be %s or nothing: %s or %s", b.column(i), strings.Join(names, ", "), b.mapFlags(i, names), b.ignoreFlag(i))
}

// describeWhich asks which of several columns is to give a field.
func (b *binder) describeWhich(q question) string {
	both := fmt.Sprintf("%s %s mean %s", b.named(q.columns), bothOrAll(q.columns), q.fields[0])
	var flags []string
	for _, i := range q.columns[:min(len(q.columns), mostListed)] {
		flags = append(flags, b.mapFlag(i, q.fields[0].String()))
	}
	return both + ": say which it is with " + strings.Join(flags, " or ")
}

func bothOrAll(columns []int) string {
	if len(columns) == 2 {
		return "both"
	}
	return "all"
}

func (b *binder) column(i int) string {
	return fmt.Sprintf("column %d, %s", i+1, quote(b.name(i)))
}

// mostListed is how many columns of one question are named.
const mostListed = 5

// named names several columns: columns 2 ("Phone") and 3 ("Tel.").
func (b *binder) named(columns []int) string {
	var s strings.Builder
	s.WriteString("columns ")
	for n, i := range columns {
		switch {
		case n == 0:
		case n == mostListed:
			fmt.Fprintf(&s, " and %d more", len(columns)-n)
			return s.String()
		case n == len(columns)-1:
			s.WriteString(" and ")
		default:
			s.WriteString(", ")
		}
		fmt.Fprintf(&s, "%d (%s)", i+1, quote(b.name(i)))
	}
	return s.String()
}

// mapFlags writes what to type for each of several fields.
func (b *binder) mapFlags(i int, fields []string) string {
	flags := make([]string, len(fields))
	for n, f := range fields {
		flags[n] = b.mapFlag(i, f)
	}
	return strings.Join(flags, ", ")
}

func (b *binder) mapFlag(i int, field string) string {
	return "--map " + shellQuote(b.flagName(i)+"="+field)
}

func (b *binder) ignoreFlag(i int) string { return "--ignore-column " + shellQuote(b.flagName(i)) }

// ignoreAllFlag leaves out the namesakes of a column as well.
func (b *binder) ignoreAllFlag(i int) string { return "--ignore-column " + shellQuote(b.name(i)) }

// keepFirst writes what to type to keep the first of several columns.
func (b *binder) keepFirst(columns []int, f Field) string {
	flags := b.mapFlag(columns[0], f.String())
	for _, i := range columns[1:min(len(columns), mostListed)] {
		flags += " " + b.ignoreFlag(i)
	}
	return flags
}

// shellQuote writes a value as a shell takes it. What a terminal would not show
// becomes a space: headers are compared without.
func shellQuote(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
