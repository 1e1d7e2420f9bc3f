package sandbox

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"guestlist/sandbox/sandboxtest"
)

// The library that clients sign in with gets its tokens, over a real connection.
func TestLibrarySignsIn(t *testing.T) {
	tests := []struct {
		name   string
		style  oauth2.AuthStyle
		secret string
		calls  map[int]int
	}{
		{"in the body", oauth2.AuthStyleInParams, "s/s", map[int]int{200: 1}},
		{"in the header", oauth2.AuthStyleInHeader, "plain", map[int]int{200: 1}},
		{"as it finds out", oauth2.AuthStyleAutoDetect, "plain", map[int]int{200: 1}},
		{"as it finds out, with a secret that it escapes in the header", oauth2.AuthStyleAutoDetect, "s/s", map[int]int{401: 1, 200: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := serve(t, Options{Clients: []Client{{"7", tt.secret}}, Now: time.Now})
			config := clientcredentials.Config{
				ClientID: "7", ClientSecret: tt.secret, TokenURL: h.server.URL + "/oauth/token", AuthStyle: tt.style,
			}
			token, err := config.Token(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if left := time.Until(token.Expiry); left < applicationTokenLife-time.Hour || left > applicationTokenLife || token.Type() != "Bearer" {
				t.Errorf("a token of type %s that lives %s", token.Type(), left)
			}
			wantStatus(t, h.as(token.AccessToken, "GET", guests), 200)
			for status, n := range tt.calls {
				if got := h.Calls()["token"]; got[status] != n || len(got) != len(tt.calls) {
					t.Errorf("calls %v, want %v", got, tt.calls)
				}
			}
		})
	}
}

func TestLibraryReadsTheRefusal(t *testing.T) {
	h := serve(t, Options{Clients: acmeClients})
	config := clientcredentials.Config{ClientID: "7", ClientSecret: "wrong", TokenURL: h.server.URL + "/oauth/token"}
	_, err := config.Token(t.Context())
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.ErrorCode != "invalid_client" || refused.Response.StatusCode != 401 {
		t.Errorf("got %v", err)
	}
}

// A library that renews its token by itself never meets an ended one.
func TestLibraryRenews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Clients: acmeClients, TokenLife: time.Minute})
		ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: sandboxtest.Direct{Handler: s}})
		config := clientcredentials.Config{ClientID: "7", ClientSecret: "s/s", TokenURL: "http://127.0.0.1/oauth/token", AuthStyle: oauth2.AuthStyleInParams}
		client := config.Client(ctx)
		for range 10 {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1"+guests, nil)
			if err != nil {
				t.Fatal(err)
			}
			setHeaders(r)
			res, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			time.Sleep(25 * time.Second)
		}
		if calls := s.Calls(); calls["list"][200] != 10 || calls["token"][200] != 4 {
			t.Errorf("calls %v", calls)
		}
	})
}
