package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"guestlist/guest"
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
as the server sent it, or as CSV rows in the columns of an export. Whoever is
not a guest is named on standard error; the exit code is then 5.`,
		Example: `  guestlist get jane@acme.com                 is she a guest, and since when?
  guestlist get jane@acme.com joe@acme.com --format csv`,
		SuggestFor: []string{"show", "find", "search", "lookup"},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || slices.Contains(args, "") {
				return misused(cmd, "get needs an email")
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

func (f *getFlags) run(a *app, cmd *cobra.Command, emails []string) error {
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
	defer a.keep(gate)
	var found []*tallyfy.Guest
	missing := 0
	var failed error
	for _, email := range emails {
		g, err := client.Get(cmd.Context(), guest.Trim(email), true)
		var refused *tallyfy.Error
		switch {
		case err == nil:
			found = append(found, g)
		case errors.As(err, &refused) && refused.Absent():
			missing++
			fmt.Fprintf(a.stderr, "%s is not a guest of this organization\n", printable(email))
		default:
			failed = causeOf(cmd.Context(), err)
		}
		if failed != nil {
			break
		}
	}
	if failed != nil && len(found) == 0 {
		return failed
	}
	if err := f.print(a, found); err != nil || failed != nil {
		return errors.Join(failed, err)
	}
	if missing > 0 {
		return outcome(exitNotFound)
	}
	return nil
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
