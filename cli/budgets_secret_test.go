package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"guestlist/sandbox"
)

// Every command that calls the server shares its budgets, wherever their address
// comes from. The address's password stands in nothing that is printed or written,
// and neither guests nor the token stand in the Redis.
func TestEveryCallIsSharedAndThePasswordStandsNowhere(t *testing.T) {
	const password, encoded, token = "S3CR/ET", "S3CR%2FET", "s3cret-t0ken"
	secrets := regexp.MustCompile(token + `|ann@|acme\.|member\.one|` + password)
	redis := miniredis.RunT(t)
	redis.RequireUserAuth("me", password)
	good := "redis://me:" + encoded + "@" + redis.Addr() + "/0"
	d := newDeskAt(t, sandbox.New(sandbox.Options{Org: "acme", Token: token, Guests: 5}))
	d.env["TALLYFY_ACCESS_TOKEN"] = token
	file := filepath.Join(t.TempDir(), "budgets") // beside the folder that is looked through
	if err := os.WriteFile(file, []byte(good+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	commands := [][]string{
		{"import", "people.csv", "--summary", "summary.json", "--metrics", "m.prom", "--report", "r.html"},
		{"import", "people.csv", "--mode", "update", "--restart"},
		{"import", "people.csv", "--dry-run"},
		{"verify", "people.csv"},
		{"get", "ann@acme.example.com"},
		{"export", "-o", "guests.csv", "--summary", "export.json"},
		{"members"},
		{"disable", "people.csv", "--yes"},
		{"enable", "people.csv", "--yes"},
		{"delete", "people.csv", "--yes"},
		{"doctor"},
	}
	for _, cmd := range Command().Commands() {
		if cmd.Flags().Lookup("base-url") != nil && !slices.ContainsFunc(commands, func(args []string) bool { return args[0] == cmd.Name() }) {
			t.Errorf("%s calls the server and is not tried", cmd.Name())
		}
	}
	wrong := "redis://me:WR0NG" + encoded + "@" + redis.Addr()
	for _, test := range []struct {
		name, variable, value string
		more                  []string
		shares                bool
	}{
		{"from the environment", "GUESTLIST_BUDGETS", good, []string{"--verbose"}, true},
		{"from a file", "GUESTLIST_BUDGETS_FILE", file, []string{"--log-format", "json", "--verbose"}, true},
		{"with the wrong password", "GUESTLIST_BUDGETS", wrong, []string{"--verbose"}, false},
		{"in no address", "GUESTLIST_BUDGETS", "me:" + encoded + "@" + redis.Addr(), []string{"--log-format", "json"}, false},
		{"in the flag", "", "", []string{"--budgets", good}, false},
		{"in the flag, without a user", "", "", []string{"--budgets", "redis://" + encoded + "@" + redis.Addr(), "--log-format", "json"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Cleanup(func() { delete(d.env, test.variable) })
			d.env[test.variable] = test.value
			for _, args := range commands {
				redis.FlushAll()
				args = append(args[:len(args):len(args)], test.more...)
				var out bytes.Buffer
				Run(args, strings.NewReader(""), &out, &out, d.getenv)
				text := strings.Join(args, " ")
				if strings.Contains(strings.ReplaceAll(out.String(), `\/`, "/"), password) || strings.Contains(out.String(), encoded) {
					t.Errorf("%s prints the password:\n%s", text, out.String())
				}
				kept := redis.Dump()
				if test.shares != strings.Contains(kept, "guestlist:1:{acme@") {
					t.Errorf("%s shares its calls: %v\n%s", text, !test.shares, out.String())
				}
				if secret := secrets.FindString(kept); secret != "" {
					t.Errorf("%s leaves %s in the Redis:\n%s", text, secret, kept)
				}
			}
		})
	}
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(string(content), password) || strings.Contains(string(content), encoded) {
			t.Errorf("the password stands in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
