package deploy

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// kubectl stands in for the program: it notes what is applied, and what is run in the pod
// of files.yaml is run here, with a folder for each volume.
const kubectl = `case "$1" in
apply) if [ "$3" = - ]; then cat; else cat "$3"; fi >> "$CLUSTER/applied.yaml" && echo --- >> "$CLUSTER/applied.yaml" ;;
exec)
	while [ "$1" != -- ]; do case "$1" in job/*) volume=$CLUSTER/$1 ;; esac; shift; done
	shift
	mkdir -p "$volume"
	for argument; do shift; set -- "$@" "$(echo "$argument" | sed "s|/data|$volume|g")"; done
	"$@" ;;
esac`

// typed runs the blocks of a page's section as a reader types them, with the stand-in for
// kubectl, and returns how each of them ended.
func (d *desk) typed(page, section string) (blocks []func() (code int, said string)) {
	d.t.Helper()
	content, err := os.ReadFile(page)
	d.must(err)
	_, text, found := strings.Cut(string(content), "\n"+section+"\n")
	if !found {
		d.t.Fatalf("%s has no %q", page, section)
	}
	text, _, _ = strings.Cut(text, "\n#")
	env := []string{d.standIn("kubectl", kubectl), "CLUSTER=" + d.home}
	here, err := filepath.Abs(".")
	d.must(err)
	d.must(os.Symlink(here, d.path("deploy")))
	for block := range strings.SplitSeq(text, "\n```text\n") {
		if script, _, found := strings.Cut(block, "\n```\n"); found {
			blocks = append(blocks, func() (int, string) { return d.run(d.dir, env, "sh", "-euc", script) })
		}
	}
	return blocks
}

// What the page tells to type makes four volumes and a Job for each; their results are
// merged on the machine of who types.
func TestShardsOnVolumesOfTheirOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 0)
	d.env = append(d.env, "GUESTLIST_INVITE_CAP=none")
	withRedis(d)
	blocks := d.typed("../docs/many-hosts.md", "### A volume for each shard")
	if len(blocks) != 2 {
		t.Fatalf("there are %d blocks", len(blocks))
	}
	if code, said := blocks[0](); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	applied, err := os.ReadFile(filepath.Join(d.home, "applied.yaml"))
	d.must(err)
	c := newCluster()
	for _, m := range readManifests(t, "applied.yaml", applied) {
		if m.Kind != "" {
			c.apply(t, m)
		}
	}
	if names := slices.Sorted(maps.Keys(c.claims)); fmt.Sprint(names) != "[guestlist-shard-0 guestlist-shard-1 guestlist-shard-2 guestlist-shard-3]" {
		t.Fatalf("the volumes are %v", names)
	}
	for name, claim := range c.claims {
		job := c.jobs[name]
		if !c.keepsFiles(job.Template.Spec) || !c.hasSettings(job.Template.Spec) || !slices.Equal(claim.AccessModes, []string{"ReadWriteOnce"}) {
			t.Fatalf("%s has no volume or no settings, or one volume for many: %v", name, claim.AccessModes)
		}
		pod := *d
		pod.dir = filepath.Join(d.home, "job", name+"-files")
		end := job.control(func(_, _ int) int {
			code, said := c.pod(&pod, name)
			if code != 0 {
				t.Logf("%s: exit code %d:\n%s", name, code, said)
			}
			return code
		})
		if end.condition != "Complete" || end.pods != 1 {
			t.Errorf("%s: %+v", name, end)
		}
	}
	if code, said := blocks[1](); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	shards, err := filepath.Glob(d.path("suppliers.shard-*-of-4.results.csv"))
	d.must(err)
	if code, said := d.run(d.dir, nil, "guestlist", append([]string{"merge", "-o", "suppliers.results.csv"}, shards...)...); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	d.wantCreated(d.path("suppliers.results.csv"), people)
}

// files.yaml makes the volume of cronjob.yaml as that does itself: a claim cannot be
// changed any more.
func TestFilesAreForTheVolumeOfAnImport(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("kubernetes/files.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := newCluster()
	text := strings.NewReplacer("guestlist-shards", "guestlist", "ReadWriteMany", "ReadWriteOnce").Replace(string(content))
	for _, m := range readManifests(t, "files.yaml", []byte(text)) {
		c.apply(t, m)
	}
	told := func(claim spec) string { return fmt.Sprint(claim.AccessModes, claim.Resources) }
	if made, wanted := told(c.claims["guestlist"]), told(readCluster(t).claims["guestlist"]); made != wanted {
		t.Errorf("it makes %s, want %s", made, wanted)
	}
	if !c.keepsFiles(c.jobs["guestlist-files"].Template.Spec) {
		t.Error("the pod has no volume")
	}
}
