package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/ratelimit"
	"guestlist/sandbox"
	"guestlist/sandbox/sandboxtest"
	"guestlist/tallyfy"
)

func TestEmailsFromArgumentsAndStandardInput(t *testing.T) {
	for _, tc := range []struct {
		name  string
		args  []string
		stdin string
		want  []string
	}{
		{"arguments", []string{" ann@x.com", "bob@x.com\u00a0"}, "cat@x.com\n", []string{"ann@x.com", "bob@x.com"}},
		{"standard input between them", []string{"ann@x.com", "-", "bob@x.com"}, "cat@x.com\ndan@x.com", []string{"ann@x.com", "cat@x.com", "dan@x.com", "bob@x.com"}},
		{"one person, written in several ways", []string{"ann@x.com", "-"}, " ANN@x.com \nJOSE\u0301@x.com\njosé@x.com\n", []string{"ann@x.com", "JOSE\u0301@x.com"}},
		{"blank lines and Windows line ends", []string{"-"}, "\r\n \t\r\nann@x.com\r\n\r\nbob@x.com", []string{"ann@x.com", "bob@x.com"}},
		{"a word above them that is no header of ours", []string{"-"}, "\ufeff\nE-Mail\nann@x.com\n", []string{"E-Mail", "ann@x.com"}},
		{"the header of a column", []string{"-"}, "\ufeffEMAIL\nann@x.com\nemail\n", []string{"ann@x.com", "email"}},
		{"UTF-16, as Windows PowerShell writes it", []string{"-"}, "\xff\xfea\x00@\x00x\x00.\x00d\x00e\x00\r\x00\n\x00\xe9\x00@\x00x\x00.\x00d\x00e\x00", []string{"a@x.de", "é@x.de"}},
		{"quotes and a comma that belong to an email", []string{"-"}, "\"lee, ann\"@x.com\n", []string{"\"lee, ann\"@x.com"}},
		{"nothing", []string{"-"}, "", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := &app{stdin: strings.NewReader(tc.stdin)}
			got, err := a.emails(t.Context(), tc.args)
			if diff := cmp.Diff(tc.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestEmailsThatCannotBeRead(t *testing.T) {
	broken := errors.New("the pipe is broken")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped{os.Interrupt})
	never, end := io.Pipe()
	defer end.Close()
	for _, tc := range []struct {
		name  string
		ctx   context.Context
		stdin io.Reader
		want  func(error) bool
	}{
		{"a line without an end", t.Context(), strings.NewReader("ann@x.com\n" + strings.Repeat("x", 1<<20)), func(err error) bool {
			return strings.Contains(err.Error(), "after 1 email there is a line that is too long")
		}},
		{"the rows of a CSV", t.Context(), strings.NewReader("email,first_name\nann@x.com,Ann\n"), func(err error) bool {
			return exitCode(err) == exitInvalid && strings.Contains(err.Error(), "more than an email")
		}},
		{"two emails in a line", t.Context(), strings.NewReader("email\nann@x.com; bob@x.com\n"), func(err error) bool {
			return exitCode(err) == exitInvalid && strings.Contains(err.Error(), `"ann@x.com; bob@x.com"`)
		}},
		{"an email in quotes", t.Context(), strings.NewReader("\"ann@x.com\"\n"), func(err error) bool { return exitCode(err) == exitInvalid }},
		{"a broken pipe", t.Context(), iotest.ErrReader(broken), func(err error) bool { return errors.Is(err, broken) }},
		{"an interrupt while nobody types", ctx, never, func(err error) bool { return exitCode(err) == exitInterrupted }},
	} {
		a := &app{stdin: tc.stdin}
		if emails, err := a.emails(tc.ctx, []string{"-"}); err == nil || !tc.want(err) || emails != nil {
			t.Errorf("%s: %d emails, error %v", tc.name, len(emails), err)
		}
	}
}

// A thousand look-ups take the time that the limits want, and none is refused.
func TestManyLookUpsKeepTheLimits(t *testing.T) {
	server := sandbox.New(sandbox.Options{Limits: []sandbox.Limit{{Class: "read", Calls: 20, Window: time.Second}}})
	var emails []string
	for i := range 1000 {
		email := fmt.Sprintf("guest%d@acme.example.com", i)
		if emails = append(emails, email); i%10 > 0 {
			server.Put(sandbox.Guest{Email: email})
		}
	}
	synctest.Test(t, func(t *testing.T) {
		gate := ratelimit.New(ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 20, Window: time.Second}})
		client, err := tallyfy.New(tallyfy.Config{
			BaseURL: "http://127.0.0.1/api", Org: "acme", Token: "secret", Gate: gate, Transport: sandboxtest.Direct{Handler: server},
		})
		if err != nil {
			t.Fatal(err)
		}
		look := newLookUps(client, emails)
		began := time.Now()
		if err := look.do(t.Context(), 8); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 49*time.Second || took > 2*time.Minute {
			t.Errorf("it took %s", took)
		}
		for i, email := range emails {
			if missing := i%10 == 0; look.missing[i] != missing || missing != (look.guests[i] == nil) || !missing && look.guests[i].Email != email {
				t.Fatalf("%s: missing %v, found %v", email, look.missing[i], look.guests[i])
			}
		}
		if look.done.Load() != 1000 {
			t.Errorf("%d are counted", look.done.Load())
		}
		client.CloseIdle()
	})
	if refused := server.Calls()["get"][http.StatusTooManyRequests]; refused > 0 {
		t.Errorf("%d calls were refused", refused)
	}
}

// reads runs a command that reads, in a folder of its own, and returns what is left
// there besides people.csv.
func reads(t *testing.T, ctx context.Context, server http.Handler, args []string) (code int, stdout, stderr string, left []string) {
	t.Helper()
	folder := t.TempDir()
	t.Chdir(folder)
	people := "email,associated_members\nann@acme.example.com,1001\nbad,\n"
	for i := range 100 {
		people += fmt.Sprintf("guest%d@acme.example.com,\n", i)
	}
	if err := os.WriteFile("people.csv", []byte(people), 0o600); err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(server)
	defer listener.Close()
	env := map[string]string{
		"TALLYFY_BASE_URL": listener.URL + "/api", "TALLYFY_ORG_ID": "acme", "TALLYFY_ACCESS_TOKEN": "x",
		"GUESTLIST_STATE_DIR": filepath.Join(t.TempDir(), "state"),
	}
	var out, errs lockedBuffer
	a := newApp(nil, &out, &errs, func(name string) string { return env[name] })
	root := a.rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		if e.Name() != "people.csv" {
			left = append(left, e.Name())
		}
	}
	return exitCode(err), out.String(), errs.String(), left
}

