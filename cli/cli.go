// Package cli is the command line: flags become an options struct, one call
// does the work, and a person reads what came of it.
//
// The rules of the output: standard output carries what machines read,
// standard error everything else: lines for a person, or with --log-format json
// an object on each, see event. A failure's first line is the cause, its second
// the way out. Control characters that come from a file or a server are escaped.
package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"

	"guestlist/maildomain"
)

// version is stamped by the build.
var version = "dev"

// app is what every command has at hand.
type app struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	getenv func(string) string
	noBar  bool

	demonstrates bool // what goes wrong is a part of the show

	// stopNote is what the first signal has to be answered with at the moment; empty:
	// nothing.
	stopNote *atomic.Pointer[string]

	resolver maildomain.Resolver // of --check-dns

	// limits is what is worth telling of the server's limits.
	limits *limitNews

	// shared is where other hosts share the budgets; nil: nowhere, or it was closed.
	shared io.Closer

	screen *screen
}

// screen is what standard error shows. It is held while a line is printed or
// progress is drawn, so that they do not run into each other.
type screen struct {
	sync.Mutex
	display *display      // shows progress at the moment; nil: there is none
	json    atomic.Bool   // it is for programs: one object a line
	least   slog.LevelVar // what is below it is not told
	ended   bool          // the end was told, and nothing comes after that
}

// Run runs the program with the given arguments, without its name, and returns
// the exit code.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	return newApp(stdin, stdout, stderr, getenv).run(args)
}

func newApp(stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) *app {
	a := &app{
		stdin: stdin, stdout: standardOutput{stdout}, stderr: stderr, getenv: getenv,
		limits: &limitNews{}, screen: &screen{}, stopNote: &atomic.Pointer[string]{}, resolver: maildomain.NewResolver(""),
	}
	a.whenStopped("stopping: once more ends it at once")
	return a
}

// whenStopped sets what the first signal is answered with, and returns what was
// before.
func (a *app) whenStopped(note string) (before string) {
	if p := a.stopNote.Swap(&note); p != nil {
		before = *p
	}
	return before
}

func (a *app) run(args []string) int {
	ctx, stop := a.withSignals(context.Background())
	defer stop()
	a.screen.json.Store(logFormat(args, a.getenv) == logJSON)
	defer a.takeLog()()
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(foreign{a})
	err := root.ExecuteContext(ctx)
	a.end(err)
	return exitCode(err)
}

func (a *app) rootCommand() *cobra.Command {
	var log logFlags
	root := &cobra.Command{
		Use:   "guestlist",
		Short: "Guests into and out of a Tallyfy organization, in bulk",
		Long: `Guestlist gets guests (contractors, clients, suppliers) into and out of a
Tallyfy organization in bulk: within the server's limits, without losing a row,
and without inviting anybody twice.`,
		Example: `  guestlist demo                          see it work, without an account
  guestlist validate contractors.csv      check a file, nothing is sent
  guestlist import contractors.csv        a CSV becomes guests
  guestlist export -o guests.csv          guests become a CSV
  guestlist doctor                        what works, and what to fix`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return log.apply(a, cmd)
		},
	}
	root.SetFlagErrorFunc(wrongFlag)
	root.SetUsageFunc(showUsage)
	root.SetHelpCommand(helpCommand())
	root.CompletionOptions.HiddenDefaultCmd = false
	log.register(root)
	root.PersistentFlags().BoolVar(&a.noBar, "no-progress", a.noBar, "no progress bar and no progress lines")
	root.AddCommand(
		a.importCommand(), a.validateCommand(), a.exportCommand(), a.getCommand(), a.verifyCommand(), a.membersCommand(),
		a.deleteCommand(), a.disableCommand(), a.enableCommand(),
		a.mergeCommand(), a.diffCommand(), a.reportCommand(), a.doctorCommand(), a.profilesCommand(), a.sandboxCommand(), a.demoCommand(), a.versionCommand(),
		environmentTopic(), exitCodesTopic(),
	)
	a.completeProfiles(root)
	addCompletions(root)
	return root
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.stdout, "guestlist", version)
			return err
		},
	}
}

// withSignals returns a context that the first SIGINT or SIGTERM ends, with an
// error that is its exit code. The second signal ends the process at once.
func (a *app) withSignals(parent context.Context) (context.Context, func()) {
	// A log that nobody reads any more must not end an import.
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			cancel(stopped{s})
			// Not left to the default, which ignores the second one where a script has
			// started the program in the background. Nothing waits for standard error.
			go func() { os.Exit(exitCode(stopped{<-signals})) }()
			if note := a.stopNote.Load(); *note != "" {
				a.warn("%s", *note)
			}
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}
