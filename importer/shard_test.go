package importer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"guestlist/results"
	"guestlist/sandbox"
	"guestlist/sandbox/sandboxtest"
)

// inShards imports a file in so many shards, one after the other in some order, and
// returns the results of all in the order of their rows.
func inShards(b *bench, file string, order []int) (all []results.Line) {
	b.t.Helper()
	for _, i := range order {
		b.o.Shard = results.Shard{Index: i, Count: len(order)}
		lines := b.mustRun(file)
		if n := b.plan.Counts; n.Rows != len(lines) {
			b.t.Errorf("shard %s has %d rows and %d lines of results", b.o.Shard, n.Rows, len(lines))
		}
		all = append(all, lines...)
	}
	slices.SortFunc(all, func(a, b results.Line) int { return a.Row - b.Row })
	return all
}

// However an input is cut into shards, together they come to what one run does.
func TestShardsComeToWhatOneRunDoes(t *testing.T) {
	emails := []string{"", "bad", "ann@acme.example.com", "ANN@acme.example.com ", "bob@acme.example.com", "there@acme.example.com", "\"x", "Cy <cy@acme.example.com>"}
	for i := range 12 {
		emails = append(emails, fmt.Sprintf("guest%d@acme.example.com", i))
	}
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SliceOfN(rapid.SampledFrom(emails), 0, 25).Draw(rt, "emails")
		count := rapid.IntRange(1, 5).Draw(rt, "shards")
		order := rapid.Permutation(slices.Collect(seq(count))).Draw(rt, "order")
		mode := rapid.SampledFrom([]Mode{Upsert, Create, Update, Delete}).Draw(rt, "mode")
		fix := rapid.Bool().Draw(rt, "fix")
		file := "email,first_name\n"
		for i, email := range rows {
			file += fmt.Sprintf("%s,Name %d\n", email, i)
		}
		one := func(do func(b *bench) []results.Line) []string {
			server := sandbox.New(sandbox.Options{})
			server.Put(sandbox.Guest{Email: "there@acme.example.com"})
			b := newBenchAt(t, "http://127.0.0.1/api", sandboxtest.Direct{Handler: server})
			b.o.Mode, b.o.Fix = mode, fix
			return outcomes(do(b))
		}
		want := one(func(b *bench) []results.Line { return b.mustRun(file) })
		got := one(func(b *bench) []results.Line { return inShards(b, file, order) })
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Errorf("%d shards of\n%s(-one run +shards):\n%s", count, file, diff)
		}
	})
}

