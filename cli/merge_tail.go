package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"guestlist/guest"
	"guestlist/results"
)

// checkTail makes sure that the last row of the results is that of their input, where
// it stands beside them as it was when they were written: what misses at the end of
// all shards no shard tells.
func (a *app) checkTail(ctx context.Context, paths []string, last int) error {
	name := inputOfPart(paths[0])
	if filepath.Ext(name) != ".csv" {
		return nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("look at the input: %w", err)
	}
	for _, path := range paths {
		if written, err := os.Stat(path); err != nil || info.ModTime().After(written.ModTime()) {
			return err // it is another input now
		}
	}
	n, err := a.countRows(ctx, name)
	if err == nil && n > last {
		return &results.Mismatch{
			Problem: fmt.Sprintf("%s has %s, and the results end with row %d", name, rows(n), last),
			Advice:  "lines were removed at the end of some results: run the shards again, with --resume",
		}
	}
	return err
}

// inputOfPart finds the input that a file of a shard is of; empty when it does not
// stand beside it, or when the name does not tell.
func inputOfPart(path string) string {
	shard, whole := results.ShardOf(path)
	for _, kind := range []string{".results.csv", ".rejects.csv", ".plan.csv"} {
		if base, ok := strings.CutSuffix(whole, kind); ok && !shard.IsWhole() {
			return inputOf(base)
		}
	}
	return ""
}

// countRows counts the rows of an input. It is zero where that takes to know what the
// columns mean.
func (a *app) countRows(ctx context.Context, name string) (n int, err error) {
	in, err := a.openInput(ctx, name, fileOptions{csv: guest.ReaderOptions{Columns: guest.ColumnOptions{IgnoreUnknown: true}}})
	var unusable *guest.InputError
	if errors.As(err, &unusable) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	r, file, err := in.reader()
	if errors.As(err, &unusable) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if r.Above().Rows > 0 {
		return 0, nil
	}
	for {
		switch err := r.Next(); {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, err
		case ctx.Err() != nil:
			return n, context.Cause(ctx)
		}
		n++
	}
}
