package cli

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/atomicfile"
	"guestlist/guest"
	"guestlist/report"
	"guestlist/results"
)

func (a *app) reportCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "report RESULTS",
		Short: "Make an HTML page about a run",
		Long: `Report reads what a run left, FILE.results.csv, and writes one HTML page about
it: what became of the rows, guests over time with the pauses, which rows need a
look and why, and what to do next. The page needs no network and runs no script.
A plan (FILE.plan.csv) and the partial results of a run that has not finished
(FILE.results.csv.partial) do as well.`,
		Example: `  guestlist report june.results.csv                 makes june.results.html
  guestlist report june.results.csv -o monday.html  under another name`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.report(cmd, args[0], out)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "`FILE` to write, - for standard output (default RESULTS with .html for .csv)")
	return cmd
}

func (a *app) report(cmd *cobra.Command, path, out string) error {
	if path == "-" {
		return misused(cmd, "report needs the name of a results file: what to do next depends on it")
	}
	if out == "" {
		if cmd.Flags().Changed("output") {
			return misused(cmd, "--output: it has no name: give a file, or - for standard output")
		}
		out = strings.TrimSuffix(path, ".csv") + ".html"
	}
	if out != "-" {
		if err := checkOutputs(cmd, path, []output{{"--output", out}}); err != nil {
			return err
		}
	}
	return a.writeReport(path, out, nil)
}

// writeReport makes the page about the results file at resultsPath and writes it
// to out, "-" for standard output. Live is what the run itself knows; nil: it is
// long over.
func (a *app) writeReport(resultsPath, out string, live *report.Live) error {
	run, err := report.Read(resultsPath)
	if err != nil {
		return noResults(resultsPath, err)
	}
	o := report.Options{Location: time.Local, Commands: nextCommands(resultsPath, taskOf(resultsPath)), Live: live}
	if out == "-" {
		return run.Write(a.stdout, o)
	}
	f, err := atomicfile.Create(out, 0o600)
	if err != nil {
		return err
	}
	if err := run.Write(f, o); err != nil {
		return errors.Join(err, f.Abort())
	}
	if err := f.Commit(); err != nil {
		return err
	}
	a.say("report: %s", out)
	return nil
}

// noResults adds to an error why a file cannot be reported on what to name
// instead.
func noResults(path string, err error) error {
	var format *report.FormatError
	beside, partial := results.Path(path, "results"), path+".partial"
	switch {
	case errors.Is(err, fs.ErrNotExist) && isFile(partial):
		return hinted{err, "the run has not finished; what is done so far: guestlist report " + fileArgument(partial)}
	case !errors.As(err, &format):
		return err
	}
	way := "name what a run has left: FILE.results.csv, or FILE.plan.csv of a dry run"
	if isFile(beside) {
		way = "that may be what went in; what came of it: guestlist report " + fileArgument(beside)
	}
	return hinted{&guest.InputError{Problems: []string{format.Error()}}, way}
}

// taskOf tells what the run did that wrote a results file, as far as the file does.
func taskOf(path string) results.Task {
	task, err := results.TaskOf(path)
	if err != nil {
		return "" // who reads it next says why
	}
	return task
}

// nextCommands works out from the name of a results file what may be typed next. The
// task may not be known.
func nextCommands(path string, task results.Task) report.Commands {
	var c report.Commands
	command := "guestlist " + string(task) + " "
	switch plan := strings.HasSuffix(path, ".plan.csv"); {
	case task != "":
	case plan: // in which nothing is to be done, mostly by validate
		command = "guestlist import "
	default: // to import those who were to be disabled would invite them
		command, c.Note = "guestlist COMMAND ", "COMMAND is the one that made these results: import, delete, disable or enable."
	}
	whole := path
	if at := strings.LastIndex(path, ".partial"); at > 0 {
		whole = path[:at]
	}
	base, ok := strings.CutSuffix(whole, ".results.csv")
	if !ok {
		base, ok = strings.CutSuffix(whole, ".plan.csv")
	}
	named := "" // the results, where their name does not follow from the input's
	shard, of := results.ShardOf(base)
	if ok {
		c.Input = inputOf(of)
	} else {
		named = " --results " + shellQuote(whole)
	}
	input := "FILE"
	if c.Input != "" {
		input = fileArgument(c.Input)
	}
	c.Import = command + input
	c.Check = "guestlist validate " + input
	if task != results.Importing && task != "" {
		c.Check = c.Import + " --dry-run"
	}
	if !shard.IsWhole() {
		c.Import += " --shard " + shard.String()
	}
	c.Resume = c.Import + named + " --resume"
	if rejects := base + ".rejects.csv"; ok && isFile(rejects) {
		c.Rejects, c.Mended = rejects, command+fileArgument(rejects)
	}
	return c
}

// inputOf finds the input whose results are called base and more; empty when none
// stands there.
func inputOf(base string) string {
	for _, name := range []string{base + ".csv", base} {
		if isFile(name) {
			return name
		}
	}
	return ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// fileArgument writes a file as an argument that is no flag. The - of standard input
// stays.
func fileArgument(path string) string {
	if strings.HasPrefix(path, "-") && path != "-" {
		path = "./" + path
	}
	return shellQuote(path)
}
