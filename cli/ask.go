package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"guestlist/importer"
)

// errDeclined ends a command whose question was answered with no.
var errDeclined = errors.New("not confirmed")

// ask asks a question that only a clear yes answers with yes. The context ends
// it, as it may never be answered.
func (a *app) ask(ctx context.Context, question string) error {
	defer a.whenStopped(a.whenStopped("")) // the cursor stands behind the question
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

// confirm asks whether the plan is to be carried out, where there is somebody to
// ask and something to do.
func (j *importJob) confirm(ctx context.Context) error {
	question := confirmation(j.plan.Counts, j.o.Mode, j.o.Org)
	if question == "" || j.yes || j.input.name == "-" || !j.app.asks() {
		return nil
	}
	return j.app.ask(ctx, question)
}

// confirmation asks whether a plan is to be carried out; empty: it writes nothing.
func confirmation(n importer.Counts, mode importer.Mode, org string) string {
	switch {
	case n.Change > 0:
		question := fmt.Sprintf("%s%s %s of %s", strings.ToUpper(string(mode[:1])), mode[1:], count(n.Change, "guest"), org)
		if n.AtWork > 0 {
			question += fmt.Sprintf(", %s of them with open tasks", thousands(n.AtWork))
		}
		return question + "?"
	case n.Create > 0 && n.Associate > 0:
		return fmt.Sprintf("Import %s into %s, and update %s?", count(n.Create, "guest"), org, thousands(n.Associate))
	case n.Create > 0:
		return fmt.Sprintf("Import %s into %s?", count(n.Create, "guest"), org)
	case n.Associate > 0:
		return fmt.Sprintf("Update %s of %s?", count(n.Associate, "guest"), org)
	}
	return ""
}
