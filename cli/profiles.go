package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"guestlist/profile"
	"guestlist/tallyfy"
)

// exampleProfile is what a configuration file looks like.
const exampleProfile = `  [acme]
  org = "the organization's id"
  token_file = "acme.token"     # beside this file; ~/ is your home
  invite_cap = "100/h"`

func (a *app) profilesCommand() *cobra.Command {
	var names bool
	cmd := &cobra.Command{
		Use:   "profiles",
		Short: "List the organizations set up on this machine",
		Long: `Profiles lists the organizations of the configuration file, for those who work
for many, and how each signs in. With --profile NAME (or GUESTLIST_PROFILE) the
other commands work for one of them. Nothing is sent, and no secret is read.

The file is guestlist/config.toml in $XDG_CONFIG_HOME, else
~/.config/guestlist/config.toml; on Windows %AppData%\guestlist\config.toml:

` + exampleProfile + `

A profile may have: org, base_url, token_file, client_id, client_id_file,
client_secret_file, token_url, as_user, rate, invite_cap, max_wait, budgets,
workers.
They mean what the flags mean. Flags and the environment count before them, and
where another organization or sign-in comes of that, a line tells so.`,
		Example: `  guestlist profiles                            which are there?
  guestlist doctor --profile acme               does it work?
  guestlist import list.csv --profile acme      into that organization
  guestlist profiles --names                    for scripts, a name a line`,
		SuggestFor: []string{"profile", "orgs", "organizations", "accounts", "contexts"},
		Args:       noArguments,
		RunE: func(*cobra.Command, []string) error {
			return a.listProfiles(names)
		},
	}
	cmd.Flags().BoolVar(&names, "names", false, "print only the names, one a line, for scripts")
	outputFlags.hold(cmd.Flags(), "names")
	return cmd
}

// listProfiles prints what is set up, or the names alone.
func (a *app) listProfiles(names bool) error {
	file, err := a.readProfiles()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		path, _ := a.configPath()
		a.say("no organizations are set up: there is no %s", path)
		a.say("it would look like this:\n%s", exampleProfile)
		return nil
	case err != nil:
		return err
	case names && len(file.Profiles) > 0:
		for _, name := range file.Names() {
			if _, err := fmt.Fprintln(a.stdout, strings.ReplaceAll(printable(name), "\n", `\n`)); err != nil {
				return fmt.Errorf("print the organizations: %w", err)
			}
		}
		return nil
	}
	if len(file.Profiles) > 0 {
		if err := a.printProfiles(file.Profiles); err != nil {
			return fmt.Errorf("print the organizations: %w", err)
		}
		for _, p := range file.Profiles {
			for _, path := range []string{p.TokenFile, p.ClientIDFile, p.ClientSecretFile} {
				if amiss(path) == mayBeRead {
					a.say("refused, as others may read it: %s; to mend that: chmod 600 %s", path, shellQuote(path))
				}
			}
		}
		a.say("these stand in %s", file.Path)
		return nil
	}
	a.say("no organizations are set up: there is nothing in %s", file.Path)
	a.say("it would look like this:\n%s", exampleProfile)
	return nil
}

