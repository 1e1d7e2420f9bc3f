package importer

import (
	"bytes"
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/results"
	"guestlist/sandbox"
	"guestlist/tallyfy"
)

// slowly is a reader that takes a second before it gives its text.
type slowly struct{ rest io.Reader }

func (s *slowly) Read(p []byte) (int, error) {
	time.Sleep(time.Second)
	return s.rest.Read(p)
}

// A worker that ends the run while the feeder is reading may give back the last
// row before the feeder looks up.
func TestRunThatAWorkerEndsWithTheLastRow(t *testing.T) {
	refuse := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			sandbox.New(sandbox.Options{}).ServeHTTP(w, r)
			return
		}
		// The feeder has read to the end for creates, and is at it for the others.
		time.Sleep(1500 * time.Millisecond)
		w.WriteHeader(http.StatusUnauthorized)
	})
	for range 30 { // what the feeder sees first is chance
		runFake(t, refuse, func(t *testing.T, b *bench) {
			b.o.Open = func() (io.ReadCloser, error) {
				return io.NopCloser(io.MultiReader(strings.NewReader("email\nann@acme.example.com\n"), &slowly{strings.NewReader("")})), nil
			}
			var e *tallyfy.Error
			if err := b.start(t.Context()); !errors.As(err, &e) || !e.Unauthenticated() {
				t.Errorf("the run ended with %v, want the server's 401", err)
			}
		})
	}
}

// An error of the feeder does not wait for workers that wait for the server.
func TestInputThatChangesEndsTheWorkersSoon(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	looking := false
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			looking = true
			panic(http.ErrAbortHandler)
		case looking:
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		}
		server.ServeHTTP(w, r)
	})
	runFake(t, h, func(t *testing.T, b *bench) {
		passes := 0
		var changed time.Time
		b.o.Open = func() (io.ReadCloser, error) {
			// The blank lines are more than a reader looks at before it gives the first row.
			in := io.Reader(strings.NewReader("email\nann@acme.example.com\n" + strings.Repeat("\n", 1<<17)))
			if passes++; passes == 5 { // the feeder's first
				changed = time.Now().Add(time.Second)
				in = io.MultiReader(in, &slowly{strings.NewReader("bob@acme.example.com\n")})
			}
			return io.NopCloser(in), nil
		}
		if err := b.start(t.Context()); !errors.Is(err, ErrInputChanged) {
			t.Fatalf("error is %v, want %v", err, ErrInputChanged)
		}
		if !looking {
			t.Error("no worker was waiting for the server")
		}
		if took := time.Since(changed); took < 0 || took > time.Second {
			t.Errorf("the run ended %s after the change was seen", took)
		}
	})
}

func TestWhoIsDueFirstComesFirst(t *testing.T) {
	var waiting waitingTasks
	now := time.Now()
	for _, i := range rand.Perm(100) {
		heap.Push(&waiting, &task{due: now.Add(time.Duration(i) * time.Second)})
	}
	for i := range 100 {
		if got := waiting[0].due.Sub(now); got != time.Duration(i)*time.Second {
			t.Fatalf("number %d is due after %s", i, got)
		}
		waiting.remove()
	}
	if len(waiting) != 0 {
		t.Errorf("%d are left", len(waiting))
	}
}

// Every row goes on when its own time has come, whatever else is waiting.
func TestWaitingRowsDoNotHoldUpEachOther(t *testing.T) {
	const rows = 30
	var mu sync.Mutex
	lost, looks := map[string]time.Time{}, map[string][]string{}
	server := sandbox.New(sandbox.Options{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch email := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]; {
		case r.Method == http.MethodPost:
			var row struct{ Email string }
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			_ = json.Unmarshal(body, &row)
			mu.Lock()
			_, repeated := lost[row.Email]
			wait := time.Duration(len(lost)*7%rows) * 100 * time.Millisecond
			lost[row.Email] = time.Now().Add(wait)
			mu.Unlock()
			if !repeated {
				time.Sleep(wait)
				panic(http.ErrAbortHandler)
			}
		case r.Method == http.MethodGet && strings.Contains(email, "@"):
			mu.Lock()
			looks[email] = append(looks[email], time.Since(lost[email]).Round(10*time.Millisecond).String())
			mu.Unlock()
		}
		server.ServeHTTP(w, r)
	})
	runFake(t, h, func(_ *testing.T, b *bench) {
		b.o.Workers = rows
		b.mustRun(people(rows))
	})
	if len(looks) != rows {
		t.Errorf("%d rows were looked up, want %d", len(looks), rows)
	}
	for email, got := range looks {
		if diff := cmp.Diff([]string{"0s", "1s", "3s", "8s", "20s"}, got); diff != "" {
			t.Errorf("%s was looked up (-want +got):\n%s", email, diff)
		}
	}
}

// However many rows have to wait, only so many are begun.
func TestRowsThatWaitAreBounded(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	var mu sync.Mutex
	posts := 0
	var begun []string // and lost; some are not, or the server would be taken for down
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			mu.Lock()
			posts++
			lost := posts%5 != 0
			if lost {
				begun = append(begun, personIn(r))
			}
			mu.Unlock()
			if lost {
				panic(http.ErrAbortHandler)
			}
		}
		server.ServeHTTP(w, r)
	})
	runFake(t, h, func(t *testing.T, b *bench) {
		b.input(people(2 * mostWaiting))
		ctx, cancel := context.WithTimeout(t.Context(), 900*time.Millisecond) // when all wait for their second look-up
		defer cancel()
		if err := b.start(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error is %v", err)
		}
		if len(begun) < mostWaiting || len(begun) > mostWaiting+b.o.Workers {
			t.Errorf("%d rows wait, want %d and one for each worker at most", len(begun), mostWaiting)
		}
		// Nothing of them is forgotten.
		earlier, err := results.Look(b.partial, "acme", true)
		if err != nil {
			t.Fatal(err)
		}
		defer earlier.Close()
		for _, email := range begun {
			if l, ok, err := earlier.Find(email); !ok || err != nil || !l.Unsettled() {
				t.Fatalf("%s: %v, %v, %+v; want a line that says that its create was sent", email, ok, err, l)
			}
		}
	})
}
