package budgetfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/go-cmp/cmp"

	"guestlist/ratelimit"
)

var _ ratelimit.Store = (*Store)(nil)

// countIn names the folder in which the test binary, as a process of its own,
// counts; see TestProcessesLoseNothing.
const countIn = "BUDGETFILE_COUNT_IN"

func TestMain(m *testing.M) {
	if folder := os.Getenv(countIn); folder != "" {
		if err := count(patient(folder), 50); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// patient returns a store that a slow machine does not make give up.
func patient(folder string) *Store {
	s := New(folder, "acme", nil)
	s.patience = time.Minute
	return s
}

// count spends a call, times times.
func count(s *Store, times int) error {
	for range times {
		if err := s.Update(context.Background(), spend); err != nil {
			return err
		}
	}
	return nil
}

func spend(state *ratelimit.State) {
	if state.Spent == nil {
		state.Spent = make([]ratelimit.Spent, 1)
	}
	state.Spent[0].Calls[ratelimit.Create]++
}

// look returns what a store keeps.
func look(t *testing.T, s *Store) ratelimit.State {
	t.Helper()
	var state ratelimit.State
	if err := s.Update(t.Context(), func(kept *ratelimit.State) { state = *kept }); err != nil {
		t.Fatal(err)
	}
	return state
}

// wantSpent checks how many calls a store says were spent.
func wantSpent(t *testing.T, s *Store, want int) {
	t.Helper()
	var got int
	for _, spent := range look(t, s).Spent {
		got += spent.Calls[ratelimit.Create]
	}
	if got != want {
		t.Errorf("%d calls are kept as spent, want %d", got, want)
	}
}

// wantFiles checks which files of acme stand in a folder, by what follows the
// name.
func wantFiles(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, strings.TrimPrefix(e.Name(), "acme.budgets."))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestStateOutlivesTheStore(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "state", "guestlist")
	at := time.Date(2026, 11, 21, 8, 41, 57, 819_000_000, time.UTC)
	want := ratelimit.State{
		Limits: []ratelimit.Known{{
			Limit: ratelimit.Limit{Scope: ratelimit.Creates, Budget: ratelimit.Budget{Calls: 30, Window: time.Hour}},
			Shown: true, At: at,
		}},
		Pauses: []ratelimit.Pause{{Class: ratelimit.Create, At: at, Until: at.Add(time.Hour)}},
		Spent:  []ratelimit.Spent{{Seq: 7, By: "a", At: at, Calls: [ratelimit.Classes]int{1, 2, 3}}},
		Leases: map[string]ratelimit.Lease{"a": {Until: at.Add(time.Second), Calls: [ratelimit.Classes]int{10, 0, 0}}},
		Seq:    7,
	}
	if err := New(folder, "acme", nil).Update(t.Context(), func(state *ratelimit.State) { *state = want }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, look(t, New(folder, "acme", nil))); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(ratelimit.State{}, look(t, New(folder, "globex", nil))); diff != "" {
		t.Errorf("state of another organization (-want +got):\n%s", diff)
	}
	for name, want := range map[string]fs.FileMode{".": 0o700, "acme.budgets.json": 0o600, "acme.budgets.guard": 0o600} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want mode %v", name, info, err, want)
		}
	}
	wantFiles(t, folder, "guard", "json", "globex.budgets.guard")
}

func TestStoresLoseNothing(t *testing.T) {
	folder := t.TempDir()
	stores := []*Store{patient(folder), patient(folder)}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if err := count(stores[i%2], 25); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, s := range stores {
		wantSpent(t, s, 200)
	}
	wantFiles(t, folder, "guard", "json")
}

func TestProcessesLoseNothing(t *testing.T) {
	folder := t.TempDir()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			process := exec.Command(os.Args[0])
			// The race detector sleeps for a second at an exit unless told not to.
			process.Env = append(os.Environ(), countIn+"="+folder, "GORACE=atexit_sleep_ms=10")
			if out, err := process.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	all.Wait()
	wantSpent(t, New(folder, "acme", nil), 200)
}

