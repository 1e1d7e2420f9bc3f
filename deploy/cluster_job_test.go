package deploy

import (
	"slices"
	"testing"
)

// ending is how a Job ended.
type ending struct {
	condition string // Complete or Failed
	failed    []int  // its indexes that failed
	pods      int    // how many there were
}

// control goes on with a Job as Kubernetes does, one round of pods after the other, until
// the Job has ended. start runs a pod of an index, the first one of it as 0, and returns
// its exit code.
//
// The rules, of which the first one that knows the code holds: Ignore starts another pod
// and counts nothing. FailJob ends the Job, FailIndex the index. Anything else is counted,
// for each index with backoffLimitPerIndex and for the Job with backoffLimit, and what is
// beyond the limit ends it. With an index that failed the others go on, and then the Job
// has failed.
func (j jobSpec) control(start func(index, pod int) (code int)) (e ending) {
	indexes := max(j.Completions, 1)
	counted, ended := make([]int, indexes), make([]bool, indexes)
	inAll := 0
	for pod := 0; slices.Contains(ended, false); pod++ {
		for i := range indexes {
			if ended[i] {
				continue
			}
			e.pods++
			code := start(i, pod)
			if code == 0 {
				ended[i] = true
				continue
			}
			action := j.action(code)
			if action == "Count" {
				counted[i]++
				inAll++
				switch {
				case j.BackoffLimitPerIndex != nil && counted[i] > int(*j.BackoffLimitPerIndex):
					action = "FailIndex"
				case j.BackoffLimit != nil && inAll > int(*j.BackoffLimit):
					action = "FailJob"
				}
			}
			switch action {
			case "FailIndex":
				ended[i], e.failed = true, append(e.failed, i)
			case "FailJob":
				e.condition = "Failed"
				return e
			}
		}
	}
	e.condition = "Complete"
	if len(e.failed) > 0 {
		e.condition = "Failed"
	}
	return e
}

func TestHowJobsEnd(t *testing.T) {
	t.Parallel()
	c := readCluster(t)
	days := slices.Repeat([]int{6}, 500)
	for _, test := range []struct {
		name  string
		job   string
		codes map[int][]int // of the pods of an index; after them 0
		want  ending
	}{
		{"all is done at once", "guestlist-shards", nil, ending{"Complete", nil, 4}},
		{"a limit is used up twice", "guestlist-shards", map[int][]int{1: {6, 6}}, ending{"Complete", nil, 6}},
		{"a limit is used up for days", "guestlist-shards", map[int][]int{0: days, 3: days}, ending{"Complete", nil, 1004}},
		{"nodes go down, and somebody interrupts", "guestlist-shards", map[int][]int{0: {143}, 1: {143, 130}}, ending{"Complete", nil, 7}},
		{"the server is down five times, and comes back", "guestlist-shards", map[int][]int{2: {1, 1, 6, 1, 137, 1}}, ending{"Complete", nil, 10}},
		{"the server stays down for one shard", "guestlist-shards", map[int][]int{2: {1, 1, 1, 1, 1, 6, 1}, 3: days}, ending{"Failed", []int{2}, 510}},
		{"a mistyped flag stops all at once", "guestlist-shards", map[int][]int{0: {2}, 1: {2}}, ending{"Failed", nil, 1}},
		{"the secret is withdrawn in the middle", "guestlist-shards", map[int][]int{0: {6, 6}, 1: {6, 3}}, ending{"Failed", nil, 6}},
		{"a shard whose rows were refused, and the others go on", "guestlist-shards", map[int][]int{0: {9}, 1: {6, 6}}, ending{"Failed", []int{0}, 6}},
		{"a shard alone comes back later", "guestlist-shard-0", map[int][]int{0: {6, 6}}, ending{"Complete", nil, 3}},
		{"a shard alone whose rows were refused", "guestlist-shard-0", map[int][]int{0: {9}}, ending{"Failed", nil, 1}},
		{"an import comes back later", "guestlist-import", map[int][]int{0: {6, 143, 6}}, ending{"Complete", nil, 4}},
		{"an import whose server stays down, until the next hour", "guestlist-import", map[int][]int{0: {1, 1, 1}}, ending{"Failed", nil, 3}},
		{"an export of an organization comes back later", "guestlist-acme", map[int][]int{0: {6, 6, 6}}, ending{"Complete", nil, 4}},
		{"an export that lost too many guests", "guestlist-acme", map[int][]int{0: {1, 1, 1}}, ending{"Failed", nil, 3}},
		{"a shard is missing when they are merged", "guestlist-merge", map[int][]int{0: {1}}, ending{"Failed", nil, 1}},
	} {
		got := c.jobs[test.job].control(func(index, pod int) int {
			if codes := test.codes[index]; pod < len(codes) {
				return codes[pod]
			}
			return 0
		})
		if got.condition != test.want.condition || !slices.Equal(got.failed, test.want.failed) || got.pods != test.want.pods {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}
