package report

import (
	"fmt"

	"guestlist/results"
)

// Commands are what a person may type next, as far as they are known.
type Commands struct {
	Input   string // the file that went in
	Import  string // imports it, or deletes, disables or enables its guests
	Resume  string // goes on with what did not succeed
	Check   string // checks it again, without a token
	Rejects string // the file of the refused rows; empty: there is none
	Mended  string // goes on with the rejects when they are mended
	Note    string // about all of these; may be empty
}

// step is one thing to do.
type step struct{ Text, Command string }

// stepsOf returns what to do next; none when there is nothing.
func (r *Run) stepsOf(c Commands) []step {
	steps := r.steps(c)
	if n := len(steps); n > 0 && c.Note != "" {
		steps[n-1].Text += " (" + c.Note + ")"
	}
	return steps
}

func (r *Run) steps(c Commands) []step {
	failed := r.statuses[results.Failed]
	wrong := r.statuses[results.Invalid] + r.statuses[results.Duplicate]
	switch {
	case r.rows == 0 && !r.partial:
		return nil
	case r.isPlan():
		return r.planSteps(c, wrong)
	case r.partial:
		return []step{{"The run had not finished when this page was made. While it is still at work there is nothing to do. If it has stopped, go on where it was:", c.Resume}}
	}
	var steps []step
	if r.unsettled > 0 {
		steps = append(steps, step{fmt.Sprintf("Of %s it is not known whether the server has done what was sent. Settle that first: each is looked up before anything is sent, so nothing is done twice.", counted(r.unsettled, "row")), c.Resume})
	}
	if wrong > 0 {
		steps = append(steps, r.mendStep(c, wrong))
	}
	if failed -= r.unsettled - r.statuses[results.Sending]; failed > 0 {
		steps = append(steps, step{fmt.Sprintf("%s failed. See to the causes below, then try these rows again; what is done is not sent again.", counted(failed, "row")), c.Resume})
	}
	for i := range steps[:max(0, len(steps)-1)] {
		if next := &steps[i+1]; next.Command == steps[i].Command {
			steps[i].Command, next.Text = "", next.Text+" One command does both:"
		}
	}
	return steps
}

func (r *Run) planSteps(c Commands, wrong int) []step {
	var steps []step
	if wrong > 0 {
		steps = append(steps, step{fmt.Sprintf("%s would be refused. Mend them in %s, then check it again:", counted(wrong, "row"), orFile(c.Input)), c.Check})
	}
	if r.statuses[results.Planned]+r.statuses[results.Valid] > 0 {
		text := "Nothing has been sent yet. To do it:"
		if wrong > 0 {
			text = "Or go on with the file as it is: the rows that are refused are set aside, the others are done."
		}
		steps = append(steps, step{text, c.Import})
	}
	return steps
}

// mendStep says how to get refused rows in.
func (r *Run) mendStep(c Commands, wrong int) step {
	hint := ""
	if r.statuses[results.Duplicate] > 0 {
		hint = " (A duplicate needs nothing where the row before it is right.)"
	}
	if c.Rejects == "" {
		return step{fmt.Sprintf("%s were refused and not sent. Mend them in %s and go on: what is done is not sent again.%s", counted(wrong, "row"), orFile(c.Input), hint), c.Resume}
	}
	return step{fmt.Sprintf("%s were refused and not sent. They stand in %s as they were, with the reason in the last column. Mend them there, then go on with that file.%s", counted(wrong, "row"), c.Rejects, hint), c.Mended}
}

// orFile names a file where its name is not known.
func orFile(name string) string {
	if name == "" {
		return "your file"
	}
	return name
}
