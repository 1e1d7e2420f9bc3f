package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"guestlist/sandbox"
)

// doctor runs "guestlist doctor" and returns what it found.
func (d *desk) doctor(t *testing.T, args ...string) (code int, findings string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Run(append([]string{"doctor"}, args...), nil, &stdout, &stderr, d.getenv)
	if token := d.env["TALLYFY_ACCESS_TOKEN"]; len(token) > 1 && strings.Contains(stdout.String()+stderr.String(), token) {
		t.Errorf("the token is shown:\n%s%s", stdout.String(), stderr.String())
	}
	return code, stdout.String()
}

// wants looks for findings. Each pattern begins where a line does.
func wants(t *testing.T, findings string, patterns ...string) {
	t.Helper()
	for _, p := range patterns {
		if !regexp.MustCompile("(?m)^" + p).MatchString(findings) {
			t.Errorf("there is no finding %q:\n%s", p, findings)
		}
	}
}

// answering serves the same answer to every call.
func answering(status int, kind, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Location", "https://go.tallyfy.com/login")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

const jsonType = "application/json"

func TestDoctorFindsNothingWrong(t *testing.T) {
	server := sandbox.New(sandbox.Options{Guests: 1234, Limits: []sandbox.Limit{{Class: "all", Calls: 600, Window: time.Minute}}})
	d := newDeskAt(t, server)
	d.env["TALLYFY_ACCESS_TOKEN"] = strings.Repeat("secret", 200)
	code, findings := d.doctor(t, "--workers", "3")
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
	wants(t, findings,
		`ok       version      guestlist dev \(go1\S+, \w+/\w+\)$`,
		`ok       org          acme \(TALLYFY_ORG_ID\)$`,
		`ok       base-url     http://127.0.0.1:\d+/api \(TALLYFY_BASE_URL\)$`,
		`ok       rate         1000/s \(GUESTLIST_RATE\)$`,
		`ok       invite-cap   auto \(default\)$`,
		`ok       workers      3 \(--workers\)$`,
		`ok       timeout      1m0s \(default\)$`,
		`ok       token        set, from TALLYFY_ACCESS_TOKEN, 1,200 characters$`,
		`ok       state        state, may be written to$`,
		`ok       lock         no run on this machine`,
		`ok       network      127.0.0.1 can be reached on port \d+$`,
		`ok       signed in    the token is accepted$`,
		`ok       found        acme@127.0.0.1, with 1,234 guests$`,
		`ok       list         guests may be listed$`,
		`note     create       whether guests may be created only an import shows$`,
		`ok       limits       the server shows a limit of 600 calls, 599 left$`,
		`ok       clock        agrees with the server's$`,
		`0 problems, 1 note; 1 call made, nothing changed$`,
	)
	log := server.Log()
	if len(log) != 1 || log[0].Method != http.MethodGet {
		t.Errorf("the calls were %v", log)
	}
	for line := range strings.Lines(findings) {
		if len([]rune(line)) > 81 {
			t.Errorf("wider than 80 columns: %s", line)
		}
	}
	left, err := os.ReadDir("state")
	if err != nil {
		t.Error(err)
	}
	for _, file := range left {
		if !strings.Contains(file.Name(), ".budgets.") {
			t.Errorf("doctor left %s", file.Name())
		}
	}
}

func TestDoctorToldToBeQuietTellsOfProblemsOnly(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	if code, findings := d.doctor(t, "--quiet"); code != exitOK || findings != "" {
		t.Errorf("exit code %d:\n%s", code, findings)
	}
	d.env["TALLYFY_ORG_ID"] = ""
	if code, findings := d.doctor(t, "--quiet"); code != exitUsage || findings != "problem  org          no organization is set\n         name it: export TALLYFY_ORG_ID=…, or --org\n" {
		t.Errorf("exit code %d:\n%s", code, findings)
	}
}

func TestDoctorFindsWhatIsWrong(t *testing.T) {
	encrypted := httptest.NewUnstartedServer(sandbox.New(sandbox.Options{}))
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	encrypted.StartTLS()
	defer encrypted.Close()
	login := "<!DOCTYPE html><html><title>Sign in</title></html>"
	for _, tc := range []struct {
		name   string
		server http.Handler // nil: a sandbox that knows acme and the token "x" only
		env    map[string]string
		args   []string
		code   int
		calls  int
		want   []string
	}{
		{
			"neither organization nor token, but the rest is looked at", nil,
			map[string]string{"TALLYFY_ORG_ID": "", "TALLYFY_ACCESS_TOKEN": ""},
			nil, exitUsage, 0,
			[]string{
				"problem  org          no organization is set\n         name it:", "problem  token        no access token\n         make one in Tallyfy",
				"ok       network ", "ok       state ", "note     server       not asked, as no organization is set",
			},
		},
		{
			"no token", nil,
			map[string]string{"TALLYFY_ACCESS_TOKEN": ""},
			nil, exitPermission, 0,
			[]string{"problem  token        no access token", "ok       network ", "note     server       not asked, as there is nothing to sign in with", "1 problem, 1 note; 0 calls made"},
		},
		{
			"a token file that is not there", nil, nil,
			[]string{"--token-file", "missing"},
			exitPermission, 0,
			[]string{"problem  token        no access token: open missing: ", "note     server       not asked, as there is nothing to sign in with"},
		},
		{
			"a token with a blank in it", nil,
			map[string]string{"TALLYFY_ACCESS_TOKEN": "Bearer abc"},
			nil, exitUsage, 0,
			[]string{"problem  settings     the access token holds a blank"},
		},
		{
			"a setting that cannot be understood", nil,
			map[string]string{"GUESTLIST_RATE": "often"},
			nil, exitUsage, 0,
			[]string{"ok       rate         often \\(GUESTLIST_RATE\\)", `problem  settings     GUESTLIST_RATE: "often"`, "ok       state ", "ok       network ", "note     server       not asked, as the settings are wrong"},
		},
		{
			"plain http to another machine", nil,
			map[string]string{"TALLYFY_BASE_URL": "http://tallyfy.example.com/api"},
			nil, exitUsage, 0,
			[]string{"note     base-url     from TALLYFY_BASE_URL", "problem  settings     TALLYFY_BASE_URL: the base URL is plain http to tallyfy.example.com"},
		},
		{
			"a secret in the address", nil, nil,
			[]string{"--base-url", "https://me:secret@tallyfy.example.com/api"},
			exitUsage, 0,
			[]string{"note     base-url     from --base-url", "problem  settings     --base-url: the base URL holds a user name or password"},
		},
		{
			"a port where nobody listens", nil,
			map[string]string{"TALLYFY_BASE_URL": "http://127.0.0.1:1/api"},
			nil, exitFailure, 0,
			[]string{"problem  network      127.0.0.1 refuses the connection on port 1\n         check host and port", "note     server       not asked, as it cannot be reached"},
		},
		{
			"a certificate of nobody's", nil,
			map[string]string{"TALLYFY_BASE_URL": encrypted.URL + "/api"},
			nil, exitFailure, 0,
			[]string{"problem  network      127.0.0.1 does not prove who it is: certificate signed by unknown authority\n         a proxy or virus scanner"},
		},
		{
			"the token is not accepted", nil,
			map[string]string{"TALLYFY_ACCESS_TOKEN": "wrong-secret"},
			nil, exitPermission, 1,
			[]string{"ok       answer ", "problem  signed in    Unauthenticated. \\(HTTP 401\\)\n         the token is not accepted: a personal token dies", "ok       clock "},
		},
		{
			"an organization that is not there", nil, nil,
			[]string{"--org", "nowhere"},
			exitNotFound, 1,
			[]string{"ok       org          nowhere \\(--org\\)", "ok       signed in ", "problem  found        The organization was not found. .*\n         check TALLYFY_ORG_ID"},
		},
		{
			"no permission", answering(403, jsonType, `{"message":"This action is unauthorized."}`), nil, nil, exitPermission, -1,
			[]string{"ok       signed in ", "problem  list         This action is unauthorized. \\(HTTP 403\\)\n         the token's owner may not do that", "1 problem, 0 notes; 1 call made"},
		},
		{
			"another address below the host", answering(404, jsonType, `{"error":true,"message":"Not found.","code":"ENDPOINT_NOT_FOUND"}`), nil, nil, exitNotFound, -1,
			[]string{"problem  answer       Not found. \\(HTTP 404, ENDPOINT_NOT_FOUND\\)\n         check the path in --base-url"},
		},
		{
			"a login page", answering(200, "text/html", login), nil, nil, exitFailure, -1,
			[]string{"problem  answer       the server answered with a web page", "1 problem, 0 notes; 1 call made"},
		},
		{
			"a login page that others are sent to", answering(302, "text/html", login), nil, nil, exitFailure, -1,
			[]string{"problem  answer       the server redirected the call"},
		},
		{
			"JSON of something else", answering(200, jsonType, `{"hello":"world"}`), nil, nil, exitFailure, -1,
			[]string{"problem  answer       the answer holds no list"},
		},
		{
			"a server in trouble", answering(502, "text/html", login), nil, nil, exitFailure, -1,
			[]string{"problem  answer       the server is in trouble .*\n         .*try again in some minutes"},
		},
		{
			"a state folder that is a file", nil,
			map[string]string{"GUESTLIST_STATE_DIR": "people.csv"},
			nil, exitFailure, 1,
			[]string{"problem  state        keep the state of this run: .*\n         name a folder that it may write to", "ok       found "},
		},
		{
			"much at once: the gravest decides", nil,
			map[string]string{"GUESTLIST_STATE_DIR": "people.csv"},
			[]string{"--org", "nowhere"},
			exitNotFound, 1,
			[]string{"problem  state ", "problem  found ", "2 problems, 0 notes; 1 call made"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := tc.server
			known := sandbox.New(sandbox.Options{Org: "acme", Token: "x"})
			if server == nil {
				server = known
			}
			d := newDeskAt(t, server)
			for name, value := range tc.env {
				d.env[name] = value
			}
			code, findings := d.doctor(t, tc.args...)
			if code != tc.code {
				t.Errorf("exit code %d, want %d", code, tc.code)
			}
			wants(t, findings, tc.want...)
			if got := len(known.Log()); tc.calls >= 0 && got != tc.calls {
				t.Errorf("%d calls, want %d", got, tc.calls)
			}
			if strings.Contains(findings, "me:secret") {
				t.Errorf("a secret is shown:\n%s", findings)
			}
		})
	}
}

// token is one that says whose it is and when it ends, as Passport's do.
func selfTelling(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".sig"
}

func TestDoctorReadsWhatTheTokenTells(t *testing.T) {
	soon := time.Now().Add(50*time.Hour + 30*time.Second).Unix()
	for _, tc := range []struct {
		name, claims string
		calls        int
		want         string
	}{
		{"a member's", fmt.Sprintf(`{"sub":"1002","exp":%d.25}`, soon), 2, `ok       owner        the token is that of member.two@acme.com, role standard, active$`},
		{"how long it lasts", fmt.Sprintf(`{"sub":"1002","exp":%d}`, soon), 2, `ok       token        ends \w+ .* \(in 2d 2h\), as it says itself$`},
		{"ended", `{"sub":1003,"exp":1000000000}`, 2, `note     token        ended \d+ Sep 2001 .*, as it says itself$`},
		{"a stranger's", `{"sub":12345678}`, 2, `note     owner        the token's owner is no member of this organization \(id 12345678\)$`},
		{"an application's", `{"aud":"3"}`, 1, `note     create `},
		{"no JSON", `{`, 1, `note     create `},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{})
			d := newDeskAt(t, server)
			d.env["TALLYFY_ACCESS_TOKEN"] = selfTelling(tc.claims)
			code, findings := d.doctor(t)
			if code != exitOK || len(server.Log()) != tc.calls {
				t.Errorf("exit code %d, %d calls, want %d", code, len(server.Log()), tc.calls)
			}
			wants(t, findings, tc.want)
			if tc.calls == 1 && strings.Contains(findings, " owner  ") {
				t.Errorf("an owner is told:\n%s", findings)
			}
		})
	}
}

