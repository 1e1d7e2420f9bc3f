package tallyfy

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/guest"
)

// attempted is what Config.Called is told of an attempt.
type attempted struct {
	op     string
	status int
	took   time.Duration
}

// noting returns a function for Config.Called, and what it was told.
func noting() (called func(string, int, time.Duration), told *[]attempted) {
	told = &[]attempted{}
	return func(op string, status int, took time.Duration) {
		*told = append(*told, attempted{op, status, took})
	}, told
}

func TestEachAttemptIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called, told := noting()
		c := newClient(t, Config{Called: called, Transport: replies(t, always(500, `{}`), hang, always(200, anna), always(201, anna), cut)})
		if _, err := c.Get(background, "anna@b.com", false); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Create(background, &guest.Guest{Email: "anna@b.com"}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Create(background, &guest.Guest{Email: "anna@b.com"}, nil); err == nil {
			t.Error("a connection that broke is no error")
		}
		want := []attempted{
			{"get guest anna@b.com", 500, 0},
			{"get guest anna@b.com", 0, time.Minute},
			{"get guest anna@b.com", 200, 0},
			{"create guest anna@b.com", 201, 0},
			{"create guest anna@b.com", 0, 0},
		}
		if diff := cmp.Diff(want, *told, cmp.AllowUnexported(attempted{})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// What does not leave is no attempt.
func TestCallsThatDoNotLeaveAreNotTold(t *testing.T) {
	called, told := noting()
	c := newClient(t, Config{Called: called, Transport: replies(t)})
	if _, err := c.Create(background, &guest.Guest{Email: "anna@b.com"}, func() error { return errNoEmail }); err == nil {
		t.Error("it has left")
	}
	if len(*told) > 0 {
		t.Errorf("told was %v", *told)
	}
}

// A token that was refused gives way to a new one: that is two attempts, and two to
// sign in.
func TestAttemptsToSignInAreTold(t *testing.T) {
	called, told := noting()
	server := &authority{}
	c := server.application(t, Config{Called: called})
	for range 2 {
		if _, err := c.Get(background, "anna@b.com", false); err != nil {
			t.Fatal(err)
		}
		server.kill()
	}
	var got []attempted
	for _, a := range *told {
		got = append(got, attempted{op: a.op, status: a.status})
	}
	want := []attempted{
		{"sign in", 200, 0},
		{"get guest anna@b.com", 200, 0},
		{"get guest anna@b.com", 401, 0},
		{"sign in", 200, 0},
		{"get guest anna@b.com", 200, 0},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(attempted{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
