// Package results keeps what became of every row of a run, be it an import or one
// that deletes, disables or enables guests: the journal while it is under way, the
// finished results file, and what a later run may rely on.
package results

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"guestlist/guest"
)

// Status says what became of a row.
type Status string

// The statuses of a results file. Sending stands in a journal only: a write is
// about to leave and its outcome is not known.
const (
	Created   Status = "created"
	Updated   Status = "updated"
	Unchanged Status = "unchanged"
	Invalid   Status = "invalid"
	Duplicate Status = "duplicate"
	Failed    Status = "failed"
	Deleted   Status = "deleted"
	Disabled  Status = "disabled"
	Enabled   Status = "enabled"
	Planned   Status = "planned"
	Valid     Status = "valid"
	Sending   Status = "sending"
)

// Refused tells whether a row with this status belongs into the rejects file.
func (s Status) Refused() bool { return s == Invalid || s == Duplicate || s == Failed }

// known tells whether a run writes this status.
func (s Status) known() bool {
	switch s {
	case Created, Updated, Unchanged, Invalid, Duplicate, Failed, Deleted, Disabled, Enabled, Planned, Valid, Sending:
		return true
	}
	return false
}

// Action says what was done on the server, or would be.
type Action string

// The actions of an import, and those of the runs that are named like them.
const (
	None            Action = "none"
	Create          Action = "create"
	CreateAssociate Action = "create+associate"
	Associate       Action = "associate"
	Delete          Action = "delete"
	Disable         Action = "disable"
	Enable          Action = "enable"
)

// FateUnknown begins the error of a row that was sent and that nobody can tell
// the outcome of. A resume settles it.
const FateUnknown = "fate unknown"

// Sent words that a write was sent and that nobody can tell what became of it.
func Sent(write Action) string { return sentPrefix + string(write) + " was sent" }

const sentPrefix = FateUnknown + ": the "

// LeftAlone begins the error of a row whose guest a delete spares, as it undoes an
// import that did not create them.
const LeftAlone = "left alone"

// Line is one line of a results file.
type Line struct {
	Row        int    // counts data rows from 1
	Line       int    // the line of the input where the row starts
	Email      string // as in the input
	Status     Status
	Action     Action
	HTTPStatus int // of the last answer; zero: none
	GuestID    string
	Attempts   int // writes sent
	Error      string
	FinishedAt time.Time // zero: not written
	Org        string
	Link       string // the forever link; only where the user asked for it
}

// settled tells whether a later run may take the line over as it is.
func (l *Line) settled() bool {
	switch l.Status {
	case Created, Updated, Deleted, Disabled, Enabled:
		return true
	}
	return false
}

// Unsettled tells whether a write was sent whose outcome is not known.
func (l *Line) Unsettled() bool {
	return l.Status == Sending || l.Status == Failed && strings.HasPrefix(l.Error, FateUnknown)
}

// WasCreated tells whether the guest was created by the run that wrote the
// line, or one that it went on from, whatever became of the rest of the row.
func (l *Line) WasCreated() bool {
	return l.GuestID != "" && (l.Action == Create || l.Action == CreateAssociate)
}

// Wrote tells whether something was, or may have been, written to the server.
func (l *Line) Wrote() bool { return l.settled() || l.Unsettled() || l.WasCreated() }

var columns = []string{
	"row", "line", "email", "status", "action", "http_status", "guest_id", "attempts", "error", "finished_at", "org", "link",
}

// header returns the column names, the link among them only when asked for.
func header(links bool) []string {
	if links {
		return columns
	}
	return columns[:len(columns)-1]
}

// headerRow returns the header as it stands in a file.
func headerRow(links bool) []byte { return []byte(strings.Join(header(links), ",") + "\n") }

