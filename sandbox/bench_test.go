package sandbox

import (
	"fmt"
	"net/http/httptest"
	"testing"
)

func BenchmarkListPage(b *testing.B) {
	for _, size := range []int{2_000, 200_000} {
		s := New(Options{Guests: size})
		for _, query := range []string{"sort=id", "sort=-email&with=stats"} {
			b.Run(fmt.Sprintf("%d guests %s", size, query), func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					w := httptest.NewRecorder()
					s.ServeHTTP(w, directRequest("GET", fmt.Sprintf("%s?%s&page=%d", guests, query, i%(size/999)+1), ""))
					b.SetBytes(int64(w.Body.Len()))
				}
			})
		}
	}
}

func BenchmarkCreate(b *testing.B) {
	s := New(Options{Guests: 200_000})
	s.store.sorted("id")
	for i := 0; b.Loop(); i++ {
		body := fmt.Sprintf(`{"email":"new.%d@b.com","first_name":"Jane","last_name":"Doe","company_name":"Acme Corp","timezone":"Europe/Paris"}`, i)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, directRequest("POST", guests, body))
		if w.Code != 201 {
			b.Fatal(w.Code, w.Body)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		New(Options{Guests: 10_000})
	}
}
