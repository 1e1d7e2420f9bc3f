package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"guestlist/importer"
	"guestlist/results"
)

func (a *app) validateCommand() *cobra.Command {
	var c csvFlags
	cmd := &cobra.Command{
		Use:   "validate FILE",
		Short: "Check a CSV file: no network, no token",
		Long: `Validate checks every row of a CSV file as the server would, and finds emails
that stand in it twice. Nothing is sent anywhere. What is wrong with which row
stands in FILE.plan.csv.`,
		SuggestFor: []string{"lint", "check"},
		Example: `  guestlist validate agency.csv          what is wrong with which row
  guestlist validate agency.csv --fix    what is left after the safe repairs
  guestlist validate agency.xlsx --sheet June`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := c.options(cmd)
			if err != nil {
				return err
			}
			if args[0] == "-" {
				return usage{errors.New("standard input has no name that a plan file could stand beside: put it into a file"), cmd.CommandPath()}
			}
			in, err := a.openInput(cmd.Context(), args[0], file)
			if err != nil {
				return causeOf(cmd.Context(), err)
			}
			defer in.close()
			if err := a.showInput(in, c.fix); err != nil {
				return err
			}
			path := results.Path(args[0], "plan")
			o := importer.Options{Open: in.open, CSV: in.csv, Fix: c.fix}
			if c.checkDNS {
				if o.Domains, err = a.checkDomains(cmd.Context(), in, c.fix); err != nil {
					return causeOf(cmd.Context(), err)
				}
			}
			v, err := importer.Validate(cmd.Context(), o, path)
			if err != nil {
				return causeOf(cmd.Context(), err)
			}
			a.print(describeFindings(v.Findings, a.style())...)
			a.say("%s: %s, %d valid, %d invalid, %d duplicate", args[0], rows(v.Rows), v.Valid, v.Invalid, v.Duplicate)
			a.say("each row's verdict: %s", path)
			if v.Invalid+v.Duplicate > 0 {
				return outcome(exitInvalid)
			}
			return nil
		},
	}
	c.register(cmd)
	return cmd
}
