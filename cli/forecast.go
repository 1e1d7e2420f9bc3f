package cli

import (
	"fmt"
	"log/slog"
	"time"

	"guestlist/ratelimit"
)

// forecast tells which calls a plan takes, when they will be done, and which limit
// decides that. What is no create is called update.
func (a *app) forecast(calls map[ratelimit.Class]int, update string, e ratelimit.Estimate, now time.Time) {
	for i, line := range describeForecast(calls, update, e, now) {
		if i > 0 {
			e = *e.Documented
		}
		attrs := []slog.Attr{
			slog.Int("creates", calls[ratelimit.Create]), slog.Int("updates", calls[ratelimit.Write]),
			seconds("eta_seconds", e.In), slog.Time("finishes_at", now.Add(e.In).Truncate(time.Second)),
		}
		if e.Limit.Calls > 0 {
			attrs = append(attrs, slog.String("limited_by", e.Limit.String()))
		}
		a.event(slog.LevelInfo, "forecast", line, attrs...)
	}
}

// describeForecast words which calls a plan takes, when they will be done, and
// which limit decides that.
func describeForecast(calls map[ratelimit.Class]int, update string, e ratelimit.Estimate, now time.Time) []string {
	creates, updates := calls[ratelimit.Create], calls[ratelimit.Write]
	if creates+updates == 0 {
		return nil
	}
	var parts []string
	if creates > 0 {
		parts = append(parts, count(creates, "create"))
	}
	if updates > 0 {
		parts = append(parts, count(updates, update))
	}
	end := describeEnd(e, creates, updates, update, now)
	if e.Documented != nil && e.In < time.Second {
		end = "no limit that is known holds them up"
	}
	lines := []string{fmt.Sprintf("calls: %s; %s", list(parts), end)}
	if d := e.Documented; d != nil {
		lines = append(lines, fmt.Sprintf("no cap on invites is known yet; if Tallyfy's default holds: %s", describeEnd(*d, creates, updates, update, now)))
	}
	return lines
}

// describeEnd words when calls will be done, as in "1,870 to create at 30 an hour:
// done Mon 23 Nov 14:00 (2d 14h)".
func describeEnd(e ratelimit.Estimate, creates, updates int, update string, now time.Time) string {
	end := fmt.Sprintf("done %s (%s)", clockTime(now.Add(e.In), now), inWords(e.In))
	switch {
	case e.In < time.Second:
		return "no limit holds them up"
	case e.Limit.Calls == 0:
		return "the server has asked to wait: " + end
	case e.Limit.Scope == ratelimit.Creates:
		return fmt.Sprintf("%s to create at %s: %s", thousands(creates), e.Limit.Budget.Words(), end)
	case e.Limit.Scope == ratelimit.Updates:
		return fmt.Sprintf("%s to %s at %s: %s", thousands(updates), update, e.Limit.Budget.Words(), end)
	}
	return fmt.Sprintf("%s at %s: %s", count(creates+updates, "call"), e.Limit.Budget.Words(), end)
}

// describeOthers words what the forecast of a shard leaves out: that the other shards
// spend of the same limits, and when all are done if they have as much to do.
func describeOthers(alone, all ratelimit.Estimate, now time.Time) string {
	told := "that is for this shard alone: the others spend of the same limits"
	if alone.Documented != nil {
		alone = *alone.Documented
	}
	if all.Documented != nil {
		all = *all.Documented
	}
	if all.In-alone.In < time.Second {
		return told
	}
	return told + fmt.Sprintf(", and if they have as much to do, all are done about %s (%s)", clockTime(now.Add(all.In), now), inWords(all.In))
}
