package tallyfy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

func TestMembers(t *testing.T) {
	body := func(number, pages, total int, records string) transport {
		return always(200, fmt.Sprintf(`{"data":[%s],"meta":{"pagination":{"total":%d,"current_page":%d,"total_pages":%d}}}`, records, total, number, pages))
	}
	anna := Member{ID: 1001, Email: "anna@b.com", FirstName: "Anna", LastName: "B", Role: "admin", Status: "active"}
	const annaJSON = `{"id":1001,"email":"anna@b.com","first_name":"Anna","last_name":"B","role":"admin","status":"active","groups":[1]}`
	tests := []struct {
		name   string
		server []transport
		want   []Member
		wrong  string
	}{
		{"nobody", []transport{body(1, 1, 0, ``)}, nil, ""},
		{"one", []transport{body(1, 1, 1, annaJSON)}, []Member{anna}, ""},
		{"several pages", []transport{body(1, 2, 3, annaJSON+`,{"id":7}`), body(2, 2, 3, `{"id":8,"role":null}`)}, []Member{anna, {ID: 7}, {ID: 8}}, ""},
		{"an id in a text", []transport{body(1, 1, 1, `{"id":"42"}`)}, []Member{{ID: 42}}, ""},
		{"a repeat that hides somebody", []transport{body(1, 2, 3, `{"id":1},{"id":2}`), body(2, 2, 3, `{"id":2}`)}, nil, "2 different members on 2 pages, while the server counts 3"},
		{"no id", []transport{body(1, 1, 1, `{"email":"x@y.com"}`)}, nil, "has no id"},
		{"an id that is no number", []transport{body(1, 1, 1, `{"id":"x"}`)}, nil, "no number"},
		{"no paging data", []transport{always(200, `{"data":[]}`)}, nil, "no paging data"},
		{"a page that fails at first", []transport{body(1, 2, 2, `{"id":1}`), always(200, `{"data":[`), body(2, 2, 2, `{"id":2}`)}, []Member{{ID: 1}, {ID: 2}}, ""},
		{"forbidden", []transport{always(403, `{"message":"No."}`)}, nil, "list members, page 1: No. (HTTP 403)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var asked []string
			server := replies(t, tt.server...)
			c := newClient(t, Config{Transport: transport(func(r *http.Request) (*http.Response, error) {
				asked = append(asked, r.URL.Path)
				return server(r)
			})})
			var got []Member
			var err error
			synctest.Test(t, func(*testing.T) { got, err = c.Members(background) })
			if tt.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wrong) {
					t.Errorf("got %v, want an error with %q", err, tt.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if asked[0] != "/api/organizations/acme/users" {
				t.Errorf("asked for %s", asked)
			}
		})
	}
}
