package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// files lists a folder, hidden files too.
func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestFileStandsThereOnlyAfterCommit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.csv")
	if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	f, err := Create(path, Mode(path, 0o600))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("new"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("before Commit there stands %q", got)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "new" {
		t.Errorf("after Commit there stands %q", got)
	}
	if info, _ := os.Stat(path); runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v, want that of the older file", info.Mode())
	}
	if err := f.Abort(); err != nil {
		t.Errorf("Abort after Commit: %v", err)
	}
	if diff := cmp.Diff([]string{"out.csv"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestAbortLeavesWhatStoodThere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.csv")
	f, err := Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Abort(); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); got != nil {
		t.Errorf("there stands %v", got)
	}
}

func TestWriteFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("target", link); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(target); string(got) != "new" {
		t.Errorf("the target holds %q", got)
	}
	if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
}

func TestWriteFollowsALinkToNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("sub/target", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "link"), []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "sub", "target")); string(got) != "new" {
		t.Errorf("the target holds %q", got)
	}
}

func TestCommitKeeping(t *testing.T) {
	dir := t.TempDir()
	path, old := filepath.Join(dir, "out"), filepath.Join(dir, "out.old")
	for _, text := range []string{"first", "second", "third"} {
		f, err := Create(path, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if err := f.CommitKeeping(); err != nil {
			t.Fatal(err)
		}
	}
	now, _ := os.ReadFile(path)
	before, _ := os.ReadFile(old)
	if string(now) != "third" || string(before) != "second" {
		t.Errorf("there stand %q and, kept, %q", now, before)
	}
}

func TestCommitChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	long := strings.Repeat("x", 70<<10)
	for _, step := range []struct{ text, old string }{
		{"first", ""},
		{"first", ""},
		{"second", "first"},
		{"second", "first"},
		{"second and more", "second"},
		{long + "a", "second and more"},
		{long + "b", long + "a"},
		{long + "b", long + "a"},
		{"", long + "b"},
	} {
		f, err := Create(path, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(step.text); err != nil {
			t.Fatal(err)
		}
		if err := f.CommitChanged(); err != nil {
			t.Fatal(err)
		}
		now, _ := os.ReadFile(path)
		old, _ := os.ReadFile(Kept(path))
		if string(now) != step.text || string(old) != step.old {
			t.Errorf("there stand %.20q and, kept, %.20q; want %.20q and %.20q", now, old, step.text, step.old)
		}
	}
}

func TestCommitNew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	for i, want := range []error{nil, fs.ErrExist} {
		f, err := Create(path, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprint(f, i); err != nil {
			t.Fatal(err)
		}
		if err := f.CommitNew(); !errors.Is(err, want) {
			t.Errorf("file %d: error is %v, want %v", i, err, want)
		}
	}
	if got, _ := os.ReadFile(path); string(got) != "0" {
		t.Errorf("there stands %q", got)
	}
	if diff := cmp.Diff([]string{"out"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestCheckLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := Check(filepath.Join(dir, "out")); err != nil {
		t.Error(err)
	}
	if err := Check(filepath.Join(dir, "no", "out")); err == nil {
		t.Error("a file in a folder that is missing could be written")
	}
	if got := files(t, dir); got != nil {
		t.Errorf("there stands %v", got)
	}
}

func TestNewFilesArePrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	if err := Write(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v", info.Mode())
	}
}

func TestCreateRefusesWhatCannotBecomeAFile(t *testing.T) {
	dir := t.TempDir()
	for name, path := range map[string]string{"a folder": dir, "a folder that is missing": filepath.Join(dir, "no", "out")} {
		if f, err := Create(path, 0o600); err == nil {
			t.Errorf("%s: no error", name)
			_ = f.Abort()
		}
	}
}

// What a killed process has left is removed by the next one that writes the same
// file; what is still being written, and what is somebody else's, stays.
func TestLeftOversAreRemoved(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		".out.csv.123.tmp", ".out.csv.9.tmp", // left over
		".out.csv.old.tmp", ".out.csv.123.tmp.csv", "out.csv.123.tmp", ".other.csv.123.tmp",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "out.csv")
	first, err := Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		".other.csv.123.tmp", ".out.csv.123.tmp.csv", ".out.csv.old.tmp", "out.csv.123.tmp",
		filepath.Base(first.Name()), filepath.Base(second.Name()),
	}
	sorted := cmpopts.SortSlices(func(a, b string) bool { return a < b })
	if diff := cmp.Diff(want, files(t, dir), sorted); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if err := errors.Join(first.Commit(), second.Commit()); err != nil {
		t.Error(err)
	}
}

func TestManyWritersOfOneFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.csv")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				if err := Write(path, []byte("whole"), 0o600); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got, err := os.ReadFile(path); string(got) != "whole" {
		t.Errorf("there stands %q, %v", got, err)
	}
	if diff := cmp.Diff([]string{"out.csv"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestWhatWasKeptStaysUntilItIsReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.csv")
	if err := os.WriteFile(path+".old", []byte("older"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.CommitKeeping(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(Kept(path)); string(got) != "older" {
		t.Errorf("there stands %q, %v", got, err)
	}
}
