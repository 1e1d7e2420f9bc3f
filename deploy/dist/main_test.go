package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// source makes a program that is quickly built, with its documents, the working folder.
func source(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for path, content := range map[string]string{
		"go.mod": "module guestlist\n\ngo 1.26\n", "cli/cli.go": "package cli\n\nvar version = \"dev\"\n\nfunc Version() string { return version }\n",
		"main.go":   "package main\n\nimport \"guestlist/cli\"\n\nfunc main() { print(cli.Version()) }\n",
		"README.md": "read me", "docs/columns.md": "columns", "docs/man/guestlist.1": "page", "docs/completion/_guestlist": "completion",
		"guests.csv": "nobody's business",
	} {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

// program stands for one that is built.
func program(p platform) ([]byte, error) { return []byte("for " + p.system + "/" + p.processor), nil }

func TestArchivesHoldTheProgramAndItsDocuments(t *testing.T) {
	source(t)
	r := release{"out", "v1.2.3", time.Unix(1700000000, 0).UTC()}
	if err := r.build(platforms(), program); err != nil {
		t.Fatal(err)
	}
	for _, p := range platforms() {
		folder, name := fmt.Sprintf("guestlist_1.2.3_%s_%s", p.system, p.processor), "guestlist"
		read := readTar
		if p.system == "windows" {
			name, read = "guestlist.exe", readZip
		}
		when := " 0644 2023-11-14"
		want := map[string]string{
			folder + "/" + name + " 0755 2023-11-14": "for " + p.system + "/" + p.processor, folder + "/README.md" + when: "read me",
			folder + "/docs/columns.md" + when: "columns", folder + "/docs/man/guestlist.1" + when: "page", folder + "/docs/completion/_guestlist" + when: "completion",
		}
		if diff := cmp.Diff(want, read(t, "out/"+folder)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", folder, diff)
		}
	}
}

func TestTheProgramTellsItsVersion(t *testing.T) {
	source(t)
	content, err := release{version: "v1.2.3"}.program(platform{runtime.GOOS, runtime.GOARCH})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, content, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(path).CombinedOutput(); err != nil || string(out) != "1.2.3" {
		t.Errorf("the program says %q, %v", out, err)
	}
}

func TestChecksumsAreOfTheArchivesAndTheSameAgain(t *testing.T) {
	source(t)
	var before string
	for range 2 {
		r := release{"out", "1.2.3", time.Unix(1700000000, 0).UTC()}
		if err := r.build([]platform{{"linux", "arm64"}, {"darwin", "amd64"}}, program); err != nil {
			t.Fatal(err)
		}
		sums, err := os.ReadFile("out/SHA256SUMS")
		if err != nil {
			t.Fatal(err)
		}
		var want string
		for _, name := range []string{"guestlist_1.2.3_darwin_amd64.tar.gz", "guestlist_1.2.3_linux_arm64.tar.gz"} {
			content, err := os.ReadFile("out/" + name)
			if err != nil {
				t.Fatal(err)
			}
			want += fmt.Sprintf("%x  %s\n", sha256.Sum256(content), name)
		}
		if string(sums) != want || before != "" && before != want {
			t.Errorf("the sums are\n%s\nwant\n%s\nand before that\n%s", sums, want, before)
		}
		before = want
	}
}

func TestArchivesWithoutManPagesAreNotMade(t *testing.T) {
	source(t)
	if err := os.Remove("docs/man/guestlist.1"); err != nil {
		t.Fatal(err)
	}
	if err := (release{folder: "out"}).build(nil, program); err == nil || !strings.Contains(err.Error(), "make docs") {
		t.Errorf("error is %v", err)
	}
}

// goreleaser makes the same archives.
func TestGoreleaserReleasesTheSame(t *testing.T) {
	content, err := os.ReadFile("../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Version int
		Builds  []struct {
			Goos, Goarch, Env, Flags, Ldflags []string
		}
		Archives []struct {
			NameTemplate string `yaml:"name_template"`
			Formats      []string
			Wrap         bool `yaml:"wrap_in_directory"`
			Files        []struct{ Src string }
		}
		Checksum struct {
			NameTemplate string `yaml:"name_template"`
			Algorithm    string
		}
	}
	if err := yaml.Unmarshal(content, &config); err != nil {
		t.Fatal(err)
	}
	if config.Version != 2 || len(config.Builds) != 1 || len(config.Archives) != 1 {
		t.Fatalf("%+v", config)
	}
	build, archive := config.Builds[0], config.Archives[0]
	var all []platform
	for _, system := range build.Goos {
		for _, processor := range build.Goarch {
			all = append(all, platform{system, processor})
		}
	}
	if !slices.Equal(all, platforms()) {
		t.Errorf("goreleaser releases for %v, make dist for %v", all, platforms())
	}
	var sources []string
	for _, f := range archive.Files {
		sources = append(sources, f.Src)
	}
	got := []string{
		strings.Join(build.Env, " "), strings.Join(build.Flags, " "), strings.Join(build.Ldflags, " "), archive.NameTemplate, strings.Join(archive.Formats, " "),
		fmt.Sprint(archive.Wrap), strings.Join(sources, " "), config.Checksum.NameTemplate, config.Checksum.Algorithm,
	}
	want := []string{
		"CGO_ENABLED=0", "-trimpath -buildvcs=false", "-s -w -X guestlist/cli.version={{ .Version }}", "guestlist_{{ .Version }}_{{ .Os }}_{{ .Arch }}", "tar.gz",
		"true", "*.md docs/*.md docs/man/*.1 docs/completion/*", "SHA256SUMS", "sha256",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-make dist +goreleaser)\n%s", diff)
	}
}

// readTar returns what is in path.tar.gz, by name, mode and day.
func readTar(t *testing.T, path string) map[string]string {
	t.Helper()
	f, err := os.Open(path + ".tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	files, r := map[string]string{}, tar.NewReader(z)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := io.Copy(&b, r); err != nil {
			t.Fatal(err)
		}
		files[fmt.Sprintf("%s %04o %s", h.Name, h.Mode, h.ModTime.UTC().Format(time.DateOnly))] = b.String()
	}
}

// readZip is readTar of path.zip.
func readZip(t *testing.T, path string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path + ".zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[fmt.Sprintf("%s %04o %s", f.Name, f.Mode().Perm(), f.Modified.UTC().Format(time.DateOnly))] = string(content)
	}
	return files
}
