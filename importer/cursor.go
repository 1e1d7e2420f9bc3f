package importer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"guestlist/guest"
)

// cursor reads the rows with one need, one ahead.
type cursor struct {
	run    *Run
	wants  need
	input  io.Closer
	reader *guest.Reader
	row    int // that comes next
	head   *task
	ended  bool
}

func (r *Run) newCursor(wants need) (*cursor, error) {
	in, reader, err := r.plan.reopen()
	if err != nil {
		return nil, err
	}
	return &cursor{run: r, wants: wants, input: in, reader: reader}, nil
}

// peek returns the next such row, or nil after the last.
func (c *cursor) peek(ctx context.Context) (*task, error) {
	p := c.run.plan
	for c.head == nil && !c.ended {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		err := c.reader.Next()
		if errors.Is(err, io.EOF) {
			c.ended = true
			if c.row != len(p.rows) {
				return nil, ErrInputChanged
			}
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the input again after row %d: %w", c.row, err)
		}
		i := c.row
		c.row++
		if !p.same(i, c.reader) {
			return nil, ErrInputChanged
		}
		n := p.rows[i].need
		switch {
		case n.toSettle():
			n = create // which it may have been
		case n == change:
			n = associate // another call of that class
		}
		if n != c.wants {
			continue
		}
		row := p.rowOf(c.reader)
		d, err := p.decide(ctx, i, &row)
		if err != nil {
			return nil, err
		}
		if c.head, err = c.run.newTask(i, row.Row, d); err != nil {
			return nil, err
		}
	}
	return c.head, nil
}

// isDone tells whether every row was handed out.
func (c *cursor) isDone() bool { return c.ended && c.head == nil }

func (c *cursor) remove() { c.head = nil }

func (c *cursor) close() error { return c.input.Close() }