func TestDoctorWhoMayNotListMembers(t *testing.T) {
	inner := sandbox.New(sandbox.Options{})
	d := newDeskAt(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/users") {
			answering(403, jsonType, `{"message":"Forbidden."}`).ServeHTTP(w, r)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	d.env["TALLYFY_ACCESS_TOKEN"] = selfTelling(`{"sub":"1002"}`)
	code, findings := d.doctor(t)
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
	wants(t, findings, "note     members      may not be listed, so members are associated by id only\n         Forbidden. \\(HTTP 403\\)", "0 problems, 2 notes; 2 calls made")
}

func TestDoctorLooksAtTheTokensFile(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	if err := os.WriteFile("my token", []byte("secret-token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, findings := d.doctor(t, "--token-file", "my token")
	if code != exitOK || strings.Contains(findings, "secret-token") {
		t.Errorf("exit code %d:\n%s", code, findings)
	}
	wants(t, findings, `ok       token        set, from my token \(--token-file\), mode 0600, 12 characters$`, `note     token        TALLYFY_ACCESS_TOKEN is set too, and does not count$`)
	if err := os.Chmod("my token", 0o640); err != nil {
		t.Fatal(err)
	}
	_, findings = d.doctor(t, "--token-file", "my token")
	wants(t, findings, `note     token        set, from my token \(--token-file\), mode 0640, 12 characters\n         its group on this machine may use it; if that is not meant:\n         chmod 600 'my token'$`)
	if err := os.Chmod("my token", 0o644); err != nil {
		t.Fatal(err)
	}
	code, findings = d.doctor(t, "--token-file", "my token")
	if code != exitPermission {
		t.Errorf("that others may read it: exit code %d", code)
	}
	wants(t, findings, `problem  token        read the access token: others on this machine may read my token \(mode 0644\)\n         chmod 600 'my token'$`, "note     server       not asked")
}

func TestDoctorComparesClocks(t *testing.T) {
	for _, tc := range []struct {
		name string
		date func() string
		want string
	}{
		{"ours is a little fast", func() string { return httpTime(-40 * time.Second) }, "ok       clock        agrees with the server's$"},
		{"ours is a little slow", func() string { return httpTime(40 * time.Second) }, "ok       clock        agrees with the server's$"},
		{"ours is fast", func() string { return httpTime(-2 * time.Hour) }, "note     clock        (2h 0m|1h 59m) ahead of the server's\n         let the system set the clock"},
		{"ours is slow", func() string { return httpTime(90 * time.Second) }, "note     clock        1m [23]\\ds behind the server's\n         let the system set the clock"},
		{"no date", nil, "note     clock        not compared"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inner := sandbox.New(sandbox.Options{})
			d := newDeskAt(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Date"] = nil
				if tc.date != nil {
					w.Header().Set("Date", tc.date())
				}
				inner.ServeHTTP(w, r)
			}))
			code, findings := d.doctor(t)
			if code != exitOK {
				t.Errorf("exit code %d", code)
			}
			wants(t, findings, tc.want)
		})
	}
}

