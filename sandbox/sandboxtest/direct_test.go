package sandboxtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestDirect(t *testing.T) {
	for _, tc := range []struct {
		name   string
		handle http.HandlerFunc
		status int
		body   string
		err    error // of the call, or of reading the answer
	}{
		{"an answer", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, "whole")
		}, 201, "whole", nil},
		{"a cut before it", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, "", io.ErrUnexpectedEOF},
		{"a cut in its middle", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			panic(http.ErrAbortHandler)
		}, 200, "half", io.ErrUnexpectedEOF},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/", nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := Direct{tc.handle}.RoundTrip(r)
			status, body := 0, []byte(nil)
			if err == nil {
				status = response.StatusCode
				body, err = io.ReadAll(response.Body)
			}
			if status != tc.status || string(body) != tc.body || !errors.Is(err, tc.err) {
				t.Errorf("got %d, %q, %v", status, body, err)
			}
		})
	}
}

func TestWorkGoesOnWithoutTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var done atomic.Bool
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Direct{http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			time.Sleep(time.Minute)
			done.Store(true)
		})}.RoundTrip(r)
		if !errors.Is(err, context.DeadlineExceeded) || done.Load() {
			t.Errorf("the call ended with %v, the work is done: %v", err, done.Load())
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if !done.Load() {
			t.Error("the work was not done")
		}
	})
}
