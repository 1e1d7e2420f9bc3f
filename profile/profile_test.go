package profile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func workers(n int) *int { return &n }

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		name, content string
		want          []Profile
	}{
		{"an empty file", "", nil},
		{"nothing but remarks", "# later\n", nil},
		{
			"all that a profile may have",
			`[acme]
			org = "a1b2"
			base_url = "https://tallyfy.example.com/api"
			token_file = "/run/secrets/token"
			client_id = "7"
			client_id_file = "/run/secrets/id"
			client_secret_file = "/run/secrets/secret"
			token_url = "https://tallyfy.example.com/oauth/token"
			as_user = "jane@acme.example.com"
			rate = "5/s"
			invite_cap = "100/h"
			max_wait = "10m"
			workers = 4`,
			[]Profile{{
				Name: "acme", Org: "a1b2", BaseURL: "https://tallyfy.example.com/api", TokenFile: "/run/secrets/token",
				ClientID: "7", ClientIDFile: "/run/secrets/id", ClientSecretFile: "/run/secrets/secret",
				TokenURL: "https://tallyfy.example.com/oauth/token", AsUser: "jane@acme.example.com",
				Rate: "5/s", InviteCap: "100/h", MaxWait: "10m", Workers: workers(4),
			}},
		},
		{"several, by name", "[beta]\norg='2'\n[\"acme east\"]\n[acme]\norg='1'\n", []Profile{{Name: "acme", Org: "1"}, {Name: "acme east"}, {Name: "beta", Org: "2"}}},
		{"a path counts from the file's folder", "[acme]\ntoken_file='secrets/acme.token'", []Profile{{Name: "acme", TokenFile: "/home/jo/.config/guestlist/secrets/acme.token"}}},
		{"a path that goes up", "[acme]\ntoken_file='../token'", []Profile{{Name: "acme", TokenFile: "/home/jo/.config/token"}}},
		{"a path in the home", "[acme]\nclient_secret_file='~/secrets/acme'\nclient_id_file='~'", []Profile{{Name: "acme", ClientSecretFile: "/home/jo/secrets/acme", ClientIDFile: "/home/jo"}}},
		{"a name that begins like the home", "[acme]\ntoken_file='~token'", []Profile{{Name: "acme", TokenFile: "/home/jo/.config/guestlist/~token"}}},
		{"no workers is not the same as none set", "[acme]\nworkers=0", []Profile{{Name: "acme", Workers: workers(0)}}},
		{"saved by Notepad", "\ufeff[acme]\r\norg = \"1\"\r\n", []Profile{{Name: "acme", Org: "1"}}},
		{"in one line", `acme = {org = "1"}`, []Profile{{Name: "acme", Org: "1"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, err := Parse([]byte(tc.content), "/home/jo/.config/guestlist/config.toml", "/home/jo")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, f.Profiles); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestWhatIsWrongIsToldWithItsLine(t *testing.T) {
	for _, tc := range []struct{ name, content, want string }{
		{"an unknown key", "[acme]\norg='1'\ntoken_fiel='x'\n", `c.toml, line 3: the profile acme has an unknown key "token_fiel"`},
		{"a token", "[acme]\ntoken='SECRET'\n", "c.toml, line 2: token in the profile acme is a secret, and no secret stands in this file: put it into a file of its own, and name that with token_file"},
		{"a token by the variable's name", "[acme]\n\nTALLYFY_ACCESS_TOKEN='SECRET'\n", "c.toml, line 3: TALLYFY_ACCESS_TOKEN in the profile acme is a secret, and no secret stands in this file: put it into a file of its own, and name that with token_file"},
		{"a client secret", "[acme]\nclient-secret='SECRET'\n", "c.toml, line 2: client-secret in the profile acme is a secret, and no secret stands in this file: put it into a file of its own, and name that with client_secret_file"},
		{"a secret that is no text", "[acme]\nclient_secret={a='SECRET'}\n", "c.toml, line 2: client_secret in the profile acme is a secret, and no secret stands in this file: put it into a file of its own, and name that with client_secret_file"},
		{"a setting above the first profile", "org='SECRET'\n[acme]\n", "c.toml, line 1: org stands outside of a profile: put it below a line such as [acme]"},
		{"two pairs of brackets", "[[acme]]\norg='1'\n", "c.toml, line 1: write one pair of brackets around the name of a profile: [acme]"},
		{"a name with a dot", "[acme.eu]\norg='1'\n", `c.toml, line 1: a profile holds no tables; if the name has a dot, it stands in quotes: ["acme.eu"]`},
		{"no name", "[\"\"]\norg='1'\n", "c.toml: a profile has no name: write one between the brackets, such as [acme]"},
		{"a number for a text", "[acme]\norg=15\n", "c.toml, line 2: org in the profile acme wants a text in quotes"},
		{"a list for a text", "[acme]\ntoken_file=['SECRET']\n", "c.toml, line 2: token_file in the profile acme wants a text in quotes"},
		{"a text for a number", "[acme]\nworkers='SECRET'\n", "c.toml, line 2: workers in the profile acme wants a whole number"},
		{"no quotes", "[acme]\norg=SECRET\n", "c.toml, line 2: unexpected character U+0053 'S' at start of value"},
		{"a quote too few", "[acme]\norg=\"SECRET\n", "c.toml, line 2: basic strings cannot have new lines"},
		{"a bracket too few", "[acme\norg='1'\n", "c.toml, line 1: expected ']' to close table name"},
		{"twice the same", "[acme]\norg='1'\norg='SECRET'\n", "c.toml, line 3: key org is already defined"},
		{"twice the same profile", "[acme]\n[beta]\n[acme]\n", "c.toml, line 3: table acme already exists"},
		{"backslashes in double quotes", "[acme]\ntoken_file=\"C:\\Users\\jo\"\n", `c.toml, line 2: invalid hexadecimal digit in unicode escape sequence; in a path with backslashes write single quotes: 'C:\secrets\acme.token'`},
		{"another charset", "[acme]\norg='\xe9'\n", "c.toml: it is not UTF-8: save it as UTF-8 in your editor"},
		{"a home that nobody knows", "[acme]\ntoken_file='~/token'\n", "c.toml: token_file in the profile acme begins with ~, and nobody knows where your home is: write the whole path"},
		{"a secret where a name belongs", "[acme]\n" + strings.Repeat("x", 24) + "SECRET = 1\n", `c.toml, line 2: the profile acme has an unknown key "xxxxxxxxxxxxxxxxxxxxxxxx…"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Parse([]byte(tc.content), "c.toml", "")
			var problem *Error
			if !errors.As(err, &problem) || err.Error() != tc.want {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}

// Who words the error can tell which key was meant.
func TestAnUnknownKeyComesWithThoseThatAreKnown(t *testing.T) {
	_, err := Parse([]byte("[acme]\nbase_ulr='x'\n"), "c.toml", "")
	var problem *Error
	if !errors.As(err, &problem) || problem.Unknown != "base_ulr" || !strings.Contains(strings.Join(problem.Known, " "), "base_url") {
		t.Errorf("got %+v", problem)
	}
	// Each of them may indeed be set.
	for _, key := range problem.Known {
		if _, err := Parse([]byte("[acme]\n"+key+"=[]\n"), "c.toml", ""); err == nil || !strings.Contains(err.Error(), " wants ") {
			t.Errorf("%s is not known: %v", key, err)
		}
	}
}

func TestRead(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "config.toml")
	if _, err := Read(path, "/home/jo"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("where there is no file: %v", err)
	}
	if err := os.WriteFile(path, []byte("[acme]\ntoken_file='~/t'\n[beta]\ntoken_file='t'"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Read(path, "/home/jo")
	if err != nil || f.Path != path || !cmp.Equal(f.Names(), []string{"acme", "beta"}) {
		t.Fatalf("%+v, %v", f, err)
	}
	if p := f.Find("beta"); p == nil || p.TokenFile != filepath.Join(folder, "t") {
		t.Errorf("beta is %+v", p)
	}
	if p := f.Find("acme"); p == nil || p.TokenFile != filepath.Join("/home/jo", "t") {
		t.Errorf("acme is %+v", p)
	}
	if p := f.Find("Acme"); p != nil {
		t.Errorf("by another name there is %+v", p)
	}
	if err := os.WriteFile(path, []byte("# "+strings.Repeat("x", mostOfFile)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path, ""); err == nil || !strings.Contains(err.Error(), "more than 1024 KiB") {
		t.Errorf("a huge file: %v", err)
	}
	if _, err := Read(folder, ""); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder: %v", err)
	}
}

// What no person would write does not crash the program, and is refused with a line
// that the file has.
func TestAnyContentIsReadOrRefused(t *testing.T) {
	part := rapid.SampledFrom([]string{
		"[", "]", "[[", "]]", "acme", ".", "=", "\n", "\r\n", `"`, "'", `"""`, "{", "}", ",", "#", " ", "\t", "\\", "~/", "\x00", "\xff", "\ufeff", "é",
		"org", "workers", "token", "token_file", "S3CRET", "1", "-1.5", "true", "1979-05-27", "[acme]\n", "org='x'\n", "token='S3CRET'\n", "a.b.c=1\n", "client_secret=\"S3CRET\"\n",
	})
	rapid.Check(t, func(t *rapid.T) {
		content := strings.Join(rapid.SliceOfN(part, 0, 30).Draw(t, "parts"), "")
		parsedOrRefused(t, []byte(content))
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "[acme]\norg='1'\nworkers=4\n", "[acme]\ntoken='S3CRET'\n", "acme={org=1}", "[[a]]", "[a.b]\nc=1", "a=", "\ufeff[a]\norg=\"\\u0041\""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) { parsedOrRefused(t, content) })
}

func parsedOrRefused(t interface{ Errorf(string, ...any) }, content []byte) {
	f, err := Parse(content, "/etc/c.toml", "")
	if err != nil {
		var problem *Error
		if !errors.As(err, &problem) || problem.Problem == "" || problem.Line < 0 || problem.Line > 1+strings.Count(string(content), "\n") {
			t.Errorf("%T: %+v", err, err)
		}
		return
	}
	for _, p := range f.Profiles {
		if p.Name == "" || p.TokenFile != "" && !filepath.IsAbs(p.TokenFile) {
			t.Errorf("there is the profile %+v", p)
		}
	}
}
