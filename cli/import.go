package cli

import (
	"errors"
	"fmt"
	"os"
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
	shard    string

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
    guestlist import list.csv --resume --max-wait 10m
  by several processes or hosts, four here (see guestlist merge):
    guestlist import big.csv --shard 0/4`,
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
	taskFlags.hold(flags, "mode", "yes")
	outputFlags.hold(flags, "payloads")
	f.registerLinks(cmd)
	f.registerRun(cmd)
	return cmd
}

// registerLinks registers the flag of runs after which guests may have a new link.
func (f *importFlags) registerLinks(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.links, "links", false, "add the guests' forever links to the results: whoever holds one acts as that guest")
	outputFlags.hold(cmd.Flags(), "links")
}

// registerRun registers what every run has that works through a file.
func (f *importFlags) registerRun(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.dryRun, "dry-run", false, "write what would be done into FILE.plan.csv and change nothing; works without a token, from the file alone")
	flags.BoolVar(&f.resume, "resume", false, "go on from a run that did not finish, or from what did not succeed in one that did")
	flags.StringVar(&f.shard, "shard", "", "work on one part of the rows, so that others can do the rest: `I/N`, from 0/N to N-1/N, with results of its own (JOB_COMPLETION_INDEX, GUESTLIST_SHARDS)")
	flags.BoolVar(&f.restart, "restart", false, "begin anew: the partial results of a run that did not finish are set aside as .partial.old")
	flags.StringVar(&f.results, "results", "", "`FILE` for the results (default FILE.results.csv)")
	flags.StringVar(&f.rejects, "rejects", "", "`FILE` for the refused rows (default FILE.rejects.csv)")
	flags.IntVar(&f.maxFailures, "max-failures", 50, "stop when so many calls in a row failed, as the server is down then: a `NUMBER`, 0 for never")
	flags.StringVar(&f.summary, "summary", "", "write a summary into `FILE`, as JSON")
	flags.StringVar(&f.metrics, "metrics", "", "write metrics into `FILE`, for Prometheus' textfile collector")
	flags.StringVar(&f.report, "report", "", "write a page about the run into `FILE`, as HTML")
	taskFlags.hold(flags, "dry-run", "resume", "restart", "max-failures", "shard")
	outputFlags.hold(flags, "results", "rejects", "summary", "metrics", "report")
}

// run is one run through a file, from the flags to the exit code. Once the flags
// are understood a summary is written, however it ends.
func (f *importFlags) run(a *app, cmd *cobra.Command, name string) error {
	started := time.Now()
	job, file, err := f.prepare(a, cmd, name)
	if err != nil {
		return err
	}
	if err = job.open(cmd, file); err == nil {
		defer a.follow(job.gate)()
		err = job.do(cmd.Context())
	}
	err = causeOf(cmd.Context(), err)
	err = both(err, job.writeSummary(started, err))
	if f.report != "" && job.wrote != "" {
		err = both(err, a.writeReport(job.wrote, f.report, job.live()))
	}
	return both(err, job.close())
}

// prepare understands the flags. It writes and reads nothing but the configuration
// file.
func (f *importFlags) prepare(a *app, cmd *cobra.Command, name string) (*importJob, fileOptions, error) {
	fail := func(err error) (*importJob, fileOptions, error) { return nil, fileOptions{}, err }
	gate, err := f.resolve(a, cmd)
	if err != nil {
		return fail(err)
	}
	mode := importer.Mode(f.task)
	if f.task == results.Importing {
		mode = importer.Mode(f.mode)
		if err := oneOf("mode", f.mode, string(importer.Upsert), string(importer.Create), string(importer.Update)); err != nil {
			return fail(usage{err, cmd.CommandPath()})
		}
	}
	if f.resume && f.restart {
		return fail(usage{errors.New("--resume goes on from an earlier run, --restart begins anew: give one of them"), cmd.CommandPath()})
	}
	if f.maxFailures < 0 {
		return fail(usage{fmt.Errorf("--max-failures: %d is less than none", f.maxFailures), cmd.CommandPath()})
	}
	shard, err := f.findShard(a, cmd)
	if err == nil {
		err = f.checkShardNames(cmd, shard)
	}
	if err != nil {
		return fail(err)
	}
	if err := f.checkConsent(a, cmd, name); err != nil {
		return fail(err)
	}
	file, err := f.csvFlags.options(cmd)
	if err != nil {
		return fail(err)
	}
	file.csv.Columns.EmailOnly = f.task != results.Importing
	if name == "-" && f.results == "" {
		return fail(usage{errStandardInput, cmd.CommandPath()})
	}
	org := ""
	if f.org != "" {
		org = tallyfy.OrgLabel(f.baseURL, f.org)
	}
	f.name(name, shard)
	job := &importJob{importFlags: f, app: a, input: &input{name: name}, gate: gate, o: importer.Options{
		Mode: mode, Org: org, Gate: gate, Workers: f.workers, Attempts: f.retries, Links: f.links, MaxFailures: f.maxFailures,
		Shard: shard,
	}}
	job.resumeCommand = func() string { return resumeCommand(cmd, name, shard) }
	job.mendedCommand = func() string { return mendedCommand(cmd, f.rejects, &job.plan.Header) }
	// What is wrong with the input's own folder is told of the input.
	if _, err := os.Stat(name); name == "-" || err == nil {
		if err := job.checkOutputs(cmd); err != nil {
			return fail(err)
		}
	}
	return job, file, nil
}

// open opens what the job reads, and checks everything that can be checked before
// the first call.
func (j *importJob) open(cmd *cobra.Command, file fileOptions) (err error) {
	if !j.dryRun || j.hasToken(j.app) {
		if j.client, err = j.settings.client(j.app, cmd, j.gate); err != nil {
			return err
		}
	}
	in, err := j.app.openInput(cmd.Context(), j.input.name, file)
	if err != nil {
		return err
	}
	j.input = in
	j.o.Open, j.o.CSV, j.o.Fix, j.o.RejectsMark, j.o.Client = in.open, in.csv, in.fix, in.mark, j.client
	if j.o.CreatedBy, err = j.openCreatedBy(j.o.Org); err != nil {
		return err
	}
	return j.checkUnfinished()
}

// name fills in the names of the files that stand beside the input.
func (f *importFlags) name(input string, shard results.Shard) {
	base := input
	if input == "-" {
		base, shard = f.results, results.Shard{} // whose name tells of it
	}
	f.results = first(f.results, shard.Path(base, "results"))
	f.rejects = first(f.rejects, shard.Path(base, "rejects"))
}
