package importer

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// seen is a row as the first pass sees it.
type seen struct {
	row inputRow
	sum uint32 // of the row
	key uint64 // of whose it is
	own bool   // it belongs into the shard
}

// firstPass reads the input for the first time. The rows are taken apart by a
// goroutine of their own, so that two cores share the work. What do is given is
// valid until it returns.
func (p *Plan) firstPass(ctx context.Context, do func(i int, s *seen) error) error {
	in, r, err := p.open()
	if err != nil {
		return fmt.Errorf("read the input: %w", err)
	}
	defer in.Close()
	p.Header, p.header = r.Header(), r.Sum(p.seed)

	// Batches go round, since handing one over costs more than a row does.
	const batches, size = 8, 64
	full, empty := make(chan []seen, batches), make(chan []seen, batches)
	for range batches {
		empty <- make([]seen, 0, size)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(full)
		batch := <-empty
		err := eachRow(ctx, r, func(int) error {
			row := p.rowOf(r)
			batch = append(batch, seen{row, r.Sum(p.seed), p.hash(row.Guest.Email), p.o.Shard.Has(row.Guest.Email, row.Number)})
			if len(batch) < size {
				return nil
			}
			full <- batch
			select {
			case batch = <-empty:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if err == nil {
			full <- batch
		}
		return err
	})
	group.Go(func() error {
		i := 0
		for batch := range full {
			for k := range batch {
				if err := do(i, &batch[k]); err != nil {
					return err
				}
				i++
			}
			empty <- batch[:0]
		}
		return nil
	})
	return group.Wait()
}
