// Package samples carries the sample that the demo imports, so that the demo
// works from any folder.
package samples

import _ "embed"

// Contractors is contractors.csv as it stands: a header and 25 rows, four of
// which are wrong on purpose. It must not be changed.
//
//go:embed contractors.csv
var Contractors []byte
