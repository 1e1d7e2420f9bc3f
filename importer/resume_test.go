package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/results"
	"guestlist/sandbox"
)

// However often a run is stopped, after whichever call, the results are those
// of a run that was never stopped, and nobody is created twice.
func TestResumeAfterAStopAtEveryCall(t *testing.T) {
	file := people(12) + "bad,,,\nGUEST3@acme.example.com,,,\n"
	calm := sandbox.New(sandbox.Options{})
	whole := newBench(t, calm)
	want := outcomes(whole.mustRun(file))
	calls := len(calm.Log())
	if calls < 15 {
		t.Fatalf("%d calls, want one for each row at least", calls)
	}
	for stop := 1; stop <= calls; stop++ {
		t.Run(fmt.Sprintf("after call %d", stop), func(t *testing.T) {
			var cancel context.CancelFunc
			server := sandbox.New(stopsAt(stop, &cancel))
			// In fake time, as a resume waits for creates that may be under way.
			runFake(t, server, func(t *testing.T, b *bench) {
				var ctx context.Context
				ctx, cancel = context.WithCancel(t.Context())
				defer cancel()
				b.input(file)
				if err := b.start(ctx); err == nil {
					// Nothing was left to do after this call.
					if diff := cmp.Diff(want, outcomes(b.lines())); diff != "" {
						t.Fatalf("a run that was cancelled reports success (-want +got):\n%s", diff)
					}
					return
				} else if !errors.Is(err, context.Canceled) {
					t.Fatalf("error is %v, want %v", err, context.Canceled)
				}
				if err := b.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, outcomes(b.lines())); diff != "" {
					t.Errorf("results (-never stopped +resumed):\n%s", diff)
				}
			})
			if twice := server.Twice(); len(twice) > 0 {
				t.Errorf("created twice: %v", twice)
			}
		})
	}
}

// Whenever a run is cancelled, it reports the cancellation or has done it all.
func TestCancelledRunNeverReportsSuccessWithARowOpen(t *testing.T) {
	for i := range 300 {
		ctx, cancel := context.WithCancel(t.Context())
		server := sandbox.New(sandbox.Options{OnRequest: func(r *http.Request) {
			if r.Method == http.MethodPost && i%3 != 0 {
				cancel()
			}
			if r.Method == http.MethodPut && i%3 == 0 {
				cancel()
			}
		}, Faults: []sandbox.Fault{{Kind: sandbox.CutBefore, Percent: 50, Class: "create"}}})
		runFake(t, server, func(t *testing.T, b *bench) {
			b.o.Workers = 1 + i%4
			b.input(people(1 + i%3))
			err := b.start(ctx)
			if err == nil {
				for _, l := range b.lines() {
					if l.Status != results.Created {
						t.Fatalf("round %d reports success, and row %d is %s", i, l.Row, l.Status)
					}
				}
			} else if !errors.Is(err, context.Canceled) {
				t.Fatalf("round %d: %v", i, err)
			}
		})
		cancel()
	}
}

// annWasSent leaves the partial file of a run that died at that time, when it had
// sent a create.
func (b *bench) annWasSent(at time.Time) {
	b.t.Helper()
	journal, err := results.Start(b.partial, false)
	if err != nil {
		b.t.Fatal(err)
	}
	sending := results.Line{Row: 1, Line: 2, Email: "ann@acme.example.com", Status: results.Sending, Attempts: 1, FinishedAt: at, Org: "acme"}
	if err := errors.Join(journal.Note(sending), journal.Close()); err != nil {
		b.t.Fatal(err)
	}
}

// runStillAtWork is runFake against a server that, if it works, makes a guest of
// Ann five seconds after the bubble began.
func runStillAtWork(t *testing.T, server *sandbox.Sandbox, works bool, do func(t *testing.T, b *bench, began time.Time)) {
	t.Helper()
	var began time.Time
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if works && time.Since(began) > 5*time.Second {
			server.Put(sandbox.Guest{Email: "ann@acme.example.com"})
		}
		server.ServeHTTP(w, r)
	})
	runFake(t, h, func(t *testing.T, b *bench) {
		began = time.Now()
		do(t, b, began)
	})
}

