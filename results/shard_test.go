package results

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"guestlist/guest"
)

func TestParseShard(t *testing.T) {
	for _, tc := range []struct {
		name, text, want string
	}{
		{"the first of four", "0/4", ""},
		{"the last of four", "3/4", ""},
		{"the only one", "0/1", ""},
		{"the fourth, counted from one", "4/4", "there is no shard 4 of 4: they count from 0, so the last is 3/4"},
		{"none at all", "0/0", `"0" is no number of shards: it is between 1 and 1000`},
		{"far too many", "0/1001", `"1001" is no number of shards: it is between 1 and 1000`},
		{"less than none", "-1/4", `"-1" is no index of a shard: it is a number from 0`},
		{"words", "first/4", `"first" is no index of a shard: it is a number from 0`},
		{"half of it", "3", `"3" is no shard: it is written I/N, as 0/4 for the first of four`},
		{"too much of it", "1/2/3", `"2/3" is no number of shards: it is between 1 and 1000`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, err := ParseShard(tc.text)
			if got := fmt.Sprint(err); err != nil && got != tc.want || err == nil && tc.want != "" {
				t.Errorf("error is %v, want %q", err, tc.want)
			}
			if err == nil && s.String() != tc.text {
				t.Errorf("%s was read as %s", tc.text, s)
			}
		})
	}
}

// Who is in which shard is a promise: hosts with other versions share an import.
func TestShardsStayWhatTheyAre(t *testing.T) {
	for _, tc := range []struct {
		email string
		row   int
		of    map[int]int // number of shards: index
	}{
		// printf %s ann@acme.example.com | sha256sum
		{"ann@acme.example.com", 7, map[int]int{1: 0, 2: 0, 3: 0, 4: 0, 8: 4, 10: 6, 1000: 716}},
		{"Bob@acme.example.com ", 7, map[int]int{1: 0, 2: 1, 3: 0, 4: 1, 8: 5, 10: 1, 1000: 701}},
		{"", 7, map[int]int{1: 0, 2: 0, 3: 0, 4: 2, 8: 6, 10: 6, 1000: 6}},
	} {
		for count, want := range tc.of {
			if !(Shard{want, count}).Has(tc.email, tc.row) {
				t.Errorf("%q on row %d is not in shard %d of %d", tc.email, tc.row, want, count)
			}
		}
	}
}

func TestEveryRowIsInOneShard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(1, 20).Draw(t, "shards")
		email := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.StringMatching(`[a-zA-ZäÄ]{1,3}@x\.com`)).Draw(t, "email")
		row := rapid.IntRange(1, 1_000_000).Draw(t, "row")
		other := rapid.IntRange(1, 1_000_000).Draw(t, "another row")
		has := 0
		for i := range count {
			s := Shard{i, count}
			if !s.Has(email, row) {
				continue
			}
			has++
			for _, same := range []string{strings.ToUpper(email), " " + email + "\t"} {
				if guest.Key(same) == guest.Key(email) && guest.Key(email) != "" && !s.Has(same, other) {
					t.Errorf("%q is in shard %s, and %q is not", email, s, same)
				}
			}
		}
		if has != 1 {
			t.Errorf("%d shards have row %d with the email %q", has, row, email)
		}
	})
}

func TestShardsAreAboutEquallyLarge(t *testing.T) {
	for _, count := range []int{2, 4, 7} {
		for i := range count {
			n := 0
			for k := range 7000 {
				if (Shard{i, count}).Has(fmt.Sprintf("guest%d@acme.example.com", 2*k), k+1) {
					n++
				}
			}
			if want := 7000 / count; n < want*9/10 || n > want*11/10 {
				t.Errorf("shard %d of %d has %d rows of 7000", i, count, n)
			}
		}
	}
}

func TestShardPaths(t *testing.T) {
	s := Shard{2, 4}
	for _, tc := range []struct{ input, kind, want string }{
		{"a/big.csv", "results", "a/big.shard-2-of-4.results.csv"},
		{"big.xlsx", "rejects", "big.xlsx.shard-2-of-4.rejects.csv"},
		{"big.csv", "plan", "big.shard-2-of-4.plan.csv"},
		{"my.shard-0-of-9.csv", "results", "my.shard-0-of-9.shard-2-of-4.results.csv"},
	} {
		got := s.Path(tc.input, tc.kind)
		if got != tc.want {
			t.Errorf("the %s of %s are %s, want %s", tc.kind, tc.input, got, tc.want)
		}
		if shard, whole := ShardOf(got); shard != s || whole != Path(tc.input, tc.kind) {
			t.Errorf("%s is taken for shard %s of %s", got, shard, whole)
		}
	}
	if got := (Shard{}).Path("big.csv", "results"); got != "big.results.csv" {
		t.Errorf("the results of the whole are %s", got)
	}
}

func TestShardOf(t *testing.T) {
	for _, tc := range []struct {
		name, path, shard, whole string
	}{
		{"no shard", "big.results.csv", "", "big.results.csv"},
		{"a folder's name does not count", "x.shard-0-of-2.d/big.results.csv", "", "x.shard-0-of-2.d/big.results.csv"},
		{"one that cannot be", "big.shard-4-of-4.results.csv", "", "big.shard-4-of-4.results.csv"},
		{"partial", "big.shard-1-of-2.results.csv.partial", "1/2", "big.results.csv.partial"},
		{"nothing before it", "shard-1-of-2.csv", "1/2", ".csv"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if s, whole := ShardOf(tc.path); s.String() != tc.shard || whole != tc.whole {
				t.Errorf("%s is taken for shard %q of %s", tc.path, s, whole)
			}
		})
	}
	for path, want := range map[string]string{
		"out.results.csv": "out.shard-1-of-2.results.csv", "out.csv": "out.shard-1-of-2.csv", "out": "out.shard-1-of-2",
		".results.csv": ".results.shard-1-of-2.csv",
	} {
		s := Shard{1, 2}
		if got := s.WithShard(path); got != want || !s.Named(got) || s.Named(path) {
			t.Errorf("%s becomes %s, want %s", path, got, want)
		}
	}
}
