package maildomain

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fake answers questions for mail exchangers by mx; there is nothing else.
type fake struct {
	mx func(ctx context.Context, name string) error // nil: there is one

	mu    sync.Mutex
	asked []string
}

func (f *fake) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	f.mu.Lock()
	f.asked = append(f.asked, name)
	f.mu.Unlock()
	if err := f.mx(ctx, name); err != nil {
		return nil, err
	}
	return []*net.MX{{Host: "mx." + name}}, nil
}

func (f *fake) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return nil, &net.DNSError{IsNotFound: true}
}

func (f *fake) LookupNS(context.Context, string) ([]*net.NS, error) {
	return nil, &net.DNSError{IsNotFound: true}
}

func silence(ctx context.Context, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

func domains(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("d%05d.com", i))
	}
	return all
}

func TestEachDomainIsAskedForOnceByItsAbsoluteName(t *testing.T) {
	f := &fake{mx: func(context.Context, string) error { return nil }}
	verdicts, err := Check(t.Context(), f, []string{"b.com", "a.com", "", "b.com", "a.com"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(f.asked)
	if diff := cmp.Diff([]string{"a.com.", "b.com."}, f.asked); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]Verdict{"a.com": Deliverable, "b.com": Deliverable}, verdicts); diff != "" {
		t.Error(diff)
	}
}

func TestNoDomains(t *testing.T) {
	for _, none := range [][]string{nil, {"", ""}} {
		if verdicts, err := Check(t.Context(), nil, none, nil); err != nil || len(verdicts) != 0 {
			t.Errorf("verdicts %v, error %v", verdicts, err)
		}
	}
}

func TestEightAtATimeWithProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{mx: func(context.Context, string) error { time.Sleep(time.Second); return nil }}
		begin := time.Now()
		var seen []int
		if _, err := Check(t.Context(), f, domains(24), func(done, total int) {
			if total != 24 {
				t.Errorf("%d domains in all", total)
			}
			seen = append(seen, done)
		}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("24 look-ups of a second took %v", took)
		}
		if len(seen) != 24 || !slices.IsSorted(seen) || seen[23] != 24 {
			t.Errorf("progress was %v", seen)
		}
	})
}

func TestWhenAnswersStayOut(t *testing.T) {
	odd := func(name string) bool { return (name[5]-'0')%2 == 1 }
	for _, tc := range []struct {
		name     string
		domains  int
		mx       func(ctx context.Context, name string) error
		err      error
		verdicts int
		took     time.Duration
	}{
		{"nobody answers", 10_000, silence, ErrNoAnswer, 0, 20 * time.Second},
		{
			"every question fails at once", 10_000,
			func(context.Context, string) error { return errors.New("refused") }, ErrNoAnswer, 0, 0,
		},
		{
			"some without an answer, one after the other", 1000,
			func(_ context.Context, name string) error {
				if name >= "d00500" && name < "d00515" || name >= "d00700" && name < "d00715" {
					return errors.New("refused")
				}
				time.Sleep(time.Millisecond)
				return nil
			}, nil, 970, 122 * time.Millisecond,
		},
		{
			"every other one without an answer, which takes too long", 110,
			func(ctx context.Context, name string) error {
				if odd(name) {
					return silence(ctx, name)
				}
				return nil
			}, ErrTooSlow, 48, 52 * time.Second,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{mx: tc.mx}
				begin := time.Now()
				verdicts, err := Check(t.Context(), f, domains(tc.domains), nil)
				if !errors.Is(err, tc.err) || len(verdicts) != tc.verdicts || time.Since(begin) != tc.took {
					t.Errorf("%d verdicts, error %v, after %v (%d asked)", len(verdicts), err, time.Since(begin), len(f.asked))
				}
			})
		})
	}
}

func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		interrupted := errors.New("interrupted")
		f := &fake{mx: func(ctx context.Context, name string) error {
			if name == "d00000.com." {
				return nil
			}
			return silence(ctx, name)
		}}
		begin := time.Now()
		time.AfterFunc(time.Second, func() { cancel(interrupted) })
		last := 0
		verdicts, err := Check(ctx, f, domains(100), func(done, _ int) { last = done })
		if last != 1 {
			t.Errorf("%d domains are done, want 1: those under way are not", last)
		}
		if err != interrupted || time.Since(begin) != time.Second || len(f.asked) != 9 {
			t.Errorf("error %v after %v (%d asked)", err, time.Since(begin), len(f.asked))
		}
		if diff := cmp.Diff(map[string]Verdict{"d00000.com": Deliverable}, verdicts); diff != "" {
			t.Error(diff)
		}
	})
}
