package sandboxtest

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestWatchTellsTheStatus(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		want   int
	}{
		{"that was written", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }, http.StatusTooManyRequests},
		{"that goes without saying", func(http.ResponseWriter, *http.Request) {}, http.StatusOK},
	} {
		t.Run(test.name, func(t *testing.T) {
			told := 0
			out := httptest.NewRecorder()
			watch := Watch{test.answer, func(r *http.Request, status int) {
				if r.URL.Path != "/here" {
					t.Errorf("it tells of %v", r.URL)
				}
				told = status
			}}
			watch.ServeHTTP(out, httptest.NewRequest(http.MethodGet, "/here", nil))
			if told != test.want || out.Code != test.want {
				t.Errorf("%d was told and %d answered, want %d", told, out.Code, test.want)
			}
		})
	}
}
