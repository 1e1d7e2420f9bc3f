package cli

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/atomicfile"
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
	summary string
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
	flags.StringVar(&f.summary, "summary", "", "write a summary into `FILE`, as JSON")
	taskFlags.hold(flags, "search", "sort", "no-stats", "per-page")
	outputFlags.hold(flags, "output", "columns", "format", "links", "summary")
	return cmd
}

func (f *exportFlags) run(a *app, cmd *cobra.Command) error {
	gate, err := f.resolve(a, cmd)
	if err != nil {
		return err
	}
	o, err := f.options(cmd)
	if err != nil {
		return err
	}
	defer a.follow(gate)()
	if f.output == "" {
		f.output = "-"
	}
	outputs := []output{{"--summary", f.summary}}
	if f.output != "-" {
		outputs = append(outputs, output{"--output", f.output})
	}
	if err := checkOutputs(cmd, "", outputs); err != nil {
		return err
	}
	client, err := f.client(a, cmd, gate)
	if err != nil {
		return err
	}
	o.Client = client
	started := time.Now()
	done, err := f.write(cmd.Context(), a, exporter.New(o), gate)
	err = causeOf(cmd.Context(), err)
	if f.summary != "" {
		s := newSummary("export", tallyfy.OrgLabel(f.baseURL, f.org), started, exitCode(err), client, gate)
		s.ResumeAt = resumeAt(err)
		s.exportSummary = &exportSummary{Guests: done.Guests, Pages: done.Pages, Scans: done.Scans}
		err = both(err, s.write(f.summary))
	}
	if err != nil {
		return err
	}
	if len(done.Unknown) > 0 && f.format == string(exporter.CSV) {
		a.say("the server told more than there are columns for (--format jsonl has it): %s", list(done.Unknown))
	}
	if f.output != "-" {
		a.say("%s: %s", f.output, guests(done.Guests))
	}
	return nil
}

func (f *exportFlags) options(cmd *cobra.Command) (exporter.Options, error) {
	wrong := func(format string, args ...any) (exporter.Options, error) {
		return exporter.Options{}, misused(cmd, format, args...)
	}
	o := exporter.Options{
		List:   tallyfy.ListOptions{Stats: !f.noStats, Search: f.search, Sort: f.sort, PerPage: f.perPage},
		Format: exporter.Format(f.format), Links: f.links,
	}
	if err := oneOf("format", f.format, string(exporter.CSV), string(exporter.JSONL)); err != nil {
		return wrong("%w", err)
	}
	if f.perPage < 1 || f.perPage > 100_000 {
		return wrong("--per-page: %d is not between 1 and 100000", f.perPage)
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

func (f *exportFlags) write(ctx context.Context, a *app, export *exporter.Export, gate *ratelimit.Gate) (summary exporter.Summary, err error) {
	stop := a.watch(func() progress {
		done, total := export.Progress()
		return progress{done: done, total: total, unit: "guests", held: heldUntil(gate, ratelimit.Read)}
	})
	defer stop()
	if f.output == "-" {
		return export.Write(ctx, a.stdout)
	}
	out, err := atomicfile.Create(f.output, atomicfile.Mode(f.output, 0o600))
	if err != nil {
		return summary, err
	}
	defer func() { err = errors.Join(err, out.Abort()) }()
	var w io.Writer = out
	compress := strings.HasSuffix(f.output, ".gz")
	var zip *gzip.Writer
	if compress {
		zip = gzip.NewWriter(out)
		w = zip
	}
	if summary, err = export.Write(ctx, w); err != nil {
		return summary, err
	}
	if compress {
		if err := zip.Close(); err != nil {
			return summary, fmt.Errorf("write %s: %w", f.output, err)
		}
	}
	return summary, out.Commit()
}