func TestWhatDidNotChangeIsNotWritten(t *testing.T) {
	folder := t.TempDir()
	s := New(folder, "acme", nil)
	wantSpent(t, s, 0)
	wantFiles(t, folder, "guard")
	if err := count(s, 1); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(s.path)
	if err != nil {
		t.Fatal(err)
	}
	wantSpent(t, s, 1)
	after, err := os.Stat(s.path)
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) {
		t.Error("the file was replaced by an equal one")
	}
}

func TestPanicGivesTheLockUp(t *testing.T) {
	s := New(t.TempDir(), "acme", nil)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = s.Update(t.Context(), func(*ratelimit.State) { panic("a mistake") })
	}()
	lock := flock.New(s.lock)
	defer lock.Close()
	if free, err := lock.TryLock(); !free || err != nil {
		t.Errorf("the lock is free: %v, %v", free, err)
	}
}

// What the next update would set aside is better never written.
func TestAbsurdStateIsNotKept(t *testing.T) {
	for name, change := range map[string]func(*ratelimit.State){
		"negative calls":  func(state *ratelimit.State) { state.Spent[0].Calls[ratelimit.Read] = -1 },
		"a huge state":    func(state *ratelimit.State) { state.Spent[0].By = strings.Repeat("x", largest) },
		"a year too late": func(state *ratelimit.State) { state.Spent[0].At = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			s := New(folder, "acme", func(err error) { t.Error(err) })
			if err := count(s, 1); err != nil {
				t.Fatal(err)
			}
			if err := s.Update(t.Context(), change); err == nil {
				t.Error("it was kept")
			}
			wantSpent(t, s, 1)
			wantFiles(t, folder, "guard", "json")
		})
	}
}

// A process that was stopped while it held the lock blocks no run for ever.
func TestLockHeldForTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(t.TempDir(), "acme", nil)
		lock := flock.New(s.lock)
		if _, err := lock.TryLock(); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		err := s.Update(t.Context(), func(*ratelimit.State) { t.Error("the state was changed") })
		want := "keep the budgets in " + s.path + ": another process holds " + s.lock + " for too long: let it go on or end it"
		if err == nil || err.Error() != want {
			t.Errorf("error is %v, want %s", err, want)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			t.Error("the error passes for one of the context")
		}
		if waited := time.Since(began); waited != 500*time.Millisecond {
			t.Errorf("waited for %v", waited)
		}

		time.AfterFunc(400*time.Millisecond, func() { _ = lock.Unlock() })
		if err := s.Update(t.Context(), spend); err != nil {
			t.Errorf("the lock was given up in time: %v", err)
		}
		wantSpent(t, s, 1)
	})
}

func TestStoppedWhileWaiting(t *testing.T) {
	for name, stopped := range map[string]struct {
		after time.Duration
		stop  func(context.Context) (context.Context, context.CancelFunc)
		want  error
	}{
		"cancelled before": {0, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}, context.Canceled},
		"cancelled": {300 * time.Millisecond, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(300*time.Millisecond, cancel)
			return ctx, cancel
		}, context.Canceled},
		"out of time": {300 * time.Millisecond, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 300*time.Millisecond)
		}, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := New(t.TempDir(), "acme", nil)
				lock := flock.New(s.lock)
				if _, err := lock.TryLock(); err != nil {
					t.Fatal(err)
				}
				defer lock.Close()
				ctx, cancel := stopped.stop(t.Context())
				defer cancel()
				began := time.Now()
				err := s.Update(ctx, func(*ratelimit.State) { t.Error("the state was changed") })
				if !errors.Is(err, stopped.want) {
					t.Errorf("error is %v, want %v", err, stopped.want)
				}
				if waited := time.Since(began); waited != stopped.after {
					t.Errorf("waited for %v, want %v", waited, stopped.after)
				}
			})
		})
	}
}

func TestWhatStandsInTheWay(t *testing.T) {
	for name, file := range map[string]string{
		"of the lock":           "acme.budgets.guard",
		"of the temporary file": "acme.budgets.json.tmp",
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			s := New(folder, "acme", func(err error) { t.Error(err) })
			if err := count(s, 1); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, file)
			_ = os.Remove(path)
			if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
				t.Fatal(err)
			}
			err := s.Update(t.Context(), spend)
			if err == nil || !strings.HasPrefix(err.Error(), "keep the budgets in "+s.path+": ") || !strings.Contains(err.Error(), path+": ") {
				t.Errorf("error is %v", err)
			}
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			wantSpent(t, s, 1)
		})
	}
}

