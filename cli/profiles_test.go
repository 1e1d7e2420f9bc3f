package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"guestlist/sandbox"
)

const twoProfiles = `[acme]
org = "a1"
token_file = "acme.token"
rate = "5/s"
max_wait = "10m"
workers = 4

[beta]
org = "b2"
base_url = "https://beta.example.com/api"
client_id_file = "id"
client_secret_file = "secret"
token_url = "https://beta.example.com/oauth/token"
as_user = "jane@beta.example.com"
`

func TestProfileIsOneOfTheSettings(t *testing.T) {
	type vars = map[string]string
	for _, tc := range []struct {
		name string
		env  vars
		args string
		want string // org, base URL, rate, longest wait, workers, of whom
		said string
	}{
		{"none", nil, "", " https://go.tallyfy.com/api auto unlimited 8 ", ""},
		{"by the flag", nil, "--profile acme", "a1 https://go.tallyfy.com/api 5/s 10m 4 ", ""},
		{"by the environment", vars{"GUESTLIST_PROFILE": "beta"}, "", "b2 https://beta.example.com/api auto unlimited 8 jane@beta.example.com", ""},
		{"the flag's before the environment's", vars{"GUESTLIST_PROFILE": "beta"}, "--profile acme", "a1 https://go.tallyfy.com/api 5/s 10m 4 ", ""},
		{"the environment wins, each setting by itself", vars{"GUESTLIST_RATE": "2/s"}, "--profile acme --workers 2", "a1 https://go.tallyfy.com/api 2/s 10m 2 ", ""},
		{
			"the environment's organization is told of",
			vars{"TALLYFY_ORG_ID": "c3"},
			"--profile acme", "c3 https://go.tallyfy.com/api 5/s 10m 4 ",
			"TALLYFY_ORG_ID from the environment wins over the profile acme: the organization is c3, not a1\n",
		},
		{"unless it is the same", vars{"TALLYFY_ORG_ID": "a1"}, "--profile acme", "a1 https://go.tallyfy.com/api 5/s 10m 4 ", ""},
		{"a flag's is not", nil, "--profile acme --org c3", "c3 https://go.tallyfy.com/api 5/s 10m 4 ", ""},
		{
			"the environment's token is told of",
			vars{"TALLYFY_API_TOKEN": "x"},
			"--profile beta", "b2 https://beta.example.com/api auto unlimited 8 jane@beta.example.com",
			"TALLYFY_API_TOKEN from the environment wins over the profile beta\n",
		},
		{
			"so are its server and its member",
			vars{"TALLYFY_BASE_URL": "http://127.0.0.1/api", "TALLYFY_AS_USER": "joe@beta.example.com"},
			"--profile beta",
			"b2 http://127.0.0.1/api auto unlimited 8 joe@beta.example.com",
			"TALLYFY_BASE_URL from the environment wins over the profile beta\nTALLYFY_AS_USER from the environment wins over the profile beta\n",
		},
		{
			"so is where it signs in",
			vars{"TALLYFY_TOKEN_URL": "http://127.0.0.1/oauth/token"},
			"--profile beta", "b2 https://beta.example.com/api auto unlimited 8 jane@beta.example.com",
			"TALLYFY_TOKEN_URL from the environment wins over the profile beta\n",
		},
		{"but not its workers", vars{"GUESTLIST_WORKERS": "3"}, "--profile acme", "a1 https://go.tallyfy.com/api 5/s 10m 3 ", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, said, err := resolved(t, twoProfiles, tc.env, strings.Fields(tc.args)...)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join([]string{s.org, s.baseURL, s.rate, s.maxWait, count(s.workers, ""), s.asUser}, " ")
			got = strings.ReplaceAll(strings.ReplaceAll(got, " s ", " "), "  ", " ")
			if want := strings.ReplaceAll(tc.want, "  ", " "); got != want || said != tc.said {
				t.Errorf("got  %s\nwant %s\nsaid %q\nwant %q", got, want, said, tc.said)
			}
		})
	}
}

