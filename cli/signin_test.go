package cli

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"guestlist/results"
	"guestlist/sandbox"
)

// resolved returns the settings that come of a command line, with an environment
// and a configuration file. Said is what standard error shows.
func resolved(t *testing.T, config string, env map[string]string, args ...string) (s *settings, said string, err error) {
	t.Helper()
	home := t.TempDir()
	if config != "" {
		writeConfig(t, home, config)
	}
	getenv := func(name string) string {
		if name == "HOME" {
			return home
		}
		return env[name]
	}
	var stderr bytes.Buffer
	a := newApp(nil, io.Discard, &stderr, getenv)
	cmd := &cobra.Command{Use: "test"}
	s = &settings{}
	s.register(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	_, err = s.resolve(a, cmd)
	return s, stderr.String(), err
}

func writeConfig(t *testing.T, home, config string) {
	t.Helper()
	folder := filepath.Join(home, ".config", "guestlist")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "config.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhichWayToSignInCounts(t *testing.T) {
	const all = "[acme]\ntoken_file='t'\nclient_id_file='i'\nclient_secret_file='s'\n"
	const credentials = "[acme]\nclient_id_file='i'\nclient_secret_file='s'\n"
	type vars = map[string]string
	for _, tc := range []struct {
		name   string
		config string
		env    vars
		args   string
		want   string // where the token, or the client's id and secret, are from
	}{
		{"none", "", nil, "", ""},
		{"a token in the environment", "", vars{"TALLYFY_ACCESS_TOKEN": "x"}, "", "TALLYFY_ACCESS_TOKEN"},
		{"the flag's token before the environment's", "", vars{"TALLYFY_ACCESS_TOKEN": "x"}, "--token-file t", "--token-file"},
		{"the token before its file", "", vars{"TALLYFY_ACCESS_TOKEN": "x", "TALLYFY_TOKEN_FILE": "t"}, "", "TALLYFY_ACCESS_TOKEN"},
		{"its file before the name of another program", "", vars{"TALLYFY_API_TOKEN": "x", "TALLYFY_TOKEN_FILE": "t"}, "", "TALLYFY_TOKEN_FILE"},
		{"blanks are nothing", "", vars{"TALLYFY_ACCESS_TOKEN": " \n", "TALLYFY_API_TOKEN": "x"}, "", "TALLYFY_API_TOKEN"},
		{"client credentials in the environment", "", vars{"TALLYFY_CLIENT_ID": "7", "TALLYFY_CLIENT_SECRET": "x"}, "", "TALLYFY_CLIENT_ID TALLYFY_CLIENT_SECRET"},
		{"mounted client credentials", "", vars{"TALLYFY_CLIENT_ID_FILE": "i", "TALLYFY_CLIENT_SECRET_FILE": "s"}, "", "TALLYFY_CLIENT_ID_FILE TALLYFY_CLIENT_SECRET_FILE"},
		{"an id in the profile itself", "[acme]\nclient_id='7'\nclient_secret_file='s'\n", nil, "--profile acme", "profile acme profile acme"},
		{"of one level the token before client credentials", "", vars{"TALLYFY_CLIENT_ID": "7", "TALLYFY_CLIENT_SECRET": "x", "TALLYFY_API_TOKEN": "x"}, "", "TALLYFY_API_TOKEN"},
		{"flags before a token in the environment", "", vars{"TALLYFY_ACCESS_TOKEN": "x"}, "--client-id-file i --client-secret-file s", "--client-id-file --client-secret-file"},
		{"half by a flag, half from the environment", "", vars{"TALLYFY_ACCESS_TOKEN": "x", "TALLYFY_CLIENT_SECRET": "x"}, "--client-id-file i", "--client-id-file TALLYFY_CLIENT_SECRET"},
		{"half from the environment, half of a profile", credentials, vars{"TALLYFY_CLIENT_SECRET": "x"}, "--profile acme", "profile acme TALLYFY_CLIENT_SECRET"},
		{"a flag's token before client credentials in the environment", "", vars{"TALLYFY_CLIENT_ID": "7", "TALLYFY_CLIENT_SECRET": "x"}, "--token-file t", "--token-file"},
		{"a profile that is not chosen", all, nil, "", ""},
		{"a profile's token before its client credentials", all, nil, "--profile acme", "profile acme"},
		{"a profile's client credentials", credentials, vars{"GUESTLIST_PROFILE": "acme"}, "", "profile acme profile acme"},
		{"the environment's client credentials before a profile's token", all, vars{"TALLYFY_CLIENT_ID": "7", "TALLYFY_CLIENT_SECRET": "x"}, "--profile acme", "TALLYFY_CLIENT_ID TALLYFY_CLIENT_SECRET"},
		{"half of a pair below a token does no harm", "", vars{"TALLYFY_ACCESS_TOKEN": "x", "TALLYFY_CLIENT_ID": "7"}, "", "TALLYFY_ACCESS_TOKEN"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, _, err := resolved(t, tc.config, tc.env, strings.Fields(tc.args)...)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimSpace(s.way.token.name + s.way.id.name + " " + s.way.pass.name); got != tc.want {
				t.Errorf("what counts is %q, want %q", got, tc.want)
			}
			a := &app{getenv: func(name string) string { return tc.env[name] }}
			if got := s.hasToken(a); got != (tc.want != "") {
				t.Errorf("hasToken says %v", got)
			}
		})
	}
}

