package sandbox

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCreateShape(t *testing.T) {
	h := serve(t, Options{Seed: 1})
	a := h.call("POST", guests, `{"email":"external.partner@partnerco.com","first_name":"External","last_name":"Partner","company_name":"Partner Co"}`)
	wantStatus(t, a, 201)
	stored, _ := h.Guest("external.partner@partnerco.com")
	if !strings.HasPrefix(stored.Link, "https://go.tallyfy.com/guest/") {
		t.Errorf("link %q", stored.Link)
	}
	equalJSON(t, a.text, `{"data":{"id":1234,"email":"external.partner@partnerco.com","last_accessed_at":null,"last_known_ip":null,`+
		`"last_known_country":null,"details":{"status":null,"phone_1":null,"phone_2":null,"timezone":null,"image_url":null,`+
		`"contact_url":null,"company_url":null,"opportunity_url":null,"company_name":"Partner Co","opportunity_name":null,`+
		`"external_sync_source":null,"external_date_creation":null,"cadence_days":null,"associated_members":null,"last_city":null,`+
		`"last_country":null,"last_accessed_at":null,"disabled_at":null,"disabled_by":null,"reactivated_at":null,"reactivated_by":null},`+
		`"first_name":"External","last_name":"Partner","created_at":"2025-01-15 10:30:00","deleted_at":null,"link":"`+stored.Link+`"}}`)
}

func TestCreateLegacyShape(t *testing.T) {
	h := serve(t, Options{Legacy: true})
	a := h.call("POST", guests, `{"email":"p@co.com","first_name":"External","company_url":"https://co.com/a","associated_members":[1001,1002]}`)
	wantStatus(t, a, 201)
	equalJSON(t, a.text, `{"data":{"id":"guest_code_1234","email":"p@co.com","last_accessed_at":null,"details":{"first_name":"External",`+
		`"last_name":null,"status":null,"phone_1":null,"phone_2":null,"timezone":null,"image_url":null,"contact_url":null,`+
		`"company_url":"https://co.com/a","opportunity_url":null,"company_name":null,"opportunity_name":null,"external_sync_source":null,`+
		`"external_date_creation":null,"cadence_days":null,"associated_members":[1001,1002],"last_city":null,"last_country":null,`+
		`"last_accessed_at":null,"disabled_at":null,"disabled_by":null,"reactivated_at":null,"reactivated_by":null,`+
		`"created_at":"2025-01-15T10:30:00Z","updated_at":"2025-01-15T10:30:00Z"}}}`)
	wantStatus(t, h.call("GET", guests+"/p%40co.com", ""), 201)
	if keys := h.UnknownKeys(); len(keys) > 0 {
		t.Errorf("unknown keys %q", keys)
	}
}

func TestCreateStoresWhatWasSent(t *testing.T) {
	h := serve(t, Options{})
	a := h.call("POST", guests, `{"email":" Jane@B.com ","first_name":"  two  blanks ","last_name":"","phone_1":" \t","phone_2":null,
		"company_name":"a\nb \"c\" \u00e9\u0001","status":"\ud83d\ude00"}`)
	wantStatus(t, a, 201)
	g, ok := h.Guest("jane@b.com")
	if !ok || g.Email != " Jane@B.com " {
		t.Errorf("stored as %q", g.Email)
	}
	want := map[string]string{
		"first_name": "  two  blanks ", "company_name": "a\nb \"c\" é\x01", "status": "😀",
		"created_at": "2025-01-15 10:30:00", "updated_at": "2025-01-15 10:30:00",
	}
	if diff := cmp.Diff(want, g.Fields); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	if name := a.json(t)["data"].(map[string]any)["details"].(map[string]any)["company_name"]; name != "a\nb \"c\" é\x01" {
		t.Errorf("answered %q", name)
	}
}