func httpTime(from time.Duration) string {
	return time.Now().Add(from).UTC().Format(http.TimeFormat)
}

func TestDoctorTellsWhoHoldsTheOrganization(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	first := &app{getenv: d.getenv}
	lock, err := first.lockRun(&settings{org: "acme", baseURL: d.url}, "import of big.csv")
	if err != nil {
		t.Fatal(err)
	}
	code, findings := d.doctor(t)
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
	wants(t, findings, fmt.Sprintf(`note     lock         a run is writing to the organization: process %d: import of big.csv, since 20.*\n         another import would be refused`, os.Getpid()))
	// What a killed run leaves is nobody's, and stays for the next run to take.
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	_, findings = d.doctor(t)
	wants(t, findings, `ok       lock         no run on this machine`)
	if code, stderr := d.run("import", "people.csv"); code != exitOK {
		t.Errorf("an import after that: exit code %d:\n%s", code, stderr)
	}
}

// What is known of the limits is told, and a pause is not slept through.
func TestDoctorTellsOfLimits(t *testing.T) {
	server := sandbox.New(sandbox.Options{Limits: []sandbox.Limit{{Class: "list", Calls: 1, Window: time.Hour}}})
	d := newDeskAt(t, server)
	code, findings := d.doctor(t)
	if code != exitOK {
		t.Errorf("the first: exit code %d:\n%s", code, findings)
	}
	wants(t, findings, "ok       limits       none refused a call yet, so --rate 1000/s is kept$")
	for _, calls := range []int{1, 0} { // the third knows from the second
		code, findings = d.doctor(t)
		if code != exitLimit {
			t.Errorf("exit code %d", code)
		}
		wants(t, findings,
			"problem  answer       .*\n         come back at .* \\(in (59m \\d+s|1h 0m)\\)$",
			"note     limits       calls that read have to wait until .* \\((59m \\d+s|1h 0m)\\)$",
			fmt.Sprintf("1 problem, [123] notes?; %s made", count(calls, "call")),
		)
	}
	if code, _ := d.doctor(t, "--max-wait", "0s"); code != exitLimit {
		t.Errorf("with --max-wait: exit code %d", code)
	}
}

func TestDoctorWhoseFindingsCannotBePrinted(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	var stderr bytes.Buffer
	code := Run([]string{"doctor"}, nil, fullDisk{}, &stderr, d.getenv)
	if code != exitFailure || !strings.Contains(stderr.String(), "print the findings: the disk is full") {
		t.Errorf("exit code %d:\n%s", code, stderr.String())
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// What was stopped is no finding.
func TestDoctorStopped(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped{os.Interrupt})
	var stdout bytes.Buffer
	a := &app{stdout: &stdout, stderr: io.Discard, getenv: d.getenv, limits: &limitNews{}, screen: &screen{}}
	root := a.rootCommand()
	root.SetArgs([]string{"doctor"})
	err := root.ExecuteContext(ctx)
	if exitCode(err) != exitInterrupted || strings.Contains(stdout.String(), "problem") {
		t.Errorf("%v\n%s", err, stdout.String())
	}
}

func TestIndented(t *testing.T) {
	long := strings.Repeat("word ", 20)
	want := "         " + strings.TrimSpace(strings.Repeat("word ", 14)) + "\n         word word word word word word\n         next"
	if got := indented(long + "\nnext"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
