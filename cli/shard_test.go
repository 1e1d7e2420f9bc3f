package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"guestlist/importer"
	"guestlist/results"
	"guestlist/sandbox"
)

func TestWhichShard(t *testing.T) {
	for _, tc := range []struct {
		name string
		args []string
		env  map[string]string
		want string // the shard; or what is wrong
	}{
		{"nobody says", nil, nil, ""},
		{"the flag", []string{"--shard", "2/4"}, nil, "2/4"},
		{"the environment", nil, map[string]string{"JOB_COMPLETION_INDEX": "3", "GUESTLIST_SHARDS": "4"}, "3/4"},
		{"the flag wins", []string{"--shard", "0/2"}, map[string]string{"JOB_COMPLETION_INDEX": "3", "GUESTLIST_SHARDS": "4"}, "0/2"},
		{"the flag wins over half of the environment", []string{"--shard", "0/2"}, map[string]string{"GUESTLIST_SHARDS": "4"}, "0/2"},
		{"Kubernetes sets the index in every Indexed Job", nil, map[string]string{"JOB_COMPLETION_INDEX": "3"}, ""},
		{
			"a number without an index", nil,
			map[string]string{"GUESTLIST_SHARDS": "4"},
			"GUESTLIST_SHARDS is 4, and JOB_COMPLETION_INDEX does not say which of them this is",
		},
		{
			"an index that is too high", nil,
			map[string]string{"JOB_COMPLETION_INDEX": "4", "GUESTLIST_SHARDS": "4"},
			"JOB_COMPLETION_INDEX, GUESTLIST_SHARDS: there is no shard 4 of 4: they count from 0, so the last is 3/4",
		},
		{"a flag that is wrong", []string{"--shard", "4/4"}, nil, "--shard: there is no shard 4 of 4: they count from 0, so the last is 3/4"},
		{"an empty flag", []string{"--shard", ""}, nil, `--shard: "" is no shard: it is written I/N, as 0/4 for the first of four`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t, sandbox.Options{})
			for name, value := range tc.env {
				d.env[name] = value
			}
			code, stderr := d.run(append([]string{"import", "people.csv"}, tc.args...)...)
			shard, err := results.ParseShard(tc.want)
			if err != nil && tc.want != "" {
				if code != exitUsage || !strings.HasPrefix(stderr, "guestlist: "+tc.want+"\n") {
					t.Errorf("exit code %d:\n%s", code, stderr)
				}
				return
			}
			forgotten := strings.Contains(stderr, "JOB_COMPLETION_INDEX is 3, and GUESTLIST_SHARDS is not set: this run takes all rows\n")
			if forgotten != (shard.IsWhole() && tc.env["JOB_COMPLETION_INDEX"] != "") {
				t.Errorf("that the number may be forgotten is told: %v\n%s", forgotten, stderr)
			}
			if told := strings.Contains(stderr, "\nthat is for this shard alone: the others spend of the same limits\n"); told {
				t.Errorf("there is nothing for other shards to do:\n%s", stderr)
			}
			want := "people.results.csv"
			if !shard.IsWhole() {
				want = shard.Path("people.csv", "results")
			}
			if _, err := os.Stat(want); code != exitOK || err != nil {
				t.Errorf("exit code %d, %v:\n%s", code, err, stderr)
			}
		})
	}
}

// Shards with one name for their results would write over one another's.
func TestShardsNeedResultsOfTheirOwn(t *testing.T) {
	for _, tc := range []struct{ flag, name, want string }{
		{"--results", "out.csv", "out.shard-1-of-2.csv"},
		{"--results", "out.shard-0-of-2.results.csv", "out.shard-0-of-2.shard-1-of-2.results.csv"},
		{"--rejects", "out.rejects.csv", "out.shard-1-of-2.rejects.csv"},
		{"--payloads", "pay.jsonl", "pay.shard-1-of-2.jsonl"},
	} {
		d := newDesk(t, sandbox.Options{})
		code, stderr := d.run("import", "people.csv", "--shard", "1/2", tc.flag, tc.name)
		want := "guestlist: " + tc.flag + ": the name does not say that it is of shard 1/2, and each shard needs its own\ncall it " + tc.want + "\n"
		if code != exitUsage || stderr != want {
			t.Errorf("exit code %d:\n%s", code, stderr)
		}
		if code, stderr := d.run("import", "people.csv", "--shard", "1/2", tc.flag, tc.want); code != exitOK {
			t.Errorf("under the name that was told: exit code %d:\n%s", code, stderr)
		}
	}
}

