package cli

import (
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"

	"guestlist/ratelimit"
	"guestlist/results"
)

// progress is how far a run has come, pulled from it now and then.
type progress struct {
	done, total int
	unit        string                 // what is counted: rows, guests
	rows        map[results.Status]int // what became of those that are done; nil where nothing does
	left        time.Duration          // our own estimate; zero: not known
	held        time.Time              // until when the server's limits hold up all that is left; zero: not at all
}

const (
	lookEvery = time.Second      // and draw, on a terminal
	tellEvery = 30 * time.Second // elsewhere, as a line
	waitEvery = 10 * time.Minute // while there is nothing to tell but a wait
)

// display shows a run's progress until it is stopped. Lines go through it
// meanwhile.
type display struct {
	app   *app
	pull  func() progress
	start progress
	began time.Time

	// What follows is used while the screen is held.
	bar  *progressbar.ProgressBar // nil: not a terminal
	told time.Time                // when the last line was written, where there is no bar
	held time.Time                // the end of the wait that was told last
}

// watch shows progress until the returned function is called.
func (a *app) watch(pull func() progress) (stop func()) {
	if a.quiet() || a.noBar {
		return func() {}
	}
	now := time.Now()
	d := &display{app: a, pull: pull, start: pull(), began: now, told: now}
	if a.width() > 0 {
		d.bar = progressbar.NewOptions(max(1, d.start.total),
			progressbar.OptionSetWriter(a.stderr),
			progressbar.OptionSetPredictTime(false), // it knows nothing of the server's limits
			progressbar.OptionShowCount(),
			progressbar.OptionSetWidth(barWidth),
			progressbar.OptionClearOnFinish(),
		)
		d.show()
	}
	a.screen.Lock()
	a.screen.display = d
	a.screen.Unlock()
	stopShowing := every(lookEvery, d.show)
	return func() {
		stopShowing()
		a.screen.Lock()
		defer a.screen.Unlock()
		a.screen.display = nil
		d.clear()
	}
}

// every calls do now and then, until the returned function is called, which waits
// for it to return.
func every(interval time.Duration, do func()) (stop func()) {
	stopped, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				do()
			case <-stopped:
				return
			}
		}
	}()
	return func() {
		close(stopped)
		<-ended
	}
}

func (d *display) show() {
	d.app.screen.Lock()
	defer d.app.screen.Unlock()
	p := d.pull()
	if d.bar == nil {
		d.tell(p)
		return
	}
	if p.total > 0 && p.total != d.bar.GetMax() {
		d.bar.ChangeMax(p.total)
	}
	// A line that is wider than the terminal would leave its rest behind at each
	// drawing.
	room := d.app.width() - barWidth - 2*len(strconv.Itoa(p.total)) - len("  100% || (/) ")
	d.bar.Describe(d.describe(p, room))
	_ = d.bar.Set(min(p.done, d.bar.GetMax()-1)) // a full bar would end itself
}

// tell writes a line now and then, and when a wait begins that is worth it.
func (d *display) tell(p progress) {
	now := time.Now()
	interval, begins := tellEvery, false
	if p.held.Sub(now) > tellEvery {
		interval, begins = waitEvery, p.held.Sub(d.held).Abs() > lookEvery
	}
	if now.Sub(d.told) < interval && !begins {
		return
	}
	d.told = now
	if begins {
		d.held = p.held
	}
	parts := []string{fmt.Sprintf("%d of %d %s", p.done, p.total, p.unit)}
	if p.total == 0 {
		parts[0] = "no " + p.unit + " yet"
	}
	if text := d.describe(p, math.MaxInt); text != "" {
		parts = append(parts, text)
	}
	d.app.emit(slog.LevelInfo, "progress", list(parts), p.attrs()...)
}

