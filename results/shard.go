package results

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Shard is one of the parts that the rows of an input are dealt into, so that
// several runs can share it. Its zero value is no part but the whole.
type Shard struct {
	Index int // from 0
	Count int // zero: the input is not dealt out
}

// MostShards is the most parts that an input may be dealt into.
const MostShards = 1000

// ParseShard reads a shard as String writes it.
func ParseShard(s string) (Shard, error) {
	index, count, found := strings.Cut(s, "/")
	if !found {
		return Shard{}, fmt.Errorf("%q is no shard: it is written I/N, as 0/4 for the first of four", s)
	}
	return NewShard(index, count)
}

// NewShard reads a shard from its index, which counts from 0, and the number of
// shards.
func NewShard(index, count string) (Shard, error) {
	n, err := strconv.ParseUint(count, 10, 31)
	if err != nil || n < 1 || n > MostShards {
		return Shard{}, fmt.Errorf("%q is no number of shards: it is between 1 and %d", count, MostShards)
	}
	i, err := strconv.ParseUint(index, 10, 31)
	switch {
	case err != nil:
		return Shard{}, fmt.Errorf("%q is no index of a shard: it is a number from 0", index)
	case i >= n:
		return Shard{}, fmt.Errorf("there is no shard %d of %d: they count from 0, so the last is %d/%d", i, n, n-1, n)
	}
	return Shard{int(i), int(n)}, nil
}

// String writes a shard as 0/4, the first of four; empty: the whole.
func (s Shard) String() string {
	if s.IsWhole() {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Count)
}

// IsWhole tells whether a shard is no part but the whole.
func (s Shard) IsWhole() bool { return s.Count == 0 }

// Has tells whether a row, which counts from 1, belongs into the shard. Rows of one
// person, by guest.Key, meet in one shard: it is the one whose index is the first
// eight bytes of the SHA-256 of that key, the most significant first, modulo the
// number of shards. Rows without an email are dealt out in turn: row 1 belongs into shard 0. So
// it is in every process, on every machine and in every version.
func (s Shard) Has(email string, row int) bool {
	if s.IsWhole() {
		return true
	}
	number := uint64(row - 1)
	if k := key(email); k != "" {
		sum := sha256.Sum256([]byte(k))
		number = binary.BigEndian.Uint64(sum[:])
	}
	return number%uint64(s.Count) == uint64(s.Index)
}

// name is what the shard is called in the names of its files.
func (s Shard) name() string { return fmt.Sprintf("shard-%d-of-%d", s.Index, s.Count) }

// Path is the function Path for the results of a shard: those of FILE.csv go to
// FILE.shard-0-of-4.results.csv.
func (s Shard) Path(input, kind string) string {
	if s.IsWhole() {
		return Path(input, kind)
	}
	return Path(input, s.name()+"."+kind)
}

// shardInName finds the last such part of a name: the others belong to the input's.
var shardInName = regexp.MustCompile(`^(?:(.*)\.)?shard-(\d+)-of-(\d+)((?:\..*)?)$`)

// ShardOf reads off the name of a file of which shard it is, and returns the path
// without that, as the file would be called if the input were whole. A name that
// tells of no shard is the whole's.
func ShardOf(path string) (s Shard, whole string) {
	folder, name := filepath.Split(path)
	parts := shardInName.FindStringSubmatch(name)
	if parts == nil {
		return Shard{}, path
	}
	s, err := NewShard(parts[2], parts[3])
	if err != nil {
		return Shard{}, path
	}
	return s, folder + parts[1] + parts[4]
}

// Named tells whether a path tells that it is of the shard. Of the whole any does.
func (s Shard) Named(path string) bool {
	named, _ := ShardOf(path)
	return s.IsWhole() || named == s
}

// WithShard returns the path with the name of the shard in it, for a file that is
// not called after its input.
func (s Shard) WithShard(path string) string {
	for _, end := range []string{".results.csv", ".rejects.csv", ".plan.csv", filepath.Ext(path)} {
		if base, ok := strings.CutSuffix(path, end); ok && filepath.Base(base) != "" && filepath.Base(path) != end {
			return base + "." + s.name() + end
		}
	}
	return path + "." + s.name()
}