// three is a sandbox with Ann, Bob and Cat among others.
func three(o sandbox.Options) *sandbox.Sandbox {
	o.Guests, o.PerPageMax = 100, 10
	server := sandbox.New(o)
	for _, name := range []string{"ann", "bob", "cat"} {
		server.Put(sandbox.Guest{Email: name + "@acme.example.com"})
	}
	return server
}

// An interrupt ends what only reads at once. No file is begun, but the guests whom
// get has found are printed.
func TestReadsThatAreInterrupted(t *testing.T) {
	for _, tc := range []struct {
		name   string
		args   []string
		at     int // the call during which the signal comes
		stdout string
	}{
		{"get", []string{"get", "--workers", "1", "--format", "csv", "ann@acme.example.com", "bob@acme.example.com", "cat@acme.example.com"}, 2, "ann@acme.example.com"},
		{"members", []string{"members", "-o", "out.csv"}, 1, ""},
		{"members, to standard output", []string{"members"}, 1, ""},
		{"verify, while members are listed", []string{"verify", "people.csv", "-o", "out.csv"}, 1, ""},
		{"verify, while guests are listed", []string{"verify", "people.csv", "-o", "out.csv"}, 2, ""},
		{"verify, to standard output", []string{"verify", "people.csv"}, 2, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			var calls atomic.Int64
			server := three(sandbox.Options{OnRequest: func(r *http.Request) {
				if calls.Add(1) == int64(tc.at) {
					cancel(stopped{os.Interrupt})
					<-r.Context().Done()
				}
			}})
			code, stdout, _, left := reads(t, ctx, server, tc.args)
			if code != exitInterrupted || len(left) > 0 || calls.Load() > int64(tc.at)+1 {
				t.Errorf("exit code %d, after %d calls, left %v", code, calls.Load(), left)
			}
			if tc.stdout == "" && stdout != "" || !strings.Contains(stdout, tc.stdout) {
				t.Errorf("printed %q", stdout)
			}
		})
	}
}

