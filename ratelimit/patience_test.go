package ratelimit

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestWaitAtMost(t *testing.T) {
	second := Budget{Calls: 1, Window: time.Second}
	for _, tc := range []struct {
		name  string
		pause time.Duration // set when the call has stood for 100 ms; zero: none
		most  time.Duration
		want  error
		after time.Duration // when it returns
	}{
		{"a wait that is short enough", 0, time.Minute, nil, time.Second + grain},
		{"a wait that is too long is known at once", 0, 500 * time.Millisecond, ErrLongWait, 0},
		{"a pause that comes while it waits", time.Hour, time.Minute, ErrLongWait, 100 * time.Millisecond},
		{"a pause that is short enough", 5 * time.Second, time.Minute, nil, 5*time.Second + 100*time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := New(Options{Ceiling: second})
				if err := g.Wait(t.Context(), Create); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				if tc.pause > 0 {
					go func() {
						time.Sleep(100 * time.Millisecond)
						g.Pause(time.Now().Add(tc.pause), Create)
					}()
				}
				err := g.WaitAtMost(t.Context(), Create, tc.most)
				if !errors.Is(err, tc.want) || time.Since(began) != tc.after {
					t.Errorf("%v after %s, want %v after %s", err, time.Since(began), tc.want, tc.after)
				}
			})
		})
	}
}

// Who gives up has spent nothing and is in nobody's way.
func TestWaitAtMostLeavesTheLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Options{Ceiling: Budget{Calls: 1, Window: time.Minute}})
		if err := g.Wait(t.Context(), Create); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		left := make(chan time.Duration)
		go func() {
			if err := g.Wait(context.Background(), Create); err != nil {
				t.Error(err)
			}
			left <- time.Since(began)
		}()
		for range 8 {
			if err := g.WaitAtMost(t.Context(), Write, time.Second); !errors.Is(err, ErrLongWait) {
				t.Errorf("error is %v, want %v", err, ErrLongWait)
			}
		}
		if after := <-left; after != time.Minute+grain {
			t.Errorf("the patient call left after %s", after)
		}
	})
}
