package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"syscall"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"guestlist/guest"
)

// input is the CSV file of a command. It is read in several passes, so
// standard input is kept in a private file first.
type input struct {
	name string   // as the user gave it
	kept *os.File // what came from standard input; nil: a file
}

func (a *app) openInput(ctx context.Context, name string) (*input, error) {
	if name == "-" {
		return a.keepInput(ctx)
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("read the input: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, hinted{
			fmt.Errorf("read the input: %s is not a regular file, and it has to be read more than once", name),
			"name a CSV file, or pipe it in and name it -",
		}
	}
	return &input{name: name}, nil
}

// keepInput copies standard input into a file without a name, which vanishes
// with the process, however that ends.
func (a *app) keepInput(ctx context.Context) (*input, error) {
	f, err := os.CreateTemp("", "guestlist-input-*.csv")
	if err != nil {
		return nil, fmt.Errorf("keep standard input: %w", err)
	}
	in := &input{name: "-", kept: f}
	// Where the system does not allow it yet, close removes it.
	_ = os.Remove(f.Name())
	err = unlessDone(ctx, func() error {
		_, err := io.Copy(f, a.stdin)
		return err
	})
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, syscall.ENOSPC):
		return nil, errors.Join(hinted{
			fmt.Errorf("read standard input: %w", err),
			"it is kept on the disk first, since it has to be read more than once: name a folder with room in TMPDIR",
		}, in.close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("read standard input: %w", err), in.close())
	}
	return in, nil
}

// unlessDone does what may wait for somebody else's bytes, until ctx ends: they
// may never come, or never end.
func unlessDone(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (in *input) open() (io.ReadCloser, error) {
	if in.kept == nil {
		return os.Open(in.name)
	}
	return io.NopCloser(io.NewSectionReader(in.kept, 0, math.MaxInt64)), nil
}

// shown is the input's name for a person.
func (in *input) shown() string {
	if in.kept != nil {
		return "standard input"
	}
	return in.name
}

// close removes what was kept of standard input.
func (in *input) close() error {
	if in.kept == nil {
		return nil
	}
	err := in.kept.Close()
	if gone := os.Remove(in.kept.Name()); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// csvFlags says how the file is written, for every command that reads one.
type csvFlags struct {
	delimiter string
}

func (c *csvFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.delimiter, "delimiter", "", "`CHARACTER` between the cells (default: found out from the header; \"tab\" is one too)")
}

func (c *csvFlags) options(cmd *cobra.Command) (guest.ReaderOptions, error) {
	switch r, size := utf8.DecodeRuneInString(c.delimiter); {
	case c.delimiter == "":
		return guest.ReaderOptions{}, nil
	case c.delimiter == "tab", c.delimiter == `\t`:
		return guest.ReaderOptions{Delimiter: '\t'}, nil
	case size == len(c.delimiter) && r < utf8.RuneSelf:
		return guest.ReaderOptions{Delimiter: r}, nil
	}
	return guest.ReaderOptions{}, usage{fmt.Errorf("--delimiter: %q is not one ASCII character", c.delimiter), cmd.CommandPath()}
}

// leftOut tells which columns of the header are known but not read.
func (a *app) leftOut(h guest.Header) {
	if len(h.LeftOut) > 0 {
		a.say("left out, as they cannot be imported: %s", list(h.LeftOut))
	}
}
