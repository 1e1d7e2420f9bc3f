package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"guestlist/importer"
	"guestlist/results"
	"guestlist/tallyfy"
)

var errStandardInput = errors.New("standard input needs a name for its results: --results FILE")

// importFlags are those of one import, or of a run that deletes, disables or
// enables guests: it goes the same way.
type importFlags struct {
	settings
	csvFlags
	task     results.Task
	mode     string // of an import
	dryRun   bool
	payloads string
	resume   bool
	restart  bool
	results  string
	rejects  string
	summary  string
	metrics  string
	report   string
	links    bool
	yes      bool

	maxFailures int

	expect    int    // guests, of a run that is no import; negative: any number
	createdBy string // results of an import that a delete undoes
}

func (a *app) importCommand() *cobra.Command {
	f := importFlags{task: results.Importing, expect: -1}
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Create guests from a CSV file or an Excel workbook",
		Long: `Import reads a file, checks it, finds out who is already a guest, and creates
who is missing. Nobody is invited twice. What became of each row stands in
FILE.results.csv, the refused rows in FILE.rejects.csv: mend them there and
import that file.

The header row names the fields: email (required), first_name, last_name,
phone_1, phone_2, company_name, company_url, contact_url, image_url,
opportunity_url, opportunity_name, timezone, status, external_sync_source,
external_date_creation, associated_members. What Google, Outlook, HubSpot and
many others write for them is understood as well, in a dozen languages; what is
not is asked for. FILE is a CSV file in any charset, or an Excel workbook
(.xlsx). It may be - for standard input, with --results.`,
		SuggestFor: []string{"upload", "create", "add", "load", "invite"},
		Example: `  guestlist import contractors.csv --dry-run    what would be done
  guestlist import contractors.csv              do it
  guestlist import contractors.csv --resume     go on after a stop
  guestlist import agency.xlsx --sheet June     straight from Excel
  guestlist import members.csv --mode update    only set associated_members

  a column that is not understood:
    guestlist import list.csv --map 'Firm=company_name' --ignore-column Notes
  repairs that are safe (a missing https://, a name around the address):
    guestlist import list.csv --fix
  from cron, an hour at a time:
    guestlist import list.csv --resume --max-wait 10m`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(a, cmd, args[0])
		},
	}
	f.settings.register(cmd)
	f.csvFlags.register(cmd)
	f.csvFlags.registerDNS(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.mode, "mode", string(importer.Upsert), "`MODE`: upsert, create (never touch who exists) or update (only associated_members)")
	flags.StringVar(&f.payloads, "payloads", "", "write the body of each create into `FILE`, one JSON line each")
	flags.BoolVar(&f.yes, "yes", false, "do not ask before the first guest is created; without a terminal nothing is asked")
	flags.BoolVar(&f.links, "links", false, "add the guests' forever links to the results: whoever holds one acts as that guest")
	taskFlags.hold(flags, "mode", "yes")
	outputFlags.hold(flags, "payloads", "links")
	f.registerRun(cmd)
	return cmd
}

// registerRun registers what every run has that works through a file.
func (f *importFlags) registerRun(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.dryRun, "dry-run", false, "write what would be done into FILE.plan.csv and change nothing; works without a token, from the file alone")
	flags.BoolVar(&f.resume, "resume", false, "go on from a run that did not finish, or from what did not succeed in one that did")
	flags.BoolVar(&f.restart, "restart", false, "begin anew: the partial results of a run that did not finish are set aside as .partial.old")
	flags.StringVar(&f.results, "results", "", "`FILE` for the results (default FILE.results.csv)")
	flags.StringVar(&f.rejects, "rejects", "", "`FILE` for the refused rows (default FILE.rejects.csv)")
	flags.IntVar(&f.maxFailures, "max-failures", 50, "stop when so many calls in a row failed, as the server is down then: a `NUMBER`, 0 for never")
	flags.StringVar(&f.summary, "summary", "", "write a summary into `FILE`, as JSON")
	flags.StringVar(&f.metrics, "metrics", "", "write metrics into `FILE`, for Prometheus' textfile collector")
	flags.StringVar(&f.report, "report", "", "write a page about the run into `FILE`, as HTML")
	taskFlags.hold(flags, "dry-run", "resume", "restart", "max-failures")
	outputFlags.hold(flags, "results", "rejects", "summary", "metrics", "report")
}

// run is one import, from the flags to the exit code. Once the flags are
// understood a summary is written, however the import ends.
func (f *importFlags) run(a *app, cmd *cobra.Command, name string) error {
	job, err := f.prepare(a, cmd, name)
	if err != nil {
		return err
	}
	defer a.follow(job.gate)()
	started := time.Now()
	err = causeOf(cmd.Context(), job.do(cmd.Context()))
	err = both(err, job.writeSummary(started, err))
	if f.report != "" && job.wrote != "" {
		err = both(err, a.writeReport(job.wrote, f.report, job.live()))
	}
	return both(err, job.close())
}

