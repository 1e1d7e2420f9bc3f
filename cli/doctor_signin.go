package cli

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/tallyfy"
)

// lookAtSignIn tells how the calls would be signed in, and makes that a part of the
// client's configuration, if it can be. Of secrets only their length is told.
func (d *doctor) lookAtSignIn(cmd *cobra.Command, config *tallyfy.Config) (ready bool) {
	way, err := d.findWay(d.app)
	if err != nil {
		return false // and it was told with the settings
	}
	d.way = way
	for _, line := range d.overruled(cmd) {
		d.note("profile", "%s", line)
	}
	if err := d.signInto(cmd.Context(), config); err != nil {
		what := "token"
		if (way.id != secret{}) {
			what = "client"
		}
		d.problem(what, err, "")
		return false
	}
	if config.Application == nil {
		d.lookAtToken(config.Token)
	} else {
		d.lookAtApplication(config.Application)
	}
	for _, each := range [][]secret{d.tokens(d.app), d.clientIDs(d.app), d.clientSecrets(d.app)} {
		for _, other := range each {
			if other != way.token && other != way.id && other != way.pass {
				d.note(columnOf(other), "%s is set too, and does not count", other.name)
			}
		}
	}
	return true
}

// columnOf is what a finding about a secret is called.
func columnOf(s secret) string {
	return map[string]string{accessToken: "token", clientID: "client id", clientSecret: "secret"}[s.kind]
}

func (d *doctor) lookAtToken(token string) {
	d.lookAtSecret(d.way.token, token)
	if _, ends, told := claims(token); told && !ends.IsZero() {
		if now := time.Now(); ends.After(now) {
			d.ok("token", "ends %s (in %s), as it says itself", clockTime(ends, now), inWords(ends.Sub(now)))
		} else {
			d.note("token", "ended %s, as it says itself", ends.Local().Format("2 Jan 2006 15:04"))
		}
	}
	d.ok("token", "dies when its owner logs out; jobs use client credentials")
}

// lookAtApplication tells with what and as whom client credentials sign in.
func (d *doctor) lookAtApplication(o *tallyfy.Application) {
	d.lookAtSecret(d.way.id, o.ID)
	d.lookAtSecret(d.way.pass, o.Secret)
	d.ok("token-url", "%s (%s)", d.tokenURL, d.origin["token-url"])
	if d.asUser == "" {
		d.note("as-user", "nobody: the application acts as itself")
		d.advise("that is refused for most calls about guests: name a member with --as-user EMAIL or TALLYFY_AS_USER")
		return
	}
	d.ok("as-user", "%s (%s)", d.asUser, d.origin["as-user"])
}

// lookAtSecret tells where a secret is from and how long it is.
func (d *doctor) lookAtSecret(s secret, value string) {
	length := count(len([]rune(value)), "character")
	if s.file == "" {
		d.ok(columnOf(s), "set, from %s, %s", s.name, length)
		return
	}
	info, err := os.Stat(s.file)
	if err != nil || runtime.GOOS == "windows" || !info.Mode().IsRegular() {
		d.ok(columnOf(s), "set, from %s (%s), %s", s.file, s.name, length)
		return
	}
	text := fmt.Sprintf("set, from %s (%s), mode %04o, %s", s.file, s.name, info.Mode().Perm(), length)
	if info.Mode().Perm()&0o070 == 0 {
		d.ok(columnOf(s), "%s", text)
		return
	}
	d.note(columnOf(s), "%s", text)
	d.advise("its group on this machine may use it; if that is not meant:\nchmod 600 " + shellQuote(s.file))
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
