//go:build !windows

package budgetredis

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"guestlist/ratelimit"
	"guestlist/sandbox"
	"guestlist/sandbox/sandboxtest"
)

var (
	scale        = flag.Bool("scale", false, "run TestScale, which measures what docs/scale.md says")
	scaleN       = flag.String("scale.n", "1,8,32,100", "how many gates, organizations or processes TestScale takes, one after the other")
	scaleCalls   = flag.Int("scale.calls", 60, "the limit of TestScale: so many calls")
	scaleWindow  = flag.Duration("scale.window", 6*time.Second, "the limit of TestScale: in such a time")
	scaleWindows = flag.Int("scale.windows", 4, "how many windows TestScale looks at")
	scaleRate    = flag.String("scale.rate", "", "the --rate of the processes of TestScale; with any, its gates know the limit; empty: they find it out")
	scaleCommand = flag.String("scale.command", "import", "what the processes of TestScale do: import, or export, which only reads")
)

// TestScale measures, in real time, what sharing budgets costs a real Redis. It
// judges nothing: it logs the figures of docs/scale.md.
func TestScale(t *testing.T) {
	if !*scale {
		t.Skip("it measures for minutes: make scale")
	}
	var counts []int
	for _, text := range strings.Split(*scaleN, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		counts = append(counts, n)
	}
	t.Run("script", measureScript)
	for _, of := range []struct {
		name    string
		measure func(*testing.T, int)
	}{{"processes", measureProcesses}, {"gates", measureGates}, {"organizations", measureOrganizations}, {"idle", measureIdle}} {
		for _, n := range counts {
			t.Run(fmt.Sprintf("%s/%d", of.name, n), func(t *testing.T) { of.measure(t, n) })
		}
	}
}

// measureScript logs what one exchange costs Redis, by how much is kept.
func measureScript(t *testing.T) {
	r := &measured{real: startRedis(t)}
	for _, kept := range []struct{ fine, coarse int }{{0, 0}, {60, 0}, {200, 0}, {200, 180}, {1000, 180}, {2000, 3000}} {
		c := r.look(t)
		if err := c.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		tell, ask := Open(r.address, "acme"), Open(r.address, "acme")
		now, longest := time.Now(), 48*time.Hour
		told := ratelimit.Report{Now: now, By: "tells", Lease: 5 * second, Longest: longest, First: true}
		for i := range kept.coarse {
			told.Spent = append(told.Spent, ratelimit.Spent{At: now.Add(-minute*time.Duration(kept.coarse-i) - 20*second), Calls: [ratelimit.Classes]int{2: 1}})
		}
		for i := range kept.fine {
			told.Spent = append(told.Spent, ratelimit.Spent{At: now.Add(-time.Duration(kept.fine-i) * time.Millisecond), Calls: [ratelimit.Classes]int{2: 1}})
		}
		told.Total[2] = len(told.Spent)
		asks := ratelimit.Report{Now: now, By: "asks", Lease: 5 * second, Longest: longest}
		asks.Wanted = []ratelimit.Want{{Class: ratelimit.Create, Calls: 1}}
		asks.Budgets = []ratelimit.Use{
			{Limit: limit(ratelimit.All, 100000, minute), Since: minute}, {Limit: limit(ratelimit.All, 10000, 10*second), Since: 10 * second},
		}
		for _, step := range []struct {
			store  *Store
			report ratelimit.Report
		}{{tell, told}, {ask, asks}} {
			if _, err := step.store.Exchange(t.Context(), step.report); err != nil {
				t.Fatal(err)
			}
		}
		memory := int64(0)
		for _, key := range ask.keys {
			n, err := c.MemoryUsage(t.Context(), key).Result()
			if err != nil && err != redis.Nil {
				t.Fatal(err)
			}
			memory += n
		}
		r.reset(t)
		const times = 1000
		began := time.Now()
		for range times {
			asks.Now = time.Now()
			if _, err := ask.Exchange(t.Context(), asks); err != nil {
				t.Fatal(err)
			}
		}
		latency := time.Since(began) / times
		t.Logf("%d fine, %d coarse: %s; %v a round trip; the keys take %d bytes", kept.fine, kept.coarse, r.stats(t), latency.Round(time.Microsecond), memory)
		_, _ = tell.Close(), ask.Close()
	}
}

// measureGates logs how many gates, as in as many processes, share one limit.
func measureGates(t *testing.T, n int) {
	r := &measured{real: startRedis(t)}
	a := newAPI(20*time.Millisecond, limit(ratelimit.All, *scaleCalls, *scaleWindow))
	var o ratelimit.Options
	if *scaleRate != "" {
		o.Ceiling = ratelimit.Budget{Calls: *scaleCalls, Window: *scaleWindow}
	}
	gates := r.gates(t, n, o)
	r.reset(t)
	served, refused := crowd(t, a, gates)
	t.Logf("%d gates: %s; %d refused, %v; %d to %d calls each; %s", n, used(a.at), a.refused, refused, slices.Min(served), slices.Max(served), r.stats(t))
}

