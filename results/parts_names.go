package results

import (
	"fmt"
	"path/filepath"
	"strings"
)

// checkNames makes sure that files are of shards of one input, once each, as far as
// their names tell. It returns one of the shards, and the files by their index; the
// whole and none where no name tells of a shard.
func checkNames(paths []string) (first Shard, seen map[int]string, err error) {
	const together = "name the files of all shards of one run, as it has called them"
	var of string
	seen = map[int]string{}
	for i, path := range paths {
		shard, whole := ShardOf(path)
		whole = filepath.Base(whole)
		if strings.HasSuffix(path, ".partial") {
			return first, nil, mismatch(runAgain, "%s is of a run that did not finish", path)
		}
		if unfinished, err := Unfinished(path + ".partial"); err != nil || unfinished {
			return first, nil, mismatch(runAgain, "%s is not the last word: a run that went on from it did not finish", path)
		}
		if i == 0 {
			first, of = shard, whole
		}
		switch other, twice := seen[shard.Index]; {
		case shard.IsWhole() != first.IsWhole():
			without := path
			if first.IsWhole() {
				without = paths[0]
			}
			return first, nil, mismatch(together, "the name of %s does not tell which shard it is, and others do", without)
		case shard.IsWhole():
			continue
		case kindOf(whole) != kindOf(of):
			return first, nil, mismatch("merge results with results, and rejects with rejects", "%s has %s, and %s has %s", paths[0], kindOf(of), path, kindOf(whole))
		case whole != of:
			return first, nil, mismatch(together, "%s and %s are not of one run", paths[0], path)
		case shard.Count != first.Count:
			return first, nil, mismatch(together, "%s is one of %d shards, and %s one of %d", paths[0], first.Count, path, shard.Count)
		case twice:
			return first, nil, mismatch(together, "shard %s is there twice: %s and %s", shard, other, path)
		}
		seen[shard.Index] = path
	}
	return first, seen, nil
}

// kindOf tells what a file with that name has: results, unless it says otherwise.
func kindOf(name string) string {
	switch {
	case strings.HasSuffix(name, ".rejects.csv"):
		return "rejects"
	case strings.HasSuffix(name, ".plan.csv"):
		return "a plan"
	}
	return "results"
}

// missingShards is an error that names the shards that are not there; nil: all are.
// The path is that of one of them.
func missingShards(path string, count int, there func(i int) bool) error {
	const most = 5
	var missing []string
	unfinished := false
	for i := range count {
		if there(i) {
			continue
		}
		shard := Shard{i, count}
		name := shard.sibling(path)
		text := fmt.Sprintf("%s (%s)", shard, filepath.Base(name))
		if partial, err := Unfinished(name + ".partial"); err == nil && partial {
			unfinished = true
			text = fmt.Sprintf("%s (%s, which has not finished)", shard, filepath.Base(name))
		}
		missing = append(missing, text)
	}
	advice := "run what was not run yet, and name the files of all shards"
	if unfinished {
		advice = "run that shard to its end, with --resume, and name the files of all shards"
	}
	switch n := len(missing); {
	case n == 0:
		return nil
	case n == 1:
		return mismatch(advice, "a shard is missing: %s", missing[0])
	case n > most:
		return mismatch(advice, "%d shards are missing: %s and %d more", n, strings.Join(missing[:most], ", "), n-most)
	}
	return mismatch(advice, "%d shards are missing: %s", len(missing), strings.Join(missing, ", "))
}

// sibling returns what the file of another shard is called for this one.
func (s Shard) sibling(path string) string {
	other, _ := ShardOf(path)
	folder, name := filepath.Split(path)
	at := strings.LastIndex(name, other.name())
	return folder + name[:at] + s.name() + name[at+len(other.name()):]
}
