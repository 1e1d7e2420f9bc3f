package tallyfy

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"guestlist/guest"
)

func TestCreatePayload(t *testing.T) {
	tests := []struct {
		name string
		in   guest.Guest
		want string
	}{
		{"email only", guest.Guest{Email: "a@b.com"}, `{"email":"a@b.com"}`},
		{"members are not sent", guest.Guest{Email: "a@b.com", AssociatedMembers: "1001"}, `{"email":"a@b.com"}`},
		{"characters of HTML", guest.Guest{Email: "a@b.com", CompanyName: "<A> & B's"}, `{"email":"a@b.com","company_name":"<A> & B's"}`},
		{"quotes and lines", guest.Guest{Email: "a@b.com", LastName: "\"a\\\n\tb"}, `{"email":"a@b.com","last_name":"\"a\\\n\tb"}`},
		{"other scripts", guest.Guest{Email: "é@b.com", FirstName: "李 😀"}, `{"email":"é@b.com","first_name":"李 😀"}`},
		{"what is no UTF-8", guest.Guest{Email: "a\xff@b.com"}, `{"email":"a\ufffd@b.com"}`},
		{"nothing", guest.Guest{}, `{}`},
		{
			"everything, in the documentation's order",
			guest.Guest{
				Email: "1", FirstName: "2", LastName: "3", Phone1: "4", Phone2: "5", CompanyName: "6", CompanyURL: "7",
				ContactURL: "8", ImageURL: "9", OpportunityURL: "10", OpportunityName: "11", Timezone: "12", Status: "13",
				ExternalSyncSource: "14", ExternalDateCreation: "15", AssociatedMembers: "16",
			},
			`{"email":"1","first_name":"2","last_name":"3","phone_1":"4","phone_2":"5","company_name":"6","company_url":"7",` +
				`"contact_url":"8","image_url":"9","opportunity_url":"10","opportunity_name":"11","timezone":"12","status":"13",` +
				`"external_sync_source":"14","external_date_creation":"15"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, string(CreatePayload(&tt.in))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What the fast way writes is what encoding/json would.
func TestQuotedTextsAreThoseOfEncodingJSON(t *testing.T) {
	texts := []string{"", "a\xffb", "é", "😀", "\u2028", "\u2029", "\ufeff", "<&>"}
	for c := range 0x80 {
		texts = append(texts, string(rune(c)), "ab"+string(rune(c))+"cd")
	}
	for _, text := range texts {
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(text); err != nil {
			t.Fatal(err)
		}
		if got := string(appendQuoted(nil, text)) + "\n"; got != want.String() {
			t.Errorf("%q is written %s, want %s", text, got, want.String())
		}
	}
}

func TestCreatePayloadLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var g guest.Guest
		want := map[string]string{}
		for f := range guest.NumFields {
			value := rapid.String().Draw(t, f.String())
			g.Set(f, value)
			if value != "" && f != guest.AssociatedMembers {
				want[f.String()] = value
			}
		}
		got := map[string]string{}
		if err := json.Unmarshal(CreatePayload(&g), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
	})
}