func TestSignInThatCannotBe(t *testing.T) {
	type vars = map[string]string
	for _, tc := range []struct {
		name   string
		config string
		env    vars
		args   string
		want   string
	}{
		{"no secret", "", vars{"TALLYFY_CLIENT_ID": "7"}, "", "there is a client id (TALLYFY_CLIENT_ID), but no client secret"},
		{"no id", "", nil, "--client-secret-file s", "there is a client secret (--client-secret-file), but no client id"},
		{"no secret by flags, with a token in the environment", "", vars{"TALLYFY_ACCESS_TOKEN": "x"}, "--client-id-file i", "there is a client id (--client-id-file), but no client secret"},
		{"no secret in a profile", "[acme]\nclient_id_file='i'\n", nil, "--profile acme", "there is a client id (profile acme), but no client secret"},
		{"as somebody, with nothing", "", nil, "--as-user a@b.example", "--as-user is for client credentials, and there are none"},
		{"as somebody, with a token", "", vars{"TALLYFY_ACCESS_TOKEN": "x", "TALLYFY_AS_USER": "a@b.example"}, "", "TALLYFY_AS_USER is for client credentials, and there are none: a token acts as its owner"},
		{"as somebody, in a profile with a token", "[acme]\ntoken_file='t'\nas_user='a@b.example'\n", nil, "--profile acme", "as_user in the profile acme is for client credentials, and there are none: a token acts as its owner"},
		{"as somebody, where a token counts first", "", vars{"TALLYFY_ACCESS_TOKEN": "x", "TALLYFY_CLIENT_ID": "7", "TALLYFY_CLIENT_SECRET": "x"}, "--as-user a@b.example", "--as-user is for client credentials, and the token of TALLYFY_ACCESS_TOKEN counts before them"},
		{"plain http to another host", "", nil, "--token-url http://tallyfy.example.com/oauth/token", "--token-url: the token URL is plain http to tallyfy.example.com"},
		{"the environment's address", "", vars{"TALLYFY_TOKEN_URL": "ftp://x"}, "", "TALLYFY_TOKEN_URL: the token URL begins with"},
		{"the environment's workers", "", vars{"GUESTLIST_WORKERS": "0"}, "", "GUESTLIST_WORKERS: 0 is not between 1 and 100"},
		{"a flag before the environment's", "", vars{"GUESTLIST_RATE": "5/s"}, "--rate often", `--rate: "often"`},
		{"a profile's address", "[acme]\nbase_url='ftp://x'\n", nil, "--profile acme", "base_url in the profile acme: the base URL begins with"},
		{"a profile's rate", "[acme]\nrate='often'\n", nil, "--profile acme", `rate in the profile acme: "often"`},
		{"a profile's longest wait", "[acme]\nmax_wait='long'\n", nil, "--profile acme", `max_wait in the profile acme: "long"`},
		{"a profile's cap", "[acme]\ninvite_cap='lots'\n", nil, "--profile acme", `invite_cap in the profile acme: "lots"`},
		{"a profile's workers", "[acme]\nworkers=0\n", nil, "--profile acme", "workers in the profile acme: 0 is not between 1 and 100"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, err := resolved(t, tc.config, tc.env, strings.Fields(tc.args)...)
			if err == nil || exitCode(err) != exitUsage || !strings.HasPrefix(err.Error(), tc.want) || wayOut(err) == "" {
				t.Errorf("got %v (exit code %d), want %s", err, exitCode(err), tc.want)
			}
		})
	}
	// What is left in the environment for jobs does not keep a person from their token.
	env := vars{"TALLYFY_CLIENT_ID": "7", "TALLYFY_CLIENT_SECRET": "x", "TALLYFY_AS_USER": "a@b.example"}
	if _, _, err := resolved(t, "", env, "--token-file", "t"); err != nil {
		t.Errorf("a token by a flag, before client credentials in the environment: %v", err)
	}
}

