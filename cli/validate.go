package cli

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"guestlist/importer"
	"guestlist/results"
)

func (a *app) validateCommand() *cobra.Command {
	var c csvFlags
	cmd := &cobra.Command{
		Use:   "validate FILE",
		Short: "Check a CSV file: no network, no token",
		Long: `Validate checks every row of a CSV file or an Excel workbook as the server
would, and finds emails that stand in it twice. Nothing is sent anywhere; with
--check-dns name servers are asked for the emails' domains. What is wrong with
which row stands in FILE.plan.csv.`,
		SuggestFor: []string{"lint", "check"},
		Example: `  guestlist validate agency.csv          what is wrong with which row
  guestlist validate agency.csv --fix    what is left after the safe repairs
  guestlist validate agency.xlsx --sheet June`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.validate(cmd, args[0], &c)
		},
	}
	c.register(cmd)
	c.registerDNS(cmd)
	return cmd
}

func (a *app) validate(cmd *cobra.Command, name string, c *csvFlags) error {
	file, err := c.options(cmd)
	if err != nil {
		return err
	}
	if name == "-" {
		return misused(cmd, "standard input has no name that a plan file could stand beside: put it into a file")
	}
	ctx := cmd.Context()
	in, err := a.openInput(ctx, name, file)
	if err != nil {
		return causeOf(ctx, err)
	}
	defer in.close()
	if err := a.showInput(in); err != nil {
		return err
	}
	o := importer.Options{Open: in.open, CSV: in.csv, Fix: in.fix}
	if c.checkDNS {
		if o.Domains, err = a.checkDomains(ctx, in); err != nil {
			return causeOf(ctx, err)
		}
	}
	path := results.Path(name, "plan")
	v, err := importer.Validate(ctx, o, path)
	if err != nil {
		return causeOf(ctx, err)
	}
	a.print(describeFindings(v.Findings, a.style())...)
	level := levelOf(v.Invalid + v.Duplicate)
	a.event(level, "validated", fmt.Sprintf("%s: %s, %d valid, %d invalid, %d duplicate", name, rows(v.Rows), v.Valid, v.Invalid, v.Duplicate),
		slog.Int("rows", v.Rows), slog.Int("valid", v.Valid), slog.Int("invalid", v.Invalid), slog.Int("duplicate", v.Duplicate))
	a.event(level, "planned", "each row's verdict: "+path, slog.String("plan", path))
	if v.Invalid+v.Duplicate > 0 {
		return outcome(exitInvalid)
	}
	return nil
}
