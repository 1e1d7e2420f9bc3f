package report

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones where the system has none

	"github.com/google/go-cmp/cmp"
)

func TestTimeTicks(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	nepal := time.FixedZone("", 5*3600+2700)
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04:05.000", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tc := range []struct {
		name     string
		from, to time.Time
		zone     *time.Location
		want     string
	}{
		{"milliseconds", at("2026-11-21 12:00:00.001"), at("2026-11-21 12:00:00.012"), time.UTC, "12:00:00.002 (Sat 21 Nov), 12:00:00.004, 12:00:00.006, 12:00:00.008, 12:00:00.010, 12:00:00.012"},
		{"minutes", at("2026-11-21 12:03:10.000"), at("2026-11-21 12:31:00.000"), time.UTC, "12:05 (Sat 21 Nov), 12:10, 12:15, 12:20, 12:25, 12:30"},
		{"over midnight", at("2026-11-21 22:30:00.000"), at("2026-11-22 02:10:00.000"), time.UTC, "23:00 (Sat 21 Nov), 00:00 (Sun 22 Nov), 01:00, 02:00"},
		{"two days", at("2026-11-21 08:41:57.000"), at("2026-11-24 00:59:00.000"), time.UTC, "12:00 (Sat 21 Nov), 00:00 (Sun 22 Nov), 12:00, 00:00 (Mon 23 Nov), 12:00, 00:00 (Tue 24 Nov)"},
		{"a zone of three quarters", at("2026-11-21 06:00:00.000"), at("2026-11-21 10:00:00.000"), nepal, "12:00 (Sat 21 Nov), 13:00, 14:00, 15:00"},
		{"clocks put back", at("2026-10-24 20:00:00.000"), at("2026-10-25 12:00:00.000"), berlin, "00:00 (Sun 25 Oct), 03:00, 06:00, 09:00, 12:00"},
		{"clocks put forward", at("2026-03-28 22:30:00.000"), at("2026-03-29 03:30:00.000"), berlin, "00:00 (Sun 29 Mar), 01:00, 03:00, 04:00, 05:00"},
		{"weeks", at("2026-11-01 12:00:00.000"), at("2026-12-05 00:00:00.000"), time.UTC, "8 Nov, 15 Nov, 22 Nov, 29 Nov"},
		{"thousands of years", at("0001-01-01 00:00:00.000"), at("9999-01-01 00:00:00.000"), time.UTC, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			const most = 6
			var got []string
			for _, tick := range timeTicks(tc.from.In(tc.zone), tc.to.In(tc.zone), most) {
				label := tick.label
				if tick.day != "" {
					label += " (" + tick.day + ")"
				}
				got = append(got, label)
			}
			if len(got) > most {
				t.Errorf("%d marks: %v", len(got), got)
			}
			if joined := strings.Join(got, ", "); joined != tc.want {
				t.Errorf("%s\nwant %s", joined, tc.want)
			}
		})
	}
}

func TestCountTicks(t *testing.T) {
	for most, want := range map[int]string{
		1: "[0 1]", 3: "[0 1 2 3]", 6: "[0 2 4 6]", 11: "[0 5 10 15]", 1870: "[0 500 1000 1500 2000]", 1_000_000: "[0 200000 400000 600000 800000 1000000]",
	} {
		if got := fmt.Sprint(countTicks(most)); got != want {
			t.Errorf("up to %d: %s, want %s", most, got, want)
		}
	}
}

// seconds are times in milliseconds.
func seconds(at ...float64) []int64 {
	ms := make([]int64, len(at))
	for i, s := range at {
		ms[i] = int64(s * 1000)
	}
	return ms
}

func TestPauses(t *testing.T) {
	burst := func(from float64) []float64 { return []float64{from, from + 0.2, from + 0.4, from + 0.6} }
	hourly := append(append(burst(0), burst(3600)...), burst(7200)...)
	for _, tc := range []struct {
		name    string
		written []int64
		want    []span
		hourly  int
	}{
		{"two rows", seconds(0, 60), nil, 0},
		{"an even pace", seconds(0, 120, 240, 360, 480), nil, 0},
		{"bursts by the hour", seconds(hourly...), []span{{600, 3600_000}, {3600_600, 7200_000}}, 4},
		{"a short hitch", seconds(0, 0.01, 0.02, 0.03, 0.9), nil, 0},
		{"all at once, but for one", seconds(0, 0, 0, 0, 2), []span{{0, 2000}}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := paceOf(tc.written)
			if diff := cmp.Diff(tc.want, p.pauses, cmp.AllowUnexported(span{})); diff != "" {
				t.Error(diff)
			}
			if p.hourly != tc.hourly {
				t.Errorf("%d within an hour, want %d", p.hourly, tc.hourly)
			}
		})
	}
}

