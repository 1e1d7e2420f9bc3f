package report

import (
	"bufio"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"guestlist/results"
)

// Options is what a page says besides the results.
type Options struct {
	Location *time.Location // of the times that are shown; nil: UTC
	Commands Commands
	Live     *Live // nil: not known, and left out
}

// Live is what a run knows of itself when it has just ended, and its results do
// not tell.
type Live struct {
	Calls  map[string]map[string]int // by class and status, as in a summary
	Waited time.Duration             // for limits
	Took   []Took                    // how long calls took, by class; may be empty

	// Commands take the place of those in the options where there are any: a run
	// knows its own flags.
	Commands Commands
}

// Took is how long the calls of a class took that were answered: a share of them
// at most so long.
type Took struct {
	Class                      string
	Half, NineOf10, NinetyNine time.Duration // NinetyNine of 100
}

//go:embed page.html style.css
var files embed.FS

// page is what the template shows.
type page struct {
	File, Heading, Lead string
	Orgs, Zone          string
	First, Last, Took   string // empty: no row has a time
	Rows                string
	Outcomes            []outcomeRow
	Steps               []step

	Plan, Partial bool
	Charts        []chart // wide and narrow; none when there is nothing to draw
	NoChart       string  // why
	Written       string
	Pauses        []pauseRow
	PauseCount    string
	Paused        string
	Pace          []figure
	Attempts      []figure
	Refused       []causeGroup
	Remarks       []causeGroup
	Calls         []callRow
	Waited        string
	Latencies     []tookRow
	Live          bool
}

type outcomeRow struct {
	Status, Meaning, Rows, Share, Kind string
	Bar                                string // percent of the longest
}

type pauseRow struct{ When, Took string }

type figure struct{ Name, Value string }

type tookRow struct{ Class, Half, NineOf10, NinetyNine string }

type callRow struct{ Class, Answer, Count string }

type causeGroup struct {
	Title, Status, Count, More string
	Open                       bool
	Rows                       []causeLine
}

type causeLine struct{ Row, Line, Email, Detail string }

// Write writes the page, as HTML.
func (r *Run) Write(w io.Writer, o Options) error {
	t, err := template.ParseFS(files, "page.html", "style.css")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if err := t.ExecuteTemplate(out, "page.html", r.page(o)); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return out.Flush()
}

func (r *Run) page(o Options) *page {
	where := o.Location
	if where == nil {
		where = time.UTC
	}
	p := &page{
		File: visible(filepath.Base(r.path)), Heading: r.noun() + " report", Lead: r.lead(),
		Orgs: visible(strings.Join(r.orgs, ", ")), Rows: number(r.rows),
		Outcomes: r.outcomes(), Steps: r.stepsOf(o.Commands), Plan: r.isPlan(), Partial: r.partial,
		Refused: groups(&r.refused), Remarks: groups(&r.remarks),
	}
	if o.Live != nil && o.Live.Commands != (Commands{}) {
		p.Steps = r.stepsOf(o.Live.Commands)
	}
	if r.moreOrgs {
		p.Orgs += " and more"
	}
	switch {
	case r.statuses[results.Valid] > 0:
		p.Heading = "File check"
	case p.Plan:
		p.Heading = r.noun() + " plan"
	case r.partial:
		p.Heading = r.noun() + " report, not finished"
	}
	if !r.first.IsZero() {
		first, last := r.first.In(where), r.last.In(where)
		p.First, p.Last, p.Took, p.Zone = clock(first), clock(last), inWords(between(first.UnixMilli(), last.UnixMilli())), zone(first)
		if z := zone(last); z != p.Zone {
			p.Zone += ", later " + z
		}
	}
	if !p.Plan {
		r.overTime(p, where)
		p.Attempts = r.attempts()
	}
	if o.Live != nil {
		p.Live, p.Calls, p.Waited = true, calls(o.Live.Calls), inWords(o.Live.Waited)
		for _, t := range o.Live.Took {
			p.Latencies = append(p.Latencies, tookRow{className(t.Class), inWords(t.Half), inWords(t.NineOf10), inWords(t.NinetyNine)})
		}
	}
	return p
}

