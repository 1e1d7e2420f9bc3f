package tallyfy

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/ratelimit"
)

func TestRequestsOfSigningIn(t *testing.T) {
	s := &authority{}
	c := s.application(t, Config{Org: "ac/me", Application: &Application{AsUser: "o'k+%2F@b.com"}})
	if s.signs > 0 {
		t.Error("signed in before the first call")
	}
	if err := get(background, c); err != nil {
		t.Fatal(err)
	}
	const headers = "Accept: application/json\nContent-Type: %s\nX-Tallyfy-Client: APIClient\n"
	form := "POST http://localhost/oauth/token client_id=42&client_secret=token-that-must-not-be-seen%2Bsecret&grant_type=client_credentials&scope=%2A\n" +
		fmt.Sprintf(headers, "application/x-www-form-urlencoded")
	if diff := cmp.Diff(form, s.form); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	made := "POST http://localhost/api/applications/ac%2Fme/users/o%27k%2B%252F%40b.com/token {}\n" +
		"Authorization: Bearer " + testToken + "-application-1\n" + fmt.Sprintf(headers, "application/json")
	if diff := cmp.Diff(made, s.made); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTokensAreRenewedBeforeTheyEnd(t *testing.T) {
	const never = 0
	tests := []struct {
		name, life string
		after      time.Duration // until a call has a token renewed
	}{
		{"seven days, as documented", `604800`, 7*24*time.Hour - time.Minute},
		{"an hour", `3600`, 59 * time.Minute},
		{"ten minutes", `600`, 9 * time.Minute},
		{"a minute", `60`, 54 * time.Second},
		{"a second", `1`, 900 * time.Millisecond},
		{"as a text", `"3600"`, 59 * time.Minute},
		{"longer than anything lasts", `999999999999`, never},
		{"nothing said", `null`, never},
		{"none at all", `0`, never},
		{"ended before it began", `-5`, never},
	}
	for _, tt := range tests {
		for _, user := range []string{"", "boss@acme.com"} {
			t.Run(tt.name+" "+user, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &authority{life: tt.life}
					c := s.application(t, Config{Application: &Application{AsUser: user}})
					perToken := 1
					if user != "" {
						perToken = 2
					}
					call := func(after time.Duration, tokens int) {
						t.Helper()
						time.Sleep(after)
						if err := get(background, c); err != nil {
							t.Error(err)
						}
						if s.given != tokens*perToken {
							t.Errorf("after %s %d tokens were given, want %d", after, s.given, tokens*perToken)
						}
					}
					call(0, 1)
					if tt.after == never {
						call(20*365*24*time.Hour, 1)
						s.kill()
						call(0, 2)
						return
					}
					call(tt.after-time.Nanosecond, 1)
					call(time.Nanosecond, 2)
					call(tt.after+time.Hour, 3) // long after its end
					if s.refusals > 0 {
						t.Errorf("%d calls were refused", s.refusals)
					}
				})
			})
		}
	}
}

// A machine that was asleep finds that the token has ended.
func TestLivesOfTokensGoByTheWallClock(t *testing.T) {
	s := newClient(t, Config{}).sign("x", time.Hour)
	if text := s.renewAt.String(); strings.Contains(text, "m=") || s.renewAt.IsZero() {
		t.Errorf("got %s", text)
	}
}

// Some answers of the API have what they say within data.
func TestTokenOfAMemberWithinData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &authority{alive: map[string]bool{"inner": true}}
		s.exchange = always(200, `{"data":{"access_token":"inner","expires_in":600}}`)
		c := s.application(t, Config{Application: &Application{AsUser: "boss@acme.com"}})
		for exchanges := 1; exchanges < 3; exchanges++ {
			if err := get(background, c); err != nil || s.exchanges != exchanges {
				t.Errorf("%v after %d exchanges, want %d", err, s.exchanges, exchanges)
			}
			time.Sleep(9 * time.Minute)
		}
	})
}

func TestTokenThatIsRefusedIsRenewedOnce(t *testing.T) {
	for _, user := range []string{"", "boss@acme.com"} {
		t.Run("as "+user, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &authority{api: func(*http.Request) (*http.Response, error) {
					time.Sleep(time.Second) // so that all are on their way
					return nil, nil
				}}
				c := s.application(t, Config{Application: &Application{AsUser: user}})
				round := func(tokens, calls int) {
					t.Helper()
					var group sync.WaitGroup
					for i := range 8 {
						group.Go(func() {
							var err error
							if i%2 == 0 {
								err = get(background, c)
							} else {
								err = create(background, c, nil)
							}
							if err != nil {
								t.Error(err)
							}
						})
					}
					group.Wait()
					if s.signs != tokens || s.calls != calls {
						t.Errorf("%d tokens, %d calls, want %d and %d", s.signs, s.calls, tokens, calls)
					}
				}
				round(1, 8)
				s.kill()
				round(2, 8+16)
				round(2, 8+16+8)
			})
		})
	}
}

