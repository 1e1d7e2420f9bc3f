package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/results"
)

// The environment of a shard. Kubernetes sets the index in each pod of an Indexed
// Job, which may stand for something else, so that alone shares nothing out.
const (
	shardIndexVariable = "JOB_COMPLETION_INDEX"
	shardCountVariable = "GUESTLIST_SHARDS"
)

// findShard finds out which part of the input a run works on: what the flag says,
// else the environment, else all of it.
func (f *importFlags) findShard(a *app, cmd *cobra.Command) (results.Shard, error) {
	if cmd.Flags().Changed("shard") {
		s, err := results.ParseShard(f.shard)
		if err != nil {
			return s, misused(cmd, "--shard: %w", err)
		}
		return s, nil
	}
	index, count := a.getenv(shardIndexVariable), a.getenv(shardCountVariable)
	switch {
	case count == "" && index != "":
		a.warn("%s is %s, and %s is not set: this run takes all rows", shardIndexVariable, shortened(index), shardCountVariable)
		return results.Shard{}, nil
	case count == "":
		return results.Shard{}, nil
	case index == "":
		return results.Shard{}, usage{hinted{
			fmt.Errorf("%s is %s, and %s does not say which of them this is", shardCountVariable, shortened(count), shardIndexVariable),
			"Kubernetes sets that in a Job with completionMode: Indexed; elsewhere give --shard I/N, or set both",
		}, cmd.CommandPath()}
	}
	s, err := results.NewShard(index, count)
	if err != nil {
		return s, misused(cmd, "%s, %s: %w", shardIndexVariable, shardCountVariable, err)
	}
	return s, nil
}

// checkShardNames refuses results that other shards would write over: without the
// shard in their name they are taken for those of all, and cannot be merged.
func (f *importFlags) checkShardNames(cmd *cobra.Command, shard results.Shard) error {
	for _, o := range []output{{"--results", f.results}, {"--rejects", f.rejects}, {"--payloads", f.payloads}} {
		if o.path != "" && !shard.Named(o.path) {
			return usage{hinted{
				errors.New(o.flag + ": the name does not say that it is of shard " + shard.String() + ", and each shard needs its own"),
				"call it " + shard.WithShard(o.path),
			}, cmd.CommandPath()}
		}
	}
	return nil
}

// unfinishedOtherwise returns the partial results of a run over the same input that
// dealt it out otherwise and did not finish: what it has sent and not settled, this
// run would not know of. The shard is the one that they are of. Empty: there are none.
func (j *importJob) unfinishedOtherwise() (string, results.Shard, error) {
	whole := j.results
	if !j.o.Shard.IsWhole() {
		_, whole = results.ShardOf(whole)
	}
	files, err := os.ReadDir(filepath.Dir(whole))
	if errors.Is(err, fs.ErrPermission) { // a folder may be written to and not read
		return "", results.Shard{}, nil
	}
	if err != nil {
		return "", results.Shard{}, fmt.Errorf("look for an unfinished run: %w", err)
	}
	for _, file := range files {
		name, partial := strings.CutSuffix(file.Name(), ".partial")
		if !partial {
			continue
		}
		shard, of := results.ShardOf(name)
		if name == filepath.Base(whole) {
			shard, of = results.Shard{}, name
		}
		if of == filepath.Base(whole) && shard.Count != j.o.Shard.Count {
			return filepath.Join(filepath.Dir(whole), file.Name()), shard, nil
		}
	}
	return "", results.Shard{}, nil
}