// overTime fills in what the times of the writes tell.
func (r *Run) overTime(p *page, where *time.Location) {
	p.Written = counted(len(r.written), "guest")
	switch {
	case len(r.written) == 0:
		p.NoChart = "Nothing was written to the server."
		return
	case r.written[0] == r.written[len(r.written)-1]:
		p.NoChart = fmt.Sprintf("%s, all written at %s.", p.Written, clock(time.UnixMilli(r.written[0]).In(where)))
		return
	}
	pace := paceOf(r.written)
	p.Charts = []chart{newChart("wide", 720, r.written, &pace, where), newChart("narrow", 328, r.written, &pace, where)}
	p.Pace = []figure{
		{"Usually (median)", inWords(pace.median)},
		{"9 of 10 within", inWords(pace.p90)},
		{"99 of 100 within", inWords(pace.p99)},
		{"Longest", inWords(pace.longest)},
	}
	if pace.hourly > 0 {
		p.Pace = append(p.Pace, figure{"Most guests in 60 minutes", number(pace.hourly)})
	}
	if len(pace.pauses) == 0 {
		return
	}
	p.PauseCount, p.Paused = counted(len(pace.pauses), "pause"), inWords(pace.paused)
	longest := slices.Clone(pace.pauses)
	slices.SortStableFunc(longest, func(a, b span) int { return cmp.Compare(b.length().Round(time.Second), a.length().Round(time.Second)) })
	for _, s := range longest[:min(len(longest), 5)] {
		p.Pauses = append(p.Pauses, pauseRow{fromTo(time.UnixMilli(s.from).In(where), time.UnixMilli(s.to).In(where)), inWords(s.length())})
	}
}

func (r *Run) attempts() []figure {
	if r.sent == 0 {
		return nil
	}
	return []figure{
		{"Rows that were sent", number(r.sent)},
		{"Without a repeat", number(r.sent - r.again)},
		{"With a repeat", number(r.again)},
		{"Most writes for one row", number(r.most)},
	}
}

// groups words causes for the page.
func groups(c *causes) []causeGroup {
	shown, others := c.largest()
	if others.count > 0 {
		shown = append(shown, &others)
	}
	var list []causeGroup
	for i, g := range shown {
		title := g.title()
		if g == &others {
			title = "other causes"
		}
		group := causeGroup{
			Title: visible(title), Status: string(g.status), Count: counted(g.count, "row"),
			Open: i == 0 || g.count <= 10,
		}
		for _, row := range g.rows {
			line := causeLine{strconv.Itoa(row.row), strconv.Itoa(row.line), visible(row.email), visible(row.detail)}
			if row.detail == title {
				line.Detail = ""
			}
			group.Rows = append(group.Rows, line)
		}
		if more := g.count - len(g.rows); more > 0 {
			group.More = number(more)
		}
		list = append(list, group)
	}
	return list
}

// calls words the calls of a run.
func calls(by map[string]map[string]int) []callRow {
	var list []callRow
	for _, class := range slices.Sorted(maps.Keys(by)) {
		for _, status := range slices.Sorted(maps.Keys(by[class])) {
			answer := "no answer"
			if code, err := strconv.Atoi(status); err == nil {
				answer = strings.TrimSpace(status + " " + http.StatusText(code))
			}
			list = append(list, callRow{className(class), answer, number(by[class][status])})
		}
	}
	return list
}

// className is what a class of calls is called on the page.
func className(class string) string {
	switch class {
	case "read":
		return "Look-ups and lists"
	case "create":
		return "Invitations"
	case "write":
		return "Changes of a guest"
	}
	return class
}
