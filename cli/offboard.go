package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/atomicfile"
	"guestlist/guest"
	"guestlist/results"
	"guestlist/tallyfy"
)

func (a *app) deleteCommand() *cobra.Command {
	cmd, f := a.offboardCommand(results.Deleting, &cobra.Command{
		Short: "Take the guests that a file names out of the organization",
		Long: `Delete takes each guest that the file names out of the organization, and
detaches them from all their tasks. That cannot be undone: who is imported again
is a new guest, at the price of an invite. See disable for something milder.

It is told first how many of them have open tasks. At a terminal it asks;
without one it wants --yes. A guest who is gone already is unchanged.`,
		Example: `  guestlist delete leavers.csv --dry-run        who would be deleted
  guestlist delete leavers.csv --expect 12      only if the file names 12 guests
  guestlist delete leavers.csv --yes            without a question, for scripts
  guestlist delete leavers.csv --resume         go on after a stop

  undo an import: delete those whom it created, and nobody else:
    guestlist delete contractors.csv --only-created-by contractors.results.csv`,
		SuggestFor: []string{"remove", "rm", "offboard", "undo"},
	})
	flags := cmd.Flags()
	flags.BoolVar(&f.yes, "yes", false, "delete without a question; without a terminal it is needed")
	flags.StringVar(&f.createdBy, "only-created-by", "", "delete only guests whom the import created that wrote `RESULTS`")
	taskFlags.hold(flags, "yes", "only-created-by")
	return cmd
}

func (a *app) disableCommand() *cobra.Command {
	cmd, f := a.offboardCommand(results.Disabling, &cobra.Command{
		Short: "Keep the guests that a file names from signing in",
		Long: `Disable keeps each guest that the file names from signing in. They stay guests
of the organization, and keep their tasks: see enable. A guest who is disabled
already is unchanged; who is no guest of the organization has failed.`,
		Example: `  guestlist disable leavers.csv --dry-run      who would be disabled
  guestlist disable leavers.csv                do it; a terminal asks first
  guestlist disable leavers.csv --expect 12    only if the file names 12 guests`,
		SuggestFor: []string{"deactivate", "suspend", "block"},
	})
	f.registerAsked(cmd, "disabled")
	return cmd
}

func (a *app) enableCommand() *cobra.Command {
	cmd, f := a.offboardCommand(results.Enabling, &cobra.Command{
		Short: "Let the guests that a file names sign in again",
		Long: `Enable lets each guest that the file names sign in again, who was disabled. They
get a new forever link; the old one stays dead. A guest who is not disabled is
unchanged and keeps the link; who is no guest of the organization has failed.`,
		Example: `  guestlist enable returners.csv --dry-run    who would be enabled
  guestlist enable returners.csv              do it; at a terminal it asks first`,
		SuggestFor: []string{"reactivate", "activate", "unblock"},
	})
	f.registerAsked(cmd, "enabled")
	f.registerLinks(cmd)
	return cmd
}

// offboardCommand makes a command that does one thing to each guest whom a file
// names.
func (a *app) offboardCommand(task results.Task, cmd *cobra.Command) (*cobra.Command, *importFlags) {
	f := &importFlags{task: task, expect: -1}
	cmd.Use = string(task) + " FILE"
	cmd.Long += `

FILE is read as import reads it, but only its column of emails counts. What
became of each row stands in FILE.results.csv, the refused rows in
FILE.rejects.csv. It may be - for standard input, with --results.`
	cmd.Args = oneFile
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return f.run(a, cmd, args[0])
	}
	f.settings.register(cmd)
	f.csvFlags.register(cmd)
	f.registerRun(cmd)
	cmd.Flags().IntVar(&f.expect, "expect", f.expect, "do nothing unless the file names just so many guests: a `NUMBER`")
	cmd.Flags().Lookup("expect").DefValue = "0" // of which help says nothing
	taskFlags.hold(cmd.Flags(), "expect")
	return cmd, f
}

// registerAsked registers the flag of what can be taken back.
func (f *importFlags) registerAsked(cmd *cobra.Command, done string) {
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask before the first guest is "+done+"; without a terminal nothing is asked")
	taskFlags.hold(cmd.Flags(), "yes")
}

// checkConsent refuses to delete guests when nobody said yes, or can.
func (f *importFlags) checkConsent(a *app, cmd *cobra.Command, name string) error {
	if cmd.Flags().Changed("expect") && f.expect < 0 {
		return misused(cmd, "--expect: %d is less than none", f.expect)
	}
	if cmd.Flags().Changed("only-created-by") && f.createdBy == "" {
		return misused(cmd, "--only-created-by: the name of the results is empty, and without one every guest of the file would be deleted")
	}
	if f.task != results.Deleting || f.yes || f.dryRun || a.asks() && name != "-" {
		return nil
	}
	return usage{hinted{
		errors.New("delete takes guests out of the organization for good, and nobody can be asked"),
		"look at what it would do with --dry-run, then give --yes",
	}, cmd.CommandPath()}
}

