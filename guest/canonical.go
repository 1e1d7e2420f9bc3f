package guest

import "strings"

// Canonical returns the form in which two values of a field are compared:
// trimmed, line ends as CSV readers leave them, and dates as the create call
// takes them ("2025-01-15 10:30:00"), whichever of its ways the server writes
// them in.
func Canonical(f Field, value string) string {
	value = strings.ReplaceAll(Trim(value), "\r\n", "\n")
	if f != ExternalDateCreation {
		return value
	}
	day, clock, ok := strings.Cut(value, "T")
	if !ok {
		return value
	}
	clock = strings.TrimSuffix(strings.TrimSuffix(clock, "Z"), "+00:00")
	clock, fraction, _ := strings.Cut(clock, ".")
	if strings.Trim(fraction, "0") != "" {
		return value
	}
	return day + " " + clock
}
