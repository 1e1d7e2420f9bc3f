package sandbox

import (
	"maps"
	"slices"
)

// Guest is a record of the store, with all that a list, an answer or a test can ask for.
type Guest struct {
	ID    int64
	Email string // as it was sent
	// Fields are the other values by their API names, such as "first_name" or "disabled_at", wherever they stand in a
	// record; what is absent is null. The values of cadence_days, disabled_by and reactivated_by are digits and sent as a
	// number.
	Fields            map[string]string
	AssociatedMembers []int64 // nil: null; empty: []
	Link              string  // the forever link
	Stats             *Stats  // sent with=stats; nil: {}
	// Raw, if not empty, is sent instead of the record: one JSON object of any shape, kept in place by ID, Email and
	// Fields. For records that the server should not send, but may. No call changes it.
	Raw string
}

// Stats are the completion statistics of a guest. Empty dates are null.
type Stats struct {
	AssignedTasks             int
	TasksCompleted            int
	LastTaskCompletedAt       string
	OneOffTasksCompleted      int
	LastOneOffTaskCompletedAt string
}

// clone returns a copy that shares nothing.
func (g *Guest) clone() Guest {
	c := *g
	c.Fields = maps.Clone(g.Fields)
	if c.Fields == nil {
		c.Fields = map[string]string{}
	}
	c.AssociatedMembers = slices.Clone(g.AssociatedMembers)
	if g.Stats != nil {
		stats := *g.Stats
		c.Stats = &stats
	}
	return c
}

// Guests returns copies of all guests in the order in which they were created.
func (s *Sandbox) Guests() []Guest {
	s.mu.Lock()
	page, _ := s.store.page("", byCreation, 0, len(s.store.guests))
	s.mu.Unlock()
	copies := make([]Guest, len(page))
	for i, g := range page {
		copies[i] = g.clone()
	}
	return copies
}

// Guest returns a copy of the guest with this email.
func (s *Sandbox) Guest(email string) (Guest, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.store.get(fold(email))
	if g == nil {
		return Guest{}, false
	}
	return g.clone(), true
}

// Put adds a guest, or replaces the one with the same email, without any check and without a trace in the account. No id,
// no link and no created_at mean: the next one, a new one, now. It returns what is stored.
func (s *Sandbox) Put(g Guest) Guest {
	s.mu.Lock()
	defer s.mu.Unlock()
	g = g.clone()
	if g.Fields[byCreation] == "" {
		g.Fields[byCreation] = s.now()
	}
	stored := s.store.add(g)
	return stored.clone()
}

// Delete takes a guest out behind the clients' back and tells whether there was one.
func (s *Sandbox) Delete(email string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.remove(fold(email)) != nil
}

// now is the time as records hold it.
func (s *Sandbox) now() string { return s.opt.Now().UTC().Format(s.layout()) }