// crowd makes calls through all gates, four at once through each, until enough
// were admitted. It returns how many each gate has made, and how many were refused
// in each window.
func crowd(t *testing.T, a *api, gates []*ratelimit.Gate) (served, refused []int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*minute)
	defer cancel()
	served, refused = make([]int, len(gates)), make([]int, 1)
	began := time.Now()
	var mu sync.Mutex
	total := 0
	var group sync.WaitGroup
	for i, g := range gates {
		var own sync.WaitGroup
		for worker := range 4 {
			c := []ratelimit.Class{ratelimit.Create, ratelimit.Write}[worker%2]
			own.Go(func() {
				for {
					pass, err := g.Wait(ctx, c)
					if err != nil {
						return
					}
					answer := a.call(c)
					pass.Answered(answer)
					mu.Lock()
					if answer.Refused {
						window := int(time.Since(began) / *scaleWindow)
						for len(refused) <= window {
							refused = append(refused, 0)
						}
						refused[window]++
					} else {
						served[i]++
						total++
						if total > *scaleWindows**scaleCalls {
							cancel()
						}
					}
					mu.Unlock()
				}
			})
		}
		group.Go(func() {
			own.Wait()
			_ = g.Close(context.Background())
		})
	}
	group.Wait()
	return served, refused
}

// measureOrganizations logs the same of one process for each of many organizations.
func measureOrganizations(t *testing.T, n int) {
	r := &measured{real: startRedis(t)}
	r.reset(t)
	var group sync.WaitGroup
	began := time.Now()
	admitted, refused := make([]int, n), make([]int, n)
	for i := range n {
		s := Open(r.address, fmt.Sprintf("acme%d@go.tallyfy.com", i))
		t.Cleanup(func() { _ = s.Close() })
		g := ratelimit.New(ratelimit.Options{Store: s, Alone: 4})
		a := newAPI(20*time.Millisecond, limit(ratelimit.All, *scaleCalls, *scaleWindow))
		group.Go(func() {
			together(t, a, *scaleWindows**scaleCalls+1, 4, []*ratelimit.Gate{g}, 10*minute, ratelimit.Create, ratelimit.Write)
			admitted[i], refused[i] = len(a.at), a.refused
		})
	}
	group.Wait()
	took := time.Since(began)
	t.Logf("%d organizations: %d calls, %.0f a second, %d refused; %s", n, sum(admitted), float64(sum(admitted))/took.Seconds(), sum(refused), r.stats(t))
}

// measureIdle logs what processes ask that wait for an hour.
func measureIdle(t *testing.T, n int) {
	r := &measured{real: startRedis(t)}
	a := newAPI(0, limit(ratelimit.All, 5, hour))
	a.hidden = true
	gates := r.gates(t, n, ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 5, Window: hour}})
	together(t, a, 100, 4, gates, 8*second, ratelimit.Create)
	r.reset(t)
	together(t, a, 100, 4, gates, minute, ratelimit.Create)
	t.Logf("%d gates that wait for a minute, %d calls admitted: %s", n, a.admitted, r.stats(t))
}

