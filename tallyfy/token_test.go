package tallyfy

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/ratelimit"
)

// A long pause of writes keeps nobody from signing in, a pause of all calls does.
func TestSigningInPassesTheGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := openGate()
		for _, class := range []ratelimit.Class{ratelimit.Write, ratelimit.Create} {
			pass, err := gate.Wait(background, class)
			if err != nil {
				t.Fatal(err)
			}
			pass.Answered(ratelimit.Answer{Refused: true, Wait: time.Hour})
		}
		s := &authority{}
		start := time.Now()
		if err := get(background, s.application(t, Config{Gate: gate})); err != nil || time.Since(start) > time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		pause(t, gate, ratelimit.Read, time.Minute)
		s.sign = func(*http.Request) (*http.Response, error) {
			if time.Since(start) < time.Minute {
				t.Error("signed in during a pause")
			}
			return nil, nil
		}
		if err := get(background, s.application(t, Config{Gate: gate})); err != nil {
			t.Error(err)
		}
	})
}

// What is said to an application that asks for tokens too often is no limit of the
// API, and its calls are no calls of the API.
func TestLimitsOfSigningInAreNotThoseOfTheAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := openGate()
		tries := 0 // one after the other
		s := &authority{sign: func(*http.Request) (*http.Response, error) {
			if tries++; tries < 3 {
				return reply(429, `{}`, "Retry-After: 100", "X-RateLimit-Limit: 1", "X-RateLimit-Remaining: 0")
			}
			return nil, nil
		}}
		c := s.application(t, Config{Gate: gate})
		if err := get(background, c); err != nil {
			t.Fatal(err)
		}
		for class := range ratelimit.Class(ratelimit.Classes) {
			if held := gate.Delay(class); held > time.Second {
				t.Errorf("%s: held back for %s", class, held)
			}
		}
		if diff := cmp.Diff([]CallCount{{ratelimit.Read, 200, 1}}, c.Calls()); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestWaitForATokenEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := &authority{sign: func(r *http.Request) (*http.Response, error) {
			if time.Since(start) < 9*time.Second {
				return hang(r)
			}
			return nil, nil
		}}
		c := s.application(t, Config{})
		first, endFirst := context.WithTimeout(background, 10*time.Second)
		defer endFirst()
		second, endSecond := context.WithTimeout(background, 5*time.Second)
		defer endSecond()
		var group sync.WaitGroup
		ends := func(ctx context.Context, after time.Duration, want error) {
			group.Go(func() {
				err := get(ctx, c)
				var e *Error
				if !errors.Is(err, want) || errors.As(err, &e) || time.Since(start) != after {
					t.Errorf("%v after %s", err, time.Since(start))
				}
			})
			synctest.Wait() // so that each waits behind the one before
		}
		ends(first, 10*time.Second, context.DeadlineExceeded)
		ends(second, 5*time.Second, context.DeadlineExceeded)
		// The third one has nothing to do with the end of the first.
		ends(background, 10*time.Second, nil)
		group.Wait()
		if s.signs != 2 {
			t.Errorf("%d calls for a token", s.signs)
		}
	})
}

// Calls that wait for the same token share what came of it.
func TestRefusedApplicationIsAskedForOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		answer transport
		calls  int
	}{
		"refused": {always(401, `{"error":"invalid_client"}`), 1},
		"trouble": {always(503, ``), 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &authority{sign: func(r *http.Request) (*http.Response, error) {
					time.Sleep(time.Second)
					return tt.answer(r)
				}}
				c := s.application(t, Config{Attempts: 3})
				var group sync.WaitGroup
				for range 8 {
					group.Go(func() {
						if e := asError(t, get(background, c)); !e.SigningIn() || e.Sent {
							t.Errorf("got %#v", e)
						}
					})
				}
				group.Wait()
				if s.signs != tt.calls || s.calls > 0 {
					t.Errorf("%d calls for a token, %d of the API", s.signs, s.calls)
				}
			})
		})
	}
}

