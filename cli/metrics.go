package cli

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"guestlist/atomicfile"
)

// metrics are what a run tells a monitoring system, in the order in which they stand in
// the file. They are all gauges: each run writes the file anew.
type metrics struct {
	command, org, shard string // labels of every one; without a shard, that one is left out
	families            []*dto.MetricFamily
}

const lastSuccess = "guestlist_last_success_timestamp_seconds"

// writeMetrics writes what a run came to for the textfile collector of Prometheus'
// node_exporter. Where the run was no success, the time of the last one is taken over
// from the file that stood there before; one that cannot be understood has none.
func writeMetrics(path string, s summary) error {
	m := metrics{command: label(s.Command), org: label(s.Org), shard: s.Shard}
	m.describe(s)
	if s.ExitCode == exitOK {
		m.gauge(lastSuccess, lastSuccessHelp).set(unixSeconds(s.FinishedAt))
	} else if at, ok := m.earlierSuccess(path); ok {
		m.gauge(lastSuccess, lastSuccessHelp).set(at)
	}
	var content bytes.Buffer
	for _, family := range m.families {
		if _, err := expfmt.MetricFamilyToText(&content, family); err != nil {
			return fmt.Errorf("write the metrics: %w", err)
		}
	}
	return atomicfile.Write(path, content.Bytes(), 0o644) // the collector is another user
}

const lastSuccessHelp = "When a run last ended with exit code 0, in seconds since 1970."

// describe makes metrics of a summary. What a text says of a metric is the same in
// every file: the collector refuses what is not.
func (m *metrics) describe(s summary) {
	rows := m.gauge("guestlist_rows", "Rows of the last run by what became of them.")
	for _, status := range slices.Sorted(maps.Keys(s.Rows)) {
		if status != "total" { // which the sum over all statuses is
			rows.set(float64(s.Rows[status]), "status", status)
		}
	}
	calls := m.gauge("guestlist_calls", "Calls of the last run by class and HTTP status; none: no answer came.")
	for _, class := range slices.Sorted(maps.Keys(s.Calls)) {
		for _, status := range slices.Sorted(maps.Keys(s.Calls[class])) {
			calls.set(float64(s.Calls[class][status]), "class", class, "status", status)
		}
	}
	guests := m.gauge("guestlist_guests", "Guests that the last export found.")
	pages := m.gauge("guestlist_pages", "Pages of guests that the last export fetched.")
	scans := m.gauge("guestlist_scans", "Times that the last export went through the list of guests.")
	if e := s.exportSummary; e != nil {
		if s.ExitCode == exitOK || e.Guests > 0 { // else they were not counted
			guests.set(float64(e.Guests))
		}
		pages.set(float64(e.Pages))
		scans.set(float64(e.Scans))
	}
	m.gauge("guestlist_paused_seconds", "How long the last run waited for the server's limits.").set(s.WaitedSeconds)
	m.gauge("guestlist_run_seconds", "How long the last run took.").set(max(0, s.FinishedAt.Sub(s.StartedAt).Seconds()))
	m.gauge("guestlist_exit_code", "Exit code of the last run; see guestlist help exit-codes.").set(float64(s.ExitCode))
	m.gauge("guestlist_last_run_timestamp_seconds", "When the last run ended, in seconds since 1970.").set(unixSeconds(s.FinishedAt))
}

// gauge is a metric that is being filled in.
type gauge struct {
	of     *metrics
	family *dto.MetricFamily
}

// gauge begins a metric. Until a value is set it is not among the others, as a metric
// without any may not be written.
func (m *metrics) gauge(name, help string) *gauge {
	return &gauge{of: m, family: &dto.MetricFamily{Name: &name, Help: &help, Type: dto.MetricType_GAUGE.Enum()}}
}

// set gives a metric a value under these labels: names and values by turns.
func (g *gauge) set(value float64, labels ...string) {
	if len(g.family.Metric) == 0 {
		g.of.families = append(g.of.families, g.family)
	}
	common := []string{"command", g.of.command, "org", g.of.org}
	if g.of.shard != "" { // the collector refuses two files that say the same
		common = append(common, "shard", g.of.shard)
	}
	labels = append(common, labels...)
	metric := &dto.Metric{Gauge: &dto.Gauge{Value: &value}}
	for pair := range slices.Chunk(labels, 2) {
		metric.Label = append(metric.Label, &dto.LabelPair{Name: &pair[0], Value: &pair[1]})
	}
	g.family.Metric = append(g.family.Metric, metric)
}

// mostMetrics is more than any file of ours has bytes.
const mostMetrics = 1 << 20

// earlierSuccess returns when, by the file that is about to be replaced, the same
// command for the same organization last was a success.
func (m *metrics) earlierSuccess(path string) (at float64, ok bool) {
	f, err := os.Open(path)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(io.LimitReader(f, mostMetrics))
	if err != nil {
		return 0, false
	}
	for _, metric := range families[lastSuccess].GetMetric() {
		labels := map[string]string{}
		for _, pair := range metric.GetLabel() {
			labels[pair.GetName()] = pair.GetValue()
		}
		at = metric.GetGauge().GetValue()
		if labels["command"] == m.command && labels["org"] == m.org && labels["shard"] == m.shard && at > 0 && !math.IsInf(at, 0) {
			return at, true
		}
	}
	return 0, false
}

// label makes any text the value of a label.
func label(text string) string { return strings.ToValidUTF8(text, "\ufffd") }

// unixSeconds is a time as Prometheus has it, to the millisecond.
func unixSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
