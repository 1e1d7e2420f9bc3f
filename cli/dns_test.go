package cli

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"

	"guestlist/sandbox"
)

// nameServer knows acme.example.com, and that gone.example.com does not exist; of
// all else it says nothing.
type nameServer struct {
	mu    sync.Mutex
	asked map[string]int
}

func (n *nameServer) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked[name]++
	if name == "acme.example.com." {
		return []*net.MX{{Host: "mx.acme.example.com.", Pref: 10}}, nil
	}
	return nil, n.unknown(name)
}

func (n *nameServer) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	return nil, n.unknown(host)
}

func (n *nameServer) LookupNS(_ context.Context, name string) ([]*net.NS, error) {
	return nil, n.unknown(name)
}

func (n *nameServer) unknown(name string) error {
	if strings.HasSuffix(name, "gone.example.com.") {
		return &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
}

// Each domain is looked up once: one that does not exist makes its rows invalid,
// one without an answer is only told.
func TestCheckDNS(t *testing.T) {
	const people = "Mail,Name vorn\nann@acme.example.com,\nbob@ACME.example.com,\ncy@gone.example.com,\ndee@gone.example.com,\nfay@gone.example.com,\neve@quiet.example.com,\nno address,\n<gus@typed.example.com>,\n"
	for _, command := range []string{"validate", "import"} {
		t.Run(command, func(t *testing.T) {
			d := newDesk(t, sandbox.Options{})
			if err := os.WriteFile("people.csv", []byte(people), 0o600); err != nil {
				t.Fatal(err)
			}
			names := &nameServer{asked: map[string]int{}}
			var stderr bytes.Buffer
			a := newApp(strings.NewReader(""), &stderr, &stderr, d.getenv)
			a.resolver = names
			want := map[string]int{"validate": exitInvalid, "import": exitSomeRefused}[command]
			if code := a.run([]string{command, "people.csv", "--check-dns", "--fix", "--map", "Name vorn=first_name"}); code != want {
				t.Errorf("exit code %d, want %d", code, want)
			}
			for _, line := range []string{
				"looking up 4 mail domains\n",
				"not known whether they take mail, as there was no answer: quiet.example.com, typed.example.com\n",
				`3 rows: email has a domain that does not exist, e.g. line 4, "Mail" "cy@gone.example.com" (gone.example.com: is it spelled right?)` + "\n",
			} {
				if !strings.Contains(stderr.String(), line) {
					t.Errorf("nothing says %q:\n%s", line, stderr.String())
				}
			}
			for name, n := range names.asked {
				if n != 1 {
					t.Errorf("%s was looked up %d times", name, n)
				}
			}
			file := map[string]string{"validate": "people.plan.csv", "import": "people.results.csv"}[command]
			outcomes, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for email, status := range map[string]string{
				"ann@acme.example.com": "valid created", "bob@ACME.example.com": "valid created", "eve@quiet.example.com": "valid created", "gus@typed.example.com": "valid created",
				"cy@gone.example.com": "invalid", "dee@gone.example.com": "invalid", "fay@gone.example.com": "invalid", "no address": "invalid",
			} {
				found := false
				for _, s := range strings.Fields(status) {
					found = found || strings.Contains(string(outcomes), ","+email+","+s+",")
				}
				if !found {
					t.Errorf("%s is not %s:\n%s", email, status, outcomes)
				}
			}
		})
	}
}

// A name server that denies every name is not believed.
func TestCheckDNSWhereNothingExists(t *testing.T) {
	for _, tc := range []struct {
		domains, code int
		says          string
	}{
		{2, exitInvalid, "has a domain that does not exist"},
		{3, exitOK, "none of the 3 mail domains exists, which is hard to believe"},
	} {
		d := newDesk(t, sandbox.Options{})
		people := "email\n"
		for i := range tc.domains {
			people += fmt.Sprintf("ann@%d.gone.example.com\n", i)
		}
		if err := os.WriteFile("people.csv", []byte(people), 0o600); err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		a := newApp(strings.NewReader(""), &stderr, &stderr, d.getenv)
		a.resolver = &nameServer{asked: map[string]int{}}
		if code := a.run([]string{"validate", "people.csv", "--check-dns"}); code != tc.code || !strings.Contains(stderr.String(), tc.says) {
			t.Errorf("%d domains: exit code %d:\n%s", tc.domains, code, stderr.String())
		}
	}
}

// Without the flag nobody is asked.
func TestNoCheckOfDNS(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	names := &nameServer{asked: map[string]int{}}
	var stderr bytes.Buffer
	a := newApp(strings.NewReader(""), &stderr, &stderr, d.getenv)
	a.resolver = names
	if code := a.run([]string{"validate", "people.csv"}); code != exitOK || len(names.asked) > 0 {
		t.Errorf("exit code %d, asked %v:\n%s", code, names.asked, stderr.String())
	}
}