func (d *desk) holdShard(t *testing.T, file string, index, count int) *shardLock {
	t.Helper()
	a := &app{getenv: d.getenv}
	lock, err := a.lockShard(t.Context(), &settings{org: "acme", baseURL: d.url}, results.Shard{Index: index, Count: count}, results.Importing, &input{name: file})
	if err != nil {
		t.Fatal(err)
	}
	return lock
}

func TestShardsShareTheOrganization(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	if err := os.WriteFile("other.csv", []byte("email\nbob@acme.example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	held := []*shardLock{d.holdShard(t, "people.csv", 0, 3), d.holdShard(t, "people.csv", 2, 3)}
	dead := shardLockPath(held[0].path, results.Shard{Index: 1, Count: 3})
	if err := os.WriteFile(dead, []byte("process 1: import of people.csv, shard 1/3, since long ago\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		args []string
		want string // what is said; empty: it may
	}{
		{"all of it", []string{"people.csv"}, "another run is writing guests of acme@127.0.0.1: process "},
		{"another shard", []string{"people.csv", "--shard", "1/3"}, ""},
		{"the same", []string{"people.csv", "--shard", "2/3"}, "another run is writing guests of acme@127.0.0.1 as shard 2/3: process "},
		{"another file", []string{"other.csv"}, "another run is writing guests of acme@127.0.0.1: process "},
		{"a shard of another file", []string{"other.csv", "--shard", "1/3"}, "shards of another run are writing guests of acme@127.0.0.1: process "},
		{"a shard of another number", []string{"people.csv", "--shard", "1/2"}, "shards of another run are writing guests of acme@127.0.0.1: process "},
		{"a dry run", []string{"people.csv", "--dry-run"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, stderr := d.run(append([]string{"import"}, tc.args...)...)
			if tc.want == "" {
				if code != exitOK {
					t.Errorf("exit code %d:\n%s", code, stderr)
				}
				return
			}
			if code != exitFailure || !strings.HasPrefix(stderr, "guestlist: "+tc.want) || !strings.Contains(stderr, ": import of people.csv, shard ") || !strings.Contains(stderr, "\nwait until ") {
				t.Errorf("exit code %d, want %s:\n%s", code, tc.want, stderr)
			}
			if !strings.Contains(stderr, "shard 2/3, since 20") || strings.Contains(stderr, "shard 1/") {
				t.Errorf("it does not tell who holds it:\n%s", stderr)
			}
		})
	}
	if err := held[0].Remove(); err != nil {
		t.Error(err)
	}
	if code, stderr := d.run("import", "people.csv"); code != exitFailure || strings.Contains(stderr, "shard 0/3") {
		t.Errorf("one of two has ended: exit code %d:\n%s", code, stderr)
	}
	if err := held[1].Remove(); err != nil {
		t.Error(err)
	}
	if code, stderr := d.run("import", "people.csv"); code != exitOK {
		t.Errorf("all have ended: exit code %d:\n%s", code, stderr)
	}
	if left, _ := filepath.Glob("state/*.lock"); len(left) > 0 {
		t.Errorf("runs that have ended left %s", left)
	}
}

// The other shards have nothing to do with results that one of them is at work on.
func TestResultsThatAShardIsAtWorkOn(t *testing.T) {
	for _, args := range [][]string{{"--shard", "2/3"}, {"--shard", "0/4"}, nil} {
		d := newDesk(t, sandbox.Options{})
		held := []*shardLock{d.holdShard(t, "people.csv", 0, 3), d.holdShard(t, "people.csv", 2, 3)}
		journal, err := results.Start("people.shard-2-of-3.results.csv.partial", false)
		if err != nil {
			t.Fatal(err)
		}
		code, stderr := d.run(append([]string{"import", "people.csv"}, args...)...)
		if code != exitFailure || !strings.HasPrefix(stderr, "guestlist: people.shard-2-of-3.results.csv.partial: another run is at work on it") ||
			!strings.Contains(stderr, "shard 2/3, since 20") || strings.Contains(stderr, "shard 0/3") {
			t.Errorf("%v: exit code %d:\n%s", args, code, stderr)
		}
		if err := held[1].Remove(); err != nil { // as the folder of the results is shared, and its own host has the lock
			t.Error(err)
		}
		if code, stderr := d.run(append([]string{"import", "people.csv"}, args...)...); code != exitFailure || strings.Contains(stderr, "process ") {
			t.Errorf("%v, by another host: exit code %d:\n%s", args, code, stderr)
		}
		if err := errors.Join(held[0].Remove(), journal.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestAWholeRunExcludesShards(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	a := &app{getenv: d.getenv}
	lock, err := a.lockRun(&settings{org: "acme", baseURL: d.url}, "import of big.csv")
	if err != nil {
		t.Fatal(err)
	}
	code, stderr := d.run("import", "people.csv", "--shard", "0/2")
	if code != exitFailure || !strings.HasPrefix(stderr, "guestlist: another run is writing guests of acme@127.0.0.1: process ") || !strings.Contains(stderr, ": import of big.csv, since 20") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
	if err := lock.Remove(); err != nil {
		t.Error(err)
	}
	if code, stderr := d.run("import", "people.csv", "--shard", "0/2"); code != exitOK {
		t.Errorf("after it: exit code %d:\n%s", code, stderr)
	}
}

// What killed shards leave is nobody's: neither their index nor their input.
func TestLocksOfDeadShards(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	lock := d.holdShard(t, "big.csv", 1, 2)
	for _, l := range []interface{ Release() error }{lock.own, lock.shared} { // as the kernel does
		if err := l.Release(); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"--shard", "1/2"}, {"--shard", "0/5"}, nil} {
		if code, stderr := d.run(append([]string{"import", "people.csv"}, args...)...); code != exitOK {
			t.Errorf("%v: exit code %d:\n%s", args, code, stderr)
		}
	}
}

// Many that begin and end at once are not in each other's way.
func TestShardsThatBeginAtOnce(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	const count = 8
	done := make(chan error)
	for i := range count {
		go func() {
			a := &app{getenv: d.getenv}
			var err error
			for range 20 {
				var lock *shardLock
				lock, err = a.lockShard(t.Context(), &settings{org: "acme", baseURL: d.url}, results.Shard{Index: i, Count: count}, results.Importing, &input{name: "people.csv"})
				if err == nil {
					err = lock.Remove()
				}
				if err != nil {
					break
				}
			}
			done <- err
		}()
	}
	for range count {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestShardOfADelete(t *testing.T) {
	d := newDesk(t, sandbox.Options{Guests: 40})
	file := "email\n"
	for i := range 40 {
		file += fmt.Sprintf("leaver%d@acme.example.com\n", i)
	}
	if err := os.WriteFile("leavers.csv", []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, task := range []string{"delete", "disable", "enable"} {
		code, stderr := d.run(task, "leavers.csv", "--shard", "1/2", "--dry-run")
		if code != exitOK || !strings.Contains(stderr, "leavers.csv, shard 1/2: 2") || !strings.Contains(stderr, " of 40 rows for acme") {
			t.Errorf("%s: exit code %d:\n%s", task, code, stderr)
		}
		if _, err := os.Stat("leavers.shard-1-of-2.plan.csv"); err != nil {
			t.Error(err)
		}
		code, stderr = d.run(task, "leavers.csv", "--shard", "1/2", "--dry-run", "--expect", "40")
		if code != exitInvalid || !strings.Contains(stderr, "guestlist: shard 1/2 of leavers.csv names 2") {
			t.Errorf("%s: exit code %d:\n%s", task, code, stderr)
		}
	}
}

// What is mended may belong into another shard, so rejects are imported whole.
func TestRejectsOfAShardAreNoShard(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	if err := os.WriteFile("bad.csv", []byte("email\nann@\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stderr := d.run("import", "bad.csv", "--shard", "0/1", "--mode", "create")
	if code != exitSomeRefused || !strings.Contains(stderr, "then type: guestlist import bad.shard-0-of-1.rejects.csv --mode create)") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

// What was sent and is not settled, only a run in the same shards knows of.
func TestUnfinishedRunsInOtherShards(t *testing.T) {
	for _, tc := range []struct {
		name, partial, file, shard string
		refused                    bool
	}{
		{"the whole, before shards", "people.results.csv.partial", "people.csv", "0/2", true},
		{"a shard, before the whole", "people.shard-1-of-2.results.csv.partial", "people.csv", "", true},
		{"a shard of another number", "people.shard-1-of-3.results.csv.partial", "people.csv", "0/2", true},
		{"another shard", "people.shard-1-of-2.results.csv.partial", "people.csv", "0/2", false},
		{"another file's", "other.shard-1-of-3.results.csv.partial", "people.csv", "0/2", false},
		{"another shard's rejects", "people.shard-1-of-2.rejects.results.csv.partial", "people.shard-0-of-2.rejects.csv", "", false},
		{"rejects, before their shards", "people.shard-0-of-2.rejects.results.csv.partial", "people.shard-0-of-2.rejects.csv", "0/3", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t, sandbox.Options{})
			if err := errors.Join(os.WriteFile("people.shard-0-of-2.rejects.csv", []byte("email\n"), 0o600), os.WriteFile(tc.partial, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
			args := []string{"import", tc.file, "--resume"}
			if tc.shard != "" {
				args = append(args, "--shard", tc.shard)
			}
			code, stderr := d.run(args...)
			want := "guestlist: an earlier run over the same file, in another number of shards, did not finish: " + tc.partial + "\ngo on from it as it was begun"
			if got := code == exitFailure && strings.HasPrefix(stderr, want); got != tc.refused || !tc.refused && code != exitOK {
				t.Errorf("exit code %d, refused %t, want %t:\n%s", code, got, tc.refused, stderr)
			}
			if whole := tc.file+".partial" == strings.Replace(tc.partial, ".results", "", 1); tc.refused && whole != strings.Contains(stderr, ", with --resume and without --shard, ") {
				t.Errorf("what to type is not what it was begun with:\n%s", stderr)
			}
			if code, stderr := d.run(append(args, "--dry-run")...); code != exitOK {
				t.Errorf("a dry run: exit code %d:\n%s", code, stderr)
			}
		})
	}
}

// A run that ended between the first look for unfinished ones and the lock may have
// left what this one has to know of.
func TestUnfinishedRunsAreLookedForUnderTheLock(t *testing.T) {
	for _, tc := range []struct{ shard, partial, want string }{
		{"", "people.results.csv.partial", "an earlier run did not finish: people.results.csv.partial"},
		{"", "people.shard-1-of-2.results.csv.partial", "in another number of shards, did not finish: people.shard-1-of-2.results.csv.partial"},
		{"0/2", "people.results.csv.partial", "in another number of shards, did not finish: people.results.csv.partial"},
	} {
		d := newDesk(t, sandbox.Options{})
		var shard results.Shard
		if tc.shard != "" {
			shard, _ = results.ParseShard(tc.shard)
		}
		j := &importJob{
			importFlags: &importFlags{task: results.Importing, settings: settings{org: "acme", baseURL: d.url}},
			app:         &app{getenv: d.getenv}, input: &input{name: "people.csv"}, o: importer.Options{Shard: shard},
		}
		j.name("people.csv", shard)
		if err := j.checkUnfinished(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(tc.partial, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := j.do(t.Context()); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("shard %q: error is %v, want %s", tc.shard, err, tc.want)
		}
		if left, _ := filepath.Glob("state/*.lock"); len(left) > 0 {
			t.Errorf("it left %s", left)
		}
	}
}
