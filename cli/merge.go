package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"

	"github.com/spf13/cobra"

	"guestlist/atomicfile"
	"guestlist/results"
)

func (a *app) mergeCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "merge RESULTS…",
		Short: "Put the results of an import's shards together",
		Long: `Merge makes one results file of those of all shards (import --shard), with the
rows in the order of the input. It fails, and writes nothing, when a shard is
missing or unfinished, when two have the same row or none has it, or when they
are not of one run: it goes by the rows, and by the names of the files.

The rejects of shards are put together the same way, if the results of all
shards stand beside them. Merge them before they are mended.`,
		Example: `  guestlist merge big.shard-*-of-4.results.csv -o big.results.csv
  guestlist merge big.shard-*-of-4.rejects.csv -o big.rejects.csv

  each host has its own folder:
    guestlist merge host*/big.shard-*-of-4.results.csv -o big.results.csv`,
		SuggestFor: []string{"join", "combine", "concat", "cat"},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return misused(cmd, "merge needs the results of the shards")
			}
			for _, name := range args {
				if name == "-" {
					return misused(cmd, "merge needs files: their names tell which shards they are")
				}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if isNamed(out) {
				if err := checkMerged(cmd, args, out); err != nil {
					return err
				}
			}
			return a.merge(cmd.Context(), args, out)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "-", "`FILE` to write, - for standard output; an older one is kept as FILE.old")
	outputFlags.hold(cmd.Flags(), "output")
	return cmd
}

// checkMerged refuses an output that would overwrite what is merged or the input of
// that, or that cannot be written.
func checkMerged(cmd *cobra.Command, paths []string, out string) error {
	o := output{"--output", out}
	outputs := []output{o, kept(o)}
	for _, path := range paths {
		for _, read := range []string{path, inputOfPart(path)} {
			for _, o := range outputs {
				if read != "" && atomicfile.Same(o.path, read) {
					return misused(cmd, "%s: %s is the input too, and one would be written over", o.flag, o.path)
				}
			}
		}
	}
	return checkOutputs(cmd, "", outputs)
}

// merge puts files together that are all results, or all rejects.
func (a *app) merge(ctx context.Context, paths []string, out string) error {
	rejects, err := results.IsRejects(paths[0])
	if err == nil && rejects {
		err = a.mergeRejects(ctx, paths, out)
	} else if err == nil {
		err = a.mergeResults(ctx, paths, out)
	}
	var wrong *results.Mismatch
	var unusable *results.Unusable
	var file *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist) && errors.As(err, &file):
		err = hinted{fmt.Errorf("look at the results: there is no file %s", file.Path), "check the file's name and folder" + filesLike(file.Path)}
	case errors.As(err, &wrong):
		err = hinted{err, wrong.Advice}
	case errors.As(err, &unusable): // which advises what a run may do
		err = hinted{unusable.Err, "name the results of the shards: FILE.shard-0-of-4.results.csv and so on"}
	}
	return causeOf(ctx, err)
}

func (a *app) mergeResults(ctx context.Context, paths []string, out string) (err error) {
	parts, err := results.OpenParts(paths)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.Close()) }()
	var done map[results.Status]int
	err = a.putTogether(ctx, out, func(w io.Writer) (err error) {
		if done, err = parts.Write(w); err != nil {
			return err
		}
		return a.checkTail(ctx, paths, parts.Row())
	})
	if err != nil {
		return err
	}
	if !parts.Named() {
		a.warn("the names do not tell which shards these are: whether the one with the last rows is missing, nobody can tell")
	}
	a.event(slog.LevelInfo, "merge", fmt.Sprintf("%s of %s: %s", rows(parts.Row()), count(parts.Len(), "file"), describeRows(done)),
		slog.Int("files", parts.Len()), byStatus(done), slog.String("results", out))
	return nil
}

func (a *app) mergeRejects(ctx context.Context, paths []string, out string) (err error) {
	rejects, err := results.OpenRejects(paths)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rejects.Close()) }()
	n := 0
	err = a.putTogether(ctx, out, func(w io.Writer) (err error) {
		n, err = rejects.Write(w)
		return err
	})
	if err != nil {
		return err
	}
	a.event(slog.LevelInfo, "merge", fmt.Sprintf("%s of %s", rows(n), count(rejects.Len(), "file")),
		slog.Int("files", rejects.Len()), slog.Int("rows", n), slog.String("rejects", out))
	return nil
}

// putTogether writes a file of which nothing is seen unless it is whole, neither
// under its name nor on standard output. What it replaces is kept as .old.
func (a *app) putTogether(ctx context.Context, out string, write func(w io.Writer) error) (err error) {
	if isNamed(out) {
		f, err := atomicfile.Create(out, 0o600)
		if err != nil {
			return err
		}
		defer f.Abort()
		if err := buffered(ctx, f, write); err != nil {
			return err
		}
		return f.CommitChanged()
	}
	whole, err := keptFile()
	if err != nil {
		return fmt.Errorf("keep what is put together: %w", err)
	}
	defer func() { err = errors.Join(err, (&input{kept: whole}).close()) }()
	if err := buffered(ctx, whole, write); err != nil {
		return err
	}
	if _, err := whole.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = io.Copy(a.stdout, whole)
	return err
}

// buffered writes until it is done or the context ends.
func buffered(ctx context.Context, w io.Writer, write func(w io.Writer) error) error {
	out := bufio.NewWriterSize(endingWriter{ctx, w}, 64<<10)
	if err := write(out); err != nil {
		return err
	}
	return out.Flush()
}

// endingWriter refuses to write when its context has ended.
type endingWriter struct {
	ctx context.Context
	to  io.Writer
}

func (w endingWriter) Write(p []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, context.Cause(w.ctx)
	}
	return w.to.Write(p)
}
