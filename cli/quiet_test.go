package cli

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/sandbox"
)

// With --verbose each call is told, and no token.
func TestVerbose(t *testing.T) {
	d := logDesk(t, sandbox.New(sandbox.Options{Token: loggedToken}))
	code, stderr := d.run("import", "people.csv", "--verbose")
	if code != exitOK || !regexp.MustCompile(`(?m)^create guest ann@acme.example.com: 201 in \d+m?s$`).MatchString(stderr) {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
	code, stderr = d.run("get", "nobody@acme.example.com", "--verbose", "--log-format", "json")
	events := logged(t, stderr)
	lastOf(t, events, code)
	want := map[string]any{"level": "DEBUG", "event": "call", "operation": "get guest nobody@acme.example.com", "status": 404.0}
	if diff := cmp.Diff(want, without(ofKind(t, events, "call"), "msg", "seconds")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, stderr = d.run("doctor", "--verbose", "--base-url", "http://127.0.0.1:1/api"); strings.Contains(stderr, loggedToken) {
		t.Errorf("the token is told:\n%s", stderr)
	}
	if _, stderr = d.run("doctor", "--verbose"); !strings.Contains(stderr, ": 200 in ") {
		t.Errorf("doctor tells no call:\n%s", stderr)
	}
	if code, stderr = d.run("import", "people.csv", "--verbose", "--quiet"); code != exitUsage || !strings.Contains(stderr, "give one of them") {
		t.Errorf("with --quiet: exit code %d:\n%s", code, stderr)
	}
	if _, stderr = d.run("get", "ann@acme.example.com"); stderr != "" {
		t.Errorf("without it there stands:\n%s", stderr)
	}
}

// Who has asked for errors only hears nothing of what goes well, in either form.
func TestQuietCommands(t *testing.T) {
	d := logDesk(t, sandbox.New(sandbox.Options{Org: "acme", Guests: 2}))
	for _, args := range [][]string{
		{"import", "people.csv"},
		{"import", "people.csv", "--report", "people.html", "--summary", "s.json"},
		{"import", "people.csv", "--dry-run"},
		{"import", "people.csv", "--resume"},
		{"validate", "people.csv"},
		{"export", "-o", "guests.csv"},
		{"export"},
		{"get", "ann@acme.example.com"},
		{"report", "people.results.csv"},
		{"members"},
		{"members", "-o", "members.csv"},
		{"verify", "people.csv"},
		{"diff", "guests.csv", "guests.csv"},
		{"disable", "people.csv", "--yes"},
		{"enable", "people.csv", "--yes"},
		{"delete", "people.csv", "--yes"},
		{"doctor"},
		{"demo"},
		{"version"},
		{"help"},
		{"completion", "bash"},
	} {
		for _, format := range []string{logText, logJSON} {
			code, stderr := d.run(append(args, "--quiet", "--log-format", format)...)
			if code != exitOK || stderr != "" {
				t.Errorf("%v in %s: exit code %d:\n%s", args, format, code, stderr)
			}
		}
	}
}

// It does hear of what went wrong, refused rows included.
func TestQuietCommandsThatFail(t *testing.T) {
	d := logDesk(t, sandbox.New(sandbox.Options{Org: "acme"}))
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"import", "bad.csv"}, exitSomeRefused, "rejects: bad.rejects.csv (2 rows: mend them there, then import that file)\n"},
		{[]string{"import", "bad.csv", "--dry-run"}, exitInvalid, "plan: 0 to create, 1 unchanged, 1 invalid, 1 duplicate\ndry run, nothing was sent: bad.plan.csv\n"},
		{[]string{"validate", "bad.csv"}, exitInvalid, "bad.csv: 3 rows, 1 valid, 1 invalid, 1 duplicate\neach row's verdict: bad.plan.csv\n"},
		{[]string{"get", "nobody@acme.example.com"}, exitNotFound, "nobody@acme.example.com is not a guest of this organization\n"},
		{[]string{"export", "--frobnicate"}, exitUsage, "guestlist: unknown flag: --frobnicate\nsee: guestlist export --help\n"},
	} {
		code, stderr := d.run(append([]string{"--quiet"}, tc.args...)...)
		if code != tc.code || stderr != tc.want {
			t.Errorf("%v: exit code %d:\n%s", tc.args, code, cmp.Diff(tc.want, stderr))
		}
		code, stderr = d.run(append([]string{"--quiet", "--log-format", "json"}, tc.args...)...)
		events := logged(t, stderr)
		lastOf(t, events, tc.code)
		for _, e := range events {
			if code != tc.code || e["level"] != "ERROR" {
				t.Errorf("%v in JSON: exit code %d: %v", tc.args, code, e)
			}
		}
	}
}
