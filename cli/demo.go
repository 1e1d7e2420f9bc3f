package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/atomicfile"
	"guestlist/samples"
	"guestlist/sandbox"
)

func (a *app) demoCommand() *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See it work: sandbox, import of a sample, export",
		Long: `Demo starts the sandbox on a free port of this machine, imports a sample of 25
contractors, four of them wrong in different ways, and exports all guests.
Nothing leaves this machine. The files stay for you to look at.`,
		Example: `  guestlist demo                     the files go into demo-out
  guestlist demo --folder try-it     into another folder`,
		SuggestFor: []string{"example", "tutorial", "try"},
		Args:       noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.demo(cmd.Context(), folder)
		},
	}
	cmd.Flags().StringVar(&folder, "folder", "demo-out", "`FOLDER` for the files")
	return cmd
}

func (a *app) demo(ctx context.Context, folder string) (err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the folder for the demo: %w", err)
	}
	file := filepath.Join(folder, "contractors.csv")
	if err := removeAll(file, filepath.Join(folder, "contractors.results.csv*"), filepath.Join(folder, "contractors.rejects.csv*")); err != nil {
		return err
	}
	if err := atomicfile.Write(file, samples.Contractors, 0o644); err != nil {
		return err
	}
	served, err := listen("127.0.0.1:0", sandbox.New(sandbox.Options{Org: "acme", Guests: 3}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, served.close()) }()
	a.say("a sandbox of the Tallyfy API serves at %s, with 3 guests", served.url)

	// What is learned of a sandbox that is gone afterwards is of no use to anybody.
	state, err := os.MkdirTemp("", "guestlist-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the state of the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(state)) }()
	inner := *a
	inner.demonstrates = true
	inner.stdin = strings.NewReader("") // nobody is asked before a sandbox is written to
	settings := map[string]string{
		"TALLYFY_BASE_URL": served.url, "TALLYFY_ORG_ID": "acme", "TALLYFY_ACCESS_TOKEN": "demo", "GUESTLIST_STATE_DIR": state,
	}
	inner.getenv = func(name string) string { return settings[name] }
	guests := filepath.Join(folder, "guests.csv")
	err = inner.step(ctx, "import", file)
	var refused outcome
	if err != nil && !(errors.As(err, &refused) && refused == exitSomeRefused) {
		return err
	}
	for _, name := range []string{"contractors.results.csv", "contractors.rejects.csv"} {
		if err := a.show(filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	if err := inner.step(ctx, "export", "-o", guests); err != nil {
		return err
	}
	a.say("")
	a.say("the files are in %s: contractors.csv is the input, contractors.results.csv what became of each", folder)
	a.say("row, contractors.rejects.csv the four rows to mend, guests.csv the export")
	return nil
}

// step runs one command of the demo as a user would type it.
func (a *app) step(ctx context.Context, args ...string) error {
	a.say("")
	line := "$ guestlist"
	for _, arg := range args {
		line += " " + shellQuote(arg)
	}
	a.say("%s", line)
	root := a.rootCommand()
	root.SetArgs(args)
	return root.ExecuteContext(ctx)
}

// show prints a file.
func (a *app) show(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("show the files: %w", err)
	}
	a.say("")
	a.say("$ cat %s", shellQuote(path))
	for line := range bytes.Lines(content) {
		a.say("%s", bytes.TrimRight(line, "\r\n"))
	}
	return nil
}

// removeAll removes the files of an earlier demo.
func removeAll(patterns ...string) error {
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil {
			return err
		}
		for _, file := range files {
			if err := os.Remove(file); err != nil {
				return fmt.Errorf("remove the files of an earlier demo: %w", err)
			}
		}
	}
	return nil
}
