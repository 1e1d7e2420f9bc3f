package ratelimit

import "time"

// Delay returns how long a call of class c would have to wait if it came now,
// behind those of its class that are waiting already. It is for a caller that has
// such a call and keeps it away from the gate meanwhile. It takes nothing and
// promises nothing: calls of other classes may be faster.
func (g *Gate) Delay(c Class) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.now()
	if s := g.sharing; s != nil && (s.failure != nil || s.hasChanged()) {
		g.catchUp(now, c) // as nobody may come who asks
	}
	wait := g.delay(g.ledger.next(c, only(c, int(g.lanes[c].standing.Load())), now), now)
	g.held.extend(now, now.Add(wait)) // somebody waits, though not at the gate
	return wait
}

// TooLong returns nil if a call of one of these classes may leave within
// Options.MaxWait, as far as limits decide. Otherwise it says which is first.
func (g *Gate) TooLong(classes ...Class) *TooLong { return g.tooLong(g.maxWait, classes...) }

func (g *Gate) tooLong(most *time.Duration, classes ...Class) *TooLong {
	if most == nil || len(classes) == 0 {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.now()
	g.know(now)
	var first *TooLong
	for _, c := range classes {
		v := g.ledger.held(c, now)
		if v.at.Sub(now) <= *most {
			return nil
		}
		if first == nil || v.at.Before(first.Until) {
			first = &TooLong{Until: v.at, Limit: v.limit()}
		}
	}
	return first
}

// Estimate is when calls will have left, by the limits and pauses that are known.
// It does not know how fast the server answers, and looks ten years ahead at
// most.
type Estimate struct {
	In    time.Duration // until the last of them may leave
	Limit Limit         // that decides; without calls: none, or a pause

	// Documented is the same, if the cap on invites that is documented is kept, of
	// which nothing is known yet. It is nil when that changes nothing.
	Documented *Estimate
}

// Estimate returns when that many further calls of each class will have left.
func (g *Gate) Estimate(calls map[Class]int) Estimate {
	var further tally
	for c, n := range calls {
		further[c] = max(0, n)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.now()
	g.know(now)
	v := g.ledger.estimate(further, now)
	e := Estimate{In: v.at.Sub(now), Limit: v.limit()}
	if w := g.ledger.estimateCap(further, now); w.at.After(v.at) {
		e.Documented = &Estimate{In: w.at.Sub(now), Limit: w.limit()}
	}
	return e
}

// Snapshot is what the gate has done and learned until a moment, for progress and
// summary.
type Snapshot struct {
	// HeldUntil is until when the server keeps each class back, by a pause or by
	// a limit that is used up. The zero time means that it does not.
	HeldUntil [Classes]time.Time

	// Paused is for how long any class was paused, be it that calls waited at
	// the gate or were kept away from it.
	Paused time.Duration

	// Waited is Paused and the time in which else a call had to wait at the
	// gate, for the spacing between calls or because a limit was used up. It is
	// time as it passed, not a sum over calls.
	Waited time.Duration

	// Limits are those that were learned, now or earlier, and whose window is known.
	Limits []Limit

	// Refusing are those of them that have refused a call of this gate.
	Refusing []Limit

	// Shared are the limits of which others spend a part.
	Shared []Limit

	// Unshared is why the Store does not work at present, if it does not. Lost is
	// Reply.Lost of its last reply.
	Unshared error
	Lost     bool
}

// Snapshot returns what is known now.
func (g *Gate) Snapshot() Snapshot {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.now()
	g.know(now)
	s := Snapshot{Paused: g.paused.total(now), Waited: g.held.total(now)}
	for c := range s.HeldUntil {
		if v := g.ledger.held(Class(c), now); v.at.After(now) {
			s.HeldUntil[c] = v.at
		}
	}
	for _, a := range g.ledger.accounts {
		if a.origin == learned && a.Window > 0 && !a.guessed {
			s.Limits = append(s.Limits, a.effective())
			if !a.bitten.IsZero() {
				s.Refusing = append(s.Refusing, a.effective())
			}
		}
		if a.others {
			s.Shared = append(s.Shared, a.Limit)
		}
	}
	if g.sharing != nil {
		s.Unshared, s.Lost = g.sharing.failure, g.sharing.lost
	}
	return s
}
