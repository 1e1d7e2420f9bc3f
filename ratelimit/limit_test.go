package ratelimit

import (
	"encoding/json"
	"testing"
)

func TestWhichCallsAScopeHolds(t *testing.T) {
	for scope, want := range map[Scope][Classes]bool{
		All:     {Read: true, Write: true, Create: true},
		Reads:   {Read: true},
		Writes:  {Write: true, Create: true},
		Updates: {Write: true},
		Creates: {Create: true},
	} {
		for c := range Class(Classes) {
			if got := scope.holds(c); got != want[c] {
				t.Errorf("%v holds %v: %v", scope, c, got)
			}
		}
	}
}

func TestAScopeWidens(t *testing.T) {
	for _, test := range []struct {
		scope Scope
		class Class
		want  Scope
	}{
		{Reads, Read, Reads},
		{Reads, Write, All},
		{Reads, Create, All},
		{Updates, Write, Updates},
		{Updates, Create, Writes},
		{Updates, Read, All},
		{Creates, Create, Creates},
		{Creates, Write, Writes},
		{Creates, Read, All},
		{Writes, Write, Writes},
		{Writes, Create, Writes},
		{Writes, Read, All},
		{All, Read, All},
		{All, Write, All},
		{All, Create, All},
	} {
		if got := test.scope.with(test.class); got != test.want {
			t.Errorf("%v with %v is %v, want %v", test.scope, test.class, got, test.want)
		}
	}
}

func TestAScopeIsWrittenByItsName(t *testing.T) {
	for s := range Scope(len(scopeNames)) {
		text, err := json.Marshal(Limit{Scope: s, Budget: Budget{1, second}})
		if err != nil {
			t.Fatal(err)
		}
		var back Limit
		if err := json.Unmarshal(text, &back); err != nil || back.Scope != s {
			t.Errorf("%s is read as %v, %v", text, back.Scope, err)
		}
	}
	var s Scope
	if s.UnmarshalText([]byte("everything")) == nil {
		t.Error("a name that is none is read")
	}
}

func TestLimitInWords(t *testing.T) {
	tests := []struct {
		limit Limit
		want  string
	}{
		{Limit{Creates, Budget{30, hour}}, "30 creates an hour"},
		{Limit{All, Budget{600, minute}}, "600 calls a minute"},
		{Limit{Reads, Budget{12, 5 * second}}, "12 GETs in 5s"},
		{Limit{Updates, Budget{1, second}}, "1 update a second"},
		{Limit{All, Budget{1, 24 * hour}}, "1 call a day"},
		{Limit{Writes, Budget{5, 10 * minute}}, "5 writes in 10m"},
		{Limit{All, Budget{5, 90 * second}}, "5 calls in 1m30s"},
		{Limit{All, Budget{5, 48 * hour}}, "5 calls in 48h"},
	}
	for _, tt := range tests {
		if got := tt.limit.Words(); got != tt.want {
			t.Errorf("%v is %q, want %q", tt.limit, got, tt.want)
		}
	}
}
