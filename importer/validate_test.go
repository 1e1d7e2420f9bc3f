package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"guestlist/guest"
)

func opens(src func() io.Reader) Options {
	return Options{Open: func() (io.ReadCloser, error) { return io.NopCloser(src()), nil }}
}

func TestValidateWritesAVerdictForEachRow(t *testing.T) {
	const file = "email,company_url,created_at\n" +
		"ann@acme.example.com,,1\n" +
		"\n" +
		"bob@acme,acme.example.com,\n" +
		"ANN@acme.example.com,,\n" +
		"\"cat@acme.example.com\"x,,\n" +
		"bob@acme.example.com,,\n" +
		"ann@acme.example.com,,\n"
	path := filepath.Join(t.TempDir(), "plan.csv")
	v, err := Validate(t.Context(), opens(func() io.Reader { return strings.NewReader(file) }), path)
	if err != nil {
		t.Fatal(err)
	}
	if v.Rows != 6 || v.Valid != 2 || v.Invalid != 2 || v.Duplicate != 2 || len(v.Header.LeftOut) != 1 {
		t.Errorf("found %+v", v)
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `row,line,email,status,action,http_status,guest_id,attempts,error,finished_at,org
1,2,ann@acme.example.com,valid,none,,,0,,,
2,4,bob@acme,invalid,none,,,0,email: has no dot after the @ (a domain looks like example.com); company_url: has no scheme (did you mean https://acme.example.com?),,
3,5,ANN@acme.example.com,duplicate,none,,,0,email: stands on row 1 already,,
4,6,,invalid,none,,,0,row: a quoted cell goes on after its closing quote: a quote inside a quoted cell must be doubled,,
5,7,bob@acme.example.com,valid,none,,,0,,,
6,8,ann@acme.example.com,duplicate,none,,,0,email: stands on row 1 already,,
`
	if diff := cmp.Diff(want, string(written)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A plan judges as a validation does, and numbers rows alike however many there
// are.
func TestValidateAgreesWithThePlan(t *testing.T) {
	var file strings.Builder
	file.WriteString("email\n")
	for i := range 1000 {
		fmt.Fprintf(&file, "guest%d@acme.example.com\n", i%700)
		if i%7 == 0 {
			file.WriteString("nobody\n")
		}
	}
	o := opens(func() io.Reader { return strings.NewReader(file.String()) })
	o.Mode = Upsert
	plan, err := NewPlan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	v, err := Validate(t.Context(), o, filepath.Join(dir, "verdicts.csv"))
	if err := errors.Join(err, plan.Write(t.Context(), filepath.Join(dir, "plan.csv"))); err != nil {
		t.Fatal(err)
	}
	if n := plan.Counts; v.Rows != n.Rows || v.Invalid != n.Invalid || v.Duplicate != n.Duplicate || v.Valid != n.Create || v.Duplicate != 300 {
		t.Errorf("the validation found %+v, the plan %+v", v, n)
	}
	verdicts, err := os.ReadFile(filepath.Join(dir, "verdicts.csv"))
	if err != nil {
		t.Fatal(err)
	}
	planned, err := os.ReadFile(filepath.Join(dir, "plan.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(planned), strings.ReplaceAll(string(verdicts), ",valid,none,", ",planned,create,")); diff != "" {
		t.Errorf("(-plan +verdicts):\n%s", diff)
	}
}

// A validation that cannot be finished leaves no file, and no goroutine either.
func TestValidateThatFailsLeavesNoFile(t *testing.T) {
	rows := "email\n" + strings.Repeat("ann@acme.example.com\n", 10_000)
	broken := errors.New("the disk is gone")
	for _, tc := range []struct {
		name string
		src  io.Reader
		want func(error) bool
	}{
		{"no email column", strings.NewReader("name\nAnn\n"), func(err error) bool { var input *guest.InputError; return errors.As(err, &input) }},
		{"the file fails", io.MultiReader(strings.NewReader(rows), iotest.ErrReader(broken)), func(err error) bool {
			return errors.Is(err, broken) && strings.Contains(err.Error(), "after row 10000")
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := Validate(t.Context(), opens(func() io.Reader { return tc.src }), filepath.Join(dir, "plan.csv"))
			if !tc.want(err) {
				t.Errorf("error is %v", err)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("%s is left", left[0].Name())
			}
		})
	}
}

func TestFirstPassEndsWhenItIsTold(t *testing.T) {
	endless := opens(func() io.Reader { return io.MultiReader(strings.NewReader("email\n"), &endlessRows{}) })
	enough := errors.New("enough")
	ctx, cancel := context.WithCancel(t.Context())
	for _, tc := range []struct {
		name string
		do   func(i int) error
		want error
	}{
		{"by a row", func(i int) error { return enough }, enough},
		{"by a later row", func(i int) error {
			if i < 5000 {
				return nil
			}
			return enough
		}, enough},
		{"by the context", func(i int) error {
			if i == 5000 {
				cancel()
			}
			return nil
		}, context.Canceled},
	} {
		err := newPlan(endless).firstPass(ctx, func(i int, s *seen) error {
			if want := i + 1; s.row.Number != want {
				t.Fatalf("row %d comes where %d should", s.row.Number, want)
			}
			return tc.do(i)
		})
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: error is %v, want %v", tc.name, err, tc.want)
		}
	}
}

// endlessRows is a file without an end.
type endlessRows struct{ at int }

func (e *endlessRows) Read(p []byte) (int, error) {
	const row = "ann@acme.example.com\n"
	for i := range p {
		p[i] = row[e.at%len(row)]
		e.at++
	}
	return len(p), nil
}
