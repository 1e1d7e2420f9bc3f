package cli

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"guestlist/sandbox"
)

// desk is where a user sits: a folder with people.csv, and a server.
type desk struct {
	url string
	env map[string]string
}

func newDesk(t *testing.T, o sandbox.Options) *desk {
	t.Helper()
	return newDeskAt(t, sandbox.New(o))
}

func newDeskAt(t *testing.T, server http.Handler) *desk {
	t.Helper()
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	t.Chdir(t.TempDir())
	if err := os.WriteFile("people.csv", []byte("email\nann@acme.example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := listener.URL + "/api"
	return &desk{url, map[string]string{
		"TALLYFY_BASE_URL": url, "TALLYFY_ORG_ID": "acme", "TALLYFY_ACCESS_TOKEN": "x",
		"GUESTLIST_RATE": "1000/s", "GUESTLIST_STATE_DIR": "state",
	}}
}

func (d *desk) getenv(name string) string { return d.env[name] }

func (d *desk) run(args ...string) (code int, stderr string) {
	var stdout, errs bytes.Buffer
	code = Run(args, strings.NewReader(""), &stdout, &errs, d.getenv)
	return code, errs.String()
}
