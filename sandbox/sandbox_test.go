package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is the time of tests whose clock stands still.
var noon = time.Date(2025, 1, 15, 10, 30, 0, 0, time.UTC)

// host serves a sandbox over TCP for one test.
type host struct {
	*Sandbox
	t      *testing.T
	server *httptest.Server
}

func serve(t *testing.T, o Options) host {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	s := New(o)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return host{s, t, server}
}

// answer is what a client got: err where no whole answer came.
type answer struct {
	status int
	header http.Header
	text   string
	err    error
}

// json decodes the body with exact numbers.
func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(a.text))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("body %q: %v", a.text, err)
	}
	return v
}

func (h host) request(method, path, body string) *http.Request {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.server.URL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	setHeaders(r)
	return r
}

func (h host) send(r *http.Request) answer {
	// Neither redirects nor the standard client's own second attempts may blur what the sandbox did.
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(text), err}
}

func (h host) call(method, path, body string) answer {
	h.t.Helper()
	return h.send(h.request(method, path, body))
}

// directRequest is for a call without the network.
func directRequest(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	setHeaders(r)
	return r
}

func setHeaders(r *http.Request) {
	r.Header.Set("Authorization", "Bearer secret")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("X-Tallyfy-Client", "APIClient")
	r.Header.Set("Content-Type", "application/json")
}

const guests = "/api/organizations/acme/guests"

func (h host) create(email string) answer {
	h.t.Helper()
	return h.call("POST", guests, `{"email":"`+email+`"}`)
}

func wantStatus(t *testing.T, a answer, status int) {
	t.Helper()
	if a.err != nil || a.status != status {
		t.Fatalf("got status %d, error %v, body %s; want status %d", a.status, a.err, a.text, status)
	}
}

func wantJSON(t *testing.T, a answer, want string) {
	t.Helper()
	if diff := cmp.Diff(answer{text: want}.json(t), a.json(t)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// noSuchEndpoint has its keys in alphabetical order, as they are sent.
const noSuchEndpoint = `{"code":"ENDPOINT_NOT_FOUND","error":true,"message":"The requested endpoint was not found."}`

func TestHeadersAreDemanded(t *testing.T) {
	const stranger = `{"message":"Unauthenticated."}`
	tests := []struct {
		name, header, value string
		status              int
		body                string
	}{
		{"no client header", "X-Tallyfy-Client", "", 404, noSuchEndpoint},
		{"other client header", "X-Tallyfy-Client", "Browser", 404, noSuchEndpoint},
		{"no accept", "Accept", "", 302, ""},
		{"accept anything", "Accept", "*/*", 302, ""},
		{"no authorization", "Authorization", "", 401, stranger},
		{"wrong token", "Authorization", "Bearer other", 401, stranger},
		{"no bearer", "Authorization", "secret", 401, stranger},
		{"accept among others", "Accept", "application/json, text/plain", 200, ""},
	}
	h := serve(t, Options{Token: "secret", Org: "acme", Limits: []Limit{{"all", 1, time.Hour}}})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := h.request("GET", guests, "")
			r.Header.Del(tt.header)
			if tt.value != "" {
				r.Header.Set(tt.header, tt.value)
			}
			a := h.send(r)
			wantStatus(t, a, tt.status)
			if tt.body != "" {
				wantJSON(t, a, tt.body)
			}
			if tt.status == 302 && a.header.Get("Location") != "/login" {
				t.Errorf("redirected to %q", a.header.Get("Location"))
			}
		})
	}
	wantStatus(t, h.call("GET", guests, ""), 429) // only the one that was let in has counted
}

func TestAnyTokenButNoneWhereNoneIsSet(t *testing.T) {
	h := serve(t, Options{})
	r := h.request("GET", guests, "")
	wantStatus(t, h.send(r), 200)
	r.Header.Set("Authorization", "Bearer ")
	wantStatus(t, h.send(r), 401)
}

