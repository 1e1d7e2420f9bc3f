package importer

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/results"
	"guestlist/sandbox"
	"guestlist/tallyfy"
)

// A create whose answer was lost is never sent again before the guest was
// looked for, at once and after 1, 3, 8 and 20 seconds.
func TestLostCreatesAreLookedUpFirst(t *testing.T) {
	t.Run("the work was done", func(t *testing.T) {
		server := sandbox.New(sandbox.Options{Faults: []sandbox.Fault{{Kind: sandbox.CutAfter, Percent: 100, Class: "create"}}})
		runFake(t, server, func(t *testing.T, b *bench) {
			for _, l := range b.mustRun(people(10)) {
				if l.Status != results.Created || l.GuestID == "" || server.Calls()["create"][0]+server.Calls()["create"][201] != 10 {
					t.Errorf("%s: %s %q after %v", l.Email, l.Status, l.Error, server.Calls())
				}
			}
		})
	})
	t.Run("the work was not done", func(t *testing.T) {
		var log []string
		var began time.Time
		server := sandbox.New(sandbox.Options{Faults: []sandbox.Fault{{Kind: sandbox.CutBefore, Percent: 100, Class: "create"}}, OnRequest: func(r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/guests") && r.Method == http.MethodGet {
				return
			}
			if began.IsZero() {
				began = time.Now()
			}
			log = append(log, fmt.Sprintf("%s %s", r.Method, time.Since(began).Round(time.Second)))
		}})
		runFake(t, server, func(t *testing.T, b *bench) {
			b.o.Attempts = 2
			l := b.mustRun("email\nann@acme.example.com\n")[0]
			if l.Status != results.Failed || l.Attempts != 2 {
				t.Errorf("the row ended as %+v", l)
			}
		})
		// The first look-up is that of the plan.
		want := []string{
			"GET 0s", "POST 0s", "GET 0s", "GET 1s", "GET 3s", "GET 8s", "GET 20s",
			"POST 20s", "GET 20s", "GET 21s", "GET 23s", "GET 28s",
		}
		end := len(log) - 1
		if diff := cmp.Diff(want, log[:end]); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		// What gets lost again is waited for longer.
		if last := log[end]; last != "GET 41s" && last != "GET 42s" {
			t.Errorf("the last look-up is %s", last)
		}
	})
}

func TestHangingServer(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	var hung atomic.Bool
	release := make(chan struct{})
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && !hung.Swap(true) {
			server.ServeHTTP(httptest.NewRecorder(), r) // the work is done
			select {
			case <-release:
			case <-r.Context().Done():
			}
			panic(http.ErrAbortHandler)
		}
		server.ServeHTTP(w, r)
	}))
	defer close(release)
	client, err := tallyfy.New(tallyfy.Config{BaseURL: b.url, Org: "acme", Token: "secret", Gate: b.o.Gate, Timeout: 100 * time.Millisecond, Patience: Patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)
	b.o.Client = client
	lines := b.mustRun("email\nann@acme.example.com\n")
	if lines[0].Status != results.Created || lines[0].Attempts != 1 {
		t.Errorf("the row ended as %+v", lines[0])
	}
	if _, created := server.Creates("ann@acme.example.com"); created != 1 {
		t.Errorf("created %d times", created)
	}
}

// However late a loss is noticed, the server gets its time.
func TestLossThatIsNoticedLateIsWaitedFor(t *testing.T) {
	var log []string
	var began time.Time
	server := sandbox.New(sandbox.Options{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost || strings.Contains(r.URL.Path, "@") {
			if began.IsZero() {
				began = time.Now()
			}
			log = append(log, fmt.Sprintf("%s %s", r.Method, time.Since(began).Round(time.Second)))
		}
		if r.Method == http.MethodPost && len(log) == 2 {
			time.Sleep(30 * time.Second)
			panic(http.ErrAbortHandler)
		}
		server.ServeHTTP(w, r)
	})
	runFake(t, h, func(_ *testing.T, b *bench) { b.mustRun("email\nann@acme.example.com\n") })
	want := []string{"GET 0s", "POST 0s", "GET 30s", "GET 31s", "GET 33s", "GET 38s", "GET 50s", "POST 50s"}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// A create that lands after its last look-up is this import's own, also when the
// server then says that the guest exists.
func TestCreateThatLandsLate(t *testing.T) {
	var posts int
	server := sandbox.New(sandbox.Options{Legacy: true})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if posts++; posts == 1 {
				panic(http.ErrAbortHandler)
			}
			server.Put(sandbox.Guest{Email: "ann@acme.example.com"})
		}
		server.ServeHTTP(w, r)
	})
	runFake(t, h, func(t *testing.T, b *bench) {
		l := b.mustRun("email\nann@acme.example.com\n")[0]
		if l.Status != results.Created || l.Action != results.Create || l.Attempts != 2 || l.GuestID == "" || l.HTTPStatus/100 != 2 {
			t.Errorf("the row ended as %+v", l)
		}
	})
}

