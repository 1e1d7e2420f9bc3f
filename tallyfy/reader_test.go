package tallyfy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// What one record is like must not change how the next one is read.
func TestRecordsOfAListAreReadLikeEachAlone(t *testing.T) {
	records := []string{
		`{"id":1,"email":"a@b.com","details":{"status":"x","phone_1":null},"first_name":"A","stats":{"assigned_tasks":2}}`,
		`{"id":2,"email":"b@b.com","details":{"status":null,"phone_1":"+1"},"first_name":"B","stats":{}}`,
		`{"id":3,"email":"c@b.com","details":[],"first_name":"C","stats":null}`,
		`{"email":"d@b.com","id":4,"first_name":"D"}`,
		`{ "id" : 5, "email" : "e@b.com", "details" : { "status" : "y" } }`,
		`{"id":6,"details":{"email":"inner","status":"top loses"},"status":"z","email":null}`,
		`{"id":7,"status":"wins","details":{"status":"inner"},"stats":{"status":"none","id":8}}`,
		`{"details":{"id":"in details","details":{"status":1},"stats":{"assigned_tasks":1}}}`,
		`{"stats":{"assigned_tasks":1,"tasks_completed":2},"id":9,"updated_at":"u","details":{"plan":1}}`,
		`{"id":10,"email":"f\u0040b.com","\u0065mail":"g@b.com","first_name":"\"\n","last_name":"é"}`,
		`{"id":11,"details":{"associated_members":[1,"2",null]},"associated_members":null}`,
		`{"id":12,"id":13,"status":"a","status":null}`,
		`{"` + strings.Repeat("k", 1000) + `":1,"id":14}`,
		`{"":"","id":"15"}`,
		`{}`,
	}
	rapid.Check(t, func(t *rapid.T) {
		drawn := rapid.SliceOfN(rapid.SampledFrom(records), 1, 12).Draw(t, "records")
		body := fmt.Sprintf(`{"data":[%s]}`, strings.Join(drawn, ","))
		p, err := pageIn(&answer{body: []byte(body)}, &recordReader{})
		if err != nil || len(p.records) != len(drawn) {
			t.Fatalf("%d records, %v", len(p.records), err)
		}
		for i, raw := range drawn {
			got, want := p.records[i].guest(), newGuest([]byte(raw))
			if diff := cmp.Diff(cells(want), cells(got)); diff != "" || string(got.Raw) != raw || got.has != want.has {
				t.Errorf("record %d of %s (-alone +in the list)\n%s", i, body, diff)
			}
			if diff := cmp.Diff(want.Unknown(), got.Unknown()); diff != "" {
				t.Errorf("unknown of record %d of %s (-alone +in the list)\n%s", i, body, diff)
			}
		}
	})
}

func TestColumnsAreNoMoreThanThereAreBits(t *testing.T) {
	if len(columnNames) > mostColumns {
		t.Errorf("%d columns", len(columnNames))
	}
}

func TestRecordIdentity(t *testing.T) {
	for _, tt := range []struct{ name, record, want string }{
		{"a number", `{"id":7,"email":"a@b.com"}`, "7"},
		{"a text", `{"id":"guest_7"}`, "guest_7"},
		{"in details", `{"details":{"id":7}}`, "7"},
		{"none", `{"email":" A@b.com"}`, "email a@b.com"},
		{"null", `{"id":null,"email":"a@b.com"}`, "email a@b.com"},
		{"nothing at all", `{}`, "email "},
	} {
		record := NewRecord([]byte(tt.record))
		if got := string(record.AppendIdentity([]byte("x"))); got != "x"+tt.want {
			t.Errorf("%s: %q, want %q behind x", tt.name, got, tt.want)
		}
	}
	for _, text := range []string{`{"id":7,`, `{"id":7} 8`, ``} {
		if broken := NewRecord([]byte(text)); len(broken.Raw) > 0 || len(broken.Append(nil, idColumn)) > 0 {
			t.Errorf("%s is no JSON, and the record %q", text, broken.Raw)
		}
	}
}
