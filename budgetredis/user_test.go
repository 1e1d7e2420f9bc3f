//go:build !windows

package budgetredis

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"guestlist/ratelimit"
)

// rule returns what the page tells to give a user, and its commands.
func rule(t *testing.T) (words, commands []any) {
	t.Helper()
	page, err := os.ReadFile("../docs/shared-budgets.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ACL SETUSER guestlist .*$`).FindString(string(page))
	for _, word := range strings.Fields(strings.Replace(line, "PASSWORD", "S3CRET", 1)) {
		words = append(words, word)
		if command, is := strings.CutPrefix(word, "+"); is {
			commands = append(commands, command)
		}
	}
	if len(commands) == 0 {
		t.Fatal("the page gives no user anything")
	}
	return words, commands
}

// as signs in with the user of the page.
func (r *real) as(t *testing.T, database string) Address {
	t.Helper()
	return address(t, "redis://guestlist:S3CRET@"+r.address.host+database)
}

func (r *real) do(t *testing.T, words ...any) any {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: r.address.host, Protocol: 2, DisableIdentity: true})
	defer client.Close()
	answer, err := client.Do(t.Context(), words...).Result()
	if err != nil {
		t.Fatalf("%v: %v", words, err)
	}
	return answer
}

// What the page gives a user is enough for a whole run, and nothing of it too much.
func TestAUserWhoMayDoNoMoreThanNeeded(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	words, commands := rule(t)
	r.do(t, words...)
	users := &real{address: r.as(t, "/3")}
	a := newAPI(5*time.Millisecond, limit(ratelimit.All, 30, second))
	gates := users.gates(t, 4, ratelimit.Options{})
	together(t, a, 90, 2, gates, 5*minute, ratelimit.Create, ratelimit.Write)
	for _, g := range gates {
		if away := g.Snapshot().Unshared; away != nil {
			t.Error(away)
		}
	}
	if log := r.do(t, "ACL", "LOG"); len(log.([]any)) > 0 {
		t.Errorf("this was refused: %v", log)
	}
	for _, command := range commands {
		r.do(t, "ACL", "SETUSER", "guestlist", "-"+command.(string))
		r.do(t, "SCRIPT", "FLUSH") // or nobody sends it
		s := Open(r.as(t, "/3"), "acme")
		seen, err := s.Look(t.Context())
		_ = s.Close()
		switch {
		case command == "ping": // half a minute later
		case command == "subscribe", command == "publish":
			if err != nil || seen.Quiet == nil {
				t.Errorf("without %s: %v, %v", command, seen.Quiet, err)
			}
		case err == nil:
			t.Errorf("%s is not needed, or not looked for", command)
		case !strings.Contains(err.Error(), "its user may not do all that is needed"):
			t.Errorf("without %s: %v", command, err)
		}
		r.do(t, "ACL", "SETUSER", "guestlist", "+"+command.(string))
	}
	if keys := r.do(t, "KEYS", "*look"); len(keys.([]any)) > 0 {
		t.Errorf("looking left %v", keys)
	}
	r.do(t, "ACL", "SETUSER", "guestlist", "resetkeys", "~other:*")
	s := Open(r.as(t, ""), "acme")
	defer s.Close()
	if _, err := s.Look(t.Context()); err == nil || !strings.Contains(err.Error(), "its user may not do all that is needed") {
		t.Errorf("without the keys: %v", err)
	}
}

// A user without the channels shares all the same, with nobody who wakes it.
func TestAUserWhoMayNotTellOthers(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	words, _ := rule(t)
	r.do(t, words...)
	r.do(t, "ACL", "SETUSER", "guestlist", "resetchannels")
	users := &real{address: r.as(t, "")}
	s := Open(users.address, "acme")
	defer s.Close()
	if seen, err := s.Look(t.Context()); err != nil || seen.Quiet == nil {
		t.Errorf("it looks like %v, %v", seen.Quiet, err)
	}
	a := newAPI(5*time.Millisecond, limit(ratelimit.All, 30, second))
	gates := users.gates(t, 4, ratelimit.Options{})
	together(t, a, 90, 2, gates, 5*minute, ratelimit.Create, ratelimit.Write)
	if a.refused > 2 || a.admitted != 90 {
		t.Errorf("%d calls were admitted, %d refused", a.admitted, a.refused)
	}
	for _, g := range gates {
		if away := g.Snapshot().Unshared; away != nil {
			t.Error(away)
		}
	}
}

// A user who may not do all stays away, and is not back each time that it is looked.
func TestAUserWhoMayNotShareStaysAway(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	words, _ := rule(t)
	r.do(t, words...)
	r.do(t, "ACL", "SETUSER", "guestlist", "-hset")
	s := Open(r.as(t, ""), "acme")
	defer s.Close()
	changed := s.Changed()
	if _, err := s.Exchange(t.Context(), ratelimit.Report{Now: time.Now(), By: "one", Lease: second}); err == nil {
		t.Fatal("it may do what it may not")
	}
	select {
	case <-changed:
		t.Error("it is back")
	case <-time.After(3 * lookAgain / 2):
	}
}

// What an exchange takes is looked for.
func TestLookTriesWhatAnExchangeTakes(t *testing.T) {
	command := regexp.MustCompile(`redis\.p?call\('([A-Z]+)'`)
	tried := command.FindAllString(lookSource, -1)
	for _, taken := range command.FindAllString(source, -1) {
		if !slices.Contains(tried, taken) {
			t.Errorf("nobody looks for %s…", taken)
		}
	}
}
