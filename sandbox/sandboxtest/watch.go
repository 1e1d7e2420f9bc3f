package sandboxtest

import "net/http"

// Watch is a handler that tells how another has answered each request, after it
// has. Told is called by as many goroutines as there are requests.
type Watch struct {
	http.Handler
	Told func(r *http.Request, status int)
}

// ServeHTTP lets the handler answer.
func (w Watch) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	seen := &watched{ResponseWriter: out, status: http.StatusOK}
	w.Handler.ServeHTTP(seen, r)
	w.Told(r, seen.status)
}

type watched struct {
	http.ResponseWriter
	status int
}

func (w *watched) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