// close closes what the job reads.
func (j *importJob) close() error { return errors.Join(j.closeCreatedBy(), j.input.close()) }

func (j *importJob) closeCreatedBy() error {
	created := j.o.CreatedBy
	j.o.CreatedBy = nil
	return created.Close()
}

// prepare checks everything that can be checked before the first call.
func (f *importFlags) prepare(a *app, cmd *cobra.Command, name string) (*importJob, error) {
	gate, err := f.resolve(a, cmd)
	if err != nil {
		return nil, err
	}
	mode := importer.Mode(f.task)
	if f.task == results.Importing {
		mode = importer.Mode(f.mode)
		if err := oneOf("mode", f.mode, string(importer.Upsert), string(importer.Create), string(importer.Update)); err != nil {
			return nil, usage{err, cmd.CommandPath()}
		}
	}
	if f.resume && f.restart {
		return nil, usage{errors.New("--resume goes on from an earlier run, --restart begins anew: give one of them"), cmd.CommandPath()}
	}
	if f.maxFailures < 0 {
		return nil, usage{fmt.Errorf("--max-failures: %d is less than none", f.maxFailures), cmd.CommandPath()}
	}
	if err := f.checkConsent(a, cmd, name); err != nil {
		return nil, err
	}
	file, err := f.csvFlags.options(cmd)
	if err != nil {
		return nil, err
	}
	file.csv.Columns.EmailOnly = f.task != results.Importing
	if name == "-" && f.results == "" {
		return nil, usage{errStandardInput, cmd.CommandPath()}
	}
	var client *tallyfy.Client
	if !f.dryRun || f.hasToken(a) {
		if client, err = f.client(a, cmd, gate); err != nil {
			return nil, err
		}
	}
	org := ""
	if f.org != "" {
		org = tallyfy.OrgLabel(f.baseURL, f.org)
	}
	f.name(name)
	in, err := a.openInput(cmd.Context(), name, file)
	if err != nil {
		return nil, causeOf(cmd.Context(), err)
	}
	job := &importJob{importFlags: f, app: a, input: in, client: client, gate: gate, o: importer.Options{
		Open: in.open, CSV: in.csv, Mode: mode, Org: org, Fix: in.fix, RejectsMark: in.mark,
		Client: client, Gate: gate, Workers: f.workers, Attempts: f.retries, Links: f.links,
		MaxFailures: f.maxFailures,
	}}
	if job.o.CreatedBy, err = f.openCreatedBy(org); err != nil {
		return nil, errors.Join(err, in.close())
	}
	job.resumeCommand = resumeCommand(cmd, name)
	job.mendedCommand = func() string { return mendedCommand(cmd, f.rejects, &job.plan.Header) }
	if err := job.checkFiles(cmd); err != nil {
		return nil, errors.Join(err, job.close())
	}
	return job, nil
}

// name fills in the names of the files that stand beside the input.
func (f *importFlags) name(input string) {
	base := input
	if input == "-" {
		base = f.results
	}
	f.results = first(f.results, results.Path(base, "results"))
	f.rejects = first(f.rejects, results.Path(base, "rejects"))
}

// do is the import itself.
func (j *importJob) do(ctx context.Context) (err error) {
	if j.dryRun {
		return j.dry(ctx)
	}
	run, err := j.app.lockRun(&j.settings, string(j.task)+" of "+j.input.shown())
	if err != nil {
		return err
	}
	defer func() { err = both(err, run.Remove()) }()
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
	if err := journal.Finish(j.results, j.plan.Counts.Rows); err != nil {
		return j.unfinished(journal, err)
	}
	j.wrote = j.results
	j.app.tellRows(j.sent.Rows(), time.Since(began), j.gate.Snapshot().Waited, j.results)
	if n := j.sent.Unsettled(); n > 0 {
		done := "created"
		if j.task != results.Importing {
			done = string(j.task) + "d"
		}
		j.app.say("not known whether they were %s: %s (settle that first: %s)", done, rows(n), j.resumeCommand)
	}
	refused, err := j.writeRejects(context.WithoutCancel(ctx))
	if err != nil {
		return hinted{err, "the results are complete; for the rejects: " + j.resumeCommand}
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
	way := wayOut(err)
	if j.sent == nil && !kept && way == "" {
		way = "nothing was sent"
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
		way += "go on, with the same input, with: " + j.resumeCommand
	} else if kept {
		way += "go on with: " + j.resumeCommand
	}
	return errors.Join(hinted{err, way}, left)
}
