package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"guestlist/guest"
	"guestlist/ratelimit"
	"guestlist/tallyfy"
)

type getFlags struct {
	settings
	format string
	links  bool
}

func (a *app) getCommand() *cobra.Command {
	var f getFlags
	cmd := &cobra.Command{
		Use:   "get EMAIL…",
		Short: "Print some guests, with statistics, as JSON",
		Long: `Get asks for each guest by email and prints them as a JSON array, each record
as the server sent it, or as CSV rows in the columns of an export. An email that
stands there twice is asked for once, and - stands for those on standard input,
one a line. Whoever is not a guest is named on standard error; the exit code is
then 5.`,
		Example: `  guestlist get jane@acme.com                 is she a guest, and since when?
  guestlist get jane@acme.com joe@acme.com --format csv
  guestlist get - < emails.txt                one email a line`,
		SuggestFor: []string{"show", "find", "search", "lookup"},
		Args: func(cmd *cobra.Command, args []string) error {
			blank := func(email string) bool { return guest.Trim(email) == "" }
			if len(args) == 0 || slices.ContainsFunc(args, blank) {
				return misused(cmd, "get needs an email, or - for those on standard input")
			}
			if i := slices.IndexFunc(args, isMore); i >= 0 {
				return misused(cmd, "%s is more than one email: put blanks between them", guest.Quote(args[i]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(a, cmd, args)
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.format, "format", "json", "`FORMAT`: json or csv")
	cmd.Flags().BoolVar(&f.links, "links", false, "with the guests' forever links: whoever holds one acts as that guest")
	outputFlags.hold(cmd.Flags(), "format", "links")
	return cmd
}

func (f *getFlags) run(a *app, cmd *cobra.Command, args []string) error {
	gate, err := f.resolve(a, cmd)
	if err != nil {
		return err
	}
	if err := oneOf("format", f.format, "json", "csv"); err != nil {
		return usage{err, cmd.CommandPath()}
	}
	client, err := f.client(a, cmd, gate)
	if err != nil {
		return err
	}
	emails, err := a.emails(cmd.Context(), args)
	if err != nil {
		return err
	}
	defer a.follow(gate)()
	look := newLookUps(client, emails)
	stop := func() {}
	if len(emails) > 1 {
		stop = a.watch(func() progress {
			return progress{done: int(look.done.Load()), total: len(emails), unit: "guests", held: heldUntil(gate, ratelimit.Read)}
		})
	}
	failed := causeOf(cmd.Context(), look.do(cmd.Context(), f.workers))
	stop()
	missing, refused := 0, 0
	for i, email := range emails {
		switch {
		case look.missing[i]:
			missing++
			a.event(slog.LevelError, "not_found", email+" is not a guest of this organization", slog.String("email", email))
		case look.refused[i] != nil:
			refused++
			a.event(slog.LevelError, "refused", look.refused[i].Error(), slog.String("email", email))
		}
	}
	if left := len(emails) - int(look.done.Load()); failed != nil && len(emails) > 1 {
		failed = fmt.Errorf("%w; not looked up: %d of %s", failed, left, count(len(emails), "email"))
	}
	if failed != nil && missing > 0 {
		failed = alsoMissing{failed}
	}
	found := slices.DeleteFunc(look.guests, func(g *tallyfy.Guest) bool { return g == nil })
	if failed != nil && len(found) == 0 {
		return failed
	}
	if err := f.print(a, found); err != nil || failed != nil {
		return errors.Join(failed, err)
	}
	switch {
	case missing > 0:
		return outcome(exitNotFound)
	case refused > 0:
		return outcome(exitFailure)
	}
	return nil
}

// lookUps looks for guests one by one. What it found may be read when it has ended.
type lookUps struct {
	client  *tallyfy.Client
	emails  []string
	guests  []*tallyfy.Guest // by email; nil: not found, or not asked for
	missing []bool           // by email: the server has no such guest
	refused []error          // by email: what the server says against it
	done    atomic.Int64     // that the server has answered
}

func newLookUps(client *tallyfy.Client, emails []string) *lookUps {
	n := len(emails)
	return &lookUps{client: client, emails: emails, guests: make([]*tallyfy.Guest, n), missing: make([]bool, n), refused: make([]error, n)}
}

// do asks for all of them, so many at a time. It ends with the first failure that is
// not about one email, when those that are under way have ended.
func (l *lookUps) do(ctx context.Context, workers int) error {
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i, email := range l.emails {
		if gctx.Err() != nil {
			break
		}
		group.Go(func() error {
			g, err := l.client.Get(gctx, email, true)
			var refused *tallyfy.Error
			switch {
			case err == nil:
				l.guests[i] = g
			case errors.As(err, &refused) && refused.Absent():
				l.missing[i] = true
			case refused != nil && (refused.Status == http.StatusBadRequest || refused.Status == http.StatusUnprocessableEntity):
				l.refused[i] = err
			default:
				return err
			}
			l.done.Add(1)
			return nil
		})
	}
	return cmp.Or(group.Wait(), ctx.Err())
}

func (f *getFlags) print(a *app, found []*tallyfy.Guest) error {
	if f.format == "csv" {
		w, err := guest.NewRecordWriter(a.stdout, guest.RecordColumns(f.links))
		if err != nil {
			return err
		}
		for _, g := range found {
			if err := w.Write(&g.Record); err != nil {
				return err
			}
		}
		return w.Flush()
	}
	var out bytes.Buffer
	out.WriteString("[")
	for i, g := range found {
		if i > 0 {
			out.WriteString(",")
		}
		raw := g.Raw
		if !f.links {
			raw = g.WithoutLink()
		}
		out.WriteString("\n  ")
		if err := json.Indent(&out, raw, "  ", "  "); err != nil {
			return fmt.Errorf("print %s: %w", g.Email, err)
		}
	}
	if len(found) > 0 {
		out.WriteString("\n")
	}
	out.WriteString("]\n")
	_, err := a.stdout.Write(out.Bytes())
	return err
}