func TestProfileThatIsNotThere(t *testing.T) {
	for _, tc := range []struct{ name, config, profile, want, way string }{
		{"a slip", twoProfiles, "acem", `there is no profile "acem" in HOME/.config/guestlist/config.toml: did you mean acme?`, "there are: acme, beta"},
		{"another", twoProfiles, "gamma", `there is no profile "gamma" in HOME/.config/guestlist/config.toml`, "there are: acme, beta"},
		{"in an empty file", "# nothing\n", "acme", `there is no profile "acme" in HOME/.config/guestlist/config.toml`, "there are none; how to make one: guestlist profiles"},
		{"without a file", "", "acme", `there is no profile "acme", as there is no file HOME/.config/guestlist/config.toml`, "how to make one: guestlist profiles"},
		{"in a file that cannot be read", "[acme]\norg = x\n", "acme", `HOME/.config/guestlist/config.toml, line 2: unexpected character U+0078 'x' at start of value`, "what may stand there: guestlist profiles --help"},
		{"with an unknown key", "[acme]\ntoken_flie = 'x'\n", "acme", `HOME/.config/guestlist/config.toml, line 2: the profile acme has an unknown key "token_flie": did you mean token_file?`, "what may stand there: guestlist profiles --help"},
		{"with a slip in a key", "[acme]\nclient_di = '7'\n", "acme", `HOME/.config/guestlist/config.toml, line 2: the profile acme has an unknown key "client_di": did you mean client_id?`, "what may stand there: guestlist profiles --help"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, _, err := resolved(t, tc.config, nil, "--profile", tc.profile)
			if err == nil || s.org != "" {
				t.Fatalf("%v, for %q", err, s.org)
			}
			got := err.Error()
			if i := strings.Index(got, "/"); i >= 0 { // t.TempDir is another each time
				j := strings.Index(got, "/.config")
				got = got[:i] + "HOME" + got[j:]
			}
			if got != tc.want || wayOut(err) != tc.way || exitCode(err) != exitUsage {
				t.Errorf("got  %s\nwant %s\nexit code %d, %s", got, tc.want, exitCode(err), wayOut(err))
			}
		})
	}
}

func TestWhereTheConfigurationIs(t *testing.T) {
	for _, tc := range []struct {
		name string
		env  map[string]string
		want string
	}{
		{"in the home", map[string]string{"HOME": "/home/jo"}, "/home/jo/.config/guestlist/config.toml"},
		{"where XDG says", map[string]string{"HOME": "/home/jo", "XDG_CONFIG_HOME": "/etc/xdg"}, "/etc/xdg/guestlist/config.toml"},
		{"not where it says nothing that counts", map[string]string{"HOME": "/home/jo", "XDG_CONFIG_HOME": "relative"}, "/home/jo/.config/guestlist/config.toml"},
	} {
		a := &app{getenv: func(name string) string { return tc.env[name] }}
		if got, err := a.configPath(); got != tc.want || err != nil {
			t.Errorf("%s: %s, %v", tc.name, got, err)
		}
	}
}

