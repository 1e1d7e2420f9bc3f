package cli

import (
	"bytes"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"guestlist/sandbox"
)

// Whatever happens, the token stands in no output, file or address, and the
// guests' forever links only where they are asked for.
func TestSecretsStandNowhere(t *testing.T) {
	const token = "s3cret-t0ken"
	server := sandbox.New(sandbox.Options{Org: "acme", Token: token, Guests: 20, Faults: []sandbox.Fault{
		{Kind: sandbox.ProxyPage, Percent: 10}, {Kind: sandbox.TooMany, Percent: 5}, {Kind: sandbox.Half, Percent: 10, Class: "read"},
	}})
	listener := httptest.NewServer(server)
	defer listener.Close()
	dir := t.TempDir()
	t.Chdir(dir)
	file := "email,first_name,associated_members\nbad,Bad,\nann@acme.example.com,Ann,1001\nmember.one@acme.com,One,\n" + strings.Repeat("x,\n", 3)
	if err := os.WriteFile("people.csv", []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("wrong-token", []byte(token+"-wrong"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"TALLYFY_BASE_URL": listener.URL + "/api", "TALLYFY_ORG_ID": "acme", "TALLYFY_ACCESS_TOKEN": token, "GUESTLIST_RATE": "1000/s",
		"GUESTLIST_STATE_DIR": "state",
	}
	for _, tc := range []struct {
		args []string
		code int
	}{
		{[]string{"import", "people.csv", "--summary", "summary.json", "--payloads", "payloads.jsonl"}, exitSomeRefused},
		{[]string{"import", "people.csv", "--dry-run"}, exitInvalid},
		{[]string{"export", "-o", "guests.csv", "--summary", "export.json"}, exitOK},
		{[]string{"export"}, exitOK},
		{[]string{"export", "--format", "jsonl", "-o", "guests.jsonl"}, exitOK},
		{[]string{"get", "ann@acme.example.com", "nobody@acme.example.com"}, exitNotFound},
		{[]string{"get", "ann@acme.example.com", "--format", "csv"}, exitOK},
		{[]string{"export", "--org", "other"}, exitNotFound},
		{[]string{"export", "--token-file", "wrong-token"}, exitPermission},
		{[]string{"export", "--base-url", "http://127.0.0.1:1/api", "--retries", "1"}, exitFailure},
		{[]string{"export", "--base-url", listener.URL}, exitOK},
		{[]string{"import", "people.csv", "--rate", "often"}, exitUsage},
		{[]string{"members", "-o", "members.csv", "--verbose"}, exitOK},
		{[]string{"verify", "people.csv", "-o", "differs.csv", "--log-format", "json", "--verbose"}, exitSomeRefused},
		{[]string{"disable", "people.csv"}, exitSomeRefused},
		{[]string{"enable", "people.csv"}, exitSomeRefused}, // which makes new links
		{[]string{"delete", "people.csv", "--yes", "--report", "people.html"}, exitSomeRefused},
		{[]string{"diff", "guests.csv", "guests.csv", "-o", "changes.csv"}, exitOK},
	} {
		var stdout, stderr bytes.Buffer
		if code := Run(tc.args, strings.NewReader(""), &stdout, &stderr, func(name string) string { return env[name] }); code != tc.code {
			t.Errorf("%v: exit code %d, want %d:\n%s", tc.args, code, tc.code, stderr.String())
		}
		for name, out := range map[string]string{"standard output": stdout.String(), "standard error": stderr.String()} {
			noSecrets(t, name+" of "+strings.Join(tc.args, " "), out, token)
		}
	}
	if err := os.Remove("wrong-token"); err != nil {
		t.Fatal(err)
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		noSecrets(t, path, string(content), token)
		info, _ := entry.Info()
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v, want 0600", path, info.Mode())
		}
		return err
	})
	if err != nil || files < 8 {
		t.Errorf("%d files, %v", files, err)
	}
	for _, call := range server.Log() {
		noSecrets(t, "the address "+call.Path, call.Path+"?"+call.Query, token)
	}
}

func noSecrets(t *testing.T, where, text, token string) {
	t.Helper()
	if strings.Contains(text, token) {
		t.Errorf("the token stands in %s:\n%s", where, text)
	}
	if strings.Contains(text, "go.tallyfy.com/guest") {
		t.Errorf("a forever link stands in %s:\n%s", where, text)
	}
}

// With --links they are there, so that the test above can fail.
func TestLinksStandWhereTheyAreAskedFor(t *testing.T) {
	listener := httptest.NewServer(sandbox.New(sandbox.Options{Guests: 1}))
	defer listener.Close()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("people.csv", []byte("email\nann@acme.example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"TALLYFY_BASE_URL": listener.URL + "/api", "TALLYFY_ORG_ID": "acme", "TALLYFY_ACCESS_TOKEN": "x", "GUESTLIST_STATE_DIR": "state"}
	var stdout, stderr bytes.Buffer
	for _, args := range [][]string{{"export", "--links"}, {"import", "people.csv", "--links"}} {
		if code := Run(args, nil, &stdout, &stderr, func(name string) string { return env[name] }); code != exitOK {
			t.Fatalf("%v: exit code %d:\n%s", args, code, stderr.String())
		}
	}
	content, err := os.ReadFile("people.results.csv")
	if err != nil || !strings.Contains(stdout.String(), "go.tallyfy.com/guest") || !strings.Contains(string(content), "go.tallyfy.com/guest") {
		t.Errorf("no links: %v\n%s\n%s", err, stdout.String(), content)
	}
}
