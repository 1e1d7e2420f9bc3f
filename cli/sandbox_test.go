package cli

import (
	"testing"
	"time"
)

func TestSandboxTellsHowToSignIn(t *testing.T) {
	tests := []struct {
		name  string
		flags sandboxFlags
		want  string
	}{
		{"nothing set", sandboxFlags{}, "TALLYFY_ACCESS_TOKEN=sandbox"},
		{"a token in a file", sandboxFlags{tokenFile: "my token"}, "TALLYFY_TOKEN_FILE='my token'"},
		{
			"a client",
			sandboxFlags{clientID: "7", secretFile: "my secret"},
			"TALLYFY_ACCESS_TOKEN= TALLYFY_TOKEN_URL=http://127.0.0.1:1/api/oauth/token TALLYFY_CLIENT_ID=7 TALLYFY_CLIENT_SECRET_FILE='my secret'",
		},
		{
			"a client that has to act for a member",
			sandboxFlags{clientID: "7", secretFile: "s", userOnly: true},
			"TALLYFY_ACCESS_TOKEN= TALLYFY_TOKEN_URL=http://127.0.0.1:1/api/oauth/token TALLYFY_CLIENT_ID=7 TALLYFY_CLIENT_SECRET_FILE=s TALLYFY_AS_USER=member.one@acme.com",
		},
		{"a token and a client", sandboxFlags{tokenFile: "t", clientID: "7", secretFile: "s"}, "TALLYFY_TOKEN_FILE=t"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.flags.signIn("http://127.0.0.1:1/api"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestSandboxTokensLiveAsTold(t *testing.T) {
	f := sandboxFlags{late: time.Second, tokenLife: time.Minute}
	o, err := f.options()
	if err != nil || o.TokenLife != time.Minute || o.UserTokenLife != time.Minute {
		t.Errorf("got %s and %s, %v", o.TokenLife, o.UserTokenLife, err)
	}
}
