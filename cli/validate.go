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
		Example: `  guestlist validate contractors.csv`,
		Args:    oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			csv, err := c.options(cmd)
			if err != nil {
				return err
			}
			if args[0] == "-" {
				return usage{errors.New("standard input has no name that a plan file could stand beside: put it into a file"), cmd.CommandPath()}
			}
			in, err := a.openInput(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			path := results.Path(args[0], "plan")
			v, err := importer.Validate(cmd.Context(), importer.Options{Open: in.open, CSV: csv}, path)
			if err != nil {
				return causeOf(cmd.Context(), err)
			}
			a.leftOut(v.Header)
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
