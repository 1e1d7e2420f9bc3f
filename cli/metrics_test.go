package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

var (
	night = time.Date(2026, 11, 20, 2, 15, 0, 0, time.UTC)

	importSummary = summary{
		Command: "import", Org: "acme", StartedAt: night, FinishedAt: night.Add(90*time.Minute + 250*time.Millisecond),
		ExitCode: exitSomeRefused, WaitedSeconds: 3600.5,
		Rows:  map[string]int{"total": 5, "created": 3, "unchanged": 1, "invalid": 1, "failed": 0},
		Calls: map[string]map[string]int{"create": {"201": 3, "429": 1, "none": 2}, "read": {"200": 12}},
	}
	exportedSummary = summary{
		Command: "export", Org: "acme", StartedAt: night, FinishedAt: night.Add(3 * time.Second),
		Calls: map[string]map[string]int{"read": {"200": 4}}, exportSummary: &exportSummary{Guests: 1204, Pages: 3, Scans: 1},
	}
)

// metricsIn reads metrics as Prometheus does, each value by name and labels.
func metricsIn(t *testing.T, path string) map[string]float64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	parser := expfmt.NewTextParser(model.LegacyValidation) // the stricter one: older programs read it too
	families, err := parser.TextToMetricFamilies(f)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for name, family := range families {
		if family.GetHelp() == "" || family.GetType() != dto.MetricType_GAUGE {
			t.Errorf("%s has the type %v and the help %q", name, family.GetType(), family.GetHelp())
		}
		for _, metric := range family.GetMetric() {
			var labels []string
			for _, pair := range metric.GetLabel() {
				labels = append(labels, pair.GetName()+"="+pair.GetValue())
			}
			key := strings.TrimPrefix(name, "guestlist_") + " " + strings.Join(labels, " ")
			if _, twice := values[key]; twice {
				t.Errorf("%s stands there twice", key)
			}
			values[key] = metric.GetGauge().GetValue()
		}
	}
	return values
}

func TestMetricsAreWhatTheRunCameTo(t *testing.T) {
	for _, tc := range []struct {
		name string
		s    summary
		want map[string]float64
	}{
		{"an import", importSummary, map[string]float64{
			"rows command=import org=acme status=created": 3, "rows command=import org=acme status=unchanged": 1,
			"rows command=import org=acme status=invalid": 1, "rows command=import org=acme status=failed": 0,
			"calls command=import org=acme class=create status=201": 3, "calls command=import org=acme class=create status=429": 1,
			"calls command=import org=acme class=create status=none": 2, "calls command=import org=acme class=read status=200": 12,
			"paused_seconds command=import org=acme": 3600.5, "run_seconds command=import org=acme": 5400.25,
			"exit_code command=import org=acme": 9, "last_run_timestamp_seconds command=import org=acme": 1795146300.25,
		}},
		{"an export", exportedSummary, map[string]float64{
			"guests command=export org=acme": 1204, "pages command=export org=acme": 3, "scans command=export org=acme": 1,
			"calls command=export org=acme class=read status=200": 4, "paused_seconds command=export org=acme": 0,
			"run_seconds command=export org=acme": 3, "exit_code command=export org=acme": 0,
			"last_run_timestamp_seconds command=export org=acme": 1795140903, "last_success_timestamp_seconds command=export org=acme": 1795140903,
		}},
		{"an export of nobody", summary{
			Command: "export", StartedAt: night, FinishedAt: night, exportSummary: &exportSummary{Pages: 1, Scans: 1},
		}, map[string]float64{
			"guests command=export org=": 0, "pages command=export org=": 1, "scans command=export org=": 1, "paused_seconds command=export org=": 0,
			"run_seconds command=export org=": 0, "exit_code command=export org=": 0,
			"last_run_timestamp_seconds command=export org=": 1795140900, "last_success_timestamp_seconds command=export org=": 1795140900,
		}},
		{"an export that failed has not counted the guests, and the clock was put back", summary{
			Command: "export", Org: "acme", StartedAt: night.Add(time.Hour), FinishedAt: night, ExitCode: 1, exportSummary: &exportSummary{Pages: 2, Scans: 1},
		}, map[string]float64{
			"pages command=export org=acme": 2, "scans command=export org=acme": 1, "paused_seconds command=export org=acme": 0,
			"run_seconds command=export org=acme": 0, "exit_code command=export org=acme": 1,
			"last_run_timestamp_seconds command=export org=acme": 1795140900,
		}},
		{"a name with everything in it", summary{
			Command: "export", Org: "a\"b\\c\nd,e=\"f\"} 1\r\xff é", StartedAt: night, FinishedAt: night, ExitCode: 3,
		}, map[string]float64{
			"paused_seconds command=export org=a\"b\\c\nd,e=\"f\"} 1\r\ufffd é": 0, "run_seconds command=export org=a\"b\\c\nd,e=\"f\"} 1\r\ufffd é": 0,
			"exit_code command=export org=a\"b\\c\nd,e=\"f\"} 1\r\ufffd é": 3, "last_run_timestamp_seconds command=export org=a\"b\\c\nd,e=\"f\"} 1\r\ufffd é": 1795140900,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "guests.prom")
			if err := writeMetrics(path, tc.s); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, metricsIn(t, path)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
				t.Errorf("the mode is %v, %v", info.Mode(), err)
			}
		})
	}
}

