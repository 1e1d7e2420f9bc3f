package importer

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"

	"guestlist/guest"
)

// eachRow reads the input once.
func (p *Plan) eachRow(ctx context.Context, do func(i int, row guest.Row) error) (guest.Header, error) {
	in, err := p.o.Open()
	if err != nil {
		return guest.Header{}, fmt.Errorf("read the input: %w", err)
	}
	defer in.Close()
	r, err := guest.NewReader(in, p.o.CSV)
	if err != nil {
		return guest.Header{}, fmt.Errorf("read the input: %w", err)
	}
	for i := 0; ; i++ {
		if err := ctx.Err(); err != nil {
			return guest.Header{}, err
		}
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return r.Header(), nil
		}
		if err != nil {
			return guest.Header{}, fmt.Errorf("read the input after row %d: %w", i, err)
		}
		if err := do(i, row); err != nil {
			return guest.Header{}, err
		}
	}
}

// eachPlanned reads the input again and makes sure that it is still the same.
func (p *Plan) eachPlanned(ctx context.Context, do func(i int, row guest.Row) error) error {
	n := 0
	_, err := p.eachRow(ctx, func(i int, row guest.Row) error {
		if !p.same(i, row) {
			return ErrInputChanged
		}
		n++
		return do(i, row)
	})
	var unusable *guest.InputError
	if err == nil && n != len(p.rows) || errors.As(err, &unusable) {
		return ErrInputChanged // it could be used before
	}
	return err
}

// reopen opens the input, which could be used before, for another pass.
func (p *Plan) reopen() (io.Closer, *guest.Reader, error) {
	in, err := p.o.Open()
	if err != nil {
		return nil, nil, fmt.Errorf("read the input again: %w", err)
	}
	reader, err := guest.NewReader(in, p.o.CSV)
	var unusable *guest.InputError
	if errors.As(err, &unusable) {
		err = ErrInputChanged
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("read the input again: %w", err), in.Close())
	}
	return in, reader, nil
}

func (p *Plan) same(i int, row guest.Row) bool {
	return i < len(p.rows) && p.rows[i].sum == maphash.Comparable(p.seed, row)
}
