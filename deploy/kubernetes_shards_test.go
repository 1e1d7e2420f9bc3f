package deploy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"guestlist/budgetredis/redistest"
)

// redisPassword is what the pods sign in to the Redis with.
const redisPassword = "a-redis-password"

// withRedis gives the desk a Redis in memory that wants a password.
func withRedis(d *desk) *miniredis.Miniredis {
	d.t.Helper()
	r := miniredis.RunT(d.t)
	r.RequireAuth(redisPassword)
	d.budgets = "redis://:" + redisPassword + "@" + r.Addr()
	return r
}

// shards runs the pods of an Indexed Job side by side, and returns how each ended.
func (c cluster) shards(d *desk, name string) (codes []int, said []string) {
	d.t.Helper()
	job := c.jobs[name]
	codes, said = make([]int, job.Completions), make([]string, job.Completions)
	var running sync.WaitGroup
	for i := range job.Completions {
		// Secrets and settings are laid out before, as a test may end only here.
		args, env := c.inside(d, name, job.Template.Spec, []string{"JOB_COMPLETION_INDEX=" + strconv.Itoa(i)})
		running.Go(func() { codes[i], said[i] = d.run(d.home, env, "guestlist", args...) })
	}
	running.Wait()
	return codes, said
}

// created returns how many guests the results of all shards tell of, done or not.
func (d *desk) created() (n int) {
	d.t.Helper()
	files, err := filepath.Glob(d.path("suppliers.shard-*.results.csv*"))
	d.must(err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		d.must(err)
		n += strings.Count(string(content), ",created,")
	}
	return n
}

// A big import comes to its end over two hours, and the limit of the server holds for
// all shards together.
func TestShardsShareALimitAndComeBackLater(t *testing.T) {
	t.Parallel()
	const invites = 30
	c, d := readCluster(t), newDesk(t, invites)
	redis := withRedis(d)
	later := 0
	codes, said := c.shards(d, "guestlist-shards")
	for i, code := range codes {
		switch {
		case code == 0:
		case c.jobs["guestlist-shards"].action(code) == "Ignore":
			later++
		default:
			t.Errorf("shard %d: exit code %d:\n%s", i, code, said[i])
		}
	}
	if later == 0 {
		t.Errorf("no shard comes back later: %v", codes)
	}
	if n := d.created(); n != invites {
		t.Errorf("%d guests were created in an hour, want %d", n, invites)
	}
	if len(redis.Keys()) == 0 {
		t.Error("nothing was told to the Redis")
	}
	if code, said := c.pod(d, "guestlist-merge"); code != 1 {
		t.Errorf("unfinished shards are merged: exit code %d:\n%s", code, said)
	}
	d.wantFile("suppliers.results.csv", false)

	// The next hour: as many as come.
	d.env = append(d.env, append(newDesk(t, 0).env[:2], "GUESTLIST_INVITE_CAP=none")...)
	codes, said = c.shards(d, "guestlist-shards")
	if slices.Max(codes) > 0 {
		t.Fatalf("exit codes %v:\n%s", codes, strings.Join(said, "\n"))
	}
	if code, said := c.pod(d, "guestlist-merge"); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	d.wantCreated(d.path("suppliers.results.csv"), people)
	if code, said := c.pod(d, "guestlist-acme"); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	d.wantGuests(d.path("acme.csv"), 3+people-invites) // nobody of the first hour was created again
	for i := range codes {
		d.wantFile(fmt.Sprintf("suppliers.shard-%d.json", i), true)
	}
	d.wantNothingElsewhere()
}

// A refused row is the end of its shard's Job, but neither of the others nor of the
// results.
func TestShardsWithARefusedRowAreMerged(t *testing.T) {
	t.Parallel()
	c, d := readCluster(t), newDesk(t, 0)
	withRedis(d)
	d.env = append(d.env, "GUESTLIST_INVITE_CAP=none")
	content, err := os.ReadFile(d.path("suppliers.csv"))
	d.must(err)
	_, rows, _ := strings.Cut(string(content), "\n")
	first, _, _ := strings.Cut(rows, "\n")
	d.must(os.WriteFile(d.path("suppliers.csv"), append(content, (first+"\n")...), 0o600)) // the same guest again
	codes := map[int]int{}
	end := c.jobs["guestlist-shards"].control(func(index, _ int) int {
		codes[index], _ = c.pod(d, "guestlist-shards", "JOB_COMPLETION_INDEX="+strconv.Itoa(index))
		return codes[index]
	})
	if end.condition != "Failed" || len(end.failed) != 1 || codes[end.failed[0]] != 9 || end.pods != 4 {
		t.Errorf("%+v, exit codes %v", end, codes)
	}
	if code, said := c.pod(d, "guestlist-merge"); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	d.wantCreated(d.path("suppliers.results.csv"), people)
}

