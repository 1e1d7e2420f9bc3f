package cli

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/filelock"
	"guestlist/tallyfy"
)

func (d *doctor) lookAtProgram() {
	d.ok("version", "guestlist %s (%s, %s/%s)", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// lookAtSettings tells each setting and where it came from. It stands before they
// are resolved, which forgets that.
func (d *doctor) lookAtSettings(cmd *cobra.Command) {
	for _, s := range []struct{ flag, variable, fallback string }{
		{"org", "TALLYFY_ORG_ID", ""},
		{"base-url", "TALLYFY_BASE_URL", tallyfy.DefaultBaseURL},
		{"rate", "GUESTLIST_RATE", defaultRate},
		{"invite-cap", "GUESTLIST_INVITE_CAP", defaultInviteCap},
		{"max-wait", "GUESTLIST_MAX_WAIT", defaultMaxWait},
		{"workers", "GUESTLIST_WORKERS", defaultWorkers},
		{"retries", "", d.flagDefault(cmd, "retries")},
		{"timeout", "", d.flagDefault(cmd, "timeout")},
	} {
		value, from := s.fallback, "default"
		if set := cmd.Flags().Lookup(s.flag); set.Changed && set.Value.String() != "" {
			value, from = set.Value.String(), "--"+s.flag
		} else if v := d.getenv(s.variable); v != "" {
			value, from = v, s.variable
		}
		switch _, err := tallyfy.CheckBaseURL(value); {
		case s.flag == "org" && value == "":
			d.problem("org", errNoOrganization, "")
		case s.flag == "base-url" && err != nil:
			// Not shown, as it may hold a secret by mistake, and told with the settings.
			d.note("base-url", "from %s", from)
		default:
			d.ok(s.flag, "%s (%s)", value, from)
		}
	}
}

func (d *doctor) getenv(name string) string {
	if name == "" {
		return ""
	}
	return d.app.getenv(name)
}

func (d *doctor) flagDefault(cmd *cobra.Command, name string) string {
	return cmd.Flags().Lookup(name).DefValue
}

// lookAtToken returns the token that would be used, if there is one. Of the token
// itself only its length is told.
func (d *doctor) lookAtToken(ctx context.Context) string {
	set := d.tokens(d.app)
	token, err := d.token(ctx, d.app)
	if err != nil {
		d.problem("token", err, "")
		return ""
	}
	length := count(len([]rune(token)), "character")
	if file := set[0].file; file != "" {
		d.lookAtTokenFile(set[0], length)
	} else {
		d.ok("token", "set, from %s, %s", set[0].name, length)
	}
	for _, other := range set[1:] {
		d.note("token", "%s is set too, and does not count", other.name)
	}
	if _, ends, told := claims(token); told && !ends.IsZero() {
		if now := time.Now(); ends.After(now) {
			d.ok("token", "ends %s (in %s), as it says itself", clockTime(ends, now), inWords(ends.Sub(now)))
		} else {
			d.note("token", "ended %s, as it says itself", ends.Local().Format("2 Jan 2006 15:04"))
		}
	}
	return token
}

func (d *doctor) lookAtTokenFile(source tokenSource, length string) {
	info, err := os.Stat(source.file)
	if err != nil || runtime.GOOS == "windows" || !info.Mode().IsRegular() {
		d.ok("token", "set, from %s (%s), %s", source.file, source.name, length)
		return
	}
	text := fmt.Sprintf("set, from %s (%s), mode %04o, %s", source.file, source.name, info.Mode().Perm(), length)
	if info.Mode().Perm()&0o077 == 0 {
		d.ok("token", "%s", text)
		return
	}
	d.note("token", "%s", text)
	d.advise("others on this machine may read it: chmod 600 " + shellQuote(source.file))
}

// claims reads what a token tells of itself, if it is one that does (RFC 7519):
// whose it is and when it ends; a zero time where it does not say. Nobody checks
// its signature here, so that is to be shown and not to be relied on.
func claims(token string) (owner string, ends time.Time, told bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", ends, false
	}
	content, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", ends, false
	}
	var said struct {
		Sub any     `json:"sub"` // a text, or a number against the standard
		Exp float64 `json:"exp"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	decoder.UseNumber()
	if err := decoder.Decode(&said); err != nil {
		return "", ends, false
	}
	if said.Exp > 0 && said.Exp < 1e11 {
		ends = time.Unix(int64(said.Exp), 0)
	}
	if said.Sub != nil {
		owner = fmt.Sprint(said.Sub)
	}
	return owner, ends, true
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
