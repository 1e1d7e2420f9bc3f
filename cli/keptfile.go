package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// keptFile makes a private file without a name, which vanishes with the process,
// however that ends.
func keptFile() (*os.File, error) {
	f, err := os.CreateTemp("", "guestlist-input-*")
	if err != nil {
		return nil, err
	}
	// Where the system does not allow it yet, close removes it.
	_ = os.Remove(f.Name())
	return f, nil
}

// keepInput copies standard input into a private file.
func (a *app) keepInput(ctx context.Context) (*input, error) {
	f, err := keptFile()
	if err != nil {
		return nil, fmt.Errorf("keep standard input: %w", err)
	}
	in := &input{name: "-", kept: f}
	err = unlessDone(ctx, func() error {
		_, err := io.Copy(f, a.stdin)
		return err
	})
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case diskFull(err):
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

// close removes what was kept of the input.
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
