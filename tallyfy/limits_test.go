package tallyfy

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"guestlist/ratelimit"
)

func TestLimitsOfAnAnswer(t *testing.T) {
	const invites = `{"error":true,"code":"RATE_LIMIT_EXCEEDED","message":"You've reached the hourly limit for Guest Invite (30 per hour per organization)"}`
	said := func(s string) string { return strings.ReplaceAll(invites, "30 per hour", s) }
	shown := ratelimit.Answer{Limit: 600, Remaining: 599}
	capped := func(calls int, window time.Duration) ratelimit.Answer {
		return ratelimit.Answer{Refused: true, Capped: true, Cap: ratelimit.Budget{Calls: calls, Window: window}}
	}
	tests := []struct {
		name    string
		class   ratelimit.Class
		status  int
		body    string
		headers []string
		want    ratelimit.Answer
	}{
		{"nothing", ratelimit.Read, 200, `{}`, nil, ratelimit.Answer{}},
		{"what is left", ratelimit.Read, 200, `{}`, []string{"X-RateLimit-Limit: 600", "X-RateLimit-Remaining: 599"}, shown},
		{"of a refusal for what was sent", ratelimit.Create, 422, `{}`, []string{"X-RateLimit-Limit: 600", "X-RateLimit-Remaining: 599"}, shown},
		{"with blanks", ratelimit.Read, 200, `{}`, []string{"X-RateLimit-Limit:  600 ", "X-RateLimit-Remaining: 599"}, shown},
		{"one header alone", ratelimit.Read, 200, `{}`, []string{"X-RateLimit-Limit: 600"}, ratelimit.Answer{}},
		{"the other alone", ratelimit.Read, 200, `{}`, []string{"X-RateLimit-Remaining: 600"}, ratelimit.Answer{}},
		{"no number", ratelimit.Read, 200, `{}`, []string{"X-RateLimit-Limit: many", "X-RateLimit-Remaining: 3"}, ratelimit.Answer{}},
		{"no limit", ratelimit.Read, 200, `{}`, []string{"X-RateLimit-Limit: 0", "X-RateLimit-Remaining: 0"}, ratelimit.Answer{}},
		{"less than nothing", ratelimit.Read, 200, `{}`, []string{"X-RateLimit-Limit: 60", "X-RateLimit-Remaining: -1"}, ratelimit.Answer{}},
		{"a refusal", ratelimit.Read, 429, `{}`, []string{"Retry-After: 7", "X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 0"}, ratelimit.Answer{Refused: true, Wait: 7 * time.Second, Limit: 60}},
		{"the server is busy", ratelimit.Read, 503, `{}`, []string{"Retry-After: 7"}, ratelimit.Answer{Wait: 7 * time.Second}},
		{"a time that is no announcement", ratelimit.Read, 200, `{}`, []string{"Retry-After: 7"}, ratelimit.Answer{}},
		{"the documented cap", ratelimit.Create, 429, invites, nil, capped(30, time.Hour)},
		{"what is left of another limit", ratelimit.Create, 429, invites, []string{"X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 5"}, capped(30, time.Hour)},
		{"a cap a minute", ratelimit.Create, 429, said("5 per minute"), nil, capped(5, time.Minute)},
		{"a cap a second", ratelimit.Create, 429, said("5 per second"), nil, capped(5, time.Second)},
		{"a cap a day", ratelimit.Create, 429, said("500 per day"), nil, capped(500, 24*time.Hour)},
		{"a cap of a rehearsal", ratelimit.Create, 429, said("30 per 1m30s"), nil, capped(30, 90*time.Second)},
		{"a cap without a number", ratelimit.Create, 429, said("per organization"), nil, capped(0, 0)},
		{"a number that is too long", ratelimit.Create, 429, said("1234567 per hour"), nil, capped(0, 0)},
		{"a unit nobody knows", ratelimit.Create, 429, said("30 per fortnight"), nil, capped(0, 0)},
		{"the words without the code", ratelimit.Create, 429, `{"message":"limit for guest_invite (20 per hour)"}`, nil, capped(20, time.Hour)},
		{"the words about another call", ratelimit.Write, 429, `{"message":"limit for guest_invite (20 per hour)"}`, nil, ratelimit.Answer{Refused: true}},
		{"the code about another call", ratelimit.Write, 429, `{"code":"RATE_LIMIT_EXCEEDED"}`, nil, capped(0, 0)},
		{"the words in a success", ratelimit.Create, 201, invites, nil, ratelimit.Answer{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := &answer{status: tt.status, header: http.Header{}, body: []byte(tt.body)}
			for _, h := range tt.headers {
				name, value, _ := strings.Cut(h, ":")
				a.header.Add(name, value)
			}
			if got := limits(tt.class, a); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