// openCreatedBy opens the results of the import that is to be undone, which may be
// of one that did not finish.
func (f *importFlags) openCreatedBy(org string) (*results.Earlier, error) {
	if f.createdBy == "" {
		return nil, nil
	}
	task, err := results.TaskOf(f.createdBy)
	if err == nil && task != "" && task != results.Importing {
		err = fmt.Errorf("%s is of a run that was to %s guests: name the results of the import", f.createdBy, task)
	}
	var created *results.Earlier
	if err == nil {
		created, err = results.Look(f.createdBy, org, strings.HasSuffix(f.createdBy, ".partial"))
	}
	var unusable *results.Unusable
	switch {
	case errors.As(err, &unusable):
		return nil, fmt.Errorf("--only-created-by: %s: %w", f.createdBy, unusable.Err)
	case err != nil:
		return nil, fmt.Errorf("--only-created-by: %w", err)
	}
	return created, nil
}

// checkExpected refuses a file that names more people, or fewer, than its user
// thinks.
func (j *importJob) checkExpected() error {
	n := j.plan.Counts.People()
	if j.expect < 0 || n == j.expect {
		return nil
	}
	what := j.input.shown()
	if !j.o.Shard.IsWhole() {
		what = "shard " + j.o.Shard.String() + " of " + what
	}
	return hinted{
		&guest.InputError{Problems: []string{fmt.Sprintf("%s names %s to %s, and --expect says %s", what, count(n, "guest"), j.task, thousands(j.expect))}},
		"nothing was sent: check that it is the right file; invalid and duplicate rows do not count, and those do who are done already",
	}
}

// checkCreatedBy refuses to write over the results of the import that is undone. The
// results of this run may take their place, as they are kept then.
func (j *importJob) checkCreatedBy(cmd *cobra.Command, outputs []output) error {
	if j.createdBy == "" {
		return nil
	}
	for _, o := range outputs {
		if o.path == "" || o.flag == "--results" || !atomicfile.Same(o.path, j.createdBy) {
			continue
		}
		if j.keepsNoOlder() && o.path == atomicfile.Kept(j.results) {
			continue
		}
		return misused(cmd, "--only-created-by: %s would be written over by %s: name another file for that, or other results with --results", j.createdBy, o.flag)
	}
	return nil
}

// keepsNoOlder tells whether the finished results replace others that they hold
// altogether, and beside which the import's results are kept.
func (j *importJob) keepsNoOlder() bool {
	return j.resume && j.createdBy != "" && atomicfile.Same(j.createdBy, atomicfile.Kept(j.results))
}

// finish writes the finished results. What is told after that of an undo names the
// import's results where they are now.
func (j *importJob) finish(journal *results.Journal) error {
	if j.keepsNoOlder() {
		return journal.FinishOver(j.results, j.plan.Counts.Rows)
	}
	moved := j.createdBy != "" && atomicfile.Same(j.createdBy, j.results)
	if err := journal.Finish(j.results, j.plan.Counts.Rows); err != nil {
		return err
	}
	if moved {
		j.createdBy = atomicfile.Kept(j.results)
	}
	return nil
}

// checkSpared refuses to go on from a delete that spared guests, with one that would
// not.
func (j *importJob) checkSpared(path string) error {
	if j.task != results.Deleting || j.createdBy != "" {
		return nil
	}
	if spares, err := results.Spares(path); err != nil || !spares {
		return err
	}
	return hinted{
		fmt.Errorf("the run that wrote %s deleted only whom an import had created, and this one would delete the others too", path),
		"give --only-created-by RESULTS again; or begin anew with --restart if all are to be deleted",
	}
}

// tellOfResults warns that a file is the results of an import, which name guests whom
// that import did not create.
func (j *importJob) tellOfResults() error {
	if j.task != results.Deleting || j.createdBy != "" || j.input.name == "-" {
		return nil
	}
	of, err := results.TaskOf(j.input.name)
	if err == nil && of == results.Importing {
		j.app.warn("%s is the results of an import, and names guests whom it did not create; to undo that import: guestlist delete FILE --only-created-by %s", j.input.name, fileArgument(j.input.name))
	}
	return err
}

// wayOut is what to do after a run that ended before its time.
func (j *importJob) wayOut(err error) string {
	var api *tallyfy.Error
	if j.sent != nil && j.task != results.Importing && errors.As(err, &api) && api.EndpointNotFound() {
		return fmt.Sprintf("the server told who its guests are, and knows no call to %s them: do it in Tallyfy itself", j.task)
	}
	return wayOut(err)
}