func TestSecretFilesThatOthersMayUse(t *testing.T) {
	for _, tc := range []struct {
		name string
		mode os.FileMode
		want string // of the refusal; empty: it is read
	}{
		{"the owner's", 0o600, ""},
		{"read-only", 0o400, ""},
		{"the group's too, as when it is mounted", 0o440, ""},
		{"everybody's to read", 0o644, "read the client secret: others on this machine may read a secret (mode 0644)"},
		{"everybody's to change", 0o602, "read the client secret: others on this machine may change a secret (mode 0602)"},
		{"everybody's but the group's", 0o604, "read the client secret: others on this machine may read a secret (mode 0604)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile("a secret", []byte("  s3cret\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod("a secret", tc.mode); err != nil {
				t.Fatal(err)
			}
			got, err := secret{kind: clientSecret, file: "a secret"}.read(t.Context())
			if tc.want == "" {
				if got != "s3cret" || err != nil {
					t.Errorf("%q, %v", got, err)
				}
				return
			}
			if err == nil || err.Error() != tc.want || exitCode(err) != exitPermission || wayOut(err) != "chmod 600 'a secret'" || got != "" {
				t.Errorf("%q, %v (exit code %d, %s)", got, err, exitCode(err), wayOut(err))
			}
			// A link does not hide it.
			if err := os.Symlink("a secret", "link"); err != nil {
				t.Fatal(err)
			}
			if _, err := (secret{kind: clientSecret, file: "link"}).read(t.Context()); err == nil {
				t.Error("it is read by a link")
			}
		})
	}
}

