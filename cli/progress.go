package cli

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"guestlist/ratelimit"
	"guestlist/results"
)

// progress is how far a run has come, pulled from it now and then.
type progress struct {
	done, total, failed int
	unit                string        // what is counted: rows, guests
	left                time.Duration // our own estimate; zero: not known
	held                time.Time     // until when the server's limits hold up all that is left; zero: not at all
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
	if a.quiet || a.noBar {
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

// width returns the columns of the terminal that standard error is, or zero.
func (a *app) width() int {
	f, ok := a.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
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
	d.bar.Describe(cut(d.describe(p), room))
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
	if text := d.describe(p); text != "" {
		parts = append(parts, text)
	}
	fmt.Fprintln(d.app.stderr, list(parts))
}

// barWidth is the width of the bar alone, in columns.
const barWidth = 10

// cut shortens a text to so many characters at most.
func cut(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:max(0, most)])
	}
	return s
}

// describe words what a bar cannot show, the most important first.
func (d *display) describe(p progress) string {
	var parts []string
	if p.failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", p.failed))
	}
	now := time.Now()
	if wait := p.held.Sub(now); wait > time.Second {
		parts = append(parts, fmt.Sprintf("waiting until %s (%s)", clockTime(p.held, now), inWords(wait)))
	} else if done := p.done - d.start.done; done > 0 {
		parts = append(parts, fmt.Sprintf("%.1f/s", float64(done)/max(time.Since(d.began).Seconds(), 0.001)))
	}
	if p.left > time.Second {
		parts = append(parts, fmt.Sprintf("done about %s (%s)", clockTime(now.Add(p.left), now), inWords(p.left)))
	}
	return list(parts)
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
	p := progress{total: j.plan.Counts.Rows, unit: "rows", held: heldUntil(j.gate, classes...), left: j.gate.Estimate(left).In}
	for status, n := range j.sent.Rows() {
		p.done += n
		if status == results.Failed {
			p.failed += n
		}
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