func TestAddresses(t *testing.T) {
	tests := []struct {
		name, method, path string
		status             int
		code               string
	}{
		{"with the prefix", "GET", "/api/organizations/acme/guests", 200, ""},
		{"without the prefix", "GET", "/organizations/acme/guests", 200, ""},
		{"other organization", "GET", "/api/organizations/other/guests", 404, "RESOURCE_NOT_FOUND"},
		{"create in another organization", "POST", "/api/organizations/other/guests", 404, "RESOURCE_NOT_FOUND"},
		{"prefix twice", "GET", "/api/api/organizations/acme/guests", 404, "ENDPOINT_NOT_FOUND"},
		{"unknown list", "GET", "/api/organizations/acme/tags", 404, "ENDPOINT_NOT_FOUND"},
		{"root", "GET", "/", 404, "ENDPOINT_NOT_FOUND"},
		{"below a user", "GET", "/api/organizations/acme/users/1", 404, "ENDPOINT_NOT_FOUND"},
		{"unknown action", "PUT", "/api/organizations/acme/guests/a@b.com/invite", 404, "ENDPOINT_NOT_FOUND"},
		{"guests of an application", "GET", "/api/applications/acme/guests", 404, "ENDPOINT_NOT_FOUND"},
		{"token of a guest", "POST", "/api/applications/acme/guests/a@b.com/token", 404, "ENDPOINT_NOT_FOUND"},
		{"no organization", "GET", "/api/organizations/guests", 404, "ENDPOINT_NOT_FOUND"},
		{"half of an address", "POST", "/oauth", 404, "ENDPOINT_NOT_FOUND"},
		{"reading a user token", "GET", "/api/applications/acme/users/a@b.com/token", 405, ""},
		{"no email", "GET", "/api/organizations/acme/guests/", 404, "ENDPOINT_NOT_FOUND"},
		{"unescaped slash in the email", "GET", "/api/organizations/acme/guests/a/b@c.com", 404, "ENDPOINT_NOT_FOUND"},
		{"method that is not known", "PATCH", "/api/organizations/acme/guests", 405, ""},
		{"method of another address", "PUT", "/api/organizations/acme/guests/a@b.com/disable", 405, ""},
	}
	h := serve(t, Options{Org: "acme"})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := h.call(tt.method, tt.path, `{"email":"a@b.com"}`)
			wantStatus(t, a, tt.status)
			if code, _ := a.json(t)["code"].(string); code != tt.code {
				t.Errorf("code %q, want %q", code, tt.code)
			}
		})
	}
}

func TestHookSeesTheBodyAndActsBeforeTheCall(t *testing.T) {
	var seen string
	var h host
	h = serve(t, Options{Guests: 1, OnRequest: func(r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen += r.Method + " " + string(body) + "\n"
		h.Put(Guest{Email: "late@b.com"})
	}})
	a := h.call("GET", guests+"/late@b.com", "")
	wantStatus(t, a, 200)
	wantStatus(t, h.create("late@b.com"), 201)
	if want := "GET \nPOST {\"email\":\"late@b.com\"}\n"; seen != want {
		t.Errorf("the hook saw %q, want %q", seen, want)
	}
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Latency: 3 * time.Second})
		began := time.Now()
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", guests, nil))
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestBodyTooLarge(t *testing.T) {
	h := serve(t, Options{})
	wantStatus(t, h.call("POST", guests, `{"email":"a@b.com","status":"`+strings.Repeat("x", maxBody)+`"}`), 413)
	if len(h.Guests()) != 0 {
		t.Error("a guest was created")
	}
}

func TestOptionsCheck(t *testing.T) {
	tests := []struct {
		name string
		o    Options
		ok   bool
	}{
		{"nothing", Options{}, true},
		{"everything", Options{Limits: []Limit{{"read", 1, time.Second}, {"", 1, 1}}, Faults: []Fault{{Kind: Half, Class: "get", Percent: 100}}}, true},
		{"unknown fault", Options{Faults: []Fault{{Kind: "fire"}}}, false},
		{"unknown class of a fault", Options{Faults: []Fault{{Kind: Half, Class: "guest"}}}, false},
		{"more than all", Options{Faults: []Fault{{Kind: Half, Percent: 101}}}, false},
		{"unknown class of a limit", Options{Limits: []Limit{{"calls", 1, time.Second}}}, false},
		{"limit of nothing", Options{Limits: []Limit{{"all", 0, time.Second}}}, false},
		{"clients and lives of tokens", Options{Clients: acmeClients, TokenLife: time.Second, UserTokenLife: time.Hour}, true},
		{"client whose id is no number", Options{Clients: []Client{{"me", "x"}}}, false},
		{"client without a secret", Options{Clients: []Client{{"7", "x"}, {"8", ""}}}, false},
		{"token that ends at once", Options{TokenLife: time.Second - 1}, false},
		{"user token that has ended", Options{UserTokenLife: -time.Second}, false},
		{"limit and fault of signing in", Options{Limits: []Limit{{"sign-in", 1, 1}}, Faults: []Fault{{Kind: Half, Class: "user-token"}}}, true},
		{"limit without a window", Options{Limits: []Limit{{"all", 1, 0}}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.o.Check(); (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
			defer func() {
				if panicked := recover() != nil; panicked == tt.ok {
					t.Errorf("New panicked: %v", panicked)
				}
			}()
			New(tt.o)
		})
	}
}

// equalJSON tells whether a body is exactly this text, for tests of what is sent to the byte.
func equalJSON(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !json.Valid(bytes.TrimSpace([]byte(got))) {
		t.Error("no valid JSON")
	}
}
