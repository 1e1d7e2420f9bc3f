package guest

import (
	"fmt"
	"strconv"
	"strings"
)

// Member is one entry of an associated_members cell: the id of a member of the
// organization, or the email of one.
type Member struct {
	ID    int64  // zero where the email names the member
	Email string // empty where the id does
}

// Members takes an associated_members cell apart. Entries are separated by
// ';', ',' or '|'; blanks around them and empty entries do not count. Entries
// that are neither an id nor an email come back as problems.
func Members(cell string) (members []Member, problems []string) {
	for entry := range strings.FieldsFuncSeq(cell, separatesMembers) {
		entry = Trim(entry)
		if entry == "" {
			continue
		}
		if strings.Contains(entry, "@") {
			if problem := emailProblem(entry); problem != nil {
				problems = append(problems, quote(entry)+" "+problem.String())
				continue
			}
			members = append(members, Member{Email: entry})
			continue
		}
		id, ok := memberID(entry)
		if !ok {
			problems = append(problems, quote(entry)+" is neither a member's id nor a member's email")
			continue
		}
		members = append(members, Member{ID: id})
	}
	return members, problems
}

func separatesMembers(r rune) bool { return r == ';' || r == ',' || r == '|' }

func membersProblem(cell string) *fault {
	members, problems := Members(cell)
	if len(problems) == 0 {
		if len(members) == 0 {
			return wrong("names no member")
		}
		return nil
	}
	if left := len(problems) - mostProblems; left > 0 {
		problems = append(problems[:mostProblems], fmt.Sprintf("and %d more", left))
	}
	return &fault{cause: "has an entry that is neither a member's id nor a member's email", what: strings.Join(problems, ", ")}
}

// memberID reads a positive decimal number. Signs, and forms that other tools
// read as octal or as a fraction, are no ids.
func memberID(s string) (int64, bool) {
	if !isDigits(s) {
		return 0, false
	}
	id, err := strconv.ParseInt(s, 10, 64)
	return id, err == nil && id > 0
}
