package guest

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode/utf8"
)

// timezoneProblem says what is wrong with a time zone; "" is fine. Only the
// exact names that the server lists are taken, never the zones of the host.
//
// Source: Laravel 12, rule timezone, which asks PHP's timezone_identifiers_list:
// column 3 of zone.tab in the tz database (2025b), and UTC. Old names such as
// US/Eastern, offsets and abbreviations are not in it.
func timezoneProblem(s string) string {
	if !utf8.ValidString(s) {
		return notUTF8
	}
	if zones[s] {
		return ""
	}
	if zone := zoneLike(s); zone != "" {
		return fmt.Sprintf("%s is not a time zone the server knows (did you mean %s?)", quote(s), zone)
	}
	return fmt.Sprintf("%s is not a time zone the server knows (names are like America/Chicago or UTC)", quote(s))
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

// zoneLike is the zone that a person most likely meant: one whose name or city
// differs only in case and punctuation, or the one that an old or a Windows
// name stands for. It is "" where it would be a guess.
func zoneLike(s string) string {
	wanted := foldZone(s)
	for name, zone := range otherZoneNames {
		if foldZone(name) == wanted {
			return zone
		}
	}
	for zone := range strings.FieldsSeq(zoneList) {
		city := zone[strings.LastIndexByte(zone, '/')+1:]
		if foldZone(zone) == wanted || foldZone(city) == wanted {
			return zone
		}
	}
	return ""
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

// otherZoneNames are the names for a zone that are met most: links of the tz
// database (file backward), zones of Windows (CLDR, windowsZones), and those of
// the United States as Rails calls them.
var otherZoneNames = map[string]string{
	"US/Eastern":         "America/New_York",
	"US/Central":         "America/Chicago",
	"US/Mountain":        "America/Denver",
	"US/Pacific":         "America/Los_Angeles",
	"US/Arizona":         "America/Phoenix",
	"US/Alaska":          "America/Anchorage",
	"US/Hawaii":          "Pacific/Honolulu",
	"US/Michigan":        "America/Detroit",
	"US/East-Indiana":    "America/Indiana/Indianapolis",
	"Canada/Atlantic":    "America/Halifax",
	"Canada/Eastern":     "America/Toronto",
	"Canada/Central":     "America/Winnipeg",
	"Canada/Mountain":    "America/Edmonton",
	"Canada/Pacific":     "America/Vancouver",
	"America/Montreal":   "America/Toronto",
	"Brazil/East":        "America/Sao_Paulo",
	"Asia/Calcutta":      "Asia/Kolkata",
	"Asia/Katmandu":      "Asia/Kathmandu",
	"Asia/Rangoon":       "Asia/Yangon",
	"Asia/Saigon":        "Asia/Ho_Chi_Minh",
	"Asia/Tel_Aviv":      "Asia/Jerusalem",
	"Australia/ACT":      "Australia/Sydney",
	"Australia/NSW":      "Australia/Sydney",
	"Australia/Canberra": "Australia/Sydney",
	"Australia/Victoria": "Australia/Melbourne",
	"Europe/Belfast":     "Europe/London",
	"Europe/Kiev":        "Europe/Kyiv",
	"America/Godthab":    "America/Nuuk",
	"GB":                 "Europe/London",
	"Eire":               "Europe/Dublin",
	"Hongkong":           "Asia/Hong_Kong",
	"Israel":             "Asia/Jerusalem",
	"Japan":              "Asia/Tokyo",
	"NZ":                 "Pacific/Auckland",
	"Poland":             "Europe/Warsaw",
	"Portugal":           "Europe/Lisbon",
	"PRC":                "Asia/Shanghai",
	"ROK":                "Asia/Seoul",
	"Turkey":             "Europe/Istanbul",
	"Etc/UTC":            "UTC",
	"Etc/GMT":            "UTC",
	"Etc/Zulu":           "UTC",
	"GMT":                "UTC",
	"Z":                  "UTC",
	"Zulu":               "UTC",
	"Universal":          "UTC",

	"Hawaiian Standard Time":         "Pacific/Honolulu",
	"Alaskan Standard Time":          "America/Anchorage",
	"Pacific Standard Time":          "America/Los_Angeles",
	"US Mountain Standard Time":      "America/Phoenix",
	"Mountain Standard Time":         "America/Denver",
	"Central Standard Time":          "America/Chicago",
	"Eastern Standard Time":          "America/New_York",
	"Atlantic Standard Time":         "America/Halifax",
	"E. South America Standard Time": "America/Sao_Paulo",
	"GMT Standard Time":              "Europe/London",
	"W. Europe Standard Time":        "Europe/Berlin",
	"Romance Standard Time":          "Europe/Paris",
	"Central European Standard Time": "Europe/Warsaw",
	"Arabian Standard Time":          "Asia/Dubai",
	"India Standard Time":            "Asia/Kolkata",
	"Singapore Standard Time":        "Asia/Singapore",
	"China Standard Time":            "Asia/Shanghai",
	"Tokyo Standard Time":            "Asia/Tokyo",
	"AUS Eastern Standard Time":      "Australia/Sydney",
	"Eastern Time (US & Canada)":     "America/New_York",
	"Central Time (US & Canada)":     "America/Chicago",
	"Mountain Time (US & Canada)":    "America/Denver",
	"Pacific Time (US & Canada)":     "America/Los_Angeles",
	"New Zealand Standard Time":      "Pacific/Auckland",
}
