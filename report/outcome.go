package report

import (
	"fmt"
	"strconv"

	"guestlist/results"
)

// kind is how much a person has to care for a status.
type kind string

const (
	done      kind = "done"
	still     kind = "still"     // nothing was to be done
	attention kind = "attention" // somebody has to look at it
)

// outcome is what a status means to a person.
type outcome struct {
	status  results.Status
	kind    kind
	meaning string
}

var outcomes = [...]outcome{
	{results.Created, done, "invited as a new guest"},
	{results.Updated, done, "members of the organization associated"},
	{results.Deleted, done, "taken out of the organization"},
	{results.Disabled, done, "cannot sign in any more"},
	{results.Enabled, done, "can sign in again"},
	{results.Planned, done, "would be written to the server"},
	{results.Valid, done, "nothing is wrong with the row"},
	{results.Unchanged, still, "nothing was to be done"},
	{results.Sending, attention, "on its way; what came of it is not known yet"},
	{results.Invalid, attention, "something in the row is wrong: not sent"},
	{results.Duplicate, attention, "the email stands on an earlier row: not sent"},
	{results.Failed, attention, "could not be done"},
}

// outcomes counts the rows by status, as far as there are any.
func (r *Run) outcomes() []outcomeRow {
	most := 1
	for _, n := range r.statuses {
		most = max(most, n)
	}
	var rows []outcomeRow
	for _, o := range outcomes {
		n := r.statuses[o.status]
		if n == 0 {
			continue
		}
		rows = append(rows, outcomeRow{
			Status: string(o.status), Meaning: o.meaning, Rows: number(n), Share: share(n, r.rows), Kind: string(o.kind),
			Bar: strconv.FormatFloat(max(0.6, 100*float64(n)/float64(most)), 'f', 1, 64),
		})
	}
	return rows
}

// lead is the page in one or two sentences.
func (r *Run) lead() string {
	by := map[kind]int{}
	for _, o := range outcomes {
		by[o.kind] += r.statuses[o.status]
	}
	sentence := fmt.Sprintf("All %s are done.", counted(r.rows, "row"))
	switch {
	case r.rows == 0 && r.partial:
		return "Nothing is done yet."
	case r.rows == 0:
		return "The file has no rows."
	case r.statuses[results.Valid] > 0:
		sentence = fmt.Sprintf("%s of %s can be imported.", number(r.statuses[results.Valid]), counted(r.rows, "row"))
	case r.isPlan():
		sentence = fmt.Sprintf("%s of %s would be written to the server. This is a plan: nothing was sent.", number(r.statuses[results.Planned]), counted(r.rows, "row"))
	case r.partial:
		return fmt.Sprintf("The run has not finished. So far %s are recorded.", counted(r.rows, "row"))
	case r.rows == 1 && by[attention] == 0:
		sentence = "The one row is done."
	case by[attention] == r.rows:
		return fmt.Sprintf("None of %s is done: see below.", counted(r.rows, "row"))
	case by[attention] > 0:
		sentence = fmt.Sprintf("%s of %s are done.", number(by[done]+by[still]), counted(r.rows, "row"))
	}
	switch n := by[attention]; {
	case n == 1:
		sentence += " One row needs a look."
	case n > 1:
		sentence += fmt.Sprintf(" %s need a look.", counted(n, "row"))
	}
	return sentence
}
