package exporter

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"guestlist/guest"
	"guestlist/tallyfy"
)

// The rows are written straight from the records, and still as guest writes them,
// whether or not formulas are protected.
func TestRowsAreThoseOfTheRecordWriter(t *testing.T) {
	cell := rapid.OneOf(
		rapid.Just(""), rapid.String(), rapid.SampledFrom([]string{`\.`, ` a`, "\u00a0a", "\u2003", "a b ", "=1+1", "'=1", "@a,b", "\r-1", "\t", "+1", "+49 30 1234567", `"`, `a"b""`, "a,b", "a\rb", "a\nb", "\r\n", "\t", "é", `\`, "null", "0"}),
	)
	all := guest.RecordColumns(true)
	rapid.Check(t, func(t *rapid.T) {
		protect := rapid.Bool().Draw(t, "protect")
		columns := rapid.Permutation(all).Draw(t, "columns")[:rapid.IntRange(1, len(all)).Draw(t, "how many")]
		var want bytes.Buffer
		w, err := guest.NewRecordWriter(&want, columns)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		want.Reset()
		var row guest.Record
		top, stats := map[string]string{}, map[string]string{}
		for _, name := range all {
			value := cell.Draw(t, name)
			*row.Column(name) = value
			if protect {
				*row.Column(name) = guest.EscapeFormula(value)
			}
			if key, ok := bytes.CutPrefix([]byte(name), []byte("stats_")); ok {
				stats[string(key)] = value
			} else {
				top[name] = value
			}
		}
		sent := map[string]any{"stats": stats}
		for name, value := range top {
			sent[name] = value
		}
		raw, err := json.Marshal(sent)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(&row); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		record := tallyfy.NewRecord(raw)
		if diff := cmp.Diff(want.String(), string(csvRows(columns, protect)(nil, &record))); diff != "" {
			t.Errorf("columns %q (-guest.RecordWriter +exporter)\n%s", columns, diff)
		}
	})
}
