package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/changes"
)

type diffFlags struct {
	columns string
	output  string
}

func (a *app) diffCommand() *cobra.Command {
	var f diffFlags
	cmd := &cobra.Command{
		Use:   "diff OLD.csv NEW.csv",
		Short: "Tell what changed between two exports",
		Long: `Diff compares two exports and writes, as CSV, who was added, who was removed
and whose fields changed, a line for each: change,email,field,old,new. It goes
by the emails, whatever the order of rows and columns. Columns that only one of
the files has are named and not compared. One file may be - for standard input,
and those that export has compressed (.gz) are unpacked.

The exit code is 0 whether or not anything differs. Nothing is sent anywhere.`,
		Example: `  guestlist diff monday.csv tuesday.csv       who came, who went, what changed
  guestlist diff old.csv.gz new.csv.gz -o changes.csv

  whose company or status changed:
    guestlist diff old.csv new.csv --columns company_name,status
  who was removed:
    guestlist diff old.csv new.csv | grep ^removed,
  what has changed since that export:
    guestlist export | guestlist diff guests.csv -`,
		SuggestFor: []string{"compare", "changes", "delta"},
		Args: func(cmd *cobra.Command, args []string) error {
			if err := oneDash(cmd, args); err != nil {
				return usage{err, cmd.CommandPath()}
			}
			switch {
			case len(args) != 2:
				return misused(cmd, "diff needs two files, an older export and a newer one, and there %s", isOrAre(len(args)))
			case args[0] == "-" && args[1] == "-":
				return misused(cmd, "only one of the two files can be standard input")
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 1 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return []cobra.Completion{"csv", "gz"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return causeOf(cmd.Context(), tryAgain(f.run(a, cmd, args[0], args[1])))
		},
	}
	cmd.Flags().StringVar(&f.columns, "columns", "", "`NAMES` of the columns to compare, separated by commas (default: all that both files have)")
	taskFlags.hold(cmd.Flags(), "columns")
	registerOutput(cmd, &f.output)
	return cmd
}

// isOrAre words how many of something there are.
func isOrAre(n int) string {
	if n == 1 {
		return "is 1"
	}
	return fmt.Sprintf("are %d", n)
}

func (f *diffFlags) run(a *app, cmd *cobra.Command, oldName, newName string) error {
	ctx := cmd.Context()
	if isNamed(f.output) {
		for _, name := range []string{oldName, newName} {
			if err := checkOutputs(cmd, strings.TrimPrefix(name, "-"), []output{{"--output", f.output}}); err != nil {
				return err
			}
		}
	}
	before, err := a.openExport(ctx, oldName)
	if err != nil {
		return err
	}
	defer before.close()
	after, err := a.openExport(ctx, newName)
	if err != nil {
		return err
	}
	defer after.close()
	c, err := f.comparison(a, cmd, before, after)
	if err != nil {
		return settled(err, before, after)
	}
	var done changes.Summary
	err = a.writeOutput(f.output, func(w io.Writer) error {
		var err error
		done, err = c.Write(ctx, w)
		return settled(err, before, after)
	})
	if err != nil {
		return err
	}
	a.event(slog.LevelInfo, "diff", describeChanges(done),
		slog.Int("added", done.Added), slog.Int("removed", done.Removed), slog.Int("changed", done.Changed),
		slog.Int("fields", done.Fields), slog.Int("same", done.Same))
	return nil
}

// comparison settles which columns are compared, and tells which are not.
func (f *diffFlags) comparison(a *app, cmd *cobra.Command, before, after *exported) (*changes.Comparison, error) {
	c, err := changes.New(before.file(), after.file())
	if err != nil {
		return nil, err
	}
	if cmd.Flags().Changed("columns") {
		if err := c.Limit(strings.Split(f.columns, ",")); err != nil {
			return nil, misused(cmd, "--columns: %w", err)
		}
		return c, nil
	}
	onlyOld, onlyNew, credentials := c.LeftOut()
	if len(onlyOld) > 0 {
		a.say("not compared, as only %s has it: %s", before.shown(), list(onlyOld))
	}
	if len(onlyNew) > 0 {
		a.say("not compared, as only %s has it: %s", after.shown(), list(onlyNew))
	}
	if len(credentials) > 0 {
		a.say("not compared, as whoever holds one acts as that guest: %s (--columns can name it)", list(credentials))
	}
	return c, nil
}

// tryAgain gives the way out to a file that did not stay as it was.
func tryAgain(err error) error {
	var changed *changes.ChangedError
	if errors.As(err, &changed) {
		return hinted{err, "run it again when nothing writes to that file any more"}
	}
	return err
}

// describeChanges words what a comparison has found.
func describeChanges(done changes.Summary) string {
	changed := thousands(done.Changed) + " changed"
	if done.Changed > 0 {
		changed += " (" + count(done.Fields, "field") + ")"
	}
	return fmt.Sprintf("%s added, %s removed, %s, %s the same", thousands(done.Added), thousands(done.Removed), changed, thousands(done.Same))
}
