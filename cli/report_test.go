package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/report"
	"guestlist/results"
)

func TestNextCommands(t *testing.T) {
	for _, tc := range []struct {
		name    string
		files   []string // that stand beside the results
		results string
		want    report.Commands
	}{
		{
			"a CSV file with rejects",
			[]string{"people.csv", "people.rejects.csv"},
			"people.results.csv",
			report.Commands{
				Input: "people.csv", Import: "guestlist import people.csv", Resume: "guestlist import people.csv --resume", Check: "guestlist validate people.csv",
				Rejects: "people.rejects.csv", Mended: "guestlist import people.rejects.csv",
			},
		},
		{
			"a file of another kind",
			[]string{"people.xlsx"},
			"people.xlsx.results.csv",
			report.Commands{Input: "people.xlsx", Import: "guestlist import people.xlsx", Resume: "guestlist import people.xlsx --resume", Check: "guestlist validate people.xlsx"},
		},
		{
			"a plan",
			[]string{"people.csv"},
			"people.plan.csv",
			report.Commands{Input: "people.csv", Import: "guestlist import people.csv", Resume: "guestlist import people.csv --resume", Check: "guestlist validate people.csv"},
		},
		{
			"partial results",
			[]string{"people.csv"},
			"people.results.csv.partial",
			report.Commands{Input: "people.csv", Import: "guestlist import people.csv", Resume: "guestlist import people.csv --resume", Check: "guestlist validate people.csv"},
		},
		{
			"a shard with rejects",
			[]string{"people.csv", "people.shard-0-of-4.rejects.csv"},
			"people.shard-0-of-4.results.csv",
			report.Commands{
				Input: "people.csv", Import: "guestlist import people.csv --shard 0/4", Resume: "guestlist import people.csv --shard 0/4 --resume", Check: "guestlist validate people.csv",
				Rejects: "people.shard-0-of-4.rejects.csv", Mended: "guestlist import people.shard-0-of-4.rejects.csv",
			},
		},
		{
			"an input that is gone", nil, "people.results.csv",
			report.Commands{Import: "guestlist import FILE", Resume: "guestlist import FILE --resume", Check: "guestlist validate FILE"},
		},
		{
			"results with a name of their own",
			[]string{"people.csv"},
			"my own.csv",
			report.Commands{Import: "guestlist import FILE", Resume: "guestlist import FILE --results 'my own.csv' --resume", Check: "guestlist validate FILE"},
		},
		{
			"a name that looks like a flag",
			[]string{"-x.csv"},
			"-x.results.csv",
			report.Commands{Input: "-x.csv", Import: "guestlist import ./-x.csv", Resume: "guestlist import ./-x.csv --resume", Check: "guestlist validate ./-x.csv"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for _, name := range tc.files {
				if err := os.WriteFile(filepath.Join(".", name), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tc.want, nextCommands(tc.results, results.Importing)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
