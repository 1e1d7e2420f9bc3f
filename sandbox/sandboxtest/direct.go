// Package sandboxtest calls a sandbox without a network, for tests in fake time,
// which a real connection would hold up, and watches what it answers.
package sandboxtest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
)

// Direct is a transport that calls a handler as if it stood behind a network: a
// request on its way is worked on to the end, whether or not the client still
// waits for the answer, and a handler that aborts cuts the connection. It is safe
// for concurrent use if the handler is.
type Direct struct{ http.Handler }

// RoundTrip returns the handler's answer. It ends with the request's context.
func (d Direct) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	type answer struct {
		response *http.Response
		err      error
	}
	answered := make(chan answer, 1)
	go func() {
		res, err := exchange(d.Handler, in)
		answered <- answer{res, err}
	}()
	select {
	case a := <-answered:
		return a.response, a.err
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// exchange returns what comes of a request over a connection that the handler may
// cut.
func exchange(h http.Handler, r *http.Request) (res *http.Response, err error) {
	w := httptest.NewRecorder()
	defer func() {
		if cut := recover(); cut != nil {
			if cut != http.ErrAbortHandler {
				panic(cut)
			}
			if w.Body.Len() == 0 {
				res, err = nil, io.ErrUnexpectedEOF
				return
			}
			res = w.Result()
			res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(w.Body.Bytes()), broken{}))
		}
	}()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// broken is the end of a connection that was cut.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
