package deploy

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// cluster is what the recipes set up, each by its name.
type cluster struct {
	config  map[string]map[string]string
	claims  map[string]spec
	crons   map[string]spec
	jobs    map[string]jobSpec // those of the CronJobs, too
	servers map[string]spec    // Deployments
	doors   map[string]spec    // Services
}

func newCluster() cluster {
	return cluster{
		map[string]map[string]string{}, map[string]spec{}, map[string]spec{}, map[string]jobSpec{}, map[string]spec{}, map[string]spec{},
	}
}

// readCluster reads all recipes, which may stand side by side in one cluster.
func readCluster(t *testing.T) cluster {
	t.Helper()
	c := newCluster()
	files, err := filepath.Glob("kubernetes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no manifests: %v", err)
	}
	seen := map[string]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range readManifests(t, file, content) {
			kind := m.APIVersion + " " + m.Kind
			if other, twice := seen[kind+" "+m.Metadata.Name]; twice {
				t.Errorf("%s and %s have both a %s called %s", other, file, kind, m.Metadata.Name)
			}
			seen[kind+" "+m.Metadata.Name] = file
			c.apply(t, m)
		}
	}
	return c
}

// apply sets up what a manifest tells of.
func (c cluster) apply(t *testing.T, m manifest) {
	t.Helper()
	switch kind := m.APIVersion + " " + m.Kind; kind {
	case "v1 ConfigMap":
		c.config[m.Metadata.Name] = m.Data
	case "v1 PersistentVolumeClaim":
		c.claims[m.Metadata.Name] = m.Spec
	case "v1 Service":
		c.doors[m.Metadata.Name] = m.Spec
	case "apps/v1 Deployment":
		c.servers[m.Metadata.Name] = m.Spec
	case "batch/v1 CronJob":
		c.crons[m.Metadata.Name] = m.Spec
		c.jobs[m.Metadata.Name] = m.Spec.JobTemplate.Spec
	case "batch/v1 Job":
		c.jobs[m.Metadata.Name] = m.Spec.Job
	default:
		t.Errorf("nothing is known of %s, which %s is", kind, m.Metadata.Name)
	}
}

func readManifests(t *testing.T, file string, content []byte) (all []manifest) {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	for {
		var m manifest
		err := decoder.Decode(&m)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, m)
	}
}

// pod runs the container of a job, with folders of this machine for its volumes, and
// in its environment what Kubernetes adds to it.
func (c cluster) pod(d *desk, name string, added ...string) (code int, said string) {
	d.t.Helper()
	p := c.jobs[name].Template.Spec
	args, env := c.inside(d, name, p, added)
	return d.run(d.home, env, "guestlist", args...)
}

// inside returns the arguments and the environment of a pod's container, as they are
// on this machine.
func (c cluster) inside(d *desk, name string, p podSpec, added []string) (args, env []string) {
	d.t.Helper()
	at := map[string]string{}
	for _, v := range p.Volumes {
		switch {
		case v.PersistentVolumeClaim != nil:
			at[v.Name] = d.dir
		case v.EmptyDir != nil:
			at[v.Name] = d.temp
		default:
			at[v.Name] = d.t.TempDir()
		}
	}
	container := p.Containers[0]
	var mounts []string
	for _, m := range container.VolumeMounts {
		mounts = append(mounts, m.MountPath+"/", at[m.Name]+"/")
	}
	replacer := strings.NewReplacer(mounts...)
	for _, v := range p.Volumes {
		if v.Secret != nil {
			d.secrets(at[v.Name], os.FileMode(v.Secret.DefaultMode))
		}
		if v.ConfigMap != nil {
			for _, item := range v.ConfigMap.Items {
				d.project(at[v.Name], item.Path, replacer.Replace(c.config[v.ConfigMap.Name][item.Key]), 0o644)
			}
		}
	}
	place := func(text string) string {
		if placed := strings.TrimSuffix(replacer.Replace(text+"/"), "/"); placed != text {
			return placed
		}
		if _, path, ok := strings.Cut("="+text, "=/"); ok {
			d.t.Fatalf("%s: /%s is on no volume, and nothing else may be written", name, path)
		}
		return text
	}
	for _, from := range container.EnvFrom {
		for name, value := range c.config[from.ConfigMapRef.Name] {
			env = append(env, name+"="+value)
		}
	}
	for _, v := range container.Env {
		env = append(env, v.Name+"="+place(v.Value))
	}
	// Arguments know what is added to the environment. The values in the manifest do not:
	// they come first.
	for _, arg := range container.Args {
		for _, v := range added {
			name, value, _ := strings.Cut(v, "=")
			arg = strings.ReplaceAll(arg, "$("+name+")", value)
		}
		args = append(args, place(arg))
	}
	if left := strings.Join(append(args, env...), " "); strings.Contains(left, "$(") {
		d.t.Fatalf("%s: something is not known: %s", name, left)
	}
	return args, append(env, added...)
}

// secrets puts what the recipes read into files of a folder.
func (d *desk) secrets(folder string, mode os.FileMode) {
	d.t.Helper()
	d.project(folder, "client-secret", clientSecret+"\n", mode)
	d.project(folder, "redis.conf", "requirepass "+redisPassword+"\n", mode)
	if d.budgets != "" {
		d.project(folder, "budgets", d.budgets+"\n", mode)
	}
}

// project puts a file into a folder as Kubernetes does: what stands at its path is a
// link to it.
func (d *desk) project(folder, path, content string, mode os.FileMode) {
	d.t.Helper()
	file := filepath.Join(folder, "..data", path)
	d.must(os.MkdirAll(filepath.Dir(file), 0o700))
	d.must(os.MkdirAll(filepath.Dir(filepath.Join(folder, path)), 0o700))
	d.must(os.WriteFile(file, []byte(content), mode))
	d.must(os.Symlink(file, filepath.Join(folder, path)))
}
