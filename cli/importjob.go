package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"guestlist/atomicfile"
	"guestlist/importer"
	"guestlist/ratelimit"
	"guestlist/report"
	"guestlist/results"
	"guestlist/tallyfy"
)

// importJob is an import, or a run that goes the same way, whose flags are understood,
// and the files around it.
type importJob struct {
	*importFlags
	app           *app
	input         *input
	client        *tallyfy.Client // nil: a dry run from the file alone
	gate          *ratelimit.Gate
	o             importer.Options
	plan          *importer.Plan
	planned       time.Time          // when the plan was made
	forecast      ratelimit.Estimate // of its calls
	sent          *importer.Run
	resumeCommand func() string // goes on with this run, ready to be typed
	mendedCommand func() string // imports its rejects when they are mended; for a job with a plan
	wrote         string        // the file that says what came of the rows; empty: there is none
}

func (j *importJob) planPath() string {
	if j.input.name == "-" {
		return results.Path(j.results, "plan")
	}
	return j.o.Shard.Path(j.input.name, "plan")
}

func (j *importJob) partial() string { return j.results + ".partial" }

// checkOutputs refuses outputs that cannot be written or would overwrite
// something.
func (j *importJob) checkOutputs(cmd *cobra.Command) error {
	outputs := []output{
		{"--results", j.results},
		{"the partial results", j.partial()},
		{"--rejects", j.rejects},
		{"--payloads", j.payloads},
		{"--summary", j.summary},
		{"--metrics", j.metrics},
		{"--report", j.report},
	}
	outputs = append(outputs, kept(outputs[0]), kept(outputs[2]))
	if j.dryRun {
		outputs = []output{{"the plan", j.planPath()}, {"--payloads", j.payloads}, {"--summary", j.summary}, {"--metrics", j.metrics}, {"--report", j.report}}
	}
	return errors.Join(checkOutputs(cmd, j.input.name, outputs), j.checkCreatedBy(cmd, outputs))
}

// checkUnfinished refuses a run over another that did not finish.
func (j *importJob) checkUnfinished() error {
	if j.dryRun {
		return nil
	}
	other, shard, err := j.unfinishedOtherwise()
	if err != nil {
		return err
	}
	switch {
	case other != "" && results.InUse(other):
		return j.inUse(other, shard)
	case other != "":
		return hinted{
			fmt.Errorf("an earlier run over the same file, in another number of shards, did not finish: %s", other),
			"go on from it as it was begun, " + asItWasBegun(shard) + ", or move that file away",
		}
	}
	unfinished, err := results.Unfinished(j.partial())
	if err != nil {
		return fmt.Errorf("look for an unfinished run: %w", err)
	}
	if unfinished && results.InUse(j.partial()) {
		return j.inUse(j.partial(), j.o.Shard)
	}
	if unfinished && !j.restart {
		if err := j.checkTask(j.partial()); err != nil {
			return err
		}
	}
	if unfinished && !j.resume && !j.restart {
		return hinted{
			fmt.Errorf("an earlier run did not finish: %s", j.partial()),
			"go on from it with --resume, or begin anew with --restart",
		}
	}
	return nil
}

// asItWasBegun words the flags with which the run of a shard, or of the whole, goes on.
func asItWasBegun(shard results.Shard) string {
	if !shard.IsWhole() {
		return "with --shard " + shard.String() + " --resume"
	}
	return "with --resume and without --shard"
}

// inUse is the error of a run whose partial results another one is at work on. The
// other shards, which may go on beside it, are not named.
func (j *importJob) inUse(partial string, shard results.Shard) error {
	who := j.app.holder(&j.settings)
	if path, err := j.app.lockPath(&j.settings); err == nil && !shard.IsWhole() {
		if who = holderOf(shardLockPath(path, shard)); who != "" {
			who = ": " + who
		}
	}
	return fmt.Errorf("%s: %w%s", partial, results.ErrInUse, who)
}

// earlier returns the results that a resume goes on from, and whether they are
// partial; an empty path when there are none.
func (j *importJob) earlier() (path string, partial bool, err error) {
	if partial, err = results.Unfinished(j.partial()); err != nil {
		return "", false, err
	}
	if path = j.partial(); !partial {
		path = j.results
	}
	if _, err := os.Stat(path); err != nil {
		j.app.say("nothing to resume: this is a fresh start")
		return "", false, nil
	}
	of, err := results.TaskOf(path)
	switch {
	case err != nil:
		return "", false, err
	case of == "" || of == j.task:
		return path, partial, j.checkSpared(path)
	case partial:
		return "", false, j.checkTask(path)
	}
	j.app.say("nothing to resume: %s is of a run that was to %s guests; this is a fresh start", path, of)
	return "", false, nil
}

// checkTask refuses to go on from, or to put aside unasked, the partial results of a
// run that did something else.
func (j *importJob) checkTask(path string) error {
	of, err := results.TaskOf(path)
	if err != nil || of == "" || of == j.task {
		return err
	}
	return hinted{
		fmt.Errorf("%s is of a run that did not finish, and that was to %s guests, not to %s them", path, of, j.task),
		fmt.Sprintf("go on with that first: guestlist %s …, or name other results for this one: --results FILE", of),
	}
}

// startJournal begins the partial results, or goes on from earlier ones.
func (j *importJob) startJournal() (journal *results.Journal, err error) {
	if j.resume {
		path, partial, err := j.earlier()
		switch {
		case err != nil:
			return nil, err
		case partial:
			journal, j.o.Earlier, err = results.Continue(path, j.o.Org, j.links)
			return journal, err
		case path != "":
			journal, j.o.Earlier, err = results.ContinueFinished(path, j.partial(), j.o.Org, j.links)
			return journal, err
		}
	}
	if j.restart {
		if err := results.SetAside(j.partial()); err != nil {
			return nil, err
		}
	}
	return results.Start(j.partial(), j.links)
}

