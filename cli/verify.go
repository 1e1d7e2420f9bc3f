package cli

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"strconv"

	"github.com/spf13/cobra"

	"guestlist/importer"
	"guestlist/ratelimit"
	"guestlist/tallyfy"
)

type verifyFlags struct {
	settings
	csvFlags
	output string
}

func (a *app) verifyCommand() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Does the organization hold what a file says?",
		Long: `Verify reads a CSV file or an Excel workbook as import does, and compares every
value that is given with the organization. Nothing is written there. What
differs comes as CSV: row,line,email,field,csv,server. A guest who is missing is
one line, with the field email and an empty server. The exit code is 0 when
nothing differs, and 9 when something does.`,
		Example: `  guestlist verify contractors.csv                 what differs?
  guestlist verify contractors.csv -o differs.csv  into a file
  guestlist verify agency.xlsx --sheet June --fix  compared as --fix mends it`,
		SuggestFor: []string{"compare", "audit", "test"},
		Args:       oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(a, cmd, args[0])
		},
	}
	f.settings.register(cmd)
	f.csvFlags.register(cmd)
	registerOutput(cmd, &f.output)
	return cmd
}

func (f *verifyFlags) run(a *app, cmd *cobra.Command, name string) (err error) {
	gate, err := f.resolve(a, cmd)
	if err != nil {
		return err
	}
	file, err := f.csvFlags.options(cmd)
	if err != nil {
		return err
	}
	if isNamed(f.output) {
		if err := checkOutputs(cmd, name, []output{{"--output", f.output}}); err != nil {
			return err
		}
	}
	client, err := f.client(a, cmd, gate)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	in, err := a.openInput(ctx, name, file)
	if err != nil {
		return causeOf(ctx, err)
	}
	defer func() { err = both(err, in.close()) }()
	defer a.follow(gate)()
	found, err := f.verify(ctx, a, in, client, gate)
	if err != nil {
		return causeOf(ctx, err)
	}
	a.print(describeFindings(found.Findings, a.style())...)
	level := levelOf(found.Rows - found.Same)
	a.event(level, "verified", describeVerification(&found),
		slog.Int("rows", found.Rows), slog.Int("same", found.Same), slog.Int("differ", found.Differ), slog.Int("fields", found.Fields),
		slog.Int("missing", found.Missing), slog.Int("unusable", found.Unusable), slog.Int("disabled", found.Disabled))
	if found.Disabled > 0 {
		a.say("disabled, which is no difference: %s", guests(found.Disabled))
	}
	if isNamed(f.output) {
		a.event(level, "differences", "differences: "+f.output, slog.String("differences", f.output))
	}
	if found.Same < found.Rows {
		return outcome(exitSomeRefused)
	}
	return nil
}

func (f *verifyFlags) verify(ctx context.Context, a *app, in *input, client *tallyfy.Client, gate *ratelimit.Gate) (found importer.Verification, err error) {
	if err := a.showInput(in); err != nil {
		return found, err
	}
	org := tallyfy.OrgLabel(f.baseURL, f.org)
	o := importer.Options{Open: in.open, CSV: in.csv, Fix: in.fix, Org: org, Client: client, Gate: gate, Workers: f.workers}
	err = a.writeOutput(f.output, func(w io.Writer) error {
		out := csv.NewWriter(w)
		if err := out.Write([]string{"row", "line", "email", "field", "csv", "server"}); err != nil {
			return err
		}
		stop := a.watchPlan(gate, org)
		found, err = importer.Verify(ctx, o, func(d importer.Difference) error {
			return out.Write([]string{strconv.Itoa(d.Row), strconv.Itoa(d.Line), d.Email, d.Field, d.CSV, d.Server})
		})
		stop()
		if err != nil {
			return err // and what waits to be flushed, the header at least, stays unwritten
		}
		out.Flush()
		return out.Error()
	})
	return found, err
}

// describeVerification words what a verification found.
func describeVerification(v *importer.Verification) string {
	var parts []string
	tell := func(n int, one, more string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+one)
		case n > 1:
			parts = append(parts, strconv.Itoa(n)+" "+more)
		}
	}
	in := fmt.Sprintf(" in %d %s", v.Fields, plural(v.Fields, "field"))
	tell(v.Same, "the same", "the same")
	tell(v.Differ, "differs"+in, "differ"+in)
	tell(v.Missing, "is not a guest", "are not guests")
	tell(v.Unusable, "cannot be compared", "cannot be compared")
	if len(parts) == 0 {
		parts = []string{"nothing to compare"}
	}
	return rows(v.Rows) + ": " + list(parts)
}