// A line of a clock that was wrong does not hold up a resume.
func TestSendingLineFromTheFuture(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	runFake(t, server, func(t *testing.T, b *bench) {
		b.annWasSent(time.Now().Add(24 * time.Hour))
		began := time.Now()
		if l := b.mustRun("email\nann@acme.example.com\n")[0]; l.Status != results.Created {
			t.Errorf("the row ended as %+v", l)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

// Wherever a crash leaves the journal, a resume from there gives what a run that
// was never stopped gives.
func TestResumeFromTheJournalAtEveryCall(t *testing.T) {
	file := people(6) + "bad,,,\n"
	want := outcomes(newBench(t, sandbox.New(sandbox.Options{})).mustRun(file))
	for _, kind := range []string{"", sandbox.CutAfter, sandbox.ErrorAfter} {
		for call := 1; ; call++ {
			var b *bench
			var seen atomic.Int64
			var copied []byte
			o := sandbox.Options{OnRequest: func(*http.Request) {
				if seen.Add(1) == int64(call) {
					copied, _ = os.ReadFile(b.partial)
				}
			}}
			if kind != "" {
				o.Faults = []sandbox.Fault{{Kind: kind, Percent: 60, Class: "create"}}
			}
			server := sandbox.New(o)
			runFake(t, server, func(t *testing.T, fresh *bench) {
				b = fresh
				b.mustRun(file)
				// The server has everything by now; the journal of the crash has not.
				if err := os.WriteFile(b.partial, copied, 0o600); err != nil {
					t.Fatal(err)
				}
				if copied == nil {
					return
				}
				for i, l := range b.mustRun(file) {
					if got := outcomes([]results.Line{l})[0]; got != want[i] && !strings.Contains(got, " unchanged none") {
						t.Errorf("%s, crash at call %d: %q, want %q", kind, call, got, want[i])
					}
				}
			})
			if twice := server.Twice(); len(twice) > 0 {
				t.Errorf("%s, crash at call %d: created twice: %v", kind, call, twice)
			}
			if seen.Load() < int64(call) {
				break
			}
		}
	}
}

func TestInputThatChangesStopsTheRun(t *testing.T) {
	before := people(20)
	for name, after := range map[string]string{
		"another value":  strings.Replace(before, "First 7", "First x", 1),
		"a row more":     before + "more@acme.example.com,,,\n",
		"a row less":     before[:strings.LastIndex(before[:len(before)-1], "\n")+1],
		"another header": strings.Replace(before, "last_name", "company_name", 1),
		"no header":      "",
	} {
		// The plan takes two passes, the rows without calls one, the others the rest.
		for pass := 2; pass <= 5; pass++ {
			name := fmt.Sprintf("%s from pass %d on", name, pass)
			t.Run(name, func(t *testing.T) {
				server := sandbox.New(sandbox.Options{})
				b := newBench(t, server)
				passes := 0
				b.o.Open = func() (io.ReadCloser, error) {
					file := before
					if passes++; passes >= pass {
						file = after
					}
					return io.NopCloser(strings.NewReader(file)), nil
				}
				if err := b.start(t.Context()); !errors.Is(err, ErrInputChanged) {
					t.Fatalf("error is %v, want %v", err, ErrInputChanged)
				}
				b.input(before)
				if err := b.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				if twice := server.Twice(); len(twice) > 0 || len(server.Guests()) != 20 {
					t.Errorf("created twice: %v; there are %d guests", twice, len(server.Guests()))
				}
			})
		}
	}
}

// An edited, re-ordered or shortened file resumes by person, not by row.
func TestResumeByPerson(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seen atomic.Int64
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && seen.Add(1) == 10 {
			cancel()
		}
		server.ServeHTTP(w, r)
	})
	rows := strings.Split(strings.TrimSpace(people(30)), "\n")
	edited := []string{rows[0], "new@acme.example.com,New,,"}
	for i := len(rows) - 1; i > 5; i-- {
		edited = append(edited, strings.ToUpper(rows[i]))
	}
	// In fake time, as a resume waits for creates that may be under way.
	runFake(t, h, func(t *testing.T, b *bench) {
		b.input(people(30))
		if err := b.start(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("error is %v", err)
		}
		lines := b.mustRun(strings.Join(edited, "\n"))
		if len(lines) != len(edited)-1 {
			t.Fatalf("%d lines, want %d", len(lines), len(edited)-1)
		}
		for i, l := range lines {
			if l.Status != results.Created || l.Row != i+1 || l.Line != i+2 {
				t.Errorf("line %d is %+v", i+1, l)
			}
		}
	})
	if twice := server.Twice(); len(twice) > 0 {
		t.Errorf("created twice: %v", twice)
	}
}

// A create that was under way when an earlier run died is not sent again while
// the server may still be at work on it.
func TestResumeWhileTheServerIsStillAtWork(t *testing.T) {
	for _, tc := range []struct {
		mode  Mode
		age   time.Duration // of the line
		works bool          // the server has got the create
		want  results.Status
		sent  int // again
	}{
		{Upsert, 0, true, results.Created, 0},
		{Create, 0, true, results.Created, 0},
		{Update, 0, true, results.Created, 0},
		{Upsert, 0, false, results.Created, 1},
		{Create, 0, false, results.Created, 1},
		{Update, 0, false, results.Failed, 0}, // not a guest of this organization
		// The call may have been on its way for a minute.
		{Upsert, 59 * time.Second, true, results.Created, 0},
		{Upsert, 59 * time.Second, false, results.Created, 1},
	} {
		t.Run(fmt.Sprintf("%s, %s, %v", tc.mode, tc.age, tc.works), func(t *testing.T) {
			server := sandbox.New(sandbox.Options{})
			runStillAtWork(t, server, tc.works, func(t *testing.T, b *bench, began time.Time) {
				b.annWasSent(began.Add(-tc.age))
				b.o.Mode = tc.mode
				if l := b.mustRun("email\nann@acme.example.com\n")[0]; l.Status != tc.want || l.Attempts != 1+tc.sent {
					t.Errorf("the row ended as %+v", l)
				}
			})
			if admitted, _ := server.Creates("ann@acme.example.com"); admitted != tc.sent {
				t.Errorf("the create was sent %d times again, want %d", admitted, tc.sent)
			}
		})
	}
}

// A server that is at work on a lost create has its time from when it was lost,
// also when the run ends then and another goes on at once.
func TestResumeRightAfterASlowLoss(t *testing.T) {
	for _, tc := range []struct {
		name string
		stop func(b *bench, cancel context.CancelFunc)
	}{
		{"an outage", func(b *bench, _ context.CancelFunc) { b.o.MaxFailures = 1 }},
		{"a signal when it was lost", func(_ *bench, cancel context.CancelFunc) { time.AfterFunc(31*time.Second, cancel) }},
		{"a signal, and no answer within its grace", func(_ *bench, cancel context.CancelFunc) { time.AfterFunc(15*time.Second, cancel) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{})
			posts := 0
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					if posts++; posts == 1 {
						time.AfterFunc(36*time.Second, func() { server.Put(sandbox.Guest{Email: "ann@acme.example.com"}) })
						time.Sleep(30 * time.Second)
						panic(http.ErrAbortHandler)
					}
				}
				server.ServeHTTP(w, r)
			})
			runFake(t, h, func(t *testing.T, b *bench) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				tc.stop(b, cancel)
				b.input("email\nann@acme.example.com\n")
				if err := b.start(ctx); err == nil {
					t.Fatal("the run came to its end")
				}
				b.o.MaxFailures = 0
				if l := b.mustRun("email\nann@acme.example.com\n")[0]; l.Status != results.Created || l.Attempts != 1 || posts != 1 {
					t.Errorf("after %d creates the row ended as %+v", posts, l)
				}
			})
		})
	}
}

