package sandbox

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// What generated guests are put together from; some of it is there to be awkward in a CSV.
var (
	firstNames   = []string{"Ana", "Björn", "Chloé", "Dmitri", "Elif", "Fatima", "George", "Haruto", "María José", "Łukasz", "Zoë", "李"}
	lastNames    = []string{"Abe", "O'Brien", "Çelik", "Dvořák", "García López", "Ibrahim", "Meyer-Landrut", "Ng", "Smith", "Świątek"}
	companies    = []string{"Acme Corp", "Bright & Sons, Ltd.", "Müller \"Bau\" GmbH", "Northwind", "Oficina São João", "Partner Co"}
	zoneSamples  = []string{"America/Chicago", "America/New_York", "Asia/Tokyo", "Europe/Paris", "UTC"}
	firstCreated = time.Date(2025, 1, 10, 8, 30, 0, 0, time.UTC)
)

// generate fills the store. Everything comes from the seed and the guest's number, nothing from the clock.
func (s *Sandbox) generate() {
	rng := rand.New(rand.NewPCG(s.opt.Seed, 3))
	for i := range s.opt.Guests {
		s.store.add(s.generated(i, rng))
	}
}

func (s *Sandbox) generated(i int, rng *rand.Rand) Guest {
	pick := func(from []string) string { return from[rng.IntN(len(from))] }
	created := firstCreated.Add(time.Duration(i/3) * time.Second).Format(s.layout()) // several in a second, as after an import
	fields := map[string]string{
		"first_name": pick(firstNames), "last_name": pick(lastNames), "company_name": pick(companies),
		"created_at": created, "updated_at": created,
	}
	if rng.IntN(2) == 0 {
		fields["phone_1"] = fmt.Sprintf("+1-212-555-%04d", rng.IntN(10000))
	}
	if rng.IntN(3) == 0 {
		fields["timezone"] = pick(zoneSamples)
	}
	if rng.IntN(4) == 0 {
		fields["status"] = "active"
	}
	if rng.IntN(5) == 0 {
		fields["company_url"] = fmt.Sprintf("https://client%02d.example.com/?a=1&b=2", rng.IntN(100))
	}
	g := Guest{Email: fmt.Sprintf("guest.%06d@client%02d.example.com", i+1, rng.IntN(100)), Fields: fields}
	if rng.IntN(6) == 0 {
		g.Email = strings.ToUpper(g.Email[:1]) + g.Email[1:]
	}
	if rng.IntN(3) == 0 {
		s.visited(&g, rng)
	}
	if all := s.members.all; len(all) > 0 && rng.IntN(4) == 0 {
		g.AssociatedMembers = []int64{all[rng.IntN(len(all))].ID}
	}
	return g
}

// visited adds what a guest who has worked on tasks leaves behind.
func (s *Sandbox) visited(g *Guest, rng *rand.Rand) {
	seen := firstCreated.Add(time.Duration(rng.IntN(100*24*3600)) * time.Second).Format(s.layout())
	g.Fields["last_accessed_at"] = seen
	g.Fields["last_known_ip"] = fmt.Sprintf("192.0.2.%d", rng.IntN(256))
	g.Fields["last_known_country"], g.Fields["last_country"] = "US", "US"
	g.Fields["last_city"] = "New York"
	g.Stats = &Stats{AssignedTasks: rng.IntN(9), TasksCompleted: 1 + rng.IntN(40), LastTaskCompletedAt: seen}
	if rng.IntN(2) == 0 {
		g.Stats.OneOffTasksCompleted, g.Stats.LastOneOffTaskCompletedAt = 1+rng.IntN(5), seen
	}
}