// attrs is what programs are told of a run's progress.
func (p *progress) attrs() []slog.Attr {
	attrs := []slog.Attr{slog.Int("done", p.done), slog.Int("total", p.total), slog.String("unit", p.unit), byStatus(p.rows)}
	if !p.held.IsZero() {
		attrs = append(attrs, slog.Time("held_until", p.held))
	}
	if p.left > 0 {
		attrs = append(attrs, seconds("eta_seconds", p.left))
	}
	return attrs
}

// barWidth is the width of the bar alone, in columns.
const barWidth = 10

// remark is something that a bar cannot show. The smaller its rank, the more it
// is worth: where there is no room for all, the greatest go first.
type remark struct {
	rank int
	text string
}

// describe words what a bar cannot show, in so many columns.
func (d *display) describe(p progress, room int) string {
	var all []remark
	for _, o := range outcomes {
		if n := p.rows[o.status]; n > 0 {
			all = append(all, remark{o.rank, fmt.Sprintf("%d %s", n, o.status)})
		}
	}
	now := time.Now()
	if wait := p.held.Sub(now); wait > time.Second {
		all = append(all, remark{rankWait, fmt.Sprintf("waiting until %s (%s)", clockTime(p.held, now), inWords(wait))})
	} else if done := p.done - d.start.done; done > 0 {
		all = append(all, remark{rankSpeed, fmt.Sprintf("%.1f/s", float64(done)/max(time.Since(d.began).Seconds(), 0.001))})
	}
	if p.left > time.Second {
		all = append(all, remark{rankEnd, fmt.Sprintf("done about %s (%s)", clockTime(now.Add(p.left), now), inWords(p.left))})
	}
	return fitRemarks(all, room)
}

// fitRemarks joins as many of the remarks as there is room for.
func fitRemarks(all []remark, room int) string {
	for {
		var texts []string
		least := 0
		for i, r := range all {
			texts = append(texts, r.text)
			if r.rank > all[least].rank {
				least = i
			}
		}
		text := list(texts)
		if columns(text) <= room || len(all) == 0 {
			return text
		}
		all = slices.Delete(all, least, least+1)
	}
}

// clear takes the bar away.
func (d *display) clear() {
	if d.bar != nil {
		_ = d.bar.Clear()
	}
}

// line prints a line above the bar.
func (d *display) line(text string) {
	d.clear()
	fmt.Fprintln(d.app.stderr, text)
	if d.bar != nil {
		_ = d.bar.RenderBlank()
	}
}

// progress tells how far an import has come.
func (j *importJob) progress() progress {
	left := j.sent.CallsLeft()
	var classes []ratelimit.Class
	for class, n := range left {
		if n > 0 {
			classes = append(classes, class)
		}
	}
	p := progress{
		total: j.plan.Counts.Rows, unit: "rows", rows: j.sent.Rows(),
		held: heldUntil(j.gate, classes...), left: j.gate.Estimate(left).In,
	}
	for _, n := range p.rows {
		p.done += n
	}
	return p
}

// heldUntil returns when the first call of these classes may go, or the zero time
// if one may now.
func heldUntil(gate *ratelimit.Gate, classes ...ratelimit.Class) (first time.Time) {
	held := gate.Snapshot().HeldUntil
	for i, c := range classes {
		if i == 0 || held[c].Before(first) {
			first = held[c]
		}
	}
	return first
}

// called tells of an attempt of a call, where each is to be told. The status is
// zero where no answer came.
func (a *app) called(op string, status int, took time.Duration) {
	answer := strconv.Itoa(status)
	if status == 0 {
		answer = "no answer"
	}
	a.event(slog.LevelDebug, "call", fmt.Sprintf("%s: %s in %s", op, answer, took.Round(time.Millisecond)),
		slog.String("operation", op), slog.Int("status", status), seconds("seconds", took))
}

// retrying tells why nothing moves when reads have failed for a while.
func (a *app) retrying(err error, delay time.Duration) {
	const worthTelling = 3 * time.Second
	if delay >= worthTelling {
		a.event(slog.LevelWarn, "retry", fmt.Sprintf("%s; trying again in %s", err, inWords(delay)), seconds("wait_seconds", delay))
	}
}
