package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/atomicfile"
)

// output is a file that a command is going to write.
type output struct {
	flag string // that names it
	path string // empty: not written
}

// kept is where what stood at an output before is kept.
func kept(o output) output {
	if o.path == "" {
		return o
	}
	return output{"what is kept of an older " + strings.TrimPrefix(o.flag, "--"), atomicfile.Kept(o.path)}
}

// checkOutputs refuses, before anything is sent, outputs that would overwrite
// the input or each other, or that cannot be written.
func checkOutputs(cmd *cobra.Command, input string, outputs []output) error {
	taken := []output{{"the input", input}}
	for _, o := range outputs {
		if o.path == "" {
			continue
		}
		if o.path == "-" {
			return misused(cmd, "%s: it has to be a file", o.flag)
		}
		for _, other := range taken {
			if other.path != "" && atomicfile.Same(o.path, other.path) {
				return misused(cmd, "%s: %s is %s too, and one would be written over", o.flag, o.path, other.flag)
			}
		}
		taken = append(taken, o)
	}
	for _, o := range taken[1:] {
		if err := atomicfile.Check(o.path); err != nil {
			return fmt.Errorf("%s: %w", o.flag, err)
		}
	}
	return nil
}
