//go:build !windows

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"guestlist/budgetredis/redistest"
	"guestlist/sandbox"
	"guestlist/sandbox/sandboxtest"
)

// hosts are processes that share the limits of one sandbox through a Redis, each
// with a state folder of its own, as if it were on another host.
type hosts struct {
	t       *testing.T
	program string
	redis   *redistest.Server
	server  *sandbox.Sandbox
	url     string

	mu       sync.Mutex
	admitted int
	refused  int
	windows  int // that the limit needed
	ends     time.Time
	window   time.Duration
}

func newHosts(t *testing.T, calls int, window time.Duration) *hosts {
	t.Helper()
	h := &hosts{t: t, redis: redistest.Start(t), program: filepath.Join(t.TempDir(), "guestlist"), window: window}
	if out, err := exec.Command("go", "build", "-o", h.program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	h.server = sandbox.New(sandbox.Options{Latency: 10 * time.Millisecond, Limits: []sandbox.Limit{{Class: "all", Calls: calls, Window: window}}})
	front := httptest.NewServer(sandboxtest.Watch{Handler: h.server, Told: h.count})
	t.Cleanup(front.Close)
	h.url = front.URL + "/api"
	return h
}

// flush makes Redis forget everything.
func (h *hosts) flush() {
	h.t.Helper()
	client := redis.NewClient(&redis.Options{Addr: h.redis.Host, Protocol: 2})
	defer client.Close()
	if err := client.FlushAll(context.Background()).Err(); err != nil {
		h.t.Fatal(err)
	}
}

// count counts what the sandbox answers.
func (h *hosts) count(_ *http.Request, status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if status == http.StatusTooManyRequests {
		h.refused++
		return
	}
	h.admitted++
	if now := time.Now(); !now.Before(h.ends) {
		h.windows++
		h.ends = now.Add(h.window)
	}
}

// until waits until so many calls were admitted.
func (h *hosts) until(calls int) {
	for range 6000 {
		h.mu.Lock()
		admitted := h.admitted
		h.mu.Unlock()
		if admitted >= calls {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.t.Error("nobody gets on")
}

// start begins the import of one host, with so many rows.
func (h *hosts) start(host, rows int, flags ...string) (*exec.Cmd, *strings.Builder) {
	h.t.Helper()
	dir := filepath.Join(h.t.TempDir(), "host")
	return h.startIn(dir, host, rows, flags...)
}

func (h *hosts) startIn(dir string, host, rows int, flags ...string) (*exec.Cmd, *strings.Builder) {
	h.t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		h.t.Fatal(err)
	}
	file := "email\n"
	for row := range rows {
		file += fmt.Sprintf("guest%d-%d@acme.example.com\n", host, row)
	}
	if err := os.WriteFile(filepath.Join(dir, "people.csv"), []byte(file), 0o600); err != nil {
		h.t.Fatal(err)
	}
	cmd := exec.Command(h.program, append([]string{"import", "people.csv", "--mode", "create", "--yes", "--no-progress"}, flags...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GUESTLIST_STATE_DIR="+dir, "TALLYFY_BASE_URL="+h.url, "TALLYFY_ORG_ID=acme", "TALLYFY_ACCESS_TOKEN=x",
		"GUESTLIST_BUDGETS=redis://"+h.redis.Host, "GUESTLIST_RATE=10000/s")
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	return cmd, &said
}

// check wants every guest there once, and few refusals and windows.
func (h *hosts) check(guests, refusals, windows int) {
	h.t.Helper()
	if got := len(h.server.Guests()); got != guests {
		h.t.Errorf("there are %d guests, want %d", got, guests)
	}
	h.t.Logf("%d calls in %d windows, %d refused", h.admitted, h.windows, h.refused)
	if h.refused > refusals {
		h.t.Errorf("%d calls were refused", h.refused)
	}
	if h.windows > windows {
		h.t.Errorf("it took %d windows", h.windows)
	}
}

// Eight hosts keep within a limit together that costs them one refusal, though one
// of them is killed and Redis forgets everything in the middle.
func TestHostsShareALimit(t *testing.T) {
	t.Parallel()
	const processes, rows = 8, 40
	h := newHosts(t, 60, 3*time.Second)
	var group sync.WaitGroup
	killed := filepath.Join(t.TempDir(), "killed")
	victim, _ := h.startIn(killed, 0, rows)
	var told []*strings.Builder
	for host := 1; host < processes; host++ {
		cmd, said := h.start(host, rows)
		told = append(told, said)
		group.Go(func() {
			if err := cmd.Wait(); err != nil {
				t.Errorf("host %d: %v\n%s", host, err, said)
			}
		})
	}
	h.until(80)
	_ = victim.Process.Kill()
	_ = victim.Wait()
	h.until(140)
	again, said := h.startIn(killed, 0, rows, "--resume")
	h.until(260) // its lease is over, and one window more
	h.flush()
	if err := again.Wait(); err != nil {
		t.Errorf("the one that was killed: %v\n%s", err, said)
	}
	group.Wait()
	why := func(said *strings.Builder) bool {
		return strings.Contains(said.String(), "the Redis has lost what was done lately")
	}
	if !slices.ContainsFunc(append(told, said), why) {
		t.Error("nobody says why nothing moves after the flush")
	}
	// A refusal to learn it, and one for what nobody had told when Redis forgot. Six
	// windows hold all calls; more are for the calls of the one that was killed.
	h.check(processes*rows, 2, 9)
}

// Redis that does not answer, and one that begins anew with nothing, cost no row.
func TestHostsWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	const processes, rows = 3, 60
	h := newHosts(t, 30, 2*time.Second)
	var group sync.WaitGroup
	var warned [processes]string
	for host := range processes {
		cmd, said := h.start(host, rows)
		group.Go(func() {
			if err := cmd.Wait(); err != nil {
				t.Errorf("host %d: %v\n%s", host, err, said)
			}
			warned[host] = said.String()
		})
	}
	h.until(40)
	h.redis.Stop()
	h.until(70)
	h.redis.Continue()
	h.until(100)
	h.redis.Kill()
	h.until(120)
	h.redis.Restart(t)
	group.Wait()
	// To learn it, and what those who are alone cannot know of each other: once, all
	// that the eight workers of each have under way.
	h.check(processes*rows, 1+8*processes, 16) // seven hold all calls, if nobody is ever alone
	for host, said := range warned {
		if !strings.Contains(said, "until it works this run goes on alone, with a quarter of every limit") {
			t.Errorf("host %d does not say that it is alone:\n%s", host, said)
		}
	}
}
