// Generate writes the man pages and shell completions of guestlist, from its
// commands as they are.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"

	"guestlist/cli"
)

func main() {
	folder := flag.String("o", "docs", "`FOLDER` for the folders man and completion")
	flag.Parse()
	if err := generate(*folder); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// generate writes FOLDER/man and FOLDER/completion anew.
func generate(folder string) error {
	if err := writeCompletions(cli.Command(), filepath.Join(folder, "completion")); err != nil {
		return fmt.Errorf("write the completions: %w", err)
	}
	if err := writePages(cli.Command(), filepath.Join(folder, "man")); err != nil {
		return fmt.Errorf("write the man pages: %w", err)
	}
	return nil
}

func emptied(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	return os.MkdirAll(folder, 0o755)
}

// writeCompletions names each file as its shell looks for it.
func writeCompletions(root *cobra.Command, folder string) error {
	if err := emptied(folder); err != nil {
		return err
	}
	for _, shell := range []struct {
		file  string
		write func(*bytes.Buffer) error
	}{
		{"guestlist.bash", func(b *bytes.Buffer) error { return root.GenBashCompletionV2(b, true) }},
		{"_guestlist", func(b *bytes.Buffer) error { return root.GenZshCompletion(b) }},
		{"guestlist.fish", func(b *bytes.Buffer) error { return root.GenFishCompletion(b, true) }},
		{"guestlist.ps1", func(b *bytes.Buffer) error { return root.GenPowerShellCompletionWithDesc(b) }},
	} {
		var b bytes.Buffer
		if err := shell.write(&b); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, shell.file), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// writePages writes a page for each command. The pages of help that belong to no
// command become parts of the program's own.
func writePages(root *cobra.Command, folder string) error {
	if err := emptied(folder); err != nil {
		return err
	}
	topics := map[string]string{}
	for _, cmd := range root.Commands() {
		if cmd.IsAdditionalHelpTopicCommand() {
			topics[cmd.Name()] = markdown(cmd.Long)
		}
	}
	prepare(root)
	root.Long += "\n\n# ENVIRONMENT\n" + topics["environment"] + "\n\n# EXIT STATUS\n" + topics["exit-codes"]
	return writePage(root, folder)
}

// writePage writes the pages of a command and of those below it.
func writePage(cmd *cobra.Command, folder string) error {
	// A page tells no date, so that it is the same when it is made again.
	never := time.Time{}
	header := &doc.GenManHeader{Section: "1", Date: &never, Source: "guestlist", Manual: "Guestlist"}
	var b bytes.Buffer
	if err := doc.GenMan(cmd, header, &b); err != nil {
		return err
	}
	page := bytes.Replace(b.Bytes(), []byte(never.Format("Jan 2006")), nil, 1)
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
	if err := os.WriteFile(filepath.Join(folder, name), page, 0o644); err != nil {
		return err
	}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			if err := writePage(c, folder); err != nil {
				return err
			}
		}
	}
	return nil
}

// prepare makes the texts of a command and of those below it fit for a man page.
func prepare(cmd *cobra.Command) {
	cmd.InitDefaultHelpFlag()
	cmd.DisableAutoGenTag = true
	cmd.Long = markdown(cmd.Long)
	cmd.LocalNonPersistentFlags().VisitAll(prepareFlag)
	cmd.PersistentFlags().VisitAll(prepareFlag)
	for _, c := range cmd.Commands() {
		prepare(c)
	}
}

// prepareFlag lets a flag show what its value is called, and the default behind
// what it does.
func prepareFlag(f *pflag.Flag) {
	placeholder, usage := pflag.UnquoteUsage(f)
	f.Usage = plain(usage)
	if f.Value.Type() == "bool" {
		return
	}
	switch f.DefValue {
	case "", "0", "0s", "[]":
	default:
		f.Usage += plain(" (default " + f.DefValue + ")")
	}
	f.Value, f.DefValue = value{f.Value}, placeholder
}

// value is one of which the page shows what it is called.
type value struct{ pflag.Value }

// Type returns no type that is quoted.
func (value) Type() string { return "value" }

// markdown marks what is indented, so that it keeps its lines.
func markdown(text string) string {
	var b strings.Builder
	fenced := false
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		indented := strings.HasPrefix(line, "  ")
		if indented != fenced && line != "" {
			if fenced {
				b.WriteString("```\n\n")
			} else {
				b.WriteString("\n```\n")
			}
			fenced = indented
		}
		if !fenced {
			line = plain(line)
		}
		b.WriteString(line + "\n")
	}
	if fenced {
		b.WriteString("```\n")
	}
	return b.String()
}

// plain keeps characters from being taken for marks.
func plain(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "<", `\<`, "`", "\\`").Replace(text)
}