func TestProfilesAreListed(t *testing.T) {
	home := t.TempDir()
	run := func(args ...string) (code int, stdout, stderr string) {
		var out, errs bytes.Buffer
		code = Run(args, nil, &out, &errs, func(name string) string { return map[string]string{"HOME": home}[name] })
		return code, out.String(), strings.ReplaceAll(errs.String(), home, "HOME")
	}
	code, stdout, stderr := run("profiles")
	if code != exitOK || stdout != "" || !strings.HasPrefix(stderr, "no organizations are set up: there is no HOME/.config/guestlist/config.toml\nit would look like this:\n  [acme]\n  org = ") {
		t.Errorf("without a file: exit code %d\n%s%s", code, stdout, stderr)
	}
	writeConfig(t, home, twoProfiles+`
[gamma]
base_url = "https://me:hidden@gamma.example.com/api"
[delta]
org = "d4"
token_file = "delta's token"
["epsilon\u001b[2J"]
org = "e\t5"
client_secret_file = "secret"
[eta]
client_id = "7"
client_secret_file = "secret"
[zeta]
base_url = "https://go.tallyfy.com/api"
token_file = "gone"
`)
	folder := filepath.Join(home, ".config", "guestlist")
	for file, mode := range map[string]os.FileMode{"acme.token": 0o640, "id": 0o600, "secret": 0o600, "delta's token": 0o644} {
		path := filepath.Join(folder, file)
		if err := os.WriteFile(path, []byte("hidden"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, stderr = run("profiles")
	said := "refused, as others may read it: HOME/.config/guestlist/delta's token; to mend that: chmod 600 'HOME/.config/guestlist/delta'\\''s token'\n" +
		"these stand in HOME/.config/guestlist/config.toml\n"
	if code != exitOK || stderr != said {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	stdout = strings.ReplaceAll(stdout, home, "HOME")
	// The columns are aligned, and no line ends with blanks.
	column := strings.Index(stdout, "BASE URL")
	for line := range strings.Lines(stdout) {
		if at := strings.Index(line, "https://"); at >= 0 && at != column || strings.HasSuffix(line, " \n") {
			t.Errorf("the address stands in column %d, not %d: %q", at, column, line)
		}
	}
	var got [][]string
	for line := range strings.Lines(stdout) {
		var cells []string
		for cell := range strings.SplitSeq(strings.TrimSuffix(line, "\n"), "  ") {
			if cell = strings.TrimSpace(cell); cell != "" {
				cells = append(cells, cell)
			}
		}
		got = append(got, cells)
	}
	want := [][]string{
		{"NAME", "ORGANIZATION", "SIGNS IN WITH", "BASE URL"},
		{"acme", "a1", "token file"},
		{"beta", "b2", "client credentials as jane@beta.example.com", "https://beta.example.com/api"},
		{"delta", "d4", "token file, others may read it"},
		{`epsilon\u001b[2J`, `e\u00095`, "client credentials, without an id"},
		{"eta", "none", "client credentials"},
		{"gamma", "none", "none", "wrong: see guestlist doctor --profile gamma"},
		{"zeta", "none", "token file, missing"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s\n%s", diff, stdout)
	}
	if code, stdout, stderr = run("profiles", "--quiet"); code != exitOK || !strings.HasPrefix(stdout, "NAME") || stderr != "" {
		t.Errorf("--quiet: exit code %d\n%s%s", code, stdout, stderr)
	}
	// Shells know their names.
	for _, command := range []string{"import", "export", "doctor"} {
		_, stdout, _ = run("__complete", command, "--profile", "")
		if !strings.HasPrefix(stdout, "acme\ta1\nbeta\tb2\n") {
			t.Errorf("%s --profile is completed by\n%s", command, stdout)
		}
	}
	writeConfig(t, home, "[acme\n")
	if code, _, stderr = run("profiles"); code != exitUsage || !strings.Contains(stderr, "config.toml, line 1: ") {
		t.Errorf("a file that cannot be read: exit code %d\n%s", code, stderr)
	}
	writeConfig(t, home, "")
	if code, stdout, stderr = run("profiles"); code != exitOK || stdout != "" || !strings.HasPrefix(stderr, "no organizations are set up: there is nothing in HOME/") {
		t.Errorf("an empty file: exit code %d\n%s%s", code, stdout, stderr)
	}
}

// An agency's import goes into the organization of the profile.
func TestImportWithAProfile(t *testing.T) {
	server := sandbox.New(sandbox.Options{Org: "acme", Token: "agency-secret"})
	d := newDeskAt(t, server)
	d.env = map[string]string{"HOME": t.TempDir(), "GUESTLIST_STATE_DIR": "state"}
	writeConfig(t, d.env["HOME"], "[acme]\norg='acme'\nbase_url='"+d.url+"'\ntoken_file='~/t'\nrate='1000/s'\n")
	if err := os.WriteFile(filepath.Join(d.env["HOME"], "t"), []byte("agency-secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, stderr := d.run("import", "people.csv", "--profile", "acme"); code != exitOK {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	content, err := os.ReadFile("people.results.csv")
	if err != nil || !strings.Contains(string(content), ",created,") {
		t.Errorf("%v\n%s", err, content)
	}
}

func TestDoctorTellsOfTheProfile(t *testing.T) {
	d := newDesk(t, sandbox.Options{Guests: 1})
	home := t.TempDir()
	d.env["HOME"] = home
	_, findings := d.doctor(t)
	if strings.Contains(findings, "profile") {
		t.Errorf("a profile is told of where there are none:\n%s", findings)
	}
	writeConfig(t, home, twoProfiles)
	_, findings = d.doctor(t)
	wants(t, findings, `ok       profile      none \(--profile NAME takes one of acme, beta\)$`)
	d.env["GUESTLIST_RATE"] = ""
	code, findings := d.doctor(t, "--profile", "acme")
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
	wants(t, findings,
		`ok       profile      acme, from /.*/config.toml$`,
		`ok       org          acme \(TALLYFY_ORG_ID\)$`,
		`ok       rate         5/s \(profile acme\)$`,
		`ok       max-wait     10m \(profile acme\)$`,
		`ok       workers      4 \(profile acme\)$`,
		`note     profile      TALLYFY_ORG_ID from the environment wins over the profile acme: the organization is acme, not a1$`,
		`note     profile      TALLYFY_ACCESS_TOKEN from the environment wins over the profile acme$`,
		`note     token        profile acme is set too, and does not count$`,
	)
	d.env["TALLYFY_ORG_ID"], d.env["TALLYFY_ACCESS_TOKEN"] = "", ""
	code, findings = d.doctor(t, "--profile", "acme")
	if code != exitPermission {
		t.Errorf("a token file that is missing: exit code %d", code)
	}
	wants(t, findings, `ok       org          a1 \(profile acme\)$`, `problem  token        no access token: open .*/acme.token: `)
	d.env["GUESTLIST_WORKERS"] = "many" // which is told when there is a profile
	code, findings = d.doctor(t, "--profile", "acem")
	if code != exitUsage {
		t.Errorf("a slip: exit code %d", code)
	}
	wants(t, findings, `problem  profile      there is no profile "acem" in .*: did you mean acme\?\n         there are: acme, beta$`, `ok       state `, `ok       network `, `note     server       not asked, as the settings are wrong$`, `1 problem, 1 note; 0 calls made`)
}

// Doctor waits no longer than a person would, unless somebody says how long.
func TestHowLongDoctorWaits(t *testing.T) {
	for _, tc := range []struct{ name, variable, args, want string }{
		{"nobody says", "", "", "10s"},
		{"a flag says", "5m", "--max-wait 1m", "1m"},
		{"the environment says", "5m", "", "5m"},
		{"a profile says", "", "--profile acme", "10m"},
		{"the environment wins over the profile", "5m", "--profile acme", "5m"},
		{"the profile does not say", "", "--profile beta", "10s"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			home := t.TempDir()
			writeConfig(t, home, strings.Replace(twoProfiles, "https://beta.example.com/api", "http://127.0.0.1:1/api", 1))
			env := map[string]string{"HOME": home, "GUESTLIST_MAX_WAIT": tc.variable, "TALLYFY_BASE_URL": "http://127.0.0.1:1/api"}
			d := &doctor{app: newApp(nil, io.Discard, io.Discard, func(name string) string { return env[name] })}
			cmd := &cobra.Command{Use: "doctor"}
			cmd.SetContext(t.Context())
			d.register(cmd)
			if err := cmd.ParseFlags(strings.Fields(tc.args)); err != nil {
				t.Fatal(err)
			}
			_ = d.examine(cmd)
			if d.maxWait != tc.want {
				t.Errorf("it waits %s, want %s", d.maxWait, tc.want)
			}
		})
	}
}