// When nobody can tell what became of a create, the row says so, and a resume
// settles it.
func TestFateThatNobodyCanTell(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusInternalServerError, http.StatusUnprocessableEntity} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			server := sandbox.New(sandbox.Options{Faults: []sandbox.Fault{{Kind: sandbox.CutAfter, Percent: 100, Class: "create"}}})
			blind := false
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					blind = true
				}
				if blind && r.Method == http.MethodGet {
					w.WriteHeader(status)
					fmt.Fprint(w, `{"message":"no","errors":{"email":["no"]}}`)
					return
				}
				server.ServeHTTP(w, r)
			})
			runFake(t, h, func(t *testing.T, b *bench) {
				b.input("email\nann@acme.example.com\n")
				if err := b.start(t.Context()); err == nil {
					l := b.lines()[0]
					if l.Status != results.Failed || !strings.HasPrefix(l.Error, results.FateUnknown) {
						t.Fatalf("the row ended as %+v", l)
					}
					if err := os.Rename(b.results, b.partial); err != nil {
						t.Fatal(err)
					}
				} else if status != http.StatusForbidden {
					t.Fatal(err)
				}
				blind = false
				if err := b.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				if l := b.lines()[0]; l.Status != results.Created || l.Attempts != 1 {
					t.Errorf("after a resume the row ended as %+v", l)
				}
			})
		})
	}
}

// A create that got lost is not forgotten when a later one is refused, as the
// guest exists.
func TestRefusalAfterALossIsOfAnUnknownFate(t *testing.T) {
	server := sandbox.New(sandbox.Options{Legacy: true})
	posts := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			if posts++; posts == 1 {
				panic(http.ErrAbortHandler)
			}
			server.Put(sandbox.Guest{Email: "ann@acme.example.com"})
		case posts > 1 && strings.Contains(r.URL.Path, "@"):
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		server.ServeHTTP(w, r)
	})
	runFake(t, h, func(t *testing.T, b *bench) {
		l := b.mustRun("email\nann@acme.example.com\n")[0]
		if l.Status != results.Failed || !strings.HasPrefix(l.Error, results.FateUnknown) || !l.Unsettled() {
			t.Errorf("the row ended as %+v", l)
		}
	})
}

func TestManyRetries(t *testing.T) {
	server := sandbox.New(sandbox.Options{Faults: []sandbox.Fault{{Kind: sandbox.ServerError, Percent: 100, Class: "update"}}})
	server.Put(sandbox.Guest{Email: "ann@acme.example.com"})
	runFake(t, server, func(t *testing.T, b *bench) {
		b.o.Attempts = 60
		if l := b.mustRun("email,associated_members\nann@acme.example.com,1001\n")[0]; l.Status != results.Failed || l.Attempts != 60 {
			t.Errorf("the row ended as %+v", l)
		}
	})
}

// What the server puts off with a time is no failed attempt.
func TestAnnouncedWaitsDoNotCount(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	refusals := map[string]int{}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refusals[r.Method]++; refusals[r.Method] <= 3 {
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		server.ServeHTTP(w, r)
	})
	runFake(t, h, func(t *testing.T, b *bench) {
		b.o.Attempts = 1
		l := b.mustRun("email,associated_members\nann@acme.example.com,1001\n")[0]
		if l.Status != results.Created || l.Attempts != 8 {
			t.Errorf("the row ended as %+v", l)
		}
	})
}

// Any refusal of a repeated create is looked up: the first may have landed.
func TestRepeatedCreateThatIsRefusedIsLookedUp(t *testing.T) {
	posts := 0
	server := sandbox.New(sandbox.Options{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if posts++; posts == 1 {
				panic(http.ErrAbortHandler)
			}
			server.Put(sandbox.Guest{Email: "ann@acme.example.com"})
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(w, `{"error":true,"errors":{"guest":["exists"]}}`)
			return
		}
		server.ServeHTTP(w, r)
	})
	runFake(t, h, func(t *testing.T, b *bench) {
		if l := b.mustRun("email\nann@acme.example.com\n")[0]; l.Status != results.Created {
			t.Errorf("the row ended as %+v", l)
		}
	})
}

// A create that was refused says why, also when nobody can tell whether the
// guest is there.
func TestRefusalIsTheReasonWhenTheLookUpFailsToo(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusInternalServerError, http.StatusUnprocessableEntity} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			server := sandbox.New(sandbox.Options{})
			var refused atomic.Bool
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost && !refused.Swap(true) {
					w.WriteHeader(http.StatusUnprocessableEntity)
					fmt.Fprint(w, `{"error":true,"errors":{"email":["is not to our taste"]}}`)
					return
				}
				server.ServeHTTP(w, r)
			})
			runFake(t, lookUps(h, status, "ann@"), func(t *testing.T, b *bench) {
				b.o.Workers = 1 // so that ann comes first
				got := outcomes(b.mustRun("email\nann@acme.example.com\nbob@acme.example.com\n"))
				want := []string{"1 ann@acme.example.com failed none email: is not to our taste", "2 bob@acme.example.com created create"}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}
