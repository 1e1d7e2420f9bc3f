package cli

import (
	"encoding/csv"
	"io"
	"log/slog"
	"strconv"

	"github.com/spf13/cobra"

	"guestlist/tallyfy"
)

type membersFlags struct {
	settings
	output string
}

func (a *app) membersCommand() *cobra.Command {
	var f membersFlags
	cmd := &cobra.Command{
		Use:   "members",
		Short: "Write the organization's members into a CSV file",
		Long: `Members lists the members of the organization, in the server's order, with the
columns id, email, first_name, last_name, role and status. Their ids and emails
are what associated_members takes.`,
		Example: `  guestlist members                     who can be associated with guests?
  guestlist members -o members.csv      into a file`,
		SuggestFor: []string{"users", "team", "staff"},
		Args:       noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(a, cmd)
		},
	}
	f.register(cmd)
	registerOutput(cmd, &f.output)
	return cmd
}

// registerOutput adds the flag --output of a command that writes one file.
func registerOutput(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVarP(path, "output", "o", "-", "`FILE` to write, - for standard output; a name that ends in .gz is compressed")
	outputFlags.hold(cmd.Flags(), "output")
}

func (f *membersFlags) run(a *app, cmd *cobra.Command) error {
	gate, err := f.resolve(a, cmd)
	if err != nil {
		return err
	}
	if isNamed(f.output) {
		if err := checkOutputs(cmd, "", []output{{"--output", f.output}}); err != nil {
			return err
		}
	}
	client, err := f.client(a, cmd, gate)
	if err != nil {
		return err
	}
	defer a.follow(gate)()
	all, err := client.Members(cmd.Context())
	if err != nil {
		return causeOf(cmd.Context(), err)
	}
	err = a.writeOutput(f.output, func(w io.Writer) error { return writeMembers(w, all) })
	if err == nil && isNamed(f.output) {
		a.event(slog.LevelInfo, "members", f.output+": "+count(len(all), "member"), slog.Int("members", len(all)), slog.String("output", f.output))
	}
	return err
}

func writeMembers(w io.Writer, all []tallyfy.Member) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"id", "email", "first_name", "last_name", "role", "status"}); err != nil {
		return err
	}
	for _, m := range all {
		if err := out.Write([]string{strconv.FormatInt(m.ID, 10), m.Email, m.FirstName, m.LastName, m.Role, m.Status}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
