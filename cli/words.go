package cli

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"guestlist/importer"
	"guestlist/results"
)

// count counts anything for a person.
func count(n int, what string) string { return thousands(n) + " " + plural(n, what) }

// rows counts rows for a person.
func rows(n int) string { return strconv.Itoa(n) + " " + plural(n, "row") }

// guests counts guests for a person.
func guests(n int) string { return strconv.Itoa(n) + " " + plural(n, "guest") }

// plural returns what so many of something are called.
func plural(n int, what string) string {
	if n == 1 {
		return what
	}
	return what + "s"
}

// thousands writes a number with a comma before each three digits.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// list joins names for a person.
func list(names []string) string { return strings.Join(names, ", ") }

// describePlan words what a run is going to do.
func describePlan(n importer.Counts, mode importer.Mode) string {
	parts := []string{fmt.Sprintf("%d to create", n.Create)}
	switch {
	case mode == importer.Delete, mode == importer.Disable, mode == importer.Enable:
		parts[0] = fmt.Sprintf("%d to %s", n.Change, mode)
	case n.CreateAssociate > 0:
		parts[0] += fmt.Sprintf(" (%d with members to associate)", n.CreateAssociate)
	}
	for _, c := range []struct {
		n    int
		what string
	}{
		{n.Associate, "to associate"},
		{n.Unchanged, "unchanged"},
		{n.Spared, "left alone, as that import did not create them"},
		{n.Carried, "done by an earlier run"},
		{n.Failed, "to fail as no guest of this organization"},
		{n.Invalid, "invalid"},
		{n.Duplicate, "duplicate"},
	} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return list(parts)
}

// describeRows words what became of the rows.
func describeRows(n map[results.Status]int) string {
	var parts []string
	for _, o := range outcomes {
		if n[o.status] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[o.status], o.status))
		}
	}
	if len(parts) == 0 {
		return "no rows"
	}
	return list(parts)
}

// shellQuote quotes an argument where a POSIX shell needs it.
func shellQuote(s string) string {
	if runtime.GOOS == "windows" {
		return windowsQuote(s)
	}
	plain := func(r rune) bool {
		return r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:,+@%=", r))
	}
	if s != "" && strings.TrimFunc(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// windowsQuote is shellQuote for cmd.exe and PowerShell, which agree on double
// quotes only.
func windowsQuote(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t,;=()[]{}&|<>^!%$`'\"@#") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// clockTime words a local time, with its day where that is not today. Without its
// seconds it is the next minute, so that who comes back then is not too early.
func clockTime(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04:05")
	}
	if t.Sub(now) < 300*24*time.Hour {
		if past := t.Truncate(time.Minute); past.Before(t) {
			t = past.Add(time.Minute)
		}
		return t.Format("Mon 2 Jan 15:04")
	}
	return t.Format("2 Jan 2006")
}

// inWords words how long something takes, in its two largest units.
func inWords(d time.Duration) string {
	d = max(0, d.Round(time.Second))
	days, hours, minutes, seconds := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%dd %dh", days, hours)
	case hours > 0:
		return fmt.Sprintf("%dh %dm", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%dm %ds", minutes, seconds)
	}
	return fmt.Sprintf("%ds", seconds)
}
