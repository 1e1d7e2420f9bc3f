package tallyfy

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCheckBaseURL(t *testing.T) {
	tests := []struct{ name, in, want, wrong string }{
		{"nothing", "", DefaultBaseURL, ""},
		{"default", DefaultBaseURL, DefaultBaseURL, ""},
		{"slash at the end", "https://go.tallyfy.com/api/", DefaultBaseURL, ""},
		{"capitals", "HTTPS://Go.Tallyfy.COM/api", DefaultBaseURL, ""},
		{"no path", "https://api.tallyfy.com", "https://api.tallyfy.com", ""},
		{"escaped slash in the path", "https://a.com/x%2Fy/", "https://a.com/x%2Fy", ""},
		{"localhost", "http://localhost:8080/api", "http://localhost:8080/api", ""},
		{"LOCALHOST", "http://LOCALHOST/api", "http://localhost/api", ""},
		{"127.x", "http://127.1.2.3:1/", "http://127.1.2.3:1", ""},
		{"IPv6 loopback", "http://[::1]:80/api", "http://[::1]:80/api", ""},
		{"https to the loopback", "https://127.0.0.1", "https://127.0.0.1", ""},
		{"plain http", "http://go.tallyfy.com/api", "", "use https"},
		{"name that begins like localhost", "http://localhost.evil.com", "", "use https"},
		{"name that begins like 127.0.0.1", "http://127.0.0.1.evil.com", "", "use https"},
		{"number that is 127.0.0.1", "http://2130706433", "", "use https"},
		{"all interfaces", "http://0.0.0.0", "", "use https"},
		{"private network", "http://192.168.0.1", "", "use https"},
		{"other scheme", "ftp://go.tallyfy.com", "", "begin with https"},
		{"no scheme", "go.tallyfy.com/api", "", "not an address"},
		{"no scheme, with a port", "localhost:8080", "", "not an address"},
		{"no host", "https:///api", "", "not an address"},
		{"port only", "https://:443", "", "not an address"},
		{"port too large", "https://a.com:65536", "", "not an address"},
		{"port empty", "https://a.com:", "", "not an address"},
		{"port no number", "https://a.com:x", "", "not an address"},
		{"blank", "https://a.com/a b\n", "", "not an address"},
		{"user", "https://me@a.com", "", "user name"},
		{"user and password", "https://me:secret@a.com", "", "user name"},
		{"query", "https://a.com/api?x=1", "", "query"},
		{"empty query", "https://a.com/api?", "", "query"},
		{"fragment", "https://a.com/api#x", "", "query"},
		{"empty fragment", "https://a.com/api#", "", "query"},
		{"secret in what is no address", "https://me:secret@a b", "", "not an address"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := CheckBaseURL(tt.in)
			if tt.wrong == "" {
				if err != nil || u.String() != tt.want {
					t.Errorf("got %v, %v, want %s", u, err, tt.want)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.wrong) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, %v, want an error with %q", u, err, tt.wrong)
			}
		})
	}
}

func TestCheckTokenURL(t *testing.T) {
	tests := []struct{ name, in, want, wrong string }{
		{"nothing", "", "https://go.tallyfy.com/oauth/token", ""},
		{"another", "https://account.tallyfy.com/oauth/token/", "https://account.tallyfy.com/oauth/token", ""},
		{"loopback", "http://127.0.0.1:8080/oauth/token", "http://127.0.0.1:8080/oauth/token", ""},
		{"plain http", "http://go.tallyfy.com/oauth/token", "", "the token URL is plain http to go.tallyfy.com, which would show the client secret"},
		{"other scheme", "ftp://a.com", "", "the token URL begins with ftp"},
		{"no address", "go.tallyfy.com", "", "the token URL is not an address such as https://go.tallyfy.com/oauth/token"},
		{"secret in it", "https://id:secret@a.com/", "", "the token URL holds a user name or password: take it out, the client sec"},
		{"query", "https://a.com/token?secret=1", "", "the token URL holds a query"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := CheckTokenURL(tt.in)
			if tt.wrong == "" {
				if err != nil || u.String() != tt.want {
					t.Errorf("got %v, %v, want %s", u, err, tt.want)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.wrong) || strings.Contains(err.Error(), "id:") {
				t.Errorf("got %v, %v, want an error with %q", u, err, tt.wrong)
			}
		})
	}
}

