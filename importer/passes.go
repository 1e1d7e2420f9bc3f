package importer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"guestlist/guest"
)

// open opens the input for one pass.
func (p *Plan) open() (io.Closer, *guest.Reader, error) {
	in, err := p.o.Open()
	if err != nil {
		return nil, nil, err
	}
	reader, err := guest.NewReader(in, p.o.CSV)
	if err != nil {
		return nil, nil, errors.Join(err, in.Close())
	}
	return in, reader, nil
}

// reopen opens the input, which could be used before, for another pass.
func (p *Plan) reopen() (io.Closer, *guest.Reader, error) {
	in, reader, err := p.open()
	var unusable *guest.InputError
	switch {
	case err == nil && reader.Sum(p.seed) != p.header:
		err = errors.Join(ErrInputChanged, in.Close())
	case errors.As(err, &unusable):
		err = ErrInputChanged
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the input again: %w", err)
	}
	return in, reader, nil
}

// eachRow goes to each row of a reader.
func eachRow(ctx context.Context, r *guest.Reader, do func(i int) error) error {
	for i := 0; ; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the input after row %d: %w", i, err)
		}
		if err := do(i); err != nil {
			return err
		}
	}
}

// eachPlanned reads the input again, for the rows of this shard, and makes sure that
// it is still the same.
func (p *Plan) eachPlanned(ctx context.Context, do func(i int, row inputRow) error) error {
	return p.eachWanted(ctx, func(i int) bool { return p.rows[i].need != elsewhere }, do)
}

// eachWanted is eachPlanned for some of the rows.
func (p *Plan) eachWanted(ctx context.Context, wants func(i int) bool, do func(i int, row inputRow) error) error {
	return p.eachAgain(ctx, func(i int, r *guest.Reader) error {
		if !wants(i) {
			return nil
		}
		return do(i, p.rowOf(r))
	})
}

// eachAgain is eachPlanned for whoever takes the rows apart on their own.
func (p *Plan) eachAgain(ctx context.Context, do func(i int, r *guest.Reader) error) error {
	in, r, err := p.reopen()
	if err != nil {
		return err
	}
	defer in.Close()
	n := 0
	err = eachRow(ctx, r, func(i int) error {
		if !p.same(i, r) {
			return ErrInputChanged
		}
		n++
		return do(i, r)
	})
	if err == nil && n != len(p.rows) {
		err = ErrInputChanged
	}
	return err
}

// same tells whether the reader is at the row that was planned.
func (p *Plan) same(i int, r *guest.Reader) bool {
	return i < len(p.rows) && p.rows[i].sum == r.Sum(p.seed)
}
