package results

import (
	"path/filepath"
	"strings"
)

// Path returns where the results of an input go: FILE.csv gives
// FILE.results.csv, any other name is extended. Kind is "results", "plan" or
// "rejects".
func Path(input, kind string) string {
	if base, ok := strings.CutSuffix(input, ".csv"); ok && filepath.Base(input) != ".csv" {
		return base + "." + kind + ".csv"
	}
	return input + "." + kind + ".csv"
}
