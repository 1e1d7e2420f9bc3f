package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"guestlist/budgetredis"
)

// aloneOnePart is the part of every budget that a run uses while it cannot share
// them with other hosts: one in so many.
const aloneOnePart = 4

const redisAddress = "address of the Redis"

// budgetsAddress returns where the budgets of other hosts are; nil: they are not
// shared. The settings are settled, at least this one.
func (s *settings) budgetsAddress(a *app) (*budgetredis.Address, error) {
	text, origin, err := s.findBudgets(a, s.budgets, s.origin["budgets"])
	if err != nil || text == "" {
		return nil, err
	}
	name := origin
	if origin != budgetsFileVariable {
		name = s.named("budgets")
	}
	address, err := budgetredis.ParseAddress(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case address.HasPassword() && origin != budgetsVariable && origin != budgetsFileVariable:
		return nil, hinted{
			fmt.Errorf("%s: a password does not stand there, where others may read it", name),
			"export GUESTLIST_BUDGETS with the whole URL, or put that into a file and export GUESTLIST_BUDGETS_FILE=FILE",
		}
	}
	return &address, nil
}

const (
	budgetsVariable     = "GUESTLIST_BUDGETS"
	budgetsFileVariable = "GUESTLIST_BUDGETS_FILE"
)

// findBudgets returns the address as text, and who has the say. Value and origin are
// what settings.decide has found, which knows nothing of the file. That is part of
// the environment, and counts before a profile. It is read once, as it may be a pipe.
func (s *settings) findBudgets(a *app, value, origin string) (text, from string, err error) {
	text = strings.TrimSpace(value) // secrets that are mounted often end in a line feed
	file := a.getenv(budgetsFileVariable)
	if file == "" || text != "" && (origin == "--budgets" || origin == budgetsVariable) {
		return text, origin, nil
	}
	if s.budgetsRead == "" {
		if s.budgetsRead, err = readSecret(redisAddress, file, true); err != nil {
			return "", budgetsFileVariable, fmt.Errorf("%s: %w", budgetsFileVariable, err)
		}
	}
	return s.budgetsRead, budgetsFileVariable, nil
}

// sharedBudgets returns the store that other hosts share; nil: none.
func (s *settings) sharedBudgets(a *app) (*budgetredis.Store, error) {
	address, err := s.budgetsAddress(a)
	if err != nil || address == nil {
		return nil, err
	}
	return budgetredis.Open(*address, stateName(s)), nil
}

// lookAtBudgets tells whether the Redis that shares budgets answers.
func (d *doctor) lookAtBudgets(ctx context.Context) {
	address, err := d.budgetsAddress(d.app)
	if err != nil || address == nil {
		return // told with the settings, or nothing to tell
	}
	store := budgetredis.Open(*address, stateName(&d.settings))
	defer store.Close()
	seen, err := store.Look(ctx)
	ahead := seen.Ahead
	switch {
	case ctx.Err() != nil:
	case err != nil:
		d.app.limits.awayIsTold()
		d.problem("budgets", err, "check the address, the user and the password; until it answers, each run goes on alone, with a quarter of every limit")
	case ahead.Abs() > time.Minute: // which changes nothing: only the clock of Redis counts
		d.ok("budgets", "%s answers; this machine's clock differs from its by %s", address, inWords(ahead.Abs()))
	default:
		d.ok("budgets", "%s answers; its clock agrees with this machine's", address)
	}
	if ctx.Err() == nil && err == nil && seen.Quiet != nil {
		d.note("budgets", "no run can wake others, so that they wait a little longer for each other: %v", seen.Quiet)
		d.advise("let its user publish and subscribe to the channels guestlist:*")
	}
}
