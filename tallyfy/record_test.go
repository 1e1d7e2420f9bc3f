package tallyfy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/guest"
)

// cells are the columns of a record that are not empty.
func cells(g *Guest) map[string]string {
	filled := map[string]string{}
	for _, name := range guest.RecordColumns(true) {
		if value := *g.Column(name); value != "" {
			filled[name] = value
		}
	}
	return filled
}

func TestGuestOfTheDocumentation(t *testing.T) {
	tests := []struct {
		file    string
		want    map[string]string
		unknown []string
	}{
		{"create.json", map[string]string{
			"id": "4523", "email": "external.partner@partnerco.com", "first_name": "External", "last_name": "Partner",
			"created_at": "2025-01-15 10:30:00", "link": "https://go.tallyfy.com/...", "company_name": "Partner Co",
		}, nil},
		{"create-older.json", map[string]string{
			"id": "new_guest_code_789", "email": "external.partner@partnerco.com", "first_name": "External", "last_name": "Partner",
			"status": "active", "company_name": "Partner Co", "created_at": "2024-05-21T16:00:00Z",
		}, []string{"details.updated_at"}},
		{"get.json", map[string]string{
			"id": "1234", "email": "guest.to.get@example.com", "last_accessed_at": "2025-05-15T10:00:00Z",
			"last_known_ip": "192.168.1.1", "last_known_country": "US", "status": "active", "phone_1": "+1234567890",
			"timezone": "America/New_York", "company_url": "https://example.com", "company_name": "Guest Company",
			"last_city": "New York", "last_country": "US", "first_name": "Specific", "last_name": "Guest",
			"created_at": "2025-01-10T08:30:00Z", "link": "https://go.tallyfy.com/...",
		}, nil},
		{"update.json", map[string]string{
			"id": "1234", "email": "guest.to.update@example.com", "last_accessed_at": "2024-06-15T10:30:00Z",
			"last_known_ip": "203.0.113.42", "last_known_country": "US", "status": "active", "phone_1": "+15551234567",
			"timezone": "America/Chicago", "company_name": "Acme Corp", "associated_members": "1234;5678",
			"last_city": "Chicago", "last_country": "US", "first_name": "Jane", "last_name": "Doe",
			"created_at": "2024-01-10T09:00:00Z", "link": "https://go.tallyfy.com/...",
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			g, err := guestIn(&answer{status: 201, body: testFile(t, tt.file)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, cells(g)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.unknown, g.Unknown()); diff != "" {
				t.Errorf("unknown (-want +got)\n%s", diff)
			}
			if g.HTTPStatus != 201 {
				t.Errorf("status %d", g.HTTPStatus)
			}
		})
	}
}

func TestGuestOfAList(t *testing.T) {
	p, err := pageIn(&answer{status: 200, body: testFile(t, "list.json")}, &recordReader{})
	if err != nil || len(p.records) != 1 {
		t.Fatal(err, len(p.records))
	}
	g := p.records[0].guest()
	want := map[string]string{
		"id": "1234", "email": "guest.user@external.com", "last_accessed_at": "2025-05-15T10:00:00Z", "last_known_ip": "192.0.2.1",
		"last_known_country": "US", "status": "active", "timezone": "America/Chicago", "company_name": "External Inc.",
		"last_country": "US", "first_name": "External", "last_name": "Collaborator", "created_at": "2025-01-10T08:30:00Z",
		"link": "https://go.tallyfy.com/...", "stats_assigned_tasks": "2", "stats_tasks_completed": "5",
		"stats_last_task_completed_at": "2025-05-14T16:30:00Z", "stats_one_off_tasks_completed": "1",
		"stats_last_one_off_task_completed_at": "2025-04-20T12:00:00Z",
	}
	if diff := cmp.Diff(want, cells(g)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestGuestOfOddShapes(t *testing.T) {
	tests := []struct {
		name, in string
		want     map[string]string
		unknown  []string
	}{
		{"huge id", `{"id":123456789012345678901234567890}`, map[string]string{"id": "123456789012345678901234567890"}, nil},
		{"id as text", `{"id":"0042"}`, map[string]string{"id": "0042"}, nil},
		{"digits as they came", `{"id":1.0,"details":{"cadence_days":1e2}}`, map[string]string{"id": "1.0", "cadence_days": "1e2"}, nil},
		{"booleans", `{"first_name":true,"last_name":false}`, map[string]string{"first_name": "true", "last_name": "false"}, nil},
		{"object for a text", `{"status":{ "a": [1, 2] }}`, map[string]string{"status": `{"a":[1,2]}`}, nil},
		{"list for a text", `{"status":["a",  "b"]}`, map[string]string{"status": `["a","b"]`}, nil},
		{"top wins", `{"status":"top","details":{"status":"inner"}}`, map[string]string{"status": "top"}, nil},
		{"top wins from behind", `{"details":{"status":"inner"},"status":"top"}`, map[string]string{"status": "top"}, nil},
		{"null at the top wins", `{"details":{"last_accessed_at":"inner"},"last_accessed_at":null}`, map[string]string{}, nil},
		{"twice", `{"status":"a","status":"b","details":{"phone_1":"1","phone_1":"2"}}`, map[string]string{"status": "b", "phone_1": "2"}, nil},
		{"twice, of two kinds", `{"id":"12","id":13,"status":"a","status":"\n","phone_1":"1","phone_1":null}`, map[string]string{"id": "13", "status": "\n"}, nil},
		{"top wins over details on both sides", `{"details":{"status":"inner"},"status":"top","details":{"status":"again","phone_1":"1"}}`, map[string]string{"status": "top", "phone_1": "1"}, nil},
		{"members null", `{"details":{"associated_members":null}}`, map[string]string{}, nil},
		{"members empty", `{"details":{"associated_members":[ ]}}`, map[string]string{}, nil},
		{"members as numbers", `{"details":{"associated_members":[1001, 1002]}}`, map[string]string{"associated_members": "1001;1002"}, nil},
		{"members as texts", `{"associated_members":["1001","x@y.com"]}`, map[string]string{"associated_members": "1001;x@y.com"}, nil},
		{"members mixed", `{"associated_members":[1001,"1002",null,{"id": 3}]}`, map[string]string{"associated_members": `1001;1002;{"id":3}`}, nil},
		{"members as one text", `{"associated_members":"1001,1002"}`, map[string]string{"associated_members": "1001,1002"}, nil},
		{"stats empty", `{"id":1,"stats":{}}`, map[string]string{"id": "1"}, nil},
		{"stats as PHP's empty list", `{"id":1,"stats":[],"details":[ ]}`, map[string]string{"id": "1"}, nil},
		{"stats null", `{"id":1,"stats":null,"details":null}`, map[string]string{"id": "1"}, nil},
		{"stats a text", `{"id":1,"stats":"none","details":7}`, map[string]string{"id": "1"}, []string{"stats", "details"}},
		{"stats beside a column of its name", `{"stats_tasks_completed":7,"stats":{"tasks_completed":5}}`, map[string]string{"stats_tasks_completed": "5"}, []string{"stats_tasks_completed"}},
		{"unknown keys", `{"updated_at":1,"details":{"plan":2},"stats":{"rank":3}}`, map[string]string{}, []string{"updated_at", "details.plan", "stats.rank"}},
		{"escaped key", `{"\u0065mail":"a@b.com"}`, map[string]string{"email": "a@b.com"}, nil},
		{"escapes as PHP writes them", `{"company_url":"https:\/\/b.com","first_name":"\u00e9\ud83d\ude00\n\"\\"}`, map[string]string{"company_url": "https://b.com", "first_name": "é😀\n\"\\"}, nil},
		{"bytes that are no UTF-8", "{\"first_name\":\"a\xffb\"}", map[string]string{"first_name": "a\ufffdb"}, nil},
		{"half a surrogate", `{"first_name":"\ud83d"}`, map[string]string{"first_name": "\ufffd"}, nil},
		{"brackets and commas in texts", `{"first_name":"}],{[\"","last_name":"\\"}`, map[string]string{"first_name": `}],{["`, "last_name": `\`}, nil},
		{"blanks everywhere", " {\n\t\"id\" : 1 ,\r\n \"details\" : { \"status\" : \"x\" } } ", map[string]string{"id": "1", "status": "x"}, nil},
		{"nothing", `{}`, map[string]string{}, nil},
		{"link in details", `{"details":{"link":"https://l"}}`, map[string]string{"link": "https://l"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newGuest([]byte(tt.in))
			if diff := cmp.Diff(tt.want, cells(g)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.unknown, g.Unknown()); diff != "" {
				t.Errorf("unknown (-want +got)\n%s", diff)
			}
			if string(g.Raw) != tt.in {
				t.Errorf("raw %s", g.Raw)
			}
		})
	}
}

func TestGuestHas(t *testing.T) {
	g := newGuest([]byte(`{"email":"a@b.com","first_name":null,"details":{"phone_1":null},"stats":{"assigned_tasks":null}}`))
	want := []string{"email", "first_name", "phone_1", "stats_assigned_tasks"}
	var got []string
	for _, name := range guest.RecordColumns(true) {
		if g.Has(name) {
			got = append(got, name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, name := range []string{"", "details", "stats", "assigned_tasks", "nonsense"} {
		if g.Has(name) {
			t.Errorf("has %q", name)
		}
	}
}

func TestGuestInAnAnswer(t *testing.T) {
	tests := []struct{ name, body, email, wrong string }{
		{"wrapped", `{"data":{"email":"a@b.com"}}`, "a@b.com", ""},
		{"wrapped, among others", `{"meta":{},"data":{"email":"a@b.com"},"email":"x"}`, "a@b.com", ""},
		{"bare", " {\"id\":1,\"email\":\"a@b.com\"}\n", "a@b.com", ""},
		{"wrapped, id only", `{"data":{"id":1}}`, "", ""},
		{"bare, id only", `{"id":1}`, "", "holds no guest"},
		{"wrapped, nobody", `{"data":{}}`, "", "holds no guest"},
		{"null", `{"data":null}`, "", "holds no guest"},
		{"list", `{"data":[{"email":"a@b.com"}]}`, "", "holds no guest"},
		{"an error", `{"error":true,"message":"no"}`, "", "holds no guest"},
		{"half", `{"data":{"email":"a@b.com"`, "", "not the JSON"},
		{"more than one", `{"data":{"email":"a@b.com"}} {}`, "", "not the JSON"},
		{"empty", ``, "", "not the JSON"},
		{"a web page", "\n<!DOCTYPE html><html>", "", "web page"},
		{"a text", `"a@b.com"`, "", "holds no guest"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, err := guestIn(&answer{status: 200, body: []byte(tt.body)})
			if tt.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wrong) {
					t.Errorf("got %v, want an error with %q", err, tt.wrong)
				}
				return
			}
			if err != nil || g.Email != tt.email {
				t.Errorf("got %v, %v", g, err)
			}
			if !bytes.HasPrefix(g.Raw, []byte("{")) || !bytes.HasSuffix(g.Raw, []byte("}")) {
				t.Errorf("raw %q", g.Raw)
			}
		})
	}
}

// FuzzRecord compares the scanner with encoding/json on whatever is valid.
func FuzzRecord(f *testing.F) {
	for _, name := range []string{"create.json", "create-older.json", "get.json", "list.json", "update.json"} {
		f.Add(testFile(f, name))
	}
	for _, s := range []string{
		`{"link":1,"details":{"l\u0069nk":"x"}}`, `{"details":[],"stats":[]}`, `[1,{"a":"]"}]`, `{"a":"\\","b":"\"}"}`, "null", `""`, "", "<html>",
		`{"data":{"email":"a","details":{"associated_members":[1,"2",null,{}]}}}`, "{\"a\":\"\xff\"}", ` { "" : [ ] , "x" : { } } `, `{"data":[1,[]]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		_, _ = guestIn(&answer{body: body})
		if p, err := pageIn(&answer{body: body}, &recordReader{}); err == nil {
			_, _ = p.position(1)
		}
		if !json.Valid(body) {
			return
		}
		g := newGuest(body)
		var want map[string]json.RawMessage
		_ = json.Unmarshal(body, &want)
		checkMembers(t, body, want)
		checkWithoutLink(t, g, want)
		if !bytes.Equal(body, before) || !bytes.Equal(g.Raw, before) {
			t.Errorf("changed %q to %q", before, body)
		}
	})
}

func checkMembers(t *testing.T, body []byte, want map[string]json.RawMessage) {
	got := map[string]json.RawMessage{}
	for m := range members(body) {
		got[string(m.key)] = json.RawMessage(m.value)
	}
	if !maps.EqualFunc(want, got, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
		t.Errorf("%q has the members %q, want %q", body, got, want)
	}
	var list []json.RawMessage
	_ = json.Unmarshal(body, &list)
	var elementsGot []json.RawMessage
	for e := range elements(body) {
		elementsGot = append(elementsGot, json.RawMessage(e))
	}
	if !slices.EqualFunc(list, elementsGot, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
		t.Errorf("%q has the elements %q, want %q", body, elementsGot, list)
	}
}

func checkWithoutLink(t *testing.T, g *Guest, want map[string]json.RawMessage) {
	without := g.WithoutLink()
	var got map[string]json.RawMessage
	if err := json.Unmarshal(without, &got); err != nil && want != nil {
		t.Fatalf("%q became %q: %v", g.Raw, without, err)
	}
	delete(want, "link")
	var details map[string]json.RawMessage
	_ = json.Unmarshal(got["details"], &details)
	if _, linked := details["link"]; linked {
		t.Errorf("%q keeps the link: %q", g.Raw, without)
	}
	delete(want, "details")
	delete(got, "details")
	if !maps.EqualFunc(want, got, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
		t.Errorf("%q became %q", g.Raw, without)
	}
}

// listBody is a page of that many guests like the documentation's.
func listBody(t testing.TB, n int) []byte {
	p, err := pageIn(&answer{status: 200, body: testFile(t, "list.json")}, &recordReader{})
	if err != nil {
		t.Fatal(err)
	}
	records := make([][]byte, n)
	for i := range records {
		records[i] = bytes.Replace(p.records[0].Raw, []byte("1234"), fmt.Append(nil, 1000+i), 1)
	}
	meta := fmt.Sprintf(`],"meta":{"pagination":{"total":%d,"count":%d,"per_page":999,"current_page":1,"total_pages":1}}}`, n, n)
	return slices.Concat([]byte(`{"data":[`), bytes.Join(records, []byte(",")), []byte(meta))
}

func BenchmarkPage(b *testing.B) {
	body := listBody(b, 999)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		p, err := pageIn(&answer{status: 200, body: body}, &recordReader{})
		if err != nil {
			b.Fatal(err)
		}
		for _, record := range p.records {
			if record.guest().ID == "" {
				b.Fatal("no id")
			}
		}
	}
}