// measureProcesses logs the same of real processes of the program and a sandbox.
func measureProcesses(t *testing.T, n int) {
	r := &measured{real: startRedis(t)}
	dir := t.TempDir()
	program := filepath.Join(dir, "guestlist")
	if out, err := exec.Command("go", "build", "-o", program, "guestlist").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	calls := *scaleWindows**scaleCalls + 1
	rows := (calls + n - 1) / n
	var mu sync.Mutex
	var at []time.Time
	status, reads := map[int]int{}, 0
	server := sandbox.New(sandbox.Options{Latency: 20 * time.Millisecond, Limits: []sandbox.Limit{{Class: "all", Calls: *scaleCalls, Window: *scaleWindow}}})
	listener := httptest.NewServer(sandboxtest.Watch{Handler: server, Told: func(q *http.Request, answered int) {
		mu.Lock()
		defer mu.Unlock()
		status[answered]++
		if answered != http.StatusTooManyRequests {
			at = append(at, time.Now())
			if q.Method == http.MethodGet {
				reads++
			}
		}
	}})
	t.Cleanup(listener.Close)
	r.reset(t)
	began := time.Now()
	var group sync.WaitGroup
	ends := map[string]int{}
	warned := 0
	var took []time.Duration
	for i := range n {
		own := filepath.Join(dir, strconv.Itoa(i))
		var file strings.Builder
		file.WriteString("email,first_name\n")
		for row := range rows {
			fmt.Fprintf(&file, "guest%d.%d@acme.example.com,First\n", i, row)
		}
		if err := os.Mkdir(own, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(own, "people.csv"), []byte(file.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"import", "people.csv", "--no-progress"}
		if *scaleCommand == "export" {
			args = []string{"export", "-o", "people.csv", "--no-progress", "--force"}
		}
		if *scaleRate != "" {
			args = append(args, "--rate", *scaleRate)
		}
		cmd := exec.Command(program, args...)
		cmd.Dir = own
		cmd.Env = append(os.Environ(), "TALLYFY_BASE_URL="+listener.URL+"/api", "TALLYFY_ORG_ID=acme", "TALLYFY_ACCESS_TOKEN=x",
			"GUESTLIST_BUDGETS="+r.address.String(), "GUESTLIST_STATE_DIR="+filepath.Join(own, "state"))
		group.Go(func() {
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			err := cmd.Run()
			mu.Lock()
			defer mu.Unlock()
			ends[fmt.Sprint(err)]++
			took = append(took, time.Since(began))
			if strings.Contains(stderr.String(), "Redis") {
				if warned++; warned <= 3 {
					t.Logf("process %d, done after %.1f s: %s", i, time.Since(began).Seconds(), stderr.String())
				}
			}
			if err != nil && ends[fmt.Sprint(err)] == 1 {
				t.Logf("%v: %s", err, stderr.String())
			}
		})
	}
	group.Wait()
	slices.SortFunc(at, time.Time.Compare)
	slices.Sort(took)
	t.Logf("%d processes of %d rows: ends %v, %d warned of Redis; first done after %.1f s, last after %.1f s; %d reads; answers %v; %s; %s",
		n, rows, ends, warned, took[0].Seconds(), took[n-1].Seconds(), reads, status, used(at), r.stats(t))
}

// used says how much of the limit calls have used: of all windows, and of those
// after the second, when the limit is known.
func used(at []time.Time) string {
	l, w := *scaleCalls, *scaleWindow
	last := (len(at) - 1) / l
	if last < 3 {
		return fmt.Sprintf("%d calls", len(at))
	}
	share := func(from int) float64 {
		return 100 * float64(last-from) * w.Seconds() / at[last*l].Sub(at[from*l]).Seconds()
	}
	each := make([]int, int(at[len(at)-1].Sub(at[0])/w)+1) // calls in each window
	for _, call := range at {
		each[int(call.Sub(at[0])/w)]++
	}
	return fmt.Sprintf("%d calls %v in %.1f s, %.1f %% used, %.1f %% after two windows", len(at), each, at[len(at)-1].Sub(at[0]).Seconds(), share(0), share(2))
}

func sum(all []int) (n int) {
	for _, m := range all {
		n += m
	}
	return n
}

// measured is a Redis that is looked at.
type measured struct {
	*real
	cpu   float64   // seconds, at the last reset
	since time.Time // when that was
}

// look returns a client of its own.
func (r *measured) look(t *testing.T) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: r.address.host, Protocol: 2})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// reset lets stats begin anew.
func (r *measured) reset(t *testing.T) {
	t.Helper()
	if err := r.look(t).ConfigResetStat(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	r.cpu, r.since = seconds(r.info(t)), time.Now()
}

// stats says what Redis has done since reset.
func (r *measured) stats(t *testing.T) string {
	t.Helper()
	info, took := r.info(t), time.Since(r.since).Seconds()
	var commands []string
	// Every exchange asks for the time; what is above that are looks whether it is back.
	for _, name := range []string{"evalsha", "eval", "publish", "ping", "time"} {
		if stat := info["cmdstat_"+name]; stat != "" {
			calls, rest, _ := strings.Cut(strings.TrimPrefix(stat, "calls="), ",")
			_, each, _ := strings.Cut(rest, "usec_per_call=")
			each, _, _ = strings.Cut(each, ",")
			n, _ := strconv.Atoi(calls)
			commands = append(commands, fmt.Sprintf("%s %d (%.1f/s, %s µs each)", name, n, float64(n)/took, each))
		}
	}
	return fmt.Sprintf("%s; Redis: %.1f %% of a core, %s clients, %s used", strings.Join(commands, ", "), 100*(seconds(info)-r.cpu)/took, info["connected_clients"], info["used_memory_human"])
}

// exchanges counts those since reset.
func (r *measured) exchanges(t *testing.T) (n int) {
	t.Helper()
	for _, name := range []string{"cmdstat_evalsha", "cmdstat_eval"} {
		var calls int
		_, _ = fmt.Sscanf(r.info(t)[name], "calls=%d,", &calls)
		n += calls
	}
	return n
}

// seconds is the processor time that Redis has taken.
func seconds(info map[string]string) float64 {
	user, _ := strconv.ParseFloat(info["used_cpu_user"], 64)
	system, _ := strconv.ParseFloat(info["used_cpu_sys"], 64)
	return user + system
}

func (r *measured) info(t *testing.T) map[string]string {
	t.Helper()
	text, err := r.look(t).Info(t.Context(), "everything").Result()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, line := range strings.Split(text, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		all[name] = value
	}
	return all
}
