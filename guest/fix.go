package guest

import (
	"strings"
	"unicode/utf8"
)

// Repair is one value that Fix has mended.
type Repair struct {
	Field         Field
	Before, After string
	How           string // what was done, lower case: "added https://"
}

// String words the repair as a part of a results file's error.
func (r Repair) String() string {
	return "fixed: " + r.Field.String() + ": " + r.How + " (was " + quote(r.Before) + ")"
}

// Fix mends what can be mended without a doubt about what was meant, and
// returns what it did, in the order of the fields. A value that would not be
// valid afterwards stays as it is. Values that are valid already are changed in
// three ways only: invisible characters that mean nothing where they stand are
// taken out, and so are blanks that cannot belong there, and the apostrophe that
// is a spreadsheet's mark of a text. Values must be trimmed already. To fix
// twice is to fix once.
//
// What is mended: URLs without a scheme, with a mistyped one and with blanks;
// addresses with a name, mailto: or punctuation around them; dates of which only
// one day can be meant; the names of time zones that were renamed; formulas that
// are nothing but a text.
func Fix(g *Guest) []Repair {
	var repairs []Repair
	for f := range NumFields {
		value := g.Get(f)
		if value == "" {
			continue
		}
		if better, how := repaired(f, value); better != "" {
			g.Set(f, better)
			repairs = append(repairs, Repair{f, value, better, how})
		}
	}
	return repairs
}

// repaired returns what Fix makes of a value and how; "" if it leaves it as it is.
func repaired(f Field, value string) (better, how string) {
	r := repairing{value: value}
	r.by(unprotected(f, value))
	r.by(fields[f].repair(r.value))
	better, how = r.result()
	if better = Trim(better); better == "" || better == value || !utf8.ValidString(value) || faultOf(f, better) != nil || damageProblem(better) != nil {
		return "", ""
	}
	return better, how
}

// repairing is a value on its way through repairs, and what was done to it.
type repairing struct {
	value string
	done  []string
}

// by takes over what a repair made of the value, if it made another of it.
func (r *repairing) by(better, how string) {
	if better != "" && better != r.value {
		r.value, r.done = better, append(r.done, how)
	}
}

func (r *repairing) result() (better, how string) { return r.value, strings.Join(r.done, ", ") }

// repairText mends words that people read.
func repairText(s string) (better, how string) {
	if isTidy(s) {
		return s, ""
	}
	r := repairing{value: s}
	r.by(withoutControls(r.value), "took out control characters")
	r.by(withoutInvisible(r.value), tookInvisible)
	r.by(singleBlanks(r.value), "made each run of blanks one blank")
	return r.result()
}

func repairZone(s string) (better, how string) {
	if zones[s] {
		return s, ""
	}
	zone := zoneNamed(s)
	return zone, "now " + zone
}

func repairDatetime(s string) (better, how string) {
	if isDatetime(s) {
		return s, ""
	}
	r := repairing{value: bare(s)}
	if better = datetimeLike(r.value); better == "" {
		better, _ = localDatetime(r.value)
	}
	return better, "now " + better
}

// repairMembers mends each entry. What separates them becomes a semicolon.
func repairMembers(s string) (better, how string) {
	if membersProblem(s) == nil {
		return s, ""
	}
	var entries []string
	for entry := range strings.FieldsFuncSeq(s, separatesMembers) {
		if entry = bare(Trim(entry)); strings.Contains(entry, "@") {
			entry, _ = repairEmail(entry)
		}
		if entry != "" {
			entries = append(entries, entry)
		}
	}
	better = strings.Join(entries, ";")
	return better, "now " + clip(better, 100)
}
