package guest

import (
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

func TestTimezoneProblem(t *testing.T) {
	for _, test := range []struct {
		name, in string
		meant    string // the zone that is suggested, "-" for none
	}{
		{"a zone", "America/Chicago", ""},
		{"three parts", "America/Argentina/Buenos_Aires", ""},
		{"UTC", "UTC", ""},
		{"of the newest tz database", "America/Coyhaique", ""},
		{"other case", "america/CHICAGO", "America/Chicago"},
		{"other case of UTC", "Utc", "UTC"},
		{"space for underscore", "America/New York", "America/New_York"},
		{"quotes", `"Europe/Paris"`, "Europe/Paris"},
		{"city alone", "tokyo", "Asia/Tokyo"},
		{"city with a space alone", "Los Angeles", "America/Los_Angeles"},
		{"old name", "Asia/Calcutta", "Asia/Kolkata"},
		{"link of the tz database", "US/Eastern", "America/New_York"},
		{"zone of Windows", "W. Europe Standard Time", "Europe/Berlin"},
		{"GMT", "GMT", "UTC"},
		{"offset", "+05:30", "-"},
		{"offset of UTC", "UTC+5", "-"},
		{"abbreviation", "CST", "-"},
		{"city that is no zone", "America/Dallas", "-"},
		{"region alone", "America/", "-"},
		{"two zones", "America/Chicago,America/Denver", "-"},
		{"nothing but punctuation", "—", "-"},
	} {
		problem := timezoneProblem(test.in).String()
		switch {
		case test.meant == "":
			if problem != "" {
				t.Errorf("%s: %s", test.name, problem)
			}
		case test.meant == "-":
			if problem == "" || strings.Contains(problem, "did you mean") {
				t.Errorf("%s: want a problem without a suggestion, got %q", test.name, problem)
			}
		case !strings.Contains(problem, "(did you mean "+test.meant+"?)"):
			t.Errorf("%s: want %s suggested, got %q", test.name, test.meant, problem)
		}
	}
	if got := timezoneProblem("Europe/Par\xEDs").String(); got != notUTF8 {
		t.Errorf("not UTF-8: %q", got)
	}
}

func TestZoneLists(t *testing.T) {
	if len(zones) != 419 {
		t.Errorf("%d zones, want 419", len(zones))
	}
	folded := map[string]string{}
	for name, zone := range eachOtherZoneName {
		if zones[name] {
			t.Errorf("%s is a zone itself", name)
		}
		if !zones[zone] {
			t.Errorf("%s stands for %s, which is no zone", name, zone)
		}
		if other, there := folded[foldZone(name)]; there && other != zone {
			t.Errorf("%s stands for %s, and another name that reads the same for %s", name, zone, other)
		}
		folded[foldZone(name)] = zone
	}
	if len(folded) < 250 {
		t.Errorf("%d other names, want the links of the tz database and the zones of Windows", len(folded))
	}
	for zone := range zones {
		if other, there := folded[foldZone(zone)]; there && other != zone {
			t.Errorf("%s would be taken for %s", zone, other)
		}
	}
}

// The clocks of a zone and of its old name agree, in every month of the years
// that count.
func TestOldZoneNamesKeepTheirTime(t *testing.T) {
	checked := 0
	for name, zone := range eachOtherZoneName {
		old, err := time.LoadLocation(name)
		if err != nil || name == "Z" {
			continue // a name that is none of the tz database
		}
		present, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		checked++
		for month := range 12 {
			at := time.Date(2025, time.Month(month+1), 15, 12, 0, 0, 0, time.UTC)
			_, was := at.In(old).Zone()
			if _, is := at.In(present).Zone(); was != is {
				t.Errorf("%s: in month %d %s is %d seconds from UTC, %s is %d", name, month+1, name, was, zone, is)
			}
		}
	}
	if checked < 140 {
		t.Errorf("only %d old names were checked", checked)
	}
}

func FuzzTimezone(f *testing.F) {
	for _, s := range []string{"UTC", "America/Chicago", "america chicago", "US/Eastern", "", "/", "\xFF"} {
		f.Add(s)
	}
	list := strings.Split(zoneList, "\n")
	f.Fuzz(func(t *testing.T, s string) {
		problem := timezoneProblem(s).String()
		if want := s != "" && slices.Contains(list, s); (problem == "") != want {
			t.Errorf("timezoneProblem(%q) = %q, valid: want %t", s, problem, want)
		}
		if zone := zoneLike(s); zone != "" && !zones[zone] {
			t.Errorf("zoneLike(%q) = %q, which is no zone", s, zone)
		}
	})
}

func BenchmarkTimezone(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		timezoneProblem("America/Argentina/Buenos_Aires")
	}
}