// appendTo adds the line to a file's content. Every line of a results file is one
// physical line, so line ends inside a value become blanks; it has no NUL, so
// that zeros where a disk lost something are seen; and only the email is as long
// as the input has it.
func (l *Line) appendTo(to []byte, links bool) []byte {
	to = appendNumber(to, l.Row)
	to = appendNumber(to, l.Line)
	to = appendCell(to, l.Email)
	to = append(append(to, l.Status...), ',')
	to = append(append(to, l.Action...), ',')
	if l.HTTPStatus == 0 {
		to = append(to, ',')
	} else {
		to = appendNumber(to, l.HTTPStatus)
	}
	to = appendCell(to, short(l.GuestID))
	to = appendNumber(to, l.Attempts)
	to = appendCell(to, short(l.Error))
	if !l.FinishedAt.IsZero() {
		to = l.FinishedAt.UTC().AppendFormat(to, "2006-01-02T15:04:05.000Z07:00")
	}
	to = append(to, ',')
	to = appendCell(to, l.Org)
	if links {
		to = appendCell(to, short(l.Link))
	}
	to[len(to)-1] = '\n' // the last cell's delimiter
	return to
}

// appendNumber adds a cell and the delimiter after it.
func appendNumber(to []byte, n int) []byte {
	return append(strconv.AppendInt(to, int64(n), 10), ',')
}

// appendCell adds a cell, quoted where encoding/csv would quote it, and the
// delimiter after it.
func appendCell(to []byte, cell string) []byte {
	if !isPlain(cell) {
		cell = oneLine(cell)
		if first, _ := utf8.DecodeRuneInString(cell); unicode.IsSpace(first) || strings.ContainsAny(cell, "\",") {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
	}
	return append(append(to, cell...), ',')
}

// isPlain tells whether a cell can be written as it is: most can.
func isPlain(cell string) bool {
	for i := range len(cell) {
		if c := cell[i]; c <= ' ' || c == '"' || c == ',' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// parseLine is the inverse of appendTo, for a file with the given header row.
func parseLine(names, cells []string) (Line, error) {
	if len(cells) != len(names) {
		return Line{}, fmt.Errorf("has %d cells where the header has %d", len(cells), len(names))
	}
	var l Line
	var err error
	number := func(name, cell string) int {
		if cell == "" {
			return 0
		}
		n, e := strconv.ParseUint(cell, 10, 31)
		if e != nil && err == nil {
			err = fmt.Errorf("%s is %q, not a number", name, cell)
		}
		return int(n)
	}
	for i, name := range names {
		cell := cells[i]
		switch name {
		case "row":
			l.Row = number(name, cell)
		case "line":
			l.Line = number(name, cell)
		case "email":
			l.Email = cell
		case "status":
			l.Status = Status(cell)
			if !l.Status.known() && err == nil {
				err = fmt.Errorf("status is %q, which no run writes", cell)
			}
		case "action":
			l.Action = Action(cell)
		case "http_status":
			l.HTTPStatus = number(name, cell)
		case "guest_id":
			l.GuestID = cell
		case "attempts":
			l.Attempts = number(name, cell)
		case "error":
			l.Error = cell
		case "finished_at":
			if cell != "" {
				at, e := time.Parse(time.RFC3339, cell)
				if e != nil && err == nil {
					err = fmt.Errorf("finished_at is %q, not a time", cell)
				}
				l.FinishedAt = at
			}
		case "org":
			l.Org = cell
		case "link":
			l.Link = cell
		}
	}
	return l, err
}

// key is what lines of one person have in common.
func key(email string) string { return guest.Key(oneLine(email)) }

// oneLine makes a value fit for one line of a results file.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n\x00") {
		return s
	}
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\x00", "\ufffd").Replace(s)
}

// short cuts a value that nobody but a broken server makes long.
func short(s string) string {
	const most = 8 << 10
	if len(s) > most {
		end := most
		for !utf8.RuneStart(s[end]) && end > most-utf8.UTFMax {
			end--
		}
		s = s[:end] + "…"
	}
	return s
}
