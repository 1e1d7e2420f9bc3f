package sandbox

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"testing"
)

// FuzzCreate sends any body: every answer is JSON, and whoever was created is found again under the email sent.
func FuzzCreate(f *testing.F) {
	for _, body := range []string{
		`{"email":"a@b.com"}`, `{"email":" A/b+c%@B.com ","first_name":"\u0000\ud800","timezone":null}`, `{"email":["a@b.com"]}`, `[]`, `null`, ``, `{"email":"a@b.com"}{`,
		`{"email":"jose\u0301@b.com","associated_members":[1001,1e3,null,"x"]}`, "{\"email\":\"a@b.com\",\"status\":\"\xff\"}",
	} {
		f.Add(body, false)
		f.Add(body, true)
	}
	f.Fuzz(func(t *testing.T, body string, legacy bool) {
		s := New(Options{Legacy: legacy})
		w := httptest.NewRecorder()
		s.ServeHTTP(w, directRequest("POST", guests, body))
		if !json.Valid(w.Body.Bytes()) || w.Code != 201 && w.Code != 422 {
			t.Fatalf("status %d, body %q", w.Code, w.Body)
		}
		all := s.Guests()
		if (w.Code == 201) != (len(all) == 1) {
			t.Fatalf("status %d, %d guests", w.Code, len(all))
		}
		if w.Code == 201 {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, directRequest("GET", guests+"/"+url.PathEscape(all[0].Email), ""))
			if w.Code/100 != 2 || !json.Valid(w.Body.Bytes()) {
				t.Fatalf("%q is not found: status %d, body %q", all[0].Email, w.Code, w.Body)
			}
		}
	})
}

// FuzzPath sends any path: nothing panics, and only the calls of the package comment exist.
func FuzzPath(f *testing.F) {
	for _, path := range []string{"", "/", "//", "/api", "/api/organizations/a/guests", "/organizations/%2F/guests/%zz", "/organizations/a/guests/%40/enable", "/organizations/a/guests/x/y/z"} {
		f.Add("GET", path)
		f.Add("DELETE", path)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		r := directRequest("GET", "/", "")
		r.Method, r.URL.Path, r.URL.RawPath = method, path, path
		s, w := New(Options{}), httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if !json.Valid(w.Body.Bytes()) {
			t.Fatalf("status %d, body %q", w.Code, w.Body)
		}
		if class := s.Log()[0].Class; (class == "") != (w.Code == 405 || w.Code == 404 && w.Body.String() == noSuchEndpoint) {
			t.Fatalf("class %q, status %d, body %s", class, w.Code, w.Body)
		}
	})
}
