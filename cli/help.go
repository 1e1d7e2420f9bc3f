package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Command returns all commands, for those who make man pages and completions of
// them. It reads no environment, and is not to be run: see Run.
func Command() *cobra.Command {
	a := &app{
		stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard,
		getenv: func(string) string { return "" }, limits: &limitNews{}, screen: &screen{},
	}
	root := a.rootCommand()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	return root
}

// flagGroup is a part of the help, with the flags that belong together.
type flagGroup string

// The groups, in the order in which the help shows them. Flags without one come
// between them and those that every command has.
const (
	inputFlags      flagGroup = "Input"
	taskFlags       flagGroup = "What to do"
	outputFlags     flagGroup = "Outputs"
	connectionFlags flagGroup = "Connection and limits"
)

// hold puts flags that are registered into the group.
func (g flagGroup) hold(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		f := flags.Lookup(name)
		if f.Annotations == nil {
			f.Annotations = map[string][]string{}
		}
		f.Annotations[groupAnnotation] = []string{string(g)}
	}
}

const groupAnnotation = "guestlist_group"

// groupOf returns the group of a flag; empty: none.
func groupOf(f *pflag.Flag) flagGroup {
	if of := f.Annotations[groupAnnotation]; len(of) > 0 {
		return flagGroup(of[0])
	}
	return ""
}

// helpWidth is the columns that help takes.
const helpWidth = 80

// showUsage prints how a command is used.
func showUsage(cmd *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage:\n")
	if cmd.Runnable() && !cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s\n", cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s COMMAND [flags]\n", cmd.CommandPath())
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	showCommands(&b, "Commands", cmd, func(c *cobra.Command) bool { return c.IsAvailableCommand() || c.Name() == "help" })
	showFlags(&b, cmd)
	showCommands(&b, "More help", cmd, (*cobra.Command).IsAdditionalHelpTopicCommand)
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n%s COMMAND --help tells more of a command.\n", cmd.CommandPath())
	}
	_, err := io.WriteString(cmd.OutOrStderr(), b.String())
	return err
}

func showCommands(b *strings.Builder, title string, cmd *cobra.Command, show func(*cobra.Command) bool) {
	title = "\n" + title + ":\n"
	for _, c := range cmd.Commands() {
		if show(c) {
			fmt.Fprintf(b, "%s  %-12s %s\n", title, c.Name(), c.Short)
			title = ""
		}
	}
}

// showFlags prints the flags of a command by group.
func showFlags(b *strings.Builder, cmd *cobra.Command) {
	grouped := map[flagGroup]*pflag.FlagSet{}
	add := func(g flagGroup, f *pflag.Flag) {
		if grouped[g] == nil {
			grouped[g] = pflag.NewFlagSet(string(g), pflag.ContinueOnError)
		}
		grouped[g].AddFlag(f)
	}
	const further, general flagGroup = "Further", "General"
	cmd.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
		switch g := groupOf(f); {
		case g != "":
			add(g, f)
		case f.Name == "help", f.Name == "version", cmd.PersistentFlags().Lookup(f.Name) != nil:
			add(general, f)
		default:
			add(further, f)
		}
	})
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { add(general, f) })
	for _, g := range []flagGroup{inputFlags, taskFlags, outputFlags, further, connectionFlags, general} {
		title := g
		switch {
		case grouped[g] == nil:
			continue
		case len(grouped) <= 2 && g == further:
			title = "Flags"
		}
		fmt.Fprintf(b, "\n%s:\n%s", title, grouped[g].FlagUsagesWrapped(helpWidth))
	}
}

// helpCommand shows the help of a command, and says which one was meant where
// there is none.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command",
		Long:  "Help tells what a command does, with examples and all its flags.",
		Example: `  guestlist help import
  guestlist help exit-codes`,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
			for _, c := range cmd.Root().Commands() {
				if len(args) == 0 && strings.HasPrefix(c.Name(), typed) && !c.Hidden {
					names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			switch {
			case err != nil:
				return usage{err, cmd.Root().CommandPath()}
			case len(rest) > 0:
				return usage{unknownCommand(about, rest[0]), cmd.Root().CommandPath()}
			}
			about.InitDefaultHelpFlag()
			about.InitDefaultVersionFlag()
			return about.Help()
		},
	}
}
