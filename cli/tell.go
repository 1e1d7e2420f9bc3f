package cli

import (
	"fmt"
	"log/slog"
	"time"

	"guestlist/importer"
	"guestlist/results"
)

// tellPlan tells in these words what a run is going to do. Of a dry run it is all
// there is to tell.
func (a *app) tellPlan(words string, n importer.Counts, dry bool) {
	level := slog.LevelInfo
	if dry {
		level = levelOf(n.Invalid + n.Duplicate)
	}
	a.event(level, "plan", "plan: "+words,
		slog.Int("rows", n.Rows), slog.Int("create", n.Create), slog.Int("associate", n.Associate), slog.Int("change", n.Change),
		slog.Int("unchanged", n.Unchanged), slog.Int("carried", n.Carried), slog.Int("failed", n.Failed),
		slog.Int("invalid", n.Invalid), slog.Int("duplicate", n.Duplicate))
}

// tellPlanned tells where the plan stands of a run that was only to be planned.
func (a *app) tellPlanned(n importer.Counts, path string) {
	a.event(levelOf(n.Invalid+n.Duplicate), "planned", "dry run, nothing was sent: "+path, slog.String("plan", path))
}

// tellRows tells what became of the rows, and which file says that of each.
func (a *app) tellRows(n map[results.Status]int, took, waited time.Duration, path string) {
	if a.inJSON() {
		a.event(slog.LevelInfo, "rows", describeRows(n),
			byStatus(n), seconds("seconds", took), seconds("waited_seconds", waited), slog.String("results", path))
		return
	}
	a.print(describeClosing(n, took, waited, a.style())...)
	a.say("results: %s", path)
}

// tellRejects tells where the refused rows of a run stand, and what to do with them
// when they are mended.
func (a *app) tellRejects(path string, refused int, then string) {
	a.event(levelOf(refused), "rejects", fmt.Sprintf("rejects: %s (%s: mend them there, then %s)", path, rows(refused), then),
		slog.String("rejects", path), slog.Int("rows", refused))
}

// levelOf is the level of what tells of so many rows that are refused. Any is an
// error, which --quiet leaves in: who has asked for errors only wants to know.
func levelOf(refused int) slog.Level {
	if refused > 0 {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// byStatus is what became of rows, for programs.
func byStatus(n map[results.Status]int) slog.Attr {
	var counts []slog.Attr
	for _, o := range outcomes {
		if n[o.status] > 0 {
			counts = append(counts, slog.Int(string(o.status), n[o.status]))
		}
	}
	return slog.GroupAttrs("rows", counts...)
}
