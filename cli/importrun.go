package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"guestlist/ratelimit"
	"guestlist/results"
)

// do is the run itself.
func (j *importJob) do(ctx context.Context) (err error) {
	if j.dryRun {
		return j.dry(ctx)
	}
	run, err := j.lock(ctx)
	if err != nil {
		return err
	}
	defer func() { err = both(err, run.Remove()) }()
	if err := j.checkUnfinished(); err != nil { // whoever has held it until now may have left something
		return err
	}
	var journal *results.Journal
	if j.resume { // the plan depends on what an earlier run did
		if journal, err = j.startJournal(); err != nil {
			return err
		}
	}
	if err = j.makePlan(ctx); err == nil {
		err = j.checkExpected()
	}
	if err == nil {
		err = j.confirm(ctx)
	}
	if err != nil {
		return j.unfinished(journal, causeOf(ctx, err))
	}
	if !j.resume {
		if journal, err = j.startJournal(); err != nil {
			return err
		}
	}
	began := time.Now()
	j.sent = j.plan.NewRun(journal)
	if err := j.send(ctx); err != nil {
		return j.unfinished(journal, causeOf(ctx, err))
	}
	// Which may be the file that is replaced now.
	if err := j.closeCreatedBy(); err != nil {
		return j.unfinished(journal, err)
	}
	defer func() { err = both(err, journal.Close()) }()
	if err := j.finish(journal); err != nil {
		return j.unfinished(journal, err)
	}
	j.wrote = j.results
	j.app.tellRows(j.sent.Rows(), time.Since(began), j.gate.Snapshot().Waited, j.results)
	if n := j.sent.Unsettled(); n > 0 {
		done := "created"
		if j.task != results.Importing {
			done = string(j.task) + "d"
		}
		j.app.say("not known whether they were %s: %s (settle that first: %s)", done, rows(n), j.resumeCommand())
	}
	refused, err := j.writeRejects(context.WithoutCancel(ctx))
	if err != nil {
		return hinted{err, "the results are complete; for the rejects: " + j.resumeCommand()}
	}
	if j.plan.Gone > 0 {
		kept, err := journal.SetAside()
		if err != nil {
			return err
		}
		j.app.say("kept for those without a row: %s", kept)
	} else if err := journal.Remove(); err != nil {
		return err
	}
	if refused > 0 {
		return outcome(exitSomeRefused)
	}
	return nil
}

func (j *importJob) send(ctx context.Context) error {
	if err := j.sent.RecordSettled(ctx); err != nil {
		return err
	}
	defer j.app.watch(j.progress)()
	before := j.app.whenStopped("stopping: what is on its way has 10 seconds; once more ends it at once")
	defer j.app.whenStopped(before)
	return j.sent.Do(ctx)
}

// dry plans and sends nothing.
func (j *importJob) dry(ctx context.Context) (err error) {
	if j.resume {
		if err := j.lookAtEarlier(); err != nil {
			return err
		}
		defer func() { err = both(err, j.o.Earlier.Close()) }()
	}
	if err := j.makePlan(ctx); err != nil {
		return err
	}
	if err := j.checkExpected(); err != nil {
		return err
	}
	if err := j.plan.Write(ctx, j.planPath()); err != nil {
		return err
	}
	j.wrote = j.planPath()
	j.app.tellPlanned(j.plan.Counts, j.planPath())
	if j.plan.Counts.Invalid+j.plan.Counts.Duplicate > 0 {
		return outcome(exitInvalid)
	}
	return nil
}

// unfinished says how to go on with a run that ended before its time. The journal
// is nil where nothing was begun.
func (j *importJob) unfinished(journal *results.Journal, err error) error {
	var kept bool
	var left error
	if journal != nil {
		kept, left = journal.Leave()
	}
	if kept {
		j.wrote = j.partial()
	}
	way := j.wayOut(err)
	if j.sent == nil && !kept && way == "" {
		way = "nothing was sent"
	}
	if limit := (*ratelimit.TooLong)(nil); !kept && errors.As(err, &limit) {
		way += "\nno row is done yet: go on then with the same command"
	}
	if kept && way != "" {
		way += "\n"
	}
	if kept && j.sent != nil {
		done := 0
		for _, n := range j.sent.Rows() {
			done += n
		}
		way += fmt.Sprintf("done and recorded in %s: %d of %s\n", j.partial(), done, rows(j.plan.Counts.Rows))
	}
	if kept && j.input.name == "-" {
		way += "go on, with the same input, with: " + j.resumeCommand()
	} else if kept {
		way += "go on with: " + j.resumeCommand()
	}
	return errors.Join(hinted{err, way}, left)
}

// close closes what the job reads.
func (j *importJob) close() error { return errors.Join(j.closeCreatedBy(), j.input.close()) }

func (j *importJob) closeCreatedBy() error {
	created := j.o.CreatedBy
	j.o.CreatedBy = nil
	return created.Close()
}
