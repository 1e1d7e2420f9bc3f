package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// chart is the drawing of guests over time, in the pixels of its view box.
type chart struct {
	ID            string
	Width, Height int
	Title, Desc   string

	Left, Right, Top, Bottom string // of the plot
	PlotHeight, TickEnd      string
	LabelX, LabelY, DayY     string
	Line, Area               string // paths
	Pauses                   []rectangle
	Counts                   []countMark
	Times                    []timeMark
	Longest                  *pauseMark // nil: there is no pause
}

type rectangle struct{ X, Width string }

type countMark struct{ Y, TextY, Label string }

// timeMark is a tick; its label is moved a little where it would not fit.
type timeMark struct{ X, TextX, Label, Day string }

// pauseMark names the longest pause above the plot.
type pauseMark struct{ From, To, X, Anchor, Text string }

// plot turns times and counts into places on a chart.
type plot struct {
	left, right, top, bottom float64
	from, to                 int64 // Unix milliseconds; never the same
	most                     int
}

func (p *plot) x(at int64) float64 {
	return p.left + (p.right-p.left)*(float64(at-p.from)/float64(p.to-p.from))
}

func (p *plot) y(count int) float64 {
	return p.bottom - (p.bottom-p.top)*(float64(count)/float64(p.most))
}

// newChart draws writes in ascending order, which must not all be at the same
// time, width pixels wide.
func newChart(id string, width int, written []int64, pace *pace, where *time.Location) chart {
	const height, margin, letter = 264, 14, 6.8 // letter: about as wide as one
	counts := countTicks(len(written))
	highest := counts[len(counts)-1]
	p := plot{
		left: letter*float64(len(number(highest))) + 14, right: float64(width - margin), top: 34, bottom: height - 44,
		from: written[0], to: written[len(written)-1], most: highest,
	}
	c := chart{
		ID: id, Width: width, Height: height,
		Left: pixels(p.left), Right: pixels(p.right), Top: pixels(p.top), Bottom: pixels(p.bottom), PlotHeight: pixels(p.bottom - p.top), TickEnd: pixels(p.bottom + 5),
		LabelX: pixels(p.left - 8), LabelY: pixels(p.bottom + 20), DayY: pixels(p.bottom + 36),
	}
	c.Line, c.Area = p.paths(written)
	for _, n := range counts {
		c.Counts = append(c.Counts, countMark{pixels(p.y(n)), pixels(p.y(n) + 4), number(n)})
	}
	from, to := time.UnixMilli(p.from).In(where), time.UnixMilli(p.to).In(where)
	const room = 90 // for the label of a mark
	for _, t := range timeTicks(from, to, max(2, int(p.right-p.left)/room)) {
		x := p.x(t.at.UnixMilli())
		half := letter / 2 * float64(max(len(t.label), len(t.day)))
		c.Times = append(c.Times, timeMark{pixels(x), pixels(min(max(x, half), float64(width)-half)), t.label, t.day})
	}
	for _, s := range pace.pauses {
		c.Pauses = append(c.Pauses, rectangle{pixels(p.x(s.from)), pixels(p.x(s.to) - p.x(s.from))})
	}
	c.Title = "Guests over time"
	c.Desc = fmt.Sprintf("The number of guests written rises from 1 on %s to %s on %s.", clock(from), number(len(written)), clock(to))
	if len(pace.pauses) > 0 {
		c.Longest = p.mark(pace.main)
		c.Desc += fmt.Sprintf(" There are %s, %s together; the longest is %s, from %s on.",
			counted(len(pace.pauses), "pause"), inWords(pace.paused), inWords(pace.main.length()), clock(time.UnixMilli(pace.main.from).In(where)))
	}
	return c
}

// mark places the label of the longest pause so that it stays on the chart.
func (p *plot) mark(s span) *pauseMark {
	from, to := p.x(s.from), p.x(s.to)
	m := pauseMark{From: pixels(from), To: pixels(to), Anchor: "middle", Text: "longest pause: " + inWords(s.length())}
	const half = 90 // of the label's width
	x := (from + to) / 2
	switch {
	case x < p.left+half:
		m.Anchor, x = "start", max(from, p.left)
	case x > p.right-half:
		m.Anchor, x = "end", min(to, p.right)
	}
	m.X = pixels(x)
	return &m
}

// paths draws the writes as steps, at most two for each pixel however many writes
// there are, and the area below them.
func (p *plot) paths(written []int64) (line, area string) {
	const perPixel = 2
	var b strings.Builder
	column := func(i int) int { return int(p.x(written[i]) * perPixel) }
	fmt.Fprintf(&b, "M%s %s", pixels(p.left), pixels(p.bottom))
	for i := range written {
		if i+1 < len(written) && column(i+1) == column(i) {
			continue
		}
		fmt.Fprintf(&b, "H%sV%s", pixels(float64(column(i))/perPixel), pixels(p.y(i+1)))
	}
	fmt.Fprintf(&b, "H%s", pixels(p.right))
	line = b.String()
	return line, line + "V" + pixels(p.bottom) + "Z"
}

func pixels(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }
