package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"guestlist/atomicfile"
	"guestlist/importer"
	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/tallyfy"
)

var errStandardInput = errors.New("standard input needs a name for its results: --results FILE")

// importFlags are those of one import.
type importFlags struct {
	settings
	csvFlags
	mode     string
	dryRun   bool
	payloads string
	resume   bool
	restart  bool
	results  string
	rejects  string
	summary  string
	links    bool
}

func (a *app) importCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Create guests from a CSV file",
		Long: `Import reads a CSV file, checks it, finds out who is already a guest, and
creates who is missing. Nobody is invited twice. What became of each row stands
in FILE.results.csv, the refused rows in FILE.rejects.csv: mend them there and
import that file.

The header row names the fields: email (required), first_name, last_name,
phone_1, phone_2, company_name, company_url, contact_url, image_url,
opportunity_url, opportunity_name, timezone, status, external_sync_source,
external_date_creation, associated_members. "First Name" and "first-name" mean
first_name. FILE may be - for standard input, with --results.`,
		Example: `  guestlist import contractors.csv --dry-run    what would be done
  guestlist import contractors.csv              do it
  guestlist import contractors.csv --resume     go on after a stop
  guestlist import members.csv --mode update    only set associated_members`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(a, cmd, args[0])
		},
	}
	f.settings.register(cmd)
	f.csvFlags.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.mode, "mode", string(importer.Upsert), "`MODE`: upsert, create (never touch who exists) or update (only associated_members)")
	flags.BoolVar(&f.dryRun, "dry-run", false, "write what would be done into FILE.plan.csv and change nothing; works without a token, from the file alone")
	flags.StringVar(&f.payloads, "payloads", "", "write the body of each create into `FILE`, one JSON line each")
	flags.BoolVar(&f.resume, "resume", false, "go on from a run that did not finish, or from what did not succeed in one that did")
	flags.BoolVar(&f.restart, "restart", false, "begin anew: the partial results of a run that did not finish are set aside as .partial.old")
	flags.StringVar(&f.results, "results", "", "`FILE` for the results (default FILE.results.csv)")
	flags.StringVar(&f.rejects, "rejects", "", "`FILE` for the refused rows (default FILE.rejects.csv)")
	flags.StringVar(&f.summary, "summary", "", "write a summary into `FILE`, as JSON")
	flags.BoolVar(&f.links, "links", false, "add the guests' forever links to the results: whoever holds one acts as that guest")
	return cmd
}

// run is one import, from the flags to the exit code. A summary is written
// however it ends.
func (f *importFlags) run(a *app, cmd *cobra.Command, name string) error {
	job, err := f.prepare(a, cmd, name)
	if err != nil {
		return err
	}
	started := time.Now()
	err = causeOf(cmd.Context(), job.do(cmd.Context()))
	if f.summary != "" {
		err = both(err, job.writeSummary(f.summary, started, exitCode(err)))
	}
	return both(err, job.input.close())
}

// importJob is an import whose flags are understood.
type importJob struct {
	*importFlags
	app    *app
	input  *input
	client *tallyfy.Client // nil: a dry run from the file alone
	gate   *ratelimit.Gate
	o      importer.Options
	plan   *importer.Plan
	sent   *importer.Run
}

// prepare checks everything that can be checked before the first call.
func (f *importFlags) prepare(a *app, cmd *cobra.Command, name string) (*importJob, error) {
	gate, err := f.resolve(a, cmd)
	if err != nil {
		return nil, err
	}
	mode := importer.Mode(f.mode)
	switch mode {
	case importer.Upsert, importer.Create, importer.Update:
	default:
		return nil, usage{fmt.Errorf("--mode: %q is none of upsert, create, update", f.mode), cmd.CommandPath()}
	}
	if f.resume && f.restart {
		return nil, usage{errors.New("--resume goes on from an earlier run, --restart begins anew: give one of them"), cmd.CommandPath()}
	}
	csv, err := f.csvFlags.options(cmd)
	if err != nil {
		return nil, err
	}
	if name == "-" && f.results == "" {
		return nil, usage{errStandardInput, cmd.CommandPath()}
	}
	var client *tallyfy.Client
	if !f.dryRun || f.hasToken(a) {
		if client, err = f.client(a, cmd, gate); err != nil {
			return nil, err
		}
	}
	f.paths(name)
	in, err := a.openInput(name)
	if err != nil {
		return nil, err
	}
	org := ""
	if f.org != "" {
		org = tallyfy.OrgLabel(f.baseURL, f.org)
	}
	job := &importJob{importFlags: f, app: a, input: in, client: client, gate: gate, o: importer.Options{
		Open: in.open, CSV: csv, Mode: mode, Org: org,
		Client: client, Gate: gate, Workers: f.workers, Attempts: f.retries, Links: f.links,
	}}
	if err := job.checkFiles(); err != nil {
		return nil, errors.Join(err, in.close())
	}
	return job, nil
}

func (f *importFlags) paths(name string) {
	base := name
	if name == "-" {
		base = f.results
	}
	f.results = first(f.results, results.Path(base, "results"))
	f.rejects = first(f.rejects, results.Path(base, "rejects"))
}

func (j *importJob) planPath() string {
	if j.input.name == "-" {
		return results.Path(j.results, "plan")
	}
	return results.Path(j.input.name, "plan")
}

func (j *importJob) partial() string { return j.results + ".partial" }

// checkFiles refuses a run that would write over its input, and one over
// another that did not finish.
func (j *importJob) checkFiles() error {
	for _, path := range []string{j.results, j.rejects, j.payloads, j.summary, j.planPath()} {
		if path != "" && sameFile(path, j.input.path) {
			return hinted{fmt.Errorf("%s is the input and would be written over", path), "name another file with --results, --rejects, --payloads or --summary"}
		}
	}
	if j.dryRun {
		return nil
	}
	unfinished, err := results.Unfinished(j.partial())
	if err != nil {
		return fmt.Errorf("look for an unfinished run: %w", err)
	}
	if unfinished && !j.resume && !j.restart {
		return hinted{
			fmt.Errorf("an earlier run did not finish: %s", j.partial()),
			"go on from it with --resume, or begin anew with --restart",
		}
	}
	return nil
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

func (j *importJob) do(ctx context.Context) error {
	if j.dryRun {
		return j.doPlan(ctx)
	}
	journal, err := j.startJournal()
	if err != nil {
		return err
	}
	if err := j.makePlan(ctx); err != nil {
		return errors.Join(err, journal.Discard(), j.o.Earlier.Close())
	}
	j.sent = j.plan.NewRun(journal)
	stop := j.app.watch(j.progress)
	err = j.sent.Do(ctx)
	stop()
	if err != nil {
		return errors.Join(j.unfinished(causeOf(ctx, err)), journal.Close(), j.o.Earlier.Close())
	}
	if err := journal.Finish(j.results, j.plan.Counts.Rows); err != nil {
		return errors.Join(err, j.o.Earlier.Close())
	}
	refused, err := importer.WriteRejects(context.WithoutCancel(ctx), j.o, j.results, j.rejects)
	if err = errors.Join(err, j.o.Earlier.Close()); err != nil {
		return err
	}
	return j.report(refused)
}

// startJournal begins the partial results, or goes on from earlier ones.
func (j *importJob) startJournal() (*results.Journal, error) {
	if j.resume {
		unfinished, err := results.Unfinished(j.partial())
		if err != nil {
			return nil, err
		}
		if unfinished {
			journal, earlier, err := results.Continue(j.partial(), j.o.Org, j.links)
			j.o.Earlier = earlier
			return journal, err
		}
		if _, err := os.Stat(j.results); err == nil {
			if j.o.Earlier, err = results.Finished(j.results, j.o.Org); err != nil {
				return nil, err
			}
		} else {
			j.app.say("nothing to resume: this is a fresh start")
		}
	}
	if j.restart {
		err := os.Rename(j.partial(), j.partial()+".old")
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("set the partial results aside: %w", err)
		}
	}
	return results.Start(j.partial(), j.links)
}

func (j *importJob) makePlan(ctx context.Context) (err error) {
	if j.o.Client != nil {
		slow := time.AfterFunc(2*time.Second, func() { j.app.say("finding out who is already a guest of %s", j.o.Org) })
		defer slow.Stop()
	}
	if j.plan, err = importer.NewPlan(ctx, j.o); err != nil {
		return err
	}
	a, n := j.app, j.plan.Counts
	a.leftOut(j.plan.Header)
	if j.o.Client == nil {
		a.say("planned from the file alone, as there is no token: who is already a guest is not known")
	}
	if j.o.Org == "" {
		a.say("%s: %s", j.input.name, rows(n.Rows))
	} else {
		a.say("%s: %s for %s", j.input.name, rows(n.Rows), j.o.Org)
	}
	a.say("plan: %s", describePlan(n))
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

func (j *importJob) doPlan(ctx context.Context) error {
	if err := j.makePlan(ctx); err != nil {
		return err
	}
	if err := j.plan.Write(ctx, j.planPath()); err != nil {
		return err
	}
	j.app.say("dry run, nothing was sent: %s", j.planPath())
	if j.plan.Counts.Invalid+j.plan.Counts.Duplicate > 0 {
		return outcome(exitInvalid)
	}
	return nil
}

// unfinished says how to go on with a run that ended before its time.
func (j *importJob) unfinished(err error) error {
	done := 0
	for _, n := range j.sent.Rows() {
		done += n
	}
	way := fmt.Sprintf("%d of %s are done and recorded in %s; go on with: %s", done, rows(j.plan.Counts.Rows), j.partial(), j.resumeCommand())
	if other := wayOut(err); other != "" {
		way = other + "\n" + way
	}
	return hinted{err, way}
}

// report says what became of the rows and chooses the exit code.
func (j *importJob) report(refused int) error {
	a := j.app
	a.say("%s", describeRows(j.sent.Rows()))
	a.say("results: %s", j.results)
	if refused == 0 {
		return nil
	}
	a.say("rejects: %s (%s: mend them there, then import that file)", j.rejects, rows(refused))
	return outcome(exitSomeRefused)
}

// resumeCommand is the command that goes on with this run, ready to be typed.
func (j *importJob) resumeCommand() string {
	command := "guestlist import " + shellQuote(j.input.name) + " --resume"
	if j.results != results.Path(j.input.name, "results") {
		command += " --results " + shellQuote(filepath.Clean(j.results))
	}
	if j.mode != string(importer.Upsert) {
		command += " --mode " + j.mode
	}
	if j.links {
		command += " --links"
	}
	return command
}
