package deploy

import (
	"debug/elf"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// instruction is one of a Dockerfile, such as RUN with what is run.
type instruction struct{ name, text string }

func dockerfile(t *testing.T) (all []instruction) {
	t.Helper()
	content, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	joined := strings.ReplaceAll(string(content), "\\\n", " ")
	for line := range strings.Lines(joined) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, text, _ := strings.Cut(line, " ")
		all = append(all, instruction{name, strings.TrimSpace(text)})
	}
	return all
}

// image is the last stage of a Dockerfile.
func image(t *testing.T) map[string]string {
	t.Helper()
	last := map[string]string{}
	for _, i := range dockerfile(t) {
		if i.name == "FROM" {
			clear(last)
		}
		last[i.name] += i.text + "\n"
	}
	for name, text := range last {
		last[name] = strings.TrimSuffix(text, "\n")
	}
	return last
}

func TestImageHoldsTheProgramAndNobodyToBe(t *testing.T) {
	t.Parallel()
	last := image(t)
	if last["FROM"] != "scratch" {
		t.Errorf("the image is made from %s", last["FROM"])
	}
	if !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(last["USER"]) {
		t.Errorf("it runs as %q, which Kubernetes cannot tell from root", last["USER"])
	}
	if !strings.Contains(last["COPY"], "/etc/ssl/certs/ca-certificates.crt") {
		t.Errorf("there are no certificates: %s", last["COPY"])
	}
	var entry []string
	if err := json.Unmarshal([]byte(last["ENTRYPOINT"]), &entry); err != nil || len(entry) != 1 || entry[0] != "guestlist" {
		t.Errorf("it runs %q, %v", last["ENTRYPOINT"], err)
	}
}

// There may be no Docker here. What it runs to build the program is run all the
// same, in a copy of what it would be sent, and then the program, with what the
// image has in its environment.
func TestImageIsBuilt(t *testing.T) {
	t.Parallel()
	src, out := t.TempDir(), t.TempDir()
	if err := copyContext("..", src); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, i := range dockerfile(t) {
		if i.name != "RUN" || !strings.Contains(i.text, "go build") {
			continue
		}
		ran++
		cmd := exec.Command("sh", "-c", strings.ReplaceAll(i.text, "/out/", out+"/"))
		cmd.Dir, cmd.Env = src, append(os.Environ(), "VERSION=1.2.3", "GOFLAGS=-mod=readonly", "GOWORK=off")
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", i.text, err, said)
		}
	}
	if ran != 1 {
		t.Fatalf("the program is built %d times", ran)
	}
	program := filepath.Join(out, "usr/local/bin/guestlist")
	binary, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	if libraries, err := binary.ImportedLibraries(); err != nil || len(libraries) > 0 || binary.Section(".interp") != nil {
		t.Errorf("the program needs %v, %v", libraries, err)
	}

	d := newDesk(t, 0)
	d.secret(filepath.Join(d.dir, "client-secret"), 0o440)
	inside := strings.NewReplacer("/data", d.dir, "/tmp", d.temp, "PATH=/usr/local/bin", "PATH="+filepath.Dir(program))
	env := []string{"TALLYFY_ORG_ID=acme", "TALLYFY_CLIENT_ID=7", "TALLYFY_AS_USER=ops@example.com"}
	for _, setting := range strings.Fields(image(t)["ENV"]) {
		env = append(env, inside.Replace(setting))
	}
	if code, said := d.run(d.dir, env, program, "version"); code != 0 || said != "guestlist 1.2.3\n" {
		t.Errorf("exit code %d: %s", code, said)
	}
	if code, said := d.run(d.dir, env, program, "export", "-o", "guests.csv", "--client-secret-file", "client-secret"); code != 0 {
		t.Errorf("exit code %d: %s", code, said)
	}
	d.wantGuests(d.path("guests.csv"), 3)
	d.wantNothingElsewhere()
}

// copyContext copies what Docker would be sent of a folder.
func copyContext(from, to string) error {
	content, err := os.ReadFile(filepath.Join(from, ".dockerignore"))
	if err != nil {
		return err
	}
	ignored := func(path string) bool {
		for line := range strings.Lines(string(content)) {
			line = strings.TrimSpace(line)
			name := path
			if rest, ok := strings.CutPrefix(line, "**/"); ok {
				line, name = rest, filepath.Base(path)
			}
			if matched, _ := filepath.Match(line, name); matched && line != "" {
				return true
			}
		}
		return false
	}
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		switch {
		case err != nil:
			return err
		case ignored(name) && entry.IsDir():
			return filepath.SkipDir
		case ignored(name):
			return nil
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		case !entry.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), content, 0o600)
	})
}
