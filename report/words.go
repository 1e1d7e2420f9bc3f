package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"guestlist/results"
)

// number writes a number with a comma before each three digits.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted counts something for a person.
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return number(n) + " " + what
}

// share words how much of the whole so many are. What is not nothing never reads
// as nothing, and what is not all never as all.
func share(n, whole int) string {
	percent := 100 * float64(n) / float64(max(1, whole))
	switch {
	case n == 0:
		return "0%"
	case n == whole:
		return "100%"
	case percent < 0.1:
		return "<0.1%"
	case percent > 99.9:
		return ">99.9%"
	}
	return strconv.FormatFloat(percent, 'f', 1, 64) + "%"
}

// inWords words how long something takes, in its two largest units.
func inWords(d time.Duration) string {
	switch {
	case d < 0:
		d = 0
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	d = d.Round(time.Second)
	days, hours, minutes, seconds := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%s d %d h", number(days), hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min %d s", minutes, seconds)
	}
	return fmt.Sprintf("%d s", seconds)
}

// clock writes a time for a person, to the second.
func clock(t time.Time) string { return t.Format("Mon 2 Jan 2006, 15:04:05") }

// fromTo writes two times for a person, the day once where it is the same.
func fromTo(from, to time.Time) string {
	end := clock(to)
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		end = to.Format("15:04:05")
	}
	return clock(from) + " to " + end
}

// zone names the zone of a time.
func zone(t time.Time) string {
	name, _ := t.Zone()
	offset := t.Format("-07:00")
	switch {
	case name == "UTC":
		return name
	case strings.HasPrefix(name, "+"), strings.HasPrefix(name, "-"), name == "":
		return "UTC" + offset
	}
	return fmt.Sprintf("%s (UTC%s)", name, offset)
}

// visible escapes characters that cannot be seen and act on the text around
// them: control characters, and those that change its direction.
func visible(s string) string {
	acts := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
	if utf8.ValidString(s) && !strings.ContainsFunc(s, acts) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if acts(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// cut cuts a long text, in the middle of no character.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// noun is what was done, at the beginning of a heading.
func (r *Run) noun() string {
	switch r.task {
	case results.Importing:
		return "Import"
	case results.Deleting:
		return "Delete"
	case results.Disabling:
		return "Disable"
	case results.Enabling:
		return "Enable"
	}
	if r.isPlan() { // of nothing, mostly by validate
		return "Import"
	}
	return "Run"
}
