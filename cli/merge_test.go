package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"guestlist/sandbox"
)

// newMergeDesk is a desk with the results of two shards of people.csv.
func newMergeDesk(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t, sandbox.Options{})
	if err := os.WriteFile("people.csv", []byte("email\nann@acme.example.com\nbob@acme.example.com\nbad\nworse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		code, stderr := d.run("import", "people.csv", "--shard", fmt.Sprintf("%d/2", i))
		if code != exitOK && code != exitSomeRefused {
			t.Fatalf("exit code %d:\n%s", code, stderr)
		}
	}
	return d
}

func TestMergeIsNotWrittenOverTheInput(t *testing.T) {
	d := newMergeDesk(t)
	before, err := os.ReadFile("people.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"results", "rejects"} {
		code, stderr := d.run("merge", "people.shard-0-of-2."+kind+".csv", "people.shard-1-of-2."+kind+".csv", "-o", "./people.csv")
		if code != exitUsage || !strings.HasPrefix(stderr, "guestlist: --output: ./people.csv is the input too, and one would be written over\n") {
			t.Errorf("%s: exit code %d:\n%s", kind, code, stderr)
		}
	}
	if after, err := os.ReadFile("people.csv"); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the input is now %q, %v", after, err)
	}
}

func TestWhatToDoWhenSomethingIsNotMerged(t *testing.T) {
	const name = "people.shard-0-of-2.results.csv"
	for _, tc := range []struct {
		name  string
		spoil func(text []byte) error
		want  string
	}{
		{"a folder", func([]byte) error { return errors.Join(os.Remove(name), os.Mkdir(name, 0o700)) }, name + " is not a regular file\nname the results of the shards: "},
		{"a damaged line", func(text []byte) error {
			return os.WriteFile(name, append(text, ",,,,,,,,,,\n"...), 0o600)
		}, "status is \"\", which no run writes\nmend or remove that line, then run that shard again, with --resume\n"},
		{
			"cut", func(text []byte) error { return os.WriteFile(name, text[:len(text)-9], 0o600) },
			name + " ends in the middle of a line\nmend or remove that line, then run that shard again, with --resume\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newMergeDesk(t)
			text, err := os.ReadFile(name)
			if err = errors.Join(err, tc.spoil(text)); err != nil {
				t.Fatal(err)
			}
			code, stderr := d.run("merge", name, "people.shard-1-of-2.results.csv", "-o", "all.csv")
			if code != exitFailure || !strings.Contains(stderr, tc.want) {
				t.Errorf("exit code %d:\n%s", code, stderr)
			}
		})
	}
}

// What ends the writing is told once.
func TestBufferedTellsOneError(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	stopped := errors.New("interrupted")
	err := buffered(ctx, io.Discard, func(w io.Writer) error {
		end(stopped)
		_, err := w.Write(make([]byte, 100_000))
		return err
	})
	if err == nil || err.Error() != "interrupted" {
		t.Errorf("error is %v", err)
	}
}

// The rejects of standard input are called after its results.
func TestMergeRejectsOfStandardInput(t *testing.T) {
	d := newDesk(t, sandbox.Options{})
	var names []string
	for i := range 2 {
		var stderr bytes.Buffer
		shard := fmt.Sprintf("shard-%d-of-2", i)
		code := Run([]string{"import", "-", "--shard", fmt.Sprintf("%d/2", i), "--results", "in." + shard + ".results.csv"},
			strings.NewReader("email\nbad1\nbad2\nbad3\nbad4\n"), io.Discard, &stderr, d.getenv)
		if code != exitSomeRefused && code != exitInvalid {
			t.Fatalf("exit code %d:\n%s", code, &stderr)
		}
		names = append(names, "in."+shard+".results.rejects.csv")
	}
	code, stderr := d.run("merge", names[0], names[1], "-o", "rejects.csv")
	text, err := os.ReadFile("rejects.csv")
	if code != exitOK || err != nil || strings.Count(string(text), "\nbad") != 4 {
		t.Errorf("exit code %d, %v:\n%s\n%s", code, err, stderr, text)
	}
	if code, stderr := d.run("merge", names[0]); code != exitFailure || !strings.Contains(stderr, "shard 1/2 refused rows, and its rejects are not there: "+names[1]+"\n") {
		t.Errorf("one is not named: exit code %d:\n%s", code, stderr)
	}
}
