package guest

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

// timezoneProblem says what is wrong with a time zone. Only the exact names
// that the server lists are taken, never the zones of the host.
//
// Source: Laravel 12, rule timezone, which asks PHP's timezone_identifiers_list:
// column 3 of zone.tab in the tz database (2025b), and UTC. Old names such as
// US/Eastern, offsets and abbreviations are not in it.
func timezoneProblem(s string) *fault {
	if !utf8.ValidString(s) {
		return wrong(notUTF8)
	}
	if zones[s] {
		return nil
	}
	const unknown = "is not a time zone the server knows"
	hint := "names are like America/Chicago or UTC"
	if zone := zoneLike(s); zone != "" {
		hint = didYouMean + zone + "?"
	}
	return &fault{unknown, quote(s) + " " + unknown, hint}
}

//go:embed zones.txt
var zoneList string

var zones = setOf(zoneList)

// setOf makes a set of the words of a list.
func setOf(list string) map[string]bool {
	set := make(map[string]bool)
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}

// zoneLike is the zone that a person most likely meant: the one that zoneNamed
// finds, or else one whose city it is. It is "" where it would be a guess.
func zoneLike(s string) string {
	if zone := zoneNamed(s); zone != "" {
		return zone
	}
	return zoneNames().cities[foldZone(s)]
}

// zoneNamed is the zone whose name differs only in case and punctuation, or the
// one that an old or a Windows name stands for, or "".
func zoneNamed(s string) string { return zoneNames().names[foldZone(s)] }

//go:embed zonenames.txt
var otherZoneNames string

// foldedZones finds zones by what foldZone leaves.
type foldedZones struct{ names, cities map[string]string }

// zoneNames is built when the first zone is wrong, which may be never.
var zoneNames = sync.OnceValue(func() foldedZones {
	z := foldedZones{map[string]string{}, map[string]string{}}
	for zone := range strings.FieldsSeq(zoneList) {
		z.names[foldZone(zone)] = zone
		z.cities[foldZone(zone[strings.LastIndexByte(zone, '/')+1:])] = zone
	}
	for name, zone := range eachOtherZoneName {
		z.names[foldZone(name)] = zone
	}
	return z
})

// eachOtherZoneName yields the names that the server does not take, each with
// the zone that it stands for.
func eachOtherZoneName(yield func(name, zone string) bool) {
	for line := range strings.Lines(otherZoneNames) {
		name, zone, found := strings.Cut(strings.TrimSpace(line), "\t")
		if found && !strings.HasPrefix(name, "#") && !yield(name, zone) {
			return
		}
	}
}

// foldZone keeps the letters and digits of a name, in lower case.
func foldZone(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, name)
}
