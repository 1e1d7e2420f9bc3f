package workbook

import (
	"slices"
	"strconv"
	"strings"
)

// format is a number format: how a cell shows its value. Nil stands for one that shows the value as it is.
type format struct {
	sections []section // for numbers, by condition or sign
	text     *section  // for text; nil shows it as it is
}

// section is one of the up to four parts of a number format, which stand between semicolons.
type section struct {
	code    string // without its condition
	tokens  []token
	kind    sectionKind
	compare string  // of its condition, such as "<="; "" when it has none
	limit   float64 // of its condition
}

// sectionKind is how a section shows a number.
type sectionKind int

const (
	plainDigits  sectionKind = iota // all its digits, for General and where the format would hide some of them
	withLiterals                    // nothing of the number but what the tokens say
	byPattern                       // digits at their places
	asDate                          // a date or time
	asElapsed                       // hours, minutes or seconds that go on counting
	isoDate                         // 2006-01-02
	isoDateTime                     // 2006-01-02 15:04:05
	isoTime                         // 15:04:05
	isoEither                       // of these what the value has
)

// builtIn are the formats that a file names by a number only and that look alike everywhere.
//
// Source: ECMA-376, part 1, 18.8.30.
var builtIn = map[int]string{
	1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
	5: `"$"#,##0_);\("$"#,##0\)`, 6: `"$"#,##0_);\("$"#,##0\)`,
	7: `"$"#,##0.00_);\("$"#,##0.00\)`, 8: `"$"#,##0.00_);\("$"#,##0.00\)`,
	9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
	15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
	37: "#,##0 ;(#,##0)", 38: "#,##0 ;(#,##0)", 39: "#,##0.00 ;(#,##0.00)", 40: "#,##0.00 ;(#,##0.00)",
	41: `#,##0_);\(#,##0\);"-"_);@_)`, 42: `"$"#,##0_);\("$"#,##0\);"$-"_);@_)`,
	43: `#,##0.00_);\(#,##0.00\);"-"_);@_)`, 44: `"$"#,##0.00_);\("$"#,##0.00\);"$-"_);@_)`,
	45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0",
}

// maxCode is the longest format that Excel takes, and more than any that means something.
const maxCode = 255

// newFormat takes a format apart. The code may be empty for those that are known by their number.
func newFormat(id int, code string) *format {
	switch {
	case id == 14:
		return &format{sections: []section{{kind: isoDate}}}
	case id == 22:
		return &format{sections: []section{{kind: isoDateTime}}}
	case code == "" && (27 <= id && id <= 36 || 50 <= id && id <= 58):
		return &format{sections: []section{{kind: isoEither}}} // dates and times that differ between East Asian languages
	case code == "":
		code = builtIn[id]
	}
	if code == "" || len(code) > maxCode {
		return nil
	}
	f := &format{}
	for _, tokens := range split(tokenize(code)) {
		f.sections = append(f.sections, newSection(tokens))
	}
	last := len(f.sections) - 1
	if last >= 3 || f.sections[last].takesText() {
		f.text = &f.sections[last]
		f.sections = f.sections[:last]
	}
	return f
}

func newSection(tokens []token) section {
	s := section{kind: withLiterals}
	var code strings.Builder
	for _, t := range tokens {
		if t.kind == inBrackets && s.condition(t.text) {
			continue
		}
		code.WriteString(t.source)
		s.tokens = append(s.tokens, t)
	}
	s.code = code.String()
	s.settle()
	return s
}

// settle finds out what kind of section it is: a date if anything of one is in it.
func (s *section) settle() {
	var digits, hidden bool
	points := 0
	for i, t := range s.tokens {
		switch t.kind {
		case general:
			s.kind = plainDigits
			return
		case inBrackets:
			if kind, ok := bracketKinds[strings.ToLower(t.text)]; ok {
				s.kind = kind
				if kind != asElapsed {
					return
				}
			}
		case datePart:
			if s.kind != asElapsed {
				s.kind = asDate
			}
		case digitPart:
			digits = digits || t.isDigit()
			if t.text == "." {
				points++
			}
			if t.text == "," && !slices.ContainsFunc(s.tokens[i:], token.isDigit) {
				hidden = true // thousands or millions
			}
		case exponent:
			hidden = true
		case literal:
			hidden = hidden || t.source == "/" // a fraction
		}
	}
	switch {
	case s.kind != withLiterals || !digits:
	case hidden, points > 1:
		s.kind = plainDigits
	default:
		s.kind = byPattern
	}
}

// bracketKinds are what brackets say of dates: that a unit goes on counting, or that the system's own form is meant.
var bracketKinds = map[string]sectionKind{
	"h": asElapsed, "hh": asElapsed, "m": asElapsed, "mm": asElapsed, "s": asElapsed, "ss": asElapsed,
	"$-f800": isoDate, "$-x-sysdate": isoDate, "$-f400": isoTime, "$-x-systime": isoTime,
}

// condition takes what stands in brackets for the section's condition, if it is one.
func (s *section) condition(text string) bool {
	number := strings.TrimLeft(text, "<>=")
	compare := text[:len(text)-len(number)]
	limit, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if compare == "" || err != nil {
		return false
	}
	s.compare, s.limit = compare, limit
	return true
}

func (s *section) holds(v float64) bool {
	switch s.compare {
	case "<":
		return v < s.limit
	case "<=":
		return v <= s.limit
	case ">":
		return v > s.limit
	case ">=":
		return v >= s.limit
	case "=":
		return v == s.limit
	case "<>":
		return v != s.limit
	}
	return false
}

func (s *section) takesText() bool {
	for _, t := range s.tokens {
		if t.kind == textPart {
			return true
		}
	}
	return false
}

// choose finds the section for a number, and the number as it is shown there: a section for negative numbers alone
// brings its own sign. Nil stands for all digits.
func (f *format) choose(v float64) (*section, float64) {
	if f == nil || len(f.sections) == 0 {
		return nil, v
	}
	n := len(f.sections)
	first := &f.sections[0]
	if first.compare != "" || (n > 1 && f.sections[1].compare != "") {
		return f.chooseByCondition(v), v
	}
	switch {
	case n > 1 && v < 0:
		return &f.sections[1], -v
	case n > 2 && v == 0:
		return &f.sections[2], v
	default:
		return first, v
	}
}

func (f *format) chooseByCondition(v float64) *section {
	n := len(f.sections)
	first := &f.sections[0]
	if first.holds(v) || (first.compare == "" && v > 0) {
		return first
	}
	if n == 1 {
		return nil
	}
	second := &f.sections[1]
	if n == 2 || second.holds(v) || (second.compare == "" && v < 0) {
		return second
	}
	return &f.sections[2]
}

// showText shows a text.
func (f *format) showText(text string) string {
	if f == nil || f.text == nil {
		return text
	}
	return f.text.literals(text)
}

// literals shows the section's own letters and, in its place, the value.
func (s *section) literals(value string) string {
	var b strings.Builder
	for _, t := range s.tokens {
		switch t.kind {
		case literal:
			b.WriteString(t.text)
		case textPart, general:
			b.WriteString(value)
		case inBrackets:
			if currency, ok := strings.CutPrefix(t.text, "$"); ok {
				currency, _, _ = strings.Cut(currency, "-")
				b.WriteString(currency)
			}
		}
	}
	return b.String()
}