func (a *app) printProfiles(profiles []profile.Profile) error {
	var text bytes.Buffer
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tORGANIZATION\tSIGNS IN WITH\tBASE URL")
	for _, p := range profiles {
		cells := []string{p.Name, first(p.Org, "none"), describeSignIn(&p), otherBaseURL(&p)}
		for i, cell := range cells {
			cells[i] = strings.ReplaceAll(printable(cell), "\n", `\n`)
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		if _, err := fmt.Fprintln(a.stdout, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// otherBaseURL returns a profile's address where it is not the usual one. One that
// is wrong is not shown: it may hold a password.
func otherBaseURL(p *profile.Profile) string {
	if p.BaseURL == "" || p.BaseURL == tallyfy.DefaultBaseURL {
		return ""
	}
	if _, err := tallyfy.CheckBaseURL(p.BaseURL); err != nil {
		return "wrong: see guestlist doctor --profile " + shellQuote(p.Name)
	}
	return p.BaseURL
}

// describeSignIn words how a profile signs in, and what is amiss with the files for
// that, which are not opened.
func describeSignIn(p *profile.Profile) string {
	switch {
	case p.TokenFile != "":
		return "token file" + amiss(p.TokenFile)
	case p.HasClientID() && p.ClientSecretFile == "":
		return "client credentials, without a secret"
	case !p.HasClientID() && p.ClientSecretFile != "":
		return "client credentials, without an id"
	case !p.HasClientID():
		return "none"
	}
	text := "client credentials"
	if p.AsUser != "" {
		text += " as " + p.AsUser
	}
	wrong := amiss(p.ClientSecretFile)
	return text + first(wrong, amiss(p.ClientIDFile))
}

// mayBeRead is what is amiss with a secret that is none.
const mayBeRead = ", others may read it"

// amiss tells, after a comma, why a secret's file would be refused; empty: it would
// not.
func amiss(file string) string {
	info, err := os.Stat(file)
	switch {
	case file == "": // which is not set
		return ""
	case errors.Is(err, fs.ErrNotExist):
		return ", missing"
	case err != nil:
		return ", unreadable"
	case exposure(info) != "":
		return mayBeRead
	}
	return ""
}

// home returns the user's home; empty: nobody knows.
func (a *app) home() string {
	if home := a.getenv("HOME"); home != "" {
		return home
	}
	if me, err := user.Current(); err == nil { // as in services
		return me.HomeDir
	}
	return ""
}

// configPath returns where the configuration file is, or would be.
func (a *app) configPath() (string, error) {
	const name = "config.toml"
	// A relative one is to be ignored, by the XDG Base Directory Specification.
	if folder := a.getenv("XDG_CONFIG_HOME"); filepath.IsAbs(folder) {
		return filepath.Join(folder, "guestlist", name), nil
	}
	if folder := a.getenv("APPDATA"); runtime.GOOS == "windows" && folder != "" {
		return filepath.Join(folder, "guestlist", name), nil
	}
	if home := a.home(); home != "" {
		return filepath.Join(home, ".config", "guestlist", name), nil
	}
	return "", hinted{errors.New("find the configuration file: the user has no home"), "name the folder that guestlist/config.toml is in: export XDG_CONFIG_HOME=FOLDER"}
}

// readProfiles reads the configuration file. The error wraps fs.ErrNotExist when
// there is none.
func (a *app) readProfiles() (*profile.File, error) {
	path, err := a.configPath()
	if err != nil {
		return nil, usage{err, ""}
	}
	file, err := profile.Read(path, a.home())
	var wrong *profile.Error
	if errors.As(err, &wrong) {
		err = didYouMean(err, nearest(wrong.Unknown, wrong.Known))
		return nil, usage{hinted{err, "what may stand there: guestlist profiles --help"}, ""}
	}
	return file, err
}

// chooseProfile reads the profile that is asked for, if one is.
func (s *settings) chooseProfile(a *app) error {
	s.profileName = first(s.profileName, a.getenv("GUESTLIST_PROFILE"))
	if s.profileName == "" {
		return nil
	}
	file, err := a.readProfiles()
	if errors.Is(err, fs.ErrNotExist) {
		path, _ := a.configPath()
		return usage{hinted{fmt.Errorf("there is no profile %q, as there is no file %s", shortened(s.profileName), path), "how to make one: guestlist profiles"}, ""}
	}
	if err != nil {
		return err
	}
	chosen := file.Find(s.profileName)
	if chosen == nil {
		there := "there are: " + list(file.Names())
		if len(file.Profiles) == 0 {
			there = "there are none; how to make one: guestlist profiles"
		}
		err := fmt.Errorf("there is no profile %q in %s", shortened(s.profileName), file.Path)
		return usage{hinted{didYouMean(err, nearest(s.profileName, file.Names())), there}, ""}
	}
	s.chosen = *chosen
	return nil
}

// profileOrigin is who decided what the chosen profile did.
func (s *settings) profileOrigin() string { return "profile " + s.chosen.Name }

// overruled tells what the environment has decided against the chosen profile: who
// works for many must not write into the wrong organization unnoticed. A flag is
// noticed by whoever types it.
func (s *settings) overruled(cmd *cobra.Command) (lines []string) {
	wins := func(variable, what string) {
		lines = append(lines, fmt.Sprintf("%s from the environment wins over the %s%s", variable, s.profileOrigin(), what))
	}
	for _, one := range s.list(cmd) {
		if one.profile == "" || s.origin[one.flag] != one.variable {
			continue
		}
		switch {
		case one.flag == "org" && s.org != one.profile:
			wins(one.variable, fmt.Sprintf(": the organization is %s, not %s", s.org, one.profile))
		case one.flag == "base-url" && s.baseURL != one.profile, one.flag == "token-url" && s.tokenURL != one.profile,
			one.flag == "as-user" && s.asUser != one.profile:
			wins(one.variable, "")
		}
	}
	p := &s.chosen
	if p.TokenFile != "" || p.HasClientID() || p.ClientSecretFile != "" {
		for _, used := range []secret{s.way.token, s.way.id, s.way.pass} {
			if used.name != "" && used.level == inEnvironment {
				wins(used.name, "")
			}
		}
	}
	return lines
}

// completeProfiles teaches shells the names of the profiles, for every command that
// takes one.
func (a *app) completeProfiles(root *cobra.Command) {
	names := func(*cobra.Command, []string, string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
		if file, err := a.readProfiles(); err == nil {
			for _, p := range file.Profiles {
				names = append(names, cobra.CompletionWithDesc(p.Name, p.Org))
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	for _, cmd := range root.Commands() {
		if cmd.LocalFlags().Lookup("profile") != nil {
			_ = cmd.RegisterFlagCompletionFunc("profile", names)
		}
	}
}