// lookAtEarlier lets a dry run know what a resume would.
func (j *importJob) lookAtEarlier() error {
	path, partial, err := j.earlier()
	if err != nil || path == "" {
		return err
	}
	j.o.Earlier, err = results.Look(path, j.o.Org, partial)
	return err
}

func (j *importJob) makePlan(ctx context.Context) (err error) {
	if err := errors.Join(j.app.showInput(j.input), j.tellOfResults()); err != nil {
		return err
	}
	if j.checkDNS {
		if j.o.Domains, err = j.app.checkDomains(ctx, j.input); err != nil {
			return err
		}
	}
	stop := func() {}
	if j.o.Client != nil {
		stop = j.app.watchPlan(j.gate, j.o.Org)
	}
	j.plan, err = importer.NewPlan(ctx, j.o)
	stop()
	if err != nil {
		return err
	}
	a, n := j.app, j.plan.Counts
	if j.o.Client == nil {
		a.say("planned from the file alone, as there is no token: who is already a guest is not known")
	}
	what := j.input.shown() + ": " + rows(n.Rows)
	if !j.o.Shard.IsWhole() {
		what = fmt.Sprintf("%s, shard %s: %d of %s", j.input.shown(), j.o.Shard, n.Rows, rows(n.Rows+n.Others))
	}
	if j.o.Org != "" {
		what += " for " + j.o.Org
	}
	a.say("%s", what)
	a.print(describeFindings(j.plan.Findings, a.style())...)
	a.tellPlan(describePlan(n, j.o.Mode), n, j.dryRun)
	if n.AtWork > 0 {
		a.say("%s to delete %s open tasks, which they are detached from", count(n.AtWork, "guest"), map[bool]string{true: "has", false: "have"}[n.AtWork == 1])
	}
	a.tell(a.limits.since(j.gate.Snapshot())) // it may explain the forecast
	j.planned, j.forecast = time.Now(), j.gate.Estimate(j.plan.Calls())
	update := "update"
	if j.task != results.Importing {
		update = string(j.task)
	}
	a.forecast(j.plan.Calls(), update, j.forecast, j.planned)
	if calls := j.plan.Calls(); n.Others > 0 && calls[ratelimit.Create]+calls[ratelimit.Write] > 0 {
		all := make(map[ratelimit.Class]int, len(calls))
		for class, some := range calls {
			all[class] = some + some*n.Others/n.Rows
		}
		a.say("%s", describeOthers(j.forecast, j.gate.Estimate(all), j.planned))
	}
	if j.plan.Gone > 0 {
		a.say("no row any more, though the earlier run wrote to them or may have: %s", guests(j.plan.Gone))
	}
	if j.payloads == "" {
		return nil
	}
	return j.writePayloads(ctx)
}

func (j *importJob) writePayloads(ctx context.Context) (err error) {
	f, err := atomicfile.Create(j.payloads, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Abort()) }()
	w := bufio.NewWriter(f)
	if err := errors.Join(j.plan.WritePayloads(ctx, w), w.Flush()); err != nil {
		return err
	}
	return f.Commit()
}

// writeRejects writes the refused rows of the finished results, if there are
// any, and returns how many.
func (j *importJob) writeRejects(ctx context.Context) (int, error) {
	refused := 0
	for status, n := range j.sent.Rows() {
		if status.Refused() {
			refused += n
		}
	}
	earlier, _ := os.Stat(j.rejects)
	if refused == 0 {
		err := importer.SetRejectsAside(j.rejects)
		j.tellKept(earlier)
		return 0, err
	}
	if _, err := j.plan.WriteRejects(ctx, j.results, j.rejects); err != nil {
		return refused, err
	}
	then := "import that file"
	if j.task != results.Importing || j.needsFlags() {
		then = "type: " + j.mendedCommand()
	}
	j.app.tellRejects(j.rejects, refused, then)
	j.tellKept(earlier)
	return refused, nil
}

// tellKept tells where the rejects of an earlier run, nil for none, went when they
// had to give way: somebody may have mended them.
func (j *importJob) tellKept(earlier os.FileInfo) {
	kept := atomicfile.Kept(j.rejects)
	if now, err := os.Stat(kept); err == nil && earlier != nil && os.SameFile(earlier, now) {
		j.app.say("the rejects of an earlier run are kept as %s", kept)
	}
}

// needsFlags tells whether a file with the same columns is understood only with
// the same flags.
func (j *importJob) needsFlags() bool {
	return len(j.mapped)+len(j.ignored) > 0 || j.ignoreUnknown || importer.Mode(j.mode) != importer.Upsert
}

// live is what only this run can tell of itself.
func (j *importJob) live() *report.Live {
	live := report.Live{Calls: callsMade(j.client), Waited: j.gate.Snapshot().Waited, Commands: nextCommands(j.results, j.task)}
	live.Commands.Resume = j.resumeCommand()
	if live.Commands.Mended != "" && j.plan != nil {
		live.Commands.Mended = j.mendedCommand()
	}
	if j.client != nil {
		for _, l := range j.client.Latencies() {
			live.Took = append(live.Took, report.Took{Class: l.Class.String(), Half: l.Half, NineOf10: l.NineOf10, NinetyNine: l.NinetyNine})
		}
	}
	return &live
}
