package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// errDeclined ends a command whose question was answered with no.
var errDeclined = errors.New("not confirmed")

// ask asks a question that only a clear yes answers with yes. The context ends
// it, as it may never be answered.
func (a *app) ask(ctx context.Context, question string) error {
	a.screen.Lock()
	fmt.Fprint(a.stderr, printable(question), " [y/N] ")
	a.screen.Unlock()
	var answer string
	err := unlessDone(ctx, func() (err error) {
		answer, err = bufio.NewReader(a.stdin).ReadString('\n')
		return err
	})
	if ctx.Err() != nil {
		fmt.Fprintln(a.stderr)
		return context.Cause(ctx)
	}
	if err != nil {
		fmt.Fprintln(a.stderr)
		if !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the answer: %w", err)
		}
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errDeclined
}
