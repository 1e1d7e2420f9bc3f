package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// checkManifests builds the program that knows the types of Kubernetes, from its own
// module, and returns where it is.
func checkManifests(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "kubernetes")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join("..", "tools", "kubernetes")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the types of Kubernetes cannot be built; if they are missing, fetch them once with go -C tools/kubernetes mod download: %v\n%s", err, out)
	}
	return program
}

func TestManifestsAreOfKubernetes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("kubernetes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no manifests: %v", err)
	}
	program := checkManifests(t)
	if out, err := exec.Command(program, files...).CombinedOutput(); err != nil || strings.Count(string(out), " looked at\n") != len(files) {
		t.Errorf("%v:\n%s", err, out)
	}

	// And what is wrong is found.
	shards, err := os.ReadFile("kubernetes/shards.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, old, wrong, want string }{
		{"a mistyped field", "backoffLimitPerIndex:", "backoffLimitPerindex:", `unknown field "spec.backoffLimitPerindex"`},
		{"a field in the wrong place", "  template:\n", "  template:\n    completions: 4\n", `unknown field "spec.template.completions"`},
		{"a word for a number", "completions: 4", "completions: four", "completions of type int32"},
		{"a field that stands there twice", "completions: 4", "completions: 4\n  completions: 4", `key "completions" already set`},
		{"a number in the environment", `value: "4"`, "value: 4", "EnvVar"},
		{"a quantity that is none", "memory: 64Mi", "memory: 64Mega", "quantities must match"},
		{"a kind that there is not", "kind: Job", "kind: Jobs", `no kind "Jobs" is registered`},
		{"a version that there is not", "batch/v1", "batch/v3", `no kind "Job" is registered`},
	} {
		t.Run(test.name, func(t *testing.T) {
			broken := strings.Replace(string(shards), test.old, test.wrong, 1)
			if broken == string(shards) {
				t.Fatalf("%q does not stand there", test.old)
			}
			path := filepath.Join(t.TempDir(), "broken.yaml")
			if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(program, path).CombinedOutput()
			if err == nil || !strings.Contains(string(out), test.want) {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
}
