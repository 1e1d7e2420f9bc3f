package maildomain

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"guestlist/guest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDomain(t *testing.T) {
	for _, tc := range []struct{ name, email, want string }{
		{"plain", "jane@acme.com", "acme.com"},
		{"capitals", "Jane@ACME.Com", "acme.com"},
		{"dot at the end", "jane@acme.com.", "acme.com"},
		{"umlaut", "jane@Müller.de", "xn--mller-kva.de"},
		{"umlaut of two characters", "jane@mu\u0308ller.de", "xn--mller-kva.de"},
		{"written in ASCII already", "jane@XN--mller-kva.de", "xn--mller-kva.de"},
		{"sharp s, as the server maps it", "jane@faß.de", "fass.de"},
		{"full-width dot", "jane@münchen。jp", "xn--mnchen-3ya.jp"},
		{"invisible joiner", "jane@a\u200db.com", "ab.com"},
		{"an @ between quotes", `"jane@home"@acme.com`, "acme.com"},
		{"an IP address", "jane@[192.0.2.1]", ""},
		{"an IPv6 address", "jane@[IPv6:2001:db8::1]", ""},
		{"no @", "acme.com", ""},
		{"nothing after the @", "jane@", ""},
		{"no name for DNS", "jane@ac me.com", ""},
		{"xn-- that means nothing", "jane@xn--ü.com", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Domain(tc.email); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// What may be imported can be looked up: both read a domain alike.
func TestDomainOfEveryValidAddress(t *testing.T) {
	f, err := os.Open("../guest/testdata/conformance/emails.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	valid := 0
	for _, row := range rows[1:] {
		email, note := row[0], row[2]
		if strings.HasPrefix(note, "json") {
			if err := json.Unmarshal([]byte(email), &email); err != nil {
				t.Fatal(err)
			}
		}
		email = guest.Trim(email)
		if guest.Validate(&guest.Guest{Email: email}) != nil {
			continue
		}
		if valid++; Domain(email) == "" {
			t.Errorf("%q has no domain", email)
		}
	}
	if valid == 0 {
		t.Error("no address is valid")
	}
}

func TestProblem(t *testing.T) {
	for _, tc := range []struct {
		name        string
		verdict     Verdict
		domain      string
		cause, hint string
	}{
		{"takes mail", Deliverable, "acme.com", "", ""},
		{"does not exist", Missing, "acmee.com", "has a domain that does not exist", "acmee.com: is it spelled right?"},
		{"beyond ASCII", Missing, "xn--mller-kva.de", "has a domain that does not exist", "müller.de: is it spelled right?"},
		{"takes no mail", NoMail, "acme.com", "has a domain that takes no mail", "acme.com: is it spelled right?"},
		{"no answer, which proves nothing", Unknown, "acme.com", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if cause, hint := tc.verdict.Problem(tc.domain); cause != tc.cause || hint != tc.hint {
				t.Errorf("%q, %q; want %q, %q", cause, hint, tc.cause, tc.hint)
			}
		})
	}
}