// A call whose 401 comes when others have a new token already takes that one.
func TestRefusalThatComesLateCostsNoToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := true
		s := &authority{}
		s.api = func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost && late {
				late = false
				time.Sleep(time.Minute)
			}
			return nil, nil
		}
		c := s.application(t, Config{Timeout: time.Hour})
		if err := get(background, c); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		group.Go(func() {
			if err := create(background, c, nil); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		s.kill()
		if err := get(background, c); err != nil {
			t.Error(err)
		}
		group.Wait()
		if s.signs != 2 || s.refusals != 2 {
			t.Errorf("%d tokens, %d refusals", s.signs, s.refusals)
		}
	})
}

func TestNewTokenThatIsRefusedAsWellEndsTheCall(t *testing.T) {
	s := &authority{api: always(401, `{"message":"Unauthenticated."}`)}
	c := s.application(t, Config{})
	for name, err := range map[string]error{"read": get(background, c), "write": create(background, c, nil)} {
		e := asError(t, err)
		if answers(e) != "unauthenticated" || e.SigningIn() || e.PersonalToken() || e.Status != 401 || !e.Sent {
			t.Errorf("%s: it is %q: %#v", name, answers(e), e)
		}
	}
	if s.calls != 4 || s.signs != 3 {
		t.Errorf("%d calls, %d tokens", s.calls, s.signs)
	}
}

func TestPersonalTokenIsNotRenewed(t *testing.T) {
	refused := always(401, `{"message":"Unauthenticated."}`)
	c := newClient(t, Config{Transport: replies(t, refused, refused)})
	for _, err := range []error{get(background, c), create(background, c, nil)} {
		if e := asError(t, err); answers(e) != "unauthenticated" || !e.PersonalToken() || e.SigningIn() {
			t.Errorf("it is %q: %#v", answers(e), e)
		}
	}
}

// Each time that a write leaves is noted, and each waits at the gate.
func TestWriteThatIsRepeatedIsNotedAgain(t *testing.T) {
	stale := errors.New("too late")
	tests := []struct {
		name   string
		second error  // what the second note says
		renew  bool   // whether there is a new token
		notes  int    // how many there are
		writes int    // how many arrive
		want   string // the error; empty: none
	}{
		{"and leaves", nil, true, 2, 2, ""},
		{"and is kept back", stale, true, 2, 1, "create guest anna@b.com: too late"},
		{"without a new token", nil, false, 1, 1, "sign in: the application is not accepted: check the client id and the client secret (HTTP 401, invalid_client)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &authority{}
			gate := openGate()
			c := s.application(t, Config{Gate: gate})
			if err := get(background, c); err != nil {
				t.Fatal(err)
			}
			s.kill()
			if !tt.renew {
				s.sign = always(401, `{"error":"invalid_client"}`)
			}
			notes := 0
			err := create(background, c, func() error {
				if notes++; notes == 2 {
					return tt.second
				}
				return nil
			})
			if fmt.Sprint(err) != tt.want && (err != nil || tt.want != "") {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if notes != tt.notes || s.calls != 1+tt.writes {
				t.Errorf("%d notes, %d writes", notes, s.calls-1)
			}
			var e *Error
			if errors.As(err, &e) && !e.Sent {
				t.Error("a write that left counts as one that did not")
			}
			if tt.second != nil && !errors.Is(err, stale) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A write that waits at the gate until its token ends gets another before it is
// noted.
func TestTokenThatEndsAtTheGateIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &authority{life: "1800"}
		// A pass that is not given back leaves no room for the token and the call.
		gate := ratelimit.New(ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 2, Window: 10 * time.Minute}})
		start := time.Now()
		pause(t, gate, ratelimit.Create, time.Hour)
		c := s.application(t, Config{Gate: gate})
		if err := get(background, c); err != nil {
			t.Fatal(err)
		}
		notes := 0
		if err := create(background, c, func() error { notes++; return nil }); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took < time.Hour || took > time.Hour+time.Minute {
			t.Errorf("left after %s", took)
		}
		if s.signs != 2 || s.refusals != 0 || notes != 1 {
			t.Errorf("%d tokens, %d refusals, %d notes", s.signs, s.refusals, notes)
		}
	})
}