func TestTroubleWithSigningInPasses(t *testing.T) {
	tests := []struct {
		name            string
		trouble         transport
		atLeast, atMost time.Duration
	}{
		{"500", always(500, `{}`), 500 * time.Millisecond, 750 * time.Millisecond},
		{"page of a proxy", always(502, `<html>`), 500 * time.Millisecond, 750 * time.Millisecond},
		{"503 with a time", always(503, ``, "Retry-After: 7"), 7 * time.Second, 7 * time.Second},
		{"429 with a time", always(429, `{}`, "Retry-After: 300"), 300 * time.Second, 300 * time.Second},
		{"429 without", always(429, `{}`), 500 * time.Millisecond, 750 * time.Millisecond},
		{"broken connection", cut, 500 * time.Millisecond, 750 * time.Millisecond},
		{"half an answer", half, 500 * time.Millisecond, 750 * time.Millisecond},
		{"no answer", hang, 60*time.Second + 500*time.Millisecond, 60*time.Second + 750*time.Millisecond},
	}
	for _, tt := range tests {
		for _, of := range []string{"application", "member"} {
			t.Run(tt.name+" to the "+of, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &authority{}
					once := func(r *http.Request) (*http.Response, error) {
						s.sign, s.exchange = nil, nil
						return tt.trouble(r)
					}
					if of == "member" {
						s.exchange = once
					} else {
						s.sign = once
					}
					told := 0
					c := s.application(t, Config{Application: &Application{AsUser: "boss@acme.com"}, Retrying: func(err error, delay time.Duration) {
						told++
						checkSecrets(t, err)
						if !strings.HasPrefix(err.Error(), "sign in") || delay <= 0 {
							t.Errorf("told of %v in %s", err, delay)
						}
					}})
					start := time.Now()
					if err := get(background, c); err != nil {
						t.Fatal(err)
					}
					if took := time.Since(start); took < tt.atLeast || took > tt.atMost || told != 1 {
						t.Errorf("took %s, told %d times", took, told)
					}
					if of == "member" && s.signs != 1 {
						t.Errorf("signed in %d times", s.signs)
					}
				})
			})
		}
	}
}

// After its tries the trouble is no row's fault, and may pass; a wait that is too
// long to sit out is told like one of any limit.
func TestTroubleWithSigningInThatStays(t *testing.T) {
	tests := []struct {
		name    string
		trouble transport
		answers string
		want    string
	}{
		{"500", always(500, `{"message":"Server Error"}`), "not admitted", "sign in: Server Error (HTTP 500)"},
		{"429", always(429, `{"message":"Too Many Attempts."}`, "Retry-After: 60"), "not admitted", "sign in: Too Many Attempts.; it asks to wait 1m0s (HTTP 429)"},
		{"broken connection", cut, "not admitted", "sign in: the connection broke before the answer came: unexpected EOF"},
		{"no answer", hang, "not admitted", "sign in: no answer within 1m0s"},
		{"a long wait", always(429, `{}`, "Retry-After: 301"), "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &authority{sign: tt.trouble}
				c := s.application(t, Config{Attempts: 3})
				for _, call := range []func() error{
					func() error { return get(background, c) },
					func() error { return create(background, c, nil) },
				} {
					s.signs = 0
					err := call()
					var long *ratelimit.TooLong
					if tt.want == "" {
						if !errors.As(err, &long) || time.Until(long.Until) != 301*time.Second || s.signs != 1 {
							t.Errorf("got %v after %d tries", err, s.signs)
						}
						continue
					}
					e := asError(t, err)
					if answers(e) != tt.answers || e.Sent || !e.SigningIn() || e.Error() != tt.want {
						t.Errorf("it is %q: %v", answers(e), e)
					}
					if s.signs != 3 {
						t.Errorf("%d tries", s.signs)
					}
				}
			})
		})
	}
}

// Who would not wait for a limit does not wait for one of signing in either.
func TestLongestWaitForAToken(t *testing.T) {
	wait := func(d time.Duration) *time.Duration { return &d }
	for _, tt := range []struct {
		name      string
		most      *time.Duration
		announced string
		waits     bool
	}{
		{"as long as it takes, for a while", nil, "300", true},
		{"never", wait(0), "1", false},
		{"not that long", wait(39 * time.Second), "40", false},
		{"just that long", wait(40 * time.Second), "40", true},
		{"for hours, which a token is not worth", wait(5 * time.Hour), "301", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &authority{}
				s.sign = func(*http.Request) (*http.Response, error) {
					if s.signs == 1 {
						return reply(429, `{}`, "Retry-After: "+tt.announced)
					}
					return nil, nil
				}
				start := time.Now()
				err := get(background, s.application(t, Config{Application: &Application{MaxWait: tt.most}}))
				announced, _ := time.ParseDuration(tt.announced + "s")
				var long *ratelimit.TooLong
				switch {
				case tt.waits && (err != nil || time.Since(start) != announced):
					t.Errorf("%v after %s", err, time.Since(start))
				case !tt.waits && (!errors.As(err, &long) || time.Since(start) > 0 || long.Until.Sub(start) != announced):
					t.Errorf("%v after %s", err, time.Since(start))
				}
			})
		})
	}
}

func TestNobodyListensWhereAnApplicationSignsIn(t *testing.T) {
	c := newClient(t, Config{Attempts: 1, Application: &Application{TokenURL: "http://127.0.0.1:9/oauth/token", ID: "42", Secret: testSecret}})
	e := asError(t, get(background, c))
	if answers(e) != "not admitted" || !e.SigningIn() || !strings.HasPrefix(e.Error(), "sign in: the server cannot be reached: ") {
		t.Errorf("it is %q: %v", answers(e), e)
	}
	checkSecrets(t, e)
}
