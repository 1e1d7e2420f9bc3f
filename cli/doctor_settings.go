package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"guestlist/budgetredis"
	"guestlist/filelock"
	"guestlist/tallyfy"
)

func (d *doctor) lookAtProgram() {
	d.ok("version", "guestlist %s (%s, %s/%s)", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// lookAtProfile reads the profile that is asked for, and tells where it stands. Its
// error is told.
func (d *doctor) lookAtProfile() error {
	if err := d.chooseProfile(d.app); err != nil {
		d.problem("profile", err, "")
		return err
	}
	file, err := d.app.readProfiles()
	switch {
	case d.chosen.Name != "":
		d.ok("profile", "%s, from %s", d.chosen.Name, file.Path)
	case err == nil && len(file.Profiles) > 0:
		d.ok("profile", "none (--profile NAME takes one of %s)", list(file.Names()))
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		d.note("profile", "none; the configuration file cannot be used: %v", err)
	}
	return nil
}

// lookAtSettings tells each setting and where it came from.
func (d *doctor) lookAtSettings(cmd *cobra.Command) {
	for _, one := range d.list(cmd) {
		value, origin := d.decide(d.app, cmd, one)
		switch one.flag {
		case "org":
			if value == "" {
				d.problem("org", errNoOrganization, "")
				continue
			}
		case "base-url":
			// Not shown where it is wrong, as it may hold a secret by mistake, and told with
			// the settings.
			if _, err := tallyfy.CheckBaseURL(value); err != nil {
				d.note("base-url", "from %s", origin)
				continue
			}
		case "budgets":
			d.tellBudgets(value, origin)
			continue
		case "token-url", "as-user": // only client credentials need them
			continue
		}
		d.ok(one.flag, "%s (%s)", value, origin)
	}
}

// tellBudgets tells where the budgets are shared, without a password. An address
// that is wrong is told with the settings.
func (d *doctor) tellBudgets(value, origin string) {
	text, origin, err := d.findBudgets(d.app, value, origin)
	if text == "" && err == nil {
		d.ok("budgets", "shared with other runs on this machine (%s)", origin)
		return
	}
	address, wrong := budgetredis.ParseAddress(text)
	if err != nil || wrong != nil {
		d.note("budgets", "from %s", origin)
		return
	}
	d.ok("budgets", "%s (%s)", address, origin)
}

// lookAtState tries the folder for what runs keep, and tells who holds the
// organization.
func (d *doctor) lookAtState() {
	folder, err := d.app.stateFolder()
	if err == nil {
		if err = tryFolder(folder); err != nil {
			err = stateProblem(err)
		}
	}
	if err != nil {
		d.problem("state", err, "")
		return
	}
	d.ok("state", "%s, may be written to", folder)
	if d.org == "" {
		return
	}
	path, err := d.app.lockPath(&d.settings)
	if err != nil {
		d.problem("lock", err, "")
		return
	}
	// Only a file that is there is tried, and given up at once: nobody who starts
	// a run meanwhile is to find it held.
	lock, err := filelock.Take(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.ok("lock", "no run on this machine is writing to the organization")
	case errors.Is(err, filelock.ErrHeld):
		d.note("lock", "a run is writing to the organization%s", d.app.holder(&d.settings))
		d.advise("another import would be refused until it has ended")
	case err != nil:
		d.problem("lock", stateProblem(err), "")
	default:
		d.ok("lock", "no run on this machine is writing to the organization")
		if err := lock.Release(); err != nil {
			d.problem("lock", stateProblem(err), "")
		}
	}
}

// tryFolder makes the folder as a run would, and tries to write there.
func tryFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, "doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(filepath.Clean(f.Name())))
}
