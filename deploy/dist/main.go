// Dist builds the archives of a release for every platform, and their checksums, as
// .goreleaser.yaml tells goreleaser to, with nothing but Go. The same source, version and time
// give the same bytes.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	r := release{}
	flag.StringVar(&r.folder, "o", "dist", "`FOLDER` for the archives, which is emptied")
	flag.StringVar(&r.version, "version", "dev", "what `guestlist version` prints")
	seconds := flag.Int64("time", 0, "of the files in the archives, in `SECONDS` since 1970; before 1980: 1980")
	flag.Parse()
	r.time = time.Unix(max(*seconds, oldest), 0).UTC()
	if err := r.build(platforms(), r.program); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

// oldest is the beginning of 1980, before which a zip has no time.
const oldest = 315532800

type platform struct{ system, processor string }

// platforms returns what is released for.
func platforms() (all []platform) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, processor := range []string{"amd64", "arm64"} {
			all = append(all, platform{system, processor})
		}
	}
	return all
}

// release is what is built, from the source in the working folder.
type release struct {
	folder, version string
	time            time.Time
}

// build empties the folder and writes an archive for each platform, with what program
// returns for it, and SHA256SUMS.
func (r release) build(all []platform, program func(platform) ([]byte, error)) error {
	if err := os.RemoveAll(r.folder); err != nil {
		return err
	}
	if err := os.MkdirAll(r.folder, 0o755); err != nil {
		return err
	}
	files, err := documents()
	if err != nil {
		return err
	}
	var sums []string
	for _, p := range all {
		binary, err := program(p)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", p.system, p.processor, err)
		}
		name, content, err := r.archive(p, binary, files)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", p.system, p.processor, err)
		}
		if err := os.WriteFile(filepath.Join(r.folder, name), content, 0o644); err != nil {
			return err
		}
		sums = append(sums, fmt.Sprintf("%x  %s\n", sha256.Sum256(content), name))
	}
	slices.SortFunc(sums, func(a, b string) int { return strings.Compare(a[64:], b[64:]) })
	return os.WriteFile(filepath.Join(r.folder, "SHA256SUMS"), []byte(strings.Join(sums, "")), 0o644)
}

// documents returns what every archive holds besides the program.
func documents() (files []file, err error) {
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/man/*.1", "docs/completion/*"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		if len(paths) == 0 {
			return nil, fmt.Errorf("there is no %s: make docs writes what is missing", pattern)
		}
		for _, path := range paths {
			content, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			files = append(files, file{filepath.ToSlash(path), 0o644, content})
		}
	}
	return files, nil
}

// archive packs the program for a platform.
func (r release) archive(p platform, program []byte, documents []file) (name string, content []byte, err error) {
	folder := fmt.Sprintf("guestlist_%s_%s_%s", strings.TrimPrefix(r.version, "v"), p.system, p.processor)
	if p.system == "windows" {
		content, err = zipped(folder, r.time, append([]file{{"guestlist.exe", 0o755, program}}, documents...))
		return folder + ".zip", content, err
	}
	content, err = tarred(folder, r.time, append([]file{{"guestlist", 0o755, program}}, documents...))
	return folder + ".tar.gz", content, err
}

// program builds the program for a platform.
func (r release) program(p platform) ([]byte, error) {
	dir, err := os.MkdirTemp("", "guestlist-dist-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "guestlist")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X guestlist/cli.version="+strings.TrimPrefix(r.version, "v"), "-o", out, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.system, "GOARCH="+p.processor)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	return os.ReadFile(out)
}
