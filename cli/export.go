package cli

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/exporter"
	"guestlist/ratelimit"
	"guestlist/tallyfy"
)

type exportFlags struct {
	settings
	output  string
	noStats bool
	search  string
	sort    string
	perPage int
	columns string
	format  string
	links   bool
	protect bool // cells that a spreadsheet would run
	summary string
	metrics string

	maxShrink string // as it was given; empty: no limit
}

func (a *app) exportCommand() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write all guests, with statistics, into a CSV file",
		Long: `Export lists all guests of the organization and writes them as CSV. It comes
whole or not at all: when anything goes wrong, the file that stood there before
stands there still.`,
		Example: `  guestlist export -o guests.csv              all guests, all columns
  guestlist export -o guests.csv --no-stats   faster: no statistics
  guestlist export -o guests.jsonl.gz --format jsonl
                                              as the server sent it, compressed

  who has not been there lately, to sort in a spreadsheet:
    guestlist export -o last.csv --columns email,last_accessed_at
  to be opened in Excel, where a name like =1+1 would be run:
    guestlist export -o guests.csv --escape-formulas
  at night: a list that lost a tenth of its guests is looked at first:
    guestlist export -o guests.csv --max-shrink 10 --metrics guests.prom
  only those whose email has something in it:
    guestlist export -o acme.csv --search @acme.com`,
		SuggestFor: []string{"download", "list", "ls", "dump", "backup"},
		Args:       noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(a, cmd)
		},
	}
	f.register(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.output, "output", "o", "-", "`FILE` to write, - for standard output; a name that ends in .gz is compressed")
	flags.BoolVar(&f.noStats, "no-stats", false, "without the statistics of each guest, which are slower to get")
	flags.StringVar(&f.search, "search", "", "only guests whose email matches `TEXT`, as the server searches")
	flags.StringVar(&f.sort, "sort", "", "order of the server's list by `FIELD` (default: by id where the server can)")
	flags.IntVar(&f.perPage, "per-page", 999, "`NUMBER` of guests on a page")
	flags.StringVar(&f.columns, "columns", "", "`NAMES` of the columns to write, in that order, separated by commas")
	flags.StringVar(&f.format, "format", "csv", "`FORMAT`: csv, or jsonl for each record as the server sent it")
	flags.BoolVar(&f.links, "links", false, "with the guests' forever links: whoever holds one acts as that guest")
	flags.BoolVar(&f.protect, "escape-formulas", false, "an apostrophe before cells that a spreadsheet would run (=, +, -, @ first), but plain phone numbers; import takes it off again")
	flags.StringVar(&f.maxShrink, "max-shrink", "", "leave the older file as it is when it has lost more than `PERCENT` of its guests")
	flags.StringVar(&f.summary, "summary", "", "write a summary into `FILE`, as JSON")
	flags.StringVar(&f.metrics, "metrics", "", "write metrics into `FILE`, for Prometheus' textfile collector")
	taskFlags.hold(flags, "search", "sort", "no-stats", "per-page")
	outputFlags.hold(flags, "output", "columns", "format", "links", "escape-formulas", "max-shrink", "summary", "metrics")
	return cmd
}

// exportJob is an export whose flags are understood.
type exportJob struct {
	*exportFlags
	app    *app
	gate   *ratelimit.Gate
	client *tallyfy.Client // nil: it did not come to that
	o      exporter.Options
	share  float64 // of the guests, in percent, that may be lost, where there is such a limit
	before *int    // guests in the file that is replaced; nil: see countBefore
	done   exporter.Summary
}

// run is one export, from the flags to the exit code. Once the flags are understood a
// summary is written, however the export ends.
func (f *exportFlags) run(a *app, cmd *cobra.Command) error {
	job, err := f.prepare(a, cmd)
	if err != nil {
		return err
	}
	defer a.follow(job.gate)()
	started := time.Now()
	err = causeOf(cmd.Context(), job.do(cmd))
	s := newSummary("export", tallyfy.OrgLabel(f.baseURL, f.org), started, exitCode(err), job.client, job.gate)
	s.ResumeAt = resumeAt(err)
	s.exportSummary = &exportSummary{
		Guests: job.done.Guests, Pages: job.done.Pages, Scans: job.done.Scans, PreviousGuests: job.before,
	}
	return both(err, s.writeTo(f.summary, f.metrics))
}