// The file as it stands there: names and help texts are what dashboards are made of.
func TestMetricsFile(t *testing.T) {
	for name, s := range map[string]summary{"metrics-import.prom": importSummary, "metrics-export.prom": exportedSummary} {
		path := filepath.Join(t.TempDir(), "guests.prom")
		if err := writeMetrics(path, s); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, string(content))
	}
}

// A run that failed takes the time of the last success over from the older file.
func TestMetricsKeepTheLastSuccess(t *testing.T) {
	success, failure := exportedSummary, exportedSummary
	failure.ExitCode, failure.FinishedAt = exitFailure, night.Add(24*time.Hour)
	other := success
	other.Org = "beta"
	shard, shardDone, otherShard := failure, success, success
	shard.Shard, shardDone.Shard, otherShard.Shard = "0/2", "0/2", "1/2"
	odd, oddFailure := success, failure
	odd.Org, oddFailure.Org = "a\"b\n\xff", "a\"b\n\xff"
	text := func(content string) func(path string) error {
		return func(path string) error { return os.WriteFile(path, []byte(content), 0o600) }
	}
	runs := func(runs ...summary) func(path string) error {
		return func(path string) error {
			for _, s := range runs {
				if err := writeMetrics(path, s); err != nil {
					return err
				}
			}
			return nil
		}
	}
	const at = 1795140903
	for _, tc := range []struct {
		name   string
		before func(path string) error
		run    summary
		want   float64 // zero: there is none
	}{
		{"no older file", runs(), failure, 0},
		{"a success", runs(success), failure, at},
		{"a success before another failure", runs(success, failure, failure), failure, at},
		{"only failures", runs(failure), failure, 0},
		{"this run is a success", runs(success, failure), other, at},
		{"another organization's success", runs(other), failure, 0},
		{"another command's success", runs(success), importSummary, 0},
		{"another shard's success", runs(otherShard), shard, 0},
		{"the shard's own success", runs(shardDone), shard, at},
		{"a success without shards", runs(success), shard, 0},
		{"an organization with an odd name", runs(odd), oddFailure, at},
		{"an empty file", text(""), failure, 0},
		{"a file that is none", text("\x00\xff{{{"), failure, 0},
		{"a file that is cut off", text("# TYPE guestlist_last_success_timestamp_seconds gauge\nguestlist_last_success_timestamp_seconds{command=\"export\",org=\"ac"), failure, 0},
		{"a time that is none", text("# TYPE guestlist_last_success_timestamp_seconds gauge\nguestlist_last_success_timestamp_seconds{command=\"export\",org=\"acme\"} NaN\n"), failure, 0},
		{"a time without an end", text("# TYPE guestlist_last_success_timestamp_seconds gauge\nguestlist_last_success_timestamp_seconds{command=\"export\",org=\"acme\"} +Inf\n"), failure, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "guests.prom")
			if err := tc.before(path); err != nil {
				t.Fatal(err)
			}
			if err := writeMetrics(path, tc.run); err != nil {
				t.Fatal(err)
			}
			key := "last_success_timestamp_seconds command=" + tc.run.Command + " org=" + label(tc.run.Org)
			if tc.run.Shard != "" {
				key += " shard=" + tc.run.Shard
			}
			got, there := metricsIn(t, path)[key]
			if got != tc.want || there != (tc.want != 0) {
				t.Errorf("the last success is %v, want %v", got, tc.want)
			}
		})
	}
}

// Metrics that cannot be written are an error, and the older ones stay.
// The collector reads a folder of files, and refuses all of them when two say the same.
func TestMetricsOfShardsSayWhichItIs(t *testing.T) {
	folder, files := t.TempDir(), map[string]string{}
	for _, shard := range []string{"", "0/2", "1/2"} {
		s := importSummary
		s.Shard = shard
		path := filepath.Join(folder, "import"+strings.ReplaceAll(shard, "/", "-")+".prom")
		if err := writeMetrics(path, s); err != nil {
			t.Fatal(err)
		}
		for key := range metricsIn(t, path) {
			if other, twice := files[key]; twice {
				t.Errorf("%s stands in %s and in %s", key, other, path)
			}
			files[key] = path
		}
	}
	if _, there := files[`rows command=import org=acme shard=1/2 status=created`]; !there {
		t.Errorf("no shard stands in %v", files)
	}
}

func TestMetricsThatCannotBeWritten(t *testing.T) {
	if err := writeMetrics(filepath.Join(t.TempDir(), "no", "guests.prom"), exportedSummary); err == nil {
		t.Error("no error")
	}
}
