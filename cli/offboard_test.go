package cli

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"guestlist/sandbox"
)

// The calls that disable and enable stand in no documentation: where they are
// missing, the organization and the address are not to blame.
func TestAServerThatCannotDisable(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	server.Put(sandbox.Guest{Email: "ann@acme.example.com"})
	d := newDeskAt(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			server.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"error":true,"message":"no such endpoint","code":"ENDPOINT_NOT_FOUND"}`)
	}))
	code, stderr := d.run("disable", "people.csv")
	if code != exitNotFound || !strings.Contains(stderr, "knows no call to disable them") || strings.Contains(stderr, "--base-url") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
	if _, err := os.Stat("people.results.csv.partial"); err == nil {
		t.Error("partial results are left, and nothing was done")
	}
}