func TestSecretFilesAsEditorsSaveThem(t *testing.T) {
	for _, tc := range []struct{ name, content string }{
		{"by Notepad", "\ufeffs3cret\r\n"},
		{"by PowerShell", "\xff\xfes\x003\x00c\x00r\x00e\x00t\x00\r\x00\n\x00"},
		{"as Unicode with the high byte first", "\xfe\xff\x00s\x003\x00c\x00r\x00e\x00t"},
		{"with blanks around", "\n\t s3cret \n\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(file, []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := (secret{kind: clientSecret, file: file}).read(t.Context()); got != "s3cret" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// What is wrong with signing in sends people to the settings, and what passes by
// itself does not.
func TestWayOutWhereSigningInFails(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		code   int
		way    string
	}{
		{"refused", http.StatusUnauthorized, exitPermission, "guestlist doctor\n"},
		{"nobody is there", http.StatusNotFound, exitPermission, "guestlist doctor\n"},
		{"the server is in trouble", http.StatusBadGateway, exitFailure, "(HTTP 502)\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := jobDesk(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(tc.status) }))
			code, stderr := d.run("export", "--retries", "1")
			if code != tc.code || !strings.HasSuffix(stderr, tc.way) {
				t.Errorf("exit code %d:\n%s", code, stderr)
			}
		})
	}
}

// Who would not wait for a limit is told of the one of signing in, and when to come
// back.
func TestLongestWaitHoldsForSigningIn(t *testing.T) {
	d := jobDesk(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "40")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	if code, stderr := d.run("export", "--retries", "1", "--max-wait", "30s"); code != exitLimit || !strings.Contains(stderr, "\ncome back at ") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

// jobDesk is a desk that signs in with client credentials, as a member.
func jobDesk(t *testing.T, server http.Handler) *desk {
	t.Helper()
	d := newDeskAt(t, server)
	delete(d.env, "TALLYFY_ACCESS_TOKEN")
	d.env["TALLYFY_CLIENT_ID"], d.env["TALLYFY_CLIENT_SECRET"] = "7", "job-secret"
	d.env["TALLYFY_TOKEN_URL"] = d.url + "/oauth/token"
	d.env["TALLYFY_AS_USER"] = "member.one@acme.com"
	return d
}

// jobServer takes client credentials only, and shows guests to members only.
func jobServer() *sandbox.Sandbox {
	return sandbox.New(sandbox.Options{Org: "acme", Clients: []sandbox.Client{{ID: "7", Secret: "job-secret"}}, UserContext: true, Guests: 3})
}

// Tokens that die again and again neither stop an import nor create anybody twice.
func TestAnImportOutlivesItsTokens(t *testing.T) {
	inner := jobServer()
	calls := 0
	d := jobDesk(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/guests") {
			if calls++; calls%3 == 0 {
				inner.KillTokens()
			}
		}
		inner.ServeHTTP(w, r)
	}))
	people := "email\n"
	for c := 'a'; c <= 'k'; c++ {
		people += string(c) + "@acme.example.com\n"
	}
	if err := os.WriteFile("people.csv", []byte(people), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, stderr := d.run("import", "people.csv", "--workers", "1"); code != exitOK {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	content, err := os.ReadFile("people.results.csv")
	if n := strings.Count(string(content), ","+string(results.Created)+","); err != nil || n != 11 {
		t.Errorf("%d rows were created, %v:\n%s", n, err, content)
	}
	tokens, created := 0, 0
	for _, call := range inner.Log() {
		switch {
		case call.Method == http.MethodPost && strings.HasSuffix(call.Path, "/oauth/token"):
			tokens++
		case call.Method == http.MethodPost && strings.HasSuffix(call.Path, "/guests") && call.Status/100 == 2:
			created++
		}
	}
	if created != 11 || tokens < 4 {
		t.Errorf("%d creates, %d sign-ins", created, tokens)
	}
}

// The settings are not blamed for what has nothing to do with them.
func TestDoctorWhereNobodyCanSignInNow(t *testing.T) {
	d := jobDesk(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	_, findings := d.doctor(t)
	wants(t, findings, `problem  sign in      .*HTTP 502\)\n         where tokens are given there is trouble: `)
	d.env["TALLYFY_TOKEN_URL"] = "http://127.0.0.1:9/oauth/token"
	_, findings = d.doctor(t)
	wants(t, findings, `problem  sign in      the server cannot be reached: .*\n         check the network, and the address in --token-url`)
}

func TestDoctorSignsInWithClientCredentials(t *testing.T) {
	d := jobDesk(t, jobServer())
	code, findings := d.doctor(t)
	if code != exitOK || strings.Contains(findings, "job-secret") {
		t.Errorf("exit code %d", code)
	}
	wants(t, findings,
		`ok       client id    set, from TALLYFY_CLIENT_ID, 1 character$`,
		`ok       secret       set, from TALLYFY_CLIENT_SECRET, 10 characters$`,
		`ok       token-url    http://127.0.0.1:\d+/api/oauth/token \(TALLYFY_TOKEN_URL\)$`,
		`ok       as-user      member.one@acme.com \(TALLYFY_AS_USER\)$`,
		`ok       signed in    by client credentials, as member.one@acme.com; the token lives 90d 0h, and is renewed in time$`,
		`ok       found        acme@127.0.0.1, with 3 guests$`,
		`ok       owner        the token is that of member.one@acme.com, role `,
	)
	d.env["TALLYFY_AS_USER"] = ""
	code, findings = d.doctor(t)
	if code != exitPermission {
		t.Errorf("as the application itself: exit code %d", code)
	}
	wants(t, findings,
		`note     as-user      nobody: the application acts as itself\n         that is refused for most calls`,
		`ok       signed in    by client credentials; the token lives 7d 0h, and is renewed in time$`,
		`problem  list `,
	)
	d.env["TALLYFY_CLIENT_SECRET"] = "another"
	code, findings = d.doctor(t)
	if code != exitPermission {
		t.Errorf("with another secret: exit code %d", code)
	}
	wants(t, findings, `problem  sign in      the application is not accepted: .*\n         the client id, its secret`)
	d.env["TALLYFY_CLIENT_SECRET"] = ""
	code, findings = d.doctor(t)
	if code != exitUsage {
		t.Errorf("without a secret: exit code %d", code)
	}
	wants(t, findings, `problem  settings     there is a client id \(TALLYFY_CLIENT_ID\), but no client secret\n         set TALLYFY_CLIENT_SECRET`, `note     server       not asked, as the settings are wrong$`)
	d.env["TALLYFY_ACCESS_TOKEN"] = "x"
	_, findings = d.doctor(t)
	wants(t, findings, `ok       token        dies when its owner logs out; jobs use client credentials$`, `note     client id    TALLYFY_CLIENT_ID is set too, and does not count$`)
}