// Who may not read is told so with code 3, and no file is begun.
func TestReadsThatAreForbidden(t *testing.T) {
	for _, tc := range []struct {
		name   string
		args   []string
		path   string // ends what is forbidden
		stdout string
	}{
		{"get", []string{"get", "ann@acme.example.com"}, "", ""},
		{"get, one of them", []string{"get", "ann@acme.example.com", "bob@acme.example.com", "nobody@acme.example.com", "--workers", "1", "--format", "csv"}, "/nobody%40acme.example.com", "bob@acme.example.com"},
		{"members", []string{"members", "-o", "out.csv"}, "", ""},
		{"verify", []string{"verify", "people.csv", "-o", "out.csv"}, "/guests", ""},
		{"verify, to standard output", []string{"verify", "people.csv"}, "/guests", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := three(sandbox.Options{})
			code, stdout, stderr, left := reads(t, t.Context(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.EscapedPath(), tc.path) {
					server.ServeHTTP(w, r)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprint(w, `{"error":true,"message":"not you"}`)
			}), tc.args)
			if code != exitPermission || len(left) > 0 {
				t.Errorf("exit code %d, left %v\n%s", code, left, stderr)
			}
			if tc.stdout == "" && stdout != "" || !strings.Contains(stdout, tc.stdout) {
				t.Errorf("printed %q", stdout)
			}
		})
	}
}

// What the server has against one email is told, and the others are looked up; what
// it has against the call ends it.
func TestLookUpsThatAreRefused(t *testing.T) {
	emails := []string{"get", "odd@acme.example.com", "ann@acme.example.com", "bob@acme.example.com", "--workers", "1", "--format", "csv"}
	for _, tc := range []struct {
		name   string
		args   []string
		status int
		code   int
		stdout string // the last line has it
		stderr string
	}{
		{"an email that the server does not take", emails, 422, exitFailure, "bob@acme.example.com", "get guest odd@acme.example.com: not so (HTTP 422)\n"},
		{"a call that it does not take", emails, 400, exitFailure, "bob@acme.example.com", "get guest odd@acme.example.com: not so (HTTP 400)\n"},
		{"and somebody who is no guest", append(emails, "nobody@acme.example.com"), 422, exitNotFound, "bob@acme.example.com", "not so (HTTP 422)\nnobody@acme.example.com is not a guest of this organization\n"},
		{"a call that nobody may make", emails, 403, exitPermission, "", ""},
		{"a call that nobody may make, after others", []string{"get", "bob@acme.example.com", "odd@acme.example.com", "ann@acme.example.com", "--workers", "1", "--format", "csv"}, 403, exitPermission, "bob@acme.example.com", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := three(sandbox.Options{})
			code, stdout, stderr, _ := reads(t, t.Context(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.Contains(r.URL.Path, "/odd@") {
					server.ServeHTTP(w, r)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tc.status)
				fmt.Fprint(w, `{"error":true,"message":"not so"}`)
			}), tc.args)
			lines := strings.Split(strings.TrimSpace(stdout), "\n")
			if code != tc.code || !strings.Contains(lines[len(lines)-1], tc.stdout) {
				t.Errorf("exit code %d, printed %q", code, stdout)
			}
			if !strings.Contains(stderr, tc.stderr) {
				t.Errorf("told %q", stderr)
			}
		})
	}
}