func TestPace(t *testing.T) {
	written := []int64{0}
	for gap := range int64(100) { // gaps of 1 to 100 ms
		written = append(written, written[len(written)-1]+gap+1)
	}
	p := paceOf(written)
	want := pace{median: 50 * time.Millisecond, p90: 90 * time.Millisecond, p99: 99 * time.Millisecond, longest: 100 * time.Millisecond}
	if diff := cmp.Diff(want, p, cmp.AllowUnexported(pace{}, span{})); diff != "" {
		t.Error(diff)
	}
}

// A page about a million rows has as many points as one about a thousand.
func TestChartIsBounded(t *testing.T) {
	written := make([]int64, 1_000_000)
	for i := range written {
		written[i] = int64(i)*97 + int64(i/30)*3_600_000
	}
	pace := paceOf(written)
	c := newChart("wide", 720, written, &pace, time.UTC)
	if points := strings.Count(c.Line, "H"); points > 1441 || points < 600 {
		t.Errorf("%d points", points)
	}
	if len(c.Pauses) > 300 || len(c.Times) > 10 {
		t.Errorf("%d pauses, %d times", len(c.Pauses), len(c.Times))
	}
}

// What is written beside the edges of a chart stays on it.
func TestLabelsAtTheEdges(t *testing.T) {
	for _, tc := range []struct {
		name     string
		from, to int // minutes of an hour that the pause takes
		pause    string
	}{
		{"a pause at the beginning", 0, 25, "start"},
		{"a pause in the middle", 18, 43, "middle"},
		{"a pause at the end", 35, 60, "end"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var written []int64
			for s := range 3601 {
				if s%30 == 0 && (s <= tc.from*60 || s >= tc.to*60) {
					written = append(written, noon.Add(time.Duration(s)*time.Second).UnixMilli())
				}
			}
			pace := paceOf(written)
			c := newChart("narrow", 328, written, &pace, time.UTC)
			first, last := c.Times[0], c.Times[len(c.Times)-1]
			if first.X != c.Left || first.TextX != "34.0" || last.X != c.Right || last.TextX != "311.0" {
				t.Errorf("the first mark is %+v, the last %+v", first, last)
			}
			if c.Longest == nil || c.Longest.Anchor != tc.pause {
				t.Errorf("the longest pause is %+v, want it anchored %s", c.Longest, tc.pause)
			}
		})
	}
}

// Times that no run has ever had still make a page.
func TestAbsurdTimes(t *testing.T) {
	early, late := time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	page := made(t, save(t, "a.results.csv", created("a@x.com", late), created("b@x.com", early), created("c@x.com", noon)), Options{})
	for _, never := range []string{"NaN", "Inf", "-9223372036854775808"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %s", never)
		}
	}
	if between(early.UnixMilli(), late.UnixMilli()) != math.MaxInt64 {
		t.Error("a time that is too long overflows")
	}
}

func TestWords(t *testing.T) {
	for _, tc := range []struct{ name, got, want string }{
		{"no time", inWords(0), "0 ms"},
		{"a moment", inWords(1500 * time.Millisecond), "1.5 s"},
		{"nearly ten seconds", inWords(9960 * time.Millisecond), "10.0 s"},
		{"minutes", inWords(59*time.Minute + 59*time.Second + 700*time.Millisecond), "1 h 0 min"},
		{"hours", inWords(4*time.Hour + 19*time.Minute), "4 h 19 min"},
		{"days", inWords(62*time.Hour + 30*time.Minute), "2 d 14 h"},
		{"hardly any", share(1, 1_000_000), "<0.1%"},
		{"nearly all", share(999_999, 1_000_000), ">99.9%"},
		{"all", share(3, 3), "100%"},
		{"none of none", share(0, 0), "0%"},
		{"some", share(1, 3), "33.3%"},
		{"a large number", number(1_234_567), "1,234,567"},
		{"UTC", zone(noon), "UTC"},
		{"a zone without a name", zone(noon.In(time.FixedZone("", -3*3600))), "UTC-03:00"},
		{"a zone with a name", zone(noon.In(time.FixedZone("CET", 3600))), "CET (UTC+01:00)"},
		{"from and to on one day", fromTo(noon, noon.Add(time.Hour)), "Sat 21 Nov 2026, 12:00:00 to 13:00:00"},
		{"over midnight", fromTo(noon, noon.Add(13*time.Hour)), "Sat 21 Nov 2026, 12:00:00 to Sun 22 Nov 2026, 01:00:00"},
		{"a cut in a character", cut("aé", 2), "a…"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, tc.got, tc.want)
		}
	}
}