// Whatever keeps the new file from its place, nothing of it is left behind.
func TestFileThatCannotBeReplaced(t *testing.T) {
	folder := t.TempDir()
	s := New(folder, "acme", nil)
	err := s.Update(t.Context(), func(state *ratelimit.State) {
		spend(state)
		if err := os.Mkdir(s.path, 0o700); err != nil {
			t.Error(err)
		}
	})
	if err == nil {
		t.Error("a folder was replaced")
	}
	wantFiles(t, folder, "guard", "json")
}

func TestFolderThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := New(filepath.Join(file, "state"), "acme", nil)
	err := s.Update(t.Context(), spend)
	if err == nil || !strings.HasPrefix(err.Error(), "keep the budgets in "+s.path+": ") {
		t.Errorf("error is %v", err)
	}
}

// A process that was killed has left the temporary file, or somebody has put
// something in its place.
func TestLeftOverIsReplaced(t *testing.T) {
	for name, leave := range map[string]func(path, precious string) error{
		"half a file": func(path, _ string) error { return os.WriteFile(path, []byte(`{"spent":[{"se`), 0o644) },
		"a link":      func(path, precious string) error { return os.Symlink(precious, path) },
		"a folder":    func(path, _ string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			folder, precious := t.TempDir(), filepath.Join(t.TempDir(), "precious")
			if err := os.WriteFile(precious, []byte("precious"), 0o600); err != nil {
				t.Fatal(err)
			}
			s := New(folder, "acme", func(err error) { t.Error(err) })
			if err := leave(s.path+".tmp", precious); err != nil {
				t.Fatal(err)
			}
			if err := count(s, 1); err != nil {
				t.Fatal(err)
			}
			wantSpent(t, s, 1)
			wantFiles(t, folder, "guard", "json")
			if info, err := os.Lstat(s.path); err != nil || !info.Mode().IsRegular() || runtime.GOOS != "windows" && info.Mode() != 0o600 {
				t.Errorf("there stands %v, %v", info, err)
			}
			if got, err := os.ReadFile(precious); string(got) != "precious" {
				t.Errorf("what the link led to holds %q, %v", got, err)
			}
		})
	}
}

// BenchmarkUpdate notes a call among two hundred.
func BenchmarkUpdate(b *testing.B) {
	s := New(b.TempDir(), "acme", func(err error) { b.Error(err) })
	at := time.Date(2026, 11, 21, 8, 41, 57, 819_000_000, time.UTC)
	fill := func(state *ratelimit.State) {
		for len(state.Spent) < 200 {
			state.Seq++
			state.Spent = append(state.Spent, ratelimit.Spent{Seq: state.Seq, By: "host/12345", At: at, Calls: [ratelimit.Classes]int{10, 0, 1}})
			at = at.Add(time.Second)
		}
	}
	if err := s.Update(b.Context(), fill); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		err := s.Update(b.Context(), func(state *ratelimit.State) {
			state.Spent = state.Spent[1:]
			fill(state)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// Calls that others made while an exchange waited for its turn would count for too
// short otherwise.
func TestAnExchangeGoesByTheTimeOfItsTurn(t *testing.T) {
	folder := t.TempDir()
	var made time.Time
	done := make(chan error, 1)
	if err := patient(folder).Update(t.Context(), func(state *ratelimit.State) {
		go func() {
			_, err := patient(folder).Exchange(t.Context(), ratelimit.Report{Now: time.Now(), By: "waits", Longest: time.Minute})
			done <- err
		}()
		time.Sleep(50 * time.Millisecond)
		made = time.Now()
		spend(state)
		state.Spent[0].At = made
	}); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if state := look(t, patient(folder)); len(state.Spent) != 1 || !state.Spent[0].At.Equal(made) {
		t.Errorf("%+v were made, want one at %v", state.Spent, made)
	}
}
