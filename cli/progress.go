package cli

import (
	"fmt"
	"os"
	"sync"
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
	paused              time.Time     // until when the server has told us to wait; zero: not at all
}

const (
	drawEvery = time.Second      // on a terminal
	tellEvery = 30 * time.Second // elsewhere, as a line
)

// display shows a run's progress until it is stopped. It alone writes to
// standard error meanwhile, so that lines and bar do not run into each other.
type display struct {
	app    *app
	pull   func() progress
	start  progress
	began  time.Time
	mu     sync.Mutex
	bar    *progressbar.ProgressBar // nil: not a terminal
	ticker *time.Ticker
	stop   chan struct{}
	ended  chan struct{}
}

// watch shows progress until the returned function is called.
func (a *app) watch(pull func() progress) (stop func()) {
	if a.quiet || a.noBar {
		return func() {}
	}
	d := &display{app: a, pull: pull, start: pull(), began: time.Now(), stop: make(chan struct{}), ended: make(chan struct{})}
	every := tellEvery
	if f, ok := a.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		every = drawEvery
		d.bar = progressbar.NewOptions(max(1, d.start.total),
			progressbar.OptionSetWriter(a.stderr),
			progressbar.OptionSetPredictTime(false), // it knows nothing of the server's limits
			progressbar.OptionShowCount(),
			progressbar.OptionSetWidth(20),
			progressbar.OptionClearOnFinish(),
		)
		d.show()
	}
	d.ticker = time.NewTicker(every)
	a.display.Store(d)
	go d.run()
	return func() {
		a.display.Store(nil)
		close(d.stop)
		<-d.ended
	}
}

func (d *display) run() {
	defer close(d.ended)
	defer d.ticker.Stop()
	for {
		select {
		case <-d.ticker.C:
			d.show()
		case <-d.stop:
			if d.bar != nil {
				d.mu.Lock()
				_ = d.bar.Clear()
				d.mu.Unlock()
			}
			return
		}
	}
}

func (d *display) show() {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.pull()
	if d.bar == nil {
		fmt.Fprintf(d.app.stderr, "%d of %d %s, %s\n", p.done, p.total, p.unit, d.describe(p))
		return
	}
	if p.total > 0 {
		d.bar.ChangeMax(p.total)
	}
	d.bar.Describe(d.describe(p))
	_ = d.bar.Set(min(p.done, d.bar.GetMax()-1)) // a full bar would end itself
}

// describe words what a bar cannot show.
func (d *display) describe(p progress) string {
	text := fmt.Sprintf("%.1f/s", float64(p.done-d.start.done)/max(time.Since(d.began).Seconds(), 0.001))
	if p.failed > 0 {
		text = fmt.Sprintf("%d failed, %s", p.failed, text)
	}
	if wait := time.Until(p.paused); wait > time.Second {
		text += fmt.Sprintf(", waiting for the server until %s", p.paused.Local().Format("15:04:05"))
	}
	if p.left > 0 {
		text += fmt.Sprintf(", about %s left", p.left.Round(time.Second))
	}
	return text
}

// line prints a line above the bar.
func (d *display) line(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.bar != nil {
		_ = d.bar.Clear()
	}
	fmt.Fprintln(d.app.stderr, text)
	if d.bar != nil {
		_ = d.bar.RenderBlank()
	}
}

// progress tells how far an import has come.
func (j *importJob) progress() progress {
	p := progress{total: j.plan.Counts.Rows, unit: "rows", paused: pausedUntil(j.gate)}
	for status, n := range j.sent.Rows() {
		p.done += n
		if status == results.Failed {
			p.failed += n
		}
	}
	p.left = j.gate.Estimate(j.sent.CallsLeft())
	return p
}

// pausedUntil returns the end of the longest pause that the server has told,
// or the zero time.
func pausedUntil(gate *ratelimit.Gate) time.Time {
	var until time.Time
	for _, t := range gate.Snapshot().PausedUntil {
		if t.After(until) {
			until = t
		}
	}
	return until
}
