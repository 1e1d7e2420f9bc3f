package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"strconv"
	"strings"

	"guestlist/exporter"
)

// parseShare reads a share in percent, such as 10 or 2.5%.
func parseShare(s string) (float64, error) {
	share, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	if err != nil || !(0 <= share && share <= 100) { // which refuses NaN too
		return 0, fmt.Errorf("%q is not between 0 and 100", s)
	}
	return share, nil
}

// countBefore counts the guests in the file that the export is going to replace. Nil:
// there is none, or nobody can tell, which is an error only where it matters.
func (j *exportJob) countBefore(ctx context.Context) (*int, error) {
	if !isNamed(j.output) {
		return nil, nil
	}
	n, err := countFile(ctx, j.output)
	switch {
	case err == nil:
		return &n, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case j.shrinks():
		return nil, hinted{
			fmt.Errorf("--max-shrink: how many guests %s holds cannot be told, so it is not replaced: %w", j.output, err),
			"look what it is; to replace it all the same, run without --max-shrink",
		}
	}
	j.app.warn("how many guests %s held before cannot be told: %v", j.output, err)
	return nil, nil
}

func countFile(ctx context.Context, path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return exporter.Count(ctx, f)
}

// shrinks tells whether there is a limit to how many guests may be lost.
func (f *exportFlags) shrinks() bool { return f.maxShrink != "" }

// checkShrink refuses an export that lost more than it may.
func (j *exportJob) checkShrink() error {
	if !j.shrinks() || j.before == nil {
		return nil
	}
	before, now := *j.before, j.done.Guests
	if float64(before-now)*100 <= j.share*float64(before) {
		return nil
	}
	lost := float64(before-now) / float64(before) * 100
	return hinted{
		fmt.Errorf("%s stays as it is: it holds %s, and the server lists %d now, which is %s%% fewer; --max-shrink allows %s%%",
			j.output, guests(before), now, percent(math.Floor(lost*10)/10), percent(j.share)),
		fmt.Sprintf("check in Tallyfy whether they are meant to be gone; if so, run it once without --max-shrink, or with --max-shrink %s", percent(math.Ceil(lost))),
	}
}

// percent words a share without its sign.
func percent(share float64) string { return strconv.FormatFloat(share, 'f', -1, 64) }

// tellExported tells how many guests a file has got, and how many it had.
func (j *exportJob) tellExported() {
	text := fmt.Sprintf("%s: %s", j.output, guests(j.done.Guests))
	attrs := []slog.Attr{
		slog.String("output", j.output), slog.Int("guests", j.done.Guests), slog.Int("pages", j.done.Pages), slog.Int("scans", j.done.Scans),
	}
	if j.before != nil {
		text += fmt.Sprintf(" (%s)", describeChange(j.done.Guests-*j.before))
		attrs = append(attrs, slog.Int("previous_guests", *j.before))
	}
	j.app.event(slog.LevelInfo, "exported", text, attrs...)
}

// describeChange words by how much a number has changed.
func describeChange(by int) string {
	switch {
	case by < 0:
		return fmt.Sprintf("%d fewer than before", -by)
	case by > 0:
		return fmt.Sprintf("%d more than before", by)
	}
	return "as many as before"
}