func seq(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// Shards that run side by side create everybody, and nobody twice.
func TestShardsSideBySide(t *testing.T) {
	const count = 4
	server := sandbox.New(sandbox.Options{})
	file := people(100) + strings.ReplaceAll(people(30), "guest", "GUEST")[len("email,first_name,last_name,associated_members\n"):] + "bad,,,\n,,,x\n"
	var all sync.WaitGroup
	benches := make([]*bench, count)
	for i := range benches {
		benches[i] = newBenchAt(t, "http://127.0.0.1/api", sandboxtest.Direct{Handler: server})
		benches[i].o.Shard = results.Shard{Index: i, Count: count}
		benches[i].input(file)
		all.Go(func() {
			if err := benches[i].start(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	seen := map[int]results.Line{}
	statuses := map[results.Status]int{}
	for _, b := range benches {
		for _, l := range b.lines() {
			if other, twice := seen[l.Row]; twice {
				t.Errorf("row %d is in two shards: %v and %v", l.Row, other, l)
			}
			seen[l.Row] = l
			statuses[l.Status]++
			if l.Line != l.Row+1 {
				t.Errorf("row %d is said to stand on line %d", l.Row, l.Line)
			}
		}
		if n := b.plan.Counts; n.Rows+n.Others != 132 {
			t.Errorf("%d own rows and %d of others, want 132 together", n.Rows, n.Others)
		}
	}
	want := map[results.Status]int{results.Created: 100, results.Duplicate: 30, results.Invalid: 2}
	if diff := cmp.Diff(want, statuses); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if twice := server.Twice(); len(twice) > 0 {
		t.Errorf("created twice: %v", twice)
	}
}

// A shard that is stopped, after whichever call, is gone on with as a whole run is.
func TestShardResumesAfterAStopAtEveryCall(t *testing.T) {
	file := people(20) + "bad,,,\nGUEST3@acme.example.com,,,\n"
	shard := results.Shard{Index: 1, Count: 3}
	calm := sandbox.New(sandbox.Options{})
	whole := newBench(t, calm)
	whole.o.Shard = shard
	want := outcomes(whole.mustRun(file))
	calls := len(calm.Log())
	if len(want) < 4 || calls < 5 {
		t.Fatalf("%d rows and %d calls are too few to tell", len(want), calls)
	}
	for stop := 1; stop <= calls; stop++ {
		t.Run(fmt.Sprintf("after call %d", stop), func(t *testing.T) {
			var cancel context.CancelFunc
			server := sandbox.New(stopsAt(stop, &cancel))
			runFake(t, server, func(t *testing.T, b *bench) {
				var ctx context.Context
				ctx, cancel = context.WithCancel(t.Context())
				defer cancel()
				b.o.Shard = shard
				b.input(file)
				if err := b.start(ctx); err != nil {
					if err := b.start(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if diff := cmp.Diff(want, outcomes(b.lines())); diff != "" {
					t.Errorf("results (-never stopped +resumed):\n%s", diff)
				}
				if b.plan.Gone != 0 {
					t.Errorf("%d people are said to be gone", b.plan.Gone)
				}
			})
			if twice := server.Twice(); len(twice) > 0 {
				t.Errorf("created twice: %v", twice)
			}
		})
	}
}

// The plan, the payloads and the rejects of a shard are of its rows alone.
func TestFilesOfAShard(t *testing.T) {
	file := "email,first_name\n"
	for i := range 12 {
		file += fmt.Sprintf("guest%d@acme.example.com,Ann\nbad %d,\n,row %d\n", i, i, i)
	}
	whole := newBench(t, sandbox.New(sandbox.Options{}))
	all := files(t, whole, file)
	var parts [3][]string
	for i := range 3 {
		b := newBench(t, sandbox.New(sandbox.Options{}))
		b.o.Shard = results.Shard{Index: i, Count: 3}
		for kind, lines := range files(t, b, file) {
			if len(lines) == 0 || len(lines) == len(all[kind]) {
				t.Errorf("shard %d has %d of %d lines of kind %d", i, len(lines), len(all[kind]), kind)
			}
			parts[kind] = append(parts[kind], lines...)
		}
	}
	for i := range 12 {
		for _, row := range []string{fmt.Sprintf("bad %d,", i), fmt.Sprintf(",row %d,", i)} {
			if n := strings.Count("\n"+strings.Join(parts[2], "\n"), "\n"+row); n != 1 {
				t.Errorf("%q is rejected %d times", row, n)
			}
		}
	}
	for kind := range parts {
		slices.Sort(parts[kind])
		slices.Sort(all[kind])
		if diff := cmp.Diff(all[kind], parts[kind]); diff != "" {
			t.Errorf("kind %d (-whole +shards):\n%s", kind, diff)
		}
	}
}

// files returns the lines of the plan, the payloads and the rejects of a run.
func files(t *testing.T, b *bench, file string) (lines [3][]string) {
	t.Helper()
	b.input(file)
	plan, err := NewPlan(t.Context(), b.o)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(b.results)
	var payloads strings.Builder
	b.mustRun(file)
	_, rejected := b.plan.WriteRejects(t.Context(), b.results, filepath.Join(dir, "rejects"))
	if err := errors.Join(plan.Write(t.Context(), filepath.Join(dir, "plan")), plan.WritePayloads(t.Context(), &payloads), rejected); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"plan", "", "rejects"} {
		text := payloads.String()
		if name != "" {
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			_, text, _ = strings.Cut(string(content), "\n") // the header
		}
		lines[i] = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	}
	return lines
}

// An input that changes is noticed in the rows of other shards too.
func TestInputThatChangesElsewhere(t *testing.T) {
	file := people(20)
	for i := range 20 {
		b := newBench(t, sandbox.New(sandbox.Options{}))
		b.o.Shard = results.Shard{Index: 0, Count: 2}
		b.input(file)
		plan, err := NewPlan(t.Context(), b.o)
		if err != nil {
			t.Fatal(err)
		}
		b.input(strings.Replace(file, fmt.Sprintf("guest%d@", i), "other@", 1))
		plan.o.Open = b.o.Open
		if err := plan.Write(t.Context(), filepath.Join(t.TempDir(), "plan.csv")); !errors.Is(err, ErrInputChanged) {
			t.Errorf("row %d changed: error is %v, want %v", i+1, err, ErrInputChanged)
		}
	}
}
