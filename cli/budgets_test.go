package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"guestlist/sandbox"
)

// Wherever the address of a Redis comes from, a password is not shown, and none
// stands where others can read it.
func TestWhereBudgetsAreShared(t *testing.T) {
	redis := miniredis.RunT(t)
	redis.RequireUserAuth("me", "S3CRET")
	good := "redis://me:S3CRET@" + redis.Addr()
	configured := t.TempDir()
	if err := os.Mkdir(filepath.Join(configured, "guestlist"), 0o700); err != nil {
		t.Fatal(err)
	}
	profiles := "[near]\nbudgets = \"redis://127.0.0.1:2\"\n[open]\nbudgets = \"" + good + "\"\n"
	if err := os.WriteFile(filepath.Join(configured, "guestlist", "config.toml"), []byte(profiles), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		env   map[string]string
		file  string // GUESTLIST_BUDGETS_FILE; "-": it is empty
		mode  os.FileMode
		flags []string
		code  int
		wants []string
	}{
		{"nowhere", nil, "", 0, nil, exitOK, []string{`ok       budgets      shared with other runs on this machine \(default\)$`}},
		{"with a password from the environment", map[string]string{"GUESTLIST_BUDGETS": good}, "", 0, nil, exitOK, []string{
			`ok       budgets      redis://me@127.0.0.1:\d+ \(GUESTLIST_BUDGETS\)$`,
			`ok       budgets      redis://me@127.0.0.1:\d+ answers; its clock agrees with this machine's$`,
		}},
		{"with a password from a file", nil, good + "\n", 0o600, nil, exitOK, []string{
			`ok       budgets      redis://me@127.0.0.1:\d+ \(GUESTLIST_BUDGETS_FILE\)$`,
			`ok       budgets      redis://me@127.0.0.1:\d+ answers; its clock agrees`,
		}},
		{"from a file of Windows", nil, "\ufeff" + good + "\r\n", 0o600, nil, exitOK, []string{`ok       budgets      redis://me@127.0.0.1:\d+ answers`}},
		{"from a file that the group may read, as secrets are mounted", nil, good, 0o440, nil, exitOK, []string{`ok       budgets      redis://me@127.0.0.1:\d+ answers`}},
		{"from an empty file", nil, "-", 0o600, nil, exitUsage, []string{
			`note     budgets      from GUESTLIST_BUDGETS_FILE$`,
			`problem  settings     GUESTLIST_BUDGETS_FILE: no address of the Redis: .* is empty$`,
		}},
		{"from a file that is not there", map[string]string{"GUESTLIST_BUDGETS_FILE": "nowhere"}, "", 0, nil, exitUsage, []string{
			`problem  settings     GUESTLIST_BUDGETS_FILE: no address of the Redis: open nowhere: no such file`,
		}},
		{"from a file with more in it", nil, "# S3CRET\n" + good, 0o600, nil, exitUsage, []string{
			`problem  settings     GUESTLIST_BUDGETS_FILE: it is no address of a Redis`,
		}},
		{"by a variable with a line feed behind it", map[string]string{"GUESTLIST_BUDGETS": good + "\n"}, "", 0, nil, exitOK, []string{`ok       budgets      redis://me@127.0.0.1:\d+ answers`}},
		{"by a variable and a file", map[string]string{"GUESTLIST_BUDGETS": good}, "redis://127.0.0.1:1", 0o600, nil, exitOK, []string{`ok       budgets      redis://me@127.0.0.1:\d+ answers`}},
		{"by a flag and a variable", map[string]string{"GUESTLIST_BUDGETS": good}, "", 0, []string{"--budgets", "redis://127.0.0.1:1"}, exitFailure, []string{
			`ok       budgets      redis://127.0.0.1:1 \(--budgets\)$`,
			`problem  budgets      the Redis at redis://127.0.0.1:1: it refuses`,
		}},
		{"by a flag and a file", nil, good, 0o600, []string{"--budgets", "redis://127.0.0.1:1"}, exitFailure, []string{`problem  budgets      the Redis at redis://127.0.0.1:1: it refuses`}},
		{"by a profile", map[string]string{"GUESTLIST_PROFILE": "near"}, "", 0, nil, exitFailure, []string{
			`ok       budgets      redis://127.0.0.1:2 \(profile near\)$`,
			`problem  budgets      the Redis at redis://127.0.0.1:2: it refuses`,
		}},
		{"by a profile and a variable", map[string]string{"GUESTLIST_PROFILE": "near", "GUESTLIST_BUDGETS": good}, "", 0, nil, exitOK, []string{`ok       budgets      redis://me@127.0.0.1:\d+ answers`}},
		{"by a profile and a file", map[string]string{"GUESTLIST_PROFILE": "near"}, good, 0o600, nil, exitOK, []string{
			`ok       budgets      redis://me@127.0.0.1:\d+ \(GUESTLIST_BUDGETS_FILE\)$`,
			`ok       budgets      redis://me@127.0.0.1:\d+ answers`,
		}},
		{"with a password in a profile", map[string]string{"GUESTLIST_PROFILE": "open"}, "", 0, nil, exitUsage, []string{
			`problem  settings     budgets in the profile open: a password does not stand there, where others may read it$`,
		}},
		{"nowhere, as all that is set is empty", map[string]string{"GUESTLIST_BUDGETS": " ", "GUESTLIST_BUDGETS_FILE": ""}, "", 0, []string{"--budgets", ""}, exitOK, []string{
			`ok       budgets      shared with other runs on this machine`,
		}},
		{"without an organization", map[string]string{"TALLYFY_ORG_ID": "", "GUESTLIST_BUDGETS": "redis://S3CRET@redis.example"}, "", 0, nil, exitUsage, []string{
			`problem  settings     GUESTLIST_BUDGETS: what stands alone before the @ is a user without a password`,
		}},
		{"from a file that others may read", nil, good, 0o644, nil, exitUsage, []string{`problem  settings     GUESTLIST_BUDGETS_FILE: read the address of the Redis: others on this machine may read`}},
		{"with a password in a flag", nil, "", 0, []string{"--budgets", good}, exitUsage, []string{
			`problem  settings     --budgets: a password does not stand there, where others may read it$`,
			`         export GUESTLIST_BUDGETS with the whole URL`,
		}},
		{"with the wrong password", map[string]string{"GUESTLIST_BUDGETS": "redis://me:WR0NG@" + redis.Addr()}, "", 0, nil, exitFailure, []string{
			`problem  budgets      the Redis at redis://me@127.0.0.1:\d+: the user or the password is wrong`,
		}},
		{"where nobody listens", map[string]string{"GUESTLIST_BUDGETS": "redis://127.0.0.1:1"}, "", 0, nil, exitFailure, []string{
			`problem  budgets      the Redis at redis://127.0.0.1:1: it refuses the connection$`,
			`         check the address, the user and the password; until it answers, each$`,
		}},
		{"in something else", map[string]string{"GUESTLIST_BUDGETS": "https://S3CRET@redis.example"}, "", 0, nil, exitUsage, []string{
			`note     budgets      from GUESTLIST_BUDGETS$`,
			`problem  settings     GUESTLIST_BUDGETS: it is no address of a Redis: write redis://HOST:6379, or rediss:// for TLS$`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDeskAt(t, sandbox.New(sandbox.Options{}))
			for name, value := range test.env {
				d.env[name] = value
			}
			if test.file != "" {
				path := filepath.Join(t.TempDir(), "budgets")
				if err := os.WriteFile(path, []byte(strings.TrimPrefix(test.file, "-")), test.mode); err != nil {
					t.Fatal(err)
				}
				d.env["GUESTLIST_BUDGETS_FILE"] = path
			}
			d.env["XDG_CONFIG_HOME"] = configured
			code, findings := d.doctor(t, test.flags...)
			if code != test.code {
				t.Errorf("exit code %d, want %d:\n%s", code, test.code, findings)
			}
			wants(t, findings, test.wants...)
			for _, secret := range []string{"S3CRET", "WR0NG"} {
				if strings.Contains(findings, secret) {
					t.Errorf("a password is shown:\n%s", findings)
				}
			}
		})
	}
}

// A Redis that is away is a finding, and no news besides.
func TestDoctorTellsOnceThatTheRedisIsAway(t *testing.T) {
	d := newDeskAt(t, sandbox.New(sandbox.Options{}))
	d.env["GUESTLIST_BUDGETS"] = "redis://127.0.0.1:1"
	var stdout, stderr bytes.Buffer
	Run([]string{"doctor"}, nil, &stdout, &stderr, d.getenv)
	told := stdout.String() + stderr.String()
	if n := strings.Count(told, "it refuses the connection"); n != 1 || !strings.Contains(told, "the API answers") {
		t.Errorf("told %d times:\n%s", n, told)
	}
}
