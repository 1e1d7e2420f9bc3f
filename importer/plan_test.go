package importer

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"guestlist/sandbox"
)

// Whoever an earlier run wrote to is told of when no row names them any more.
func TestPeopleWhoHaveNoRowAnyMore(t *testing.T) {
	const header = "row,line,email,status,action,http_status,guest_id,attempts,error,finished_at,org\n"
	for _, tc := range []struct {
		name, line string
		gone       int
	}{
		{"created", "created,create,201,7,1,,2026-01-01T00:00:00Z", 1},
		{"updated", "updated,associate,200,7,1,,2026-01-01T00:00:00Z", 1},
		{"sent, and nobody knows", "sending,create,,,1,,2026-01-01T00:00:00Z", 1},
		{"of an unknown fate", "failed,none,500,,8,fate unknown: no answer,2026-01-01T00:00:00Z", 1},
		{"created, not associated", "failed,create,422,7,2,associated_members: no,2026-01-01T00:00:00Z", 1},
		{"refused by the server", "failed,none,422,,1,email: no,2026-01-01T00:00:00Z", 0},
		{"there before", "unchanged,none,,7,0,,2026-01-01T00:00:00Z", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for file, gone := range map[string]int{
				"email\nbob@acme.example.com\n":                       tc.gone,
				"email\nbob@acme.example.com\nAnn@ACME.example.com\n": 0,
			} {
				b := newBench(t, sandbox.New(sandbox.Options{}))
				earlier := header + fmt.Sprintf("1,2,ann@acme.example.com,%s,acme\n", tc.line)
				if err := os.WriteFile(b.partial, []byte(earlier), 0o600); err != nil {
					t.Fatal(err)
				}
				b.mustRun(file)
				if b.plan.Gone != gone {
					t.Errorf("%q: %d are gone, want %d", file, b.plan.Gone, gone)
				}
			}
		})
	}
}

// Between two passes over an input nothing may change that says who is who.
func TestInputThatChangesWhileItIsPlanned(t *testing.T) {
	const was = "email,first_name\nann@acme.example.com,Ann\nbob@acme.example.com,Bob\n"
	for _, tc := range []struct {
		name, is string
		want     error
	}{
		{"the same", was, nil},
		{"another cell", strings.Replace(was, "Bob", "Rob", 1), ErrInputChanged},
		{"rows that changed places", "email,first_name\nbob@acme.example.com,Bob\nann@acme.example.com,Ann\n", ErrInputChanged},
		{"a row more", was + "cat@acme.example.com,Cat\n", ErrInputChanged},
		{"a row less", "email,first_name\nann@acme.example.com,Ann\n", ErrInputChanged},
		{"another column", strings.Replace(was, "first_name", "last_name", 1), ErrInputChanged},
		{"another delimiter in the header alone", strings.Replace(was, "email,", "email;", 1), ErrInputChanged},
		{"a header that cannot be used", strings.Replace(was, "email", "Ann", 1), ErrInputChanged},
		{"nothing any more", "", ErrInputChanged},
	} {
		files := []string{was, tc.is}
		_, err := NewPlan(t.Context(), Options{Mode: Upsert, Open: func() (io.ReadCloser, error) {
			file := files[0]
			files = files[1:]
			return io.NopCloser(strings.NewReader(file)), nil
		}})
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: error is %v, want %v", tc.name, err, tc.want)
		}
	}
}
