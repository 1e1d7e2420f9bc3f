package deploy

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

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

// A pod that waits for the limit of the hour is ended with its node; the one that comes
// in its place creates whom is left.
func TestPodThatIsEndedIsGoneOnWith(t *testing.T) {
	t.Parallel()
	const invites = 30
	c, d := readCluster(t), newDesk(t, invites)
	job := c.jobs["guestlist-import"]
	args, env := c.inside(d, "guestlist-import", job.Template.Spec, nil)
	pod := d.command(d.home, env, "guestlist", args...)
	d.must(pod.Start())
	for range 500 {
		known, _ := os.ReadFile(d.path("suppliers.results.csv.partial"))
		if strings.Count(string(known), ",created,") == invites {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	d.must(pod.Process.Signal(syscall.SIGTERM))
	if err := pod.Wait(); pod.ProcessState.ExitCode() != 143 || job.action(143) != "Ignore" {
		t.Fatalf("%v, and %q is what is done then", err, job.action(143))
	}
	d.wantFile("suppliers.results.csv", false)

	d.env = append(d.env, append(newDesk(t, 0).env[:2], "GUESTLIST_INVITE_CAP=none")...)
	if code, said := c.pod(d, "guestlist-import"); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	d.wantCreated(d.path("suppliers.results.csv"), people)
	if code, said := c.pod(d, "guestlist-export"); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	d.wantGuests(d.path("guests.csv"), 3+people-invites) // nobody of before was created again
	d.wantNothingElsewhere()
}

// A job counts every exit code but 0 as a failure, unless a rule of it says otherwise:
// one that may end with "come back later" needs such a rule, and an import may as soon as
// somebody sets GUESTLIST_MAX_WAIT.
func TestPodsThatComeBackLaterAreNoFailures(t *testing.T) {
	t.Parallel()
	for name, job := range readCluster(t).jobs {
		args := job.Template.Spec.Containers[0].Args
		comesBack := args[0] == "import" || slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--max-wait") })
		if comesBack && job.action(6) != "Ignore" {
			t.Errorf("%s may end with exit code 6, and %q is what is done then", name, job.action(6))
		}
	}
}

// action returns what Kubernetes does when the container ended with this code.
func (j jobSpec) action(code int) string {
	for _, r := range j.PodFailurePolicy.Rules {
		if r.OnExitCodes != nil && slices.Contains(r.OnExitCodes.Values, code) {
			return r.Action
		}
	}
	return "Count"
}

func TestCronJobsAreSafe(t *testing.T) {
	t.Parallel()
	for name, cron := range readCluster(t).crons {
		for what, holds := range map[string]bool{
			"two at once are forbidden": cron.ConcurrencyPolicy == "Forbid",
			"it comes at a time":        len(strings.Fields(cron.Schedule)) == 5 && cron.TimeZone != "",
			"old jobs are removed":      cron.SuccessfulJobs != nil && cron.FailedJobs != nil,
			// Without a deadline, a hundred times that were missed, as by a job that ran on, are the
			// end of a CronJob; below ten seconds it may never start.
			"what was missed is forgotten": cron.StartingDeadlineSeconds >= 10 && cron.StartingDeadlineSeconds <= 7200,
		} {
			if !holds {
				t.Errorf("%s: it does not hold that %s", name, what)
			}
		}
	}
}

func TestJobsAreSafe(t *testing.T) {
	t.Parallel()
	c := readCluster(t)
	for name, job := range c.jobs {
		pod := job.Template.Spec
		box := pod.Containers[0]
		for what, holds := range map[string]bool{
			"a container is not started again in a pod": pod.RestartPolicy == "Never",
			"tries are bounded":                         job.BackoffLimit != nil || job.BackoffLimitPerIndex != nil,
			"an eviction is no failure":                 job.PodFailurePolicy.Rules[0].Action == "Ignore" && len(job.PodFailurePolicy.Rules[0].OnPodConditions) == 1,
			"what is on its way may end":                box.Args[0] != "import" || pod.TerminationGracePeriodSeconds > 10,
			"its rules are of its container":            job.rulesAreOf(box.Name),
			// The volume of a shard alone is a copy, see TestShardsOnVolumesOfTheirOwn.
			"it keeps its files": name == "guestlist-shard-0" || c.keepsFiles(pod),
		} {
			if !holds {
				t.Errorf("%s: it does not hold that %s", name, what)
			}
		}
	}
}

func TestPodsAreSafe(t *testing.T) {
	t.Parallel()
	c := readCluster(t)
	pods := map[string]podSpec{}
	for name, job := range c.jobs {
		pods[name] = job.Template.Spec
	}
	for name, server := range c.servers {
		pods[name] = server.Job.Template.Spec
	}
	if len(pods) != 8 {
		t.Errorf("there are %d pods", len(pods))
	}
	for name, pod := range pods {
		box := pod.Containers[0]
		for what, holds := range map[string]bool{
			"it runs as somebody":              pod.SecurityContext.RunAsNonRoot && pod.SecurityContext.RunAsUser > 0,
			"its files are its group's":        pod.SecurityContext.FSGroup == pod.SecurityContext.RunAsGroup && pod.SecurityContext.FSGroup > 0,
			"system calls are filtered":        pod.SecurityContext.SeccompProfile.Type == "RuntimeDefault",
			"it has no account of the cluster": pod.AutomountServiceAccountToken != nil && !*pod.AutomountServiceAccountToken,
			"its image is of a version":        regexp.MustCompile(`:\d+\.\d+`).MatchString(box.Image),
			"its file system is read-only":     box.SecurityContext.ReadOnlyRootFilesystem,
			"it gets no privileges":            box.SecurityContext.AllowPrivilegeEscalation != nil && !*box.SecurityContext.AllowPrivilegeEscalation,
			"it has no capabilities":           slices.Equal(box.SecurityContext.Capabilities.Drop, []string{"ALL"}),
			"its memory is bounded":            box.Resources.Limits["memory"] != "" && box.Resources.Requests["memory"] != "",
			"its settings are there":           c.hasSettings(pod),
			"its volumes are mounted":          volumesAreMounted(pod),
			"its secrets are closed to others": secretsAreClosed(pod),
		} {
			if !holds {
				t.Errorf("%s: it does not hold that %s", name, what)
			}
		}
	}
}

// hasSettings tells whether every ConfigMap that a pod reads is there.
func (c cluster) hasSettings(p podSpec) bool {
	for _, from := range p.Containers[0].EnvFrom {
		if c.config[from.ConfigMapRef.Name]["TALLYFY_ORG_ID"] == "" {
			return false
		}
	}
	for _, v := range p.Volumes {
		if v.ConfigMap != nil && (len(v.ConfigMap.Items) != 1 || c.config[v.ConfigMap.Name][v.ConfigMap.Items[0].Key] == "") {
			return false
		}
	}
	return true
}

// rulesAreOf tells whether the rules are such as Kubernetes takes, and of a container.
func (j jobSpec) rulesAreOf(container string) bool {
	actions := []string{"Ignore", "FailJob", "Count"}
	if j.BackoffLimitPerIndex != nil {
		actions = append(actions, "FailIndex")
	}
	for _, r := range j.PodFailurePolicy.Rules {
		if (r.OnExitCodes == nil) == (r.OnPodConditions == nil) || !slices.Contains(actions, r.Action) {
			return false
		}
		if r.OnExitCodes != nil && (r.OnExitCodes.ContainerName != container || r.OnExitCodes.Operator != "In" || len(r.OnExitCodes.Values) == 0) {
			return false
		}
	}
	return len(j.PodFailurePolicy.Rules) > 0
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

func (c cluster) keepsFiles(p podSpec) bool {
	return slices.ContainsFunc(p.Volumes, func(v volume) bool {
		if v.PersistentVolumeClaim == nil {
			return false
		}
		_, claimed := c.claims[v.PersistentVolumeClaim.ClaimName]
		return claimed
	})
}

func secretsAreClosed(p podSpec) bool {
	return !slices.ContainsFunc(p.Volumes, func(v volume) bool {
		return v.Secret != nil && v.Secret.DefaultMode != 0o440
	})
}