// prepare checks the flags.
func (f *exportFlags) prepare(a *app, cmd *cobra.Command) (*exportJob, error) {
	gate, err := f.resolve(a, cmd)
	if err != nil {
		return nil, err
	}
	o, err := f.options(cmd)
	if err != nil {
		return nil, err
	}
	job := &exportJob{exportFlags: f, app: a, gate: gate, o: o}
	if cmd.Flags().Changed("max-shrink") {
		if !isNamed(f.output) {
			return nil, misused(cmd, "--max-shrink: it compares with the file that is replaced, which --output has to name")
		}
		if job.share, err = parseShare(f.maxShrink); err != nil {
			return nil, misused(cmd, "--max-shrink: %w", err)
		}
	}
	outputs := []output{{"--summary", f.summary}, {"--metrics", f.metrics}}
	if isNamed(f.output) {
		outputs = append(outputs, output{"--output", f.output})
	}
	if err := checkOutputs(cmd, "", outputs); err != nil {
		return nil, err
	}
	if f.org == "" {
		return nil, errNoOrganization
	}
	return job, nil
}

// do is the export itself.
func (j *exportJob) do(cmd *cobra.Command) (err error) {
	if j.client, err = j.exportFlags.client(j.app, cmd, j.gate); err != nil {
		return err
	}
	ctx := cmd.Context()
	if j.before, err = j.countBefore(ctx); err != nil {
		return err
	}
	j.o.Client = j.client
	if err := j.write(ctx); err != nil {
		return err
	}
	if len(j.done.Unknown) > 0 && j.o.Format == exporter.CSV {
		j.app.say("the server told more than there are columns for (--format jsonl has it): %s", list(j.done.Unknown))
	}
	if isNamed(j.output) {
		j.tellExported()
	}
	return nil
}

func (f *exportFlags) options(cmd *cobra.Command) (exporter.Options, error) {
	wrong := func(format string, args ...any) (exporter.Options, error) {
		return exporter.Options{}, misused(cmd, format, args...)
	}
	o := exporter.Options{
		List:   tallyfy.ListOptions{Stats: !f.noStats, Search: f.search, Sort: f.sort, PerPage: f.perPage},
		Format: exporter.Format(f.format), Links: f.links, EscapeFormulas: f.protect,
	}
	if err := oneOf("format", f.format, string(exporter.CSV), string(exporter.JSONL)); err != nil {
		return wrong("%w", err)
	}
	if f.perPage < 1 || f.perPage > 100_000 {
		return wrong("--per-page: %d is not between 1 and 100000", f.perPage)
	}
	if f.protect && o.Format != exporter.CSV {
		return wrong("--escape-formulas: only a CSV is opened by spreadsheets")
	}
	if cmd.Flags().Changed("columns") {
		if o.Format != exporter.CSV {
			return wrong("--columns: only a CSV has columns")
		}
		for name := range strings.SplitSeq(f.columns, ",") {
			o.Columns = append(o.Columns, strings.TrimSpace(name))
		}
		switch named := slices.Contains(o.Columns, "link"); {
		case f.links && !named:
			o.Columns = append(o.Columns, "link")
		case named && !f.links:
			return wrong("--columns: a forever link is a credential, so the column link needs --links too")
		}
		if err := exporter.CheckColumns(o.Columns); err != nil {
			return wrong("--columns: %w", err)
		}
	}
	return o, nil
}

func (j *exportJob) write(ctx context.Context) error {
	export := exporter.New(j.o)
	defer j.app.watch(func() progress {
		done, total := export.Progress()
		return progress{done: done, total: total, unit: "guests", held: heldUntil(j.gate, ratelimit.Read)}
	})()
	return j.app.writeOutput(j.output, func(w io.Writer) (err error) {
		if j.done, err = export.Write(ctx, w); err != nil {
			return err
		}
		return j.checkShrink() // an error leaves what stood there
	})
}