func TestWhatBecomesOfAShard(t *testing.T) {
	t.Parallel()
	job := readCluster(t).jobs["guestlist-shards"]
	for _, test := range []struct {
		name string
		code int
		want string
	}{
		{"a limit is used up", 6, "Ignore"},
		{"the node goes down", 143, "Ignore"},
		{"somebody stopped it", 130, "Ignore"},
		{"the server is down, or the disk full", 1, "Count"},
		{"it needed too much memory", 137, "Count"},
		{"a flag is mistyped, for all shards", 2, "FailJob"},
		{"the secret is not accepted, of any shard", 3, "FailJob"},
		{"no such organization", 5, "FailJob"},
		{"the file cannot be used", 7, "FailIndex"},
		{"done, and some rows were refused", 9, "FailIndex"},
	} {
		if got := job.action(test.code); got != test.want {
			t.Errorf("%s: exit code %d: %s, want %s", test.name, test.code, got, test.want)
		}
	}
}

// The number of shards stands in several places, and must be the same in all.
func TestShardsAreAsManyEverywhere(t *testing.T) {
	t.Parallel()
	c := readCluster(t)
	job, merge := c.jobs["guestlist-shards"], c.jobs["guestlist-merge"]
	if job.CompletionMode != "Indexed" || job.Completions < 2 || job.Parallelism != job.Completions {
		t.Errorf("it is %q, %d of %d at once", job.CompletionMode, job.Parallelism, job.Completions)
	}
	var told string
	for _, v := range job.Template.Spec.Containers[0].Env {
		if v.Name == "GUESTLIST_SHARDS" {
			told = v.Value
		}
	}
	if told != strconv.Itoa(job.Completions) {
		t.Errorf("the pods are told of %q shards, and there are %d", told, job.Completions)
	}
	for i := range job.Completions {
		name := fmt.Sprintf("/data/suppliers.shard-%d-of-%d.results.csv", i, job.Completions)
		if !slices.Contains(merge.Template.Spec.Containers[0].Args, name) {
			t.Errorf("%s is not merged", name)
		}
	}
	if job.PodReplacementPolicy != "Failed" {
		t.Error("a shard may run twice at once while a pod ends")
	}
	if modes := c.claims["guestlist-shards"].AccessModes; !slices.Equal(modes, []string{"ReadWriteMany"}) {
		t.Errorf("not every node can write to the volume: %v", modes)
	}
}

func TestPodExportsAnOrganizationWithAProfile(t *testing.T) {
	t.Parallel()
	c, d := readCluster(t), newDesk(t, 0)
	redis := withRedis(d)
	if code, said := c.pod(d, "guestlist-acme"); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	d.wantGuests(d.path("acme.csv"), 3)
	d.wantFile("acme.json", true)
	if len(redis.Keys()) == 0 {
		t.Error("nothing was told to the Redis")
	}
	d.wantNothingElsewhere()
}

// The Redis of the recipe starts, wants the password, and is what doctor finds.
func TestRedisOfTheClusterSharesBudgets(t *testing.T) {
	t.Parallel()
	redistest.NeedsProgram(t)
	c, d := readCluster(t), newDesk(t, 0)
	server, door := c.servers["guestlist-redis"], c.doors["guestlist-redis"]
	p := server.Job.Template.Spec
	box := p.Containers[0]
	if len(door.Ports) != 1 || len(box.Ports) != 1 || door.Ports[0].Port != 6379 || door.Ports[0].TargetPort != box.Ports[0].Name || box.Ports[0].ContainerPort != 6379 {
		t.Errorf("the service has %v, the pod %v", door.Ports, box.Ports)
	}
	if want := fmt.Sprint(server.Job.Template.Metadata.Labels); fmt.Sprint(door.Selector) != want || fmt.Sprint(server.Selector) != "map[matchLabels:"+want+"]" {
		t.Errorf("the pod has %s, the service looks for %v, the deployment for %v", want, door.Selector, server.Selector)
	}
	box.Args = box.Command
	p.Containers = []container{box}
	args, env := c.inside(d, "guestlist-redis", p, nil)
	port := redistest.FreePort(t)
	cmd := exec.Command(args[0], append(args[1:], "--bind", "127.0.0.1", "--port", port)...)
	cmd.Dir, cmd.Env = d.temp, append(env, "PATH="+os.Getenv("PATH"))
	d.must(cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	doctor := func(url string) string {
		d.secret(d.path("client-secret"), 0o600)
		_, said := d.run(d.dir, []string{"GUESTLIST_BUDGETS=" + url, "TALLYFY_ORG_ID=acme", "TALLYFY_CLIENT_ID=7"},
			"guestlist", "doctor", "--client-secret-file=client-secret")
		return said
	}
	answers := "127.0.0.1:" + port + " answers"
	var said string
	for range 100 {
		if said = doctor("redis://:" + redisPassword + "@127.0.0.1:" + port); strings.Contains(said, answers) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if !strings.Contains(said, answers) {
		t.Errorf("it does not answer:\n%s", said)
	}
	if said := doctor("redis://127.0.0.1:" + port); strings.Contains(said, answers) {
		t.Errorf("it answers without a password:\n%s", said)
	}
}
