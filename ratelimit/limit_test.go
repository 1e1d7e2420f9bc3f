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
