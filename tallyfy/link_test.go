package tallyfy

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWithoutLink(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"first", `{"link":"x","id":1}`, `{"id":1}`},
		{"last", `{"id":1,"link":"x"}`, `{"id":1}`},
		{"in the middle", `{"id":1, "link":"x" ,"email":"e"}`, `{"id":1,"email":"e"}`},
		{"alone", `{"link":"x"}`, `{}`},
		{"null", `{"id":1,"link":null}`, `{"id":1}`},
		{"any value", `{"link":{"link":["x"]},"id":1}`, `{"id":1}`},
		{"several times", `{"link":1,"id":1,"link":2,"link":3}`, `{"id":1}`},
		{"escaped", `{"l\u0069nk":"x","id":1}`, `{"id":1}`},
		{"in details", `{"id":1,"details":{"link":"x","status":null}}`, `{"id":1,"details":{"status":null}}`},
		{"alone in details", `{"details": {"link":"x"} }`, `{"details": {} }`},
		{"in details twice", `{"details":{"link":1},"details":{"a":{"x":1},"link":2}}`, `{"details":{},"details":{"a":{"x":1}}}`},
		{"in escaped details", `{"d\u0065tails":{"link":"x","a":1}}`, `{"d\u0065tails":{"a":1}}`},
		{"all else as it came", "{ \"id\" : 1.0e+2 ,\n\"a\":\"\\u00e9\\/é\",\"b\":12345678901234567890, \"link\":1,\n\"c\": [ ] }", "{ \"id\" : 1.0e+2 ,\n\"a\":\"\\u00e9\\/é\",\"b\":12345678901234567890,\n\"c\": [ ] }"},
		{"none", ` {"id":1 , "details":{ } }`, ` {"id":1 , "details":{ } }`},
		{"details that are none", `{"details":["link"],"link":1}`, `{"details":["link"]}`},
		{"in details of details", `{"details":{"details":{"link":1},"link":2}}`, `{"details":{"details":{"link":1}}}`},
		{"other names", `{"Link":1,"links":2,"details":{"a":{"blink":1}}}`, `{"Link":1,"links":2,"details":{"a":{"blink":1}}}`},
		{"nothing", `{}`, `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newGuest([]byte(tt.in))
			if got := string(g.WithoutLink()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if string(g.Raw) != tt.in {
				t.Errorf("changed the record: %s", g.Raw)
			}
		})
	}
	if raw := new(Guest).WithoutLink(); len(raw) > 0 {
		t.Errorf("a guest without a record gave %q", raw)
	}
}

func TestWithoutLinkTakesOffTheLinkAlone(t *testing.T) {
	value := rapid.SampledFrom([]string{`1`, `"a,b"`, `null`, `[1, 2]`, `{"link": 3}`, `"\""`})
	key := rapid.SampledFrom([]string{`"id"`, `"email"`, `"l\u0069nk"`, `"link"`, `"x y"`})
	blank := rapid.SampledFrom([]string{"", " ", "\n\t"})
	object := func(t *rapid.T, label string, extra ...string) (all, kept string) {
		var with, without []string
		for i := range rapid.IntRange(0, 6).Draw(t, label) {
			k := key.Draw(t, fmt.Sprint(label, i))
			m := blank.Draw(t, "blank") + k + blank.Draw(t, "blank") + ":" + blank.Draw(t, "blank") + value.Draw(t, "value") + blank.Draw(t, "blank")
			with = append(with, m)
			if !strings.HasSuffix(k, `nk"`) {
				without = append(without, m)
			}
		}
		if len(extra) > 0 {
			with, without = append(with, extra[0]), append(without, extra[1])
		}
		return "{" + strings.Join(with, ",") + "}", "{" + strings.Join(without, ",") + "}"
	}
	rapid.Check(t, func(t *rapid.T) {
		innerAll, innerKept := object(t, "details")
		all, kept := object(t, "record", ` "details" : `+innerAll, ` "details" : `+innerKept)
		if got := string(newGuest([]byte(all)).WithoutLink()); got != kept {
			t.Fatalf("%s\nbecame %s\nwant   %s", all, got, kept)
		}
	})
}

func BenchmarkWithoutLink(b *testing.B) {
	p, err := pageIn(&answer{status: 200, body: testFile(b, "list.json")}, &recordReader{})
	if err != nil {
		b.Fatal(err)
	}
	g := p.records[0].guest()
	b.ReportAllocs()
	for b.Loop() {
		g.WithoutLink()
	}
}