func TestCreateRefusals(t *testing.T) {
	long := strings.Repeat("é", 201)
	one := func(field, text string) map[string][]string { return map[string][]string{field: {text}} }
	tests := []struct {
		name, body string
		want       map[string][]string
	}{
		{"no email", `{"first_name":"A"}`, one("email", "The email field is required.")},
		{"blank email", `{"email":"  "}`, one("email", "The email field is required.")},
		{"no body", ``, one("email", "The email field is required.")},
		{"broken body", `{"email":"a@b.com"`, one("email", "The email field is required.")},
		{"a list", `[{"email":"a@b.com"}]`, one("email", "The email field is required.")},
		{"null", `null`, one("email", "The email field is required.")},
		{"email no text", `{"email":5}`, one("email", "The email must be a string.")},
		{"email without at", `{"email":"bad"}`, one("email", "The email must be a valid email address.")},
		{"member", `{"email":"Member.One@acme.com"}`, one("email", "The email belongs to a member of this organization.")},
		{"first name too long", `{"email":"a@b.com","first_name":"` + long + `"}`, one("first_name", "The first name may not be greater than 200 characters.")},
		{"last name too long", `{"email":"a@b.com","last_name":"` + long + `"}`, one("last_name", "The last name may not be greater than 200 characters.")},
		{"company too long", `{"email":"a@b.com","company_name":"` + long + `"}`, one("company_name", "The company name may not be greater than 200 characters.")},
		{"opportunity too long", `{"email":"a@b.com","opportunity_name":"` + long + `"}`, one("opportunity_name", "The opportunity name may not be greater than 200 characters.")},
		{"status too long", `{"email":"a@b.com","status":"` + long + `"}`, one("status", "The status may not be greater than 200 characters.")},
		{"phone too long", `{"email":"a@b.com","phone_1":"123456789012345678901"}`, one("phone_1", "The phone 1 may not be greater than 20 characters.")},
		{"second phone too long", `{"email":"a@b.com","phone_2":"123456789012345678901"}`, one("phone_2", "The phone 2 may not be greater than 20 characters.")},
		{"phone a number", `{"email":"a@b.com","phone_1":12125550123}`, one("phone_1", "The phone 1 must be a string.")},
		{"url without scheme", `{"email":"a@b.com","company_url":"acme.com"}`, one("company_url", "The company url format is invalid.")},
		{"url without host", `{"email":"a@b.com","contact_url":"https://"}`, one("contact_url", "The contact url format is invalid.")},
		{"url that is none", `{"email":"a@b.com","image_url":"n/a"}`, one("image_url", "The image url format is invalid.")},
		{"mailto", `{"email":"a@b.com","opportunity_url":"mailto:a@b.com"}`, one("opportunity_url", "The opportunity url format is invalid.")},
		{"zone abbreviation", `{"email":"a@b.com","timezone":"EST"}`, one("timezone", "The timezone must be a valid zone.")},
		{"old zone name", `{"email":"a@b.com","timezone":"US/Eastern"}`, one("timezone", "The timezone must be a valid zone.")},
		{"zone in lower case", `{"email":"a@b.com","timezone":"europe/paris"}`, one("timezone", "The timezone must be a valid zone.")},
		{"other source", `{"email":"a@b.com","external_sync_source":"Salesforce"}`, one("external_sync_source", "The selected external sync source is invalid.")},
		{"date only", `{"email":"a@b.com","external_date_creation":"2025-01-15"}`, one("external_date_creation", "The external date creation does not match the format Y-m-d H:i:s.")},
		{"fraction of a second", `{"email":"a@b.com","external_date_creation":"2025-01-15 10:30:00.5"}`, one("external_date_creation", "The external date creation does not match the format Y-m-d H:i:s.")},
		{"30 February", `{"email":"a@b.com","external_date_creation":"2025-02-30 10:30:00"}`, one("external_date_creation", "The external date creation does not match the format Y-m-d H:i:s.")},
		{"several at once", `{"email":"bad","timezone":"x","company_url":"y"}`, map[string][]string{
			"email": {"The email must be a valid email address."}, "timezone": {"The timezone must be a valid zone."}, "company_url": {"The company url format is invalid."},
		}},
	}
	h := serve(t, Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := h.call("POST", guests, tt.body)
			wantStatus(t, a, 422)
			errors := map[string]any{}
			for field, texts := range tt.want {
				errors[field] = []any{texts[0]}
			}
			if diff := cmp.Diff(map[string]any{"error": true, "errors": errors}, a.json(t)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
	if len(h.Guests()) != 0 {
		t.Error("a guest was created")
	}
}

func TestCreateTakes(t *testing.T) {
	h := serve(t, Options{})
	for i, field := range []string{
		`"first_name":"` + strings.Repeat("é", 200) + `"`, `"phone_1":"` + strings.Repeat("é", 20) + `"`, `"phone_2":" 12345678901234567890 "`,
		`"company_url":"https://example.com/a?b=c#d"`, `"image_url":"ftp://host/x"`, `"contact_url":"http://пример.рф"`,
		`"timezone":"UTC"`, `"timezone":"America/Argentina/Buenos_Aires"`, `"external_sync_source":"salesforce"`,
		`"external_date_creation":"2024-02-29 23:59:59"`, `"no_such_key":{"a":[1]}`,
	} {
		wantStatus(t, h.call("POST", guests, fmt.Sprintf(`{"email":"guest%d@b.com",%s}`, i, field)), 201)
	}
}

func TestCreateNeedsAContentType(t *testing.T) {
	h := serve(t, Options{})
	r := h.request("POST", guests, `{"email":"a@b.com"}`)
	r.Header.Set("Content-Type", "text/plain")
	wantStatus(t, h.send(r), 422)
	r = h.request("POST", guests, `{"email":"a@b.com"}`)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	wantStatus(t, h.send(r), 201)
}

func TestCreateTwice(t *testing.T) {
	h := serve(t, Options{})
	first := h.call("POST", guests, `{"email":"jose\u0301@b.com","first_name":"First"}`)
	second := h.call("POST", guests, `{"email":" JOS\u00c9@B.COM","first_name":"Second"}`)
	wantStatus(t, second, 201)
	if first.text != second.text || len(h.Guests()) != 1 {
		t.Errorf("%d guests; first %s, second %s", len(h.Guests()), first.text, second.text)
	}
	if diff := cmp.Diff([]string{"josé@b.com"}, h.Twice()); diff != "" {
		t.Errorf("twice (-want +got):\n%s", diff)
	}
	h.Delete("josé@b.com")
	third := h.create("josé@b.com")
	if third.json(t)["data"].(map[string]any)["id"] == first.json(t)["data"].(map[string]any)["id"] {
		t.Error("a new guest has the old one's id")
	}
	if admitted, succeeded := h.Creates("josé@b.com"); admitted != 3 || succeeded != 3 {
		t.Errorf("creates: %d admitted, %d succeeded", admitted, succeeded)
	}
}

func TestCreateTwiceLegacy(t *testing.T) {
	h := serve(t, Options{Legacy: true})
	wantStatus(t, h.create("a@b.com"), 201)
	a := h.create("A@b.com")
	wantStatus(t, a, 422)
	wantJSON(t, a, `{"error":true,"errors":{"email":["The email has already been taken."]}}`)
	if len(h.Twice()) != 1 {
		t.Errorf("twice %q", h.Twice())
	}
	a = h.call("POST", guests, `{"email":"c@b.com","associated_members":[1001,7]}`)
	wantStatus(t, a, 422)
	wantJSON(t, a, `{"error":true,"errors":{"associated_members.1":["The selected associated_members.1 is invalid."]}}`)
}

func TestPlausibleEmail(t *testing.T) {
	for _, ok := range []string{
		"a@b.co", "jane.doe+x@sub.example.com", "o'brien@example.com", "müller@möller.de", "инфо@письмо.рф", "x@xn--bcher-kva.example.com",
		`"jane doe"@example.com`, "jane(comment)@example.com", "jane @example.com", "a/b@c.com", "jane@ΜΌΝΑΧΟ.gr",
	} {
		if !plausibleEmail(ok) {
			t.Errorf("%q refused", ok)
		}
	}
	for _, bad := range []string{
		"", "@", "@b.com", "a@", "a@b", "a@b.", "a@.com", "a@b..com", "a@-b.com", "a@b-.com", "a@b_c.com", "a@b.c om", "a b@c.com", "a@b@c.com",
		"a..b@c.com", ".a@c.com", "a.@c.com", "a,b@c.com", "<a@b.com>", "a@b.com>", "mailto: a@b.com", "a@b.test", "a@b.local", "a@1.2.3.4", "a@[1.2.3.4]",
		"a\tb@c.com", "a;b@c.com", "a@" + strings.Repeat("b", 64) + ".com",
	} {
		if plausibleEmail(bad) {
			t.Errorf("%q taken", bad)
		}
	}
}
