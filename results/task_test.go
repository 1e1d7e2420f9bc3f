package results

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTaskOf(t *testing.T) {
	const header = "row,line,email,status,action,http_status,guest_id,attempts,error,finished_at,org\n"
	for _, tc := range []struct {
		name, file string
		want       Task
	}{
		{"an import", header + "1,2,a@b.com,unchanged,none,,,0,,,acme\n2,3,c@b.com,created,create,201,7,1,,,acme\n", Importing},
		{"an import of members only", header + "1,2,a@b.com,updated,associate,201,7,1,,,acme\n", Importing},
		{"an import's plan", header + "1,2,a@b.com,planned,create+associate,,,0,,,acme\n", Importing},
		{"a delete under way", header + "1,2,a@b.com,sending,delete,,,1,,,acme\n", Deleting},
		{"a delete with a torn tail", header + "1,2,a@b.com,deleted,delete,200,7,1,,,acme\n2,3,c@b.", Deleting},
		{"a disable", header + "1,2,a@b.com,disabled,disable,200,7,1,,,acme\n", Disabling},
		{"an enable", header + "1,2,a@b.com,enabled,enable,200,7,1,,,acme\n", Enabling},
		{"a delete of which nobody knows", header + "1,2,a@b.com,failed,none,500,7,1," + Sent(Delete) + " and so on,,acme\n", Deleting},
		{"an import of which nobody knows", header + "1,2,a@b.com,failed,none,500,,1," + Sent(Create) + " and so on,,acme\n", Importing},
		{"rows that were validated", header + "1,2,a@b.com,valid,none,,,0,,,\n", Importing},
		{"nothing written", header + "1,2,a@b.com,invalid,none,,,0,,,acme\n", ""},
		{"a header alone", header, ""},
		{"damage before anything tells", header + "1,2,a@b.com,jumped,delete,,,0,,,acme\n", ""},
		{"no results", "email\na@b.com\n", ""},
		{"empty", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "r.csv")
			if err := os.WriteFile(path, []byte(tc.file), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := TaskOf(path); err != nil || got != tc.want {
				t.Errorf("got %q, %v, want %q", got, err, tc.want)
			}
		})
	}
	if got, err := TaskOf(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Errorf("a file that is not there is of %q", got)
	}
}

func TestSpares(t *testing.T) {
	const header = "row,line,email,status,action,http_status,guest_id,attempts,error,finished_at,org\n"
	for name, tc := range map[string]struct {
		file string
		want bool
	}{
		"an undo":        {header + "1,2,a@b.com,deleted,delete,200,7,1,,,acme\n2,3,c@b.com,unchanged,none,,,0," + LeftAlone + ": because,,acme\n", true},
		"another delete": {header + "1,2,a@b.com,deleted,delete,200,7,1,,,acme\n2,3,c@b.com,unchanged,none,,,0,not a guest,,acme\n", false},
		"no results":     {"email\n", false},
	} {
		path := filepath.Join(t.TempDir(), "r.csv")
		if err := os.WriteFile(path, []byte(tc.file), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Spares(path); err != nil || got != tc.want {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}
