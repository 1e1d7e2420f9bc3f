package deploy

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// cluster is what the recipe sets up.
type cluster struct {
	config map[string]string
	claim  manifest
	jobs   map[string]manifest
}

func readCluster(t *testing.T) cluster {
	t.Helper()
	f, err := os.Open("kubernetes/cronjob.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	decoder := yaml.NewDecoder(f)
	decoder.KnownFields(true)
	c := cluster{jobs: map[string]manifest{}}
	for {
		var m manifest
		err := decoder.Decode(&m)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch kind := m.APIVersion + " " + m.Kind; kind {
		case "v1 ConfigMap":
			c.config = m.Data
		case "v1 PersistentVolumeClaim":
			c.claim = m
		case "batch/v1 CronJob":
			c.jobs[m.Metadata.Name] = m
		default:
			t.Errorf("nothing is known of %s", kind)
		}
	}
	if len(c.jobs) != 2 {
		t.Fatalf("there are %d jobs", len(c.jobs))
	}
	return c
}

// pod runs the container of a job, with folders of this machine for its volumes.
func (c cluster) pod(d *desk, name string) (code int, said string) {
	d.t.Helper()
	p := c.jobs[name].Spec.JobTemplate.Spec.Template.Spec
	at := map[string]string{}
	for _, v := range p.Volumes {
		switch {
		case v.PersistentVolumeClaim != nil:
			at[v.Name] = d.dir
		case v.EmptyDir != nil:
			at[v.Name] = d.temp
		case v.Secret != nil:
			at[v.Name] = d.t.TempDir()
			d.secret(filepath.Join(at[v.Name], "client-secret"), os.FileMode(v.Secret.DefaultMode))
		}
	}
	container := p.Containers[0]
	var mounts []string
	for _, m := range container.VolumeMounts {
		mounts = append(mounts, m.MountPath+"/", at[m.Name]+"/")
	}
	replacer := strings.NewReplacer(mounts...)
	inside := func(text string) string {
		if _, path, ok := strings.Cut(text, "/"); ok && replacer.Replace(text) == text {
			d.t.Fatalf("%s: /%s is on no volume, and nothing else may be written", name, path)
		}
		return replacer.Replace(text)
	}
	var args, env []string
	for _, arg := range container.Args {
		args = append(args, inside(arg))
	}
	for name, value := range c.config {
		env = append(env, name+"="+value)
	}
	for _, v := range container.Env {
		env = append(env, v.Name+"="+inside(v.Value))
	}
	return d.run(d.home, env, "guestlist", args...)
}

func TestPodExports(t *testing.T) {
	t.Parallel()
	c, d := readCluster(t), newDesk(t, 0)
	if code, said := c.pod(d, "guestlist-export"); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	d.wantGuests(d.path("guests.csv"), 3)
	d.wantFile("export.json", true)
	d.wantNothingElsewhere()
}

func TestPodImports(t *testing.T) {
	t.Parallel()
	c, d := readCluster(t), newDesk(t, 0)
	d.env = append(d.env, "GUESTLIST_INVITE_CAP=none")
	if code, said := c.pod(d, "guestlist-import"); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	d.wantCreated(d.path("suppliers.results.csv"), people)
	// Whatever the next hour finds, it does nothing twice.
	if code, said := c.pod(d, "guestlist-import"); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	d.wantCreated(d.path("suppliers.results.csv"), people)
	d.wantNothingElsewhere()
}

// A job counts every exit code but 0 as a failure, so an import must not end with
// one that only means "later".
func TestPodWaitsForTheLimitsByItself(t *testing.T) {
	t.Parallel()
	for name, job := range readCluster(t).jobs {
		for _, arg := range job.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args {
			if strings.HasPrefix(arg, "--max-wait") {
				t.Errorf("%s ends with exit code 6, a failure, by %s", name, arg)
			}
		}
	}
}

func TestCronJobsAreSafe(t *testing.T) {
	t.Parallel()
	c := readCluster(t)
	for name, m := range c.jobs {
		job := m.Spec.JobTemplate.Spec
		pod := job.Template.Spec
		box := pod.Containers[0]
		for what, holds := range map[string]bool{
			"two at once are forbidden":                 m.Spec.ConcurrencyPolicy == "Forbid",
			"it comes at a time":                        len(strings.Fields(m.Spec.Schedule)) == 5,
			"a container is not started again in a pod": pod.RestartPolicy == "Never",
			"tries are bounded":                         job.BackoffLimit != nil,
			"it runs as somebody":                       pod.SecurityContext.RunAsNonRoot && pod.SecurityContext.RunAsUser > 0,
			"its files are its group's":                 pod.SecurityContext.FSGroup == pod.SecurityContext.RunAsGroup && pod.SecurityContext.FSGroup > 0,
			"system calls are filtered":                 pod.SecurityContext.SeccompProfile.Type == "RuntimeDefault",
			"it has no account of the cluster":          pod.AutomountServiceAccountToken != nil && !*pod.AutomountServiceAccountToken,
			"its file system is read-only":              box.SecurityContext.ReadOnlyRootFilesystem,
			"it gets no privileges":                     box.SecurityContext.AllowPrivilegeEscalation != nil && !*box.SecurityContext.AllowPrivilegeEscalation,
			"it has no capabilities":                    slices.Equal(box.SecurityContext.Capabilities.Drop, []string{"ALL"}),
			"its memory is bounded":                     box.Resources.Limits["memory"] != "" && box.Resources.Requests["memory"] != "",
			"it has the settings":                       len(box.EnvFrom) == 1 && box.EnvFrom[0].ConfigMapRef.Name == "guestlist" && c.config["TALLYFY_ORG_ID"] != "",
			"its rules are of its container":            rulesAreOf(job.PodFailurePolicy.Rules, box.Name),
			"its volumes are mounted":                   volumesAreMounted(pod),
			"it keeps its files":                        keepsFiles(pod, c.claim.Metadata.Name),
			"its secrets are closed to others":          secretsAreClosed(pod),
		} {
			if !holds {
				t.Errorf("%s: it does not hold that %s", name, what)
			}
		}
	}
}

func rulesAreOf(rules []rule, container string) bool {
	for _, r := range rules {
		if (r.OnExitCodes == nil) == (r.OnPodConditions == nil) || !slices.Contains([]string{"Ignore", "FailJob", "Count"}, r.Action) {
			return false
		}
		if r.OnExitCodes != nil && (r.OnExitCodes.ContainerName != container || r.OnExitCodes.Operator != "In" || len(r.OnExitCodes.Values) == 0) {
			return false
		}
	}
	return len(rules) > 0
}

func volumesAreMounted(p podSpec) bool {
	var volumes, mounts []string
	for _, v := range p.Volumes {
		volumes = append(volumes, v.Name)
	}
	for _, m := range p.Containers[0].VolumeMounts {
		mounts = append(mounts, m.Name)
	}
	slices.Sort(volumes)
	slices.Sort(mounts)
	return slices.Equal(volumes, mounts)
}

func keepsFiles(p podSpec, claim string) bool {
	return slices.ContainsFunc(p.Volumes, func(v volume) bool {
		return v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == claim
	})
}

func secretsAreClosed(p podSpec) bool {
	return slices.ContainsFunc(p.Volumes, func(v volume) bool {
		return v.Secret != nil && v.Secret.DefaultMode == 0o440
	})
}