// A secret that is meant for one host is sent to no other.
func TestTokenURLOf(t *testing.T) {
	for _, tc := range []struct{ name, base, want string }{
		{"nothing", "", DefaultTokenURL},
		{"the default", DefaultBaseURL, DefaultTokenURL},
		{"another host of Tallyfy", "https://API.tallyfy.com", DefaultTokenURL},
		{"this machine", "http://127.0.0.1:8765/api", "http://127.0.0.1:8765/oauth/token"},
		{"another host", "https://tallyfy.acme.com/api/", "https://tallyfy.acme.com/oauth/token"},
		{"one that only ends like it", "https://nottallyfy.com/api", "https://nottallyfy.com/oauth/token"},
		{"no address", "nonsense", DefaultTokenURL},
	} {
		if got := TokenURLOf(tc.base); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestOrgLabel(t *testing.T) {
	tests := []struct{ name, base, want string }{
		{"nothing", "", "acme"},
		{"default", DefaultBaseURL, "acme"},
		{"default with a slash", DefaultBaseURL + "/", "acme"},
		{"default with its port", "https://go.tallyfy.com:443/api", "acme"},
		{"default in capitals", "https://GO.tallyfy.com/api", "acme"},
		{"other path", "https://go.tallyfy.com/v2", "acme@go.tallyfy.com"},
		{"other host", "https://staging.tallyfy.com/api", "acme@staging.tallyfy.com"},
		{"other port", "https://staging.tallyfy.com:8443/api", "acme@staging.tallyfy.com:8443"},
		{"loopback", "http://127.0.0.1:40123/api", "acme@127.0.0.1"},
		{"localhost", "http://localhost:40123/api", "acme@localhost"},
		{"IPv6 loopback", "http://[::1]:40123/api", "acme@::1"},
		{"no address", "no address", "acme@unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := OrgLabel(tt.base, "acme"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSegmentIsOneSegment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		escaped := segment(s)
		if strings.Trim(escaped, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~%") != "" {
			t.Fatalf("%q keeps reserved characters", escaped)
		}
		if back, err := url.PathUnescape(escaped); err != nil || back != s {
			t.Fatalf("%q became %q, %v", s, back, err)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	good := Config{Org: "acme", Token: "t0ken", Gate: openGate()}
	application := func(a Application) func(*Config) {
		return func(o *Config) { o.Token, o.Application = "", &a }
	}
	tests := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no organization", func(o *Config) { o.Org = "" }, "organization"},
		{"organization of blanks", func(o *Config) { o.Org = "  " }, "organization"},
		{"organization with a line break", func(o *Config) { o.Org = "acme\n" }, "organization"},
		{"organization that is a path", func(o *Config) { o.Org = ".." }, "organization"},
		{"no token", func(o *Config) { o.Token = "" }, "token is missing"},
		{"token with a line break", func(o *Config) { o.Token = "s3cret\n" }, "copy it again"},
		{"token with Bearer", func(o *Config) { o.Token = "Bearer s3cret" }, "copy it again"},
		{"token with a curly quote", func(o *Config) { o.Token = "“s3cret”" }, "copy it again"},
		{"token and application", func(o *Config) { o.Application = &Application{ID: "1", Secret: "s3cret"} }, "leave one of them out"},
		{"no client id", application(Application{Secret: "s3cret"}), "client id is missing"},
		{"no client secret", application(Application{ID: "1"}), "client secret is missing"},
		{"client id with a blank", application(Application{ID: "1 ", Secret: "s3cret"}), "client id holds a blank"},
		{"client secret with a line break", application(Application{ID: "1", Secret: "s3cret\n"}), "client secret holds a blank"},
		{"token URL", application(Application{ID: "1", Secret: "s3cret", TokenURL: "http://a.com"}), "token URL is plain http"},
		{"to act as a name", application(Application{ID: "1", Secret: "s3cret", AsUser: "boss"}), "not an email"},
		{"to act as an email with a line break", application(Application{ID: "1", Secret: "s3cret", AsUser: "a@b.com\n"}), "not an email"},
		{"no gate", func(o *Config) { o.Gate = nil }, "gate"},
		{"base URL", func(o *Config) { o.BaseURL = "http://a.com" }, "https"},
		{"negative time-out", func(o *Config) { o.Timeout = -time.Second }, "negative"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := good
			tt.change(&o)
			_, err := New(o)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}