// Once the server has had its time, one look is enough.
func TestResumeLongAfterALoss(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	posts := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if posts++; posts == 1 {
				panic(http.ErrAbortHandler)
			}
		}
		server.ServeHTTP(w, r)
	})
	runFake(t, h, func(t *testing.T, b *bench) {
		b.o.MaxFailures = 1
		b.input("email\nann@acme.example.com\n")
		if err := b.start(t.Context()); !errors.Is(err, ErrOutage) {
			t.Fatalf("the run ended with %v", err)
		}
		time.Sleep(21 * time.Second)
		began := time.Now()
		if l := b.mustRun("email\nann@acme.example.com\n")[0]; l.Status != results.Created || l.Attempts != 2 {
			t.Errorf("the row ended as %+v", l)
		}
		if took := time.Since(began); took >= time.Second {
			t.Errorf("the resume took %s", took)
		}
	})
}

// What became of a create is found out even if its row would be refused now.
func TestRowThatIsNotValidAnyMoreIsSettled(t *testing.T) {
	for _, tc := range []struct {
		name  string
		works bool // the server has got the create
		file  string
		want  []string
	}{
		{"the guest is there", true, "email,timezone\nann@acme.example.com,Nowhere\n", []string{"1 ann@acme.example.com created create the row is not valid any more:"}},
		{"the guest is there, and members are asked for", true, "email,timezone,associated_members\nann@acme.example.com,Nowhere,1001\n", []string{
			"1 ann@acme.example.com failed create created, but not associated; the row is not valid any more:",
		}},
		{"nobody is there", false, "email,timezone\nann@acme.example.com,Nowhere\n", []string{"1 ann@acme.example.com invalid none"}},
		{"a valid row follows", true, "email,timezone\nann@acme.example.com,Nowhere\nAnn@acme.example.com,\n", []string{
			"1 ann@acme.example.com invalid none", "2 Ann@acme.example.com created create",
		}},
		{"another that is not valid follows", true, "email,timezone\nann@acme.example.com,Nowhere\nann@acme.example.com,There\n", []string{
			"1 ann@acme.example.com created create the row is not valid any more:", "2 ann@acme.example.com invalid none",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := sandbox.New(sandbox.Options{})
			runStillAtWork(t, server, tc.works, func(t *testing.T, b *bench, began time.Time) {
				b.annWasSent(began)
				lines := b.mustRun(tc.file)
				got := outcomes(lines)
				for i := range got {
					got[i], _, _ = strings.Cut(got[i], " timezone:")
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if b.plan.Gone != 0 {
					t.Errorf("%d are gone", b.plan.Gone)
				}
				if server.Calls()["create"] != nil {
					t.Error("a create was sent")
				}
			})
		})
	}
}

// When the journal cannot be written any more, nothing more is sent, and a
// resume goes on from what it holds.
func TestJournalThatBreaksStopsTheRun(t *testing.T) {
	var journal *results.Journal
	var posts, after atomic.Int64
	var broken atomic.Bool
	server := sandbox.New(sandbox.Options{OnRequest: func(r *http.Request) {
		if r.Method != http.MethodPost {
			return
		}
		if broken.Load() {
			after.Add(1)
		}
		if posts.Add(1) == 10 {
			_ = journal.Close() // every write fails from now on
			broken.Store(true)
		}
	}})
	runFake(t, server, func(t *testing.T, b *bench) {
		b.input(people(100))
		var err error
		if journal, err = results.Start(b.partial, false); err != nil {
			t.Fatal(err)
		}
		plan, err := NewPlan(t.Context(), b.o)
		if err != nil {
			t.Fatal(err)
		}
		if err := plan.NewRun(journal).Do(t.Context()); err == nil || !strings.Contains(err.Error(), "write the partial results") {
			t.Fatalf("error is %v, want that of the journal", err)
		}
		if n := after.Load(); n > int64(b.o.Workers) {
			t.Errorf("%d creates left after the journal was gone; at most those under way may", n)
		}
		broken.Store(false)
		if err := b.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, l := range b.lines() {
			if l.Status != results.Created {
				t.Errorf("after a resume %s is %s: %s", l.Email, l.Status, l.Error)
			}
		}
	})
	if twice := server.Twice(); len(twice) > 0 {
		t.Errorf("created twice: %v", twice)
	}
}
