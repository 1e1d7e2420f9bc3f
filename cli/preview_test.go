package cli

import (
	"os"
	"strings"
	"testing"
)

func TestPreview(t *testing.T) {
	google := "First Name,Last Name,Organization Name,E-mail 1 - Value,Phone 1 - Value,Birthday\n" +
		"Jörg,Müller,Nordlicht GmbH,joerg@nordlicht.example.org,+49 30 23125 011,\n" +
		"李,小龙,功夫有限公司,li@kungfu.example.com,,\n" +
		"Ann,O'Hara,\"The company with the longest name that was ever put on a sign\",ann@acme.example.com,,\n" +
		"Bob,\"two\nlines\",Acme,bob@acme.example.com,\x1b[2J,\n" +
		"Cy,\"broken\"x,Acme,cy@acme.example.com,,\n" +
		"Dee,sixth,Acme,dee@acme.example.com,,\n"
	for _, tc := range []struct {
		name, file string
		style      style
	}{
		{"80 columns", google, style{width: 80}},
		{"200 columns with colours", google, style{width: 200, colours: true}},
		{"20 columns", "email,first_name,last_name\nann@acme.example.com,Ann,Hart\n", style{width: 20}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := t.TempDir() + "/people.csv"
			if err := os.WriteFile(path, []byte(tc.file), 0o600); err != nil {
				t.Fatal(err)
			}
			p, err := (&input{name: path}).preview()
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(p.describe(tc.style), "\n") + "\n"
			golden(t, "preview, "+tc.name+".txt", strings.ReplaceAll(got, "\x1b", `\e`))
		})
	}
}
